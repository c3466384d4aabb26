// The short form of somebody's public keys, for people to compare and for logs (docs/PROTOCOL.md §9.5).
// Knows nothing about whose keys they are.

import { concat, toBase32 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { KEY_BYTES } from "./identity.ts";
import { SIGNATURE_KEY_BYTES } from "../noise/signature-key.ts";

// docs/PROTOCOL.md §9.5: 20 bytes make 32 letters, in groups of four.
const DIGEST_BYTES = 20;
const GROUP_LETTERS = 4;

// Ours: four groups, 80 bits, are enough to recognise a key, and fit next to a name.
const SHORT_GROUPS = 4;

/** The public keys of somebody, 32 bytes each, as far as they are known. */
export interface KnownKeys {
  readonly publicKey: Uint8Array;
  /** Unknown of a peer that was paired before there were signature keys, until its next session. */
  readonly signatureKey?: Uint8Array | undefined;
}

/**
 * The fingerprint of an identity: base32 (lower case) of the first 20 bytes of the hash, Lair's SHA-256, of both public
 * keys, as eight groups of four letters with one space between. Without a signature key it is that of the other key
 * alone, as it was before there were signature keys. Throws RangeError unless the keys are 32 bytes long.
 *
 * @example
 * fingerprint(NOBLE_SUITE, identity); // "jcgy dta5 m252 f3nu ..."
 */
export function fingerprint({ hash }: CipherSuite, { publicKey, signatureKey }: KnownKeys): string {
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`publicKey: expected ${KEY_BYTES} bytes`);
  if (signatureKey !== undefined && signatureKey.length !== SIGNATURE_KEY_BYTES) {
    throw new RangeError(`signatureKey: expected ${SIGNATURE_KEY_BYTES} bytes`);
  }
  const keys = signatureKey === undefined ? publicKey : concat(publicKey, signatureKey);
  const letters = toBase32(hash.hash(keys).subarray(0, DIGEST_BYTES));
  const groups: string[] = [];
  for (let i = 0; i < letters.length; i += GROUP_LETTERS) groups.push(letters.slice(i, i + GROUP_LETTERS));
  return groups.join(" ");
}

/** The first four groups of a fingerprint and " …". For recognition, not for verification. */
export function shortFingerprint(suite: CipherSuite, keys: KnownKeys): string {
  return `${fingerprint(suite, keys).split(" ").slice(0, SHORT_GROUPS).join(" ")} …`;
}
