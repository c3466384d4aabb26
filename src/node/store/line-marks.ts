// The marks of a peer's lines: up to which row they were forgotten, and up to which their words are in the index. A row
// number is never used again, not even after its row is gone.

import type { Connection } from "./connection.ts";
import type { PeerRow } from "./peer-rows.ts";

export class LineMarks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The last forgotten row of this peer, 0 if there never was one. */
  forgottenId(peer: PeerRow): number {
    return this.#connection.number("SELECT last FROM forgotten WHERE peer = ?", peer.id) ?? 0;
  }

  /** Lines up to this one are in the index of words, unless they were forgotten. */
  indexedId(peer: PeerRow): number {
    const last = this.#connection.number("SELECT last FROM indexed WHERE peer = ?", peer.id) ?? 0;
    return Math.max(last, this.forgottenId(peer));
  }

  /** Every row that exists now is forgotten. */
  setForgotten(peer: PeerRow): void {
    this.#connection.run("INSERT OR REPLACE INTO forgotten (peer, last) VALUES (?, ?)", peer.id, this.lastId);
  }

  /** The words of rows up to this one are in the index. */
  setIndexed(peer: PeerRow, id: number): void {
    this.#connection.run("INSERT OR REPLACE INTO indexed (peer, last) VALUES (?, ?)", peer.id, id);
  }

  /** The highest number of any row, including forgotten and indexed ones: none of these may be used again. */
  get lastId(): number {
    const sql = `SELECT max((SELECT coalesce(max(id), 0) FROM messages), (SELECT coalesce(max(last), 0) FROM forgotten),
      (SELECT coalesce(max(last), 0) FROM indexed))`;
    return this.#connection.number(sql) ?? 0;
  }

  /** For a peer without messages. */
  delete(peer: PeerRow): void {
    this.#connection.run("DELETE FROM forgotten WHERE peer = ?", peer.id);
    this.#connection.run("DELETE FROM indexed WHERE peer = ?", peer.id);
  }
}
