// Takes entries of a room's log in one step: state, cursor and lines are stored together, and only then shown. Everything else
// that waits for the log hears of it.

import type { Committing } from "./committing.ts";
import { type Departing, notSent } from "./departing.ts";
import type { Entering } from "./entering.ts";
import type { LogEntry } from "./following.ts";
import type { GhostSeats } from "./ghost-seats.ts";
import type { LiveRoom } from "./live-room.ts";
import { LogReader } from "./log-reader.ts";
import type { Posting } from "./posting.ts";
import { AGAIN, type Next, REST, type WorkerParts } from "./turns.ts";

interface Concerned {
  readonly live: LiveRoom;
  readonly posting: Posting;
  readonly committing: Committing;
  readonly entering: Entering;
  readonly ghosts: GhostSeats;
  readonly departing: Departing;
}

/**
 * Takes these entries, which go on where the room is. "rest": none of them is new, or the member is out. Rejects with LairError
 * store-*.
 */
export async function takeEntries(
  parts: WorkerParts,
  { live, posting, committing, entering, ghosts, departing }: Concerned,
  entries: readonly LogEntry[],
): Promise<Next> {
  const { store, showing } = parts;
  const before = live.room;
  const reader = new LogReader(parts, before, live.group, posting.byId);
  for (const entry of entries) await reader.take(entry);
  const { step, group, told, applied } = reader.reading;
  const view = await live.viewWith(group);
  const toTell = told.map((one) => ("line" in one ? one.line : live.notice(one.report(view), one.seq)));
  const isOver = step.room.standing === "over";
  const lost = isOver ? posting.without(step.sent ?? []) : [];
  if (lost.length > 0) toTell.push(live.notice(notSent(view, lost.length), step.room.next - 1));
  const sent = [...(step.sent ?? []), ...lost];
  await store.change({ ...step, sent, notices: toTell.filter((one) => "report" in one) });
  live.took(step.room);
  posting.sent(sent);
  if (group !== live.group) await live.see(group);
  if (applied) committing.applied();
  if (step.room.commits > before.commits) ghosts.expect();
  if (before.standing === "joining" && step.room.standing === "joined") entering.entered();
  const hasMore = step.room.next > before.next;
  if (hasMore) {
    posting.progressed();
    committing.progressed();
  }
  for (const one of toTell) {
    if ("report" in one) showing.notice(one);
    else await showing.line(live.view, one, false);
  }
  if (isOver) {
    await departing.over();
    return REST;
  }
  return hasMore ? AGAIN : REST;
}
