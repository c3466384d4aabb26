// How long to wait before the next attempt (docs/PROTOCOL.md §13): a random time up to 0.5 s, doubled after each
// failure up to 30 s, and reset after a good minute. Pure: clock and randomness are arguments.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
export const STABLE_MS = 60_000;

export class Backoff {
  readonly #random: (upTo: number) => number;
  #attempt = 0;

  /** `random` returns a number in [0, upTo). */
  constructor(random: (upTo: number) => number) {
    this.#random = random;
  }

  /** The number of the next attempt, from 1. */
  get attempt(): number {
    return this.#attempt + 1;
  }

  /** How long to wait before the next attempt, in milliseconds. */
  nextMs(): number {
    // Doubling has no further effect.
    const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    return this.#random(longestMs);
  }

  /** A connection has lasted this long; after a minute, the cause of earlier failures is over. */
  stood(ms: number): void {
    if (ms >= STABLE_MS) this.#attempt = 0;
  }
}
