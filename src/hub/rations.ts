// How often somebody may do something: a number of times at once, and one more after each interval. One number is kept
// in memory for each person and kind: the time when the full number is available again. It outlives a connection, so
// nobody gets more by reconnecting.

import type { Instant } from "../core/clock.ts";
import { CallRefused } from "./refused.ts";
import type { Ration } from "./quotas.ts";

export class Rations {
  readonly #clock: { now(): Instant };
  /** When the ration of this name is whole again, by the monotonic clock. */
  readonly #wholeAtMs = new Map<string, number>();

  constructor(clock: { now(): Instant }) {
    this.#clock = clock;
  }

  /** Takes one. Throws CallRefused "too-often" if there is none. `name` says whose and of what. */
  take(name: string, { atOnce, everyMs }: Ration): void {
    const nowMs = this.#clock.now().monotonicMs;
    const wholeAtMs = Math.max(this.#wholeAtMs.get(name) ?? 0, nowMs) + everyMs;
    const waitMs = wholeAtMs - nowMs - atOnce * everyMs;
    if (waitMs > 0) throw new CallRefused("too-often", { retryAfterMs: Math.ceil(waitMs) });
    this.#wholeAtMs.set(name, wholeAtMs);
  }

  /** Forgets those that are whole. */
  sweep(): void {
    const nowMs = this.#clock.now().monotonicMs;
    for (const [name, wholeAtMs] of this.#wholeAtMs) if (wholeAtMs <= nowMs) this.#wholeAtMs.delete(name);
  }

  /** How many are kept. */
  get size(): number {
    return this.#wholeAtMs.size;
  }
}
