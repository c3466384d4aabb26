// A clock that stands still until a test moves it.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../src/node/websocket/clock.ts";

export class FakeClock implements Clock {
  #nowMs = 1000;
  readonly #timers = new Set<{ dueMs: number; run: () => void }>();

  get pending(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Waits until so many timers are set: one for each guest that was accepted and has not authenticated, for example. */
  async waits(timers: number): Promise<void> {
    while (this.pending < timers) await nextTurn();
  }

  /** Moves on, and runs what becomes due, the earliest first. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.dueMs;
      next.run();
    }
    this.#nowMs = endMs;
  }
}
