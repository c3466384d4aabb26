// The crypto functions that Noise needs (revision 34, §4), the one that a passphrase needs, and signatures, as one narrow,
// synchronous interface. An implementation uses the primitives of a library; nothing above this file knows which.

import type { ScryptCost } from "./scrypt-cost.ts";

/** `length` fresh bytes from a cryptographically secure source. The core has none of its own. */
export type RandomSource = (length: number) => Uint8Array;

/** X25519 keys, 32 bytes each. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** §4.1 and §12.1. */
export interface DhFunctions {
  readonly name: "25519";
  /** The 32-byte public key of a 32-byte private key. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** The 32-byte shared secret. Throws NoiseError `noise-all-zero-dh` when it is all zeros, as §12.1 permits and we require. */
  dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** §4.2, §12.3 and §12.4. Keys are 32 bytes, nonces 12 (`cipher-state.ts` writes them), tags 16. */
export interface CipherFunctions {
  readonly name: "AESGCM" | "ChaChaPoly";
  /** The ciphertext, 16 bytes longer than the plaintext. */
  encrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext. Throws NoiseError `noise-authentication` when the tag does not verify. */
  decrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

/** §4.3, §12.5 to §12.8. */
export interface HashFunctions {
  readonly name: "SHA256" | "SHA512" | "BLAKE2s" | "BLAKE2b";
  /** HASHLEN: 32 or 64 bytes. */
  readonly length: 32 | 64;
  hash(data: Uint8Array): Uint8Array;
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** RFC 5869. With an empty `info` and n·HASHLEN bytes it is Noise's HKDF(salt, ikm, n) of §4.3. */
  hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

/** Keys from a secret that a person has chosen; Noise needs none. For random secrets, use a hash's HKDF. */
export interface KdfFunctions {
  readonly name: "scrypt";
  /** RFC 7914. Throws RangeError for a cost that it excludes or that takes more than 1 GiB, as `scryptBytes` says. */
  scrypt(passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number): Uint8Array;
}

/** Ed25519 (RFC 8032, §5.1); Noise needs none. A seed is the 32 bytes that the RFC calls the private key. */
export interface SignatureFunctions {
  readonly name: "Ed25519";
  /** The 32-byte public key of a 32-byte seed. Throws an error, without a code, for a seed of another length. */
  publicKey(seed: Uint8Array): Uint8Array;
  /** The 64-byte signature of a message. Throws as {@link publicKey} does. */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /**
   * Whether the signature is the key owner's. False, without an error, also for wrong lengths, for what is no point, for S
   * of the group's order or above, and for a key that `isSignatureKey` refuses. An owner can make signatures that one
   * implementation accepts and another one refuses (RFC 8032, §8.7 and its cofactor); nobody else can.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** The functions of one protocol name, with a key derivation and signatures, and the name of the library that computes them. */
export interface CipherSuite {
  /** Shown to the user: "noble", "openssl". */
  readonly provider: string;
  readonly dh: DhFunctions;
  readonly cipher: CipherFunctions;
  readonly hash: HashFunctions;
  readonly kdf: KdfFunctions;
  readonly signature: SignatureFunctions;
}

/** DHLEN of the only curve here. */
export const KEY_BYTES = 32;
/** Bytes that a cipher adds: its authentication tag. */
export const TAG_BYTES = 16;
/** Bytes of a pre-shared key (§9). */
export const PSK_BYTES = 32;

/** What follows the pattern in a protocol name: "25519_AESGCM_SHA256". */
export function suiteName({ dh, cipher, hash }: CipherSuite): string {
  return `${dh.name}_${cipher.name}_${hash.name}`;
}
