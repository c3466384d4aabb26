// The writes of a store, each of which is all or nothing, and the effect of a failing disk on them:
//
//   readable ─────────────────────────── close ──▶ closed      opened for reading: nothing is written
//   writable ─────────────────────────── close ──▶ closed
//     │  ▲
//     │  └── mended: the next write, or at once ── doubtful ── close ──▶ closed
//     └───── the disk fails (SQLITE_IOERR) ──────────▲

import { LairError } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";
import type { Sealing } from "./sealing.ts";
import { sqliteCode } from "./store-error.ts";

type State =
  | "readable"
  | "writable"
  /** The disk failed, so data that it reported as stored may be missing: nothing is promised until it is mended. */
  | "doubtful"
  | "closed";

/** Ours: a line that is not kept takes two, of some three pages each: so this is less than what makes a commit copy the log. */
const MOST_SINCE_COPIED = 50;

/** What waits for the next transaction, and is stored with it. */
export interface Companion {
  /** In each transaction, before its own work and after it. */
  readonly before: () => void;
  readonly after: () => void;
  /** The transaction is stored. */
  readonly stored: () => void;
}

/** The transactions of one connection. */
export class Transactions {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #onUndone: (() => void)[] = [];
  readonly #companions: Companion[] = [];
  #state: State;
  /** So many transactions have been stored since the log was copied into the file. */
  #sinceCopied = 0;

  constructor(connection: Connection, sealing: Sealing, isWritable: boolean) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#state = isWritable ? "writable" : "readable";
  }

  /** Calls `action` each time when a transaction was undone, so that cached rows may be wrong. */
  onUndone(action: () => void): void {
    this.#onUndone.push(action);
  }

  accompany(companion: Companion): void {
    this.#companions.push(companion);
  }

  /** Whether nothing is known to be wrong with the disk. */
  get isSound(): boolean {
    return this.#state === "writable";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /**
   * The result of `work`, with all its changes stored; if it throws (LairError store-*), none of them is kept.
   * `isRelaxed`: as in {@link Connection.transaction}.
   */
  write<Result>(work: () => Result, isRelaxed = false): Result {
    if (this.#state === "readable") throw new TypeError("the store was opened for reading");
    if (this.#state === "doubtful") this.#mend();
    try {
      const result = this.#connection.transaction(() => {
        this.#sealing.record();
        for (const { before } of this.#companions) before();
        const done = work();
        for (const { after } of this.#companions) after();
        return done;
      }, isRelaxed);
      this.#sinceCopied += 1;
      this.#sealing.recorded();
      for (const { stored } of this.#companions) stored();
      return result;
    } catch (error) {
      this.#sealing.undone();
      for (const action of this.#onUndone) action();
      this.#doubtIfFailed(error);
      throw error;
    }
  }

  /**
   * Copies the log into the file if there is enough of it, so that no commit has to, which somebody waits for. To be called
   * when nobody waits.
   */
  shortenLog(): void {
    if (this.#state !== "writable" || this.#sinceCopied < MOST_SINCE_COPIED) return;
    this.#sinceCopied = 0;
    try {
      this.#connection.number("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (error) {
      // All of it is in the log, and will be copied another time.
      this.#doubtIfFailed(error);
    }
  }

  /** Copies the log into the file and empties it; false while a reader in another program is using it. */
  checkpoint(): boolean {
    this.#sinceCopied = 0;
    return this.#connection.number("PRAGMA wal_checkpoint(TRUNCATE)") === 0;
  }

  /** Nothing is lost without it; with it the file is complete by itself, and another program may open it at once. */
  close(): void {
    const wasReadable = this.#state === "readable";
    this.#state = "closed";
    try {
      if (!wasReadable) this.checkpoint();
    } catch {
      // Committed data is in the log, and is read from there when the store is opened again.
    }
    this.#connection.close();
  }

  #doubtIfFailed(error: unknown): void {
    if (error instanceof LairError && sqliteCode(error.cause) === "SQLITE_IOERR") this.#doubt();
  }

  #doubt(): void {
    this.#state = "doubtful";
    try {
      this.#mend();
    } catch {
      // Tried again before the next write.
    }
  }

  /**
   * After a failed fsync the log may contain the whole of a transaction that was reported as failed, and the system may
   * have dropped pages of earlier ones that it considers written. So a small transaction replaces the failed one, and
   * then the log is copied into the file and restarted.
   */
  #mend(): void {
    this.#connection.transaction(() => this.#connection.run("UPDATE meta SET mended = mended + 1"), true);
    if (!this.checkpoint()) {
      throw new LairError("store-unwritable", `Cannot use ${this.#connection.path}: another program is reading it.`, {
        hint: "Try again when that has ended.",
      });
    }
    this.#state = "writable";
  }
}
