// What was said and has not arrived, counted until the program leaves: it leaves with 1 then, and says how much.

import { LairError } from "../core/errors.ts";

export class Losses {
  /** Never said, and nobody has been told yet. */
  #unsaid = 0;
  /** Refused, and said so at once: it matters only to whoever has no other chance to say it. */
  #refused = 0;
  #hasMisread = false;

  unsaid(count: number): void {
    this.#unsaid += count;
  }

  /** So many were refused when they were said. */
  refused(count = 1): void {
    this.#refused += count;
  }

  /** Something of the input was no text and was told at once: whoever wrote it may not be there any more. */
  misread(): void {
    this.#hasMisread = true;
  }

  /** Whoever leaves by `quit` has seen the refusals. */
  forgetRefused(): void {
    this.#refused = 0;
  }

  /**
   * What is to be told of it at the end, when so much `waits` and is `kept` for the next time or not; and whether
   * anything has not arrived at all.
   */
  settle(waits: number, isKept: boolean): { readonly errors: readonly LairError[]; readonly isComplete: boolean } {
    const errors: LairError[] = [];
    const lost = this.#unsaid + this.#refused + (isKept ? 0 : waits);
    const forGood = isKept ? ", and will not be" : "";
    if (lost > 0) errors.push(new LairError("not-delivered", `${messages(lost)} not delivered${forGood}.`));
    if (waits > 0 && isKept) {
      const kept = waits === 1 ? "It is kept and will be sent" : "They are kept and will be sent";
      errors.push(
        new LairError("not-delivered", `${messages(waits)} not delivered yet.`, { hint: `${kept} next time.` }),
      );
    }
    const isComplete = lost === 0 && waits === 0 && !this.#hasMisread;
    this.#unsaid = 0;
    this.#refused = 0;
    return { errors, isComplete };
  }
}

function messages(count: number): string {
  return count === 1 ? "1 message was" : `${count} messages were`;
}
