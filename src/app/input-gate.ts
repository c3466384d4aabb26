// Decides when input that is not a terminal must wait: until there has been a session, and while much of it is
// undelivered. Knows neither the messages nor their source.

import type { Clock } from "./ports.ts";
import type { Demand } from "./frontend.ts";

/** How much may be undelivered before the input must wait, and down to what it waits: so it is read in large pieces. */
const MOST_UNDELIVERED = 2_000;
const FEW_UNDELIVERED = 1_000;
const MOST_WAITING_BYTES = 256 * 1024;
/**
 * While nothing is delivered, programs (--json) may send this much more at a time. A connection that was cut is usually
 * soon restored, and then nothing is refused. If it is not restored, or the peer acknowledges nothing, their commands
 * must not wait for ever behind their messages.
 */
const STEP = 2_000;
const STEP_OFFLINE_MS = 1_000;
const STEP_OPEN_MS = 5_000;

/** The current situation. */
export interface Circumstances {
  /** Whether there has been a session, and the recipient is clear. */
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
  /** How much may wait while nothing is delivered, before programs must wait; it grows. */
  #mostStuck = MOST_UNDELIVERED;
  #lastUndelivered = 0;
  #cancelStep: (() => void) | undefined;

  constructor(clock: Clock, regulate: (demand: Demand) => void) {
    this.#clock = clock;
    this.#regulate = regulate;
  }

  /** To be called whenever something may have changed; `look` is called again later. */
  adjust(look: () => Circumstances): void {
    const { isHeard, isOpen, undelivered, waitingBytes } = look();
    if (!isHeard) return this.close();
    const most = this.#demand === "listening" ? MOST_UNDELIVERED : FEW_UNDELIVERED;
    const isFull = undelivered >= most || waitingBytes >= MOST_WAITING_BYTES;
    // Something was delivered, so the input continues.
    if (!isFull || (isOpen && undelivered < this.#lastUndelivered)) this.#forgetStep();
    this.#lastUndelivered = undelivered;
    if (!isFull) this.#set("listening");
    else if (undelivered < this.#mostStuck && (!isOpen || this.#mostStuck > MOST_UNDELIVERED)) this.close();
    else this.#waitForStep(isOpen ? STEP_OPEN_MS : STEP_OFFLINE_MS, look);
  }

  /** Nobody receives messages any more, or not yet. */
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
