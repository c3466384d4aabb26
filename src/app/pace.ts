// How long one turn of the event loop may go on with what a peer has sent: what the person types, and signals, come in
// between. It only tells the time and brings the next turn; what is done in it is for its owner.

import type { Clock } from "./ports.ts";

/** Ours (docs/SECURITY.md): nobody feels 10 ms, and the work of an honest peer nearly always fits. */
const LONGEST_MS = 10;

export class Pace {
  readonly #clock: Pick<Clock, "now" | "soon">;
  readonly #nextTurn: () => void;
  #startedAtMs: number | undefined;
  #isNextDue = false;

  /** `nextTurn` runs once in the turn of the event loop behind each in which {@link isUp} was asked. */
  constructor(clock: Pick<Clock, "now" | "soon">, nextTurn: () => void) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  /** Whether this turn has taken its time. The first to ask in a turn is told no: something is done in each. */
  get isUp(): boolean {
    const nowMs = this.#clock.now().monotonicMs;
    if (!this.#isNextDue) {
      this.#isNextDue = true;
      this.#clock.soon(() => this.#next());
    }
    this.#startedAtMs ??= nowMs;
    return nowMs - this.#startedAtMs >= LONGEST_MS;
  }

  /** A timer fired, so this is another turn already. */
  renew(): void {
    this.#startedAtMs = undefined;
  }

  #next(): void {
    this.#isNextDue = false;
    this.#startedAtMs = undefined;
    this.#nextTurn();
  }
}
