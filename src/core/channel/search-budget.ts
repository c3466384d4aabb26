// How many psks a server compares with first messages whose hints lead nowhere (docs/PROTOCOL.md §3.2): a bucket that
// 5,000 comparisons a second fill. So strangers cost 2 to 5 % of a core by this, and no more.

import type { Instant } from "../clock.ts";

const REFILL_PER_MS = 5;
const CAPACITY = 5_000;

export class SearchBudget {
  /** It begins full. */
  #left = Number.POSITIVE_INFINITY;
  #atMs = Number.NEGATIVE_INFINITY;

  /**
   * Takes the price of a whole search among `count` psks; false: there is not enough left, and nothing is taken. One
   * search is always possible after a quiet time, however many psks there are.
   */
  spend(count: number, { monotonicMs }: Instant): boolean {
    const refilled = this.#left + Math.max(0, monotonicMs - this.#atMs) * REFILL_PER_MS;
    this.#left = Math.min(Math.max(CAPACITY, count), refilled);
    this.#atMs = monotonicMs;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}
