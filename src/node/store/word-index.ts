// The words of the history, one FTS5 table per peer or room, so that the words of one can be forgotten at once: their table
// is set aside, and deleted in steps. A peer has none before its history is kept for the first time: it is six tables in the
// file, and each program that opens the file has them in memory, some 8 KB. The tables contain words and row numbers, no
// texts; only the encryption of the file hides them, and changes in them are not noticed.

import { MOST_COUNTED } from "../../core/chat/history.ts";
import { LEAST_PREFIX_LETTERS, MAX_WORDS, WORD } from "../../core/chat/words.ts";
import type { Connection } from "./connection.ts";

/** The start of the name of a table whose words were forgotten; a number follows. */
const APART = "apart_";
/**
 * Where FTS5 keeps the words of a table: the ends of the tables' names, their keys, and which rows. The first rows of
 * its data contain no word, and no table can be dropped without them.
 */
const APART_ROWS = [
  ["data", "id", "id > 10"],
  ["idx", "segid, term", "true"],
] as const;
/** Ours: some 4 KB each, 2 ms of work. */
const PAGES_AT_ONCE = 64;

export class WordIndex {
  readonly #connection: Connection;
  readonly #prefix: string;

  /** `prefix`: of the tables' names; the number of a peer or room follows. */
  constructor(connection: Connection, prefix = "words_") {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  /** Whether this peer or room has a table. */
  has(peer: number): boolean {
    return this.#connection.get("SELECT 1 FROM sqlite_schema WHERE name = ?", this.#nameOf(peer)) !== undefined;
  }

  create(peer: number): void {
    const name = this.#nameOf(peer);
    // "secure-delete": a deleted line takes its words with it at once, not at some later merge.
    this.#connection.exec(`
      CREATE VIRTUAL TABLE ${name} USING fts5(
        text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
      );
      INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1);
    `);
  }

  /** The peer's words are not found any more; {@link deleteApart} deletes them. If its lines are kept, it needs a new table. */
  setApart(peer: number): void {
    if (!this.has(peer)) return;
    this.#connection.exec(`ALTER TABLE ${this.#nameOf(peer)} RENAME TO ${APART}${Math.max(0, ...this.#apart) + 1}`);
  }

  /** Whether words that were set aside still exist. */
  get hasApart(): boolean {
    return this.#apart.length > 0;
  }

  /** Deletes words that were set aside, by the pages of their tables, until `isOver`. Returns whether none is left. */
  deleteApart(isOver: () => boolean): boolean {
    for (const number of this.#apart) {
      const name = `${APART}${number}`;
      for (const [table, key, which] of APART_ROWS) {
        const some = `SELECT ${key} FROM ${name}_${table} WHERE ${which} LIMIT ${PAGES_AT_ONCE}`;
        while (this.#connection.run(`DELETE FROM ${name}_${table} WHERE (${key}) IN (${some})`) > 0) {
          if (isOver()) return false;
        }
      }
      // Empty by now, so this is fast.
      this.#connection.exec(`DROP TABLE ${name}`);
      if (isOver()) return !this.hasApart;
    }
    return true;
  }

  /** A virtual table has no page of its own, unlike those that FTS5 keeps its words in. */
  get #apart(): readonly number[] {
    const rows = this.#connection.all(
      `SELECT CAST(substr(name, ${APART.length + 1}) AS INTEGER) FROM sqlite_schema
        WHERE type = 'table' AND rootpage = 0 AND name GLOB '${APART}*'`,
    );
    return rows.map((row) => row.whole(0));
  }

  #nameOf(peer: number): string {
    return `${this.#prefix}${peer}`;
  }

  add(peer: number, id: number, text: string): void {
    const name = this.#nameOf(peer);
    this.#connection.run(`INSERT INTO ${name} (rowid, text) VALUES (?, ?)`, id, text);
  }

  /** `text` must be the text that was added: the table itself no longer has it. */
  remove(peer: number, id: number, text: string): void {
    const name = this.#nameOf(peer);
    this.#connection.run(`INSERT INTO ${name} (${name}, rowid, text) VALUES ('delete', ?, ?)`, id, text);
  }

  /**
   * The newest rows with all the words, newest first, and the total, {@link MOST_COUNTED} + 1 if there are more;
   * `only`: a condition on `rowid` for those that count.
   */
  find(
    peer: number,
    words: string,
    limit: number,
    only: { readonly sql: string; readonly values: readonly number[] } | undefined,
  ): { readonly ids: readonly number[]; readonly total: number } {
    const query = queryOf(words);
    if (query === undefined || !this.has(peer)) return { ids: [], total: 0 };
    const name = this.#nameOf(peer);
    const values = [query, ...(only?.values ?? [])];
    const others = only === undefined ? "" : `AND ${only.sql}`;
    // In one go: a prefix that is in every line takes most of the time before the first row arrives.
    const rows = this.#connection.all(
      `WITH found AS MATERIALIZED (
        SELECT rowid AS id FROM ${name} WHERE ${name} MATCH ? ${others} ORDER BY rowid DESC LIMIT ${MOST_COUNTED + 1}
      ) SELECT id, (SELECT count(*) FROM found) FROM found ORDER BY id DESC LIMIT ?`,
      ...values,
      limit,
    );
    return { ids: rows.map((row) => row.whole(0)), total: rows[0]?.whole(1) ?? 0 };
  }
}

/** The words as an FTS5 query; quoted, so that none of them is syntax. Undefined if the text contains no word. */
export function queryOf(words: string): string | undefined {
  const found = words.match(WORD)?.slice(0, MAX_WORDS);
  const last = found?.at(-1);
  if (found === undefined || last === undefined) return undefined;
  const isLongEnough = Array.from(last).length >= LEAST_PREFIX_LETTERS;
  return found.map((word) => `"${word}"`).join(" ") + (isLongEnough ? "*" : "");
}
