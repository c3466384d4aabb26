// Repeats what a hub refuses for now, after the time that the hub gives; and what failed here, such as a disk, after a while.

import { LairError } from "../../core/errors.ts";
import type { Clock } from "../ports.ts";
import { failedHere, forNow, TROUBLE_MS } from "./turns.ts";

export class Patience {
  readonly #clock: Clock;
  /** Ends the pauses. */
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nobody waits any longer: the session is over. */
  end(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Does it again and again while the hub refuses it for now. Rejects with LairError: `hub-away` once it `isOver`. */
  async with<Result>(action: () => Promise<Result>, isOver: () => boolean): Promise<Result> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        const ms = forNow(error);
        if (ms === undefined) throw error;
        await this.#pauseUnless(isOver, ms);
      }
    }
  }

  /**
   * Does it again and again until nothing fails here, such as the disk, and tells what does. Rejects with any other LairError, and
   * with `hub-away` once it `isOver`.
   */
  async through<Result>(
    action: () => Promise<Result>,
    isOver: () => boolean,
    tell: (error: unknown) => void,
  ): Promise<Result> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!failedHere(error)) throw error;
        tell(error);
        await this.#pauseUnless(isOver, TROUBLE_MS);
      }
    }
  }

  async #pauseUnless(isOver: () => boolean, ms: number): Promise<void> {
    await this.#pause(ms);
    if (isOver()) throw new LairError("hub-away", "The hub cannot be reached.");
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimer(ms, () => wake());
      const wake = (): void => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}
