// How much is kept with one peer: the bytes of its lines are counted as they come and go, and beyond the limit the oldest
// lines go, in steps.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HISTORY_LIMIT_BYTES } from "../../../src/core/chat/history.ts";
import type { Change } from "../../../src/core/delivery/store.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";
import { startPurging } from "../../../src/app/retention.ts";
import { ManualClock } from "../manual-clock.ts";
import { outboxOf } from "../../core/delivery/whole-outbox.ts";
import { SeededRandom } from "../../core/channel/seeded-random.ts";
import { effort } from "../../effort.ts";
import { throwsLair } from "../../throws-lair.ts";
import {
  acknowledged,
  ADA,
  arrived,
  beforeLimits,
  BOB,
  historyBytes,
  newPlace,
  open,
  queued,
  rawly,
  rowsOf,
  said,
  shown,
  stampOf,
  textsOf,
} from "./places.ts";
import { CODES, Trouble } from "./trouble.ts";

const NOW_MS = 1_800_000_000_000;
const STEPS = effort(50, 800);

const linesOf = (store: SqlStore, peer = ADA): string[] => textsOf(store.all(peer, NOW_MS));
const totalOf = (store: SqlStore, words: string): number => store.search(ADA, words, 5, NOW_MS).total;
/** Says that a step is over when it is asked for the nth time. */
const after = (count: number) => () => --count <= 0;

/** "line 000 a" and so on: all are of one length, and each has words of its own. */
const lineAt = (index: number): string =>
  `line ${String(index).padStart(3, "0")} word${String(index).padStart(3, "0")}`;
const linesFrom = (first: number, end: number): string[] =>
  Array.from({ length: end - first }, (_, index) => lineAt(first + index));

/** This many lines of the peer, shown, with their words in the index; and how many bytes each of them counts. */
function fill(store: SqlStore, count: number, peer = ADA): number {
  store.setRetention(peer, "forever");
  const lines = linesFrom(0, count).map((line, seq) => arrived(seq, line, NOW_MS));
  store.commit(peer, [...lines, shown(count)]);
  store.indexWords();
  // Beside the message: its stamp, 12 bytes, and the tag of the seal, 16.
  return said(lineAt(0), NOW_MS).message.length + 28;
}

function assertCounted(place: string, when: string): void {
  for (const [counted, real] of historyBytes(place)) assert.equal(counted, real, when);
}

describe("the limit of a history", () => {
  it("is 256 MiB at first, and what was said last for this peer afterwards, also in the next program", () => {
    const place = newPlace();
    const store = open(place);
    assert.deepEqual([HISTORY_LIMIT_BYTES, store.limit(ADA)], [268_435_456, 268_435_456]);
    store.setLimit(ADA, 5_000);
    store.commit(ADA, [queued(0, "one")]);
    store.close();
    const again = open(place);
    assert.deepEqual([again.limit(ADA), again.limit(BOB)], [5_000, HISTORY_LIMIT_BYTES]);
    assert.equal(again.load(ADA).next, 1);
    again.forgetPeer(ADA);
    assert.equal(again.limit(ADA), HISTORY_LIMIT_BYTES);
  });

  it("lets the oldest lines go, no more of them than needed, with their words; and others' not at all", () => {
    const place = newPlace();
    const store = open(place);
    fill(store, 3, BOB);
    const bytes = fill(store, 20);
    store.setLimit(ADA, 5 * bytes);
    assert.deepEqual(store.deletedByLimit, []);
    assert.equal(linesOf(store).length, 20, "before the next purge");
    assert.equal(store.purge(NOW_MS), undefined);
    assert.deepEqual(linesOf(store), linesFrom(15, 20));
    assert.deepEqual(textsOf(store.last(ADA, 2, NOW_MS)), linesFrom(18, 20));
    assert.deepEqual([store.count(ADA, NOW_MS), linesOf(store, BOB).length], [5, 3]);
    assert.deepEqual(
      ["word014", "word015", "line"].map((words) => totalOf(store, words)),
      [0, 1, 5],
    );
    assert.deepEqual(
      store.deletedByLimit.map((key) => key[0]),
      [0xad],
    );
    assert.deepEqual(historyBytes(place).at(1), [5 * bytes, 5 * bytes]);
    // A byte less is a line less.
    store.setLimit(ADA, 5 * bytes - 1);
    store.purge(NOW_MS);
    assert.deepEqual(linesOf(store), linesFrom(16, 20));
    assert.equal(store.deletedByTime, 0);
  });

  it("is not stopped by damaged lines, which go as the oldest ones; no line that can be read goes in their place", () => {
    const place = newPlace();
    const before = open(place);
    const bytes = fill(before, 20);
    before.setLimit(ADA, 18 * bytes);
    before.close();
    rawly(place, "UPDATE messages SET body = randomblob(length(body)) WHERE id IN (1, 2, 5)");
    const store = open(place);
    assert.equal(store.purge(NOW_MS), undefined);
    assert.deepEqual(rowsOf(place, "SELECT count(*), min(id) FROM messages"), [[18, 3]]);
    assertCounted(place, "two damaged ones are gone");
    store.setLimit(ADA, 15 * bytes);
    assert.equal(store.purge(NOW_MS), undefined);
    assert.deepEqual(linesOf(store), linesFrom(5, 20));
    assert.deepEqual([totalOf(store, "word003"), totalOf(store, "word005")], [0, 1]);
    assertCounted(place, "all damaged ones are gone");
  });

  it("holds while lines come: each purge brings it back, whether or not their words are in the index yet", () => {
    const place = newPlace();
    const store = open(place);
    const bytes = fill(store, 10);
    store.setLimit(ADA, 10 * bytes);
    for (let index = 10; index < 40; index++) {
      store.commit(ADA, [arrived(index, lineAt(index), NOW_MS), shown(index + 1)]);
      if (index % 4 > 0) continue;
      store.purge(NOW_MS);
      assert.deepEqual(linesOf(store), linesFrom(index - 9, index + 1));
      if (index % 8 > 0) continue;
      assert.equal(totalOf(store, "line"), 10);
      store.indexWords();
      assert.equal(totalOf(store, "line"), 10);
    }
    assertCounted(place, "at the end");
  });

  it("is reached in steps that end when they are told to; one that was never finished is gone on with after a restart", () => {
    const place = newPlace();
    let store = open(place);
    const bytes = fill(store, 100);
    store.setLimit(ADA, 10 * bytes);
    for (let step = 1; step <= 9; step++) {
      assert.equal(store.purge(NOW_MS, after(10)), NOW_MS, "the next step is due");
      assert.deepEqual(linesOf(store), linesFrom(10 * step, 100));
      assertCounted(place, `step ${step}`);
      assert.deepEqual([totalOf(store, lineAt(10 * step - 1)), totalOf(store, lineAt(10 * step))], [0, 1]);
      if (step % 3 > 0) continue;
      store.close();
      store = open(place);
    }
    assert.equal(store.purge(NOW_MS, after(10)), undefined);
    assert.equal(linesOf(store).length, 10);
  });

  it("loses nothing more in a step that fails, and the next one goes on", () => {
    const place = newPlace();
    const trouble = new Trouble();
    const store = open(place, { open: trouble.open });
    const bytes = fill(store, 30);
    store.setLimit(ADA, 10 * bytes);
    let deletions = 0;
    trouble.judge = (sql) =>
      sql.startsWith("DELETE FROM messages") && ++deletions > 7 ? { code: CODES.full } : undefined;
    assert.equal(throwsLair(() => store.purge(NOW_MS)).code, "store-unwritable");
    assert.deepEqual([linesOf(store), store.deletedByLimit], [linesFrom(0, 30), []]);
    trouble.judge = () => undefined;
    assertCounted(place, "undone");
    store.purge(NOW_MS);
    assert.deepEqual(linesOf(store), linesFrom(20, 30));
    assertCounted(place, "done");
  });

  it("never takes what waits to be delivered or shown, which counts once it is history", () => {
    const place = newPlace();
    const store = open(place);
    store.setRetention(ADA, "forever");
    store.setLimit(ADA, 1);
    const waiting = Array.from({ length: 100 }, (_, seq) => [
      queued(seq, `mine ${seq}`),
      arrived(seq, `theirs ${seq}`),
    ]);
    store.commit(ADA, waiting.flat());
    const before = store.load(ADA);
    const outbox = outboxOf(store, ADA);
    assert.equal(store.purge(NOW_MS), undefined);
    assert.deepEqual([store.load(ADA), outboxOf(store, ADA), historyBytes(place)], [before, outbox, [[0, 0]]]);
    // What was said last goes before what was said first and waits.
    store.commit(ADA, [{ type: "skipped", next: 200 }, arrived(200, "later", NOW_MS)]);
    store.commit(ADA, [shown(201)]);
    assert.ok(Number(historyBytes(place)[0]![0]) > 100 * 28);
    store.purge(NOW_MS);
    assert.deepEqual(
      linesOf(store),
      outbox.map((_, seq) => `mine ${seq}`),
    );
    assert.deepEqual([outboxOf(store, ADA), historyBytes(place)], [outbox, [[0, 0]]]);
    store.commit(ADA, [acknowledged(100, NOW_MS)]);
    store.purge(NOW_MS);
    assert.deepEqual([linesOf(store), historyBytes(place)], [[], [[0, 0]]]);
  });

  it("goes by the order in which lines were stored, not by a clock that was wrong", () => {
    const store = open(newPlace());
    store.setRetention(ADA, "forever");
    store.commit(ADA, [arrived(0, "one", NOW_MS), arrived(1, "two", 5), arrived(2, "thr", NOW_MS - 5), shown(3)]);
    store.setLimit(ADA, 2 * (said("one", NOW_MS).message.length + 28));
    store.purge(NOW_MS);
    assert.deepEqual(linesOf(store).at(-1), "thr");
    assert.ok(!linesOf(store).includes("one"));
  });

  it("does not touch lines of before where nothing more is kept; and holds when something is kept again", () => {
    const store = open(newPlace());
    fill(store, 10);
    store.setRetention(ADA, "off");
    store.setLimit(ADA, 1);
    assert.equal(store.purge(NOW_MS), undefined);
    assert.equal(linesOf(store).length, 10);
    store.setRetention(ADA, "forever");
    store.purge(NOW_MS);
    assert.deepEqual(linesOf(store), []);
  });

  it("is kept by a program that runs, five seconds after it was passed at most; the program is told once", () => {
    const store = open(newPlace());
    const clock = new ManualClock();
    const bytes = fill(store, 10);
    store.setLimit(ADA, 10 * bytes);
    const told: unknown[] = [];
    const reachedLimit = (peer: Uint8Array): void => void told.push(peer[0]);
    const stop = startPurging(store, clock, { failed: assert.fail, notice: assert.fail, reachedLimit });
    for (let index = 10; index < 30; index += 5) {
      clock.pass(5_000);
      assert.deepEqual([linesOf(store), told], [linesFrom(index - 10, index), index === 10 ? [] : [0xad]]);
      const changes = linesFrom(index, index + 5).map((line, at) => arrived(index + at, line, NOW_MS));
      store.commit(ADA, [...changes, shown(index + 5)]);
    }
    stop();
    assert.deepEqual([linesOf(store), told], [linesFrom(20, 30), [0xad]]);
  });

  it("counts nothing of what has disappeared or was too old", () => {
    const place = newPlace();
    const store = open(place);
    const bytes = fill(store, 10);
    const timed = Array.from({ length: 10 }, (_, index) => arrived(10 + index, lineAt(10 + index), NOW_MS + 1, 5));
    store.commit(ADA, [...timed, shown(20), queued(0, lineAt(20), NOW_MS + 2), acknowledged(1, NOW_MS)]);
    assert.equal(store.purge(NOW_MS + 6_000, after(4)), NOW_MS + 6_000);
    assertCounted(place, "some have disappeared");
    store.purge(NOW_MS + 6_000);
    assert.deepEqual(historyBytes(place), [[11 * bytes, 11 * bytes]]);
    store.setRetention(ADA, { ms: 10_000 });
    store.purge(NOW_MS + 10_001);
    assert.deepEqual(historyBytes(place), [[bytes, bytes]]);
  });

  it("is at zero bytes when all has been forgotten, in whatever step the deletion of that is", () => {
    const place = newPlace();
    const store = open(place);
    const bytes = fill(store, 450);
    store.commit(ADA, [queued(0, "waits")]);
    assert.equal(store.forget(ADA), 451);
    assert.deepEqual(historyBytes(place), [[0, 0]]);
    assert.equal(store.purge(NOW_MS, after(1)), NOW_MS);
    assert.deepEqual(historyBytes(place), [[0, 0]]);
    store.commit(ADA, [acknowledged(1, NOW_MS), arrived(450, lineAt(450), NOW_MS), shown(451)]);
    assert.deepEqual(historyBytes(place), [[bytes, bytes]]);
    store.setLimit(ADA, bytes);
    store.purge(NOW_MS);
    assert.deepEqual([linesOf(store), store.deletedByLimit], [[lineAt(450)], []]);
  });
});

/** A store of an earlier version that has been used, and is closed. */
function earlier(count: number): { readonly place: string; readonly bytes: number } {
  const place = newPlace();
  const store = open(place);
  const bytes = fill(store, count);
  store.commit(ADA, [queued(0, "waits", NOW_MS)]);
  store.commit(BOB, [queued(0, "not kept")]);
  store.close();
  beforeLimits(place);
  return { place, bytes };
}

describe("a store of before there was a limit", () => {
  it("is counted by the first purge, and not before; what is said until then is counted with it", () => {
    const { place, bytes } = earlier(10);
    const store = open(place);
    assert.deepEqual([store.limit(ADA), linesOf(store).length, store.load(ADA).next], [HISTORY_LIMIT_BYTES, 11, 1]);
    store.commit(ADA, [arrived(10, lineAt(10), NOW_MS), shown(11)]);
    assert.equal(historyBytes(place)[0]![0], null);
    store.purge(NOW_MS);
    assert.deepEqual(historyBytes(place)[0], [11 * bytes, 11 * bytes]);
    store.commit(ADA, [arrived(11, lineAt(11), NOW_MS), shown(12)]);
    assertCounted(place, "afterwards");
  });

  it("is brought to its limit like any other, and a program that only reads can read it before", () => {
    const { place, bytes } = earlier(10);
    assert.equal(linesOf(open(place, { mode: "read" })).length, 11);
    const store = open(place);
    store.setLimit(ADA, 3 * bytes);
    assert.equal(store.purge(NOW_MS, after(3)), NOW_MS);
    assert.equal(store.purge(NOW_MS), undefined);
    assert.deepEqual(linesOf(store), [...linesFrom(7, 10), "waits"]);
    assertCounted(place, "afterwards");
  });

  it("may be forgotten before it is counted", () => {
    const { place } = earlier(10);
    const store = open(place);
    store.forget(ADA);
    assert.deepEqual(historyBytes(place)[0], [0, 0]);
    store.purge(NOW_MS);
    assertCounted(place, "afterwards");
  });

  it("is counted in a later purge where the first one fails", () => {
    const { place } = earlier(10);
    const trouble = new Trouble();
    const store = open(place, { open: trouble.open });
    trouble.judge = (sql) => (sql.startsWith("UPDATE peers") ? { code: CODES.full } : undefined);
    assert.equal(throwsLair(() => store.purge(NOW_MS)).code, "store-unwritable");
    assert.equal(historyBytes(place)[0]![0], null);
    trouble.judge = () => undefined;
    store.purge(NOW_MS);
    assertCounted(place, "afterwards");
  });
});

describe("the bytes of a history", () => {
  const seed = Number(process.env.STORE_SEED ?? Date.now() % 2 ** 31);
  it(`are what the lines have, after each of ${STEPS} random steps (STORE_SEED=${seed})`, () => {
    const random = new SeededRandom(seed);
    const place = newPlace();
    const trouble = new Trouble();
    let store = open(place, { open: trouble.open });
    for (let step = 0; step < STEPS; step++) {
      const peer = random.pick([ADA, ADA, BOB]);
      // Now and then a statement of the step fails, before or after it was carried out.
      let statements = random.chance(10) ? random.between(1, 30) : Number.POSITIVE_INFINITY;
      const isDone = random.chance(50);
      trouble.judge = (sql) =>
        /^(?:BEGIN|ROLLBACK|PRAGMA)/.test(sql) || --statements > 0 ? undefined : { code: CODES.full, isDone };
      try {
        act(store, peer, random);
        trouble.judge = () => undefined;
        if (random.chance(8)) {
          store.close();
          if (random.chance(30)) beforeLimits(place);
          store = open(place, { open: trouble.open });
        }
      } catch (error) {
        assert.equal(
          throwsLair(() => {
            throw error;
          }).code,
          "store-unwritable",
        );
      }
      trouble.judge = () => undefined;
      for (const [counted, real] of historyBytes(place))
        if (counted !== null) assert.equal(counted, real, `step ${step}`);
    }
    for (const peer of [ADA, BOB]) {
      store.setRetention(peer, "forever");
      store.setLimit(peer, 500);
      const { expected } = store.load(peer);
      store.commit(peer, [arrived(expected, "word ".repeat(200), NOW_MS), shown(expected + 1)]);
    }
    store.purge(NOW_MS);
    assert.deepEqual(
      historyBytes(place),
      [ADA, BOB].map(() => [0, 0]),
    );
  });
});

/** One of all the things that change what is kept. */
function act(store: SqlStore, peer: Uint8Array, random: SeededRandom): void {
  const nowMs = NOW_MS + random.below(20_000);
  const text = (): string => "word ".repeat(random.between(1, 30));
  const ttl = (): number | undefined => (random.chance(30) ? random.between(1, 15) : undefined);
  const { next, acknowledged: oldest, expected, shown: seen } = store.load(peer);
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2: {
      const changes: Change[] = [];
      for (let count = random.below(8); count >= 0; count--)
        changes.push(queued(next + changes.length, text(), nowMs, ttl()));
      return store.commit(peer, changes);
    }
    case 3:
    case 4:
    case 5: {
      const other = { message: new Uint8Array(9), route: { kind: 2, stream: 1 } };
      const changes: Change[] = [arrived(expected, text(), nowMs, ttl()), arrived(expected + 1, text(), nowMs)];
      if (random.chance(20))
        changes.push({ type: "arrived", seq: expected + 2, stamp: stampOf(expected, 3), atMs: nowMs, ...other });
      return store.commit(peer, changes);
    }
    case 6:
    case 7:
      return store.commit(peer, [acknowledged(random.between(oldest, next), nowMs)]);
    case 8:
    case 9:
      return store.commit(peer, [shown(random.between(seen, expected))]);
    case 10:
      return store.setRetention(peer, random.pick(["off", "forever", "forever", { ms: 10_000 }] as const));
    case 11:
      return store.setLimit(peer, random.below(3_000));
    case 12:
      if (random.chance(30)) return store.forgetPeer(peer);
      return void (random.chance(50)
        ? store.forget(peer)
        : store.commit(peer, [{ type: "renumbered", first: oldest + 3 }]));
    default:
      return void store.purge(nowMs, random.chance(50) ? after(random.between(1, 12)) : undefined);
  }
}

describe("a damaged number of bytes", () => {
  it("takes no line along: the row is not what was stored", () => {
    const place = newPlace();
    const store = open(place);
    fill(store, 10);
    store.close();
    rawly(place, "UPDATE peers SET history_bytes = 1 << 40");
    const again = open(place);
    assert.equal(throwsLair(() => again.purge(NOW_MS)).code, "store-damaged");
    assert.deepEqual(rowsOf(place, "SELECT count(*) FROM messages"), [[10]]);
  });
});
