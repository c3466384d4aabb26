// The rows of receipts: calls with a key of their caller, and what they have said (`src/app/receipts.ts`). The call and the
// line are sealed, bound to the rest of the row.

import { concat, readU64, toUtf8, u64 } from "../../core/bytes.ts";
import { type KeptReceipt, MOST_RECEIPTS, RECEIPT_MS } from "../../app/receipts.ts";
import type { Connection } from "./connection.ts";
import type { Sealing } from "./sealing.ts";

const LABEL = toUtf8("lair/1 receipt");
const CALL_BYTES = 32;
const NUMBER_BYTES = 8;

export class ReceiptRows {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;

  constructor(connection: Connection, sealing: Sealing, storeId: Uint8Array) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#storeId = storeId;
  }

  /** Throws LairError store-damaged. */
  of(key: Uint8Array, nowMs: number): readonly KeptReceipt[] {
    const rows = this.#connection.all(
      "SELECT place, at_ms, opening, nonce, body FROM receipts WHERE key = ? AND at_ms > ? ORDER BY id",
      key,
      nowMs - RECEIPT_MS,
    );
    return rows.map((row) => {
      const [place, atMs] = [row.bytes(0), row.whole(1)];
      const sealed = { generation: row.whole(2), nonce: row.whole(3), bytes: row.bytes(4) };
      const content = this.#sealing.open(this.#aad(key, place, atMs), sealed);
      const line = content.slice(CALL_BYTES);
      return {
        key,
        call: content.slice(0, CALL_BYTES),
        atMs,
        place,
        line: line.length === NUMBER_BYTES ? Number(readU64(line, 0)) : line,
      };
    });
  }

  /** In the transaction that stores the line; what is too old, or too much, goes. */
  add({ key, call, atMs, place, line }: KeptReceipt): void {
    const content = concat(call, typeof line === "number" ? u64(BigInt(line)) : line);
    const { generation, nonce, bytes } = this.#sealing.seal(this.#aad(key, place, atMs), content);
    this.#connection.run(
      "INSERT OR REPLACE INTO receipts (key, place, at_ms, opening, nonce, body) VALUES (?, ?, ?, ?, ?, ?)",
      key,
      place,
      atMs,
      generation,
      nonce,
      bytes,
    );
    this.#connection.run("DELETE FROM receipts WHERE id <= (SELECT max(id) FROM receipts) - ?", MOST_RECEIPTS);
    this.deleteOld(atMs);
  }

  hasOld(nowMs: number): boolean {
    return this.#connection.number("SELECT 1 FROM receipts WHERE at_ms <= ? LIMIT 1", nowMs - RECEIPT_MS) === 1;
  }

  deleteOld(nowMs: number): void {
    this.#connection.run("DELETE FROM receipts WHERE at_ms <= ?", nowMs - RECEIPT_MS);
  }

  /** Of this person or room. */
  forget(place: Uint8Array): void {
    this.#connection.run("DELETE FROM receipts WHERE place = ?", place);
  }

  /** A garbled row may contain any number. */
  #aad(key: Uint8Array, place: Uint8Array, atMs: number): Uint8Array {
    return concat(LABEL, this.#storeId, key, place, u64(BigInt.asUintN(64, BigInt(atMs))));
  }
}
