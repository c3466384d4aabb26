// The words of the history, one FTS5 table a peer, so that a peer's words go as one. The tables keep words and row numbers,
// no texts; they are hidden by the encryption of the file alone, and nothing notices a change in them.

import { MOST_COUNTED } from "../../core/chat/history.ts";
import type { Connection } from "./connection.ts";

/** Ours: from here on the last word also finds what begins with it; shorter ones begin too many words to be quick. */
const LEAST_PREFIX_LETTERS = 3;
/** Ours: nobody remembers more words of one line. */
const MAX_WORDS = 32;

/**
 * Ours: so many different words of a line are found. Each takes some 15 µs to go, and a line goes as a whole, while nothing
 * else moves.
 */
export const MAX_WORDS_OF_LINE = 512;
/** What unicode61 takes for a word begins with a letter or a digit; marks belong to the letter before them. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;

const nameOf = (peer: number): string => `words_${peer}`;

export class WordIndex {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  create(peer: number): void {
    const name = nameOf(peer);
    // "secure-delete": a line that goes takes its words along at once, not at some later merge.
    this.#connection.exec(`
      CREATE VIRTUAL TABLE ${name} USING fts5(
        text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
      );
      INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1);
    `);
  }

  drop(peer: number): void {
    this.#connection.exec(`DROP TABLE ${nameOf(peer)}`);
  }

  add(peer: number, id: number, text: string): void {
    const name = nameOf(peer);
    this.#connection.run(`INSERT INTO ${name} (rowid, text) VALUES (?, ?)`, id, text);
  }

  /** `text` must be what was added: the table itself no longer knows. */
  remove(peer: number, id: number, text: string): void {
    const name = nameOf(peer);
    this.#connection.run(`INSERT INTO ${name} (${name}, rowid, text) VALUES ('delete', ?, ?)`, id, text);
  }

  /**
   * The newest rows with all the words, newest first, and how many there are, {@link MOST_COUNTED} + 1 for any more;
   * `only`: a condition on `rowid` for those that count.
   */
  find(
    peer: number,
    words: string,
    limit: number,
    only: { readonly sql: string; readonly values: readonly number[] } | undefined,
  ): { readonly ids: readonly number[]; readonly total: number } {
    const query = queryOf(words);
    if (query === undefined) return { ids: [], total: 0 };
    const name = nameOf(peer);
    const values = [query, ...(only?.values ?? [])];
    const others = only === undefined ? "" : `AND ${only.sql}`;
    // In one go: a beginning that is in every line takes most of the time before the first row comes.
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

/** The words as an FTS5 query; quoted, so that none of them is syntax. Undefined when there is no word in it. */
export function queryOf(words: string): string | undefined {
  const found = words.match(WORD)?.slice(0, MAX_WORDS);
  const last = found?.at(-1);
  if (found === undefined || last === undefined) return undefined;
  const isLongEnough = Array.from(last).length >= LEAST_PREFIX_LETTERS;
  return found.map((word) => `"${word}"`).join(" ") + (isLongEnough ? "*" : "");
}

/** The beginning of a text with {@link MAX_WORDS_OF_LINE} different words; all of it where there are no more. */
export function indexedPart(text: string): string {
  const seen = new Set<string>();
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (seen.size === MAX_WORDS_OF_LINE && !seen.has(word)) return text.slice(0, index);
    seen.add(word);
  }
  return text;
}
