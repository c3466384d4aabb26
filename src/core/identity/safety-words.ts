// The twelve words that two people read to each other to check that nobody is in between (docs/PROTOCOL.md §9.5). They
// depend only on the two public keys, so they are the same on both sides and do not change.

import { wordlist } from "@scure/bip39/wordlists/english.js";
import { concat, toUtf8 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { KEY_BYTES } from "./key-pair.ts";

// docs/PROTOCOL.md §9.5. The list has 2,048 words, so a word is 11 bits, and twelve are 132 of the 136 bits derived.
const INFO = "lair/1 safety words";
const NO_SALT = new Uint8Array(0);
const DERIVED_BYTES = 17;
const WORD_COUNT = 12;
const WORD_BITS = 11;

/**
 * The safety words of two static public keys, in either order.
 *
 * They come from the BIP-39 English list, but they are no BIP-39 mnemonic: all 132 bits are derived and none of them
 * is a checksum, so a wallet would refuse most of these phrases. Throws RangeError unless both keys have 32 bytes.
 *
 * @example
 * console.log(safetyWords(NOBLE_SUITE, own.publicKey, peer.publicKey).join(" ")); // twelve words, the same on both sides
 */
export function safetyWords({ hash }: CipherSuite, a: Uint8Array, b: Uint8Array): string[] {
  if (a.length !== KEY_BYTES || b.length !== KEY_BYTES)
    throw new RangeError(`safetyWords: expected ${KEY_BYTES} bytes`);
  const keys = comesFirst(a, b) ? concat(a, b) : concat(b, a);
  const derived = hash.hkdf(NO_SALT, keys, toUtf8(INFO), DERIVED_BYTES);
  const words: string[] = [];
  let held = 0;
  let heldBits = 0;
  for (const byte of derived) {
    // Never more than 18 bits: at most 10 left over and 8 new ones.
    held = ((held << 8) | byte) & 0x3ffff;
    heldBits += 8;
    if (heldBits < WORD_BITS) continue;
    heldBits -= WORD_BITS;
    words.push(wordlist[(held >> heldBits) & 0x7ff]!);
  }
  return words.slice(0, WORD_COUNT);
}

function comesFirst(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < KEY_BYTES; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return true;
}
