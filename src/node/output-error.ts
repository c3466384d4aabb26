// The error of the operating system for standard output, in a sentence, with what to do. Knows error codes, no stream.

import { LairError } from "../core/errors.ts";
import { errorCode, FILE_ERRORS } from "./system-error.ts";

/** Errors that have another meaning for an output than for a file, or another remedy. */
const MEANINGS: { readonly [code: string]: readonly [what: string, hint: string] } = {
  ENOSPC: [FILE_ERRORS["ENOSPC"]![0], "Free some space where it goes, then start again."],
  EDQUOT: [FILE_ERRORS["EDQUOT"]![0], "Free some space where it goes, then start again."],
  EFBIG: [FILE_ERRORS["EFBIG"]![0], "Raise the limit (ulimit -f), then start again."],
  EBADF: ["it is not open for writing", "Give it a file, a pipe or a terminal: > FILE, not < FILE."],
  EIO: ["the terminal or the disk behind it is gone", "Start again with one that works."],
  ENXIO: ["the other end of it is gone", "Start again with one that works."],
};

/** The reader of a pipe or a socket has closed it: not a fault, it has read enough. */
export function isReaderGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EPIPE" || code === "ECONNRESET";
}

/** LairError output-failed for the first error of standard output. */
export function outputFailed(cause: unknown): LairError {
  const code = errorCode(cause);
  const [what, hint] = MEANINGS[code ?? ""] ?? ["the system failed", "Check where it goes, then start again."];
  const name = code === undefined ? "" : ` [${code}]`;
  return new LairError("output-failed", `Cannot write standard output: ${what}${name}.`, { hint, cause });
}

/** LairError output-failed for output that was still unread when the program exited. */
export function outputNotRead(): LairError {
  return new LairError("output-failed", "Not all of standard output was read before the program left.", {
    hint: "Find out why its reader has stopped reading.",
  });
}
