// Keeps the history to what was agreed: whatever has disappeared or grown too old is deleted, soon after it is due. Knows
// where it is kept; a disk in trouble is asked again at the next turn.

import type { History } from "../core/chat/history.ts";
import type { Clock } from "../node/line-driver.ts";

/** What was said meanwhile may be due sooner than anything before. */
const LONGEST_MS = 5_000;
const SHORTEST_MS = 50;

/** Starts to purge; returns how to stop. `onError` is called at the first turn of several that fail. */
export function keepPurged(history: History, clock: Clock, onError: (error: unknown) => void): () => void {
  let cancel: (() => void) | undefined;
  let hasFailed = false;
  const turn = (): void => {
    const nowMs = clock.now().wallMs;
    let waitMs = LONGEST_MS;
    try {
      // It goes in small steps, so that a conversation is not held up.
      if (history.purge(nowMs) === nowMs) waitMs = SHORTEST_MS;
      hasFailed = false;
    } catch (error) {
      // What was due is not shown any more, but it is still there.
      if (!hasFailed) onError(error);
      hasFailed = true;
    }
    cancel = clock.setTimer(waitMs, turn);
  };
  turn();
  return () => cancel?.();
}
