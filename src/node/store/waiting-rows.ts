// The messages that wait: ours in the outbox until they are acknowledged, the peer's in the inbox until they are shown.
// Afterwards a row is a line of the history (history-rows.ts), or is deleted.

import { type NewMessage, type StoredMessage, type WaitingMessage } from "../../core/delivery/store.ts";
import type { LairError } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";
import type { LineMarks } from "./line-marks.ts";
import { BODY_OVERHEAD_BYTES, type Direction, type MessageRow, type MessageRows } from "./message-rows.ts";
import type { PeerRow } from "./peer-rows.ts";
import { damagedStore } from "./store-error.ts";

/** Ours: messages of the outbox. */
const MOST_READ_AT_ONCE = 1_000;
/** Ours: so many are read and decrypted before the first of them is renumbered. */
const LINES_AT_ONCE = 8;
const ALL_COLUMNS = `id, direction, seq, at_ms, opening, nonce, body, peer, waits, kept, ttl_ms, expires_ms, is_cut, kind,
  stream`;

/** With the peer and the first number. */
const IS_WAITING_OUT = "peer = ? AND direction = 0 AND waits = 1 AND seq >= ?";

function toStored({ seq, stamp, atMs, message, route }: MessageRow): StoredMessage {
  const stored = { seq, stamp, atMs, message };
  return route === undefined ? stored : { ...stored, route };
}

export class WaitingRows {
  readonly #connection: Connection;
  readonly #rows: MessageRows;
  readonly #marks: LineMarks;
  #nextId: number | undefined;

  constructor(connection: Connection, rows: MessageRows, marks: LineMarks) {
    this.#connection = connection;
    this.#rows = rows;
    this.#marks = marks;
  }

  /** A message that waits from now on; a text is also a line of the history, if one is kept. */
  add(peer: PeerRow, direction: Direction, { seq, stamp, atMs, message, content, route }: NewMessage): void {
    const said = content?.kind === "text" ? content : undefined;
    const text = peer.retention === "off" ? undefined : said;
    const ttlMs = said?.ttlS === undefined ? null : said.ttlS * 1_000;
    this.#nextId ??= this.#marks.lastId + 1;
    const id = this.#nextId++;
    const { generation, nonce, bytes } = this.#rows.seal(peer, { direction, id, seq, atMs, route }, { stamp, message });
    this.#connection.run(
      `INSERT INTO messages (${ALL_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, 0, ?, ?)`,
      id,
      direction === "out" ? 0 : 1,
      seq,
      atMs,
      generation,
      nonce,
      bytes,
      peer.id,
      text === undefined ? 0 : 1,
      direction === "out" ? ttlMs : null,
      direction === "in" && ttlMs !== null ? atMs + ttlMs : null,
      route?.kind ?? null,
      route?.stream ?? null,
    );
  }

  /**
   * The messages that wait for an acknowledgement, in order, without reading them. Throws LairError store-damaged if a
   * number is missing.
   */
  waitingOut(peer: PeerRow): readonly WaitingMessage[] {
    const sql = `SELECT seq, length(body), stream FROM messages WHERE ${IS_WAITING_OUT} ORDER BY seq`;
    const rows = this.#connection.all(sql, peer.id, peer.acknowledged);
    if (rows.length !== peer.next - peer.acknowledged) throw this.#lacksMessage();
    return rows.map((row, index) => {
      const bytes = row.whole(1) - BODY_OVERHEAD_BYTES;
      if (row.whole(0) !== peer.acknowledged + index || bytes < 0) throw this.#lacksMessage();
      return { bytes, stream: row.wholeIfAny(2) ?? 0 };
    });
  }

  /** See {@link Store.readOutbox}. */
  readOutbox(peer: PeerRow, from: number, maxBytes: number): readonly StoredMessage[] {
    const sql = `SELECT length(body) FROM messages WHERE ${IS_WAITING_OUT} ORDER BY seq LIMIT ?`;
    const lengths = this.#connection.all(sql, peer.id, from, MOST_READ_AT_ONCE).map((row) => row.whole(0));
    let bytes = 0;
    const tooMuch = lengths.findIndex((length) => (bytes += length - BODY_OVERHEAD_BYTES) > maxBytes);
    const count = tooMuch < 0 ? lengths.length : Math.max(1, tooMuch);
    const lines = this.#rows.all(peer, `${IS_WAITING_OUT} ORDER BY seq LIMIT ?`, peer.id, from, count);
    const isEmpty = lines.length === 0 && from < peer.next;
    if (isEmpty || lines.some(({ seq }, index) => seq !== from + index)) throw this.#lacksMessage();
    return lines.map(toStored);
  }

  /**
   * The messages that wait to be shown, in order. Throws LairError store-damaged if their count is wrong, or if they are
   * not between the cursors.
   */
  inbox(peer: PeerRow): readonly StoredMessage[] {
    const lines = this.#rows.all(peer, "peer = ? AND direction = 1 AND waits = 1 ORDER BY seq", peer.id);
    // No two have the same number, so there can be only that many.
    if (lines.length !== peer.unshown || lines.some(({ seq }) => seq < peer.shown || seq >= peer.expected)) {
      throw this.#lacksMessage();
    }
    return lines.map(toStored);
  }

  #lacksMessage(): LairError {
    return damagedStore(this.#connection.path, "lacks a message that should wait in it");
  }

  /**
   * Messages below `end` no longer wait: they are deleted if they are not kept or were forgotten since, and are history
   * otherwise. `atMs`: when ours were acknowledged. Returns how many there were, and the bytes of the bodies of those
   * that are history now.
   */
  settle(peer: PeerRow, direction: Direction, end: number, atMs: number): { count: number; keptBytes: number } {
    const which = "peer = ? AND direction = ? AND waits = 1 AND seq < ?";
    const values = [peer.id, direction === "out" ? 0 : 1, end] as const;
    const gone = this.#connection.run(
      `DELETE FROM messages WHERE ${which} AND (kept = 0 OR id <= ?)`,
      ...values,
      this.#marks.forgottenId(peer),
    );
    const kept = this.#connection.all(
      `UPDATE messages SET waits = 0, expires_ms = coalesce(expires_ms, ttl_ms + ?) WHERE ${which}
        RETURNING length(body)`,
      atMs,
      ...values,
    );
    return { count: gone + kept.length, keptBytes: kept.reduce((bytes, row) => bytes + row.whole(0), 0) };
  }

  /**
   * Renumbers the outbox from `first` on. Each body is sealed again, because it is bound to its number; few of them are
   * in memory at a time.
   */
  renumber(peer: PeerRow, first: number): void {
    const sql = "SELECT min(seq) FROM messages WHERE peer = ? AND direction = 0 AND waits = 1";
    const oldest = this.#connection.number(sql, peer.id);
    if (oldest === undefined || oldest === first) return;
    // From the end that moves into free numbers, because no two may have the same number at once.
    const [isBeyond, order] = first > oldest ? ["seq < ?", "DESC"] : ["seq > ?", "ASC"];
    const which = `peer = ? AND direction = 0 AND waits = 1 AND ${isBeyond} ORDER BY seq ${order} LIMIT ?`;
    for (let last = first > oldest ? Number.MAX_SAFE_INTEGER : -1; ;) {
      const lines = this.#rows.all(peer, which, peer.id, last, LINES_AT_ONCE);
      for (const line of lines) this.#renumberLine(peer, line, line.seq - oldest + first);
      if (lines.length < LINES_AT_ONCE) return;
      last = lines.at(-1)!.seq;
    }
  }

  #renumberLine(peer: PeerRow, { id, stamp, atMs, message, route }: MessageRow, seq: number): void {
    const bound = { direction: "out", id, seq, atMs, route } as const;
    const { generation, nonce, bytes } = this.#rows.seal(peer, bound, { stamp, message });
    const sql = "UPDATE messages SET seq = ?, opening = ?, nonce = ?, body = ? WHERE id = ?";
    this.#connection.run(sql, seq, generation, nonce, bytes, id);
  }
}
