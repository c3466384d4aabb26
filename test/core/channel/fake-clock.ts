// Both clocks of an Instant, moved by the test.

import type { Instant } from "../../../src/core/channel/index.ts";

export class FakeClock {
  #monotonicMs = 5_000;
  #wallMs = 1_795_132_980_000;

  get now(): Instant {
    return { monotonicMs: this.#monotonicMs, wallMs: this.#wallMs };
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#monotonicMs += ms;
    this.#wallMs += ms;
  }

  /** The machine sleeps, or somebody sets the wall clock (back, too): the monotonic clock stands still. */
  setWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Until `monotonicMs`, not back. */
  passUntil(monotonicMs: number): void {
    this.pass(Math.max(0, monotonicMs - this.#monotonicMs));
  }
}
