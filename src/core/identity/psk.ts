// The pre-shared secret of a psk file: its two encodings, and the values that are refused (docs/PROTOCOL.md §3.1,
// §9.4). Knows no file. No message here repeats the value, or a part of it.

import { equalInConstantTime, erase, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { decodeBase64Url, decodeHex, isHexDigit, isWhiteSpace } from "../base-encoding.ts";

/** Bytes of a psk (Noise §9). */
export const PSK_BYTES = 32;

// Ours. 32 random bytes have 30 distinct values on average, and fewer than 16 about once in 2^50 files.
const LEAST_DISTINCT = 16;

// Ours: values that people choose when they need "some 32 bytes": the SHA-256 of these.
const WELL_KNOWN = [
  "",
  "0",
  "1",
  "a",
  "abc",
  "test",
  "psk",
  "key",
  "lair",
  "lair/1",
  "noise",
  "hello",
  "hello world",
].concat([
  "secret",
  "password",
  "passphrase",
  "changeme",
  "admin",
  "root",
  "1234",
  "12345",
  "123456",
  "12345678",
  "letmein",
]);

/**
 * The psk in the text of a psk file: exactly 32 bytes, as 64 hex digits or as 43 letters of base64url. One `=` at the
 * end, the `+` and `/` of ordinary base64 (`openssl rand -base64 32` writes them) and white space around it are
 * accepted. The caller erases the text. Throws LairError psk-malformed, or psk-weak like {@link requireStrongPsk}.
 */
export function parsePsk(suite: CipherSuite, text: string | Uint8Array): Uint8Array {
  const letters = trim(typeof text === "string" ? toUtf8(text) : text);
  let psk: Uint8Array | undefined;
  try {
    psk = letters.length === 2 * PSK_BYTES ? decodeHex(letters) : decodeBase64(letters);
    if (psk?.length !== PSK_BYTES) {
      throw new LairError("psk-malformed", "The psk is not 32 bytes as 64 hex digits or 43 letters of base64url.");
    }
    requireStrongPsk(suite, psk);
    return psk;
  } catch (error) {
    // Erased even if it is weak: it may be in use somewhere.
    erase(psk);
    throw error;
  } finally {
    erase(letters);
  }
}

/**
 * Refuses values that are easy to guess: another length than 32, one byte repeated (including zeros), counting up or
 * down in even steps, a short pattern repeated, few distinct values, readable text, hashes of well-known words. Throws
 * LairError psk-weak.
 */
export function requireStrongPsk(suite: CipherSuite, psk: Uint8Array): void {
  const fault = weaknessOf(suite, psk);
  if (fault !== undefined) throw new LairError("psk-weak", `The psk ${fault}.`);
}

function weaknessOf({ hash }: CipherSuite, psk: Uint8Array): string | undefined {
  if (psk.length !== PSK_BYTES) return `has ${psk.length} bytes and must have ${PSK_BYTES}`;
  const step = (psk[1]! - psk[0]!) & 0xff;
  if (psk.every((byte, i) => i === 0 || ((byte - psk[i - 1]!) & 0xff) === step)) {
    return step === 0 ? "is one byte repeated" : "is a counting sequence";
  }
  if (psk.every((byte, i) => byte === psk[i % (PSK_BYTES / 2)])) return "is a pattern repeated";
  if (new Set(psk).size < LEAST_DISTINCT) return "consists of too few different bytes";
  // A passphrase must never be a psk: from a recorded first message it could be guessed offline. By chance: once in
  // 2^45.
  if (psk.every((byte) => byte >= 0x20 && byte < 0x7f)) return "is readable text, not random bytes";
  if (WELL_KNOWN.some((word) => equalInConstantTime(psk, hash.hash(toUtf8(word))))) return "is a well-known value";
  return undefined;
}

/** A copy without white space at both ends. White space inside stays, and the decoders refuse it. */
function trim(text: Uint8Array): Uint8Array {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text[start]!)) start++;
  while (end > start && isWhiteSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function decodeBase64(letters: Uint8Array): Uint8Array | undefined {
  // 64 hex digits cut to 43 would be valid base64url, but another psk. A random psk is all hex once in 2^66.
  if (letters.every(isHexDigit)) return undefined;
  const end = letters.length === 44 && letters[43] === 0x3d ? 43 : letters.length;
  const url = letters.slice(0, end).map((letter) => (letter === 0x2b ? 0x2d : letter === 0x2f ? 0x5f : letter));
  const psk = decodeBase64Url(url);
  erase(url);
  return psk;
}
