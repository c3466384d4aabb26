// How long to wait before the next try (docs/PROTOCOL.md §13): a random time up to 0.5 s, doubled with each failure up to
// 30 s, and from the start again after a minute that went well. Pure: clock and randomness are handed in.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const STABLE_MS = 60_000;

export class Backoff {
  readonly #random: (upTo: number) => number;
  #attempt = 0;

  /** `random` draws a number of [0, upTo). */
  constructor(random: (upTo: number) => number) {
    this.#random = random;
  }

  /** Of the try that comes, from 1. */
  get attempt(): number {
    return this.#attempt + 1;
  }

  /** How long to wait before it, in milliseconds. */
  nextMs(): number {
    // Beyond, doubling has no effect any more.
    const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    return this.#random(longestMs);
  }

  /** A line has stood so long: after a minute whatever was wrong is over. */
  stood(ms: number): void {
    if (ms >= STABLE_MS) this.#attempt = 0;
  }
}
