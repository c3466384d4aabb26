// The identity: a long-term X25519 key pair, and an Ed25519 signature key that is derived from it, so that both come and
// go together (docs/PROTOCOL.md §9). Knows no file, and has no randomness or cryptography of its own: random bytes and
// the suite are arguments.

import { erase, toUtf8 } from "../bytes.ts";
import { type CipherSuite, KEY_BYTES, type KeyPair, type RandomSource } from "../noise/suite.ts";

export { KEY_BYTES, type KeyPair };

const NO_SALT = new Uint8Array(0);
// docs/PROTOCOL.md §3.6.
const SEED_INFO = toUtf8("lair/1 signature key");

/** What others know of an identity: its two public keys, 32 bytes each. */
export interface PublicIdentity {
  /** X25519. It identifies the peer. */
  readonly publicKey: Uint8Array;
  /** Ed25519. */
  readonly signatureKey: Uint8Array;
}

/** An identity of one's own: the key pair of the handshake, and the public signature key. {@link signatureSeed} signs. */
export interface Identity extends KeyPair, PublicIdentity {}

/**
 * A new identity. `random` must be a CSPRNG; its result belongs to the caller and is not kept. Throws RangeError if
 * `random` returns a length other than the requested one.
 *
 * @example
 * const identity = generateIdentity(NOBLE_SUITE, (length) => crypto.getRandomValues(new Uint8Array(length)));
 */
export function generateIdentity(suite: CipherSuite, random: RandomSource): Identity {
  const privateKey = random(KEY_BYTES);
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`random: expected ${KEY_BYTES} bytes`);
  // A generator that returns only zeros is broken; continuing would give everybody the same key.
  if (privateKey.every((byte) => byte === 0)) throw new RangeError("random: returned only zeros");
  return identityFromPrivateKey(suite, privateKey);
}

/** The identity of a private key, which is copied. Throws RangeError unless it is 32 bytes long. */
export function identityFromPrivateKey(suite: CipherSuite, privateKey: Uint8Array): Identity {
  const seed = signatureSeed(suite, privateKey);
  const signatureKey = suite.signature.publicKey(seed);
  erase(seed);
  return { publicKey: suite.dh.publicKey(privateKey), signatureKey, privateKey: privateKey.slice() };
}

/**
 * The seed of the signature key (RFC 8032, §5.1.5), 32 bytes: derive it to sign, and erase it then. Throws RangeError
 * unless the private key is 32 bytes long.
 */
export function signatureSeed({ hash }: CipherSuite, privateKey: Uint8Array): Uint8Array {
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`privateKey: expected ${KEY_BYTES} bytes`);
  return hash.hkdf(NO_SALT, privateKey, SEED_INFO, KEY_BYTES);
}
