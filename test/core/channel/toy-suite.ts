// INSECURE, FOR TESTS ONLY: a cipher suite that costs next to nothing, so that 100,000 sessions can be played.
// It protects nothing (a public key gives its private key away), but like a real one it is deterministic, and a wrong
// key, nonce, associated data or a single flipped bit makes `decrypt` fail.

import { concat, equalInConstantTime, isAllZero } from "../../../src/core/bytes.ts";
import { type CipherSuite, NoiseError } from "../../../src/core/noise/index.ts";

const TAG_BYTES = 16;
const EMPTY = new Uint8Array(0);
const MASK = 0x5a;

/** Eight words; each byte changes one of them by a step that can be undone, so two inputs of one length stay apart. */
function absorb(state: Uint32Array, bytes: Uint8Array): void {
  let previous = Math.imul(state[7]! ^ bytes.length, 0x9e3779b1);
  state[7] = previous;
  for (let i = 0; i < bytes.length; i++) {
    const lane = i & 7;
    const mixed = (state[lane]! + previous) ^ bytes[i]!;
    previous = Math.imul((mixed << 13) | (mixed >>> 19), 0x85ebca6b);
    state[lane] = previous;
  }
}

/** Two rounds through all words, then their bytes. */
function squeeze(state: Uint32Array, counter: number): Uint8Array {
  const words = state.slice();
  words[0]! ^= Math.imul(counter + 1, 0x27d4eb2f);
  for (let i = 0; i < 16; i++) {
    const mixed = (words[i & 7]! ^ words[(i + 7) & 7]! ^ (words[(i + 3) & 7]! >>> 7)) + i;
    words[i & 7] = Math.imul((mixed << 17) | (mixed >>> 15), 0xc2b2ae35);
  }
  return new Uint8Array(words.buffer);
}

function stateOf(label: number, ...parts: readonly Uint8Array[]): Uint32Array {
  const state = new Uint32Array(8).fill(label);
  for (const part of parts) absorb(state, part);
  return state;
}

function mask(privateKey: Uint8Array): Uint8Array {
  return privateKey.map((byte) => byte ^ MASK);
}

/** `text` under a key stream; its own inverse. */
function stream(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  const words = stateOf(3, key, nonce);
  const out = new Uint8Array(text.length);
  let word = words[0]!;
  for (let i = 0; i < text.length; i++) {
    if ((i & 3) === 0) {
      word = Math.imul(word ^ (word >>> 15) ^ words[(i >> 2) & 7]!, 0x2c1b3c6d) + i;
      word ^= word >>> 13;
    }
    out[i] = text[i]! ^ (word >>> ((i & 3) * 8));
  }
  return out;
}

function tagOf(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): Uint8Array {
  return squeeze(stateOf(4, key, nonce, ad, text), 0).slice(0, TAG_BYTES);
}

function signatureKey(seed: Uint8Array): Uint8Array {
  return squeeze(stateOf(7, seed), 0);
}

function signed(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const state = stateOf(8, publicKey, message);
  return concat(squeeze(state, 0), squeeze(state, 1));
}

export const TOY_SUITE: CipherSuite = {
  provider: "toy",
  dh: {
    name: "25519",
    publicKey: mask,
    dh(privateKey, publicKey) {
      if (isAllZero(publicKey)) throw new NoiseError("noise-all-zero-dh", "toy: a public key of low order");
      // The same for both sides, since a sum does not mind the order.
      const ours = mask(privateKey);
      return squeeze(
        stateOf(
          5,
          Uint8Array.from(ours, (byte, index) => byte + publicKey[index]!),
        ),
        0,
      );
    },
  },
  cipher: {
    name: "AESGCM",
    encrypt(key, nonce, ad, plaintext) {
      const text = stream(key, nonce, plaintext);
      return concat(text, tagOf(key, nonce, ad, text));
    },
    decrypt(key, nonce, ad, ciphertext) {
      const text = ciphertext.subarray(0, ciphertext.length - TAG_BYTES);
      if (!equalInConstantTime(ciphertext.subarray(text.length), tagOf(key, nonce, ad, text))) {
        throw new NoiseError("noise-authentication", "toy: a message did not authenticate");
      }
      return stream(key, nonce, text);
    },
  },
  hash: {
    name: "SHA256",
    length: 32,
    hash: (data) => squeeze(stateOf(0, data), 0),
    hmac: (key, data) => squeeze(stateOf(1, key, data), 0),
    hkdf(salt, ikm, info, length) {
      const state = stateOf(2, salt, ikm, info);
      if (length === 32) return squeeze(state, 0);
      const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) => squeeze(state, index));
      return concat(...blocks, EMPTY).slice(0, length);
    },
  },
  kdf: {
    name: "scrypt",
    scrypt: (passphrase, salt, _cost, length) => squeeze(stateOf(6, passphrase, salt), 0).slice(0, length),
  },
  signature: {
    name: "Ed25519",
    publicKey: signatureKey,
    sign: (seed, message) => signed(signatureKey(seed), message),
    verify: (publicKey, message, signature) => equalInConstantTime(signature, signed(publicKey, message)),
  },
};
