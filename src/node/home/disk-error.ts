// The error of the operating system for a file, in a sentence, with what to do. Knows error codes, no file.

import { LairError } from "../../core/errors.ts";
import { errorCode, FILE_ERRORS } from "../system-error.ts";

/** LairError home-unwritable for a path that could not be created or replaced; its old content is still there. */
export function unwritable(path: string, cause: unknown): LairError {
  const code = errorCode(cause);
  const [what, hint] = FILE_ERRORS[code ?? ""] ?? ["the system failed", "Check the disk, then try again."];
  return new LairError("home-unwritable", `Cannot write ${path}: ${what}${code === undefined ? "" : ` [${code}]`}.`, {
    hint,
    cause,
  });
}

/** LairError file-unreadable for a path that exists but could not be read. */
export function unreadable(path: string, cause: unknown): LairError {
  const code = errorCode(cause);
  const what = FILE_ERRORS[code ?? ""]?.[0] ?? "the system failed";
  return new LairError("file-unreadable", `Cannot read ${path}: ${what}${code === undefined ? "" : ` [${code}]`}.`, {
    hint: "Check that the file exists, is yours, and can be read.",
    cause,
  });
}
