// What a program reports about undelivered messages when it exits, and whether its exit code is 1 for that. Pure.

import { LairError } from "../core/errors.ts";

/** What survives the program: nothing, undelivered messages, or, with --queue, every message, as requested. */
export type Kept = "nothing" | "the-rest" | "as-asked";

/** The number of undelivered messages. */
export interface Undelivered {
  /** Never stored, and never will be. */
  readonly lost: number;
  /** Not acknowledged. */
  readonly waiting: number;
  readonly kept: Kept;
  /** Whether a part of the input was not text; the user was told at once, but may not be there any more. */
  readonly hasMisread: boolean;
}

export interface UndeliveredReport {
  readonly errors: readonly LairError[];
  /** What is not a failure. */
  readonly notice: string | undefined;
  /** Whether everything went as intended. */
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
