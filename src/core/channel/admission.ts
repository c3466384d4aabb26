// Admission: which secret a stranger's first message proves, before any Diffie-Hellman (docs/PROTOCOL.md §3.2).
//   proof = HMAC(HKDF("", psk, "lair/1 proof"), "lair/1" ‖ e.public)
// XX shows who the client is only in message 3, too late to choose the psk by; so the proof selects it.

import { concat, equalInConstantTime, erase, toHex, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { HashFunctions } from "../noise/suite.ts";

const PROOF_INFO = toUtf8("lair/1 proof");
const PROOF_LABEL = toUtf8("lair/1");
const EMPTY = new Uint8Array(0);
export const PROOF_LENGTH = 32;
/** Some 100 B each, so 7 MB at most; a flood of replays older than that costs what the rate limits let through. */
const REMEMBERED_EPHEMERALS = 65_536;

/** The key with which proofs of `psk` are made, 32 bytes. */
export function proofKey(hash: HashFunctions, psk: Uint8Array): Uint8Array {
  return hash.hkdf(EMPTY, psk, PROOF_INFO, PROOF_LENGTH);
}

/** The proof of a psk for one ephemeral public key: 32 bytes. */
export function makeProof(hash: HashFunctions, key: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return hash.hmac(key, concat(PROOF_LABEL, ephemeralKey)).slice(0, PROOF_LENGTH);
}

/** The psks that a responder would accept, each with what it stands for. */
export class Admission<Credential> {
  readonly #hash: HashFunctions;
  readonly #entries = new Map<string, { readonly credential: Credential; readonly key: Uint8Array }>();
  readonly #seenEphemerals = new Set<string>();

  constructor(hash: HashFunctions) {
    this.#hash = hash;
  }

  /** Accepts a psk from now on; an earlier one of the same `id` is replaced. */
  accept(id: string, psk: Uint8Array, credential: Credential): void {
    this.revoke(id);
    this.#entries.set(id, { credential, key: proofKey(this.#hash, psk) });
  }

  /** Accepts it no more. */
  revoke(id: string): void {
    erase(this.#entries.get(id)?.key);
    this.#entries.delete(id);
  }

  /**
   * What the proof selects. Every psk is compared, each in constant time, so that the time tells nothing of which.
   * Throws LairError `proof-unknown`, or `proof-replayed` when this ephemeral has been admitted before.
   */
  select(ephemeralKey: Uint8Array, proof: Uint8Array): Credential {
    let selected: { readonly credential: Credential } | undefined;
    for (const entry of this.#entries.values()) {
      if (equalInConstantTime(makeProof(this.#hash, entry.key, ephemeralKey), proof)) selected = entry;
    }
    if (selected === undefined) {
      throw new LairError("proof-unknown", "A connection was dropped: it proved no secret known here.");
    }
    this.#refuseReplay(toHex(ephemeralKey));
    return selected.credential;
  }

  /** Only what carried a right proof is remembered, so that strangers cannot push anything out. */
  #refuseReplay(ephemeralKey: string): void {
    if (this.#seenEphemerals.has(ephemeralKey)) {
      throw new LairError("proof-replayed", "A connection was dropped: it repeated somebody's recorded first message.");
    }
    this.#seenEphemerals.add(ephemeralKey);
    if (this.#seenEphemerals.size <= REMEMBERED_EPHEMERALS) return;
    for (const oldest of this.#seenEphemerals) {
      this.#seenEphemerals.delete(oldest);
      break;
    }
  }
}
