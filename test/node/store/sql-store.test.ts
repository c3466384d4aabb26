import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeStamp } from "../../../src/core/delivery/stamp.ts";
import type { Change } from "../../../src/core/delivery/store.ts";
import { describeStore } from "../../core/delivery/store-contract.ts";
import { acknowledged, ADA, arrived, BOB, newPlace, open, queued, rowsOf, shown, skipped, stampOf } from "./places.ts";
import { outboxOf } from "../../core/delivery/whole-outbox.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const from = (seq: number, stamp: Uint8Array): Change => ({ type: "arrived", seq, stamp, atMs: 0, message: bytes() });
/** The first stamp of a life of this number. */
const firstOf = (number: number): Uint8Array =>
  makeStamp({ life: bytes(0, 0, 0, 0, 0, 0, number >> 8, number & 255), index: 0 });

describeStore("the store on the disk", () => open(newPlace()));

describe("the store on the disk", () => {
  it("has an id of its own, which it keeps", () => {
    const place = newPlace();
    const store = open(place);
    assert.equal(store.id.length, 16);
    assert.ok(
      store.id.some((byte) => byte !== 0),
      "it is not that of a store that forgets",
    );
    store.close();
    assert.deepEqual(open(place).id, store.id);
    assert.notDeepEqual(open(newPlace()).id, store.id);
  });

  it("still has everything after it was closed, and after it was not", () => {
    const place = newPlace();
    const changes: Change[] = [
      { type: "peer-store-seen", peerStore: new Uint8Array(16).fill(9) },
      { type: "setting", value: bytes(1, 0, 255) },
      ...Array.from({ length: 300 }, (_, seq) => queued(seq, `line ${seq}`, 1_800_000_000_000 + seq)),
      { type: "released", next: 200 },
      acknowledged(120, 5),
      // What the chat cannot read is a message like any other here.
      { type: "arrived", seq: 0, stamp: stampOf(0, 2), atMs: 3, message: bytes() },
      { type: "arrived", seq: 1, stamp: stampOf(1, 2), atMs: 4, message: bytes(0, 255, 7) },
      arrived(2, "hello"),
      shown(1),
    ];
    let store = open(place);
    store.commit(ADA, changes);
    store.commit(BOB, [queued(0, "to bob")]);
    const before = store.load(ADA);
    assert.deepEqual(
      [before.acknowledged, before.released, before.next, before.expected, before.shown],
      [120, 200, 300, 3, 1],
    );
    assert.deepEqual(before.inbox[0], { seq: 1, stamp: stampOf(1, 2), atMs: 4, message: bytes(0, 255, 7) });
    assert.equal(before.outbox.length, 180);
    store.close();
    store = open(place);
    assert.deepEqual(store.load(ADA), before);
    assert.deepEqual(store.load(BOB).outbox.length, 1);
    // Read by another connection, which knows only the files: nothing waits to be written.
    assert.deepEqual(open(place, { mode: "read" }).load(ADA), before);
  });

  it("takes many messages of a peer at once, and fewer while they are lines of a history", () => {
    const store = open(newPlace());
    store.setRetention(BOB, "forever");
    assert.deepEqual([store.mostAtOnce(ADA), store.mostAtOnce(BOB)], [1_024, 64]);
  });

  it("has one row for the messages of a commit, whatever else changes between them", () => {
    const place = newPlace();
    const store = open(place);
    const changes: Change[] = [];
    for (let seq = 0; seq < 4; seq++) changes.push(arrived(seq, `line ${seq}`), { type: "setting", value: bytes(seq) });
    store.commit(ADA, changes);
    assert.deepEqual(rowsOf(place, "SELECT first, last FROM batches"), [[0, 3]]);
    assert.deepEqual(store.load(ADA).setting, bytes(3));
  });

  it("gives the outbox new numbers, upward and downward, also where old and new overlap", () => {
    const place = newPlace();
    let store = open(place);
    store.commit(
      ADA,
      Array.from({ length: 20 }, (_, seq) => queued(seq, `line ${seq}`, 50 + seq)),
    );
    const bodies = outboxOf(store, ADA).map(({ stamp, atMs, message }) => ({ stamp, atMs, message }));
    assert.deepEqual(
      bodies.map(({ stamp }) => stamp),
      Array.from({ length: 20 }, (_, index) => stampOf(index)),
    );
    for (const first of [1, 7, 5, 0, 2, 50, 9]) {
      store.commit(ADA, [{ type: "renumbered", first }]);
      store.close();
      store = open(place);
      const { acknowledged: oldest, next } = store.load(ADA);
      assert.deepEqual([oldest, next], [first, first + 20]);
      assert.deepEqual(
        outboxOf(store, ADA),
        bodies.map((body, index) => ({ seq: first + index, ...body })),
      );
    }
  });

  it("has a life of its own each time when it is opened", () => {
    const place = newPlace();
    const lives = [0, 1, 2].map(() => {
      const store = open(place);
      store.close();
      return store.life;
    });
    assert.deepEqual(
      lives.map(({ length }) => length),
      [8, 8, 8],
    );
    assert.equal(new Set(lives.map(String)).size, 3);
  });

  it("remembers how much of each life of the peer has arrived, over reopening, for each peer by itself", () => {
    const place = newPlace();
    let store = open(place);
    // Two lives in turns: an older copy of the peer's store still had some of the first one to say.
    store.commit(ADA, [from(0, stampOf(0, 2)), from(1, stampOf(1, 2)), from(2, stampOf(0, 3)), from(3, stampOf(7, 2))]);
    store.commit(ADA, [from(4, stampOf(1, 3))]);
    store.commit(BOB, [from(0, stampOf(4, 2))]);
    const of = (peer: Uint8Array): unknown[] =>
      store
        .load(peer)
        .lives.toSorted((one, other) => one.lastSeq - other.lastSeq)
        .map(({ life, count, lastSeq }) => [life[0], count, lastSeq]);
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(
        [of(ADA), of(BOB)],
        [
          [
            [2, 8, 3],
            [3, 2, 4],
          ],
          [[2, 5, 0]],
        ],
      );
      store.close();
      store = open(place);
    }
  });

  it("remembers the latest 1,000 lives, and no more", () => {
    const store = open(newPlace());
    store.commit(
      ADA,
      Array.from({ length: 1_000 }, (_, seq) => from(seq, firstOf(seq))),
    );
    // The first one speaks again, so that the second is the oldest.
    store.commit(ADA, [from(1_000, firstOf(0))]);
    store.commit(ADA, [from(1_001, firstOf(1_000)), from(1_002, firstOf(1_001))]);
    const numbers = store.load(ADA).lives.map((known) => (known.life[6]! << 8) | known.life[7]!);
    assert.deepEqual(
      numbers.toSorted((one, other) => one - other),
      [0, ...Array.from({ length: 999 }, (_, index) => index + 3)],
    );
  });

  it("skips numbers that will not come, and keeps what is still to be shown", () => {
    const place = newPlace();
    let store = open(place);
    store.commit(ADA, [arrived(0, "zero"), arrived(1, "one"), skipped(5), arrived(5, "five"), skipped(9)]);
    const state = (): unknown[] => {
      store.close();
      store = open(place);
      const { shown: from, expected, inbox } = store.load(ADA);
      return [from, expected, inbox.map(({ seq }) => seq)];
    };
    assert.deepEqual(state(), [0, 9, [0, 1, 5]]);
    store.commit(ADA, [shown(1)]);
    assert.deepEqual(state(), [1, 9, [1, 5]]);
    store.commit(ADA, [shown(3), arrived(9, "nine")]);
    assert.deepEqual(state(), [3, 10, [5, 9]]);
    // Shown up to a number in a gap: nothing waits, though the cursors differ.
    store.commit(ADA, [shown(10), arrived(10, "ten"), skipped(20), shown(11)]);
    assert.deepEqual(state(), [11, 20, []]);
    store.commit(ADA, [shown(20), skipped(30)]);
    assert.deepEqual(state(), [30, 30, []]);
    store.commit(ADA, [arrived(30, "thirty")]);
    assert.deepEqual(state(), [30, 31, [30]]);
  });

  it("loads thousands of messages in order", () => {
    const place = newPlace();
    const store = open(place);
    store.commit(
      ADA,
      Array.from({ length: 3_000 }, (_, seq) => queued(seq, `line ${seq}`)),
    );
    assert.ok(
      outboxOf(store, ADA).every(({ seq }, index) => seq === index),
      "each number is in its place",
    );
  });

  it("hands out what is the caller's own", () => {
    const store = open(newPlace());
    const value = bytes(1, 2);
    store.commit(ADA, [
      { type: "setting", value },
      { type: "peer-store-seen", peerStore: new Uint8Array(16) },
    ]);
    value.fill(9);
    store.load(ADA).setting!.fill(9);
    store.load(ADA).peerStore!.fill(9);
    assert.deepEqual(store.load(ADA).setting, bytes(1, 2));
    assert.deepEqual(store.load(ADA).peerStore, new Uint8Array(16));
  });

  it("refuses what was never a key, and every call once it is closed", () => {
    const store = open(newPlace());
    assert.throws(() => store.load(bytes(1)), RangeError);
    assert.throws(() => store.commit(bytes(1), []), RangeError);
    store.close();
    store.close();
    assert.throws(() => store.load(ADA), TypeError);
    assert.throws(() => store.commit(ADA, [queued(0, "late")]), TypeError);
  });
});
