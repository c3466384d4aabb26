// What SQLite or the operating system said about the store, in a sentence and with what to do. Knows codes, no file.

import { LairError } from "../../core/errors.ts";

// SQLite's result codes (https://sqlite.org/rescode.html), without what an extended code adds.
const meanings: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  SQLITE_FULL: ["the disk is full", "Free some space, then try again."],
  SQLITE_IOERR: ["the disk failed, or a limit of yours on files is reached", "Look after the disk, then try again."],
  SQLITE_READONLY: ["it is read-only", "Make it writable, or choose another place with --home."],
  SQLITE_CANTOPEN: [
    "it cannot be opened",
    "See that the directory is there and that you may write in it, or choose another place with --home.",
  ],
  SQLITE_BUSY: ["another program holds it", "Try again when that has ended."],
  SQLITE_PERM: ["permission denied", "Give yourself permission, or choose another place with --home."],
  ENOSPC: ["the disk is full", "Free some space, then try again."],
  EDQUOT: ["your quota on this disk is used up", "Free some space, then try again."],
  EFBIG: ["a limit on the size of files is in the way", "Raise the limit (ulimit -f), then try again."],
  EROFS: ["the file system is read-only", "Make it writable, or choose another place with --home."],
  EACCES: ["permission denied", "Give yourself permission, or choose another place with --home."],
  ENOENT: ["the directory is not there", "Create it, or choose another place with --home."],
};

const DAMAGE = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"]);
/** What a full or failing disk, or a missing permission, can end in. */
const TROUBLE = new Set(["SQLITE_NOMEM", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_NOLFS", "SQLITE_AUTH"]);

/** Ends with what one can do about anything: talk without a store. */
const WITHOUT = "--no-store talks without it, in memory only.";

/**
 * The LairError for what a call of the store threw: store-damaged or store-unwritable. Anything else, such as the
 * RangeError of a programmer's mistake, comes back as it is.
 */
export function storeError(path: string, error: unknown): unknown {
  if (error instanceof LairError) return error;
  const code = sqliteCode(error) ?? systemCode(error);
  if (code === undefined) return error;
  if (DAMAGE.has(code)) return damagedStore(path, "is not what Lair wrote, or belongs to another identity", error);
  const [what, hint] = meanings[code] ?? ["the system failed", "Look after the disk, then try again."];
  if (meanings[code] === undefined && !TROUBLE.has(code) && code.startsWith("SQLITE_")) return error;
  return new LairError("store-unwritable", `Cannot use ${path}: ${what} [${code}].`, {
    hint: `${hint} ${WITHOUT}`,
    cause: error,
  });
}

/** LairError store-damaged; `fault` goes on from the path ("is garbled"). */
export function damagedStore(path: string, fault: string, cause?: unknown): LairError {
  return new LairError("store-damaged", `${path} ${fault}. It was left as it is.`, {
    hint:
      `Restore it from a backup, or move it and the files beside it that begin with its name away. Without it, what ` +
      `waits to be delivered and the history are lost, but no pairing. ${WITHOUT}`,
    cause,
  });
}

export function newerStore(path: string, version: number): LairError {
  return new LairError("store-newer", `${path} was written by a newer version of Lair (its format is ${version}).`, {
    hint: `Update Lair. ${WITHOUT}`,
  });
}

export function lockedStore(path: string): LairError {
  return new LairError("store-locked", `Another Lair program of this role is using ${path} already.`, {
    hint: "Use that one, or stop it; or start this one with another --home, or with --no-store.",
  });
}

/** SQLite's primary code: SQLITE_IOERR of SQLITE_IOERR_FSYNC. */
export function sqliteCode(error: unknown): string | undefined {
  const code = systemCode(error);
  if (code?.startsWith("SQLITE_") === true) return code.split("_", 2).join("_");
  // libsql tells of a file that it could not even open in words, with the number of the code at the end.
  if (error instanceof Error && /^ConnectionFailed\(".*: 14"\)$/s.test(error.message)) return "SQLITE_CANTOPEN";
  return undefined;
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
