// Keeps the history to what was agreed: whatever has disappeared or grown too old is deleted, soon after it is due. Knows
// where it is kept; a disk in trouble is asked again at the next turn.

import type { History, SeenTimes } from "../core/chat/history.ts";
import type { Clock } from "./ports.ts";
import { TrustedTime } from "./trusted-time.ts";

/** What was said meanwhile may be due sooner than anything before. */
const LONGEST_MS = 5_000;
const SHORTEST_MS = 50;
const DAY_MS = 86_400_000;
/** Ours: a step of work, between which keys, signals and frames have their turn. */
const STEP_MS = 20;
/** Ours: how often progress is told. */
const TELL_MS = 1_000;
/** Ours: at the end of the program. What is left is deleted by the next one, and not shown meanwhile. */
const LAST_STEP_MS = 500;

/** Ours: so many lines go without a word. */
const FEW_LINES = 20;
/** Ours: how far what the next program is told may lie behind. */
const SEEN_MS = 10 * 60_000;

export interface RetentionListener {
  /** At the first turn of several that fail. */
  failed(error: unknown): void;
  /** Something that the person should know. */
  notice(text: string): void;
}

/** One step of a purge that takes about `budgetMs`, by the time `nowMs`. Returns as {@link History.purge}. */
function purgeStep(history: History, clock: Clock, nowMs: number, budgetMs: number = STEP_MS): number | undefined {
  const untilMs = clock.now().monotonicMs + budgetMs;
  return history.purge(nowMs, () => clock.now().monotonicMs >= untilMs);
}

/** Starts to purge; returns how to stop, which takes a last step. */
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

  constructor(history: History, clock: Clock, listener: RetentionListener) {
    this.#history = history;
    this.#clock = clock;
    this.#listener = listener;
  }

  turn(): void {
    let waitMs = LONGEST_MS;
    try {
      // It goes in small steps, so that a conversation is not held up.
      if (this.#step() === "more") waitMs = SHORTEST_MS;
      this.#hasFailed = false;
    } catch (error) {
      // What was due is not shown any more, but it is still there.
      if (!this.#hasFailed) this.#listener.failed(error);
      this.#hasFailed = true;
    }
    this.#cancel = this.#clock.setTimer(waitMs, () => this.turn());
  }

  stop(): void {
    this.#cancel?.();
    try {
      this.#step(LAST_STEP_MS);
      if (this.#time !== undefined) this.#history.see(this.#time.seen);
    } catch {
      // The next program tries again, and tells.
    }
  }

  #step(budgetMs?: number): "more" | "done" {
    const now = this.#clock.now();
    this.#time ??= new TrustedTime(this.#history.seen(), now);
    const nowMs = this.#time.look(now);
    this.#keepSeen(this.#time.seen);
    const dueMs = purgeStep(this.#history, this.#clock, nowMs, budgetMs);
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

  /** Only where something would go by that clock. */
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

/** Deletes what was forgotten to the end, in steps between which Ctrl-C has its turn; tells once a second how far it is. */
export async function deleteForgotten(history: History, clock: Clock, tell: (text: string) => void): Promise<void> {
  const total = history.leftToDelete;
  let toldMs = clock.now().monotonicMs;
  // Not for their age: what was forgotten goes, whatever the clock says. A step that answers with its own time was not enough.
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
