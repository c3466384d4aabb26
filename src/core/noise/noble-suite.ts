// The crypto functions of Noise §4 and §12, scrypt, and Ed25519, by noble (@noble/curves, -ciphers, -hashes). No other file of the
// sources imports these. Gives failures their names; computes nothing itself.

import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { blake2b, blake2s } from "@noble/hashes/blake2.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { NoiseError } from "./noise-error.ts";
import { scryptBytes } from "./scrypt-cost.ts";
import { isSignatureKey, SIGNATURE_BYTES } from "./signature-key.ts";
import {
  type CipherFunctions,
  type CipherSuite,
  type DhFunctions,
  type HashFunctions,
  type KdfFunctions,
  type SignatureFunctions,
} from "./suite.ts";

const dh25519: DhFunctions = {
  name: "25519",
  publicKey: (privateKey) => x25519.getPublicKey(privateKey),
  dh(privateKey, publicKey) {
    try {
      return x25519.getSharedSecret(privateKey, publicKey);
    } catch (cause) {
      // With lengths checked before, noble throws for exactly one thing: an all-zero result.
      if (privateKey.length !== 32 || publicKey.length !== 32) throw cause;
      throw new NoiseError("noise-all-zero-dh", "A public key of low order was used.", { cause });
    }
  },
};

interface Aead {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

function cipherFunctions(
  name: CipherFunctions["name"],
  aead: (key: Uint8Array, nonce: Uint8Array, ad: Uint8Array) => Aead,
): CipherFunctions {
  return {
    name,
    encrypt: (key, nonce, ad, plaintext) => aead(key, nonce, ad).encrypt(plaintext),
    decrypt(key, nonce, ad, ciphertext) {
      const opener = aead(key, nonce, ad);
      try {
        return opener.decrypt(ciphertext);
      } catch (cause) {
        throw new NoiseError("noise-authentication", "A message did not authenticate.", { cause });
      }
    },
  };
}

type NobleHash = typeof sha256 | typeof sha512 | typeof blake2s | typeof blake2b;

function hashFunctions(name: HashFunctions["name"], length: 32 | 64, hash: NobleHash): HashFunctions {
  return {
    name,
    length,
    hash: (data) => hash(data),
    hmac: (key, data) => hmac(hash, key, data),
    hkdf: (salt, ikm, info, outputLength) => hkdf(hash, ikm, salt, info, outputLength),
  };
}

const CIPHERS: readonly CipherFunctions[] = [
  cipherFunctions("AESGCM", gcm),
  cipherFunctions("ChaChaPoly", chacha20poly1305),
];

const HASHES: readonly HashFunctions[] = [
  hashFunctions("SHA256", 32, sha256),
  hashFunctions("SHA512", 64, sha512),
  hashFunctions("BLAKE2s", 32, blake2s),
  hashFunctions("BLAKE2b", 64, blake2b),
];

const kdf: KdfFunctions = {
  name: "scrypt",
  scrypt(passphrase, salt, cost, length) {
    const maxmem = scryptBytes(cost, length);
    return scrypt(passphrase, salt, { N: cost.N, r: cost.r, p: cost.p, dkLen: length, maxmem });
  },
};

const signature: SignatureFunctions = {
  name: "Ed25519",
  publicKey: (seed) => ed25519.getPublicKey(seed),
  sign: (seed, message) => ed25519.sign(message, seed),
  verify(publicKey, message, bytes) {
    if (bytes.length !== SIGNATURE_BYTES || !isSignatureKey(publicKey)) return false;
    return ed25519.verify(bytes, message, publicKey, { zip215: false });
  },
};

/** The suite of Lair itself: X25519, AES-256-GCM, SHA-256. */
export const NOBLE_SUITE: CipherSuite = nobleSuite("25519_AESGCM_SHA256");

/** The suite of a name such as "25519_ChaChaPoly_BLAKE2s". Throws NoiseError `noise-unknown-protocol` for another. */
export function nobleSuite(name: string): CipherSuite {
  const [dhName, cipherName, hashName, ...rest] = name.split("_");
  const cipher = CIPHERS.find((candidate) => candidate.name === cipherName);
  const hash = HASHES.find((candidate) => candidate.name === hashName);
  if (dhName !== dh25519.name || cipher === undefined || hash === undefined || rest.length > 0) {
    throw new NoiseError("noise-unknown-protocol", `Not a cipher suite that Lair knows: "${name}".`);
  }
  return { provider: "noble", dh: dh25519, cipher, hash, kdf, signature };
}
