// How a member follows the log of a room: it takes the entries that the hub tells as they are, as long as each is the next, and
// reads whatever else there is. The hub is believed in nothing: what it tells is taken like what it answers, or dropped.
//
//   reading ──the end of the log──► following ──there are entries that were not told, or it is not certain──► reading

import type { Answered } from "../../core/hub/calls.ts";
import { type HubCalls, HubRefusal } from "./hub-calls.ts";
import type { StoredRoom } from "./room-store.ts";

export type LogEntry = Answered<"read">["entries"][number];

/** Ours: entries that wait while a step is done, and their bytes together; those beyond are read. */
const MOST_TOLD = 64;
const MOST_TOLD_BYTES = 65_536;

export class Following {
  readonly #hub: HubCalls;
  /** Each is the next after the one before. */
  #told: LogEntry[] = [];
  #toldBytes = 0;
  /** "reading": there are entries before this one; Infinity: the log is read to its end. 0: "following". */
  #until = Infinity;

  constructor(hub: HubCalls) {
    this.#hub = hub;
  }

  /** A session with the hub has begun: what an earlier one told says nothing of this one. */
  begin(): void {
    this.#drop();
    this.doubt();
  }

  /** There may be entries of which nothing was told: the log is read to its end. */
  doubt(): void {
    this.#until = Infinity;
  }

  /** There are entries before `next`. */
  expect(next: number): void {
    this.#until = Math.max(this.#until, next);
  }

  /** The hub tells an entry. One that does not follow those that wait, or is too much, is read if it is not known yet. */
  hear(entry: LogEntry): void {
    const last = this.#told.at(-1);
    const bytes = this.#toldBytes + entry.bytes.length;
    const isNext = last === undefined || entry.seq === last.seq + 1;
    if (!isNext || this.#told.length >= MOST_TOLD || bytes > MOST_TOLD_BYTES) return this.expect(entry.seq + 1);
    this.#told.push(entry);
    this.#toldBytes = bytes;
  }

  /**
   * The next entries of the room; none: there are no more now, or the seat is gone. Rejects with LairError `hub-away`, and
   * `hub-refused` for what else the hub refuses.
   */
  async next({ id: room, next }: Pick<StoredRoom, "id" | "next">): Promise<readonly LogEntry[] | "no-room"> {
    const told = this.#takeTold(next);
    if (told.length > 0 || this.#until <= next) return told;
    const until = this.#until;
    // News that come before the answer set it anew: the hub may have read its log before.
    this.#until = 0;
    try {
      const outcome = await this.#hub.call("read", { room, from: next });
      if (outcome.type === "refused") {
        if (outcome.refusal === "no-room") return "no-room";
        throw new HubRefusal(outcome);
      }
      const { entries } = outcome.answer;
      if (entries.length > 0) this.expect(until);
      return entries;
    } catch (error) {
      this.expect(until);
      throw error;
    }
  }

  /** What was told and is not known yet, if it goes on at entry `next`. */
  #takeTold(next: number): readonly LogEntry[] {
    const told = this.#told.filter(({ seq }) => seq >= next);
    const [first, last] = [told[0], told.at(-1)];
    this.#drop();
    if (first === undefined || first.seq === next) return told;
    // Something before it was not told.
    this.expect(last!.seq + 1);
    return [];
  }

  #drop(): void {
    this.#told = [];
    this.#toldBytes = 0;
  }
}
