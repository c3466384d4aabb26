// SymmetricState: the chaining key, the handshake hash and the cipher between them (Noise revision 34, §5.2).

import { concat, erase, toUtf8 } from "../bytes.ts";
import { NoiseError } from "./noise-error.ts";
import { CipherState } from "./cipher-state.ts";
import type { CipherSuite, HashFunctions } from "./suite.ts";

const EMPTY = new Uint8Array(0);
/** A key with its tag fits, and so does everything else that is mixed but a payload. */
const ROOM_BYTES = 64;
/** "If HASHLEN is 64, then truncates" (§5.2). */
const CIPHER_KEY_BYTES = 32;

/** What Split() yields: Noise's two keys, and the exporter secret of docs/PROTOCOL.md §3.5. */
export interface SplitKeys {
  /** From the initiator to the responder. */
  readonly first: CipherState;
  /** From the responder to the initiator. */
  readonly second: CipherState;
  /** The third HKDF output, 32 bytes: for what is derived from this handshake. */
  readonly exporterSecret: Uint8Array;
}

/**
 * The state of a handshake between its tokens: ck, h, and a cipher under the latest key. Most keys are replaced before they
 * have encrypted anything, so MixKey() puts off the HKDF output that is k until something is encrypted.
 */
export class SymmetricState {
  readonly #suite: CipherSuite;
  #cipherState: CipherState;
  /** temp_key of the last MixKey(), while its k has not been derived. */
  #keyToExpand: Uint8Array | undefined;
  #chainingKey: Uint8Array;
  #handshakeHash: Uint8Array;
  /** h and what is mixed into it, side by side: an array of its own for each would cost as much as the hash itself. */
  readonly #hashInput: Uint8Array;
  #isDead = false;

  /** InitializeSymmetric(protocol_name). */
  constructor(suite: CipherSuite, protocolName: string) {
    this.#suite = suite;
    const name = toUtf8(protocolName);
    if (name.length <= suite.hash.length) {
      this.#handshakeHash = concat(name, new Uint8Array(suite.hash.length - name.length));
    } else {
      this.#handshakeHash = suite.hash.hash(name);
    }
    // Copied by the constructor, as everywhere here: the slice() of a Buffer would be a view, erased with its original.
    this.#chainingKey = new Uint8Array(this.#handshakeHash);
    this.#cipherState = new CipherState(suite.cipher);
    this.#hashInput = new Uint8Array(suite.hash.length + ROOM_BYTES);
  }

  /** GetHandshakeHash(): HASHLEN bytes, a copy. */
  get handshakeHash(): Uint8Array {
    return new Uint8Array(this.#handshakeHash);
  }

  get hasKey(): boolean {
    return this.#keyToExpand !== undefined || this.#cipherState.hasKey;
  }

  /** MixKey(): a Diffie-Hellman result, or in psk handshakes an ephemeral key, enters the chaining key. The nonce is 0 again. */
  mixKey(inputKeyMaterial: Uint8Array): void {
    this.#keyToExpand = this.#advance(inputKeyMaterial);
  }

  /** MixHash(): h covers everything that was sent, in order. */
  mixHash(data: Uint8Array): void {
    const { hash } = this.#suite;
    const length = hash.length + data.length;
    if (length > this.#hashInput.length) {
      this.#handshakeHash = hash.hash(concat(this.#handshakeHash, data));
      return;
    }
    this.#hashInput.set(this.#handshakeHash);
    this.#hashInput.set(data, hash.length);
    this.#handshakeHash = hash.hash(this.#hashInput.subarray(0, length));
  }

  /** §9.1: how a psk enters. */
  mixKeyAndHash(inputKeyMaterial: Uint8Array): void {
    const temporaryKey = this.#advance(inputKeyMaterial);
    const { hash } = this.#suite;
    const temporaryHash = expand(hash, temporaryKey, this.#chainingKey, 2);
    this.mixHash(temporaryHash);
    this.#replaceKey(expand(hash, temporaryKey, temporaryHash, 3));
    erase(temporaryHash, temporaryKey, this.#hashInput);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    this.#expandKey();
    const ciphertext = this.#cipherState.encryptWithAd(this.#handshakeHash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    this.#expandKey();
    const plaintext = this.#cipherState.decryptWithAd(this.#handshakeHash, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** Split(), with a third output. The state is destroyed: its chaining key is no longer needed. */
  split(): SplitKeys {
    this.#requireAlive();
    const { hash, cipher } = this.#suite;
    // One HKDF for all three: its outputs are independent, so the third reveals nothing about Noise's two keys.
    const temporaryKey = hash.hmac(this.#chainingKey, EMPTY);
    const first = expand(hash, temporaryKey, EMPTY, 1);
    const second = expand(hash, temporaryKey, first, 2);
    const third = expand(hash, temporaryKey, second, 3);
    // Side by side: they stay as long as a session, and an ArrayBuffer for each would take 300 bytes more.
    const keys = concat(...[first, second, third].map((output) => output.subarray(0, CIPHER_KEY_BYTES)));
    erase(temporaryKey, first, second, third);
    this.destroy();
    return {
      first: new CipherState(cipher, keys.subarray(0, CIPHER_KEY_BYTES)),
      second: new CipherState(cipher, keys.subarray(CIPHER_KEY_BYTES, 2 * CIPHER_KEY_BYTES)),
      exporterSecret: keys.subarray(2 * CIPHER_KEY_BYTES),
    };
  }

  /** Overwrites the chaining key and the cipher's key. The handshake hash is public and stays. */
  destroy(): void {
    this.#isDead = true;
    erase(this.#chainingKey, this.#keyToExpand, this.#hashInput);
    this.#keyToExpand = undefined;
    this.#cipherState.destroy();
  }

  /** HKDF(ck, ikm, n) begins: sets ck to its first output, and returns its temp_key, from which the others come. */
  #advance(inputKeyMaterial: Uint8Array): Uint8Array {
    this.#requireAlive();
    const { hash } = this.#suite;
    const temporaryKey = hash.hmac(this.#chainingKey, inputKeyMaterial);
    erase(this.#chainingKey, this.#keyToExpand);
    this.#keyToExpand = undefined;
    this.#chainingKey = expand(hash, temporaryKey, EMPTY, 1);
    return temporaryKey;
  }

  /** The rest of the last MixKey(): InitializeKey(temp_k), its second output. */
  #expandKey(): void {
    const temporaryKey = this.#keyToExpand;
    if (temporaryKey === undefined) return;
    this.#keyToExpand = undefined;
    this.#replaceKey(expand(this.#suite.hash, temporaryKey, this.#chainingKey, 2));
    erase(temporaryKey);
  }

  /** An overwritten chaining key is known to everybody: nothing may be derived from it. */
  #requireAlive(): void {
    if (this.#isDead) throw new NoiseError("noise-dead", "This SymmetricState has ended.");
  }

  /** InitializeKey(temp_k). Takes ownership of `temporaryKey`. */
  #replaceKey(temporaryKey: Uint8Array): void {
    this.#cipherState.destroy();
    this.#cipherState = new CipherState(this.#suite.cipher, truncated(temporaryKey));
  }
}

/**
 * An output of HKDF(chaining_key, input_key_material, num_outputs) of §4.3, HASHLEN bytes: HMAC-HASH(temp_key,
 * previous ‖ byte(index)). temp_key is HMAC-HASH(chaining_key, input_key_material). The same bytes as RFC 5869 with an empty
 * `info`; from OpenSSL's HMAC they come twice as fast as from its HKDF.
 */
function expand(hash: HashFunctions, temporaryKey: Uint8Array, previous: Uint8Array, index: 1 | 2 | 3): Uint8Array {
  const input = concat(previous, Uint8Array.of(index));
  const output = hash.hmac(temporaryKey, input);
  erase(input);
  return output;
}

/** The first {@link CIPHER_KEY_BYTES} of an output. Takes ownership of `output`. */
function truncated(output: Uint8Array): Uint8Array {
  if (output.length === CIPHER_KEY_BYTES) return output;
  const key = new Uint8Array(output.subarray(0, CIPHER_KEY_BYTES));
  erase(output);
  return key;
}
