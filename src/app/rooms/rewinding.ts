// A hub whose log ends before what was read here: it was restored from an older copy, or it lies. The room is read again from
// where the two can agree; what is here stays here, and MLS opens nothing twice.

import type { Answered } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import { encodeLogView, logFrom } from "../../core/room/log-hash.ts";
import type { StoredRoom } from "./room-store.ts";

/** What the hub says of a room. */
type HubRoom = Answered<"rooms">["rooms"][number];

/**
 * The room, to be read again; undefined: the hub has all that was read. `last`: the number of the last line that is here.
 * `posted`: a number that the hub has just given out.
 */
export function rewound(
  room: StoredRoom,
  hub: HubRoom | undefined,
  { last = -1, posted = Infinity }: { readonly last?: number | undefined; readonly posted?: number | undefined },
): StoredRoom | undefined {
  if (hub === undefined || (hub.next >= room.next && posted >= room.next)) return undefined;
  const next = Math.min(hub.next, posted, Math.max(room.first, last + 1));
  const commits = Math.min(room.commits, hub.commits);
  return { ...room, next, commits, log: encodeLogView(logFrom(next)), pending: undefined };
}

export function hubLostEntries(): LairError {
  return new LairError("hub-lost-entries", "The hub has lost entries of this room that were here already.", {
    hint: "Others may never get them. Ask the hub's operator whether it was restored from a copy; if not, it lies.",
  });
}
