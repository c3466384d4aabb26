// How long one turn of the event loop may go on with what a peer has sent: what the person types, and signals, come in
// between. It only tells the time and brings the next turn; what is done in it is for its owner.
//
//   idle ---isUp---> running ---renew: a timer fired---> renewed ---isUp---> running
//     ^                 |                                   |
//     +-the next turn---+-----------------------------------+

import type { Clock } from "./ports.ts";

/** Ours (docs/SECURITY.md): nobody feels 10 ms, and the work of an honest peer nearly always fits. */
const LONGEST_MS = 10;

type State =
  | { readonly name: "idle" }
  /** The next turn is ordered, and this one is counted. */
  | { readonly name: "running"; readonly startedAtMs: number }
  /** The next turn is ordered, but another one is counted first. */
  | { readonly name: "renewed" };

export class Pace {
  readonly #clock: Pick<Clock, "now" | "soon">;
  readonly #nextTurn: () => void;
  #state: State = { name: "idle" };

  /** `nextTurn` runs once in the turn of the event loop behind each in which {@link isUp} was asked. */
  constructor(clock: Pick<Clock, "now" | "soon">, nextTurn: () => void) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  /** Whether this turn has taken its time. The first to ask in a turn is told no: something is done in each. */
  get isUp(): boolean {
    const nowMs = this.#clock.now().monotonicMs;
    if (this.#state.name === "idle") this.#clock.soon(() => this.#next());
    if (this.#state.name !== "running") this.#state = { name: "running", startedAtMs: nowMs };
    return nowMs - this.#state.startedAtMs >= LONGEST_MS;
  }

  /** A timer fired, so this is another turn already. */
  renew(): void {
    if (this.#state.name === "running") this.#state = { name: "renewed" };
  }

  #next(): void {
    this.#state = { name: "idle" };
    this.#nextTurn();
  }
}
