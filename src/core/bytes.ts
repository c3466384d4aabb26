// Byte strings: joining, comparing, erasing, integers (big-endian, as everywhere in Lair), hex, base64url, UTF-8.
// Knows no protocol. `Uint8Array` only, so that it runs in every JavaScript.

import { decodeBase64Url, decodeHex, encodeBase32, encodeBase64Url, encodeHex } from "./base-encoding.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Joins byte strings into a new one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Overwrites byte strings with zeros. Best effort: the engine may have made copies. */
export function erase(...parts: readonly (Uint8Array | undefined)[]): void {
  for (const part of parts) part?.fill(0);
}

/** Whether every byte is zero, in a time that depends on the length only. */
export function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0;
  for (const byte of bytes) seen |= byte;
  return seen === 0;
}

/** `value` as 4 bytes. Throws RangeError outside 0 to 2^32-1. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}

/** Writes `value` to the 4 bytes at `offset`. Throws RangeError outside 0 to 2^32-1. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError("value: expected 0 to 2^32-1");
  // Without a DataView, for which V8 moves even a small array out of its heap: that takes far longer.
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** `value` as 8 bytes. Throws RangeError outside 0 to 2^64-1. */
export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

/** Writes `value` to the 8 bytes at `offset`. Throws RangeError outside 0 to 2^64-1. */
export function writeU64(bytes: Uint8Array, offset: number, value: bigint): void {
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError("value: expected 0 to 2^64-1");
  // Nearly every number is one that a double can hold, and taken apart without other bigints.
  const isExact = value < 0x20_0000_0000_0000n;
  writeU32(bytes, offset, isExact ? Math.floor(Number(value) / 2 ** 32) : Number(value >> 32n));
  writeU32(bytes, offset + 4, isExact ? Number(value) >>> 0 : Number(value & 0xffff_ffffn));
}

/** The 2 bytes at `offset` as a number. Throws RangeError when they are not there. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return byteAt(bytes, offset) * 0x100 + byteAt(bytes, offset + 1);
}

/** The 4 bytes at `offset` as a number. Throws RangeError when they are not there. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset) * 0x1_0000 + readU16(bytes, offset + 2);
}

/** The 8 bytes at `offset` as a bigint. Throws RangeError when they are not there. */
export function readU64(bytes: Uint8Array, offset: number): bigint {
  const [high, low] = [readU32(bytes, offset), readU32(bytes, offset + 4)];
  // Nearly every number is one that a double can hold, and made without other bigints.
  return high < 0x20_0000 ? BigInt(high * 2 ** 32 + low) : (BigInt(high) << 32n) | BigInt(low);
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new RangeError(`no byte at ${offset}`);
  return byte;
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return fromLetters(encodeHex(bytes));
}

/** The bytes of a hex string, or undefined when it is none (odd length, other characters). */
export function fromHex(text: string): Uint8Array | undefined {
  return decodeHex(toUtf8(text));
}

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return fromLetters(encodeBase64Url(bytes));
}

/** The bytes of an unpadded base64url string, or undefined when it is none. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  return decodeBase64Url(toUtf8(text));
}

/** base32 in lower case without padding (RFC 4648 §6). */
export function toBase32(bytes: Uint8Array): string {
  return fromLetters(encodeBase32(bytes));
}

function fromLetters(letters: Uint8Array): string {
  // At once, not letter by letter: a string that grew keeps some 1.7 kB of its history in V8.
  return DECODER.decode(letters);
}

/** UTF-8 of a string; a lone surrogate becomes U+FFFD. */
export function toUtf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Ours: so many bytes of short texts are in one buffer. */
const SHARED_BYTES = 8 * 1024;
let shared = new Uint8Array(0);
let sharedUsed = 0;

/**
 * The same for many short strings that are soon gone: views of buffers that they share, which takes an eighth of the time.
 * A buffer stays as long as one of its texts. Not for secrets.
 */
export function toSharedUtf8(text: string): Uint8Array {
  const most = text.length * 3;
  if (most > SHARED_BYTES / 4) return toUtf8(text);
  if (sharedUsed + most > shared.length) {
    shared = new Uint8Array(SHARED_BYTES);
    sharedUsed = 0;
  }
  const start = sharedUsed;
  sharedUsed += ENCODER.encodeInto(text, shared.subarray(start)).written;
  return shared.subarray(start, sharedUsed);
}

/** Whether a string has more bytes in UTF-8 than `most`. */
export function isLongerInUtf8(text: string, most: number): boolean {
  // A unit of UTF-16 takes at most three bytes.
  return text.length * 3 > most && toUtf8(text).length > most;
}

/** The string in UTF-8 bytes, or undefined when they are not well-formed. A byte order mark is kept as a character. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}
