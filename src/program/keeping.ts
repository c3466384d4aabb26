// Keeps the history to what was agreed: whatever has disappeared or grown too old is deleted, soon after it is due. Knows
// where it is kept; a disk in trouble is asked again at the next turn.

import type { History } from "../core/chat/history.ts";
import { type Clock, SYSTEM_CLOCK } from "../node/line-driver.ts";

/** What was said meanwhile may be due sooner than anything before. */
const LONGEST_MS = 5_000;
const SHORTEST_MS = 50;
/** Ours: a step of work, between which keys, signals and frames have their turn. */
const STEP_MS = 20;
/** Ours: how often progress is told. */
const TELL_MS = 1_000;
/** Ours: at the end of the program. What is left is deleted by the next one, and not shown meanwhile. */
const LAST_STEP_MS = 500;

/** One step of a purge that takes about `budgetMs`. Returns as {@link History.purge}. */
export function purgeStep(history: History, clock: Clock, budgetMs: number = STEP_MS): number | undefined {
  const now = clock.now();
  const untilMs = now.monotonicMs + budgetMs;
  return history.purge(now.wallMs, () => clock.now().monotonicMs >= untilMs);
}

/** Starts to purge; returns how to stop, which takes a last step. `onError` is called at the first turn of several that fail. */
export function keepPurged(history: History, clock: Clock, onError: (error: unknown) => void): () => void {
  let cancel: (() => void) | undefined;
  let hasFailed = false;
  const turn = (): void => {
    const nowMs = clock.now().wallMs;
    let waitMs = LONGEST_MS;
    try {
      // It goes in small steps, so that a conversation is not held up.
      if (purgeStep(history, clock) === nowMs) waitMs = SHORTEST_MS;
      hasFailed = false;
    } catch (error) {
      // What was due is not shown any more, but it is still there.
      if (!hasFailed) onError(error);
      hasFailed = true;
    }
    cancel = clock.setTimer(waitMs, turn);
  };
  turn();
  return () => {
    cancel?.();
    try {
      purgeStep(history, clock, LAST_STEP_MS);
    } catch {
      // The next program tries again, and tells.
    }
  };
}

/** Deletes what was forgotten to the end, in steps between which Ctrl-C has its turn; tells once a second how far it is. */
export async function deleteForgotten(history: History, tell: (text: string) => void): Promise<void> {
  const total = history.leftToDelete;
  let toldMs = SYSTEM_CLOCK.now().monotonicMs;
  for (let isMore = true; isMore; isMore = history.leftToDelete > 0) {
    purgeStep(history, SYSTEM_CLOCK);
    const nowMs = SYSTEM_CLOCK.now().monotonicMs;
    if (nowMs - toldMs >= TELL_MS) {
      toldMs = nowMs;
      const done = total - history.leftToDelete;
      tell(`Deleting: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} lines.`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
