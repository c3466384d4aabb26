// What follows on deletions: the log of SQLite has the old pages until it is emptied, and the file their space until it is
// made smaller.
//
//   tidy ── noteDeleted ──▶ untidy ── emptyLog, when no reader is in the way ──▶ tidy

import type { Connection } from "./connection.ts";
import type { Transactions } from "./transactions.ts";

/** The value of PRAGMA auto_vacuum for a file that can return space in steps. */
const INCREMENTAL = 2;
/** Ours: pages of 4 KiB, some 2 ms of work. */
const PAGES_AT_ONCE = 64;
/** Ours: 8 MiB, some 50 ms of work. */
const MOST_PAGES_MADE_ANEW = 2_048;

export class Tidying {
  readonly #connection: Connection;
  readonly #transactions: Transactions;
  #state: "tidy" | "untidy" = "tidy";

  constructor(connection: Connection, transactions: Transactions) {
    this.#connection = connection;
    this.#transactions = transactions;
  }

  /** Rows were deleted or replaced. */
  noteDeleted(): void {
    this.#state = "untidy";
  }

  /** If anything was deleted since the last time. */
  emptyLog(): void {
    if (this.#state === "untidy" && this.#transactions.checkpoint()) this.#state = "tidy";
  }

  /** Returns the space of deleted data, if that is more than half of the file. Returns whether that is done. */
  returnSpace(isOver: () => boolean): boolean {
    if (this.#state === "tidy") return true;
    const free = this.#connection.number("PRAGMA freelist_count") ?? 0;
    const pages = this.#connection.number("PRAGMA page_count") ?? 0;
    if (free <= pages / 2) return true;
    if (this.#connection.number("PRAGMA auto_vacuum") !== INCREMENTAL) {
      // Of an earlier version. Once it has been rebuilt it can shrink in steps as well; a large one keeps its space,
      // and reuses it.
      if (pages - free <= MOST_PAGES_MADE_ANEW) this.#vacuum();
      return true;
    }
    for (let left = free; left > 0; left -= PAGES_AT_ONCE) {
      this.#connection.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
      if (isOver()) return left <= PAGES_AT_ONCE;
    }
    return true;
  }

  /** Makes the file as small as its content. Only for the space: deleted data has already been overwritten. */
  #vacuum(): void {
    try {
      this.#connection.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
    } catch {
      // Returning space takes space.
    }
  }
}
