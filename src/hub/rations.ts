// How often somebody may do something: a number of times at once, and one more after each interval. One number is kept
// in memory for each kind and person: the time when the full number is available again. It outlives a connection, so
// nobody gets more by reconnecting.

import type { Instant } from "../core/clock.ts";
import { CallRefused } from "./refused.ts";
import type { Ration } from "./quotas.ts";

export class Rations {
  readonly #clock: { now(): Instant };
  /**
   * When a ration is whole again, by the monotonic clock: by kind, then by whose it is. One name for both would be a string
   * of its own for each, of 290 bytes.
   */
  readonly #wholeAtMs = new Map<string, Map<string, number>>();

  constructor(clock: { now(): Instant }) {
    this.#clock = clock;
  }

  /** Takes one of this kind. Throws CallRefused "too-often" if there is none. */
  take(kind: string, whose: string, { atOnce, everyMs }: Ration): void {
    const nowMs = this.#clock.now().monotonicMs;
    const ofKind = this.#wholeAtMs.get(kind) ?? new Map<string, number>();
    this.#wholeAtMs.set(kind, ofKind);
    const wholeAtMs = Math.max(ofKind.get(whose) ?? 0, nowMs) + everyMs;
    const waitMs = wholeAtMs - nowMs - atOnce * everyMs;
    if (waitMs > 0) throw new CallRefused("too-often", { retryAfterMs: Math.ceil(waitMs) });
    ofKind.set(whose, wholeAtMs);
  }

  /** Forgets those that are whole. */
  sweep(): void {
    const nowMs = this.#clock.now().monotonicMs;
    for (const ofKind of this.#wholeAtMs.values()) {
      for (const [whose, wholeAtMs] of ofKind) if (wholeAtMs <= nowMs) ofKind.delete(whose);
    }
  }

  /** How many are kept. */
  get size(): number {
    return [...this.#wholeAtMs.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
