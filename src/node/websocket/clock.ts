// The time, as this adapter is told it: a monotonic clock and one-shot timers, so that tests can play both.
// Knows no socket. Wall time has no place here: a deadline must not move when somebody sets the clock.

/** A monotonic clock with timers. */
export interface Clock {
  /** Milliseconds since some moment in the past; never goes back. */
  nowMs(): number;
  /** Runs `run` once after `delayMs` (below 2^31); the function returned cancels it, however often it is called. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * The machine's own clock. Its timers keep the program alive, on purpose: each belongs to a socket that would do so
 * anyway, and is cancelled when that socket closes.
 */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
