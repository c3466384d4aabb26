// One writer at a time: a tiny SQLite file next to the stores, held in an exclusive transaction that never writes. The
// lock belongs to the kernel, so it is free again as soon as its program is gone, however that ended. Readers do not
// need it.
//
// SQLite reports SQLITE_BUSY for a lock that another program holds, and also for one that the file system refuses
// (ENOLCK, EACCES), and libsql does not pass on the system's number. Hence the two checks in `refusalOf`.

import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { LairError } from "../../core/errors.ts";
import { Connection, type OpenEngine } from "./connection.ts";
import { lockedStore, locksRefused, sqliteCode, unseenLock } from "./store-error.ts";

/** Linux's list of all locks that this program may know about. */
const LOCK_LIST = "/proc/locks";

/** How a lock is taken, and looked for. Seams for tests. */
interface LockOptions {
  readonly open?: OpenEngine | undefined;
  readonly lockList?: string | undefined;
}

export class WriterLock {
  readonly #connection: Connection;

  /** Throws LairError store-locked if another program has it, or store-unwritable, also if locks are refused. */
  constructor(path: string, options: LockOptions = {}) {
    createEmpty(path);
    try {
      this.#connection = lock(path, options.open);
    } catch (error) {
      throw isBusy(error) ? refusalOf(path, error, options) : error;
    }
  }

  release(): void {
    // Nothing was prepared on this connection, so closing it ends it at once.
    this.#connection.close();
  }
}

function lock(path: string, open: OpenEngine | undefined): Connection {
  const connection = new Connection(path, undefined, 0, open);
  try {
    // Without an in-memory journal an exclusive transaction would leave an empty one on disk.
    connection.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function isBusy(error: unknown): error is LairError {
  return error instanceof LairError && sqliteCode(error.cause) === "SQLITE_BUSY";
}

function refusalOf(path: string, cause: unknown, { open, lockList = LOCK_LIST }: LockOptions): LairError {
  if (refusesEvery(path, open)) return locksRefused(path, cause);
  return isSeenLocked(path, lockList) ? lockedStore(dirname(path)) : unseenLock(path);
}

/** Whether a new file next to it cannot be locked either. */
function refusesEvery(path: string, open: OpenEngine | undefined): boolean {
  const own = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    closeSync(openSync(own, "wx", 0o600));
    lock(own, open).close();
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Whether the list names a lock on this file; true if there is no list. By its number alone, because devices differ.
 */
function isSeenLocked(path: string, lockList: string): boolean {
  try {
    const { ino } = statSync(path, { bigint: true });
    return readFileSync(lockList, "latin1").includes(`:${ino} `);
  } catch {
    return true;
  }
}

/** Mode 0600. Not if it exists: closing a second descriptor would drop a lock that this process holds. */
function createEmpty(path: string): void {
  if (existsSync(path)) return;
  closeSync(openSync(path, "a", 0o600));
}
