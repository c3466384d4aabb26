// Records: what a transport plaintext is made of (docs/PROTOCOL.md §4, §5).
//   record = type u8 ‖ length u16 ‖ body;  after the last one nothing but zeros
// Knows their form, not their meaning; `channel.ts` says which may arrive when.

import { readU16 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { MAX_PLAINTEXT_BYTES, paddedLength } from "./padding.ts";

export const RECORD = {
  hello: 0x01,
  close: 0x02,
  ping: 0x03,
  pong: 0x04,
  rekeyInit: 0x10,
  rekeyReply: 0x11,
  rekeyDone: 0x12,
  data: 0x20,
  ack: 0x21,
  resume: 0x22,
  /** Of docs/HUB.md; only between two sides that have both said so in HELLO. */
  call: 0x30,
} as const;

/**
 * The records that end the frame in which they are sent. The key of their direction changes after a record of a rekey
 * (except INIT, which only starts the wait for the answer), and nothing follows a CLOSE.
 */
const LAST_OF_FRAME: ReadonlySet<number> = new Set([
  RECORD.close,
  RECORD.rekeyInit,
  RECORD.rekeyReply,
  RECORD.rekeyDone,
]);

/** Whether a sender puts nothing after a record of this type in a frame. */
export function endsFrame(type: number): boolean {
  return LAST_OF_FRAME.has(type);
}

/** From here on an unknown type is ignored, below it is fatal: reserved for extensions. */
export const FIRST_OPTIONAL_TYPE = 0x80;

/** One record: its type, and a body of at most {@link MAX_BODY_BYTES} bytes. */
export interface ChannelRecord {
  readonly type: number;
  readonly body: Uint8Array;
}

/** A record to be sent. Its body may begin with a head of its own, so that a message is copied once, into its frame. */
export interface OutgoingRecord extends ChannelRecord {
  readonly head?: Uint8Array;
}

const HEADER_BYTES = 3;
const PADDING = 0x00;

/** The longest body that fits into a frame: 65,516 bytes. */
export const MAX_BODY_BYTES = MAX_PLAINTEXT_BYTES - HEADER_BYTES;

/** The number of bytes that a record takes in a frame. */
export function recordLength({ head, body }: OutgoingRecord): number {
  return HEADER_BYTES + (head?.length ?? 0) + body.length;
}

/** Records and padding as one plaintext. Throws RangeError if they do not fit into 65,519 bytes. */
export function packRecords(records: readonly OutgoingRecord[]): Uint8Array {
  const plaintext = new Uint8Array(paddedLengthOf(records));
  writeRecords(records, plaintext);
  return plaintext;
}

/** All zeros but while a frame is sealed: an array of its own for each frame would take as long as its encryption. */
const plaintextOfFrame = new Uint8Array(MAX_PLAINTEXT_BYTES);

/**
 * What `seal` makes of the records and their padding as one plaintext. The plaintext is overwritten afterwards: `seal` keeps
 * no part of it, and packs no other. Throws RangeError if they do not fit into 65,519 bytes.
 */
export function sealRecords(
  records: readonly OutgoingRecord[],
  seal: (plaintext: Uint8Array) => Uint8Array,
): Uint8Array {
  const plaintext = plaintextOfFrame.subarray(0, paddedLengthOf(records));
  try {
    writeRecords(records, plaintext);
    return seal(plaintext);
  } finally {
    plaintext.fill(PADDING);
  }
}

function paddedLengthOf(records: readonly OutgoingRecord[]): number {
  let length = 0;
  for (const record of records) length += recordLength(record);
  return paddedLength(length);
}

/** `plaintext` is all zeros, and long enough. */
function writeRecords(records: readonly OutgoingRecord[], plaintext: Uint8Array): void {
  let offset = 0;
  for (const record of records) {
    const end = offset + recordLength(record);
    const bodyLength = end - offset - HEADER_BYTES;
    plaintext[offset] = record.type;
    plaintext[offset + 1] = bodyLength >> 8;
    plaintext[offset + 2] = bodyLength & 0xff;
    if (record.head !== undefined) plaintext.set(record.head, offset + HEADER_BYTES);
    plaintext.set(record.body, end - record.body.length);
    offset = end;
  }
}

/**
 * The records of a plaintext; bodies are views into it. Throws LairError `record-malformed` if a record is cut short or
 * if the padding contains anything but zeros.
 */
export function unpackRecords(plaintext: Uint8Array): ChannelRecord[] {
  const records: ChannelRecord[] = [];
  let offset = 0;
  while (offset < plaintext.length && plaintext[offset] !== PADDING) {
    if (plaintext.length - offset < HEADER_BYTES) throw malformed("a record is cut short");
    const end = offset + HEADER_BYTES + readU16(plaintext, offset + 1);
    if (end > plaintext.length) throw malformed("a record is longer than its frame");
    records.push({ type: plaintext[offset]!, body: plaintext.subarray(offset + HEADER_BYTES, end) });
    offset = end;
  }
  for (; offset < plaintext.length; offset++) {
    if (plaintext[offset] !== PADDING) throw malformed("the padding is not all zeros");
  }
  return records;
}

function malformed(reason: string): LairError {
  return new LairError("record-malformed", `The other side sent a frame that cannot be read: ${reason}.`);
}
