// Nothing is left of a peer that was forgotten: neither in what the store hands out nor, once it has purged, in the file.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Engine, openLibsql } from "../../../src/node/store/connection.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";
import { acknowledged, ADA, arrived, BOB, newPlace, open, queued, rowsOf, shown, textsOf } from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";

const NOW_MS = 1_800_000_000_000;
const LINES = 450;

/** A history with ADA of which something waits on both sides, and a shorter one with BOB. */
function filledPlace(): string {
  const place = newPlace();
  const store = open(place);
  for (const peer of [ADA, BOB]) store.setRetention(peer, "forever");
  store.commit(ADA, [
    ...Array.from({ length: LINES }, (_, seq) => queued(seq, `adaline ${seq}`, NOW_MS)),
    acknowledged(LINES - 2),
    arrived(0, "adaline shown", NOW_MS),
    arrived(1, "adaline unshown", NOW_MS),
    shown(1),
    { type: "setting", value: new Uint8Array(8).fill(7) },
  ]);
  store.commit(BOB, [queued(0, "bobline", NOW_MS), acknowledged(1), queued(1, "bobline waits", NOW_MS)]);
  store.close();
  return place;
}

function found(store: SqlStore, peer = ADA): number {
  return store.search(peer, "adaline", 20, NOW_MS).total + store.count(peer, NOW_MS);
}

const count = (place: string, table: string, where = "true"): unknown =>
  rowsOf(place, `SELECT count(*) FROM ${table} WHERE ${where}`)[0]?.[0];

/** Of what concerns anybody, how many rows there are. */
const traces = (place: string): unknown[] =>
  ["peers", "messages", "lives", "forgotten", "sqlite_schema WHERE name GLOB 'words_[0-9]*' AND rootpage = 0"].map(
    (table) => count(place, ...(table.split(" WHERE ") as [string, string?])),
  );

describe("a peer that was forgotten", () => {
  it("is unknown at once, history and all, also to the next program", () => {
    const place = filledPlace();
    let store = open(place);
    assert.ok(found(store) > 0, "there is something to forget");
    store.forgetPeer(ADA);
    for (let round = 0; round < 2; round++) {
      assert.equal(found(store), 0);
      assert.deepEqual([...store.last(ADA, 9, NOW_MS), ...store.all(ADA, NOW_MS)], []);
      assert.deepEqual([store.retention(ADA), store.load(ADA).next, store.load(ADA).lives], ["off", 0, []]);
      assert.deepEqual(textsOf(store.all(BOB, NOW_MS)), ["bobline", "bobline waits"]);
      assert.equal(store.load(BOB).outbox.length, 1);
      store.close();
      store = open(place);
    }
  });

  it("leaves no row behind once all is purged, in steps, also by another program", () => {
    const place = filledPlace();
    let store = open(place);
    store.forgetPeer(ADA);
    assert.equal(store.leftToDelete, LINES + 2);
    assert.equal(
      store.purge(NOW_MS, () => true),
      NOW_MS,
      "one step is not enough",
    );
    store.close();
    assert.ok(Number(count(place, "messages")) > 2, "the rest is still there");
    store = open(place);
    while (store.purge(NOW_MS, () => true) === NOW_MS);
    assert.equal(store.leftToDelete, 0);
    store.close();
    assert.deepEqual(traces(place), [1, 2, 0, 0, 1]);
    assert.deepEqual(textsOf(open(place).all(BOB, NOW_MS)), ["bobline", "bobline waits"]);
  });

  it("may be met again while the old rows still go", () => {
    const place = filledPlace();
    const store = open(place);
    store.forgetPeer(ADA);
    store.setRetention(ADA, "forever");
    store.commit(ADA, [queued(0, "adaline anew", NOW_MS), acknowledged(1)]);
    while (store.purge(NOW_MS, () => true) === NOW_MS);
    assert.deepEqual(textsOf(store.all(ADA, NOW_MS)), ["adaline anew"]);
    assert.equal(store.search(ADA, "adaline", 9, NOW_MS).total, 1);
    store.forgetPeer(ADA);
    store.forgetPeer(BOB);
    store.purge(NOW_MS);
    store.close();
    assert.deepEqual(traces(place), [0, 0, 0, 0, 0]);
  });

  it("is still known, all of it, when the disk does not take the change", () => {
    const place = filledPlace();
    let fails = false;
    const store = open(place, {
      open: (...where): Engine => {
        const engine = openLibsql(...where);
        const exec = (sql: string): unknown => {
          if (fails && sql === "COMMIT") {
            throw Object.assign(new Error("injected"), { code: "SQLITE_INJECTED", rawCode: 13 });
          }
          return engine.exec(sql);
        };
        return {
          get inTransaction() {
            return engine.inTransaction;
          },
          exec,
          prepare: (sql) => engine.prepare(sql),
          close: () => engine.close(),
        };
      },
    });
    const before = store.load(ADA);
    const lines = found(store);
    fails = true;
    assert.equal(throwsLair(() => store.forgetPeer(ADA)).code, "store-unwritable");
    fails = false;
    assert.deepEqual(store.load(ADA), before);
    assert.equal(found(store), lines);
    store.commit(ADA, [queued(LINES, "goes on", NOW_MS)]);
    store.close();
    assert.equal(open(place).load(ADA).outbox.length, 3);
  });
});
