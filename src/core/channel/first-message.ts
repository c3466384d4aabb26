// What message 1 carries beside the ephemeral key (docs/PROTOCOL.md §3.2): a hint, by which the server finds the psk, and the
// proof that the client has it.
//   proof key = HKDF("", psk, "lair/1 proof")
//   hint      = the first 16 bytes of HMAC(proof key, "lair/1 hint" ‖ hour u64)
//   proof     = HMAC(proof key, "lair/1" ‖ e.public ‖ hint)
// Both are sent in the clear. They tell an eavesdropper nothing of a psk that cannot be guessed. The hint is the same for
// an hour, and so links the sessions of that hour. Neither authenticates anybody by itself: psk2 and the static keys do.

import { concat, toUtf8, u64 } from "../bytes.ts";
import type { Instant } from "../clock.ts";
import type { HashFunctions } from "../noise/suite.ts";

const PROOF_INFO = toUtf8("lair/1 proof");
const PROOF_LABEL = toUtf8("lair/1");
const HINT_LABEL = toUtf8("lair/1 hint");
const EMPTY = new Uint8Array(0);
const HOUR_MS = 3_600_000;
export const HINT_BYTES = 16;
export const PROOF_BYTES = 32;

/** What the client shows in message 1. */
export interface FirstMessage {
  /** 32 bytes. */
  readonly ephemeralKey: Uint8Array;
  /** {@link HINT_BYTES}. */
  readonly hint: Uint8Array;
  /** {@link PROOF_BYTES}. */
  readonly proof: Uint8Array;
}

/** The key that makes the hints and proofs of `psk`, 32 bytes. */
export function proofKey(hash: HashFunctions, psk: Uint8Array): Uint8Array {
  return hash.hkdf(EMPTY, psk, PROOF_INFO, 32);
}

/** The whole hours since 1970 by the wall clock; never less than 1, so that there is one before it. */
export function hourOf({ wallMs }: Instant): number {
  return Math.max(1, Math.floor(wallMs / HOUR_MS));
}

/** The hint of a psk for one hour: {@link HINT_BYTES}. `key` is its {@link proofKey}. */
export function makeHint(hash: HashFunctions, key: Uint8Array, hour: number): Uint8Array {
  return hash.hmac(key, concat(HINT_LABEL, u64(BigInt(hour)))).slice(0, HINT_BYTES);
}

/** The proof of a psk for one ephemeral public key and one hint: {@link PROOF_BYTES}. `key` is its {@link proofKey}. */
export function makeProof(
  hash: HashFunctions,
  key: Uint8Array,
  { ephemeralKey, hint }: Omit<FirstMessage, "proof">,
): Uint8Array {
  return hash.hmac(key, concat(PROOF_LABEL, ephemeralKey, hint)).slice(0, PROOF_BYTES);
}
