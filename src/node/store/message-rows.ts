// The rows of the messages: those that wait in the outbox or the inbox, and those of the history. Each body is sealed
// and bound to its store, peer, direction, row, number and time.

import { concat, toUtf8 } from "../../core/bytes.ts";
import type { HistoryEntry } from "../../core/chat/history.ts";
import { type MessageContent, type NewMessage, STAMP_BYTES, type StoredMessage } from "../../core/delivery/store.ts";
import type { Connection } from "./connection.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { Row } from "./row.ts";
import type { Sealing } from "./sealing.ts";
import { damagedStore } from "./store-error.ts";
import { indexedPart, type WordIndex } from "./word-index.ts";

type Direction = "out" | "in";

/** Which lines of a peer may be shown: not those that wait to be shown first, have disappeared, or are too old. */
export interface Horizon {
  readonly nowMs: number;
  /** Lines stored before this time are too old. */
  readonly sinceMs: number;
  /** Rows up to this one were forgotten. */
  readonly forgottenId: number;
}

type TextContent = Extract<MessageContent, { kind: "text" }>;

/** A decrypted row. */
interface LineRow extends StoredMessage {
  readonly id: number;
  readonly direction: Direction;
  /** Whether the index has only its first words. */
  readonly isCut: boolean;
}

const LABEL = toUtf8("lair/1 message");
const AAD_TAIL_BYTES = 1 + 3 * 8;
const COLUMNS = "id, direction, seq, at_ms, opening, nonce, body, is_cut";
/** Ours: so many are read and decrypted before the first of them is deleted. */
const LINES_AT_ONCE = 8;
/** Ours: without their words, some 2 µs each. */
const ROWS_AT_ONCE = 200;
const ALL_COLUMNS = "id, direction, seq, at_ms, opening, nonce, body, peer, waits, kept, ttl_ms, expires_ms, is_cut";

// A waiting message of ours is never too old: it has not been sent yet.
const IS_VISIBLE = `peer = ? AND kept = 1 AND (
  waits = 1 AND direction = 0 OR waits = 0 AND at_ms >= ? AND (expires_ms IS NULL OR expires_ms > ?)) AND id > ?`;

/** The other lines, each part with its own index: usually there are none, and that check must be fast. */
const HIDDEN = `
  SELECT id FROM messages WHERE peer = ? AND waits = 1 AND direction = 1 AND kept = 1
  UNION ALL SELECT id FROM messages WHERE peer = ? AND kept = 1 AND waits = 0 AND at_ms < ?
  UNION ALL SELECT id FROM messages WHERE peer = ? AND expires_ms IS NOT NULL AND waits = 0 AND expires_ms <= ?
  UNION ALL SELECT id FROM messages WHERE peer = ? AND kept = 1 AND id <= ?`;

function hiddenOf(
  peer: PeerRow,
  { nowMs, sinceMs, forgottenId }: Horizon,
): { readonly sql: string; readonly values: readonly number[] } {
  return { sql: HIDDEN, values: [peer.id, peer.id, sinceMs, peer.id, nowMs, peer.id, forgottenId] };
}

export class MessageRows {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;
  readonly #words: WordIndex;
  readonly #read: (message: Uint8Array) => MessageContent;
  #nextId: number | undefined;

  /** `read` decodes the content of a row, when it is shown or its words are deleted. */
  constructor(
    connection: Connection,
    sealing: Sealing,
    storeId: Uint8Array,
    words: WordIndex,
    read: (message: Uint8Array) => MessageContent,
  ) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#storeId = storeId;
    this.#words = words;
    this.#read = read;
  }

  /** A message that waits from now on; a text is also a line of the history, if one is kept. */
  add(peer: PeerRow, direction: Direction, { seq, stamp, atMs, message, content }: NewMessage): void {
    const said = content?.kind === "text" ? content : undefined;
    const text = peer.retention === "off" ? undefined : said;
    const words = text === undefined ? undefined : indexedPart(text.text);
    const ttlMs = said?.ttlS === undefined ? null : said.ttlS * 1_000;
    this.#nextId ??= this.#lastId + 1;
    const id = this.#nextId++;
    const { generation, nonce, bytes } = this.#sealing.seal(
      this.#aad(peer, direction, id, seq, atMs),
      concat(stamp, message),
    );
    this.#connection.run(
      `INSERT INTO messages (${ALL_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)`,
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
      words === text?.text ? 0 : 1,
    );
    if (words !== undefined) this.#words.add(peer.id, id, words);
  }

  /** The messages that wait for an acknowledgement, in order. Throws LairError store-damaged if a number is missing. */
  outbox(peer: PeerRow): readonly StoredMessage[] {
    return this.#waiting(peer, "out", peer.next - peer.acknowledged, peer.acknowledged, peer.next);
  }

  /** The messages that wait to be shown, in order. Throws LairError store-damaged if their count is wrong. */
  inbox(peer: PeerRow): readonly StoredMessage[] {
    return this.#waiting(peer, "in", peer.unshown, peer.shown, peer.expected);
  }

  /**
   * Messages below `end` no longer wait: they are deleted if they are not kept or were forgotten since, and are history
   * otherwise. `atMs`: when ours were acknowledged. Returns how many.
   */
  settle(peer: PeerRow, direction: Direction, end: number, atMs: number): number {
    const which = "peer = ? AND direction = ? AND waits = 1 AND seq < ?";
    const values = [peer.id, direction === "out" ? 0 : 1, end] as const;
    const gone = this.#connection.run(
      `DELETE FROM messages WHERE ${which} AND (kept = 0 OR id <= ?)`,
      ...values,
      this.forgottenId(peer),
    );
    const kept = this.#connection.run(
      `UPDATE messages SET waits = 0, expires_ms = coalesce(expires_ms, ttl_ms + ?) WHERE ${which}`,
      atMs,
      ...values,
    );
    return gone + kept;
  }

  /** Renumbers the outbox from `first` on; each body is sealed again, because it is bound to its number. */
  renumber(peer: PeerRow, first: number): void {
    const lines = this.#waitingLines(peer, "out").map((line, index) => ({ ...line, newSeq: first + index }));
    // From the end that moves into free numbers, because no two may have the same number at once.
    if (lines.length > 0 && lines[0]!.newSeq > lines[0]!.seq) lines.reverse();
    for (const { id, stamp, atMs, message, newSeq } of lines) {
      const aad = this.#aad(peer, "out", id, newSeq, atMs);
      const { generation, nonce, bytes } = this.#sealing.seal(aad, concat(stamp, message));
      this.#connection.run(
        "UPDATE messages SET seq = ?, opening = ?, nonce = ?, body = ? WHERE id = ?",
        newSeq,
        generation,
        nonce,
        bytes,
        id,
      );
    }
  }

  /** The number of lines. */
  count(peer: PeerRow, horizon: Horizon): number {
    const { sql, values } = hiddenOf(peer, horizon);
    const kept = "SELECT count(*) FROM messages WHERE peer = ? AND kept = 1";
    return (
      this.#connection.number(`SELECT (${kept}) - (SELECT count(DISTINCT id) FROM (${sql}))`, peer.id, ...values) ?? 0
    );
  }

  /** The newest lines, oldest first. */
  newest(peer: PeerRow, count: number, { nowMs, sinceMs, forgottenId }: Horizon): readonly HistoryEntry[] {
    return this.#entries(peer, `${IS_VISIBLE} ORDER BY id DESC LIMIT ?`, peer.id, sinceMs, nowMs, forgottenId, count)
      .map(({ entry }) => entry)
      .toReversed();
  }

  /** At most `count` of the oldest lines after row `id`, and the row of the last of them. */
  after(
    peer: PeerRow,
    id: number,
    count: number,
    { nowMs, sinceMs, forgottenId }: Horizon,
  ): { readonly entries: readonly HistoryEntry[]; readonly lastId: number } {
    const found = this.#entries(
      peer,
      `${IS_VISIBLE} AND id > ? ORDER BY id LIMIT ?`,
      peer.id,
      sinceMs,
      nowMs,
      forgottenId,
      id,
      count,
    );
    return { entries: found.map(({ entry }) => entry), lastId: found.at(-1)?.id ?? id };
  }

  search(
    peer: PeerRow,
    words: string,
    limit: number,
    horizon: Horizon,
  ): { readonly entries: readonly HistoryEntry[]; readonly total: number } {
    const { ids, total } = this.#words.find(peer.id, words, limit, this.#visible(peer, horizon));
    const entries = ids
      .toReversed()
      .flatMap((id) => this.#entries(peer, "peer = ? AND kept = 1 AND id = ?", peer.id, id).map(({ entry }) => entry));
    return { entries, total };
  }

  /** The rows of the index that can be shown, as a condition on `rowid`; undefined: all of them. */
  #visible(peer: PeerRow, horizon: Horizon): { readonly sql: string; readonly values: readonly number[] } | undefined {
    const hidden = hiddenOf(peer, horizon);
    if (this.#connection.get(`${hidden.sql} LIMIT 1`, ...hidden.values) === undefined) return undefined;
    return { sql: `rowid NOT IN (${hidden.sql})`, values: hidden.values };
  }

  /**
   * Deletes lines that have disappeared or, for this peer, are too old, until `isOver`, which is called after each.
   * Returns whether any is left.
   */
  deletePast(peer: PeerRow, { nowMs, sinceMs }: Horizon, isOver: () => boolean): { count: number; isDone: boolean } {
    const expired = "peer = ? AND expires_ms IS NOT NULL AND waits = 0 AND expires_ms <= ? LIMIT ?";
    const old = "peer = ? AND kept = 1 AND waits = 0 AND at_ms < ? AND (expires_ms IS NULL OR expires_ms > ?) LIMIT ?";
    let count = 0;
    for (;;) {
      let lines = this.#lines(peer, expired, peer.id, nowMs, LINES_AT_ONCE);
      if (lines.length === 0) lines = this.#lines(peer, old, peer.id, sinceMs, nowMs, LINES_AT_ONCE);
      if (lines.length === 0) return { count, isDone: true };
      for (const line of lines) {
        this.#delete(peer, line);
        count += 1;
        if (isOver()) return { count, isDone: false };
      }
    }
  }

  #delete(peer: PeerRow, { id, message, isCut }: LineRow): void {
    const text = this.#textOf(message);
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
    const count = this.#connection.number(sql, peer.id, this.forgottenId(peer)) ?? 0;
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

  /** For a peer without messages. */
  deleteForgottenMark(peer: PeerRow): void {
    this.#connection.run("DELETE FROM forgotten WHERE peer = ?", peer.id);
  }

  #forgetAll(peer: PeerRow): void {
    // None of them is found any more, so none of these words is needed.
    this.#words.setApart(peer.id);
    this.#connection.run("INSERT OR REPLACE INTO forgotten (peer, last) VALUES (?, ?)", peer.id, this.#lastId);
  }

  /** The highest number of any row, including forgotten ones: none of these may be used again. */
  get #lastId(): number {
    const sql =
      "SELECT max((SELECT coalesce(max(id), 0) FROM messages), (SELECT coalesce(max(last), 0) FROM forgotten))";
    return this.#connection.number(sql) ?? 0;
  }

  /** The last forgotten row of this peer, 0 if there never was one. */
  forgottenId(peer: PeerRow): number {
    return this.#connection.number("SELECT last FROM forgotten WHERE peer = ?", peer.id) ?? 0;
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
    return this.#connection.get(sql, peer.id, this.forgottenId(peer)) !== undefined;
  }

  /** Deletes forgotten lines until `isOver`. Returns whether none is left. */
  deleteForgotten(peer: PeerRow, isOver: () => boolean): boolean {
    const which = "peer = ? AND kept = 1 AND waits = 0 AND id <= ?";
    const sql = `DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE ${which} ORDER BY id LIMIT ?)`;
    const last = this.forgottenId(peer);
    while (this.#connection.run(sql, peer.id, last, ROWS_AT_ONCE) > 0) {
      if (isOver()) return false;
    }
    return true;
  }

  /** Throws LairError store-damaged unless it is `count` messages, numbered from `first` to `end` - 1. */
  #waiting(peer: PeerRow, direction: Direction, count: number, first: number, end: number): readonly StoredMessage[] {
    const lines = this.#waitingLines(peer, direction);
    // No two have the same number, so there can be only `count` of them.
    if (lines.length !== count || lines.some(({ seq }) => seq < first || seq >= end)) {
      throw damagedStore(this.#connection.path, "lacks a message that should wait in it");
    }
    return lines.map(({ seq, stamp, atMs, message }) => ({ seq, stamp, atMs, message }));
  }

  #waitingLines(peer: PeerRow, direction: Direction): readonly LineRow[] {
    const which = "peer = ? AND direction = ? AND waits = 1 ORDER BY seq";
    return this.#lines(peer, which, peer.id, direction === "out" ? 0 : 1);
  }

  #lines(peer: PeerRow, where: string, ...values: number[]): readonly LineRow[] {
    const rows = this.#connection.all(`SELECT ${COLUMNS} FROM messages WHERE ${where}`, ...values);
    return rows.map((row) => this.#open(peer, row));
  }

  #entries(
    peer: PeerRow,
    where: string,
    ...values: number[]
  ): readonly { readonly id: number; readonly entry: HistoryEntry }[] {
    const rows = this.#connection.all(`SELECT ${COLUMNS}, waits, expires_ms FROM messages WHERE ${where}`, ...values);
    return rows.map((row) => {
      const { id, direction, seq, message } = this.#open(peer, row);
      const text = this.#textOf(message);
      if (text === undefined) throw damagedStore(this.#connection.path, "contains a line that is not text");
      const entry: HistoryEntry = {
        from: direction === "out" ? "you" : "peer",
        seq,
        atMs: text.atMs,
        text: text.text,
        isDelivered: direction === "in" || row.whole(8) === 0,
        expiresAtMs: row.wholeIfAny(9),
      };
      return { id, entry };
    });
  }

  #open(peer: PeerRow, row: Row): LineRow {
    const [id, seq, atMs] = [row.whole(0), row.whole(2), row.whole(3)];
    const direction = row.whole(1) === 0 ? "out" : "in";
    const sealed = { generation: row.whole(4), nonce: row.whole(5), bytes: row.bytes(6) };
    const content = this.#sealing.open(this.#aad(peer, direction, id, seq, atMs), sealed);
    return {
      id,
      direction,
      seq,
      stamp: content.slice(0, STAMP_BYTES),
      atMs,
      message: content.subarray(STAMP_BYTES),
      isCut: row.whole(7) === 1,
    };
  }

  #aad(peer: PeerRow, direction: Direction, id: number, seq: number, atMs: number): Uint8Array {
    const tail = new Uint8Array(AAD_TAIL_BYTES);
    const view = new DataView(tail.buffer);
    view.setUint8(0, direction === "out" ? 0 : 1);
    [id, seq, atMs].forEach((number, index) => view.setBigInt64(1 + 8 * index, BigInt(number)));
    return concat(LABEL, this.#storeId, peer.key, tail);
  }

  /** The message as a text; undefined for everything else. */
  #textOf(message: Uint8Array): TextContent | undefined {
    const content = this.#read(message);
    return content.kind === "text" ? content : undefined;
  }
}
