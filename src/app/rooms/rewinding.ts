// A hub whose log ends before what was read here: it was restored from an older copy, or it lies. The room is read
// again from where the two agree; what is stored here stays, and MLS opens nothing twice.

import type { Answered } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import { encodeLogView, logFrom } from "../../core/room/log-hash.ts";
import type { StoredRoom } from "./room-store.ts";

/** What the hub says of a room. */
type HubRoom = Answered<"rooms">["rooms"][number];

/** What is known here of the hub's log, beside what it says now. */
interface Known {
  /** The number of the last line that is here. */
  readonly last?: number | undefined;
  /** A number that the hub has just given out. */
  readonly posted?: number | undefined;
  /** Up to where this member has read, as the hub said when the session began: others may have spoken since. */
  readonly cursor?: number | undefined;
  /** Whether that is less than it was told. */
  readonly hasForgotten?: boolean;
}

/**
 * The room, to be read again from where the hub and this member were of one mind; undefined: the hub has all that was read.
 * What is read a second time changes nothing.
 */
export function rewound(
  room: StoredRoom,
  hub: HubRoom | undefined,
  { last = -1, posted = Infinity, cursor = Infinity, hasForgotten = false }: Known,
): StoredRoom | undefined {
  const isWhole = hub !== undefined && hub.next >= room.next && posted >= room.next && !hasForgotten;
  if (hub === undefined || isWhole) return undefined;
  const common = Math.min(hub.next, posted, cursor, last + 1);
  const next = Math.min(hub.next, Math.max(room.first, common));
  const commits = Math.min(room.commits, hub.commits);
  return { ...room, next, commits, log: encodeLogView(logFrom(next)), pending: undefined };
}

export function hubLostEntries(): LairError {
  return new LairError("hub-lost-entries", "The hub has lost entries of this room that this program has.", {
    hint: "Others may never get them. Ask the hub's operator whether it was restored from a copy; if not, it lies.",
  });
}
