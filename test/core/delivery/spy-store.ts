// A store in memory that counts its commits and fails when it is told to.

import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import type { Change, Store, StoredPeer } from "../../../src/core/delivery/store.ts";
import { LairError } from "../../../src/core/errors.ts";
import { OURS } from "./rogue-session.ts";

export class SpyStore implements Store {
  readonly #store = new MemoryStore(OURS);
  /** The types of the changes of each commit that was stored. */
  readonly commits: string[][] = [];
  /** Whether a commit, or a load, throws. */
  failsCommit = false;
  failsLoad = false;

  get id(): Uint8Array {
    return this.#store.id;
  }

  load(peer: Uint8Array): StoredPeer {
    if (this.failsLoad) throw unwritable();
    return this.#store.load(peer);
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    if (this.failsCommit) throw unwritable();
    this.#store.commit(peer, changes);
    this.commits.push(changes.map(({ type }) => type));
  }
}

function unwritable(): LairError {
  return new LairError("store-unwritable", "The disk is full.", { hint: "Make room." });
}
