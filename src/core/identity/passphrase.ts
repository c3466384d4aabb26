// A key pair protected by a passphrase: scrypt (RFC 7914) derives a key from the passphrase, AES-256-GCM seals the
// private key under it (docs/SECURITY.md, "Somebody with your disk"). Knows no file and no terminal, and has no
// randomness of its own. A passphrase is bytes. It becomes a string, which cannot be erased, only if it is not all
// ASCII: to normalise it.

import { concat, equalInConstantTime, erase, fromUtf8, toUtf8 } from "../bytes.ts";
import { NoiseError } from "../noise/noise-error.ts";
import type { ScryptCost } from "../noise/scrypt-cost.ts";
import type { CipherSuite, RandomSource } from "../noise/suite.ts";
import { KEY_BYTES, type Identity, identityFromPrivateKey, type KeyPair } from "./identity.ts";

export type { ScryptCost };

// What the specifications fix.
/** NIST SP 800-38D §8.2: 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const AES_KEY_BYTES = 32;

// Ours.
/** 128 MiB and half a second or more for each guess; docs/decisions/passphrase.md has the figures. */
export const SCRYPT_COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
/** 1 GiB, the maximum of a suite: only somebody who wants to crash this program asks for more. */
const MAX_N = 2 ** 20;
const SALT_BYTES = 16;
const SEALED_KEY_BYTES = KEY_BYTES + TAG_BYTES;
/** Nobody types more, and a larger file contains something else. */
export const MAX_PASSPHRASE_BYTES = 1_024;
/** Says what this seal is for, so that no other seal of ours could replace it. */
const LABEL = toUtf8("lair identity 2");

/** The form for a disk. The public key is in the clear, and authenticated by the seal. */
export interface SealedKeyPair {
  readonly publicKey: Uint8Array;
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealedKey: Uint8Array;
}

/**
 * Whether a cost from a file is acceptable: not below `leastN`, which would make guessing cheap, nor so high that it
 * exhausts the machine. r and p are always ours; others would be another version.
 */
export function isFairCost({ N, r, p }: ScryptCost, leastN: number = SCRYPT_COST.N): boolean {
  const isWithin = Number.isInteger(N) && N > 1 && N >= leastN && N <= MAX_N;
  return isWithin && (N & (N - 1)) === 0 && r === SCRYPT_COST.r && p === SCRYPT_COST.p;
}

/**
 * The normal form of a passphrase, from which the key is derived: without a byte order mark at its start, and in NFC
 * (Unicode Standard Annex #15), because another keyboard or editor may encode the same text differently. A copy, for
 * the caller to erase; undefined if it is not UTF-8.
 */
export function normalPassphrase(passphrase: Uint8Array): Uint8Array | undefined {
  if (passphrase.every((byte) => byte < 0x80)) return passphrase.slice();
  const text = fromUtf8(passphrase);
  return text === undefined ? undefined : toUtf8(text.replace(/^\ufeff/, "").normalize("NFC"));
}

/**
 * Seals a pair under a new salt and nonce; takes as long as opening it. Nothing of the caller's is erased. Throws
 * RangeError unless the passphrase has 1 to 1,024 bytes of UTF-8 (and more than a byte order mark), and `random` (a CSPRNG)
 * returns as many bytes as it was asked for.
 */
export function sealKeyPair(
  suite: CipherSuite,
  pair: KeyPair,
  passphrase: Uint8Array,
  random: RandomSource,
  cost: ScryptCost = SCRYPT_COST,
): SealedKeyPair {
  const length = passphrase.length - markLength(passphrase);
  if (length === 0 || length > MAX_PASSPHRASE_BYTES) {
    throw new RangeError(`passphrase: expected 1 to ${MAX_PASSPHRASE_BYTES} bytes`);
  }
  const normal = normalPassphrase(passphrase);
  if (normal === undefined) throw new RangeError("passphrase: expected text in UTF-8");
  const [salt, nonce] = [random(SALT_BYTES), random(NONCE_BYTES)];
  if (salt.length !== SALT_BYTES || nonce.length !== NONCE_BYTES)
    throw new RangeError("random: returned other lengths");
  const publicKey = pair.publicKey.slice();
  const key = keyOf(suite, normal, salt, cost);
  erase(normal);
  const sealedKey = suite.cipher.encrypt(key, nonce, aad(publicKey), pair.privateKey);
  erase(key);
  return { publicKey, cost, salt, nonce, sealedKey };
}

/**
 * The key pair, or undefined: a different passphrase, or a byte of the sealed data has changed; the two look the same.
 * The passphrase is tried in its normal form, then as given if that differs: earlier programs did not normalise. Each
 * attempt pays the stated cost: call {@link isFairCost} first. Throws RangeError if a part has the wrong length.
 */
export function openKeyPair(suite: CipherSuite, sealed: SealedKeyPair, passphrase: Uint8Array): Identity | undefined {
  const { publicKey, salt, nonce, sealedKey } = sealed;
  const lengths = [publicKey.length, salt.length, nonce.length, sealedKey.length];
  if (lengths.join() !== [KEY_BYTES, SALT_BYTES, NONCE_BYTES, SEALED_KEY_BYTES].join()) {
    throw new RangeError("sealed: a part of another length");
  }
  const forms = formsOf(passphrase);
  try {
    for (const form of forms) {
      const pair = openUnder(suite, sealed, form);
      if (pair !== undefined) return pair;
    }
    return undefined;
  } finally {
    erase(...forms);
  }
}

/** The forms in which a passphrase may have been used: copies, the normal form first. */
function formsOf(passphrase: Uint8Array): readonly Uint8Array[] {
  const forms = [normalPassphrase(passphrase), passphrase.slice(markLength(passphrase)), passphrase.slice()];
  const distinct: Uint8Array[] = [];
  for (const form of forms) {
    if (form === undefined) continue;
    if (distinct.some((other) => equalInConstantTime(other, form))) erase(form);
    else distinct.push(form);
  }
  return distinct;
}

/** The length of the byte order mark at the start: 3 or 0. */
function markLength([first, second, third]: Uint8Array): number {
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}

function openUnder(
  suite: CipherSuite,
  { publicKey, cost, salt, nonce, sealedKey }: SealedKeyPair,
  passphrase: Uint8Array,
): Identity | undefined {
  const key = keyOf(suite, passphrase, salt, cost);
  let privateKey: Uint8Array;
  try {
    privateKey = suite.cipher.decrypt(key, nonce, aad(publicKey), sealedKey);
  } catch (error) {
    if (error instanceof NoiseError && error.code === "noise-authentication") return undefined;
    throw error;
  } finally {
    erase(key);
  }
  const pair = identityFromPrivateKey(suite, privateKey);
  erase(privateKey);
  if (equalInConstantTime(pair.publicKey, publicKey)) return pair;
  // Only if somebody sealed an invalid pair.
  erase(pair.privateKey);
  return undefined;
}

function keyOf({ kdf }: CipherSuite, passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost): Uint8Array {
  return kdf.scrypt(passphrase, salt, cost, AES_KEY_BYTES);
}

function aad(publicKey: Uint8Array): Uint8Array {
  return concat(LABEL, publicKey);
}
