// Noise's symmetric half (§4.3, §5.1, §5.2, §9.1) once more, by node:crypto and as plainly as the specification puts it:
// what the real one is compared with. It shares no code with src.

import { createCipheriv, createHash, createHmac } from "node:crypto";

const CIPHERS = { AESGCM: "aes-256-gcm", ChaChaPoly: "chacha20-poly1305" } as const;
const HASHES = { SHA256: "sha256", SHA512: "sha512", BLAKE2s: "blake2s256", BLAKE2b: "blake2b512" } as const;

export type CipherName = keyof typeof CIPHERS;
export type HashName = keyof typeof HASHES;

/** 4 zero bytes and the counter: big-endian for AESGCM (§12.4), little-endian for ChaChaPoly (§12.3). */
function nonceBytes(cipher: CipherName, nonce: bigint): Buffer {
  const bytes = Buffer.alloc(12);
  if (cipher === "AESGCM") bytes.writeBigUInt64BE(nonce, 4);
  else bytes.writeBigUInt64LE(nonce, 4);
  return bytes;
}

/** ENCRYPT(k, n, ad, plaintext) of §4.2. */
export function seal(
  cipher: CipherName,
  key: Uint8Array,
  nonce: bigint,
  ad: Uint8Array,
  plaintext: Uint8Array,
): Buffer {
  // The cast is @types/node's wish: its overloads want to know the mode of an algorithm by its literal name.
  const sealer = createCipheriv(CIPHERS[cipher] as "aes-256-gcm", key, nonceBytes(cipher, nonce), {
    authTagLength: 16,
  });
  sealer.setAAD(ad);
  return Buffer.concat([sealer.update(plaintext), sealer.final(), sealer.getAuthTag()]);
}

/** REKEY(k) of §4.2: the first 32 bytes of ENCRYPT(k, 2^64-1, "", 32 zeros). */
export function rekeyed(cipher: CipherName, key: Uint8Array): Buffer {
  return seal(cipher, key, 2n ** 64n - 1n, Buffer.alloc(0), Buffer.alloc(32)).subarray(0, 32);
}

export function hash(name: HashName, ...data: Uint8Array[]): Buffer {
  return createHash(HASHES[name]).update(Buffer.concat(data)).digest();
}

/** HKDF(chaining_key, input_key_material, num_outputs) of §4.3, written out. */
export function hkdf(name: HashName, chainingKey: Uint8Array, input: Uint8Array): [Buffer, Buffer, Buffer] {
  const hmac = (key: Uint8Array, ...data: Uint8Array[]): Buffer =>
    createHmac(HASHES[name], key).update(Buffer.concat(data)).digest();
  const temporaryKey = hmac(chainingKey, input);
  const first = hmac(temporaryKey, Buffer.from([1]));
  const second = hmac(temporaryKey, first, Buffer.from([2]));
  return [first, second, hmac(temporaryKey, second, Buffer.from([3]))];
}

/** SymmetricState of §5.2. */
export class ReferenceSymmetricState {
  readonly #cipher: CipherName;
  readonly #hash: HashName;
  chainingKey: Buffer;
  handshakeHash: Buffer;
  key: Buffer | undefined;
  nonce = 0n;

  constructor(cipher: CipherName, hashName: HashName, protocolName: string) {
    this.#cipher = cipher;
    this.#hash = hashName;
    const name = Buffer.from(protocolName);
    const length = hash(hashName).length;
    this.handshakeHash =
      name.length <= length ? Buffer.concat([name, Buffer.alloc(length - name.length)]) : hash(hashName, name);
    this.chainingKey = this.handshakeHash;
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, temporaryKey] = hkdf(this.#hash, this.chainingKey, input);
    this.#take(chainingKey, temporaryKey);
  }

  mixHash(data: Uint8Array): void {
    this.handshakeHash = hash(this.#hash, this.handshakeHash, data);
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, temporaryHash, temporaryKey] = hkdf(this.#hash, this.chainingKey, input);
    this.mixHash(temporaryHash);
    this.#take(chainingKey, temporaryKey);
  }

  encryptAndHash(plaintext: Uint8Array): Buffer {
    const ciphertext =
      this.key === undefined
        ? Buffer.from(plaintext)
        : seal(this.#cipher, this.key, this.nonce++, this.handshakeHash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** Split(), with the third output of docs/PROTOCOL.md: 32 bytes each. */
  split(): [Buffer, Buffer, Buffer] {
    const [first, second, third] = hkdf(this.#hash, this.chainingKey, Buffer.alloc(0));
    return [first.subarray(0, 32), second.subarray(0, 32), third.subarray(0, 32)];
  }

  #take(chainingKey: Buffer, temporaryKey: Buffer): void {
    this.chainingKey = chainingKey;
    this.key = temporaryKey.subarray(0, 32);
    this.nonce = 0n;
  }
}
