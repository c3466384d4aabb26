// The ledger: what is staged is not stored, what is stored is what stands there, and a store that fails changes nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { Ledger } from "../../../src/core/delivery/ledger.ts";
import { makeStamp } from "../../../src/core/delivery/stamp.ts";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../../throws-lair.ts";
import { stampOf } from "./lasting-store.ts";
import { idOf, NO_STAMP, OURS, PEER, THEIRS } from "./rogue-session.ts";
import { SpyStore } from "./spy-store.ts";
import { outboxOf } from "./whole-outbox.ts";
import type { StoredMessage } from "../../../src/core/delivery/store.ts";

const AT_MS = 1_795_132_980_000;
const bytes = (length = 1): Uint8Array => new Uint8Array(length);

function open(store = new SpyStore()) {
  return { store, ledger: new Ledger(store, PEER) };
}

/** The peer's next message, whose index is its number. */
function arrive(ledger: Ledger): number {
  const { expected } = ledger.cursors;
  ledger.arrive(stampOf(THEIRS, expected), bytes(), AT_MS);
  return expected;
}

/** All that waits, window by window. */
function messagesOf(ledger: Ledger): readonly StoredMessage[] {
  const { acknowledged, next } = ledger.cursors;
  return Array.from({ length: next - acknowledged }, (_, index) => ledger.message(acknowledged + index));
}

/** That a ledger stands where a new one over the same store would. */
function standsAsStored(ledger: Ledger, store: SpyStore): void {
  const { outbox, inbox, lives, peerStore, setting, ...cursors } = store.load(PEER);
  assert.deepEqual(ledger.cursors, cursors);
  for (const { life, count } of lives) {
    assert.deepEqual(
      [count - 1, count].map((index) => ledger.hasArrived(makeStamp({ life, index }))),
      [true, false],
    );
  }
  const latest = lives.find(({ lastSeq }) => lastSeq === Math.max(...lives.map((life) => life.lastSeq)));
  const last = latest === undefined ? NO_STAMP : makeStamp({ life: latest.life, index: latest.count - 1 });
  assert.deepEqual(ledger.resume.last, last);
  assert.equal(cursors.next - cursors.acknowledged, outbox.length);
  assert.deepEqual([messagesOf(ledger), ledger.inbox], [outboxOf(store, PEER), inbox]);
  assert.equal(
    ledger.bytesBelow(cursors.next),
    outbox.reduce((sum, one) => sum + one.bytes, 0),
  );
  assert.deepEqual([ledger.resume.known, ledger.setting], [peerStore ?? new Uint8Array(16), setting]);
}

describe("what is staged", () => {
  it("stands in the ledger at once, and in the store after one commit", () => {
    const { store, ledger } = open();
    for (const index of [0, 1]) {
      assert.deepEqual(ledger.queue(bytes(), AT_MS), {
        type: "queued",
        seq: index,
        stamp: stampOf(OURS, index),
        atMs: AT_MS,
        message: bytes(),
        content: undefined,
      });
    }
    ledger.release();
    arrive(ledger);
    ledger.seePeerStore(idOf(2));
    ledger.keepSetting(toUtf8("{}"));
    assert.equal(ledger.hasStaged, true);
    assert.deepEqual([store.commits, store.load(PEER).next], [[], 0]);
    ledger.commit();
    assert.deepEqual(store.commits, [["queued", "queued", "released", "arrived", "peer-store-seen", "setting"]]);
    assert.equal(ledger.hasStaged, false);
    standsAsStored(ledger, store);
    assert.deepEqual(ledger.cursors, { acknowledged: 0, released: 2, next: 2, expected: 1, shown: 0 });
    assert.deepEqual([ledger.resume.store, ledger.resume.known], [OURS, idOf(2)]);
  });

  it("is no commit when it is nothing, or changes nothing", () => {
    const { store, ledger } = open();
    ledger.commit();
    ledger.release();
    ledger.acknowledge(0, AT_MS);
    ledger.renumber(0);
    ledger.skip(0);
    ledger.show(0);
    ledger.commit();
    assert.deepEqual([ledger.hasStaged, store.commits], [false, []]);
  });

  it("is the same after a restart", () => {
    const { store, ledger } = open();
    for (let count = 0; count < 5; count++) ledger.queue(bytes(count), AT_MS + count);
    ledger.release();
    ledger.queue(bytes(9), AT_MS);
    for (let count = 0; count < 3; count++) ledger.arrive(stampOf(THEIRS, count), bytes(count), AT_MS + count);
    ledger.acknowledge(2, AT_MS);
    ledger.show(1);
    ledger.commit();
    const restarted = new Ledger(store.reopen(), PEER);
    standsAsStored(restarted, store);
    assert.deepEqual(restarted.cursors, { acknowledged: 2, released: 5, next: 6, expected: 3, shown: 1 });
    assert.deepEqual([messagesOf(restarted), restarted.inbox], [messagesOf(ledger), ledger.inbox]);
  });

  it("may be renumbered: what waits follows, in order, also what is queued", () => {
    const { store, ledger } = open();
    for (let count = 0; count < 3; count++) ledger.queue(bytes(count), AT_MS);
    ledger.release();
    ledger.queue(bytes(3), AT_MS);
    ledger.acknowledge(1, AT_MS);
    ledger.renumber(7);
    assert.deepEqual(ledger.cursors, { acknowledged: 7, released: 9, next: 10, expected: 0, shown: 0 });
    assert.deepEqual(
      messagesOf(ledger).map(({ seq, message }) => [seq, message.length]),
      [
        [7, 1],
        [8, 2],
        [9, 3],
      ],
    );
    ledger.commit();
    standsAsStored(ledger, store);
    assert.equal(ledger.queue(bytes(), AT_MS).seq, 10);
  });

  it("may skip what never comes; what has come and is not shown keeps its number", () => {
    const { store, ledger } = open();
    ledger.skip(3);
    assert.equal(ledger.cursors.shown, 3);
    assert.equal(arrive(ledger), 3);
    ledger.skip(9);
    assert.equal(arrive(ledger), 9);
    ledger.commit();
    standsAsStored(ledger, store);
    assert.deepEqual(
      ledger.inbox.map(({ seq }) => seq),
      [3, 9],
    );
    ledger.show(4);
    ledger.commit();
    standsAsStored(ledger, store);
    assert.deepEqual(
      ledger.inbox.map(({ seq }) => seq),
      [9],
    );
    ledger.show(10);
    ledger.commit();
    standsAsStored(ledger, store);
    assert.deepEqual([ledger.inbox, ledger.cursors.shown], [[], 10]);
  });
});

const stamps = (ledger: Ledger): Uint8Array[] => messagesOf(ledger).map(({ stamp }) => stamp);

describe("stamps (§7.2)", () => {
  it("are given once: the index grows from 0, and another life begins with each program", () => {
    const { store, ledger } = open();
    for (let count = 0; count < 2; count++) ledger.queue(bytes(), AT_MS);
    ledger.commit();
    const restarted = new Ledger(store.reopen(), PEER);
    for (let count = 0; count < 2; count++) restarted.queue(bytes(), AT_MS);
    const expected = [stampOf(OURS, 0), stampOf(OURS, 1), stampOf(OURS, 0, 1), stampOf(OURS, 1, 1)];
    restarted.commit();
    assert.deepEqual(stamps(restarted), expected);
    standsAsStored(restarted, store);
  });

  it("stay with their messages under other numbers", () => {
    const { ledger } = open();
    for (let count = 0; count < 2; count++) ledger.queue(bytes(), AT_MS);
    ledger.renumber(7);
    assert.deepEqual(stamps(ledger), [stampOf(OURS, 0), stampOf(OURS, 1)]);
    assert.deepEqual(ledger.queue(bytes(), AT_MS).stamp, stampOf(OURS, 2));
  });

  it("are not given again to what follows on a message that was not stored", () => {
    const { store, ledger } = open();
    store.failsCommit = true;
    ledger.queue(bytes(), AT_MS);
    throwsLair(() => ledger.commit(), "store-unwritable");
    store.failsCommit = false;
    assert.deepEqual([ledger.queue(bytes(), AT_MS).stamp, ledger.cursors.next], [stampOf(OURS, 1), 1]);
  });

  it("have arrived when an equal or a later one of their life has, before and after a restart", () => {
    const { store, ledger } = open();
    assert.deepEqual(ledger.resume.last, NO_STAMP);
    ledger.arrive(stampOf(THEIRS, 2), bytes(), AT_MS);
    ledger.arrive(stampOf(THEIRS, 0, 1), bytes(), AT_MS);
    ledger.commit();
    for (const one of [ledger, new Ledger(store.reopen(), PEER)]) {
      const has = (index: number, opening: number): boolean => one.hasArrived(stampOf(THEIRS, index, opening));
      assert.deepEqual(
        [0, 1, 2, 3, 2 ** 32 - 1].map((index) => has(index, 0)),
        [true, true, true, false, false],
      );
      assert.deepEqual([has(0, 1), has(1, 1), has(0, 2)], [true, false, false]);
    }
  });

  it("leave the last one that was taken, whatever was skipped since, and whichever life is older", () => {
    const { store, ledger } = open();
    ledger.arrive(stampOf(THEIRS, 5), bytes(), AT_MS);
    ledger.arrive(stampOf(THEIRS, 0, 1), bytes(), AT_MS);
    ledger.arrive(stampOf(THEIRS, 6), bytes(), AT_MS);
    ledger.skip(9);
    ledger.commit();
    standsAsStored(ledger, store);
    for (const one of [ledger, new Ledger(store.reopen(), PEER)]) assert.deepEqual(one.resume.last, stampOf(THEIRS, 6));
  });

  it("have not arrived when they could not be stored", () => {
    const { store, ledger } = open();
    store.failsCommit = true;
    arrive(ledger);
    assert.equal(ledger.hasArrived(stampOf(THEIRS, 0)), true);
    throwsLair(() => ledger.commit(), "store-unwritable");
    assert.deepEqual([ledger.hasArrived(stampOf(THEIRS, 0)), ledger.resume.last], [false, NO_STAMP]);
  });
});

describe("a store that fails", () => {
  it("takes back all that was staged, and the ledger stands as the store does", () => {
    const { store, ledger } = open();
    ledger.queue(bytes(), AT_MS);
    ledger.commit();
    store.failsCommit = true;
    ledger.release();
    arrive(ledger);
    ledger.acknowledge(1, AT_MS);
    ledger.seePeerStore(idOf(2));
    ledger.keepSetting(toUtf8("{}"));
    throwsLair(() => ledger.commit(), "store-unwritable");
    standsAsStored(ledger, store);
    assert.equal(ledger.hasStaged, false);
    store.failsCommit = false;
    ledger.queue(bytes(), AT_MS);
    ledger.commit();
    standsAsStored(ledger, store);
    assert.equal(ledger.cursors.next, 2);
  });

  it("says how much of what the person said was not stored, and keeps the cause", () => {
    for (const [count, words] of [
      [1, "The last message was not stored, and will not be sent."],
      [3, "The last 3 messages were not stored, and will not be sent."],
    ] as const) {
      const { store, ledger } = open();
      store.failsCommit = true;
      for (let said = 0; said < count; said++) ledger.queue(bytes(), AT_MS);
      arrive(ledger);
      const error = throwsLair(() => ledger.commit(), "store-unwritable");
      assert.deepEqual(error.details, [words]);
      assert.equal(error.hint, "Make room.");
      assert.ok(error.cause instanceof LairError, "the cause is lost");
    }
  });

  it("says nothing of the person where nothing was said", () => {
    const { store, ledger } = open();
    store.failsCommit = true;
    arrive(ledger);
    assert.deepEqual(throwsLair(() => ledger.commit(), "store-unwritable").details, []);
  });

  it("is read again by refresh() when not even that went well", () => {
    const { store, ledger } = open();
    ledger.queue(bytes(), AT_MS);
    ledger.commit();
    store.failsCommit = true;
    store.failsLoad = true;
    ledger.queue(bytes(), AT_MS);
    throwsLair(() => ledger.commit(), "store-unwritable");
    throwsLair(() => ledger.refresh(), "store-unwritable");
    store.failsLoad = false;
    ledger.refresh();
    standsAsStored(ledger, store);
    assert.equal(ledger.cursors.next, 1);
  });

  it("is not asked again by refresh() when nothing failed", () => {
    const { store, ledger } = open();
    store.failsLoad = true;
    ledger.refresh();
    ledger.queue(bytes(), AT_MS);
    assert.equal(ledger.cursors.next, 1);
  });

  it("is read when the ledger begins, and may fail then", () => {
    const store = new SpyStore();
    store.failsLoad = true;
    throwsLair(() => open(store), "store-unwritable");
  });
});

/** The numbers of the first ones, asked for one after the other. */
const inOrder = (ledger: Ledger, count: number): number[] =>
  Array.from({ length: count }, (_, index) => ledger.message(index).seq);

describe("the window", () => {
  const PART = 60_000;

  it("has what was queued last while it is small: nothing is read that was just written", () => {
    const { store, ledger } = open();
    for (let count = 0; count < 4; count++) ledger.queue(bytes(PART), AT_MS);
    ledger.commit();
    assert.deepEqual(inOrder(ledger, 4), [0, 1, 2, 3]);
    ledger.queue(bytes(PART), AT_MS);
    ledger.commit();
    assert.equal(ledger.message(4).seq, 4);
    assert.deepEqual(store.reads, []);
  });

  it("is read as far as 256 KiB, again and again", () => {
    const { store, ledger } = open();
    for (let count = 0; count < 20; count++) ledger.queue(bytes(PART), AT_MS);
    ledger.commit();
    assert.deepEqual(
      inOrder(ledger, 20),
      Array.from({ length: 20 }, (_, seq) => seq),
    );
    assert.deepEqual(store.reads, [4, 8, 12, 16]);
    const restarted = new Ledger(store.reopen(), PEER);
    inOrder(restarted, 20);
    assert.deepEqual(store.reads, [4, 8, 12, 16, 0, 4, 8, 12, 16]);
  });

  it("is read again for an earlier one, and goes along with new numbers and acknowledgements", () => {
    const { store, ledger } = open();
    for (let count = 0; count < 6; count++) ledger.queue(bytes(PART), AT_MS);
    ledger.release();
    ledger.commit();
    assert.deepEqual([ledger.message(5).seq, ledger.message(1).seq], [5, 1]);
    ledger.acknowledge(2, AT_MS);
    ledger.commit();
    assert.equal(ledger.message(2).seq, 2);
    ledger.renumber(10);
    ledger.commit();
    assert.deepEqual([ledger.message(10).seq, ledger.message(12).seq], [10, 12]);
    assert.deepEqual(store.reads, [5, 1]);
    standsAsStored(ledger, store);
  });
});

describe("the queue", () => {
  it("holds 10,000 messages and not one more, until one of them is delivered, also after a restart", () => {
    const { store, ledger } = open();
    for (let seq = 0; seq < 10_000; seq++) assert.equal(ledger.queue(bytes(), AT_MS).seq, seq);
    const error = throwsLair(() => ledger.queue(bytes(), AT_MS), "queue-full");
    assert.ok(error.hint, "no hint");
    ledger.release();
    ledger.commit();
    const restarted = new Ledger(store.reopen(), PEER);
    throwsLair(() => restarted.queue(bytes(), AT_MS), "queue-full");
    assert.deepEqual([restarted.hasStaged, restarted.cursors.next], [false, 10_000]);
    restarted.acknowledge(1, AT_MS);
    assert.equal(restarted.queue(bytes(), AT_MS).seq, 10_000);
    throwsLair(() => restarted.queue(bytes(), AT_MS), "queue-full");
  });

  it("holds 64 MiB and not one byte more, until some of it is delivered, also after a restart", () => {
    const { store, ledger } = open();
    const part = bytes(65_508);
    const whole = Math.floor((64 * 1024 * 1024) / part.length);
    const rest = 64 * 1024 * 1024 - whole * part.length;
    for (let count = 0; count < whole; count++) ledger.queue(part, AT_MS);
    throwsLair(() => ledger.queue(part.subarray(0, rest + 1), AT_MS), "queue-full");
    ledger.queue(part.subarray(0, rest), AT_MS);
    throwsLair(() => ledger.queue(bytes(), AT_MS), "queue-full");
    ledger.release();
    ledger.commit();
    const restarted = new Ledger(store.reopen(), PEER);
    throwsLair(() => restarted.queue(bytes(), AT_MS), "queue-full");
    restarted.acknowledge(1, AT_MS);
    restarted.queue(part, AT_MS);
    throwsLair(() => restarted.queue(bytes(), AT_MS), "queue-full");
  });

  it("has room again for what a failing store took back", () => {
    const { store, ledger } = open();
    store.failsCommit = true;
    for (let count = 0; count < 10_000; count++) ledger.queue(bytes(), AT_MS);
    throwsLair(() => ledger.commit(), "store-unwritable");
    assert.equal(ledger.queue(bytes(), AT_MS).seq, 0);
  });
});

describe("what the peer has sent and nobody has seen", () => {
  it("fills the inbox with 10,000 messages, until some are shown, also for the next program", () => {
    const { store, ledger } = open();
    for (let seq = 0; seq < 9_999; seq++) arrive(ledger);
    assert.equal(ledger.isInboxFull, false);
    arrive(ledger);
    assert.equal(ledger.isInboxFull, true);
    ledger.commit();
    assert.equal(open(store).ledger.isInboxFull, true);
    ledger.show(1);
    assert.equal(ledger.isInboxFull, false);
  });

  it("fills it with 64 MiB as well", () => {
    const { ledger } = open();
    const mib = bytes(1024 * 1024);
    for (let seq = 0; seq < 63; seq++) ledger.arrive(stampOf(THEIRS, seq), mib, AT_MS);
    assert.equal(ledger.isInboxFull, false);
    ledger.arrive(stampOf(THEIRS, 63), mib, AT_MS);
    assert.equal(ledger.isInboxFull, true);
    ledger.show(1);
    assert.equal(ledger.isInboxFull, false);
  });
});
