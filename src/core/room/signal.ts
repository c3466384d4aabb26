// What is told to those of a room who are there now, and stored nowhere: that somebody types, or what she has read
// (docs/ROOMS.md §6). It does not use up keys of MLS, which must be stored before they are used: it is sealed under a key of
// the epoch's exporter, one for each sender, with a random nonce.
//
//   epoch u64 ‖ nonce 12 ‖ AES-256-GCM(key, nonce, room ‖ sender, message)
//
// All members of the epoch have that key, so one could write in the name of another; the hub says who has sent it.

import { concat, readU64, u64 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { type CipherSuite, KEY_BYTES, type RandomSource, TAG_BYTES } from "../noise/suite.ts";
import { decodeRoomMessage, encodeRoomMessage, type RoomSignal } from "./room-message.ts";

/** The exporter's label (RFC 9420, §8.5); its context is the sender's X25519 key. */
export const SIGNAL_LABEL = "lair/1 signal";
const NONCE_BYTES = 12;
const HEAD_BYTES = 8 + NONCE_BYTES;
/** Ours: all signals have one length. */
const MESSAGE_BYTES = 192;
const BLANK = 0x20;

/** What a signal is sealed with. */
export interface SignalKey {
  /** 16 bytes. */
  readonly room: Uint8Array;
  /** The sender's X25519 key, 32 bytes. */
  readonly sender: Uint8Array;
  /** Of the exporter, 32 bytes. */
  readonly key: Uint8Array;
}

/** Seals a signal of this epoch. */
export function sealSignal(
  { cipher }: CipherSuite,
  random: RandomSource,
  { room, sender, key }: SignalKey,
  epoch: number,
  signal: RoomSignal,
): Uint8Array {
  if (key.length !== KEY_BYTES) throw new RangeError(`key: expected ${KEY_BYTES} bytes`);
  const message = encodeRoomMessage(signal);
  const padded = new Uint8Array(Math.max(MESSAGE_BYTES, message.length)).fill(BLANK);
  padded.set(message);
  const nonce = random(NONCE_BYTES);
  return concat(u64(BigInt(epoch)), nonce, cipher.encrypt(key, nonce, concat(room, sender), padded));
}

/** The epoch whose key opens it. Throws LairError `message-malformed`. */
export function epochOfSignal(bytes: Uint8Array): number {
  const epoch = bytes.length < HEAD_BYTES + TAG_BYTES ? -1n : readU64(bytes, 0);
  if (epoch < 0n || epoch > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(undefined);
  return Number(epoch);
}

/** Throws LairError `message-malformed` for everything that does not open, and for a message that belongs into the log. */
export function openSignal({ cipher }: CipherSuite, { room, sender, key }: SignalKey, bytes: Uint8Array): RoomSignal {
  epochOfSignal(bytes);
  let message: Uint8Array;
  try {
    message = cipher.decrypt(key, bytes.slice(8, HEAD_BYTES), concat(room, sender), bytes.slice(HEAD_BYTES));
  } catch (cause) {
    throw malformed(cause);
  }
  const { content } = decodeRoomMessage(message);
  if (content.kind !== "typing" && content.kind !== "read") throw malformed(undefined);
  return content;
}

function malformed(cause: unknown): LairError {
  return new LairError("message-malformed", "A signal of a room cannot be read.", { cause });
}
