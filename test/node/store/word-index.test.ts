import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MOST_COUNTED } from "../../../src/core/chat/history.ts";
import { Connection } from "../../../src/node/store/connection.ts";
import { queryOf, WordIndex } from "../../../src/node/store/word-index.ts";
import { acknowledged, ADA, BOB, newPlace, open, queued, rowsOf } from "./places.ts";

const NOW_MS = 1_800_000_000_000;

const tables = (place: string): unknown =>
  rowsOf(place, "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'words_*'")[0]?.[0];

describe("the index of words", () => {
  it("counts what it finds up to 10,000; one more means more", () => {
    const connection = new Connection(":memory:", undefined, 0);
    const index = new WordIndex(connection);
    index.create(1);
    const total = (): number => index.find(1, "word", 3, undefined).total;
    connection.transaction(() => {
      for (let id = 1; id <= MOST_COUNTED; id++) index.add(1, id, "word");
    });
    assert.equal(total(), 10_000);
    connection.transaction(() => {
      for (let id = 1; id <= 5; id++) index.add(1, MOST_COUNTED + id, "word");
    });
    assert.deepEqual(index.find(1, "word", 3, undefined), { ids: [10_005, 10_004, 10_003], total: 10_001 });
    const sql = "rowid NOT IN (SELECT ? + value FROM json_each('[0, 1, 2, 3, 4, 5, 6]'))";
    const hidden = { sql, values: [MOST_COUNTED - 1] };
    assert.deepEqual(index.find(1, "word", 3, hidden), { ids: [9_998, 9_997, 9_996], total: 9_998 });
    connection.close();
  });
});

describe("a peer's index of words", () => {
  it("exists once its history is kept, and not before: a hub has thousands of members, and no history", () => {
    const place = newPlace();
    let store = open(place);
    store.commit(ADA, [queued(0, "a line", NOW_MS), acknowledged(1)]);
    store.setRetention(BOB, "off");
    assert.equal(store.search(ADA, "line", 9, NOW_MS).total, 0);
    assert.equal(store.forget(ADA), 0);
    store.close();
    assert.equal(tables(place), 0);
    store = open(place);
    store.setRetention(ADA, "forever");
    store.setRetention(ADA, "off");
    store.setRetention(ADA, "forever");
    store.commit(ADA, [queued(1, "another line", NOW_MS), acknowledged(2)]);
    while (store.purge(NOW_MS, () => true) === NOW_MS);
    assert.equal(store.search(ADA, "line", 9, NOW_MS).total, 1);
    store.close();
    assert.ok(Number(tables(place)) > 0);
  });

  it("may be missing when the peer is forgotten", () => {
    const place = newPlace();
    const store = open(place);
    store.commit(ADA, [queued(0, "a line", NOW_MS)]);
    store.forgetPeer(ADA);
    while (store.purge(NOW_MS, () => true) === NOW_MS);
    assert.deepEqual([store.leftToDelete, store.load(ADA).next], [0, 0]);
    store.close();
  });
});

describe("the query of what was typed", () => {
  it("is its words, quoted; the last may go on", () => {
    assert.equal(queryOf("two Words"), '"two" "Words"*');
    assert.equal(queryOf("  a-b.c  "), '"a" "b" "c"');
    assert.equal(queryOf('x" OR y:"zzz'), '"x" "OR" "y" "zzz"*');
    assert.equal(queryOf("e\u0301t"), '"e\u0301t"*');
  });

  it("is none without a word", () => {
    for (const words of ["", " ", '"', "*-+^(){}", "\u0301", "…", "\0"]) assert.equal(queryOf(words), undefined, words);
  });

  it("has at most 32 words", () => {
    assert.equal(queryOf("word ".repeat(1_000))?.split(" ").length, 32);
  });
});
