// SymmetricState: the chaining key, the handshake hash and the cipher between them (Noise revision 34, §5.2).

import { concat, erase, toUtf8 } from "../bytes.ts";
import { NoiseError } from "./noise-error.ts";
import { CipherState } from "./cipher-state.ts";
import type { CipherSuite } from "./suite.ts";

const EMPTY = new Uint8Array(0);

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
    this.#handshakeHash = this.#suite.hash.hash(concat(this.#handshakeHash, data));
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
    const outputs = hash.hkdf(this.#chainingKey, EMPTY, EMPTY, 3 * hash.length);
    // One HKDF for all three: its outputs are independent, so the third reveals nothing about Noise's two keys.
    // "If HASHLEN is 64, then truncates" (§5.2), the third like the others.
    const key = (index: number): Uint8Array =>
      new Uint8Array(outputs.subarray(index * hash.length, index * hash.length + 32));
    const keys = {
      first: new CipherState(cipher, key(0)),
      second: new CipherState(cipher, key(1)),
      exporterSecret: key(2),
    };
    erase(outputs);
    this.destroy();
    return keys;
  }

  /** Overwrites the chaining key and the cipher's key. The handshake hash is public and stays. */
  destroy(): void {
    this.#isDead = true;
    erase(this.#chainingKey);
    this.#cipherState.destroy();
  }

  /** HKDF(ck, ikm, n): sets ck to the first output and returns the others, HASHLEN bytes each. */
  #advance(inputKeyMaterial: Uint8Array, outputCount: 2 | 3): Uint8Array[] {
    this.#requireAlive();
    const { hash } = this.#suite;
    const outputs = hash.hkdf(this.#chainingKey, inputKeyMaterial, EMPTY, outputCount * hash.length);
    erase(this.#chainingKey);
    const [chainingKey, ...others] = Array.from({ length: outputCount }, (_, index) => {
      return new Uint8Array(outputs.subarray(index * hash.length, (index + 1) * hash.length));
    });
    this.#chainingKey = chainingKey!;
    erase(outputs);
    return others;
  }

  /** An overwritten chaining key is known to everybody: nothing may be derived from it. */
  #requireAlive(): void {
    if (this.#isDead) throw new NoiseError("noise-dead", "This SymmetricState has ended.");
  }

  /** InitializeKey(temp_k), cut to 32 bytes when HASHLEN is 64. Takes ownership of `temporaryKey`. */
  #replaceKey(temporaryKey: Uint8Array): void {
    this.#cipherState.destroy();
    this.#cipherState = new CipherState(this.#suite.cipher, new Uint8Array(temporaryKey.subarray(0, 32)));
    erase(temporaryKey);
  }
}
