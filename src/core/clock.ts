// The present time, as it is handed to the core: two clocks, since each fails in its own way.

/** A moment, by both clocks. */
export interface Instant {
  /** Milliseconds of a clock that is never set; it may stand still while the machine sleeps. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970; it goes on while the machine sleeps, but somebody may set it. */
  readonly wallMs: number;
}

/** When this version was made (26 November 2026, UTC), in milliseconds since 1970: a clock that says less is wrong. */
export const RELEASED_MS = 1_795_651_200_000;

/** How long ago `since` was, by the clock that says more: neither a sleep nor a clock set back makes a key younger. */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs, 0);
}
