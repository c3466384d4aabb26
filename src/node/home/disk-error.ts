// What the operating system said about a file, in a sentence and with what to do. Knows error codes, no file.

import { LairError } from "../../core/errors.ts";

const meanings: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "Free some space, then try again."],
  EDQUOT: ["your quota on this disk is used up", "Free some space, then try again."],
  EFBIG: ["a limit on the size of files is in the way", "Raise the limit (ulimit -f), then try again."],
  EROFS: ["the file system is read-only", "Make it writable, or choose another place with --home."],
  EACCES: ["permission denied", "Give yourself permission, or choose another place with --home."],
  EPERM: ["the system does not permit it", "Choose another place with --home."],
  ENOTDIR: ["a part of this path is not a directory", "Move that file away, or choose another place with --home."],
  EEXIST: ["something that is not a directory is in the way", "Move it away, or choose another place with --home."],
  EISDIR: ["a directory is in the way", "Move it away, or choose another place with --home."],
  ENOENT: ["the directory is not there", "Create it, or choose another place with --home."],
  ENOLCK: [
    "the file system refuses locks",
    "Keep the home on a disk of this machine: choose another place with --home.",
  ],
  EMFILE: ["too many files are open in this program", "Raise the limit (ulimit -n), then try again."],
  ENFILE: ["too many files are open on this machine", "End some programs, then try again."],
  EIO: ["the disk failed", "Check the disk, then try again."],
  ELOOP: ["the symbolic links run in a circle", "Fix them, or choose another place with --home."],
};

/** LairError home-unwritable for a path that could not be created or replaced; what was there before still is. */
export function unwritable(path: string, cause: unknown): LairError {
  const code = errorCode(cause);
  const [what, hint] = meanings[code ?? ""] ?? ["the system failed", "Check the disk, then try again."];
  return new LairError("home-unwritable", `Cannot write ${path}: ${what}${code === undefined ? "" : ` [${code}]`}.`, {
    hint,
    cause,
  });
}

/** LairError file-unreadable for a path that is there but could not be read. */
export function unreadable(path: string, cause: unknown): LairError {
  const code = errorCode(cause);
  const what = meanings[code ?? ""]?.[0] ?? "the system failed";
  return new LairError("file-unreadable", `Cannot read ${path}: ${what}${code === undefined ? "" : ` [${code}]`}.`, {
    hint: "Check that the file exists, is yours, and can be read.",
    cause,
  });
}

/** The code of a Node.js system error, such as "ENOENT". */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
