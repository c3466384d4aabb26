// Enforces the retention and the limit of the history: lines that have disappeared, grown too old or are too many are
// deleted soon after they are due. When nothing is, the words of new lines are added to the index. Knows where they are
// kept; if the disk fails, it tries again at the next turn.

import { toHex } from "../core/bytes.ts";
import type { History, SeenTimes } from "../core/chat/history.ts";
import type { Clock } from "./ports.ts";
import { TrustedTime } from "./trusted-time.ts";

/** A new line may be due sooner than any earlier one. */
const LONGEST_MS = 5_000;
const SHORTEST_MS = 50;
const DAY_MS = 86_400_000;
/** Ours: a step of work, between which key presses, signals and frames are handled. */
const STEP_MS = 20;
/** Ours: of adding words to the index, and the pause after it, in which all else has its time: at least four times as long. */
const INDEX_MS = 5;
const INDEX_PAUSE_MS = 20;
const INDEX_PAUSES = 4;
/** Ours: how often progress is reported. */
const TELL_MS = 1_000;
/** Ours: at the end of the program. The next program deletes the rest, which is not shown in the meantime. */
const LAST_STEP_MS = 500;

/** Ours: this many lines are deleted without a notice. */
const FEW_LINES = 20;
/** Ours: how old the time may be that the next program is told. */
const SEEN_MS = 10 * 60_000;

interface RetentionListener {
  /** At the first of several failing turns. */
  failed(error: unknown): void;
  /** A notice for the user. */
  notice(text: string): void;
  /** At each look: the time that is trusted. */
  trusts?(nowMs: number): void;
  /** Once for each peer: its history has reached its limit, and the oldest lines are deleted from now on. */
  reachedLimit(peer: Uint8Array): void;
}

/** One step of a purge that takes about `budgetMs`, at the time `nowMs`. Returns what {@link History.purge} returns. */
function purgeStep(history: History, clock: Clock, nowMs: number, budgetMs: number = STEP_MS): number | undefined {
  const untilMs = clock.now().monotonicMs + budgetMs;
  return history.purge(nowMs, () => clock.now().monotonicMs >= untilMs);
}

/** One step of the index of words. Returns how long to wait for the next one; undefined if there is nothing more to do. */
function indexStep(history: History, clock: Clock): number | undefined {
  const startMs = clock.now().monotonicMs;
  if (history.indexWords(() => clock.now().monotonicMs >= startMs + INDEX_MS)) return undefined;
  // What was begun may take longer: a long line, or the index puts its parts together.
  return Math.max(INDEX_PAUSE_MS, INDEX_PAUSES * (clock.now().monotonicMs - startMs));
}

/** Starts the purging; returns a function that stops it with a last step. */
export function startPurging(history: History, clock: Clock, listener: RetentionListener): () => void {
  const keeping = new Purger(history, clock, listener);
  keeping.turn();
  return () => keeping.stop();
}

class Purger {
  readonly #history: History;
  readonly #clock: Clock;
  readonly #listener: RetentionListener;
  #time: TrustedTime | undefined;
  #cancel: (() => void) | undefined;
  #hasFailed = false;
  #isDoubtTold = false;
  /** As the next program would read it. */
  #kept: SeenTimes | undefined;
  #toldDeleted = 0;
  /** By hex of their keys. */
  readonly #toldLimits = new Set<string>();
  /** When a purge is due, by the monotonic clock. */
  #nextPurgeMs = 0;

  constructor(history: History, clock: Clock, listener: RetentionListener) {
    this.#history = history;
    this.#clock = clock;
    this.#listener = listener;
  }

  turn(): void {
    let waitMs = LONGEST_MS;
    try {
      // In small steps, so that a conversation is not delayed.
      waitMs = this.#purgeIfDue() === "more" ? SHORTEST_MS : this.#indexWords();
      this.#hasFailed = false;
    } catch (error) {
      // Due lines are no longer shown, but they still exist.
      if (!this.#hasFailed) this.#listener.failed(error);
      this.#hasFailed = true;
    }
    this.#cancel = this.#clock.setTimer(waitMs, () => this.turn());
  }

  /** Not before each step of the index: each purge also empties the log, which takes as long as such a step. */
  #purgeIfDue(): "more" | "done" {
    if (this.#clock.now().monotonicMs < this.#nextPurgeMs) return "done";
    if (this.#step() === "more") return "more";
    this.#nextPurgeMs = this.#clock.now().monotonicMs + LONGEST_MS;
    return "done";
  }

  /** Returns how long to wait for the next turn. */
  #indexWords(): number {
    const pauseMs = indexStep(this.#history, this.#clock) ?? LONGEST_MS;
    return Math.min(pauseMs, Math.max(0, this.#nextPurgeMs - this.#clock.now().monotonicMs));
  }

  stop(): void {
    this.#cancel?.();
    try {
      this.#step(LAST_STEP_MS);
      if (this.#time !== undefined) this.#history.see(this.#time.seen);
    } catch {
      // The next program tries again, and reports it.
    }
  }

  #step(budgetMs?: number): "more" | "done" {
    const now = this.#clock.now();
    this.#time ??= new TrustedTime(this.#history.seen(), now);
    const nowMs = this.#time.look(now);
    this.#keepSeen(this.#time.seen);
    this.#listener.trusts?.(nowMs);
    const dueMs = purgeStep(this.#history, this.#clock, nowMs, budgetMs);
    this.#tellLimits();
    if (dueMs === nowMs) return "more";
    this.#tellDeleted();
    this.#tellDoubt(this.#time, dueMs !== undefined && dueMs <= now.wallMs);
    return "done";
  }

  #keepSeen(seen: SeenTimes): void {
    const kept = this.#kept;
    const isClose = kept !== undefined && Math.abs(seen.seenMs - kept.seenMs) < SEEN_MS;
    if (isClose && kept.doubtedMs === seen.doubtedMs) return;
    this.#history.see(seen);
    this.#kept = seen;
  }

  #tellDeleted(): void {
    const count = this.#history.deletedByTime - this.#toldDeleted;
    this.#toldDeleted += count;
    if (count > FEW_LINES) {
      this.#listener.notice(
        `${count.toLocaleString("en")} lines were deleted from the history, because they were too old.`,
      );
    }
  }

  #tellLimits(): void {
    for (const peer of this.#history.deletedByLimit) {
      const key = toHex(peer);
      if (this.#toldLimits.has(key)) continue;
      this.#toldLimits.add(key);
      this.#listener.reachedLimit(peer);
    }
  }

  /** Only if something would be deleted by that clock. */
  #tellDoubt(time: TrustedTime, isAnythingDue: boolean): void {
    if (!time.isDoubted) this.#isDoubtTold = false;
    if (!time.isDoubted || this.#isDoubtTold || !isAnythingDue) return;
    this.#isDoubtTold = true;
    const days = Math.round(time.aheadMs / DAY_MS).toLocaleString("en");
    this.#listener.notice(
      `The clock is ${days} days ahead of when Lair last ran. If it is wrong, set it: nothing is deleted by it for an hour.`,
    );
  }
}

/** Deletes all forgotten lines, in steps between which Ctrl-C works; reports the progress once a second. */
export async function deleteForgotten(history: History, clock: Clock, tell: (text: string) => void): Promise<void> {
  const total = history.leftToDelete;
  let toldMs = clock.now().monotonicMs;
  // Not by age: forgotten lines are deleted whatever the clock says. A step that returns the time it was given was not
  // enough.
  while (purgeStep(history, clock, 0) === 0) {
    const nowMs = clock.now().monotonicMs;
    if (nowMs - toldMs >= TELL_MS) {
      toldMs = nowMs;
      const done = total - history.leftToDelete;
      tell(`Deleting: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} lines.`);
    }
    await new Promise<void>((resolve) => clock.soon(resolve));
  }
}
