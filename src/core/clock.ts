// The time, as it is passed to the core: two clocks, because each fails in its own way.

/** A moment, by both clocks. */
export interface Instant {
  /** Milliseconds of a clock that nobody sets; it may stop while the machine sleeps. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970; it continues while the machine sleeps, but it may be set. */
  readonly wallMs: number;
}

/**
 * The release date of this version (26 November 2026, UTC), in milliseconds since 1970: a clock that shows less is
 * wrong.
 */
export const RELEASED_MS = 1_795_651_200_000;

/** How long ago `since` was, by the clock that shows more: neither a sleep nor a clock set back makes a key younger. */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs, 0);
}
