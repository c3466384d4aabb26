import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import type { Change } from "../../../src/core/delivery/store.ts";

const ADA = new Uint8Array(32).fill(1);
const BOB = new Uint8Array(32).fill(2);
const message = (text: string): Uint8Array => new TextEncoder().encode(text);
const queued = (seq: number): Change => ({ type: "queued", seq, atMs: 10 + seq, message: message(`out ${seq}`) });
const arrived = (seq: number): Change => ({ type: "arrived", seq, atMs: 20 + seq, message: message(`in ${seq}`) });

/** The numbers in a box. */
const seqs = (messages: readonly { readonly seq: number }[]): number[] => messages.map(({ seq }) => seq);

describe("the memory store", () => {
  it("has an id of zeros, which says that it forgets, or the one it was given", () => {
    assert.deepEqual(new MemoryStore().id, new Uint8Array(16));
    assert.deepEqual(new MemoryStore(new Uint8Array(16).fill(7)).id, new Uint8Array(16).fill(7));
    assert.throws(() => new MemoryStore(new Uint8Array(15)), RangeError);
  });

  it("starts with nothing, for each peer by itself", () => {
    const store = new MemoryStore();
    store.commit(ADA, [queued(0)]);
    const nothing = { acknowledged: 0, released: 0, next: 0, expected: 0, shown: 0 };
    assert.deepEqual(store.load(BOB), { ...nothing, peerStore: undefined, setting: undefined, outbox: [], inbox: [] });
    assert.equal(store.load(ADA).next, 1);
  });

  it("keeps what waits, in order, until it is acknowledged or shown", () => {
    const store = new MemoryStore();
    store.commit(ADA, [queued(0), queued(1), { type: "released", next: 1 }, queued(2), arrived(0), arrived(1)]);
    store.commit(ADA, [
      { type: "acknowledged", next: 1, atMs: 5 },
      { type: "shown", next: 1 },
    ]);
    const { outbox, inbox, ...rest } = store.load(ADA);
    const numbers = { acknowledged: 1, released: 1, next: 3, expected: 2, shown: 1 };
    assert.deepEqual(rest, { ...numbers, peerStore: undefined, setting: undefined });
    assert.deepEqual(outbox, [
      { seq: 1, atMs: 11, message: message("out 1") },
      { seq: 2, atMs: 12, message: message("out 2") },
    ]);
    assert.deepEqual(inbox, [{ seq: 1, atMs: 21, message: message("in 1") }]);
  });

  it("gives the outbox new numbers, upward and downward", () => {
    const store = new MemoryStore();
    store.commit(ADA, [queued(0), queued(1), queued(2), { type: "released", next: 2 }]);
    store.commit(ADA, [{ type: "renumbered", first: 10 }]);
    let peer = store.load(ADA);
    assert.deepEqual([peer.acknowledged, peer.released, peer.next, ...seqs(peer.outbox)], [10, 12, 13, 10, 11, 12]);
    store.commit(ADA, [{ type: "renumbered", first: 1 }, queued(4)]);
    peer = store.load(ADA);
    assert.deepEqual([peer.acknowledged, peer.released, peer.next, ...seqs(peer.outbox)], [1, 3, 5, 1, 2, 3, 4]);
  });

  it("remembers the peer's store and the chat's setting, as copies", () => {
    const store = new MemoryStore();
    const peerStore = new Uint8Array(16).fill(3);
    const value = message("setting");
    store.commit(ADA, [
      { type: "met", peerStore },
      { type: "setting", value },
    ]);
    peerStore.fill(0);
    value.fill(0);
    const peer = store.load(ADA);
    assert.deepEqual([peer.peerStore, peer.setting], [new Uint8Array(16).fill(3), message("setting")]);
  });

  it("counts what was acknowledged as released", () => {
    const store = new MemoryStore();
    store.commit(ADA, [queued(0), queued(1), { type: "acknowledged", next: 2, atMs: 0 }]);
    assert.equal(store.load(ADA).released, 2);
  });

  it("refuses a change that does not follow, and the whole commit with it", () => {
    const store = new MemoryStore();
    store.commit(ADA, [queued(0), arrived(0)]);
    const before = store.load(ADA);
    const wrong: readonly Change[] = [
      queued(0),
      queued(3),
      arrived(0),
      arrived(2),
      { type: "released", next: 4 },
      { type: "released", next: 0.5 },
      { type: "acknowledged", next: 4, atMs: 0 },
      { type: "acknowledged", next: 1, atMs: Number.NaN },
      { type: "shown", next: 2 },
      { type: "shown", next: -1 },
      { type: "renumbered", first: -1 },
      { type: "renumbered", first: 2 ** 53 - 1 },
      { type: "met", peerStore: new Uint8Array(15) },
    ];
    for (const change of wrong) {
      assert.throws(() => store.commit(ADA, [queued(1), change]), RangeError, JSON.stringify(change));
      assert.deepEqual(store.load(ADA), before);
    }
    store.commit(ADA, [{ type: "acknowledged", next: 1, atMs: 0 }]);
    for (const type of ["released", "acknowledged"] as const)
      assert.throws(() => store.commit(ADA, [{ type, next: 0, atMs: 0 }]), RangeError, type);
    assert.throws(() => store.load(new Uint8Array(31)), RangeError);
    assert.throws(() => store.commit(new Uint8Array(33), []), RangeError);
  });
});
