// DATA (docs/PROTOCOL.md §7.2): a message, with what orders, identifies and routes it. Pure.
//   seq u64 ‖ stamp 12 ‖ kind u8 ‖ stream u16 ‖ message

import { readU16, readU64, writeU32 } from "../bytes.ts";
import { MAX_BODY_BYTES } from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { type Route, STAMP_BYTES, type StoredMessage } from "./store.ts";

const SEQUENCE_BYTES = 8;
const ROUTE_BYTES = 3;
/** The bytes of a DATA before its message. */
export const DATA_HEAD_BYTES = SEQUENCE_BYTES + STAMP_BYTES + ROUTE_BYTES;
/** The longest message that fits into a DATA after its head: 65,493 bytes. */
export const MAX_DELIVERED_BYTES = MAX_BODY_BYTES - DATA_HEAD_BYTES;

/** The kind of chat messages. They are the only ones on stream 0, and on no other. */
export const CHAT_KIND = 1;
const CHAT_STREAM = 0;
const MAX_KIND = 0xff;
const MAX_STREAM = 0xffff;

/** The body of a DATA before its message, {@link DATA_HEAD_BYTES} bytes. */
export function encodeDataHead({ seq, stamp, route }: Pick<StoredMessage, "seq" | "stamp" | "route">): Uint8Array {
  const head = new Uint8Array(DATA_HEAD_BYTES);
  writeU32(head, 0, Math.floor(seq / 2 ** 32));
  writeU32(head, 4, seq % 2 ** 32);
  head.set(stamp, SEQUENCE_BYTES);
  const [kind, stream] = route === undefined ? [CHAT_KIND, CHAT_STREAM] : [route.kind, route.stream];
  const routeAt = SEQUENCE_BYTES + STAMP_BYTES;
  head[routeAt] = kind;
  head[routeAt + 1] = stream >> 8;
  head[routeAt + 2] = stream;
  return head;
}

/** What a DATA carries. Stamp and message are views of the body: the store copies what it keeps. */
interface DecodedData {
  /** Not checked yet: any u64. */
  readonly seq: bigint;
  readonly stamp: Uint8Array;
  /** Undefined: a chat message on stream 0. Otherwise as it was sent, see {@link isRoute}. */
  readonly route: Route | undefined;
  readonly message: Uint8Array;
}

/** Throws LairError `record-malformed` for a body without the whole head. */
export function decodeData(body: Uint8Array): DecodedData {
  if (body.length < DATA_HEAD_BYTES)
    throw new LairError("record-malformed", "The other side sent a DATA that was cut short.");
  const routeAt = SEQUENCE_BYTES + STAMP_BYTES;
  const kind = body[routeAt]!;
  const stream = readU16(body, routeAt + 1);
  return {
    seq: readU64(body, 0),
    stamp: body.subarray(SEQUENCE_BYTES, routeAt),
    route: kind === CHAT_KIND && stream === CHAT_STREAM ? undefined : { kind, stream },
    message: body.subarray(DATA_HEAD_BYTES),
  };
}

/** Whether it is one that a message other than a chat message may have. */
export function isRoute({ kind, stream }: Route): boolean {
  const isWhole = Number.isInteger(kind) && Number.isInteger(stream);
  return isWhole && kind !== CHAT_KIND && kind >= 0 && kind <= MAX_KIND && stream > CHAT_STREAM && stream <= MAX_STREAM;
}
