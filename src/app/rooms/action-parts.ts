// What the commands about rooms share.

import { LairError } from "../../core/errors.ts";
import { cleanName } from "../../core/identity/peer-name.ts";
import { toUtf8 } from "../../core/bytes.ts";
import { MAX_NAME_BYTES } from "../../core/room/room-context.ts";
import type { HubMembership } from "./hub-membership.ts";
import type { RoomCommand } from "./room-commands.ts";
import type { RoomParts } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomPlaces } from "./room-places.ts";
import type { RoomLineView, RoomReport, RoomView } from "./room-reports.ts";
import type { RoomShowing } from "./room-showing.ts";

export interface ActionParts extends RoomParts {
  readonly names: RoomNames;
  readonly places: RoomPlaces;
  readonly showing: RoomShowing;
  /** Where a hub is found, for links. */
  readonly urlOf: (hub: Uint8Array) => string | undefined;
  /** Writes lines to a new file, and returns how many. Throws LairError file-*. */
  readonly exportLines: (file: string, room: RoomView, lines: readonly RoomLineView[]) => number;
}

export type ReportOf<Type extends RoomReport["type"]> = Extract<RoomReport, { type: Type }>;

export type CommandOf<Type extends RoomCommand["type"]> = Extract<RoomCommand, { type: Type }>;

/** Throws LairError `hub-away`. */
export function requireHere({ isHere }: HubMembership): void {
  if (isHere) return;
  throw new LairError("hub-away", "The hub is not connected now.", { hint: "Try again once it is." });
}

/** The name of a room. Throws LairError `usage`. */
export function checkedName(text: string): string {
  const name = cleanName(text.trim().replace(/^#/u, ""));
  if (name !== "" && toUtf8(name).length <= MAX_NAME_BYTES) return name;
  throw new LairError("usage", "A room has a name of at most 64 bytes.", { hint: "Choose another name." });
}
