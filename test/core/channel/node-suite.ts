// Lair's cipher suite by node:crypto, for tests: real cryptography at a tenth of noble's price, and a second opinion.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { LairError } from "../../../src/core/errors.ts";
import type { CipherSuite } from "../../../src/core/noise/index.ts";

const TAG_LENGTH = 16;
/** RFC 8410: what stands before the 32 bytes of an X25519 key in PKCS #8 and in SubjectPublicKeyInfo. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

const bytes = (buffer: Uint8Array | ArrayBuffer): Uint8Array => new Uint8Array(buffer);

function importPrivate(key: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, key]), format: "der", type: "pkcs8" });
}

function importPublic(key: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, key]), format: "der", type: "spki" });
}

export const NODE_SUITE: CipherSuite = {
  dh: {
    name: "25519",
    publicKey(privateKey) {
      const spki = createPublicKey(importPrivate(privateKey)).export({ format: "der", type: "spki" });
      return bytes(spki.subarray(PUBLIC_PREFIX.length));
    },
    dh(privateKey, publicKey) {
      try {
        return bytes(diffieHellman({ privateKey: importPrivate(privateKey), publicKey: importPublic(publicKey) }));
      } catch (cause) {
        throw new LairError("noise-all-zero-dh", "A public key of low order was used.", { cause });
      }
    },
  },
  cipher: {
    name: "AESGCM",
    encrypt(key, nonce, ad, plaintext) {
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(ad);
      return bytes(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
    },
    decrypt(key, nonce, ad, ciphertext) {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_LENGTH });
      const text = ciphertext.subarray(0, ciphertext.length - TAG_LENGTH);
      decipher.setAAD(ad);
      decipher.setAuthTag(ciphertext.subarray(text.length));
      const plaintext = decipher.update(text);
      try {
        return bytes(Buffer.concat([plaintext, decipher.final()]));
      } catch (cause) {
        throw new LairError("noise-authentication", "A message did not authenticate.", { cause });
      }
    },
  },
  hash: {
    name: "SHA256",
    length: 32,
    hash: (data) => bytes(createHash("sha256").update(data).digest()),
    hmac: (key, data) => bytes(createHmac("sha256", key).update(data).digest()),
    hkdf: (salt, ikm, info, length) => bytes(hkdfSync("sha256", ikm, salt, info, length)),
  },
};
