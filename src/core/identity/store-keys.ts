// The keys of the store on the disk, derived from who somebody is (docs/SECURITY.md, "The store"): the identity file
// opens the store, and nothing else does. Knows no file.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { toUtf8 } from "../bytes.ts";
import { KEY_BYTES } from "./key-pair.ts";

/** 32 bytes each; the caller's to erase. */
export interface StoreKeys {
  /** For the file as a whole. */
  readonly page: Uint8Array;
  /** For what is sealed inside it, row by row. */
  readonly rows: Uint8Array;
}

/** HKDF-SHA256 (RFC 5869, no salt) of the private key, one `info` each. Throws RangeError unless the key is 32 bytes long. */
export function storeKeys(privateKey: Uint8Array): StoreKeys {
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`privateKey: expected ${KEY_BYTES} bytes`);
  const derive = (info: string): Uint8Array => hkdf(sha256, privateKey, undefined, toUtf8(info), KEY_BYTES);
  return { page: derive("lair/1 store page"), rows: derive("lair/1 store rows") };
}
