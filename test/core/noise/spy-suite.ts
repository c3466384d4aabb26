// Cipher suites for tests, wrapped around noble's: one that remembers what passed through it, one that is quick because
// it computes no Diffie-Hellman twice, one that answers in Buffers as an adapter for Node's crypto may. And, for what
// passes through no suite, a look at everything that is erased.

import { mock } from "node:test";
import { concat, toHex } from "../../../src/core/bytes.ts";
import type { CipherSuite } from "../../../src/core/noise/index.ts";

export type SecretKind = "private key" | "dh result" | "hmac key" | "hmac input" | "hmac output" | "cipher key";

/** A byte string that passed through a suite: the very array, and what was in it then. */
export interface Passed {
  readonly kind: SecretKind;
  readonly bytes: Uint8Array;
  readonly before: Uint8Array;
}

/** `suite`, but everything secret that goes in or comes out is appended to `passed`. */
export function spySuite({ provider, dh, cipher, hash, kdf, signature }: CipherSuite, passed: Passed[]): CipherSuite {
  const note = (kind: SecretKind, bytes: Uint8Array): Uint8Array => {
    passed.push({ kind, bytes, before: concat(bytes) });
    return bytes;
  };
  return {
    provider,
    dh: {
      name: dh.name,
      publicKey: (privateKey) => dh.publicKey(note("private key", privateKey)),
      dh: (privateKey, publicKey) => note("dh result", dh.dh(note("private key", privateKey), publicKey)),
    },
    cipher: {
      name: cipher.name,
      encrypt: (key, nonce, ad, plaintext) => cipher.encrypt(note("cipher key", key), nonce, ad, plaintext),
      decrypt: (key, nonce, ad, ciphertext) => cipher.decrypt(note("cipher key", key), nonce, ad, ciphertext),
    },
    hash: {
      ...hash,
      // Noise's HKDF (§4.3) is made of it, and a chaining key is the first key of each.
      hmac: (key, data) => note("hmac output", hash.hmac(note("hmac key", key), note("hmac input", data))),
    },
    kdf,
    signature,
  };
}

/** `suite`, but each Diffie-Hellman and each public key is computed once. Every answer is an array of its own. */
export function quickSuite({ provider, dh, cipher, hash, kdf, signature }: CipherSuite): CipherSuite {
  const known = new Map<string, Uint8Array>();
  const once = (name: string, compute: () => Uint8Array): Uint8Array => {
    const found = known.get(name) ?? compute();
    known.set(name, found);
    return concat(found);
  };
  return {
    provider,
    dh: {
      name: dh.name,
      publicKey: (privateKey) => once(toHex(privateKey), () => dh.publicKey(privateKey)),
      dh: (privateKey, publicKey) =>
        once(`${toHex(privateKey)} ${toHex(publicKey)}`, () => dh.dh(privateKey, publicKey)),
    },
    cipher,
    hash,
    kdf,
    signature,
  };
}

/** `suite`, but every answer is a Buffer, whose `slice` shares memory where a Uint8Array's copies. */
export function bufferSuite({ provider, dh, cipher, hash, kdf, signature }: CipherSuite): CipherSuite {
  return {
    provider,
    dh: {
      name: dh.name,
      publicKey: (privateKey) => Buffer.from(dh.publicKey(privateKey)),
      dh: (privateKey, publicKey) => Buffer.from(dh.dh(privateKey, publicKey)),
    },
    cipher: {
      name: cipher.name,
      encrypt: (key, nonce, ad, plaintext) => Buffer.from(cipher.encrypt(key, nonce, ad, plaintext)),
      decrypt: (key, nonce, ad, ciphertext) => Buffer.from(cipher.decrypt(key, nonce, ad, ciphertext)),
    },
    hash: {
      ...hash,
      hash: (data) => Buffer.from(hash.hash(data)),
      hmac: (key, data) => Buffer.from(hash.hmac(key, data)),
      hkdf: (salt, ikm, info, length) => Buffer.from(hash.hkdf(salt, ikm, info, length)),
    },
    kdf,
    signature,
  };
}

/** The contents of every array that is filled while `action` runs: what erase() was called for. */
export function erasedDuring(action: () => void): Set<string> {
  const erased = new Set<string>();
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const fill = mock.method(
    typedArray,
    "fill",
    function (this: Uint8Array, value: number, start = 0, end = this.length) {
      const part = this.subarray(start, end);
      erased.add(toHex(part));
      for (let at = 0; at < part.length; at++) part[at] = value;
      return this;
    },
  );
  try {
    action();
  } finally {
    fill.mock.restore();
  }
  return erased;
}
