import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readMessage } from "../../../src/core/chat/message.ts";
import type { Retention } from "../../../src/core/chat/history.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";
import {
  acknowledged,
  ADA,
  arrived,
  beforeLimits,
  BOB,
  newPlace,
  open,
  queued,
  said,
  rawly,
  rowsOf,
  shown,
  stampOf,
  textsOf,
} from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 1_800_000_000_000;

function keeping(retention: Retention = "forever", place = newPlace()): SqlStore {
  const store = open(place);
  store.setRetention(ADA, retention);
  return store;
}

/** Lines of both, delivered and shown. */
function conversation(store: SqlStore, ...lines: readonly string[]): void {
  for (const [index, line] of lines.entries()) {
    const { next, expected } = store.load(ADA);
    const atMs = NOW_MS + index;
    if (index % 2 === 0) store.commit(ADA, [queued(next, line, atMs), acknowledged(next + 1, atMs)]);
    else store.commit(ADA, [arrived(expected, line, atMs), shown(expected + 1)]);
  }
}

/** What a search finds, which is the same before the lines are in the index. */
function found(store: SqlStore, words: string, limit = 100): string[] {
  const search = (): string[] => textsOf(store.search(ADA, words, limit, NOW_MS + 1_000).entries);
  const before = search();
  store.indexWords();
  assert.deepEqual(search(), before, words);
  return before;
}

const everything = (store: SqlStore, nowMs = NOW_MS + 1_000): string[] => textsOf(store.all(ADA, nowMs));

/** 500 words that no other number gives. */
const many = (from: number): string =>
  Array.from({ length: 500 }, (_, index) => `word${(from * 500 + index).toString(36)}`).join(" ");

describe("the history", () => {
  it("is off at first: what has been delivered and shown goes, and nothing is found", () => {
    const store = open(newPlace());
    assert.equal(store.retention(ADA), "off");
    conversation(store, "one", "two");
    store.commit(ADA, [queued(1, "it waits")]);
    assert.deepEqual([...everything(store), ...store.last(ADA, 5, NOW_MS), ...found(store, "one")], []);
    assert.equal(store.search(ADA, "waits", 5, NOW_MS).total, 0);
  });

  it("keeps every text from when it is turned on, with what belongs to it", () => {
    const place = newPlace();
    const store = keeping("forever", place);
    store.commit(ADA, [queued(0, "mine", 5), arrived(0, "theirs", 6)]);
    store.commit(ADA, [acknowledged(1, NOW_MS), shown(1), queued(1, "not there yet", 7)]);
    const expected = [
      { from: "you", seq: 0, atMs: 5, text: "mine", isDelivered: true, expiresAtMs: undefined },
      { from: "peer", seq: 0, atMs: 6, text: "theirs", isDelivered: true, expiresAtMs: undefined },
      { from: "you", seq: 1, atMs: 7, text: "not there yet", isDelivered: false, expiresAtMs: undefined },
    ];
    assert.deepEqual(store.last(ADA, 5, NOW_MS), expected);
    assert.deepEqual([...store.all(ADA, NOW_MS)], expected);
    assert.deepEqual(store.search(ADA, "mine", 5, NOW_MS), { entries: expected.slice(0, 1), numbers: [1], total: 1 });
    store.close();
    const again = open(place);
    assert.equal(again.retention(ADA), "forever");
    assert.deepEqual(again.last(ADA, 2, NOW_MS), expected.slice(1));
    assert.deepEqual(again.load(ADA).outbox.length, 1);
  });

  it("is each peer's own", () => {
    const store = keeping();
    conversation(store, "for ada");
    store.commit(BOB, [queued(0, "for bob"), acknowledged(1)]);
    assert.equal(store.retention(BOB), "off");
    assert.deepEqual(store.last(BOB, 5, NOW_MS), []);
    store.setRetention(BOB, "forever");
    store.commit(BOB, [queued(1, "for bob"), acknowledged(2)]);
    assert.deepEqual(
      [...found(store, "for"), ...textsOf(store.search(BOB, "for", 5, NOW_MS).entries)],
      ["for ada", "for bob"],
    );
    assert.equal(store.forget(ADA), 1);
    assert.equal(store.last(BOB, 5, NOW_MS).length, 1);
  });

  it("is read in pages, from the newest to the oldest, which new lines and deleted ones don't move", () => {
    const store = keeping();
    conversation(store, "one", "two", "three", "four", "five");
    const pageOf = (before?: number) => {
      const { entries, before: next } = store.page(ADA, before, 2, NOW_MS + 1_000);
      return { texts: textsOf(entries), next };
    };
    const newest = pageOf();
    assert.deepEqual(newest.texts, ["four", "five"]);
    store.commit(ADA, [queued(3, "six")]);
    const middle = pageOf(newest.next);
    assert.deepEqual(
      [middle.texts, pageOf().texts],
      [
        ["two", "three"],
        ["five", "six"],
      ],
    );
    assert.deepEqual(pageOf(middle.next), { texts: ["one"], next: undefined });
    assert.deepEqual(pageOf(1), { texts: [], next: undefined });
    const nothing = { entries: [], before: undefined, after: undefined };
    assert.deepEqual([store.page(BOB, undefined, 2, NOW_MS), store.pageAfter(BOB, 0, 2, NOW_MS)], [nothing, nothing]);
    const { entries, before } = store.page(ADA, undefined, 6, NOW_MS + 1_000);
    assert.deepEqual([entries.length, before], [6, undefined], "exactly as many as there are");
    store.forget(ADA);
    assert.deepEqual(pageOf(middle.next).texts, []);
  });

  it("is read from any line on, in both directions; a search says where its lines are", () => {
    const store = keeping();
    conversation(store, "one", "two", "three", "four", "five");
    const found = store.search(ADA, "two", 5, NOW_MS + 1_000);
    assert.equal(found.numbers.length, 1);
    const after = store.pageAfter(ADA, found.numbers[0]!, 2, NOW_MS + 1_000);
    const before = store.page(ADA, found.numbers[0]! + 1, 2, NOW_MS + 1_000);
    assert.deepEqual(
      [textsOf(before.entries), textsOf(after.entries)],
      [
        ["one", "two"],
        ["three", "four"],
      ],
    );
    assert.deepEqual([before.before, before.after], [undefined, found.numbers[0]]);
    assert.deepEqual(textsOf(store.page(ADA, after.before, 9, NOW_MS + 1_000).entries), ["one", "two"]);
    const last = store.pageAfter(ADA, after.after!, 2, NOW_MS + 1_000);
    assert.deepEqual([textsOf(last.entries), last.after], [["five"], undefined]);
    const none = store.pageAfter(ADA, last.before! + 9, 2, NOW_MS + 1_000);
    assert.deepEqual([none.entries, none.after], [[], undefined]);
    store.indexWords();
    assert.deepEqual(store.search(ADA, "two", 5, NOW_MS + 1_000).numbers, found.numbers);
  });

  it("does not show a line before its person has been handed it", () => {
    const store = keeping();
    store.commit(ADA, [arrived(0, "still in the inbox")]);
    assert.deepEqual([...everything(store), ...found(store, "inbox")], []);
    store.commit(ADA, [shown(1)]);
    assert.deepEqual([...everything(store), ...found(store, "inbox")], ["still in the inbox", "still in the inbox"]);
  });

  it("leaves out what is no text", () => {
    const store = keeping();
    const message = new TextEncoder().encode('{"kind":"picture","of":"a cat"}');
    store.commit(ADA, [
      { type: "arrived", seq: 0, stamp: stampOf(0, 2), atMs: 1, message },
      arrived(1, "text"),
      shown(2),
    ]);
    const unreadable = { seq: 0, stamp: stampOf(0), atMs: 1, message: new Uint8Array(3) };
    store.commit(ADA, [{ type: "queued", ...unreadable }, acknowledged(1)]);
    assert.deepEqual(everything(store), ["text"]);
  });

  it("takes a text from what it is handed, and decodes nothing that it is given", () => {
    const decoded: Uint8Array[] = [];
    const store = open(newPlace(), {
      read: (message) => {
        decoded.push(message);
        return readMessage(message);
      },
    });
    store.setRetention(ADA, "forever");
    const { message } = said("its bytes are a text", 1);
    store.commit(ADA, [{ type: "arrived", seq: 0, stamp: stampOf(0, 2), atMs: 1, message }, arrived(1, "a line")]);
    store.commit(ADA, [shown(2), queued(0, "another"), acknowledged(1)]);
    assert.deepEqual(decoded, []);
    assert.deepEqual(everything(store), ["a line", "another"]);
    assert.equal(decoded.length, 2, "one for each line that is shown");
  });

  it("gives the last lines and all lines oldest first", () => {
    const store = keeping();
    const lines = Array.from({ length: 1_203 }, (_, index) => `line ${index}`);
    store.commit(ADA, [...lines.map((line, seq) => arrived(seq, line, NOW_MS)), shown(lines.length)]);
    assert.deepEqual(textsOf(store.last(ADA, 3, NOW_MS)), lines.slice(-3));
    assert.deepEqual(everything(store), lines);
    const some = store.all(ADA, NOW_MS)[Symbol.iterator]();
    assert.deepEqual([some.next().value?.text, some.next().value?.text], ["line 0", "line 1"]);
    assert.deepEqual(store.search(ADA, "line", 2, NOW_MS).total, lines.length);
    assert.deepEqual(found(store, "line", 2), lines.slice(-2));
  });
});

describe("the number of lines", () => {
  it("is as many as can be read: not what waits to be shown, has disappeared, or is too old", () => {
    const store = keeping({ ms: DAY_MS });
    assert.deepEqual([store.count(ADA, NOW_MS), store.count(BOB, NOW_MS)], [0, 0]);
    store.commit(ADA, [
      arrived(0, "old", NOW_MS),
      arrived(1, "gone in a minute", NOW_MS, 60),
      arrived(2, "old, and gone in a minute", NOW_MS, 60),
      arrived(3, "lasting", NOW_MS + 10),
      shown(4),
      arrived(4, "not shown yet", NOW_MS),
      queued(0, "not delivered yet", NOW_MS),
    ]);
    for (const [nowMs, lines] of [
      [NOW_MS, 5],
      [NOW_MS + 60_000, 3],
      [NOW_MS + DAY_MS + 1, 2],
      [NOW_MS + 2 * DAY_MS, 1],
    ] as const)
      assert.deepEqual([store.count(ADA, nowMs), everything(store, nowMs).length], [lines, lines], String(nowMs));
    store.commit(ADA, [shown(5), acknowledged(1, NOW_MS)]);
    assert.equal(store.count(ADA, NOW_MS), 6);
    store.forget(ADA);
    assert.equal(store.count(ADA, NOW_MS), 0);
  });

  it("is zero where none are kept, and each peer's own", () => {
    const store = keeping();
    store.commit(BOB, [queued(0, "not kept"), arrived(0, "not kept"), shown(1)]);
    conversation(store, "one", "two", "three");
    assert.deepEqual([store.count(ADA, NOW_MS), store.count(BOB, NOW_MS)], [3, 0]);
  });
});

describe("searching the history", () => {
  it("finds lines with all the words, whatever their case, accents, order and punctuation", () => {
    const store = keeping();
    conversation(store, "The café in Zürich", "a zurich without coffee", "CAFE, Zürich!", "nothing");
    assert.deepEqual(found(store, "zürich cafe"), ["The café in Zürich", "CAFE, Zürich!"]);
    assert.deepEqual(found(store, "«Cafe» — Zurich"), ["The café in Zürich", "CAFE, Zürich!"]);
    assert.deepEqual(found(store, "zurich tea"), []);
  });

  it("finds what begins with the last word, from three letters on", () => {
    const store = keeping();
    conversation(store, "a password", "pas", "he passes");
    assert.deepEqual(found(store, "pass"), ["a password", "he passes"]);
    assert.deepEqual(found(store, "pas"), ["a password", "pas", "he passes"]);
    assert.deepEqual(found(store, "pass he"), []);
    assert.deepEqual(found(store, "pa"), []);
  });

  it("takes nothing that is typed for syntax", () => {
    const store = keeping();
    conversation(store, "or not near text", 'quotes "in" it', "col:umn star* (paren) ^caret -minus +plus");
    for (const words of ['"', "'", "*", "()", "-", "!?", "", "   ", "\0", "^", "{}", "\u0301", "🙂"])
      assert.deepEqual(
        store.search(ADA, words, 5, NOW_MS),
        { entries: [], numbers: [], total: 0 },
        JSON.stringify(words),
      );
    assert.deepEqual(found(store, "NOT or"), ["or not near text"]);
    assert.deepEqual(found(store, "NEAR(text, 2)"), []);
    assert.deepEqual(found(store, 'in" OR "text'), []);
    assert.deepEqual(found(store, "text:near"), ["or not near text"]);
    assert.deepEqual(found(store, "star* AND"), []);
    assert.deepEqual(found(store, "(paren) -minus"), ["col:umn star* (paren) ^caret -minus +plus"]);
    assert.deepEqual(found(store, Array(500).fill("near").join(" ")), ["or not near text"]);
  });

  it("finds in texts with every kind of character, and forgets them as well", () => {
    const store = keeping();
    const lines = [
      "null\0inside",
      "हिन्दी भाषा",
      "日本語テキスト",
      "lone \ud800 surrogate",
      "Straße",
      "ﬁne",
      "e\u0301tude",
    ];
    conversation(store, ...lines);
    for (const words of ["null inside", "हिन्दी", "日本語", "surrogate", "straße", "étude"])
      assert.equal(found(store, words).length, 1, words);
    // Line by line, each by its own words.
    store.setRetention(ADA, { ms: 1 });
    store.purge(NOW_MS + DAY_MS);
    for (const words of ["null", "inside", "हिन्दी", "日本語", "surrogate", "straße", "étude"])
      assert.equal(store.search(ADA, words, 5, 0).total, 0, words);
  });
});

/** Says that a step is over when it is asked for the nth time. */
const after = (count: number) => () => --count <= 0;

describe("the end of a line of the history", () => {
  it("comes with its age: not read from then on, and deleted by the next purge", () => {
    const store = keeping({ ms: DAY_MS });
    store.commit(ADA, [arrived(0, "first", NOW_MS), shown(1), arrived(1, "second", NOW_MS + 10), shown(2)]);
    const later = NOW_MS + DAY_MS;
    assert.deepEqual(everything(store, later), ["first", "second"]);
    assert.equal(store.purge(later), later + 1);
    for (const nowMs of [later + 1, later + 10]) {
      assert.deepEqual(everything(store, nowMs), ["second"]);
      assert.deepEqual(textsOf(store.last(ADA, 5, nowMs)), ["second"]);
      assert.equal(store.search(ADA, "first", 5, nowMs).total, 0);
    }
    assert.equal(store.purge(later + 1), later + 11);
    // Deleted, not hidden: an earlier clock does not bring it back.
    assert.deepEqual(everything(store, NOW_MS), ["second"]);
    assert.equal(store.search(ADA, "first", 5, NOW_MS).total, 0);
    assert.equal(store.purge(later + 11), undefined);
    assert.deepEqual(everything(store, NOW_MS), []);
  });

  it("comes for what is too old when the retention is set: to be read at once, from the disk in steps", () => {
    const store = keeping();
    const lines = Array.from({ length: 1_200 }, (_, seq) => arrived(seq, `line ${seq}`, NOW_MS + seq));
    store.commit(ADA, [...lines, shown(lines.length)]);
    const later = NOW_MS + 1_200;
    store.setRetention(ADA, { ms: 100 });
    assert.deepEqual([everything(store, later).length, store.count(ADA, later)], [100, 100]);
    assert.equal(store.search(ADA, "line", 1, later).total, 100);
    // Seen with an earlier clock: nothing has been deleted yet.
    assert.equal(everything(store, NOW_MS).length, 1_200);
    assert.equal(store.purge(later, after(250)), later);
    assert.equal(everything(store, NOW_MS).length, 950);
    assert.equal(store.purge(later), later + 1);
    assert.equal(everything(store, NOW_MS).length, 100);
    assert.equal(store.search(ADA, "line", 1, NOW_MS).total, 100);
    store.setRetention(ADA, "off");
    assert.equal(everything(store, NOW_MS + DAY_MS).length, 100);
    assert.equal(store.purge(NOW_MS + DAY_MS), undefined);
  });

  it("comes to each peer's by itself", () => {
    const store = keeping({ ms: DAY_MS });
    store.setRetention(BOB, "forever");
    for (const peer of [ADA, BOB])
      store.commit(peer, [arrived(0, "short", NOW_MS, 1), arrived(1, "long", NOW_MS), shown(2)]);
    const linesOf = (peer: Uint8Array): string[] => textsOf(store.all(peer, 0));
    assert.equal(store.purge(NOW_MS + 1_000), NOW_MS + DAY_MS + 1);
    assert.deepEqual([linesOf(ADA), linesOf(BOB)], [["long"], ["long"]]);
    assert.equal(store.purge(NOW_MS + DAY_MS + 1), undefined);
    assert.deepEqual([linesOf(ADA), linesOf(BOB)], [[], ["long"]]);
  });

  it("comes its time after it has arrived, or after it has been acknowledged", () => {
    const store = keeping();
    store.commit(ADA, [arrived(0, "theirs", NOW_MS, 10), shown(1), queued(0, "mine", NOW_MS, 10)]);
    // Not acknowledged, it stays for ever.
    assert.deepEqual(everything(store, NOW_MS + DAY_MS), ["mine"]);
    assert.equal(store.purge(NOW_MS), NOW_MS + 10_000);
    store.commit(ADA, [acknowledged(1, NOW_MS + 5_000)]);
    assert.deepEqual(
      store.last(ADA, 5, NOW_MS).map(({ expiresAtMs }) => expiresAtMs),
      [NOW_MS + 10_000, NOW_MS + 15_000],
    );
    assert.deepEqual(everything(store, NOW_MS + 9_999), ["theirs", "mine"]);
    assert.deepEqual(everything(store, NOW_MS + 10_000), ["mine"]);
    assert.equal(store.search(ADA, "theirs", 5, NOW_MS + 10_000).total, 0);
    assert.equal(store.purge(NOW_MS + 10_000), NOW_MS + 15_000);
    assert.equal(store.purge(NOW_MS + 15_000), undefined);
    assert.deepEqual(everything(store, NOW_MS), []);
  });

  it("never comes to what still waits to be delivered or shown", () => {
    const store = keeping({ ms: 1_000 });
    store.commit(ADA, [queued(0, "mine", NOW_MS, 1), arrived(0, "theirs", NOW_MS, 1)]);
    const before = store.load(ADA);
    assert.equal(store.purge(NOW_MS + DAY_MS), undefined);
    store.setRetention(ADA, { ms: 1 });
    assert.deepEqual(store.load(ADA), before);
    assert.deepEqual(found(store, "mine"), ["mine"]);
    store.commit(ADA, [acknowledged(1, NOW_MS + DAY_MS), shown(1)]);
    store.purge(NOW_MS + 2 * DAY_MS);
    assert.deepEqual(everything(store, 0), []);
  });

  it("comes in steps that end when they are told to, also for what was forgotten; the next is due at once", () => {
    for (const how of ["too old", "disappeared", "forgotten"] as const) {
      const store = keeping(how === "too old" ? { ms: 1 } : "forever");
      const ttl = how === "disappeared" ? 1 : undefined;
      const lines = Array.from({ length: 450 }, (_, seq) => arrived(seq, `line ${seq}`, NOW_MS, ttl));
      store.commit(ADA, [...lines, shown(lines.length)]);
      if (how === "forgotten") assert.equal(store.forget(ADA), 450);
      const later = NOW_MS + 5_000;
      const nothing = { last: [], found: 0, count: 0 };
      let steps = 0;
      for (;;) {
        const [last, { total }] = [store.last(ADA, 1, later), store.search(ADA, "line", 1, later)];
        assert.deepEqual({ last, found: total, count: store.count(ADA, later) }, nothing, `${how}, step ${steps}`);
        if (store.purge(later, after(how === "forgotten" ? 1 : 150)) === undefined) break;
        steps += 1;
      }
      assert.ok(steps > 1, `${how}: ${steps} steps`);
      assert.equal(store.leftToDelete, 0);
      assert.deepEqual(everything(store, 0), []);
      // The words of what is said now are found by themselves.
      store.setRetention(ADA, "forever");
      store.commit(ADA, [arrived(450, "another line", later), shown(451)]);
      assert.equal(store.search(ADA, "line", 5, later).total, 1, how);
    }
  });

  it("comes to what waited when forget was said once it is delivered or shown, in any order with the purge and a restart", () => {
    for (const isOpenedAgain of [false, true]) {
      for (const purges of ["before", "after", "in part before"] as const) {
        const place = newPlace();
        let store = keeping("forever", place);
        const old = Array.from({ length: 250 }, (_, seq) => arrived(seq, "old", NOW_MS));
        store.commit(ADA, [...old, shown(250), queued(0, "mine waits", NOW_MS), arrived(250, "theirs waits", NOW_MS)]);
        const before = store.load(ADA);
        assert.equal(store.forget(ADA), 252);
        const nothing = (when: string): void => {
          const state = [everything(store), found(store, "waits"), store.count(ADA, NOW_MS)];
          assert.deepEqual(state, [[], [], 0], `${purges}, ${isOpenedAgain}: ${when}`);
        };
        nothing("said");
        assert.deepEqual(store.load(ADA), before, "it is delivered and shown all the same");
        // A line that was said behind it stays, though it may wait too.
        store.commit(ADA, [queued(1, "stays", NOW_MS)]);
        if (purges === "before") store.purge(NOW_MS);
        if (purges === "in part before") store.purge(NOW_MS, () => true);
        if (isOpenedAgain) {
          store.close();
          store = open(place);
        }
        store.commit(ADA, [acknowledged(2, NOW_MS), shown(251)]);
        for (const when of ["settled", "purged"]) {
          assert.deepEqual(
            [everything(store), found(store, "waits"), found(store, "stays")],
            [["stays"], [], ["stays"]],
          );
          assert.equal(store.count(ADA, NOW_MS), 1, when);
          store.purge(NOW_MS);
        }
        assert.equal(store.leftToDelete, 0);
        assert.equal(rowsOf(place, "SELECT id FROM messages").length, 1);
        store.close();
      }
    }
  });

  it("takes the words of what was forgotten along in steps too, also of several times and after a restart", () => {
    const place = newPlace();
    let store = keeping("forever", place);
    const tables = (): number => rowsOf(place, "SELECT name FROM sqlite_schema WHERE name GLOB 'apart_*'").length;
    for (let time = 0; time < 2; time++) {
      const seqs = Array.from({ length: 60 }, (_, index) => 60 * time + index);
      store.commit(ADA, [...seqs.map((seq) => arrived(seq, many(seq), NOW_MS)), shown(60 * time + 60)]);
      store.indexWords();
      assert.equal(store.forget(ADA), 60);
    }
    store.commit(ADA, [arrived(120, `stays ${many(0)}`, NOW_MS), shown(121)]);
    assert.ok(tables() > 2);
    let steps = 0;
    for (; store.purge(NOW_MS, () => true) === NOW_MS; steps++) {
      assert.deepEqual(found(store, "word0").length, 1);
      if (steps === 3) {
        store.close();
        store = open(place);
      }
    }
    // 240 KB of words at 64 pages of 4 KB, the lines' own steps aside.
    assert.ok(steps > 4, `${steps} steps`);
    assert.equal(tables(), 0);
    assert.deepEqual([found(store, "stays").length, found(store, "word0").length], [1, 1]);
  });

  it("goes on with what was forgotten when the store is opened again", () => {
    const place = newPlace();
    const store = keeping("forever", place);
    store.commit(ADA, [...Array.from({ length: 450 }, (_, seq) => arrived(seq, "line", NOW_MS)), shown(450)]);
    store.forget(ADA);
    store.purge(NOW_MS, () => true);
    assert.ok(store.leftToDelete > 0 && store.leftToDelete < 450, `${store.leftToDelete} are left`);
    store.close();
    const again = open(place);
    assert.deepEqual(everything(again, NOW_MS), []);
    assert.equal(again.purge(NOW_MS), undefined);
    assert.equal(again.leftToDelete, 0);
  });

  it("takes the words along of a line that has more of them than are found", () => {
    const store = keeping({ ms: 1 });
    const words = Array.from({ length: 1_400 }, (_, index) => `word${index}`);
    store.commit(ADA, [arrived(0, words.join(" "), NOW_MS), arrived(1, "word0 word1", NOW_MS), shown(2)]);
    const totalOf = (word: string): number => store.search(ADA, word, 5, NOW_MS).total;
    for (const _ of ["scanned", "indexed"]) {
      assert.deepEqual(["word0", "word511", "word512", "word1399"].map(totalOf), [2, 1, 0, 0]);
      store.indexWords();
    }
    store.purge(NOW_MS + 5);
    store.commit(ADA, [arrived(2, "word0 word511 word512", NOW_MS + 5), shown(3)]);
    assert.deepEqual(["word0", "word511", "word512"].map(totalOf), [1, 1, 1]);
  });

  it("comes to the others' though the row of one peer is damaged, which is said then, at every turn", () => {
    const place = newPlace();
    const before = keeping({ ms: DAY_MS }, place);
    before.setRetention(BOB, { ms: DAY_MS });
    for (const peer of [ADA, BOB]) before.commit(peer, [arrived(0, "old", NOW_MS), shown(1)]);
    before.close();
    rawly(place, "UPDATE peers SET setting = randomblob(length(setting)) WHERE id = 1");
    const store = open(place);
    for (let turn = 0; turn < 2; turn++) {
      assert.equal(throwsLair(() => store.purge(NOW_MS + 2 * DAY_MS)).code, "store-damaged");
      assert.deepEqual(textsOf(store.all(BOB, NOW_MS)), []);
    }
    assert.equal(fs.statSync(join(place, "store.db-wal")).size, 0);
  });

  it("comes to a damaged line that is too old as to any other, and to those behind it, and to no other line", () => {
    const place = newPlace();
    const before = keeping({ ms: DAY_MS }, place);
    const old = Array.from({ length: 20 }, (_, seq) => arrived(seq, `old ${seq}`, NOW_MS));
    before.commit(ADA, [...old, arrived(20, "new", NOW_MS + DAY_MS), shown(21)]);
    before.commit(ADA, [arrived(21, "newer", NOW_MS + DAY_MS), shown(22)]);
    before.indexWords();
    before.close();
    rawly(place, "UPDATE messages SET body = randomblob(100) WHERE id IN (1, 4, 19, 22)");
    const store = open(place);
    const nowMs = NOW_MS + DAY_MS + 1;
    store.purge(nowMs);
    assert.deepEqual([store.count(ADA, nowMs), store.deletedByTime], [2, 20]);
    assert.deepEqual(rowsOf(place, "SELECT id FROM messages"), [[21], [22]]);
    // The damaged one that is not too old is there until it is.
    assert.equal(throwsLair(() => store.all(ADA, nowMs).next()).code, "store-damaged");
    store.purge(nowMs + DAY_MS);
    assert.deepEqual(rowsOf(place, "SELECT id FROM messages"), []);
    // Its words are still in the index, so its number is not used again.
    store.commit(ADA, [arrived(22, "later", nowMs + DAY_MS), shown(23)]);
    assert.deepEqual(rowsOf(place, "SELECT id FROM messages"), [[23]]);
    assert.deepEqual(textsOf(store.search(ADA, "newer", 5, nowMs + DAY_MS).entries), []);
  });

  it("comes to all of a peer's with forget, but not to the setting and the numbers", () => {
    const place = newPlace();
    const store = keeping("forever", place);
    conversation(store, "one", "two", "three");
    store.commit(ADA, [{ type: "setting", value: new Uint8Array(3) }]);
    const before = store.load(ADA);
    assert.equal(store.forget(ADA), 3);
    assert.equal(store.forget(ADA), 0);
    assert.equal(store.forget(BOB), 0);
    assert.deepEqual([...everything(store), ...found(store, "one")], []);
    assert.deepEqual(store.load(ADA), before);
    assert.equal(store.retention(ADA), "forever");
    conversation(store, "four");
    assert.deepEqual(found(store, "four"), ["four"]);
  });
});

/** Up to which row each peer's lines are in the index. */
const horizonsOf = (place: string): readonly unknown[] => rowsOf(place, "SELECT last FROM indexed").flat();

describe("the index of words", () => {
  it("is not made when a message arrives, but in steps afterwards, each of one line at least", () => {
    const place = newPlace();
    const store = keeping("forever", place);
    store.commit(ADA, [arrived(0, "one line"), arrived(1, "two lines"), arrived(2, "three lines"), shown(3)]);
    assert.deepEqual(horizonsOf(place), []);
    for (const [isDone, last] of [
      [false, 1],
      [false, 2],
      [false, 3],
    ] as const) {
      assert.equal(
        store.indexWords(() => true),
        isDone,
      );
      assert.deepEqual(horizonsOf(place), [last]);
      assert.deepEqual(textsOf(store.search(ADA, "line", 5, NOW_MS).entries), ["one line", "two lines", "three lines"]);
      assert.equal(store.search(ADA, "line", 2, NOW_MS).total, 3);
      assert.deepEqual(textsOf(store.search(ADA, "line", 2, NOW_MS).entries), ["two lines", "three lines"]);
    }
    assert.equal(
      store.indexWords(() => true),
      true,
    );
  });

  it("goes on after a restart where it was; a program that only reads finds everything meanwhile", () => {
    const place = newPlace();
    const store = keeping("forever", place);
    store.commit(ADA, [arrived(0, "one line"), arrived(1, "two lines"), shown(2)]);
    store.indexWords(() => true);
    store.close();
    assert.deepEqual(textsOf(open(place, { mode: "read" }).search(ADA, "line", 5, NOW_MS).entries).length, 2);
    const again = open(place);
    again.indexWords();
    assert.deepEqual([horizonsOf(place), again.search(ADA, "line", 5, NOW_MS).total], [[2], 2]);
  });

  it("of an earlier version has all its lines, and none of them twice", () => {
    const place = newPlace();
    const store = keeping({ ms: DAY_MS }, place);
    store.commit(ADA, [arrived(0, "one line", NOW_MS), arrived(1, "two lines", NOW_MS), shown(2)]);
    store.indexWords();
    store.close();
    beforeLimits(place);
    rawly(place, "DROP TABLE indexed", "PRAGMA user_version = 6");
    const again = open(place);
    assert.deepEqual(horizonsOf(place), [2]);
    again.commit(ADA, [arrived(2, "three lines", NOW_MS), shown(3)]);
    assert.deepEqual(found(again, "line"), ["one line", "two lines", "three lines"]);
    again.purge(NOW_MS + 2 * DAY_MS);
    assert.equal(again.search(ADA, "line", 5, NOW_MS).total, 0);
  });

  it("never gets what was deleted or forgotten before", () => {
    const store = keeping({ ms: 1 });
    store.commit(ADA, [arrived(0, "gone", NOW_MS), shown(1)]);
    store.purge(NOW_MS + 5);
    store.commit(ADA, [arrived(1, "forgotten", NOW_MS + 5)]);
    store.forget(ADA);
    store.indexWords();
    store.commit(ADA, [shown(2), arrived(2, "stays", NOW_MS + 5), shown(3)]);
    assert.deepEqual(
      ["gone", "forgotten", "stays"].map((word) => store.search(ADA, word, 5, NOW_MS).total),
      [0, 0, 1],
    );
  });
});
