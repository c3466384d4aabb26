// One connection to an SQLite file through libsql: statements prepared once, transactions that are complete or have no
// effect, and errors with our names. Knows no table.
//
//   open ---a transaction can be neither ended nor undone---> broken ---close---> closed      (open ---close---> closed)
//
// POSIX drops a process's locks on a file when the process closes any descriptor of it: nothing else in a program may
// open the store's files while they are in use here (stat and chmod by path are harmless).

import Database from "libsql";
import { toBase64Url } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import { Row } from "./row.ts";
import { storeError } from "./store-error.ts";

/**
 * The values that SQLite accepts and returns. A number goes in as REAL: use only columns declared INTEGER, which
 * convert it back.
 */
type Value = number | string | Uint8Array | null;

/** The calls of libsql that are used here, so that a test can make one of them fail, as a failing disk does. */
export interface Engine {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): EngineStatement;
  close(): unknown;
}

interface EngineStatement {
  /** From now on rows come as arrays; refused for statements that return none. */
  raw(): unknown;
  // As one array: libsql takes a lone Uint8Array for an object of named values, and ends the whole program.
  run(values: readonly Value[]): { readonly changes: number };
  get(values: readonly Value[]): unknown;
  all(values: readonly Value[]): unknown[];
}

const PAGE_KEY_LETTERS = 32;

/** Opens the file; `pageKey` encrypts it as a whole. */
export type OpenEngine = (path: string, pageKey: Uint8Array | undefined, timeoutMs: number) => Engine;

export const openLibsql: OpenEngine = (path, pageKey, timeoutMs) => {
  const plain: Database.Options = { timeout: timeoutMs };
  // libsql's types are those of better-sqlite3 and do not include encryption. The key becomes a string, which cannot be
  // erased; somebody who can read this process's memory can read the store anyway. libsql uses only its first 32
  // characters: as base64url they hold 24 bytes, 192 bits, whereas hex would hold 128.
  const encryptionKey = pageKey && toBase64Url(pageKey).slice(0, PAGE_KEY_LETTERS);
  const encrypted = { ...plain, encryptionCipher: "aes256cbc", encryptionKey };
  return new Database(path, pageKey === undefined ? plain : encrypted);
};

export class Connection {
  readonly path: string;
  readonly #engine: Engine;
  readonly #statements = new Map<string, EngineStatement>();
  #isSyncFull: boolean | undefined;
  /** "broken": a transaction could be neither ended nor undone, so later results could not be trusted. */
  #state: "open" | "broken" | "closed" = "open";

  /** Throws LairError store-*, like every call here. */
  constructor(path: string, pageKey: Uint8Array | undefined, timeoutMs: number, open: OpenEngine = openLibsql) {
    this.path = path;
    this.#engine = this.#guarded(() => open(path, pageKey, timeoutMs));
  }

  /** One or more statements without values. */
  exec(sql: string): void {
    this.#guarded(() => this.#engine.exec(sql));
  }

  /** Returns the number of changed rows. */
  run(sql: string, ...values: Value[]): number {
    return this.#guarded(() => this.#statement(sql, false).run(values).changes);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    const found = this.#guarded(() => this.#statement(sql, true).get(values));
    return found === undefined ? undefined : new Row(found, this.path);
  }

  all(sql: string, ...values: Value[]): readonly Row[] {
    return this.#guarded(() => this.#statement(sql, true).all(values)).map((found) => new Row(found, this.path));
  }

  /** The whole number in the only column of the only row; undefined for NULL. */
  number(sql: string, ...values: Value[]): number | undefined {
    return this.get(sql, ...values)?.wholeIfAny(0);
  }

  /**
   * The result of `work`, with all its changes on disk; if it throws, none of them is kept. With `isRelaxed` it is
   * still all or nothing, but a power cut may undo it.
   */
  transaction<Result>(work: () => Result, isRelaxed = false): Result {
    this.#syncFully(!isRelaxed);
    this.exec("BEGIN IMMEDIATE");
    return this.#whole(work);
  }

  /** The result of `work`, which reads everything from the same moment. */
  snapshot<Result>(work: () => Result): Result {
    this.exec("BEGIN");
    return this.#whole(work);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#statements.clear();
    this.#engine.close();
  }

  #whole<Result>(work: () => Result): Result {
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  #undo(): void {
    try {
      // A full or failing disk makes SQLite undo the transaction by itself.
      if (this.#engine.inTransaction) this.#engine.exec("ROLLBACK");
    } catch {
      // Checked below: what matters is whether it is still open.
    }
    if (this.#engine.inTransaction) this.#state = "broken";
  }

  #syncFully(isFull: boolean): void {
    if (this.#isSyncFull === isFull) return;
    this.exec(`PRAGMA synchronous = ${isFull ? "FULL" : "NORMAL"}`);
    this.#isSyncFull = isFull;
  }

  #statement(sql: string, givesRows: boolean): EngineStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#engine.prepare(sql);
      if (givesRows) statement.raw();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guarded<Result>(action: () => Result): Result {
    if (this.#state === "closed") throw new TypeError("the store is closed");
    if (this.#state === "broken") {
      throw new LairError("store-unwritable", `Cannot use ${this.path}: the disk failed before.`, {
        hint: "Check the disk, then start this program again.",
      });
    }
    try {
      return action();
    } catch (error) {
      throw storeError(this.path, error);
    }
  }
}
