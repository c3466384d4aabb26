// A long-term X25519 key pair: who somebody is (docs/PROTOCOL.md §9).
// Knows no file, no randomness and no cryptography of its own: random bytes and the suite are handed in.

import { type CipherSuite, KEY_BYTES, type KeyPair, type RandomSource } from "../noise/suite.ts";

export { KEY_BYTES, type KeyPair };

/**
 * A new key pair. `random` must be a CSPRNG; what it returns is the caller's and is not kept.
 * Throws RangeError when `random` returns another length than it was asked for.
 *
 * @example
 * const keyPair = generateKeyPair(NOBLE_SUITE, (length) => crypto.getRandomValues(new Uint8Array(length)));
 */
export function generateKeyPair(suite: CipherSuite, random: RandomSource): KeyPair {
  const privateKey = random(KEY_BYTES);
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`random: expected ${KEY_BYTES} bytes`);
  // A generator that returns nothing but zeros is broken; going on would give everybody the same key.
  if (privateKey.every((byte) => byte === 0)) throw new RangeError("random: returned only zeros");
  return keyPairFromPrivateKey(suite, privateKey);
}

/** The pair of a private key, which is copied. Throws RangeError unless it is 32 bytes long. */
export function keyPairFromPrivateKey(suite: CipherSuite, privateKey: Uint8Array): KeyPair {
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`privateKey: expected ${KEY_BYTES} bytes`);
  return { publicKey: suite.dh.publicKey(privateKey), privateKey: privateKey.slice() };
}
