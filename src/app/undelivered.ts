// What a program says when it leaves of what was said and has not arrived, and whether its exit code is 1 for it. Pure.

import { LairError } from "../core/errors.ts";

/** What outlives the program: nothing, what could not be delivered, or all that was said, since that was asked for. */
export type Kept = "nothing" | "the-rest" | "as-asked";

/** How much has not arrived, in messages. */
export interface Undelivered {
  /** Never stored, and never will be. */
  readonly lost: number;
  /** Not acknowledged. */
  readonly waiting: number;
  readonly kept: Kept;
  /** Whether something of the input was no text; it was told at once, but who wrote it may not be there any more. */
  readonly hasMisread: boolean;
}

export interface UndeliveredReport {
  readonly errors: readonly LairError[];
  /** What is no failure. */
  readonly notice: string | undefined;
  /** Whether all has become of it that was to. */
  readonly isComplete: boolean;
}

export function undeliveredReport({ lost, waiting, kept, hasMisread }: Undelivered): UndeliveredReport {
  const isKept = kept !== "nothing";
  const errors: LairError[] = [];
  const gone = lost + (isKept ? 0 : waiting);
  const forGood = isKept ? ", and will not be" : "";
  if (gone > 0) errors.push(new LairError("not-delivered", `${messages(gone)} not delivered${forGood}.`));
  const late = `${messages(waiting)} not delivered yet.`;
  const hint = `${waiting === 1 ? "It is kept and will be sent" : "They are kept and will be sent"} next time.`;
  if (waiting > 0 && kept === "the-rest") errors.push(new LairError("not-delivered", late, { hint }));
  const isComplete = gone === 0 && (waiting === 0 || kept === "as-asked") && !hasMisread;
  return { errors, isComplete, notice: waiting > 0 && kept === "as-asked" ? `${late} ${hint}` : undefined };
}

function messages(count: number): string {
  return count === 1 ? "1 message was" : `${count} messages were`;
}
