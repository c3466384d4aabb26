// When input that is no terminal has to wait: until there has been a line, and while much of it is on its way. Knows
// neither what is said nor where it comes from.

import type { Clock } from "../node/line-driver.ts";
import type { Audience } from "./face.ts";

/** What is on the way before it has to wait, and until when: in between it comes in large pieces. */
const MOST_UNDELIVERED = 2_000;
const FEW_UNDELIVERED = 1_000;
const MOST_WAITING_BYTES = 256 * 1024;
/**
 * Without a line programs (--json) are let through so much more at a time: a link that was cut is soon back, and refuses
 * nothing then; where it is not, they must not wait for ever with what they ask behind what they say.
 */
const OFFLINE_STEP = 2_000;
const OFFLINE_STEP_MS = 1_000;

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
  readonly #regulate: (audience: Audience) => void;
  #audience: Audience = "nobody";
  /** As much may wait without a line before programs have to: it grows. */
  #mostOffline = MOST_UNDELIVERED;
  #cancelStep: (() => void) | undefined;

  constructor(clock: Clock, regulate: (audience: Audience) => void) {
    this.#clock = clock;
    this.#regulate = regulate;
  }

  /** To be called whenever something may have changed; `look` is asked again later on. */
  adjust(look: () => Circumstances): void {
    const { isHeard, isOpen, undelivered, waitingBytes } = look();
    if (!isHeard) return this.close();
    const most = this.#audience === "listening" ? MOST_UNDELIVERED : FEW_UNDELIVERED;
    const isFull = undelivered >= most || waitingBytes >= MOST_WAITING_BYTES;
    if (isFull && !isOpen) return this.#adjustOffline(undelivered, look);
    this.#mostOffline = MOST_UNDELIVERED;
    this.#cancelStep?.();
    this.#cancelStep = undefined;
    this.#set(isFull ? "overrun" : "listening");
  }

  /** Nobody hears anything any more, or not yet. */
  close(): void {
    this.#set("nobody");
  }

  #adjustOffline(undelivered: number, look: () => Circumstances): void {
    if (undelivered < this.#mostOffline) return this.close();
    this.#set("overrun");
    this.#cancelStep ??= this.#clock.setTimer(OFFLINE_STEP_MS, () => {
      this.#cancelStep = undefined;
      this.#mostOffline += OFFLINE_STEP;
      this.adjust(look);
    });
  }

  #set(audience: Audience): void {
    if (audience === this.#audience) return;
    this.#audience = audience;
    this.#regulate(audience);
  }
}
