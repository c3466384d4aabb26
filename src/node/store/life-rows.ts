// The rows of the lives of a peer's program: how much of each has arrived. Sealed, since a count changed from outside would
// drop messages in silence.

import { concat, toUtf8 } from "../../core/bytes.ts";
import { splitStamp } from "../../core/delivery/stamp.ts";
import type { Change, StoredLife } from "../../core/delivery/store.ts";
import type { Connection } from "./connection.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { Sealing } from "./sealing.ts";

const LABEL = toUtf8("lair/1 life");
const CONTENT_BYTES = 16;

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
    const rows = this.#connection.all("SELECT life, opening, nonce, body FROM lives WHERE peer = ?", peer.id);
    return rows.map((row) => {
      const life = row.bytes(0);
      const sealed = { opening: row.whole(1), nonce: row.whole(2), bytes: row.bytes(3) };
      const content = this.#sealing.open(this.#place(peer, life), sealed);
      const view = new DataView(content.buffer, content.byteOffset, content.length);
      return { life, count: Number(view.getBigUint64(0)), lastSeq: Number(view.getBigUint64(8)) };
    });
  }

  /** Of everything among the changes that has arrived: once for each life. */
  note(peer: PeerRow, changes: readonly Change[]): void {
    // A life ends where the next begins, and within one the last arrival says all.
    const arrived = changes.flatMap((change) => (change.type === "arrived" ? [change] : []));
    arrived.forEach(({ stamp, seq }, at) => {
      const { life, index } = splitStamp(stamp);
      const next = arrived[at + 1];
      const isLast = next === undefined || splitStamp(next.stamp).life.some((byte, place) => byte !== life[place]);
      if (isLast) this.#save(peer, { life, count: index + 1, lastSeq: seq });
    });
  }

  #save(peer: PeerRow, { life, count, lastSeq }: StoredLife): void {
    const content = new Uint8Array(CONTENT_BYTES);
    const view = new DataView(content.buffer);
    view.setBigUint64(0, BigInt(count));
    view.setBigUint64(8, BigInt(lastSeq));
    const { opening, nonce, bytes } = this.#sealing.seal(this.#place(peer, life), content);
    this.#connection.run(
      "INSERT OR REPLACE INTO lives (peer, life, opening, nonce, body) VALUES (?, ?, ?, ?, ?)",
      peer.id,
      life,
      opening,
      nonce,
      bytes,
    );
  }

  #place(peer: PeerRow, life: Uint8Array): Uint8Array {
    return concat(LABEL, this.#storeId, peer.key, life);
  }
}
