// Decodes typed UTF-8: the end of a chunk may split a character, and bytes that are not UTF-8 are marked, so that a
// line with them can be refused. Pure.

import { isUtf8 } from "node:buffer";

/** Stands for a byte that is not UTF-8: one of the lone surrogates, which no other text contains. */
const MARK_OFFSET = 0xdc00;

/** The text; a byte that is not UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF. */
export function decodeTyped(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let text = "";
  for (let at = 0; at < buffer.length;) {
    const character = buffer.subarray(at, at + sequenceLength(buffer[at]!));
    if (isUtf8(character)) {
      text += character.toString("utf8");
      at += character.length;
    } else {
      text += String.fromCharCode(MARK_OFFSET + buffer[at]!);
      at += 1;
    }
  }
  return text;
}

/** How many bytes at the end are the beginning of an incomplete character. */
export function unfinishedLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    if (byte >= 0xc0) return sequenceLength(byte) > length ? length : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** The length of the character that begins with this byte; 1 if none does. */
function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 1;
}
