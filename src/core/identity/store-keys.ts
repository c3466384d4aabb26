// The keys of the store on disk, derived from the identity (docs/SECURITY.md, "The store"): the identity file opens the
// store, and nothing else does. Knows no file.

import { toUtf8 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { KEY_BYTES } from "./identity.ts";

const NO_SALT = new Uint8Array(0);

/** 32 bytes each. The caller erases them. */
export interface StoreKeys {
  /** For the file as a whole. */
  readonly page: Uint8Array;
  /** For the rows sealed inside it. */
  readonly rows: Uint8Array;
}

/**
 * Derives the keys from the private key: HKDF (RFC 5869, no salt) with the suite's hash, one `info` for each. Throws
 * RangeError unless the private key is 32 bytes long.
 */
export function storeKeys({ hash }: CipherSuite, privateKey: Uint8Array): StoreKeys {
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`privateKey: expected ${KEY_BYTES} bytes`);
  const derive = (info: string): Uint8Array => hash.hkdf(NO_SALT, privateKey, toUtf8(info), KEY_BYTES);
  return { page: derive("lair/1 store page"), rows: derive("lair/1 store rows") };
}
