// Unknown keys under a psk file, kept by the server until its user answers (docs/PROTOCOL.md §9.4). Anybody who has the
// psk can fill the list, so it is small and the oldest key is dropped. Knows no peer and no disk.

import { equalInConstantTime } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { fingerprint } from "../identity/fingerprint.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import type { CipherSuite } from "../noise/index.ts";

/** Ours: more keys than a person can compare are a flood. */
const MOST_WAITING = 16;

/** The keys of somebody who waits. */
export interface WaitingKey extends PublicIdentity {
  /** The name that the other side claims. */
  readonly claimedName: string;
}

export class WaitingKeys {
  readonly #suite: CipherSuite;
  /** By fingerprint, the oldest first. */
  readonly #keys = new Map<string, WaitingKey>();

  constructor(suite: CipherSuite) {
    this.#suite = suite;
  }

  /** This key has just arrived. */
  note(key: WaitingKey): void {
    const print = fingerprint(this.#suite, key);
    this.#keys.delete(print);
    this.#keys.set(print, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= MOST_WAITING) return;
      this.#keys.delete(oldest);
    }
  }

  /** This key has been accepted, in whatever way. */
  forget(publicKey: Uint8Array): void {
    for (const [print, key] of this.#keys) if (equalInConstantTime(key.publicKey, publicKey)) this.#keys.delete(print);
  }

  /** The oldest first. */
  get all(): readonly WaitingKey[] {
    return [...this.#keys.values()];
  }

  /** The only key whose fingerprint begins with this, ignoring blanks. Throws LairError peer-unknown. */
  find(start: string): WaitingKey {
    const wanted = start.replaceAll(/\s/g, "");
    const [match, ...others] = [...this.#keys].filter(([print]) => print.replaceAll(" ", "").startsWith(wanted));
    if (match !== undefined && others.length === 0) return match[1];
    const count = match === undefined ? "No waiting key begins" : `${1 + others.length} waiting keys begin`;
    throw new LairError("peer-unknown", `${count} with "${start}".`, {
      hint:
        match === undefined
          ? "Write the start of a fingerprint that was shown recently; only the last few keys are kept."
          : "Write more of the fingerprint, enough to match only one key.",
    });
  }
}
