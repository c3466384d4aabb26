// When input that is no terminal has to wait: until there has been a line, and while much of it is on its way. Knows
// neither what is said nor where it comes from.

import type { Clock } from "./ports.ts";
import type { Demand } from "./frontend.ts";

/** What is on the way before it has to wait, and until when: in between it comes in large pieces. */
const MOST_UNDELIVERED = 2_000;
const FEW_UNDELIVERED = 1_000;
const MOST_WAITING_BYTES = 256 * 1024;
/**
 * While nothing arrives programs (--json) are let through so much more at a time: a link that was cut is soon back, and
 * refuses nothing then; where it is not, or the peer acknowledges nothing, they must not wait for ever with what they ask
 * behind what they say.
 */
const STEP = 2_000;
const STEP_OFFLINE_MS = 1_000;
const STEP_OPEN_MS = 5_000;

/** How things stand. */
export interface Circumstances {
  /** Whether there has been a line, and it is clear who hears what is said. */
  readonly isHeard: boolean;
  readonly isOpen: boolean;
  readonly undelivered: number;
  /** In the channel. */
  readonly waitingBytes: number;
}

export class InputGate {
  readonly #clock: Clock;
  readonly #regulate: (demand: Demand) => void;
  #demand: Demand = "nobody";
  /** As much may wait while nothing arrives before programs have to: it grows. */
  #mostStuck = MOST_UNDELIVERED;
  #lastUndelivered = 0;
  #cancelStep: (() => void) | undefined;

  constructor(clock: Clock, regulate: (demand: Demand) => void) {
    this.#clock = clock;
    this.#regulate = regulate;
  }

  /** To be called whenever something may have changed; `look` is asked again later on. */
  adjust(look: () => Circumstances): void {
    const { isHeard, isOpen, undelivered, waitingBytes } = look();
    if (!isHeard) return this.close();
    const most = this.#demand === "listening" ? MOST_UNDELIVERED : FEW_UNDELIVERED;
    const isFull = undelivered >= most || waitingBytes >= MOST_WAITING_BYTES;
    // Something has arrived: it goes on.
    if (!isFull || (isOpen && undelivered < this.#lastUndelivered)) this.#forgetStep();
    this.#lastUndelivered = undelivered;
    if (!isFull) this.#set("listening");
    else if (undelivered < this.#mostStuck && (!isOpen || this.#mostStuck > MOST_UNDELIVERED)) this.close();
    else this.#waitForStep(isOpen ? STEP_OPEN_MS : STEP_OFFLINE_MS, look);
  }

  /** Nobody hears anything any more, or not yet. */
  close(): void {
    this.#set("nobody");
  }

  #waitForStep(stepMs: number, look: () => Circumstances): void {
    this.#set("overrun");
    this.#cancelStep ??= this.#clock.setTimer(stepMs, () => {
      this.#cancelStep = undefined;
      this.#mostStuck += STEP;
      this.adjust(look);
    });
  }

  #forgetStep(): void {
    this.#mostStuck = MOST_UNDELIVERED;
    this.#cancelStep?.();
    this.#cancelStep = undefined;
  }

  #set(demand: Demand): void {
    if (demand === this.#demand) return;
    this.#demand = demand;
    this.#regulate(demand);
  }
}
