// The crypto functions of Noise §4 and §12, scrypt, and Ed25519, by OpenSSL, through node:crypto. The same port as noble's suite, and the same
// results and errors (test/node/openssl-suite.test.ts compares them). Computes nothing itself.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash as digest,
  hkdfSync,
  type KeyObject,
  scryptSync,
  sign,
  verify,
} from "node:crypto";
import { isAllZero } from "../../core/bytes.ts";
import { NoiseError } from "../../core/noise/noise-error.ts";
import { scryptBytes } from "../../core/noise/scrypt-cost.ts";
import { isSignatureKey, SIGNATURE_BYTES } from "../../core/noise/signature-key.ts";
import {
  type CipherFunctions,
  type CipherSuite,
  type DhFunctions,
  type HashFunctions,
  type KdfFunctions,
  type SignatureFunctions,
  TAG_BYTES,
} from "../../core/noise/suite.ts";

/** A view of the same memory that is no Buffer: slice() of a Buffer shares memory, which surprises its owner. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

function requireKeyLength({ length }: Uint8Array): void {
  if (length !== 32) throw new RangeError("X25519: a key is 32 bytes");
}

const MOST_PUBLIC_KEYS = 64;

/** Keys of one curve that OpenSSL has read already: reading one costs as much as a Diffie-Hellman or a signature. */
class KnownKeys {
  readonly #curve: "X25519" | "Ed25519";
  /** By the array they came in. */
  readonly #privateKeys = new WeakMap<Uint8Array, KeyObject>();
  /** The newest, oldest first: those of a handshake come again with a rekey, those of a room with each line. */
  readonly #publicKeys = new Map<string, KeyObject>();

  constructor(curve: "X25519" | "Ed25519") {
    this.#curve = curve;
  }

  /** Of 32 bytes. An array that was erased is read anew. Nothing else may change one while it is in use. */
  privateKey(bytes: Uint8Array): KeyObject {
    const isErased = isAllZero(bytes);
    const known = isErased ? undefined : this.#privateKeys.get(bytes);
    if (known !== undefined) return known;
    // RFC 8037. Node derives the public key by itself, and wants `x` to be a string all the same. Reading DER takes ten
    // times as long.
    const key = createPrivateKey({ format: "jwk", key: { kty: "OKP", crv: this.#curve, d: base64Url(bytes), x: "" } });
    // Another key may come into the array.
    if (isErased) this.#privateKeys.delete(bytes);
    else this.#privateKeys.set(bytes, key);
    return key;
  }

  /** Of 32 bytes that `isGood`, which is not asked again about a key that is known. Undefined if they are not. */
  publicKey(bytes: Uint8Array, isGood: (bytes: Uint8Array) => boolean = () => true): KeyObject | undefined {
    const x = base64Url(bytes);
    const known = this.#publicKeys.get(x);
    if (known !== undefined) return known;
    if (!isGood(bytes)) return undefined;
    const key = createPublicKey({ format: "jwk", key: { kty: "OKP", crv: this.#curve, x } });
    if (this.#publicKeys.size === MOST_PUBLIC_KEYS) this.#publicKeys.delete(this.#publicKeys.keys().next().value!);
    this.#publicKeys.set(x, key);
    return key;
  }
}

const x25519 = new KnownKeys("X25519");
const ed25519 = new KnownKeys("Ed25519");

function privateKeyObject(bytes: Uint8Array): KeyObject {
  requireKeyLength(bytes);
  return x25519.privateKey(bytes);
}

function publicKeyObject(bytes: Uint8Array): KeyObject {
  requireKeyLength(bytes);
  return x25519.publicKey(bytes)!;
}

const dh25519: DhFunctions = {
  name: "25519",
  publicKey(privateKey) {
    const { x } = createPublicKey(privateKeyObject(privateKey)).export({ format: "jwk" });
    return new Uint8Array(Buffer.from(x!, "base64url"));
  },
  dh(privateKey, publicKey) {
    const keys = { privateKey: privateKeyObject(privateKey), publicKey: publicKeyObject(publicKey) };
    try {
      return plain(diffieHellman(keys));
    } catch (cause) {
      // With both keys read, OpenSSL refuses exactly one thing: an all-zero result.
      throw new NoiseError("noise-all-zero-dh", "A public key of low order was used.", { cause });
    }
  },
};

/** What the two AEAD ciphers of node:crypto have in common; their types differ. */
interface AeadCipher {
  setAAD(ad: Uint8Array, options: { plaintextLength: number }): unknown;
  update(data: Uint8Array): Buffer;
  final(): Buffer;
}

interface Aead {
  seal(key: Uint8Array, nonce: Uint8Array): AeadCipher & { getAuthTag(): Buffer };
  open(key: Uint8Array, nonce: Uint8Array): AeadCipher & { setAuthTag(tag: Uint8Array): unknown };
}

const OPTIONS = { authTagLength: TAG_BYTES };
const AES_GCM: Aead = {
  seal: (key, nonce) => createCipheriv("aes-256-gcm", key, nonce, OPTIONS),
  open: (key, nonce) => createDecipheriv("aes-256-gcm", key, nonce, OPTIONS),
};
const CHACHA_POLY: Aead = {
  seal: (key, nonce) => createCipheriv("chacha20-poly1305", key, nonce, OPTIONS),
  open: (key, nonce) => createDecipheriv("chacha20-poly1305", key, nonce, OPTIONS),
};

function cipherFunctions(name: CipherFunctions["name"], aead: Aead): CipherFunctions {
  return {
    name,
    encrypt(key, nonce, ad, plaintext) {
      const cipher = aead.seal(key, nonce);
      if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length });
      // Not of the pool that small Buffers share, though that is faster: `buffer` would have what is of others in it.
      const ciphertext = new Uint8Array(plaintext.length + TAG_BYTES);
      ciphertext.set(cipher.update(plaintext));
      cipher.final();
      ciphertext.set(cipher.getAuthTag(), plaintext.length);
      return ciphertext;
    },
    decrypt(key, nonce, ad, ciphertext) {
      const decipher = aead.open(key, nonce);
      const length = ciphertext.length - TAG_BYTES;
      if (length < 0) throw new NoiseError("noise-authentication", "A message did not authenticate.");
      decipher.setAuthTag(ciphertext.subarray(length));
      if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length });
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      try {
        decipher.final();
      } catch (cause) {
        // What was decrypted before the tag was judged must not stay.
        plaintext.fill(0);
        throw new NoiseError("noise-authentication", "A message did not authenticate.", { cause });
      }
      return plain(plaintext);
    },
  };
}

function hashFunctions(name: HashFunctions["name"], length: 32 | 64, algorithm: string): HashFunctions {
  return {
    name,
    length,
    hash: (data) => plain(digest(algorithm, data, "buffer")),
    hmac: (key, data) => plain(createHmac(algorithm, key).update(data).digest()),
    hkdf: (salt, ikm, info, outputLength) => new Uint8Array(hkdfSync(algorithm, ikm, salt, info, outputLength)),
  };
}

const CIPHERS: readonly CipherFunctions[] = [
  cipherFunctions("AESGCM", AES_GCM),
  cipherFunctions("ChaChaPoly", CHACHA_POLY),
];

/** That of rooms: with the key's length, 16 or 32 bytes. */
export const OPENSSL_AES_GCM: CipherFunctions = cipherFunctions("AESGCM", {
  seal: (key, nonce) => createCipheriv(key.length === 16 ? "aes-128-gcm" : "aes-256-gcm", key, nonce, OPTIONS),
  open: (key, nonce) => createDecipheriv(key.length === 16 ? "aes-128-gcm" : "aes-256-gcm", key, nonce, OPTIONS),
});

const HASHES: readonly HashFunctions[] = [
  hashFunctions("SHA256", 32, "sha256"),
  hashFunctions("SHA512", 64, "sha512"),
  hashFunctions("BLAKE2s", 32, "blake2s256"),
  hashFunctions("BLAKE2b", 64, "blake2b512"),
];

const kdf: KdfFunctions = {
  name: "scrypt",
  scrypt(passphrase, salt, cost, length) {
    // Node's own limit is 32 MiB. OpenSSL counts one block more than noble.
    const maxmem = scryptBytes(cost, length) + 128 * cost.r;
    return plain(scryptSync(passphrase, salt, length, { N: cost.N, r: cost.r, p: cost.p, maxmem }));
  },
};

function seedObject(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError("Ed25519: a seed is 32 bytes");
  return ed25519.privateKey(seed);
}

const signature: SignatureFunctions = {
  name: "Ed25519",
  publicKey(seed) {
    const { x } = createPublicKey(seedObject(seed)).export({ format: "jwk" });
    return new Uint8Array(Buffer.from(x!, "base64url"));
  },
  sign: (seed, message) => plain(sign(null, message, seedObject(seed))),
  verify(publicKey, message, bytes) {
    if (bytes.length !== SIGNATURE_BYTES) return false;
    // OpenSSL itself would take a key of low order, and one that is not canonical.
    const key = ed25519.publicKey(publicKey, isSignatureKey);
    return key !== undefined && verify(null, message, key, bytes);
  },
};

/** The suite of a name such as "25519_ChaChaPoly_BLAKE2s". Throws NoiseError `noise-unknown-protocol` for another. */
export function opensslSuite(name: string): CipherSuite {
  const [dhName, cipherName, hashName, ...rest] = name.split("_");
  const cipher = CIPHERS.find((candidate) => candidate.name === cipherName);
  const hash = HASHES.find((candidate) => candidate.name === hashName);
  if (dhName !== dh25519.name || cipher === undefined || hash === undefined || rest.length > 0) {
    throw new NoiseError("noise-unknown-protocol", `Not a cipher suite that Lair knows: "${name}".`);
  }
  return { provider: "openssl", dh: dh25519, cipher, hash, kdf, signature };
}

/** The suite of Lair itself: X25519, AES-256-GCM, SHA-256. */
export const OPENSSL_SUITE: CipherSuite = opensslSuite("25519_AESGCM_SHA256");
