// The name by which others at a hub see the user. The hub derives it from the name that the user's program has sent,
// and changes it if somebody already has that name. So the program reports it at the first connection, and after a
// change.

import { equalInConstantTime } from "../../core/bytes.ts";
import type { RoomParts } from "./room-ground.ts";
import type { RoomReport } from "./room-reports.ts";
import type { RoomSettings } from "./room-store.ts";

interface NamingHub {
  readonly hubKey: Uint8Array;
  readonly settings: RoomSettings;
  set(settings: RoomSettings): Promise<void>;
}

/** Rejects with LairError store-*. */
export async function tellHandle(
  hub: NamingHub,
  { peers, showing }: Pick<RoomParts, "peers"> & { readonly showing: { tell(report: RoomReport): void } },
  handle: string | undefined,
): Promise<void> {
  if (handle === undefined || handle === hub.settings.handle) return;
  await hub.set({ ...hub.settings, handle });
  const peer = peers().find(({ publicKey }) => equalInConstantTime(publicKey, hub.hubKey));
  showing.tell({ type: "handle", hub: peer?.name ?? "", handle });
}
