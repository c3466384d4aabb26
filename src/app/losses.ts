// What was said and has not arrived, counted until the program leaves: it leaves with 1 then, and says how much.

import { LairError } from "../core/errors.ts";

/** What outlives the program: nothing, what could not be delivered, or all that was said, since that was asked for. */
export type Kept = "nothing" | "the-rest" | "as-asked";

export interface Settlement {
  readonly errors: readonly LairError[];
  /** What is no failure. */
  readonly notice: string | undefined;
  readonly isComplete: boolean;
}

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

  /** What is to be told of it at the end, when so much `waits`; and whether all has become of it that was to. */
  settle(waits: number, kept: Kept): Settlement {
    const isKept = kept !== "nothing";
    const errors: LairError[] = [];
    const lost = this.#unsaid + this.#refused + (isKept ? 0 : waits);
    const forGood = isKept ? ", and will not be" : "";
    if (lost > 0) errors.push(new LairError("not-delivered", `${messages(lost)} not delivered${forGood}.`));
    const late = `${messages(waits)} not delivered yet.`;
    const hint = `${waits === 1 ? "It is kept and will be sent" : "They are kept and will be sent"} next time.`;
    if (waits > 0 && kept === "the-rest") errors.push(new LairError("not-delivered", late, { hint }));
    const isComplete = lost === 0 && (waits === 0 || kept === "as-asked") && !this.#hasMisread;
    this.#unsaid = 0;
    this.#refused = 0;
    return { errors, isComplete, notice: waits > 0 && kept === "as-asked" ? `${late} ${hint}` : undefined };
  }
}

function messages(count: number): string {
  return count === 1 ? "1 message was" : `${count} messages were`;
}
