// What the person says, from the moment it was typed until it is stored or refused: to whoever hears it, or kept back until
// that is clear. Knows no line and not how anything looks.

import type { Command } from "./events.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Clock } from "./ports.ts";
import type { Losses } from "./losses.ts";
import type { Outbox } from "./outbox.ts";

export type Said = Extract<Command, { type: "say" | "timer" }>;

export interface SayingOptions {
  readonly outbox: Outbox;
  readonly losses: Losses;
  readonly clock: Clock;
  /** Who hears what is said now, or when there is a line again. */
  readonly recipient: () => Peer | undefined;
  /** Whether a line is there, which stores and tells by itself. */
  readonly isOpen: () => boolean;
  readonly showError: (error: unknown) => void;
  /** Whether a line is being made already: what is said until it is open waits for it. */
  readonly isAwaiting: boolean;
}

/** Said before it was clear to whom. */
const MOST_EARLY = 1_000;

export class Saying {
  readonly #options: SayingOptions;
  /** What was said before it was clear to whom, in order; undefined once it has been, or when no line is being made. */
  #early: Said[] | undefined;
  /** Said, and neither stored nor refused yet. */
  #unstored = 0;

  constructor(options: SayingOptions) {
    this.#options = options;
    if (options.isAwaiting) this.#early = [];
  }

  /** It is stored soon, or kept back, or refused and counted as lost. */
  say(said: Said): void {
    const { outbox, clock, recipient, isOpen } = this.#options;
    const peer = recipient();
    if (peer === undefined) {
      this.#keepBack(said);
      return;
    }
    try {
      const chat = outbox.with(peer);
      if (said.type === "say") chat.say(said.text, clock.now());
      else chat.setTimer(said.seconds, clock.now());
      this.#unstored += 1;
    } catch (error) {
      // What was said before it is told before it, so that programs see which one was refused. The line does its own.
      if (!isOpen()) outbox.flush();
      this.refuse(error);
    }
  }

  /** It is clear now to whom. */
  sayEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const said of early) this.say(said);
  }

  /** It will never be clear. Returns how much was kept back for it. */
  giveUpEarly(): number {
    const count = this.#early?.length ?? 0;
    this.#early = undefined;
    return count;
  }

  /** One has been stored. */
  stored(): void {
    this.#unstored -= 1;
  }

  /** A store that failed has taken nothing of what was to be stored; its error says so. */
  refuseUnstored(): void {
    this.#options.losses.refused(this.#unstored);
    this.#unstored = 0;
  }

  /** One was refused, and the person is told why. */
  refuse(error: unknown): void {
    this.#options.losses.refused();
    this.#options.showError(error);
  }

  #keepBack(said: Said): void {
    if (this.#early === undefined) {
      const hint = "Say it again once somebody is.";
      this.refuse(new LairError("not-connected", "Nobody is connected, so this was not sent.", { hint }));
    } else if (this.#early.length < MOST_EARLY) {
      this.#early.push(said);
    } else {
      this.refuse(new LairError("queue-full", "Too much was said before anybody was connected; this was not sent."));
    }
  }
}
