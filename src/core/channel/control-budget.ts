// How many records without data a peer may send (docs/PROTOCOL.md §5.2): a bucket of 32, one more each second, filled
// by data. An honest peer sends a handful a minute (rekeys do not count: §8.4 has a rule for them); without a limit
// each record would cost us an answer.

import { LairError } from "../errors.ts";
import type { Instant } from "../clock.ts";

const CAPACITY = 32;
const REFILL_PER_MS = 1 / 1000;

/** The bucket of one session. */
export class ControlBudget {
  #left = CAPACITY;
  #at: Instant;

  constructor(now: Instant) {
    this.#at = now;
  }

  /** One record without data. Throws LairError `control-flood` if there have been too many. */
  spend(now: Instant): void {
    const passedMs = Math.max(0, now.monotonicMs - this.#at.monotonicMs);
    this.#left = Math.min(CAPACITY, this.#left + passedMs * REFILL_PER_MS);
    this.#at = now;
    if (this.#left < 1)
      throw new LairError("control-flood", "The other side floods the connection with empty records.");
    this.#left -= 1;
  }

  /** Data came. */
  fill(): void {
    this.#left = CAPACITY;
  }
}
