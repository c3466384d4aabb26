// The standard output of this process, in one place, so that everything written to it is counted and its first error is
// known at the end. Knows no frontend.

import type { Writable } from "node:stream";
import { type ConfirmedOutput, confirmedOutput } from "../node/confirmed-output.ts";
import { isReaderGone, outputFailed, outputNotRead } from "../node/output-error.ts";
import type { LairError } from "../core/errors.ts";

/** How long to wait for output that nobody reads once the program has ended, in milliseconds. */
export const LONGEST_FLUSH_MS = 500;

let output: ConfirmedOutput | undefined;

/** The only output; created on first use. */
export function standardOutput(): ConfirmedOutput {
  output ??= confirmedOutput(process.stdout);
  return output;
}

/**
 * Prints the text, if there is one, and waits until its reader has it all, however long that takes: for what is printed
 * without a conversation. The exit code.
 */
export async function printed(code: number | Promise<number>, text = ""): Promise<number> {
  const result = await code;
  const out = standardOutput();
  if (text !== "") out.write(text);
  await new Promise<void>((resolve) => out.whenTaken(() => resolve()));
  return result;
}

/**
 * Waits for so long until all is written, and closes it. The error that makes the program fail, or undefined when there is
 * none: a reader that has gone is none.
 */
export async function finishOutput(out: ConfirmedOutput, waitMs: number): Promise<LairError | undefined> {
  const isTaken = await new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), waitMs);
    out.whenTaken(resolve);
  });
  if (isTaken) out.close();
  if (out.failure !== undefined) return isReaderGone(out.failure) ? undefined : outputFailed(out.failure);
  return isTaken ? undefined : outputNotRead();
}

/** Waits this long for the last text on standard error, which may fail without harm. */
export function flushed(stream: Writable, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else {
      stream.write("", () => resolve());
      setTimeout(resolve, waitMs);
    }
  });
}
