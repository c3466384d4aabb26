// The present time, as it is handed to the core: two clocks, since each fails in its own way.

export interface Instant {
  /** Milliseconds of a clock that is never set; it may stand still while the machine sleeps. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970; it goes on while the machine sleeps, but somebody may set it. */
  readonly wallMs: number;
}

/** How long ago `since` was, by the clock that says more: neither a sleep nor a clock set back makes a key younger. */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs, 0);
}
