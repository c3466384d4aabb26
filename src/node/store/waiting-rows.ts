// The messages that wait: ours in the outbox until they are acknowledged, the peer's in the inbox until they are shown.
// One that is to be a line of the history afterwards (history-rows.ts) has a row of its own, as all had in earlier versions.
// The others are in batches (batch-rows.ts), and are deleted then.

import { type NewMessage, type StoredMessage, type WaitingMessage } from "../../core/delivery/store.ts";
import type { LairError } from "../../core/errors.ts";
import type { BatchRows } from "./batch-rows.ts";
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

const bySeq = (one: { readonly seq: number }, other: { readonly seq: number }): number => one.seq - other.seq;

export class WaitingRows {
  readonly #connection: Connection;
  readonly #rows: MessageRows;
  readonly #batches: BatchRows;
  readonly #marks: LineMarks;
  #nextId: number | undefined;
  /** By {@link boxOf}: whether a message that waits there has a row of its own. Absent: not known. */
  readonly #hasRows = new Map<string, boolean>();

  constructor(connection: Connection, rows: MessageRows, batches: BatchRows, marks: LineMarks) {
    this.#connection = connection;
    this.#rows = rows;
    this.#batches = batches;
    this.#marks = marks;
  }

  /** Messages that wait from now on, with ascending numbers; a text is also a line of the history, if one is kept. */
  add(peer: PeerRow, direction: Direction, messages: readonly NewMessage[]): void {
    const isLine = ({ content }: NewMessage): boolean => peer.retention !== "off" && content?.kind === "text";
    const lines = messages.filter(isLine);
    for (const line of lines) this.#addLine(peer, direction, line);
    const others = lines.length === 0 ? messages : messages.filter((message) => !isLine(message));
    this.#batches.add(peer, direction, others);
  }

  #addLine(peer: PeerRow, direction: Direction, { seq, stamp, atMs, message, content, route }: NewMessage): void {
    const ttlMs = content?.kind !== "text" || content.ttlS === undefined ? null : content.ttlS * 1_000;
    this.#nextId ??= this.#marks.lastId + 1;
    const id = this.#nextId++;
    const { generation, nonce, bytes } = this.#rows.seal(peer, { direction, id, seq, atMs, route }, { stamp, message });
    this.#hasRows.set(boxOf(peer, direction), true);
    this.#connection.run(
      `INSERT INTO messages (${ALL_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?, ?, 0, ?, ?)`,
      id,
      direction === "out" ? 0 : 1,
      seq,
      atMs,
      generation,
      nonce,
      bytes,
      peer.id,
      direction === "out" ? ttlMs : null,
      direction === "in" && ttlMs !== null ? atMs + ttlMs : null,
      route?.kind ?? null,
      route?.stream ?? null,
    );
  }

  /** Whether nothing of this box has a row of its own: what does not wait any more can be deleted later. */
  isInBatches(peer: PeerRow, direction: Direction): boolean {
    const box = boxOf(peer, direction);
    let hasRows = this.#hasRows.get(box);
    if (hasRows === undefined) {
      const sql = "SELECT 1 FROM messages WHERE peer = ? AND direction = ? AND waits = 1 LIMIT 1";
      hasRows = this.#connection.get(sql, peer.id, direction === "out" ? 0 : 1) !== undefined;
      this.#hasRows.set(box, hasRows);
    }
    return !hasRows;
  }

  /** After a transaction was undone. */
  forgetKnown(): void {
    this.#hasRows.clear();
  }

  /**
   * The messages that wait for an acknowledgement, in order, without reading them. Throws LairError store-damaged if a
   * number is missing.
   */
  waitingOut(peer: PeerRow): readonly WaitingMessage[] {
    const sql = `SELECT seq, length(body), stream FROM messages WHERE ${IS_WAITING_OUT} ORDER BY seq`;
    const rows = this.#connection.all(sql, peer.id, peer.acknowledged).map((row) => ({
      seq: row.whole(0),
      bytes: row.whole(1) - BODY_OVERHEAD_BYTES,
      stream: row.wholeIfAny(2) ?? 0,
    }));
    const batched = this.#batches.heads(peer, "out").filter(({ seq }) => seq >= peer.acknowledged);
    const waiting = [...rows, ...batched].toSorted(bySeq);
    if (waiting.length !== peer.next - peer.acknowledged) throw this.#lacksMessage();
    return waiting.map(({ seq, bytes, stream }, index) => {
      if (seq !== peer.acknowledged + index || bytes < 0) throw this.#lacksMessage();
      return { bytes, stream };
    });
  }

  /** See {@link Store.readOutbox}. */
  readOutbox(peer: PeerRow, from: number, maxBytes: number): readonly StoredMessage[] {
    const lines = this.#readRows(peer, from, maxBytes);
    const batched = this.#batches.read(peer, "out", from, maxBytes);
    const waiting = lines.length === 0 ? batched : [...lines, ...batched].toSorted(bySeq);
    let bytes = 0;
    // What is behind a gap was not read yet, or is read when the gap is.
    const end = waiting.findIndex(
      ({ seq, message }, index) => seq !== from + index || ((bytes += message.length) > maxBytes && index > 0),
    );
    const read = end < 0 ? waiting : waiting.slice(0, end);
    if (read.length === 0 && from < peer.next) throw this.#lacksMessage();
    return read;
  }

  /** The same of what has rows of its own: some more than `maxBytes`, if there are so many. */
  #readRows(peer: PeerRow, from: number, maxBytes: number): readonly StoredMessage[] {
    const sql = `SELECT length(body) FROM messages WHERE ${IS_WAITING_OUT} ORDER BY seq LIMIT ?`;
    const lengths = this.#connection.all(sql, peer.id, from, MOST_READ_AT_ONCE).map((row) => row.whole(0));
    let bytes = 0;
    const tooMuch = lengths.findIndex((length) => (bytes += length - BODY_OVERHEAD_BYTES) > maxBytes);
    const count = tooMuch < 0 ? lengths.length : tooMuch + 1;
    return this.#rows.all(peer, `${IS_WAITING_OUT} ORDER BY seq LIMIT ?`, peer.id, from, count).map(toStored);
  }

  /**
   * The messages that wait to be shown, in order. Throws LairError store-damaged if their count is wrong, or if they are
   * not between the cursors.
   */
  inbox(peer: PeerRow): readonly StoredMessage[] {
    const lines = this.#rows.all(peer, "peer = ? AND direction = 1 AND waits = 1 ORDER BY seq", peer.id);
    const all = [...lines.map(toStored), ...this.#batches.read(peer, "in", 0)].toSorted(bySeq);
    // No two have the same number, so there can be only that many.
    if (all.length !== peer.unshown || all.some(({ seq }) => seq >= peer.expected)) throw this.#lacksMessage();
    if (lines.some(({ seq }) => seq < peer.shown)) throw this.#lacksMessage();
    return all.filter(({ seq }) => seq >= peer.shown);
  }

  #lacksMessage(): LairError {
    return damagedStore(this.#connection.path, "lacks a message that should wait in it");
  }

  /**
   * Messages below `end` no longer wait: they are deleted if they are not kept or were forgotten since, and are history
   * otherwise; in a batch they stay as long as one behind them waits. `atMs`: when ours were acknowledged. Returns how many
   * are gone from the box, and the bytes of the bodies of those that are history now.
   */
  settle(peer: PeerRow, direction: Direction, end: number, atMs: number): { count: number; keptBytes: number } {
    const count = this.#batches.settle(peer, direction, end);
    if (this.isInBatches(peer, direction)) return { count, keptBytes: 0 };
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
    // Perhaps these were all.
    this.#hasRows.delete(boxOf(peer, direction));
    return {
      count: count + gone + kept.length,
      keptBytes: kept.reduce((bytes, row) => bytes + row.whole(0), 0),
    };
  }

  /** Gives the outbox, which begins with number `first`, numbers that are higher by `by`. */
  renumber(peer: PeerRow, first: number, by: number): void {
    if (by === 0) return;
    this.#batches.trim(peer, "out", first);
    this.#batches.renumber(peer, "out", first, by);
    if (!this.isInBatches(peer, "out")) this.#renumberLines(peer, by);
  }

  /** Each body is sealed again, because it is bound to its number; few of them are in memory at a time. */
  #renumberLines(peer: PeerRow, by: number): void {
    // From the end that moves into free numbers, because no two may have the same number at once.
    const [isBeyond, order] = by > 0 ? ["seq < ?", "DESC"] : ["seq > ?", "ASC"];
    const which = `peer = ? AND direction = 0 AND waits = 1 AND ${isBeyond} ORDER BY seq ${order} LIMIT ?`;
    for (let last = by > 0 ? Number.MAX_SAFE_INTEGER : -1; ;) {
      const lines = this.#rows.all(peer, which, peer.id, last, LINES_AT_ONCE);
      for (const line of lines) this.#renumberLine(peer, line, line.seq + by);
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

function boxOf(peer: PeerRow, direction: Direction): string {
  return `${direction} ${peer.id}`;
}
