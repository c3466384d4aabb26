// The twelve words that two people read to each other to check that nobody is in between (docs/PROTOCOL.md §9.5). They
// depend only on the public keys of both, so they are the same on both sides and do not change.

import { wordlist } from "@scure/bip39/wordlists/english.js";
import { concat, toUtf8 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { SIGNATURE_KEY_BYTES } from "../noise/signature-key.ts";
import { KEY_BYTES, type PublicIdentity } from "./identity.ts";

// docs/PROTOCOL.md §9.5. The list has 2,048 words, so a word is 11 bits, and twelve are 132 of the 136 bits derived.
const INFO = "lair/1 safety words";
const NO_SALT = new Uint8Array(0);
const DERIVED_BYTES = 17;
const WORD_COUNT = 12;
const WORD_BITS = 11;
const BOTH_KEYS_BYTES = KEY_BYTES + SIGNATURE_KEY_BYTES;

/**
 * The safety words of two identities, in either order.
 *
 * They come from the BIP-39 English list, but they are no BIP-39 mnemonic: all 132 bits are derived and none of them
 * is a checksum, so a wallet would refuse most of these phrases. Throws RangeError unless all four keys have 32 bytes.
 *
 * @example
 * console.log(safetyWords(NOBLE_SUITE, ownIdentity, peerIdentity).join(" ")); // twelve words, the same on both sides
 */
export function safetyWords({ hash }: CipherSuite, a: PublicIdentity, b: PublicIdentity): string[] {
  const [one, other] = [bothKeys(a), bothKeys(b)];
  const keys = comesFirst(one, other) ? concat(one, other) : concat(other, one);
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

function bothKeys({ publicKey, signatureKey }: PublicIdentity): Uint8Array {
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`publicKey: expected ${KEY_BYTES} bytes`);
  if (signatureKey.length !== SIGNATURE_KEY_BYTES) {
    throw new RangeError(`signatureKey: expected ${SIGNATURE_KEY_BYTES} bytes`);
  }
  return concat(publicKey, signatureKey);
}

function comesFirst(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < BOTH_KEYS_BYTES; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return true;
}
