// CipherState: a key and a nonce that only counts upwards (Noise revision 34, §5.1, §11.3, §3 for the length limit).

import { erase, writeU64 } from "../bytes.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import { NoiseError } from "./noise-error.ts";
import { type CipherFunctions, TAG_BYTES } from "./suite.ts";

/** §3: no Noise message is longer. */
export const MAX_MESSAGE_BYTES = 65_535;
/** §5.1: reserved for Rekey(); no message is ever sealed under it. */
const RESERVED_NONCE = 0xffff_ffff_ffff_ffffn;

const EMPTY = new Uint8Array(0);

/**
 * One direction of a transport, or the cipher inside a handshake. Any error kills it: its key is overwritten, and every
 * later call throws NoiseError `noise-dead`. Only two refusals leave it unchanged: of a plaintext that is too long for
 * a message, and of a nonce that would go back.
 */
export class CipherState {
  readonly #cipher: CipherFunctions;
  #key: Uint8Array | undefined;
  #nonce = 0n;
  #isDead = false;

  /** Takes ownership of `key` (32 bytes, or none: then plaintext passes through, as §5.1 says). */
  constructor(cipher: CipherFunctions, key?: Uint8Array) {
    if (key !== undefined && key.length !== 32) throw new RangeError("CipherState: key must be 32 bytes");
    this.#cipher = cipher;
    this.#key = key;
  }

  get hasKey(): boolean {
    return this.#key !== undefined;
  }

  /** n: the number of messages sealed or opened, and the nonce of the next. */
  get nonce(): bigint {
    return this.#nonce;
  }

  /**
   * §5.1 SetNonce(). Throws `noise-dead`, and RangeError if it would go back, because a repeated nonce reveals the key.
   */
  setNonce(nonce: bigint): void {
    if (this.#isDead) throw new NoiseError("noise-dead", "This CipherState has ended.");
    if (nonce < this.#nonce || nonce > RESERVED_NONCE) throw new RangeError("CipherState: a nonce never goes back");
    this.#nonce = nonce;
  }

  /**
   * §5.1 EncryptWithAd(): the ciphertext, 16 bytes longer than the plaintext. Throws `noise-message-length` for a
   * plaintext over 65,519 bytes: no nonce is used, and the key stays usable. Throws `noise-nonce-exhausted` if only the
   * reserved nonce is left.
   */
  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    // First of all: a mistake of the caller must not cost the key.
    if (this.#key !== undefined) requireLength(plaintext.length + TAG_BYTES);
    return this.#guarded(() => {
      // Copied by the constructor, as everywhere here: the slice() of a Buffer would be a view of the caller's memory.
      if (this.#key === undefined) return new Uint8Array(plaintext);
      const ciphertext = this.#cipher.encrypt(this.#key, this.#nextNonce(), ad, plaintext);
      this.#nonce += 1n;
      return ciphertext;
    });
  }

  /** §5.1 DecryptWithAd(): the plaintext. Throws `noise-authentication`, and like {@link encryptWithAd}. */
  decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    return this.#guarded(() => {
      if (this.#key === undefined) return new Uint8Array(ciphertext);
      requireLength(ciphertext.length);
      if (ciphertext.length < TAG_BYTES) throw new NoiseError("noise-message-length", "A message is too short.");
      const plaintext = this.#cipher.decrypt(this.#key, this.#nextNonce(), ad, ciphertext);
      this.#nonce += 1n;
      return plaintext;
    });
  }

  /** §5.1 and §11.3 Rekey(): a one-way step of the key; the nonce continues. It protects the past, not the future. */
  rekey(): void {
    this.#guarded(() => {
      const key = this.#key;
      if (key === undefined) throw new TypeError("CipherState: nothing to rekey without a key");
      // §4.2 REKEY: the first 32 bytes of an encryption of 32 zeros under the reserved nonce.
      const sealed = this.#cipher.encrypt(key, this.#encodeNonce(RESERVED_NONCE), EMPTY, new Uint8Array(32));
      this.#key = new Uint8Array(sealed.subarray(0, 32));
      erase(key, sealed);
    });
  }

  /** Overwrites the key. Afterwards everything throws `noise-dead`. */
  destroy(): void {
    erase(this.#key);
    this.#key = undefined;
    this.#isDead = true;
  }

  #nextNonce(): Uint8Array {
    if (this.#nonce < RESERVED_NONCE) return this.#encodeNonce(this.#nonce);
    throw new NoiseError("noise-nonce-exhausted", "A key has sealed as many messages as is allowed.");
  }

  /** 32 zero bits, then n: little-endian for ChaChaPoly (§12.3), big-endian for AESGCM (§12.4). */
  #encodeNonce(nonce: bigint): Uint8Array {
    const bytes = new Uint8Array(12);
    writeU64(bytes, 4, nonce);
    if (this.#cipher.name === "ChaChaPoly") bytes.subarray(4).reverse();
    return bytes;
  }

  #guarded<T>(action: () => T): T {
    if (this.#isDead) throw new NoiseError("noise-dead", "This CipherState has ended.");
    return destroyedOnError(this, action);
  }
}

/** Throws NoiseError `noise-message-length` over 65,535 bytes (§3). */
export function requireLength(length: number): void {
  if (length <= MAX_MESSAGE_BYTES) return;
  throw new NoiseError("noise-message-length", `A Noise message is at most ${MAX_MESSAGE_BYTES} bytes.`);
}
