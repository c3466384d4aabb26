// The short form of a public key, for people to compare and for logs (docs/PROTOCOL.md §9.5).
// Knows nothing about whose key it is.

import { toBase32 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { KEY_BYTES } from "./key-pair.ts";

// docs/PROTOCOL.md §9.5: 20 bytes make 32 letters, in groups of four.
const DIGEST_BYTES = 20;
const GROUP_LETTERS = 4;

// Ours: four groups, 80 bits, are enough to recognise a key, and fit next to a name.
const SHORT_GROUPS = 4;

/**
 * The fingerprint of a public key: base32 (lower case) of the first 20 bytes of its hash, Lair's SHA-256, as eight groups of four letters
 * with one space between. Throws RangeError unless the key is 32 bytes long.
 *
 * @example
 * fingerprint(NOBLE_SUITE, keyPair.publicKey); // "gwix t4ac u64t 3wbf ..."
 */
export function fingerprint({ hash }: CipherSuite, publicKey: Uint8Array): string {
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`publicKey: expected ${KEY_BYTES} bytes`);
  const letters = toBase32(hash.hash(publicKey).subarray(0, DIGEST_BYTES));
  const groups: string[] = [];
  for (let i = 0; i < letters.length; i += GROUP_LETTERS) groups.push(letters.slice(i, i + GROUP_LETTERS));
  return groups.join(" ");
}

/** The first four groups of a public key's fingerprint and " …". For recognition, not for verification. */
export function shortFingerprint(suite: CipherSuite, publicKey: Uint8Array): string {
  return `${fingerprint(suite, publicKey).split(" ").slice(0, SHORT_GROUPS).join(" ")} …`;
}
