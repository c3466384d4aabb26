// Deleting lines of the history, with their words: those that have disappeared, are too old, are too many or were
// forgotten. Each call is a part of one step, which ends when it is told to. A damaged line that is due goes like the others,
// so that none stops the deletion behind it; only its words stay in the index, because nobody can tell which they are.

import { indexedPart } from "../../core/chat/words.ts";
import type { Connection } from "./connection.ts";
import type { Horizon } from "./history-rows.ts";
import type { LineMarks } from "./line-marks.ts";
import type { DueRow, MessageRows } from "./message-rows.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { WordIndex } from "./word-index.ts";

/** Ours: so many are read and decrypted before the first of them is deleted. */
const LINES_AT_ONCE = 8;
/** Ours: without their words, some 2 µs each. */
const ROWS_AT_ONCE = 200;

/** What was deleted in a step. */
interface Deleted {
  readonly count: number;
  /** Of their bodies. */
  readonly bytes: number;
  /** Whether none is left. */
  readonly isDone: boolean;
}

export class LineDeletion {
  readonly #connection: Connection;
  readonly #rows: MessageRows;
  readonly #marks: LineMarks;
  readonly #words: WordIndex;

  constructor(connection: Connection, rows: MessageRows, marks: LineMarks, words: WordIndex) {
    this.#connection = connection;
    this.#rows = rows;
    this.#marks = marks;
    this.#words = words;
  }

  /**
   * Deletes lines that have disappeared or, for this peer, are too old, until `isOver`, which is called after each.
   */
  deletePast(peer: PeerRow, { nowMs, sinceMs }: Horizon, isOver: () => boolean): Deleted {
    const expired = "peer = ? AND expires_ms IS NOT NULL AND waits = 0 AND expires_ms <= ? LIMIT ?";
    const old = "peer = ? AND kept = 1 AND waits = 0 AND at_ms < ? AND (expires_ms IS NULL OR expires_ms > ?) LIMIT ?";
    const next = (): readonly DueRow[] => {
      const gone = this.#rows.due(peer, expired, peer.id, nowMs, LINES_AT_ONCE);
      return gone.length > 0 ? gone : this.#rows.due(peer, old, peer.id, sinceMs, nowMs, LINES_AT_ONCE);
    };
    return this.#deleteEach(peer, next, isOver);
  }

  /**
   * Deletes the oldest lines that do not wait, until they had `bytes` bytes together, or until `isOver`, which is called
   * after each. Oldest are those that were stored first: a clock that was wrong does not count.
   */
  deleteOldest(peer: PeerRow, bytes: number, isOver: () => boolean): Deleted {
    const oldest = "peer = ? AND kept = 1 AND waits = 0 AND id > ? ORDER BY id LIMIT ?";
    let [left, lastId] = [bytes, 0];
    const next = (): readonly DueRow[] => {
      const lines = left <= 0 ? [] : this.#rows.due(peer, oldest, peer.id, lastId, LINES_AT_ONCE);
      const enough = lines.findIndex((line) => (left -= line.bytes) <= 0);
      lastId = lines.at(-1)?.id ?? lastId;
      return enough < 0 ? lines : lines.slice(0, enough + 1);
    };
    return this.#deleteEach(peer, next, isOver);
  }

  /** Deletes the lines that `next` returns, and again, until it returns none. */
  #deleteEach(peer: PeerRow, next: () => readonly DueRow[], isOver: () => boolean): Deleted {
    const indexedId = this.#marks.indexedId(peer);
    let [count, bytes] = [0, 0];
    for (;;) {
      const lines = next();
      if (lines.length === 0) return { count, bytes, isDone: true };
      for (const line of lines) {
        this.#delete(peer, line, indexedId);
        count += 1;
        bytes += line.bytes;
        if (isOver()) return { count, bytes, isDone: false };
      }
    }
  }

  /** The sum of {@link PeerRow.historyBytes}, from the rows: some 0.5 µs for each. */
  countBytes(peer: PeerRow): number {
    const sql = "SELECT sum(length(body)) FROM messages WHERE peer = ? AND kept = 1 AND waits = 0 AND id > ?";
    return this.#connection.number(sql, peer.id, this.#marks.forgottenId(peer)) ?? 0;
  }

  #delete(peer: PeerRow, { id, message, isCut }: DueRow, indexedId: number): void {
    const text = id > indexedId || message === undefined ? undefined : this.#rows.textOf(message);
    if (text !== undefined) this.#words.remove(peer.id, id, isCut ? indexedPart(text.text) : text.text);
    this.#connection.run("DELETE FROM messages WHERE id = ?", id);
  }

  /** When the next line of this peer disappears; undefined if none will. */
  nextExpiryMs(peer: PeerRow): number | undefined {
    const sql = "SELECT min(expires_ms) FROM messages WHERE peer = ? AND expires_ms IS NOT NULL AND waits = 0";
    return this.#connection.number(sql, peer.id);
  }

  /** When this peer's oldest line that does not wait was stored. */
  oldestMs(peer: PeerRow): number | undefined {
    const sql = "SELECT min(at_ms) FROM messages WHERE peer = ? AND kept = 1 AND waits = 0";
    return this.#connection.number(sql, peer.id);
  }

  /**
   * Forgets every existing line, see {@link Horizon}: at once if it does not wait, and otherwise when it has been
   * delivered or shown, see {@link settle}. Returns how many.
   */
  forget(peer: PeerRow): number {
    const sql = "SELECT count(*) FROM messages WHERE peer = ? AND kept = 1 AND id > ?";
    const count = this.#connection.number(sql, peer.id, this.#marks.forgottenId(peer)) ?? 0;
    if (count === 0) return 0;
    this.#forgetAll(peer);
    this.#words.create(peer.id);
    return count;
  }

  /** Everything of this peer is forgotten, and nothing waits any more. Afterwards it has no index of words. */
  abandon(peer: PeerRow): void {
    this.#connection.run("UPDATE messages SET waits = 0, kept = 1 WHERE peer = ? AND waits = 1", peer.id);
    this.#forgetAll(peer);
  }

  #forgetAll(peer: PeerRow): void {
    // None of them is found any more, so none of these words is needed.
    this.#words.setApart(peer.id);
    this.#marks.setForgotten(peer);
  }

  /** The number of forgotten lines of all peers that still exist. */
  get leftToDelete(): number {
    const sql = `SELECT count(*) FROM forgotten JOIN messages USING (peer)
      WHERE messages.kept = 1 AND messages.waits = 0 AND messages.id <= forgotten.last`;
    return this.#connection.number(sql) ?? 0;
  }

  /** Whether forgotten lines of this peer that do not wait still exist. */
  hasForgotten(peer: PeerRow): boolean {
    const sql = "SELECT id FROM messages WHERE peer = ? AND kept = 1 AND waits = 0 AND id <= ? LIMIT 1";
    return this.#connection.get(sql, peer.id, this.#marks.forgottenId(peer)) !== undefined;
  }

  /** Deletes forgotten lines until `isOver`. Returns whether none is left. */
  deleteForgotten(peer: PeerRow, isOver: () => boolean): boolean {
    const which = "peer = ? AND kept = 1 AND waits = 0 AND id <= ?";
    const sql = `DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE ${which} ORDER BY id LIMIT ?)`;
    const last = this.#marks.forgottenId(peer);
    while (this.#connection.run(sql, peer.id, last, ROWS_AT_ONCE) > 0) {
      if (isOver()) return false;
    }
    return true;
  }
}
