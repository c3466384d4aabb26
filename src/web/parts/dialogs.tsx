// Which dialog is open.

import type { JSX } from "preact";
import { EverybodyDialog } from "./everybody-dialog.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { IntroduceDialog } from "./introduce-dialog.tsx";
import { PairDialog } from "./pair-dialog.tsx";
import { PersonDialog } from "./person-dialog.tsx";
import { RoomDialog } from "./room-dialog.tsx";
import { DirectDialog, ListedDialog, NewRoomDialog } from "./rooms-dialogs.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";
import { StatusDialog } from "./status-dialog.tsx";
import { usePage } from "./use-page.ts";
import { VerifyDialog } from "./verify-dialog.tsx";

export function Dialogs(): JSX.Element | null {
  const { dialog } = usePage().view;
  switch (dialog?.kind) {
    case undefined:
      return null;
    case "pair":
      return <PairDialog />;
    case "verify":
      return <VerifyDialog key={dialog.who} who={dialog.who} />;
    case "person":
      return <PersonDialog key={dialog.id} id={dialog.id} />;
    case "introduce":
      return <IntroduceDialog first={dialog.id} />;
    case "room":
      return <RoomDialog key={dialog.id} id={dialog.id} />;
    case "new-room":
      return <NewRoomDialog />;
    case "listed":
      return <ListedDialog />;
    case "direct":
      return <DirectDialog />;
    case "everybody":
      return <EverybodyDialog />;
    case "settings":
      return <SettingsDialog />;
    case "status":
      return <StatusDialog />;
    case "help":
      return <HelpDialog />;
  }
}
