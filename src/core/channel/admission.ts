// Admission: which secret a stranger's first message proves, before any Diffie-Hellman (docs/PROTOCOL.md §3.2).
//   proof = HMAC(HKDF("", psk, "lair/1 proof"), "lair/1" ‖ e.public)
// XX shows who the client is only in message 3, too late to choose the psk by; so the proof selects it. It is sent in the
// clear: it tells an eavesdropper nothing of a psk that cannot be guessed, and authenticates nobody by itself
// (psk2 and the static keys do). A proof can be replayed with its ephemeral key; what was admitted once is refused.

import { concat, equalInConstantTime, erase, toHex, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { HashFunctions } from "../noise/suite.ts";

const PROOF_INFO = toUtf8("lair/1 proof");
const PROOF_LABEL = toUtf8("lair/1");
const EMPTY = new Uint8Array(0);
export const PROOF_BYTES = 32;
/** About 100 B each in memory, so 7 MB at most. */
export const MAX_ADMITTED = 65_536;
/**
 * How many bytes of an ephemeral key are remembered: its beginning. Only a holder of the psk can make a proof for
 * another key, and two of 65,536 honest keys share a beginning once in 2^96 such memories.
 */
export const ADMITTED_KEY_BYTES = 16;

/**
 * The persistent memory of accepted first messages, so that a recorded one is refused after a restart too. A key here
 * is the beginning of an ephemeral public key, {@link ADMITTED_KEY_BYTES} long.
 */
export interface AdmissionMemory {
  /** The remembered keys, oldest first; the newest {@link MAX_ADMITTED} count. */
  readonly known: Iterable<Uint8Array>;
  /** Returns once the key would survive a crash. Otherwise throws LairError, and the message is not answered. */
  remember(key: Uint8Array): void;
}

/** The key that makes the proofs of `psk`, 32 bytes. */
export function proofKey(hash: HashFunctions, psk: Uint8Array): Uint8Array {
  return hash.hkdf(EMPTY, psk, PROOF_INFO, PROOF_BYTES);
}

/** The proof of a psk for one ephemeral public key: 32 bytes. */
export function makeProof(hash: HashFunctions, key: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return hash.hmac(key, concat(PROOF_LABEL, ephemeralKey)).slice(0, PROOF_BYTES);
}

/** The psks that a responder accepts, each with what it stands for. */
export class Admission<Credential> {
  readonly #hash: HashFunctions;
  readonly #entries = new Map<string, { readonly credential: Credential; readonly key: Uint8Array }>();
  readonly #memory: AdmissionMemory | undefined;
  /** By the hex of the key's beginning, oldest first. */
  readonly #admitted = new Set<string>();

  /** Without a persistent memory it remembers only what it has accepted itself, until the program ends. */
  constructor(hash: HashFunctions, memory?: AdmissionMemory) {
    this.#hash = hash;
    this.#memory = memory;
    for (const key of memory?.known ?? []) this.#note(toHex(key));
  }

  /** Accepts a psk from now on; replaces an earlier one with the same `id`. */
  accept(id: string, psk: Uint8Array, credential: Credential): void {
    this.revoke(id);
    this.#entries.set(id, { credential, key: proofKey(this.#hash, psk) });
  }

  /** Stops accepting a psk. */
  revoke(id: string): void {
    erase(this.#entries.get(id)?.key);
    this.#entries.delete(id);
  }

  /**
   * The entry that the proof selects. Every psk is compared, each in constant time, so that the time does not reveal
   * which one matched. Throws LairError `proof-unknown`, `proof-replayed` if this ephemeral key was accepted before, or
   * what the memory throws. When it returns, the key is remembered.
   */
  select(ephemeralKey: Uint8Array, proof: Uint8Array): Credential {
    let selected: { readonly credential: Credential } | undefined;
    for (const entry of this.#entries.values()) {
      if (equalInConstantTime(makeProof(this.#hash, entry.key, ephemeralKey), proof)) selected = entry;
    }
    if (selected === undefined) {
      throw new LairError("proof-unknown", "A connection was dropped: it proved no secret known here.");
    }
    this.#refuseReplay(ephemeralKey.slice(0, ADMITTED_KEY_BYTES));
    return selected.credential;
  }

  /** Only messages with a valid proof are remembered, so that strangers cannot push anything out. */
  #refuseReplay(key: Uint8Array): void {
    const hex = toHex(key);
    if (this.#admitted.has(hex)) {
      throw new LairError("proof-replayed", "A connection was dropped: it repeated somebody's recorded first message.");
    }
    // Also if the memory fails: nobody was answered, and a recording of it must not be answered later.
    this.#note(hex);
    this.#memory?.remember(key);
  }

  #note(key: string): void {
    this.#admitted.add(key);
    if (this.#admitted.size <= MAX_ADMITTED) return;
    for (const oldest of this.#admitted) {
      this.#admitted.delete(oldest);
      break;
    }
  }
}
