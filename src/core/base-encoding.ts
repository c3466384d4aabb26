// Hex, base64url and base32 as ASCII bytes, not strings: an array can be overwritten and a string cannot, so secrets
// are read and written with these functions. `bytes.ts` wraps them for public data. Every byte string has one spelling.

const BASE64URL = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const BASE32 = ascii("abcdefghijklmnopqrstuvwxyz234567");
const HEX = ascii("0123456789abcdef");

/** Whether an ASCII letter is white space: tab, line feed, vertical tab, form feed, carriage return, space. */
export function isWhiteSpace(letter: number): boolean {
  return letter === 0x20 || (letter >= 0x09 && letter <= 0x0d);
}

/** Whether an ASCII letter is a hex digit, upper or lower case. */
export function isHexDigit(letter: number): boolean {
  return hexValue(letter) !== undefined;
}

/** Lower-case hex. */
export function encodeHex(bytes: Uint8Array): Uint8Array {
  return pack(bytes, 4, HEX);
}

/** base64url without padding (RFC 4648 §5). */
export function encodeBase64Url(bytes: Uint8Array): Uint8Array {
  return pack(bytes, 6, BASE64URL);
}

/** base32 in lower case without padding (RFC 4648 §6). */
export function encodeBase32(bytes: Uint8Array): Uint8Array {
  return pack(bytes, 5, BASE32);
}

/** The bytes of hex, upper or lower case, or undefined if it is not hex. */
export function decodeHex(letters: Uint8Array): Uint8Array | undefined {
  if (letters.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(letters.length / 2);
  for (let i = 0; i < letters.length; i++) {
    const value = hexValue(letters[i]!);
    if (value === undefined) return undefined;
    bytes[i >> 1] = (bytes[i >> 1]! << 4) | value;
  }
  return bytes;
}

/** The bytes of unpadded base64url, or undefined if it is not base64url. */
export function decodeBase64Url(letters: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((letters.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of letters) {
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

/** Spells bytes in an alphabet of 2^width letters; the last letter is filled with zero bits. */
function pack(bytes: Uint8Array, width: 4 | 5 | 6, alphabet: Uint8Array): Uint8Array {
  const letters = new Uint8Array(Math.ceil((bytes.length * 8) / width));
  const mask = (1 << width) - 1;
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    held += 8;
    while (held >= width) {
      held -= width;
      letters[at++] = alphabet[(bits >> held) & mask]!;
    }
  }
  if (held > 0) letters[at] = alphabet[(bits << (width - held)) & mask]!;
  return letters;
}

function hexValue(letter: number): number | undefined {
  if (letter >= 0x30 && letter <= 0x39) return letter - 0x30;
  const lower = letter | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
