// The rows of the lives of a peer's program: how much of each has arrived. Sealed, because a count changed from outside
// would silently drop messages.

import { concat, readU64, toHex, toUtf8, u64 } from "../../core/bytes.ts";
import { splitStamp } from "../../core/delivery/stamp.ts";
import { type Change, MAX_LIVES, type StoredLife } from "../../core/delivery/store.ts";
import type { Connection } from "./connection.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { Sealing } from "./sealing.ts";

const LABEL = toUtf8("lair/1 life");

export class LifeRows {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;

  constructor(connection: Connection, sealing: Sealing, storeId: Uint8Array) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#storeId = storeId;
  }

  /** Throws LairError store-damaged. */
  all(peer: PeerRow): readonly StoredLife[] {
    const rows = this.#connection.all("SELECT life, last_seq, opening, nonce, body FROM lives WHERE peer = ?", peer.id);
    return rows.map((row) => {
      const [life, lastSeq] = [row.bytes(0), row.whole(1)];
      const sealed = { generation: row.whole(2), nonce: row.whole(3), bytes: row.bytes(4) };
      const content = this.#sealing.open(this.#aad(peer, life, lastSeq), sealed);
      return { life, count: Number(readU64(content, 0)), lastSeq };
    });
  }

  /** The arrivals among the changes, written once for each life: its last arrival says everything. */
  note(peer: PeerRow, changes: readonly Change[]): void {
    const lives = new Map<string, StoredLife>();
    for (const change of changes) {
      if (change.type === "begun-anew") {
        for (const life of [...this.all(peer), ...lives.values()]) this.#save(peer, { ...life, lastSeq: -1 });
        lives.clear();
      }
      if (change.type !== "arrived" && change.type !== "ignored") continue;
      const { life, index } = splitStamp(change.stamp);
      lives.set(toHex(life), { life, count: index + 1, lastSeq: change.seq });
    }
    for (const life of lives.values()) this.#save(peer, life);
  }

  delete(peer: PeerRow): void {
    this.#connection.run("DELETE FROM lives WHERE peer = ?", peer.id);
  }

  #save(peer: PeerRow, { life, count, lastSeq }: StoredLife): void {
    const { generation, nonce, bytes } = this.#sealing.seal(this.#aad(peer, life, lastSeq), u64(BigInt(count)));
    const values = [lastSeq, generation, nonce, bytes, peer.id, life];
    const isThere =
      this.#connection.run(
        "UPDATE lives SET (last_seq, opening, nonce, body) = (?, ?, ?, ?) WHERE peer = ? AND life = ?",
        ...values,
      ) > 0;
    if (isThere) return;
    this.#connection.run(
      "INSERT INTO lives (last_seq, opening, nonce, body, peer, life) VALUES (?, ?, ?, ?, ?, ?)",
      ...values,
    );
    this.#connection.run(
      `DELETE FROM lives WHERE peer = ? AND life IN (
        SELECT life FROM lives WHERE peer = ? ORDER BY last_seq DESC, life LIMIT -1 OFFSET ?)`,
      peer.id,
      peer.id,
      MAX_LIVES,
    );
  }

  /** A garbled row may contain a negative number. */
  #aad(peer: PeerRow, life: Uint8Array, lastSeq: number): Uint8Array {
    return concat(LABEL, this.#storeId, peer.key, life, u64(BigInt.asUintN(64, BigInt(lastSeq))));
  }
}
