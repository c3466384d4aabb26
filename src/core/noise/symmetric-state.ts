// SymmetricState: the chaining key, the handshake hash and the cipher between them (Noise revision 34, §5.2).

import { concat, erase, toUtf8 } from "../bytes.ts";
import { NoiseError } from "./noise-error.ts";
import { CipherState } from "./cipher-state.ts";
import type { CipherSuite, HashFunctions } from "./suite.ts";

const EMPTY = new Uint8Array(0);
/** A key with its tag fits, and so does everything else that is mixed but a payload. */
const ROOM_BYTES = 64;

/** What Split() yields: Noise's two keys, and the exporter secret of docs/PROTOCOL.md §3.5. */
export interface SplitKeys {
  /** From the initiator to the responder. */
  readonly first: CipherState;
  /** From the responder to the initiator. */
  readonly second: CipherState;
  /** The third HKDF output, 32 bytes: for what is derived from this handshake. */
  readonly exporterSecret: Uint8Array;
}

/** The state of a handshake between its tokens: ck, h, and a cipher under the latest key. */
export class SymmetricState {
  readonly #suite: CipherSuite;
  #cipherState: CipherState;
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
    return this.#cipherState.hasKey;
  }

  /** MixKey(): a Diffie-Hellman result, or in psk handshakes an ephemeral key, enters the chaining key. The nonce is 0 again. */
  mixKey(inputKeyMaterial: Uint8Array): void {
    const [temporaryKey] = this.#advance(inputKeyMaterial, 2);
    this.#replaceKey(temporaryKey!);
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
    const [temporaryHash, temporaryKey] = this.#advance(inputKeyMaterial, 3);
    this.mixHash(temporaryHash!);
    erase(temporaryHash);
    this.#replaceKey(temporaryKey!);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipherState.encryptWithAd(this.#handshakeHash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipherState.decryptWithAd(this.#handshakeHash, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** Split(), with a third output. The state is destroyed: its chaining key is no longer needed. */
  split(): SplitKeys {
    this.#requireAlive();
    const { hash, cipher } = this.#suite;
    // One HKDF for all three: its outputs are independent, so the third reveals nothing about Noise's two keys.
    const [first, second, third] = hkdf(hash, this.#chainingKey, EMPTY, 3).map(truncated);
    this.destroy();
    return {
      first: new CipherState(cipher, first),
      second: new CipherState(cipher, second),
      exporterSecret: third!,
    };
  }

  /** Overwrites the chaining key and the cipher's key. The handshake hash is public and stays. */
  destroy(): void {
    this.#isDead = true;
    erase(this.#chainingKey, this.#hashInput);
    this.#cipherState.destroy();
  }

  /** HKDF(ck, ikm, n): sets ck to the first output and returns the others, HASHLEN bytes each. */
  #advance(inputKeyMaterial: Uint8Array, outputCount: 2 | 3): Uint8Array[] {
    this.#requireAlive();
    const [chainingKey, ...others] = hkdf(this.#suite.hash, this.#chainingKey, inputKeyMaterial, outputCount);
    erase(this.#chainingKey);
    this.#chainingKey = chainingKey!;
    return others;
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
 * HKDF(chaining_key, input_key_material, num_outputs) of §4.3, step by step as it stands there: 2 or 3 outputs of HASHLEN
 * bytes. The same bytes as RFC 5869 with an empty `info`; from OpenSSL's HMAC they come twice as fast as from its HKDF.
 */
function hkdf(hash: HashFunctions, chainingKey: Uint8Array, inputKeyMaterial: Uint8Array, count: 2 | 3): Uint8Array[] {
  const temporaryKey = hash.hmac(chainingKey, inputKeyMaterial);
  const outputs: Uint8Array[] = [];
  for (let i = 1; i <= count; i++) {
    const input = concat(outputs.at(-1) ?? EMPTY, Uint8Array.of(i));
    outputs.push(hash.hmac(temporaryKey, input));
    erase(input);
  }
  erase(temporaryKey);
  return outputs;
}

/** "If HASHLEN is 64, then truncates" (§5.2): the first 32 bytes of an output. Takes ownership of `output`. */
function truncated(output: Uint8Array): Uint8Array {
  if (output.length === 32) return output;
  const key = new Uint8Array(output.subarray(0, 32));
  erase(output);
  return key;
}
