// No statement of everyday use looks through all messages: with a million of them it would take seconds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { storeKeys } from "../../../src/core/identity/store-keys.ts";
import { type Engine, openLibsql } from "../../../src/node/store/connection.ts";
import { acknowledged, ADA, arrived, newPlace, open, PRIVATE_KEY, queued, shown } from "./places.ts";
import { openRoomStore } from "../../../src/node/store/rooms/sql-room-store.ts";
import { HUB, id, key, keyPackage, line, OPS, outgoing, pin, room } from "../../app/rooms/room-samples.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";

describe("the statements of the store", () => {
  const place = newPlace();
  const seen = new Set<string>();
  const store = open(place, {
    open(...where) {
      const engine = openLibsql(...where);
      const spying: Engine = {
        get inTransaction() {
          return engine.inTransaction;
        },
        exec: (sql) => engine.exec(sql),
        prepare(sql) {
          seen.add(sql);
          return engine.prepare(sql);
        },
        close: () => engine.close(),
      };
      return spying;
    },
  });
  store.setRetention(ADA, { ms: 10 });
  store.commit(ADA, [queued(0, "one", 0, 1), queued(1, "two"), arrived(0, "three"), { type: "renumbered", first: 5 }]);
  store.commit(ADA, [acknowledged(6), shown(1)]);
  store.search(ADA, "three", 5, 11);
  store.indexWords();
  store.search(ADA, "three", 5, 0);
  for (const _ of store.all(ADA, 0)) store.last(ADA, 5, 0);
  store.page(ADA, 5, 5, 0);
  store.pageAfter(ADA, 5, 5, 0);
  store.count(ADA, 11);
  store.purge(5_000);
  store.setLimit(ADA, 1);
  store.commit(ADA, [queued(7, "four"), acknowledged(8, 5_000)]);
  store.purge(5_000);
  store.forget(ADA);
  store.load(ADA);
  // Without waiting: each is done at once.
  const rooms = openRoomStore(store);
  const about = line(2, { kind: "about" });
  void rooms.change({ room: room(), lines: [line(1), about], changed: [line(1)], addOutgoing: [outgoing(1)] });
  void rooms.change({ sealed: [outgoing(1)], sent: [id(1)], addPackages: [keyPackage(1)], published: [key(1)] });
  void rooms.change({ dropPackages: [key(1)], pins: [pin(1)] });
  void [rooms.room(OPS), rooms.rooms(HUB), rooms.outgoing(OPS), rooms.unshown(OPS), rooms.shown(OPS, 1)];
  void [rooms.line(OPS, id(1)), rooms.lineAt(OPS, 1), rooms.ownLast(OPS), rooms.lines(OPS, 9, 9)];
  void rooms.linesAfter(OPS, 1, 9);
  void [rooms.search(OPS, "line", 9), rooms.expire(5), rooms.pin(key(1))];
  void rooms.change({ lines: [line(3, { expiresAtMs: 1 })], room: room() });
  void rooms.expire(5);
  void rooms.change({ forget: OPS });
  store.purge(5_000);

  const raw = openLibsql(`${place}/store.db`, storeKeys(OPENSSL_SUITE, PRIVATE_KEY).page, 0);
  const rowsOf = (sql: string): readonly unknown[][] => {
    const statement = raw.prepare(sql);
    statement.raw();
    return statement.all([]) as unknown[][];
  };
  const statements = [...seen].filter((sql) => /\b(?:messages|peers)\b/.test(sql));

  it("find their messages by an index", () => {
    assert.ok(statements.length > 15, `${statements.length} statements were seen`);
    for (const sql of statements) {
      const plan = rowsOf(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row[3]));
      // The newest row number is at the end of the table; SQLite calls that a search too.
      assert.ok(!plan.some((step) => step.startsWith("SCAN messages")), `${sql}\n${plan.join("\n")}`);
    }
  });

  it("find the lines of rooms by an index, and do not sort them", () => {
    const ofRooms = [...seen].filter((sql) => /\broom_(?:lines|parts|outgoing)\b/.test(sql));
    assert.ok(ofRooms.length > 20, `${ofRooms.length} statements were seen`);
    for (const sql of ofRooms) {
      const plan = rowsOf(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row[3]));
      // What waits to be sent is little, what was found is counted up to a limit; the index of what disappears is read from its start, up to a limit.
      const isBad = (step: string): boolean =>
        (step.startsWith("SCAN room_") && !step.includes("room_lines_expiring")) ||
        (step.includes("TEMP B-TREE") && !/room_outgoing|json_each/.test(sql));
      assert.ok(!plan.some(isBad), `${sql}\n${plan.join("\n")}`);
    }
  });

  it("do not make SQLite see whether a message loses its peer", () => {
    const [root] = rowsOf("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'")[0]!;
    const saves = statements.filter((sql) => /^(?:INSERT INTO|UPDATE) peers/.test(sql));
    assert.equal(saves.length, 2);
    for (const sql of saves) {
      const opened = rowsOf(`EXPLAIN ${sql}`).filter((row) => String(row[1]).startsWith("Open"));
      assert.ok(opened.length > 0, "the program of the statement can be read");
      assert.ok(!opened.some((row) => row[3] === root), `it opens the messages: ${sql}`);
    }
  });
});
