// Seats at the hub that this member does not need: somebody gave them without a welcome, or with one that cannot be
// read; or the room's rules keep this member from leaving. The number of a member's rooms is limited, so a stranger
// could use such seats to keep all other invitations away. A seat is given up by a commit that the hub accepts and no
// member follows.

import { toHex } from "../../core/bytes.ts";
import type { Answered, Asked } from "../../core/hub/calls.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { HubCalls } from "./hub-calls.ts";
import { ENTRY_ID_BYTES, type RoomParts } from "./room-ground.ts";

interface SeatParts extends Pick<RoomParts, "random"> {
  readonly identity: PublicIdentity;
  readonly hub: HubCalls;
}

type SeatedRoom = Answered<"rooms">["rooms"][number];

/** Ours: each is a commit; the others go in the next session. */
const MOST_AT_ONCE = 64;

/**
 * Gives up seats in rooms that are not here, and of which nothing was ever read: one that was read may belong to a newer copy of
 * this store. `seated`: as the hub said before all letters were read. Rejects with LairError `hub-away`.
 */
export async function giveUpUnused(
  parts: SeatParts,
  seated: readonly SeatedRoom[],
  isHere: (room: string) => boolean,
): Promise<void> {
  const unused = seated.filter(({ room, from, cursor }) => cursor <= from && !isHere(toHex(room)));
  for (const room of unused.slice(0, MOST_AT_ONCE)) await giveUpSeat(parts, room);
}

/** Gives up one seat; what the hub refuses stays as it is. `epoch`: of the room. Rejects with LairError `hub-away`. */
export async function giveUpSeat(
  { hub, identity, random }: SeatParts,
  { room, epoch, commits }: Pick<Asked<"commit">, "room" | "epoch" | "commits">,
): Promise<void> {
  const nothing = { bytes: new Uint8Array(0), seats: [], listing: undefined, groupInfo: undefined, welcome: undefined };
  // Of the epoch before: the hub counts on from it, and comes to the one in which the room is.
  const place = { room, id: random(ENTRY_ID_BYTES), epoch: Math.max(0, epoch - 1), commits, link: undefined };
  await hub.call("commit", { ...nothing, ...place, removed: [identity.publicKey] });
}
