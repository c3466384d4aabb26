// A long-term X25519 key pair, the identity (docs/PROTOCOL.md §9). Knows no file, and has no randomness or cryptography
// of its own: random bytes and the suite are arguments.

import { type CipherSuite, KEY_BYTES, type KeyPair, type RandomSource } from "../noise/suite.ts";

export { KEY_BYTES, type KeyPair };

/**
 * A new key pair. `random` must be a CSPRNG; its result belongs to the caller and is not kept. Throws RangeError if
 * `random` returns a length other than the requested one.
 *
 * @example
 * const keyPair = generateKeyPair(NOBLE_SUITE, (length) => crypto.getRandomValues(new Uint8Array(length)));
 */
export function generateKeyPair(suite: CipherSuite, random: RandomSource): KeyPair {
  const privateKey = random(KEY_BYTES);
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`random: expected ${KEY_BYTES} bytes`);
  // A generator that returns only zeros is broken; continuing would give everybody the same key.
  if (privateKey.every((byte) => byte === 0)) throw new RangeError("random: returned only zeros");
  return keyPairFromPrivateKey(suite, privateKey);
}

/** The key pair of a private key, which is copied. Throws RangeError unless it is 32 bytes long. */
export function keyPairFromPrivateKey(suite: CipherSuite, privateKey: Uint8Array): KeyPair {
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`privateKey: expected ${KEY_BYTES} bytes`);
  return { publicKey: suite.dh.publicKey(privateKey), privateKey: privateKey.slice() };
}
