// The error of SQLite or the operating system for the store, in a sentence, with what to do. Knows codes, no file.

import { LairError } from "../../core/errors.ts";
import { errorCode, FILE_ERRORS, systemCode } from "../system-error.ts";

const ELSEWHERE = "Keep the home on a disk of this machine: choose another place with --home.";
const NO_LOCKS = FILE_ERRORS["ENOLCK"]!;
const NO_SHARED_MEMORY = ["the file system cannot map the store's shared memory", ELSEWHERE] as const;
const DISK_FAILED = FILE_ERRORS["EIO"]!;

// SQLite's result codes (https://sqlite.org/rescode.html): an extended code if it says more than its primary code.
const meanings: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  SQLITE_FULL: ["the disk is full", "Free some space, then try again."],
  SQLITE_IOERR: ["the disk failed, or a limit on your files was reached", "Check the disk, then try again."],
  SQLITE_READONLY: ["it is read-only", "Make it writable, or choose another place with --home."],
  SQLITE_CANTOPEN: [
    "it cannot be opened",
    "Check that the directory exists and that you may write to it, or choose another place with --home.",
  ],
  SQLITE_IOERR_LOCK: NO_LOCKS,
  SQLITE_IOERR_RDLOCK: NO_LOCKS,
  SQLITE_IOERR_UNLOCK: NO_LOCKS,
  SQLITE_IOERR_CHECKRESERVEDLOCK: NO_LOCKS,
  SQLITE_IOERR_SHMOPEN: NO_SHARED_MEMORY,
  SQLITE_IOERR_SHMSIZE: NO_SHARED_MEMORY,
  SQLITE_IOERR_SHMLOCK: NO_LOCKS,
  SQLITE_IOERR_SHMMAP: NO_SHARED_MEMORY,
  SQLITE_IOERR_FSYNC: DISK_FAILED,
  SQLITE_IOERR_DIR_FSYNC: DISK_FAILED,
  // The system's ENOLCK and EACCES arrive as this code too, and SQLite does not say which.
  SQLITE_BUSY: [
    "another program holds it, or the file system refuses locks",
    "Try again when that program has ended. If there is none, keep the home on a disk of this machine (--home).",
  ],
  SQLITE_PROTOCOL: ["its locks do not work as they should", ELSEWHERE],
  // Of a lock: SQLite asks the system for nothing else that would end like this.
  SQLITE_PERM: ["the system does not permit locking it", ELSEWHERE],
  SQLITE_NOLFS: ["the file system does not allow files of this size", ELSEWHERE],
};

const NAMES: Readonly<Record<number, string>> = {
  3: "SQLITE_PERM",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  7: "SQLITE_NOMEM",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  15: "SQLITE_PROTOCOL",
  22: "SQLITE_NOLFS",
  23: "SQLITE_AUTH",
  26: "SQLITE_NOTADB",
};

const DAMAGE = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB"]);

/** The last resort in every case: talk without a store. */
const WITHOUT = "--no-store works without it, in memory only.";

/** The pairings are in it too. */
const UNREADABLE = `${WITHOUT} If the pairings in it cannot be read, no peer is known then.`;

/**
 * The LairError for an error of a store call: store-damaged or store-unwritable. Any other error, such as the
 * RangeError of a programmer's mistake, is returned unchanged.
 */
export function storeError(path: string, error: unknown): unknown {
  if (error instanceof LairError) return error;
  const code = sqliteCode(error) ?? systemCode(error);
  // All SQL is ours, so if something is missing from the file, somebody has removed it.
  const isSchema = error instanceof Error && /no such (?:table|column)|already exists/.test(error.message);
  if (code === "SQLITE_ERROR" && isSchema) return damagedStore(path, "does not have Lair's layout", error);
  if (code === undefined || code === "SQLITE_ERROR") return error;
  if (DAMAGE.has(code)) return damagedStore(path, "is garbled or was cut short", error);
  const whole = extendedCode(error, code);
  const [what, hint] = meanings[whole] ??
    meanings[code] ??
    FILE_ERRORS[code] ?? ["the system failed", "Check the disk, or choose another place with --home."];
  return unusable(path, `${what} [${whole}]`, hint, error);
}

/** LairError store-unwritable: not even a new file can be locked in this place. */
export function locksRefused(path: string, cause: unknown): LairError {
  return unusable(path, `${NO_LOCKS[0]}, as network drives may [ENOLCK or EACCES]`, ELSEWHERE, cause);
}

function unusable(path: string, what: string, hint: string, cause: unknown): LairError {
  return new LairError("store-unwritable", `Cannot use ${path}: ${what}.`, { hint: `${hint} ${WITHOUT}`, cause });
}

/** LairError store-damaged; `fault` continues after the path ("is garbled"). */
export function damagedStore(path: string, fault: string, cause?: unknown): LairError {
  return new LairError("store-damaged", `${path} ${fault}. It was left as it is.`, {
    hint:
      `Restore it from a backup, or move away the file and those next to it that begin with its name. Without it, what ` +
      `waits to be delivered, the history and the pairings in it are lost. ${UNREADABLE}`,
    cause,
  });
}

export function newerStore(path: string, version: number): LairError {
  return new LairError("store-newer", `${path} was written by a newer version of Lair (its format is ${version}).`, {
    hint: `Update Lair. ${UNREADABLE}`,
  });
}

/** All stores of a role share one lock, whatever their identity. */
export function lockedStore(directory: string): LairError {
  return new LairError("store-locked", `Another Lair program of this role is already using ${directory}.`, {
    hint: "Use that one, or stop it; or start this one with another --home, or with --no-store.",
  });
}

/**
 * LairError store-locked for a lock that is held by no program visible to this one: by one in another container or on
 * another machine, or by none, and the file system refuses it.
 */
export function unseenLock(path: string): LairError {
  return new LairError(
    "store-locked",
    `${path} is locked, but by no program that is visible from here [SQLITE_BUSY].`,
    {
      hint:
        `A Lair program in another container or on another machine may use it: stop that one. Or the file system refuses ` +
        `the lock (ENOLCK, EACCES): keep the home on a disk of this machine (--home). ${WITHOUT}`,
    },
  );
}

/** SQLite's primary code by its name, such as SQLITE_IOERR for all of its kind; undefined for another error. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // The low byte of the extended code; libsql does not know the names of all of those.
  if ("rawCode" in error && typeof error.rawCode === "number") return NAMES[error.rawCode & 0xff] ?? "SQLITE_ERROR";
  // If libsql cannot even open a file it says so in words, with the number of the code at the end.
  const number = /^ConnectionFailed\(".*: ([0-9]+)"\)$/s.exec(error.message)?.[1];
  return number === undefined ? undefined : NAMES[Number(number) & 0xff];
}

/** libsql's name of the extended code, if it belongs to this primary code and has a name. */
function extendedCode(error: unknown, code: string): string {
  const name = errorCode(error);
  return name?.startsWith(`${code}_`) === true ? name : code;
}
