// A clock whose timers fire only when the test lets time pass, in their order.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Instant } from "../../src/core/channel/index.ts";
import type { Clock } from "../../src/app/ports.ts";
import { FakeClock } from "../core/channel/fake-clock.ts";

interface Timer {
  readonly atMs: number;
  readonly delayMs: number;
  readonly action: () => void;
}

export class ManualClock implements Clock {
  readonly time = new FakeClock();
  readonly #timers = new Set<Timer>();

  /** What is due, and in how long it was asked for. */
  get pending(): readonly number[] {
    return [...this.#timers].map(({ delayMs }) => delayMs);
  }

  /** Waits until so many timers are set: one for each client that was accepted and has not authenticated, for example. */
  async waits(timers: number): Promise<void> {
    while (this.pending.length < timers) await nextTurn();
  }

  now(): Instant {
    return this.time.now;
  }

  setTimer(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.now().monotonicMs + delayMs, delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** The event loop is the real one: a test lets it turn with `turn()`. */
  soon(action: () => void): void {
    setImmediate(action);
  }

  /** Lets the next timer fire; false when there is none up to `untilMs`. */
  fireNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    const [next] = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs);
    if (next === undefined || next.atMs > untilMs) return false;
    this.#timers.delete(next);
    this.time.passUntil(next.atMs);
    next.action();
    return true;
  }

  /** Time passes, and every timer fires when it is due. */
  pass(ms: number): void {
    const untilMs = this.now().monotonicMs + ms;
    while (this.fireNext(untilMs));
    this.time.passUntil(untilMs);
  }

  /** The same; `between` runs after each. */
  async passWith(ms: number, between: () => Promise<void>): Promise<void> {
    const untilMs = this.now().monotonicMs + ms;
    while (this.fireNext(untilMs)) await between();
    this.time.passUntil(untilMs);
  }
}
