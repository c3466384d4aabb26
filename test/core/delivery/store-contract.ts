// What every store does, see `src/core/delivery/store.ts`: run against the one in memory and the one on the disk.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { makeStamp } from "../../../src/core/delivery/stamp.ts";
import {
  type Change,
  LIFE_BYTES,
  type Store,
  STORE_ID_BYTES,
  type StoredLife,
  type StoredPeer,
} from "../../../src/core/delivery/store.ts";
import { outboxOf } from "./whole-outbox.ts";

const ADA = new Uint8Array(32).fill(1);
const BOB = new Uint8Array(32).fill(2);
const LIFE: Uint8Array = new Uint8Array(8).fill(5);
const NOTHING: StoredPeer = {
  acknowledged: 0,
  released: 0,
  next: 0,
  expected: 0,
  shown: 0,
  peerStore: undefined,
  setting: undefined,
  lives: [],
  outbox: [],
  inbox: [],
};

const stampOf = (index: number, life = LIFE): Uint8Array => makeStamp({ life, index });
const queued = (seq: number): Change => ({
  type: "queued",
  seq,
  stamp: stampOf(seq),
  atMs: 10 + seq,
  message: toUtf8(`out ${seq}`),
  content: { kind: "text", atMs: 5, text: "what it says is not what it is made of" },
});
/** Without what it says, as where no chat stands above the delivery. */
const arrived = (seq: number, stamp = stampOf(seq)): Change => ({
  type: "arrived",
  seq,
  stamp,
  atMs: 20 + seq,
  message: toUtf8(`in ${seq}`),
});

const lifeOf = (number: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 0, 0, number >> 8, number & 255);

/** The numbers in a box. */
const seqs = (messages: readonly { readonly seq: number }[]): number[] => messages.map(({ seq }) => seq);

/** A store has them in no order. */
const inOrder = (lives: readonly StoredLife[]): StoredLife[] =>
  lives.toSorted((one, other) => one.lastSeq - other.lastSeq);

/** `create` makes a store that is empty. */
export function describeStore(name: string, create: () => Store): void {
  describe(`${name}, as every store`, () => {
    it("has an id and a life", () => {
      const { id, life } = create();
      assert.deepEqual([id.length, life.length], [STORE_ID_BYTES, LIFE_BYTES]);
    });

    it("starts with nothing, for each peer by itself", () => {
      const store = create();
      store.commit(ADA, [queued(0)]);
      assert.deepEqual(store.load(BOB), NOTHING);
      assert.equal(store.load(ADA).next, 1);
    });

    it("keeps what waits, in order, until it is acknowledged or shown", () => {
      const store = create();
      store.commit(ADA, [queued(0), queued(1), { type: "released", next: 1 }, queued(2), arrived(0), arrived(1)]);
      store.commit(ADA, [
        { type: "acknowledged", next: 1, atMs: 5 },
        { type: "shown", next: 1 },
      ]);
      const { outbox, inbox, ...rest } = store.load(ADA);
      const numbers = { acknowledged: 1, released: 1, next: 3, expected: 2, shown: 1 };
      assert.deepEqual(rest, {
        ...numbers,
        peerStore: undefined,
        setting: undefined,
        lives: [{ life: LIFE, count: 2, lastSeq: 1 }],
      });
      assert.deepEqual(outbox, [
        { bytes: 5, stream: 0 },
        { bytes: 5, stream: 0 },
      ]);
      assert.deepEqual(outboxOf(store, ADA), [
        { seq: 1, stamp: stampOf(1), atMs: 11, message: toUtf8("out 1") },
        { seq: 2, stamp: stampOf(2), atMs: 12, message: toUtf8("out 2") },
      ]);
      assert.deepEqual(inbox, [{ seq: 1, stamp: stampOf(1), atMs: 21, message: toUtf8("in 1") }]);
    });

    it("gives the outbox in windows, each at least one message", () => {
      const store = create();
      assert.deepEqual(store.readOutbox(ADA, 0, 100), []);
      assert.throws(() => store.readOutbox(ADA, 1, 100), RangeError);
      const all = [10, 0, 10, 30, 10, 10].map((length, seq) => ({ ...queued(seq), message: new Uint8Array(length) }));
      store.commit(ADA, [...(all as Change[]), { type: "acknowledged", next: 1, atMs: 5 }]);
      const read = (from: number, bytes: number): number[] => seqs(store.readOutbox(ADA, from, bytes));
      assert.deepEqual(
        [read(1, 9), read(1, 10), read(1, 39), read(1, 40), read(3, 0), read(3, 40), read(5, 1_000), read(6, 1_000)],
        [[1], [1, 2], [1, 2], [1, 2, 3], [3], [3, 4], [5], []],
      );
      for (const from of [0, 7, -1, 1.5]) assert.throws(() => store.readOutbox(ADA, from, 100), RangeError);
      assert.throws(() => store.readOutbox(new Uint8Array(31), 1, 100), RangeError);
    });

    it("keeps the kind and the stream of what waits, also under a new number", () => {
      const store = create();
      const [ours, theirs] = [
        { kind: 2, stream: 1 },
        { kind: 255, stream: 65_535 },
      ];
      store.commit(ADA, [queued(0), { ...queued(1), route: ours }, { ...arrived(0), route: theirs }] as Change[]);
      store.commit(ADA, [{ type: "renumbered", first: 10 }]);
      const { outbox, inbox } = store.load(ADA);
      assert.deepEqual(outbox, [
        { bytes: 5, stream: 0 },
        { bytes: 5, stream: 1 },
      ]);
      assert.deepEqual(
        [...outboxOf(store, ADA), ...inbox].map(({ seq, route }) => [seq, route]),
        [
          [10, undefined],
          [11, ours],
          [0, theirs],
        ],
      );
    });

    it("keeps the number and the stamp of what is ignored, and nothing else", () => {
      const store = create();
      store.commit(ADA, [{ type: "ignored", seq: 0, stamp: stampOf(4) }]);
      let peer = store.load(ADA);
      assert.deepEqual([peer.expected, peer.shown, peer.inbox], [1, 1, []]);
      assert.deepEqual(peer.lives, [{ life: LIFE, count: 5, lastSeq: 0 }]);
      // What has arrived before it is still to be shown.
      store.commit(ADA, [arrived(1, stampOf(5)), { type: "ignored", seq: 2, stamp: stampOf(6) }]);
      peer = store.load(ADA);
      assert.deepEqual([peer.expected, peer.shown, seqs(peer.inbox)], [3, 1, [1]]);
      assert.throws(() => store.commit(ADA, [{ type: "ignored", seq: 4, stamp: stampOf(7) }]), RangeError);
      assert.throws(() => store.commit(ADA, [{ type: "ignored", seq: 3, stamp: new Uint8Array(3) }]), RangeError);
    });

    it("gives the outbox new numbers, upward and downward", () => {
      const store = create();
      store.commit(ADA, [queued(0), queued(1), queued(2), { type: "released", next: 2 }]);
      store.commit(ADA, [{ type: "renumbered", first: 10 }]);
      let peer = store.load(ADA);
      assert.deepEqual(
        [peer.acknowledged, peer.released, peer.next, ...seqs(outboxOf(store, ADA))],
        [10, 12, 13, 10, 11, 12],
      );
      store.commit(ADA, [{ type: "renumbered", first: 1 }, queued(4)]);
      peer = store.load(ADA);
      assert.deepEqual(
        [peer.acknowledged, peer.released, peer.next, ...seqs(outboxOf(store, ADA))],
        [1, 3, 5, 1, 2, 3, 4],
      );
      assert.deepEqual(
        outboxOf(store, ADA).map(({ stamp }) => stamp),
        [0, 1, 2, 4].map((index) => stampOf(index)),
        "whatever its number, it is the same message",
      );
    });

    it("begins all numbers anew, with what waits and what has arrived of each life", () => {
      const store = create();
      store.commit(ADA, [{ type: "renumbered", first: 2 ** 30 }, queued(2 ** 30), queued(2 ** 30 + 1)]);
      store.commit(ADA, [
        { type: "skipped", next: 2 ** 31 },
        arrived(2 ** 31, stampOf(3)),
        { type: "peer-store-seen", peerStore: new Uint8Array(16).fill(9) },
      ]);
      assert.throws(() => store.commit(ADA, [{ type: "begun-anew" }]), RangeError, "something is not shown");
      store.commit(ADA, [{ type: "shown", next: 2 ** 31 + 1 }, { type: "begun-anew" }, arrived(0, stampOf(4))]);
      const { outbox, lives, inbox, peerStore, ...cursors } = store.load(ADA);
      assert.deepEqual(cursors, { acknowledged: 0, released: 0, next: 2, expected: 1, shown: 0, setting: undefined });
      assert.deepEqual(
        [outbox.length, seqs(outboxOf(store, ADA)), seqs(inbox), peerStore],
        [2, [0, 1], [0], undefined],
      );
      // Of one life, both.
      assert.deepEqual(lives, [{ life: LIFE, count: 5, lastSeq: 0 }]);
    });

    it("skips numbers that will not come, and keeps what is still to be shown", () => {
      const store = create();
      const state = (): unknown[] => {
        const { shown, expected, inbox } = store.load(ADA);
        return [shown, expected, seqs(inbox)];
      };
      store.commit(ADA, [{ type: "skipped", next: 3 }]);
      assert.deepEqual(state(), [3, 3, []]);
      store.commit(ADA, [arrived(3), { type: "skipped", next: 6 }, arrived(6)]);
      assert.deepEqual(state(), [3, 7, [3, 6]]);
      store.commit(ADA, [{ type: "shown", next: 5 }]);
      assert.deepEqual(state(), [5, 7, [6]]);
      store.commit(ADA, [
        { type: "shown", next: 7 },
        { type: "skipped", next: 9 },
      ]);
      assert.deepEqual(state(), [9, 9, []]);
    });

    it("remembers how much of each life has arrived, of the latest 1,000", () => {
      const store = create();
      const other = new Uint8Array(8).fill(6);
      store.commit(ADA, [arrived(0, stampOf(0)), arrived(1, stampOf(0, other)), arrived(2, stampOf(8))]);
      assert.deepEqual(inOrder(store.load(ADA).lives), [
        { life: other, count: 1, lastSeq: 1 },
        { life: LIFE, count: 9, lastSeq: 2 },
      ]);
      store.commit(
        ADA,
        Array.from({ length: 999 }, (_, index) => arrived(3 + index, stampOf(0, lifeOf(index)))),
      );
      const lives = inOrder(store.load(ADA).lives);
      assert.equal(lives.length, 1_000);
      assert.deepEqual(lives[0], { life: LIFE, count: 9, lastSeq: 2 });
    });

    it("copies what it is given, and leaves what it has handed out as it is", () => {
      const store = create();
      const [stamp, message] = [stampOf(0), toUtf8("as it was")];
      store.commit(ADA, [{ type: "queued", seq: 0, stamp, atMs: 1, message }]);
      store.commit(ADA, [{ type: "arrived", seq: 0, stamp, atMs: 1, message }]);
      for (const given of [stamp, message]) given.fill(0);
      const loaded = store.load(ADA);
      const waiting = outboxOf(store, ADA);
      const before = structuredClone([loaded, waiting]);
      const kept = { seq: 0, stamp: stampOf(0), atMs: 1, message: toUtf8("as it was") };
      assert.deepEqual([waiting, loaded.inbox], [[kept], [kept]]);
      store.commit(ADA, [
        { type: "acknowledged", next: 1, atMs: 2 },
        { type: "shown", next: 1 },
        arrived(1, stampOf(7)),
      ]);
      assert.deepEqual([loaded, waiting], before);
    });

    it("knows nothing of a peer of whom nothing was committed", () => {
      const store = create();
      store.commit(ADA, []);
      assert.deepEqual(store.load(ADA), NOTHING);
    });

    it("remembers the peer's store and the chat's setting, as copies", () => {
      const store = create();
      const peerStore = new Uint8Array(16).fill(3);
      const value = toUtf8("setting");
      store.commit(ADA, [
        { type: "peer-store-seen", peerStore },
        { type: "setting", value },
      ]);
      peerStore.fill(0);
      value.fill(0);
      const peer = store.load(ADA);
      assert.deepEqual([peer.peerStore, peer.setting], [new Uint8Array(16).fill(3), toUtf8("setting")]);
    });

    it("knows nothing of a peer that was forgotten, and all of the others; with the same peer all begins anew", () => {
      const store = create();
      const all: Change[] = [
        queued(0),
        queued(1),
        { type: "acknowledged", next: 1, atMs: 5 },
        arrived(0),
        arrived(1),
        { type: "shown", next: 1 },
        { type: "peer-store-seen", peerStore: new Uint8Array(16).fill(3) },
        { type: "setting", value: toUtf8("setting") },
      ];
      for (const peer of [ADA, BOB]) store.commit(peer, all);
      const kept = store.load(BOB);
      store.forgetPeer(ADA);
      assert.deepEqual(store.load(ADA), NOTHING);
      assert.deepEqual(store.load(BOB), kept);
      store.commit(ADA, [queued(0), arrived(0)]);
      const { next, inbox } = store.load(ADA);
      assert.deepEqual([next, seqs(outboxOf(store, ADA)), seqs(inbox)], [1, [0], [0]]);
      store.forgetPeer(ADA);
      store.forgetPeer(ADA);
      assert.deepEqual(store.load(ADA), NOTHING);
      assert.throws(() => store.forgetPeer(new Uint8Array(31)), RangeError);
    });

    it("counts what was acknowledged as released", () => {
      const store = create();
      store.commit(ADA, [queued(0), queued(1), { type: "acknowledged", next: 2, atMs: 0 }]);
      assert.equal(store.load(ADA).released, 2);
    });

    it("refuses a change that does not follow, and the whole commit with it", () => {
      const store = create();
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
        { type: "peer-store-seen", peerStore: new Uint8Array(15) },
        { type: "skipped", next: 0 },
        { type: "skipped", next: Number.NaN },
        { type: "queued", seq: 2, stamp: new Uint8Array(11), atMs: 0, message: toUtf8("") },
        arrived(1, new Uint8Array(13)),
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
}
