// A store in memory that outlives its program, as one on a disk does: opened again, it begins another life.

import { concat, u32 } from "../../../src/core/bytes.ts";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import { makeStamp } from "../../../src/core/delivery/stamp.ts";
import type { Change, Store, StoredMessage, StoredPeer } from "../../../src/core/delivery/store.ts";

/** The life of the store with this id when it was opened for the nth time, from 0. */
export const lifeOf = (id: Uint8Array, opening = 0): Uint8Array => concat(id.subarray(0, 4), u32(opening));
export const stampOf = (id: Uint8Array, index: number, opening = 0): Uint8Array =>
  makeStamp({ life: lifeOf(id, opening), index });

export class LastingStore implements Store {
  readonly id: Uint8Array;
  readonly #store: MemoryStore;
  #opening = 0;

  constructor(id: Uint8Array) {
    this.id = id;
    this.#store = new MemoryStore(lifeOf(id), id);
  }

  get life(): Uint8Array {
    return lifeOf(this.id, this.#opening);
  }

  /** Another program opens it. */
  reopen(): this {
    this.#opening += 1;
    return this;
  }

  load(peer: Uint8Array): StoredPeer {
    return this.#store.load(peer);
  }

  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    return this.#store.readOutbox(peer, from, maxBytes);
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    this.#store.commit(peer, changes);
  }

  forgetPeer(peer: Uint8Array): void {
    this.#store.forgetPeer(peer);
  }
}
