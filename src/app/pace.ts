// Limits how long one turn of the event loop may work on a peer's data, so that key presses and signals are handled in
// between. It only measures the time and schedules the next turn; its owner does the work.
//
//   idle ---isUp---> running ---renew: a timer fired---> renewed ---isUp---> running
//     ^                 |                                   |
//     +-the next turn---+-----------------------------------+

import type { Clock } from "./ports.ts";

/** Ours (docs/SECURITY.md): nobody notices 10 ms, and an honest peer's work nearly always fits. */
const LONGEST_MS = 10;

type State =
  | { readonly name: "idle" }
  /** The next turn is scheduled, and this one is being timed. */
  | { readonly name: "running"; readonly startedAtMs: number }
  /** The next turn is scheduled, but another one is timed first. */
  | { readonly name: "renewed" };

export class Pace {
  readonly #clock: Pick<Clock, "now" | "soon">;
  readonly #nextTurn: () => void;
  #state: State = { name: "idle" };

  /** `nextTurn` runs once in the turn of the event loop after each turn in which {@link isUp} was called. */
  constructor(clock: Pick<Clock, "now" | "soon">, nextTurn: () => void) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  /** Whether this turn has used up its time. The first call in a turn returns false, so each turn does some work. */
  get isUp(): boolean {
    const nowMs = this.#clock.now().monotonicMs;
    if (this.#state.name === "idle") this.#clock.soon(() => this.#next());
    if (this.#state.name !== "running") this.#state = { name: "running", startedAtMs: nowMs };
    return nowMs - this.#state.startedAtMs >= LONGEST_MS;
  }

  /** A timer fired, so this is already another turn. */
  renew(): void {
    if (this.#state.name === "running") this.#state = { name: "renewed" };
  }

  #next(): void {
    this.#state = { name: "idle" };
    this.#nextTurn();
  }
}
