// Byte strings: joining, comparing, erasing, integers (big-endian, as everywhere in Lair), hex, base64url, UTF-8.
// Knows no protocol. `Uint8Array` only, so that it runs in every JavaScript.

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
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError("u32: value out of range");
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, value);
  return bytes;
}

/** `value` as 8 bytes. Throws RangeError outside 0 to 2^64-1. */
export function u64(value: bigint): Uint8Array {
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError("u64: value out of range");
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, value);
  return bytes;
}

/** The 2 bytes at `offset` as a number. Throws RangeError when they are not there. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return view(bytes).getUint16(offset);
}

/** The 4 bytes at `offset` as a number. Throws RangeError when they are not there. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return view(bytes).getUint32(offset);
}

/** The 8 bytes at `offset` as a bigint. Throws RangeError when they are not there. */
export function readU64(bytes: Uint8Array, offset: number): bigint {
  return view(bytes).getBigUint64(offset);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The bytes of a hex string, or undefined when it is none (odd length, other characters). */
export function fromHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return packBits(bytes, 6, BASE64URL);
}

/** The bytes of an unpadded base64url string, or undefined when it is none; every byte string has one spelling only. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    const value = BASE64URL.indexOf(letter);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = (bits >> held) & 0xff;
  }
  const leftover = bits & ((1 << held) - 1);
  return held >= 6 || leftover !== 0 ? undefined : bytes;
}

/** base32 in lower case without padding (RFC 4648 §6). */
export function toBase32(bytes: Uint8Array): string {
  return packBits(bytes, 5, "abcdefghijklmnopqrstuvwxyz234567");
}

/** Spells bytes in an alphabet of 2^width letters, the last letter filled up with zero bits. */
function packBits(bytes: Uint8Array, width: 5 | 6, alphabet: string): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    held += 8;
    while (held >= width) {
      held -= width;
      text += alphabet[(bits >> held) & ((1 << width) - 1)];
    }
  }
  return held === 0 ? text : text + alphabet[(bits << (width - held)) & ((1 << width) - 1)];
}

/** UTF-8 of a string; a lone surrogate becomes U+FFFD. */
export function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The string in UTF-8 bytes, or undefined when they are not well-formed. A byte order mark is kept as a character. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
