// Admission: which psk a stranger's first message proves, before any Diffie-Hellman (docs/PROTOCOL.md §3.2).
// XX shows who the client is only in message 3, too late to choose the psk by; so the hint and the proof select it. The hint
// leads to one psk, so the cost does not grow with their number. A client whose clock is wrong has a hint that leads
// nowhere. It is looked for among all psks, in slices and within a budget.
// A first message can be replayed; what was admitted once is refused.
//
//   hint ---its psk made the proof, and it is not a replay---> selected
//     +--- anything else ---> search (if the budget allows it) ---a psk made the proof, and no replay---> selected
//                               +--- anything else ---> LairError
//
// A message that is refused costs one HMAC, and then the search, whatever is wrong with it: neither the cost nor the time
// shows whether a recorded hint is known here.

import { equalInConstantTime, erase, toHex } from "../bytes.ts";
import type { Instant } from "../clock.ts";
import { LairError } from "../errors.ts";
import type { HashFunctions } from "../noise/suite.ts";
import { type FirstMessage, makeProof, proofKey } from "./first-message.ts";
import { HintTables } from "./hint-tables.ts";
import { SearchBudget } from "./search-budget.ts";

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

/** Ours: 1 to 2 ms. */
const PSKS_EACH_SLICE = 256;
/** For a hint that leads nowhere, so that it costs as much as one that does. What it makes is never accepted. */
const NO_KEY = new Uint8Array(32);

interface Entry<Credential> {
  readonly id: string;
  readonly credential: Credential;
  /** The proof key, 32 bytes. */
  readonly key: Uint8Array;
}

/** The psks that a responder accepts, each with what it stands for. */
export class Admission<Credential> {
  readonly #hash: HashFunctions;
  readonly #entries = new Map<string, Entry<Credential>>();
  readonly #hints: HintTables<Entry<Credential>>;
  readonly #budget = new SearchBudget();
  readonly #memory: AdmissionMemory | undefined;
  /** By the hex of the key's beginning, oldest first. */
  readonly #admitted = new Set<string>();

  /** Without a persistent memory it remembers only what it has accepted itself, until the program ends. */
  constructor(hash: HashFunctions, now: Instant, memory?: AdmissionMemory) {
    this.#hash = hash;
    this.#hints = new HintTables(hash, this.#entries, now);
    this.#memory = memory;
    for (const key of memory?.known ?? []) this.#note(toHex(key));
  }

  /** Accepts a psk from now on; replaces an earlier one with the same `id`. */
  accept(id: string, psk: Uint8Array, credential: Credential): void {
    this.revoke(id);
    const entry = { id, credential, key: proofKey(this.#hash, psk) };
    this.#entries.set(id, entry);
    this.#hints.add(entry);
  }

  /** Stops accepting a psk. */
  revoke(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#hints.remove(entry);
    this.#entries.delete(id);
    erase(entry.key);
  }

  /**
   * Finds what a first message proves. It yields after each slice of a search, so that the caller can do other things
   * in between; by its hint a psk is found at once. Comparisons are in constant time, and a search does not stop at the
   * first match. `next` throws LairError `proof-unknown`, `proof-replayed` if this ephemeral key was accepted before,
   * or what the memory throws. When it is done, the key is remembered.
   */
  *select(message: FirstMessage, now: Instant): Generator<undefined, Credential, undefined> {
    let isComplete = this.#hints.advance(now);
    let hinted = this.#hints.find(message.hint);
    // After hours without a first message the tables are computed anew, which is rationed for nobody: once for all.
    while (hinted === undefined && !isComplete) {
      yield;
      isComplete = this.#hints.advance(now);
      hinted = this.#hints.find(message.hint);
    }
    const isProved = this.#isProvedBy(hinted?.key ?? NO_KEY, message);
    const isReplayed = this.#admitted.has(memoryOf(message));
    if (hinted !== undefined && isProved && !isReplayed) return this.#admit(hinted, message);
    return yield* this.#search(message, now);
  }

  *#search(message: FirstMessage, now: Instant): Generator<undefined, Credential, undefined> {
    if (!this.#budget.spend(this.#entries.size, now))
      throw unknown("its hint is unknown, and there are too many such messages");
    let found: Entry<Credential> | undefined;
    let slice = 0;
    for (const entry of this.#entries.values()) {
      if (slice === PSKS_EACH_SLICE) {
        yield;
        slice = 0;
      }
      slice += 1;
      if (this.#isProvedBy(entry.key, message)) found = entry;
    }
    // It may have been revoked while others had their turn.
    if (found === undefined || this.#entries.get(found.id) !== found) throw unknown("it proved no secret known here");
    return this.#admit(found, message);
  }

  #isProvedBy(key: Uint8Array, message: FirstMessage): boolean {
    return equalInConstantTime(makeProof(this.#hash, key, message), message.proof);
  }

  #admit({ credential }: Entry<Credential>, message: FirstMessage): Credential {
    this.#refuseReplay(message.ephemeralKey.slice(0, ADMITTED_KEY_BYTES));
    return credential;
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

/** The hex by which an accepted message is remembered. */
function memoryOf({ ephemeralKey }: FirstMessage): string {
  return toHex(ephemeralKey.subarray(0, ADMITTED_KEY_BYTES));
}

function unknown(reason: string): LairError {
  return new LairError("proof-unknown", `A connection was dropped: ${reason}.`);
}
