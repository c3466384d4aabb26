// Keeps the history to what was agreed: whatever has disappeared or grown too old is deleted, soon after it is due. Knows
// where it is kept; a disk in trouble is asked again at the next turn.

import type { History } from "../core/chat/history.ts";
import type { Clock } from "../node/line-driver.ts";

/** What was said meanwhile may be due sooner than anything before. */
const LONGEST_MS = 5_000;

/** Starts to purge; returns how to stop. */
export function keepPurged(history: History, clock: Clock): () => void {
  let cancel: (() => void) | undefined;
  const turn = (): void => {
    try {
      history.purge(clock.now().wallMs);
    } catch {
      // What was due stays unreadable to the reads, and goes with the next turn.
    }
    cancel = clock.setTimer(LONGEST_MS, turn);
  };
  turn();
  return () => cancel?.();
}
