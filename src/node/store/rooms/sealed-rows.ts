// The sealed contents of the rows of rooms: each is bound to its store, to what kind of row it is, and to the columns that say
// where it belongs.

import { concat, erase, fromUtf8, toUtf8, u32, u64 } from "../../../core/bytes.ts";
import type { Row } from "../row.ts";
import type { SharedFile } from "../sql-store.ts";
import { damagedStore } from "../store-error.ts";
import type { Codec } from "./record-codec.ts";

/** The kinds of rows. */
type Kind = "room" | "part" | "line" | "outgoing" | "notice" | "package" | "person" | "settings";
/** The values of columns, of the same number and kinds for each kind of row. */
type Bound = readonly (Uint8Array | number)[];
/** The columns opening, nonce and body. */
export type SealedColumns = readonly [generation: number, nonce: number, bytes: Uint8Array];

export class SealedRows {
  readonly #file: SharedFile;

  constructor(file: SharedFile) {
    this.#file = file;
  }

  seal(kind: Kind, bound: Bound, content: Uint8Array): SealedColumns {
    const { generation, nonce, bytes } = this.#file.sealing.seal(this.#aad(kind, bound), content);
    return [generation, nonce, bytes];
  }

  /** `at`: the column of the key generation, before nonce and body. Throws LairError store-damaged. */
  open(kind: Kind, bound: Bound, row: Row, at: number): Uint8Array {
    const sealed = { generation: row.whole(at), nonce: row.whole(at + 1), bytes: row.bytes(at + 2) };
    return this.#file.sealing.open(this.#aad(kind, bound), sealed);
  }

  sealRecord<Value>(kind: Kind, bound: Bound, codec: Codec<Value>, value: Value): SealedColumns {
    const bytes = toUtf8(JSON.stringify(codec.encode(value)));
    try {
      return this.seal(kind, bound, bytes);
    } finally {
      erase(bytes);
    }
  }

  /** As {@link open}. */
  openRecord<Value>(kind: Kind, bound: Bound, codec: Codec<Value>, row: Row, at: number): Value {
    return this.decode(codec, this.open(kind, bound, row, at));
  }

  /** A record that was opened; its bytes are erased. Throws LairError store-damaged. */
  decode<Value>(codec: Codec<Value>, bytes: Uint8Array): Value {
    try {
      return codec.decode(JSON.parse(fromUtf8(bytes) ?? ""));
    } catch {
      // Not with the parser's error: it quotes the text, and so perhaps a secret.
      return this.refuse();
    } finally {
      erase(bytes);
    }
  }

  /** Throws LairError store-damaged. */
  refuse(): never {
    throw damagedStore(this.#file.connection.path, "contains rows of rooms that do not belong together");
  }

  /** A garbled row may contain any numbers. */
  #aad(kind: Kind, bound: Bound): Uint8Array {
    const values = bound.map((value) =>
      typeof value === "number" ? u64(BigInt.asUintN(64, BigInt(value))) : concat(u32(value.length), value),
    );
    return concat(toUtf8(`lair/1 room ${kind}`), this.#file.id, ...values);
  }
}
