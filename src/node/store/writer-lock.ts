// One writer at a time: a tiny SQLite file beside the stores, held in an exclusive transaction that never writes. The lock is
// the kernel's, so it is free again the moment its program is gone, however that ended. Readers don't ask for it.

import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { Connection } from "./connection.ts";
import { lockedStore, sqliteCode } from "./store-error.ts";

export class WriterLock {
  readonly #connection: Connection;

  /** Throws LairError store-locked when another program has it, or store-unwritable. */
  constructor(path: string) {
    createEmpty(path);
    this.#connection = new Connection(path, undefined, 0);
    try {
      // Without a journal in memory an exclusive transaction would leave an empty one on the disk.
      this.#connection.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      this.#connection.close();
      const isTaken = error instanceof Error && sqliteCode(error.cause) === "SQLITE_BUSY";
      throw isTaken ? lockedStore(dirname(path)) : error;
    }
  }

  release(): void {
    // Nothing was prepared on this connection, so that closing it ends it at once.
    this.#connection.close();
  }
}

/** Mode 0600. Not when it is there: closing a second descriptor would drop a lock that this process holds. */
function createEmpty(path: string): void {
  if (existsSync(path)) return;
  closeSync(openSync(path, "a", 0o600));
}
