// Two public keys from a number, for tests to which it matters only that they differ.

import type { PublicIdentity } from "../../../src/core/identity/identity.ts";

/** `seed`: 1 to 99. */
export function keysOf(seed: number): PublicIdentity {
  return { publicKey: new Uint8Array(32).fill(seed), signatureKey: new Uint8Array(32).fill(100 + seed) };
}
