// Messages that wait, and will not be lines of the history: as many as a commit has are one row, sealed once. Their numbers
// follow each other. A row stays until none of its messages waits any more, so the cursors of the peer say which of them do.
// Bound to its store, peer, direction and numbers, and to the heads, which say what is in the body:
//
//   heads: of each message  at u64 ‖ length u32 ‖ kind u8 ‖ stream u16         body: of each message  stamp 12 ‖ message

import { concat, toUtf8 } from "../../core/bytes.ts";
import { CHAT_KIND } from "../../core/delivery/data.ts";
import { STAMP_BYTES, type StoredMessage } from "../../core/delivery/store.ts";
import type { Connection } from "./connection.ts";
import type { Direction } from "./message-rows.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { Row } from "./row.ts";
import type { Sealing } from "./sealing.ts";
import { damagedStore } from "./store-error.ts";

/** A message that waits in a batch, without its bytes. */
export interface BatchedHead {
  readonly seq: number;
  readonly atMs: number;
  /** The length of the message. */
  readonly bytes: number;
  readonly kind: number;
  readonly stream: number;
}

/** A row, opened. */
interface Batch {
  readonly first: number;
  readonly messages: readonly StoredMessage[];
}

/** Ours: a row is read, sealed again and deleted as a whole. When it has so much, another one begins. */
const ROW_BYTES = 64 * 1_024;
const HEAD_BYTES = 8 + 4 + 1 + 2;
const BESIDE_BYTES = HEAD_BYTES + STAMP_BYTES;
const LABEL = toUtf8("lair/1 batch");
const AAD_NUMBERS_BYTES = 1 + 8;
/** Ours: so many rows are deleted before it is asked whether the step is over. */
const ROWS_AT_ONCE = 16;

const COLUMNS = "first, heads, opening, nonce, body";
const OF_PEER = "peer = ? AND direction = ?";

export class BatchRows {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;

  constructor(connection: Connection, sealing: Sealing, storeId: Uint8Array) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#storeId = storeId;
  }

  /** Messages with ascending numbers, in as few rows as can be. */
  add(peer: PeerRow, direction: Direction, messages: readonly StoredMessage[]): void {
    let [start, bytes] = [0, 0];
    for (const [index, { seq, message }] of messages.entries()) {
      const isNext = index === 0 || seq === messages[index - 1]!.seq + 1;
      if (!isNext || bytes >= ROW_BYTES) {
        this.#insert(peer, direction, messages.slice(start, index));
        [start, bytes] = [index, 0];
      }
      bytes += BESIDE_BYTES + message.length;
    }
    if (start < messages.length) this.#insert(peer, direction, messages.slice(start));
  }

  /** All that the rows have, also what does not wait any more, in order; not verified. */
  heads(peer: PeerRow, direction: Direction): readonly BatchedHead[] {
    const sql = `SELECT first, heads FROM batches WHERE ${OF_PEER} ORDER BY first`;
    return this.#connection.all(sql, peer.id, numberOf(direction)).flatMap((row) => this.#readHeads(row));
  }

  /**
   * The messages from number `from` on, in order: all of them, or as many rows as have more than `maxBytes` bytes together.
   * Throws LairError store-damaged.
   */
  read(
    peer: PeerRow,
    direction: Direction,
    from: number,
    maxBytes = Number.POSITIVE_INFINITY,
  ): readonly StoredMessage[] {
    const read: StoredMessage[] = [];
    let bytes = 0;
    for (let first = this.#rowOf(peer, direction, from); bytes <= maxBytes;) {
      const batch = this.#next(peer, direction, first);
      if (batch === undefined) break;
      for (const message of batch.messages) {
        if (message.seq < from) continue;
        read.push(message);
        bytes += message.message.length;
      }
      first = batch.first + 1;
    }
    return read;
  }

  /** Deletes the rows of which nothing from `end` on waits. Returns how many messages those of the inbox had. */
  settle(peer: PeerRow, direction: Direction, end: number): number {
    const which = `${OF_PEER} AND first < ? AND last < ?`;
    const values = [peer.id, numberOf(direction), end, end] as const;
    // Ours are not counted.
    const sql = `SELECT coalesce(sum(last - first + 1), 0) FROM batches WHERE ${which}`;
    const count = direction === "out" ? 0 : (this.#connection.number(sql, ...values) ?? 0);
    this.#connection.run(`DELETE FROM batches WHERE ${which}`, ...values);
    return count;
  }

  /** Whether messages below `end` share a row with others. */
  isTrimmable(peer: PeerRow, direction: Direction, end: number): boolean {
    const sql = `SELECT 1 FROM batches WHERE ${OF_PEER} AND first < ? AND last >= ?`;
    return this.#connection.get(sql, peer.id, numberOf(direction), end, end) !== undefined;
  }

  /** Takes those messages out of that row. Returns how many they were. */
  trim(peer: PeerRow, direction: Direction, end: number): number {
    const batch = this.#next(peer, direction, this.#rowOf(peer, direction, end));
    const gone = batch?.messages.filter(({ seq }) => seq < end).length ?? 0;
    if (batch === undefined || gone === 0) return 0;
    this.#delete(peer, direction, batch);
    this.#insert(peer, direction, batch.messages.slice(gone));
    return gone;
  }

  /** Gives the messages from number `from` on, which begin a row, numbers that are higher by `by`. One row is in memory at a time. */
  renumber(peer: PeerRow, direction: Direction, from: number, by: number): void {
    // From the end that moves into free numbers, because no two rows may begin with the same number at once.
    const [order, isBeyond] = by > 0 ? ["DESC", "first < ?"] : ["ASC", "first > ?"];
    const sql = `SELECT ${COLUMNS} FROM batches WHERE ${OF_PEER} AND first >= ? AND ${isBeyond} ORDER BY first ${order} LIMIT 1`;
    for (let last = by > 0 ? Number.MAX_SAFE_INTEGER : -1; ;) {
      const row = this.#connection.get(sql, peer.id, numberOf(direction), from, last);
      if (row === undefined) return;
      const batch = this.#open(peer, direction, row);
      const moved = batch.messages.map((message) => ({ ...message, seq: message.seq + by }));
      this.#delete(peer, direction, batch);
      this.#insert(peer, direction, moved);
      last = batch.first;
    }
  }

  /** Deletes every row of a peer, until `isOver`. Returns whether none is left. */
  deleteAll(peer: PeerRow, isOver: () => boolean): boolean {
    const some = "SELECT direction, first FROM batches WHERE peer = ? LIMIT ?";
    const sql = `DELETE FROM batches WHERE peer = ? AND (direction, first) IN (${some})`;
    while (this.#connection.run(sql, peer.id, peer.id, ROWS_AT_ONCE) > 0) if (isOver()) return false;
    return true;
  }

  hasAny(peer: PeerRow): boolean {
    return this.#connection.get("SELECT 1 FROM batches WHERE peer = ? LIMIT 1", peer.id) !== undefined;
  }

  /** The first number of the last row that begins at `from` or before it; otherwise `from`. */
  #rowOf(peer: PeerRow, direction: Direction, from: number): number {
    const sql = `SELECT max(first) FROM batches WHERE ${OF_PEER} AND first <= ?`;
    return this.#connection.number(sql, peer.id, numberOf(direction), from) ?? from;
  }

  /** The first row that begins at `first` or after it. */
  #next(peer: PeerRow, direction: Direction, first: number): Batch | undefined {
    const sql = `SELECT ${COLUMNS} FROM batches WHERE ${OF_PEER} AND first >= ? ORDER BY first LIMIT 1`;
    const row = this.#connection.get(sql, peer.id, numberOf(direction), first);
    return row && this.#open(peer, direction, row);
  }

  #insert(peer: PeerRow, direction: Direction, messages: readonly StoredMessage[]): void {
    const first = messages[0]!.seq;
    const heads = encodeHeads(messages);
    const content = concat(...messages.flatMap(({ stamp, message }) => [stamp, message]));
    const { generation, nonce, bytes } = this.#sealing.seal(this.#aad(peer, direction, first, heads), content);
    this.#connection.run(
      "INSERT INTO batches (peer, direction, first, last, heads, opening, nonce, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      peer.id,
      numberOf(direction),
      first,
      first + messages.length - 1,
      heads,
      generation,
      nonce,
      bytes,
    );
  }

  #delete(peer: PeerRow, direction: Direction, { first }: Batch): void {
    this.#connection.run(`DELETE FROM batches WHERE ${OF_PEER} AND first = ?`, peer.id, numberOf(direction), first);
  }

  #open(peer: PeerRow, direction: Direction, row: Row): Batch {
    const heads = this.#readHeads(row);
    const first = row.whole(0);
    const sealed = { generation: row.whole(2), nonce: row.whole(3), bytes: row.bytes(4) };
    const content = this.#sealing.open(this.#aad(peer, direction, first, row.bytes(1)), sealed);
    let offset = 0;
    const messages = heads.map(({ seq, atMs, bytes, kind, stream }) => {
      const start = offset + STAMP_BYTES;
      const stored = {
        seq,
        stamp: content.slice(offset, start),
        atMs,
        message: content.subarray(start, start + bytes),
      };
      offset = start + bytes;
      return kind === CHAT_KIND ? stored : { ...stored, route: { kind, stream } };
    });
    if (offset !== content.length) throw this.#garbled();
    return { first, messages };
  }

  #readHeads(row: Row): readonly BatchedHead[] {
    const [first, bytes] = [row.whole(0), row.bytes(1)];
    if (bytes.length === 0 || bytes.length % HEAD_BYTES !== 0) throw this.#garbled();
    return decodeHeads(first, bytes);
  }

  #garbled(): Error {
    return damagedStore(this.#connection.path, "contains a row that is garbled");
  }

  #aad(peer: PeerRow, direction: Direction, first: number, heads: Uint8Array): Uint8Array {
    const numbers = new Uint8Array(AAD_NUMBERS_BYTES);
    const view = new DataView(numbers.buffer);
    view.setUint8(0, numberOf(direction));
    view.setBigInt64(1, BigInt(first));
    return concat(LABEL, this.#storeId, peer.key, numbers, heads);
  }
}

function numberOf(direction: Direction): number {
  return direction === "out" ? 0 : 1;
}

function encodeHeads(messages: readonly StoredMessage[]): Uint8Array {
  const heads = new Uint8Array(messages.length * HEAD_BYTES);
  const view = new DataView(heads.buffer);
  for (const [index, { atMs, message, route }] of messages.entries()) {
    const offset = index * HEAD_BYTES;
    view.setUint32(offset, Math.floor(atMs / 2 ** 32));
    view.setUint32(offset + 4, atMs >>> 0);
    view.setUint32(offset + 8, message.length);
    view.setUint8(offset + 12, route?.kind ?? CHAT_KIND);
    view.setUint16(offset + 13, route?.stream ?? 0);
  }
  return heads;
}

function decodeHeads(first: number, heads: Uint8Array): readonly BatchedHead[] {
  const view = new DataView(heads.buffer, heads.byteOffset, heads.length);
  return Array.from({ length: heads.length / HEAD_BYTES }, (_, index) => {
    const offset = index * HEAD_BYTES;
    return {
      seq: first + index,
      atMs: view.getUint32(offset) * 2 ** 32 + view.getUint32(offset + 4),
      bytes: view.getUint32(offset + 8),
      kind: view.getUint8(offset + 12),
      stream: view.getUint16(offset + 13),
    };
  });
}
