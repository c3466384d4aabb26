// The rows of the messages as they are read: the body of each is sealed, and bound to its store, peer, direction, row,
// number and time. What a row is there for is in waiting-rows.ts and history-rows.ts.

import { concat, toUtf8 } from "../../core/bytes.ts";
import { type MessageContent, type Route, STAMP_BYTES, type StoredMessage } from "../../core/delivery/store.ts";
import { LairError } from "../../core/errors.ts";
import { TAG_BYTES } from "../../core/noise/suite.ts";
import type { Connection } from "./connection.ts";
import type { PeerRow } from "./peer-rows.ts";
import type { Row } from "./row.ts";
import type { Sealed, Sealing } from "./sealing.ts";

export type Direction = "out" | "in";

type TextContent = Extract<MessageContent, { kind: "text" }>;

/** What the seal of a body covers beside its store and peer. */
interface BoundToBody {
  readonly direction: Direction;
  readonly id: number;
  readonly seq: number;
  readonly atMs: number;
  readonly route: Route | undefined;
}

/** A decrypted row. */
export interface MessageRow extends StoredMessage {
  readonly id: number;
  readonly direction: Direction;
  /** Whether the index has only its first words. */
  readonly isCut: boolean;
  /** Whether it is in the outbox or the inbox. */
  readonly waits: boolean;
  readonly expiresMs: number | undefined;
}

/** A row as far as its deletion needs it. */
export interface DueRow {
  readonly id: number;
  /** The length of its body. */
  readonly bytes: number;
  /** Undefined: the row is damaged, and nobody will read it again. */
  readonly message: Uint8Array | undefined;
  readonly isCut: boolean;
}

/** The stamp and the tag of the seal, which a body has beside its message. */
export const BODY_OVERHEAD_BYTES = STAMP_BYTES + TAG_BYTES;

const LABEL = toUtf8("lair/1 message");
const AAD_TAIL_BYTES = 1 + 3 * 8;
const AAD_ROUTE_BYTES = 2 * 8;
const COLUMNS = "id, direction, seq, at_ms, opening, nonce, body, is_cut, kind, stream, waits, expires_ms";

export class MessageRows {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;
  readonly #read: (message: Uint8Array) => MessageContent;

  /** `read` decodes the content of a row, when it is shown or its words are added or deleted. */
  constructor(
    connection: Connection,
    sealing: Sealing,
    storeId: Uint8Array,
    read: (message: Uint8Array) => MessageContent,
  ) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#storeId = storeId;
    this.#read = read;
  }

  /** The rows of a peer that `where` describes, decrypted. Throws LairError store-damaged. */
  all(peer: PeerRow, where: string, ...values: number[]): readonly MessageRow[] {
    const rows = this.#connection.all(`SELECT ${COLUMNS} FROM messages WHERE ${where}`, ...values);
    return rows.map((row) => this.#open(peer, row));
  }

  /** The same rows for their deletion, also those that are damaged. */
  due(peer: PeerRow, where: string, ...values: number[]): readonly DueRow[] {
    const rows = this.#connection.all(`SELECT ${COLUMNS} FROM messages WHERE ${where}`, ...values);
    return rows.map((row) => {
      const [id, bytes, isCut] = [row.whole(0), row.bytes(6).length, row.whole(7) === 1];
      return { id, bytes, isCut, message: this.#messageIfWhole(peer, row) };
    });
  }

  #messageIfWhole(peer: PeerRow, row: Row): Uint8Array | undefined {
    try {
      return this.#open(peer, row).message;
    } catch (error) {
      if (error instanceof LairError && error.code === "store-damaged") return undefined;
      throw error;
    }
  }

  /** The body of a row. */
  seal(peer: PeerRow, bound: BoundToBody, { stamp, message }: Pick<StoredMessage, "stamp" | "message">): Sealed {
    return this.#sealing.seal(this.#aad(peer, bound), concat(stamp, message));
  }

  /** The message as a text; undefined for everything else. */
  textOf(message: Uint8Array): TextContent | undefined {
    const content = this.#read(message);
    return content.kind === "text" ? content : undefined;
  }

  #open(peer: PeerRow, row: Row): MessageRow {
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
      waits: row.whole(10) === 1,
      expiresMs: row.wholeIfAny(11),
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
}
