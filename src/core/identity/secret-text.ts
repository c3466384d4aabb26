// Hex and base64url of secrets, from bytes to bytes: a JavaScript string cannot be overwritten, an array can
// (security.md, "Secrets in memory"). Knows no format beyond the letters; ../bytes.ts does the same for what is public.

const BASE64URL = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

/** Whether an ASCII letter is white space: tab, line feed, vertical tab, form feed, carriage return, space. */
export function isWhiteSpace(letter: number): boolean {
  return letter === 0x20 || (letter >= 0x09 && letter <= 0x0d);
}

/** Whether an ASCII letter is a hex digit, upper or lower case. */
export function isHexDigit(letter: number): boolean {
  return hexValue(letter) !== undefined;
}

/** base64url without padding, as ASCII bytes. */
export function encodeSecretBase64Url(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    held += 8;
    while (held >= 6) {
      held -= 6;
      text[at++] = BASE64URL[(bits >> held) & 63]!;
    }
  }
  if (held > 0) text[at] = BASE64URL[(bits << (6 - held)) & 63]!;
  return text;
}

/** The bytes of unpadded base64url in ASCII, or undefined when it is none; every byte string has one spelling only. */
export function decodeSecretBase64Url(text: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let held = 0;
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

/** The bytes of hex in ASCII, upper or lower case, or undefined when it is none. */
export function decodeSecretHex(text: Uint8Array): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < text.length; i++) {
    const value = hexValue(text[i]!);
    if (value === undefined) return undefined;
    bytes[i >> 1] = (bytes[i >> 1]! << 4) | value;
  }
  return bytes;
}

function hexValue(letter: number): number | undefined {
  if (letter >= 0x30 && letter <= 0x39) return letter - 0x30;
  const lower = letter | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}
