// The rows of the messages: those that wait in the outbox or the inbox, and those of the history. Each body is sealed
// and bound to its store, peer, direction, row, number and time.

import { concat, toUtf8 } from "../../core/bytes.ts";
import { type HistoryEntry, MOST_COUNTED } from "../../core/chat/history.ts";
import {
  type MessageContent,
  type NewMessage,
  type Route,
  STAMP_BYTES,
  type StoredMessage,
  type WaitingMessage,
} from "../../core/delivery/store.ts";
import type { LairError } from "../../core/errors.ts";
import { TAG_BYTES } from "../../core/noise/suite.ts";
import type { Connection } from "./connection.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { Row } from "./row.ts";
import type { Sealing } from "./sealing.ts";
import { damagedStore } from "./store-error.ts";
import { indexedPart, matcherOf, type WordIndex } from "./word-index.ts";

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

/** With the peer and the first number. */
const IS_WAITING_OUT = "peer = ? AND direction = 0 AND waits = 1 AND seq >= ?";

function toStored({ seq, stamp, atMs, message, route }: LineRow): StoredMessage {
  const stored = { seq, stamp, atMs, message };
  return route === undefined ? stored : { ...stored, route };
}

/** What the seal of a body covers beside its store and peer. */
interface BoundToBody {
  readonly direction: Direction;
  readonly id: number;
  readonly seq: number;
  readonly atMs: number;
  readonly route: Route | undefined;
}

/** A decrypted row. */
interface LineRow extends StoredMessage {
  readonly id: number;
  readonly direction: Direction;
  /** Whether the index has only its first words. */
  readonly isCut: boolean;
}

const LABEL = toUtf8("lair/1 message");
const AAD_TAIL_BYTES = 1 + 3 * 8;
const AAD_ROUTE_BYTES = 2 * 8;
const COLUMNS = "id, direction, seq, at_ms, opening, nonce, body, is_cut, kind, stream";
/** The stamp and the tag of the seal. */
const BODY_OVERHEAD_BYTES = STAMP_BYTES + TAG_BYTES;
/** Ours: messages of the outbox. */
const MOST_READ_AT_ONCE = 1_000;
/** Ours: so many are read and decrypted before the first of them is deleted or renumbered. */
const LINES_AT_ONCE = 8;
/** Ours: some 20 µs each. */
const LINES_SCANNED_AT_ONCE = 200;
/** Ours: without their words, some 2 µs each. */
const ROWS_AT_ONCE = 200;
const ALL_COLUMNS = `id, direction, seq, at_ms, opening, nonce, body, peer, waits, kept, ttl_ms, expires_ms, is_cut, kind,
  stream`;

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
  add(peer: PeerRow, direction: Direction, { seq, stamp, atMs, message, content, route }: NewMessage): void {
    const said = content?.kind === "text" ? content : undefined;
    const text = peer.retention === "off" ? undefined : said;
    const ttlMs = said?.ttlS === undefined ? null : said.ttlS * 1_000;
    this.#nextId ??= this.#lastId + 1;
    const id = this.#nextId++;
    const { generation, nonce, bytes } = this.#sealing.seal(
      this.#aad(peer, { direction, id, seq, atMs, route }),
      concat(stamp, message),
    );
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
    const lines = this.#lines(peer, `${IS_WAITING_OUT} ORDER BY seq LIMIT ?`, peer.id, from, count);
    const isEmpty = lines.length === 0 && from < peer.next;
    if (isEmpty || lines.some(({ seq }, index) => seq !== from + index)) throw this.#lacksMessage();
    return lines.map(toStored);
  }

  /**
   * The messages that wait to be shown, in order. Throws LairError store-damaged if their count is wrong, or if they are
   * not between the cursors.
   */
  inbox(peer: PeerRow): readonly StoredMessage[] {
    const lines = this.#lines(peer, "peer = ? AND direction = 1 AND waits = 1 ORDER BY seq", peer.id);
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
      const lines = this.#lines(peer, which, peer.id, last, LINES_AT_ONCE);
      for (const line of lines) this.#renumberLine(peer, line, line.seq - oldest + first);
      if (lines.length < LINES_AT_ONCE) return;
      last = lines.at(-1)!.seq;
    }
  }

  #renumberLine(peer: PeerRow, { id, stamp, atMs, message, route }: LineRow, seq: number): void {
    const aad = this.#aad(peer, { direction: "out", id, seq, atMs, route });
    const { generation, nonce, bytes } = this.#sealing.seal(aad, concat(stamp, message));
    const sql = "UPDATE messages SET seq = ?, opening = ?, nonce = ?, body = ? WHERE id = ?";
    this.#connection.run(sql, seq, generation, nonce, bytes, id);
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
    const indexed = this.#words.find(peer.id, words, limit, this.#visible(peer, horizon));
    const rest = this.#scan(peer, words, limit, horizon);
    const entries = indexed.ids
      .slice(0, limit - rest.entries.length)
      .toReversed()
      .flatMap((id) => this.#entries(peer, "peer = ? AND kept = 1 AND id = ?", peer.id, id).map(({ entry }) => entry));
    return {
      entries: [...entries, ...rest.entries],
      total: Math.min(indexed.total + rest.total, MOST_COUNTED + 1),
    };
  }

  /** The same among the lines that are not in the index yet, which are newer than all others. */
  #scan(
    peer: PeerRow,
    words: string,
    limit: number,
    horizon: Horizon,
  ): { readonly entries: readonly HistoryEntry[]; readonly total: number } {
    const found: HistoryEntry[] = [];
    const matches = matcherOf(words);
    if (matches === undefined) return { entries: [], total: 0 };
    let total = 0;
    for (let id = this.#indexedId(peer); total <= MOST_COUNTED;) {
      const { entries, lastId } = this.after(peer, id, LINES_SCANNED_AT_ONCE, horizon);
      if (entries.length === 0) break;
      for (const entry of entries.filter(({ text }) => matches(text))) {
        total += 1;
        if (found.push(entry) > limit) found.shift();
      }
      id = lastId;
    }
    return { entries: found, total };
  }

  /** Lines up to this one are in the index of words, unless they were forgotten. */
  #indexedId(peer: PeerRow): number {
    const last = this.#connection.number("SELECT last FROM indexed WHERE peer = ?", peer.id) ?? 0;
    return Math.max(last, this.forgottenId(peer));
  }

  /** Whether lines of this peer are not in the index of words yet. */
  hasUnindexed(peer: PeerRow): boolean {
    const sql = "SELECT id FROM messages WHERE peer = ? AND kept = 1 AND id > ? LIMIT 1";
    return this.#connection.get(sql, peer.id, this.#indexedId(peer)) !== undefined;
  }

  /** Adds the words of the next lines to the index until `isOver`, which is called after each. Returns whether all are in. */
  indexWords(peer: PeerRow, isOver: () => boolean): boolean {
    for (;;) {
      const where = "peer = ? AND kept = 1 AND id > ? ORDER BY id LIMIT ?";
      const lines = this.#lines(peer, where, peer.id, this.#indexedId(peer), LINES_AT_ONCE);
      if (lines.length === 0) return true;
      for (const { id, message } of lines) {
        this.#indexLine(peer, id, message);
        if (isOver()) return false;
      }
    }
  }

  #indexLine(peer: PeerRow, id: number, message: Uint8Array): void {
    const text = this.#textOf(message);
    if (text !== undefined) {
      const words = indexedPart(text.text);
      this.#words.add(peer.id, id, words);
      if (words !== text.text) this.#connection.run("UPDATE messages SET is_cut = 1 WHERE id = ?", id);
    }
    this.#connection.run("INSERT OR REPLACE INTO indexed (peer, last) VALUES (?, ?)", peer.id, id);
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
    const indexedId = this.#indexedId(peer);
    let count = 0;
    for (;;) {
      let lines = this.#lines(peer, expired, peer.id, nowMs, LINES_AT_ONCE);
      if (lines.length === 0) lines = this.#lines(peer, old, peer.id, sinceMs, nowMs, LINES_AT_ONCE);
      if (lines.length === 0) return { count, isDone: true };
      for (const line of lines) {
        this.#delete(peer, line, indexedId);
        count += 1;
        if (isOver()) return { count, isDone: false };
      }
    }
  }

  #delete(peer: PeerRow, { id, message, isCut }: LineRow, indexedId: number): void {
    const text = id > indexedId ? undefined : this.#textOf(message);
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
  deleteMarks(peer: PeerRow): void {
    this.#connection.run("DELETE FROM forgotten WHERE peer = ?", peer.id);
    this.#connection.run("DELETE FROM indexed WHERE peer = ?", peer.id);
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
        isDelivered: direction === "in" || row.whole(10) === 0,
        expiresAtMs: row.wholeIfAny(11),
      };
      return { id, entry };
    });
  }

  #open(peer: PeerRow, row: Row): LineRow {
    const [id, seq, atMs] = [row.whole(0), row.whole(2), row.whole(3)];
    const direction = row.whole(1) === 0 ? "out" : "in";
    const sealed = { generation: row.whole(4), nonce: row.whole(5), bytes: row.bytes(6) };
    const [kind, stream] = [row.wholeIfAny(8), row.wholeIfAny(9)];
    const route = kind === undefined || stream === undefined ? undefined : { kind, stream };
    const content = this.#sealing.open(this.#aad(peer, { direction, id, seq, atMs, route }), sealed);
    return {
      id,
      direction,
      seq,
      stamp: content.slice(0, STAMP_BYTES),
      atMs,
      message: content.subarray(STAMP_BYTES),
      isCut: row.whole(7) === 1,
      ...(route === undefined ? {} : { route }),
    };
  }

  /** A garbled row may contain any numbers. */
  #aad(peer: PeerRow, { direction, id, seq, atMs, route }: BoundToBody): Uint8Array {
    // Without a route as in earlier versions, whose rows are read as they are.
    const tail = new Uint8Array(AAD_TAIL_BYTES + (route === undefined ? 0 : AAD_ROUTE_BYTES));
    const view = new DataView(tail.buffer);
    view.setUint8(0, direction === "out" ? 0 : 1);
    [id, seq, atMs].forEach((number, index) => view.setBigInt64(1 + 8 * index, BigInt(number)));
    if (route !== undefined) {
      view.setBigInt64(AAD_TAIL_BYTES, BigInt(route.kind));
      view.setBigInt64(AAD_TAIL_BYTES + 8, BigInt(route.stream));
    }
    return concat(LABEL, this.#storeId, peer.key, tail);
  }

  /** The message as a text; undefined for everything else. */
  #textOf(message: Uint8Array): TextContent | undefined {
    const content = this.#read(message);
    return content.kind === "text" ? content : undefined;
  }
}
