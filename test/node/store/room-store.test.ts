// A member's rooms on the disk: they do what every store of rooms does, are there after the file was opened again, and what
// the disk does not take leaves nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { LairError } from "../../../src/core/errors.ts";
import { MemoryRoomStore } from "../../../src/app/rooms/memory-room-store.ts";
import { FIRST_SETTINGS, type RoomLine, type RoomStep, type RoomStore } from "../../../src/app/rooms/room-store.ts";
import { openRoomStore } from "../../../src/node/store/rooms/sql-room-store.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";
import { ART, HUB, id, key, keyPackage, line, notice, OPS, outgoing, pin, room } from "../../app/rooms/room-samples.ts";
import { describeRoomStore } from "../../app/rooms/room-store-contract.ts";
import { effort } from "../../effort.ts";
import { ADA, beforeLimits, copyOf, newPlace, open, queued, rawly, rowsOf } from "./places.ts";
import { CODES, Trouble } from "./trouble.ts";

/** The files of the stores of the contract, so that they can be opened again. */
const opened = new Map<RoomStore, { readonly place: string; readonly file: SqlStore }>();

function openRooms(place: string): RoomStore {
  const file = open(place);
  const store = openRoomStore(file);
  opened.set(store, { place, file });
  return store;
}

async function reopenRooms(store: RoomStore): Promise<RoomStore> {
  const { place, file } = opened.get(store)!;
  file.close();
  return openRooms(place);
}

describeRoomStore("rooms on the disk", async () => openRooms(newPlace()), reopenRooms);

/** All that can be asked about two rooms. */
async function allOf(store: RoomStore): Promise<unknown> {
  const ofRoom = async (of: Uint8Array): Promise<unknown> => [
    await store.room(of),
    await store.outgoing(of),
    await store.lines(of, 15, 5),
    await store.linesAfter(of, 3, 5),
    await store.unshown(of),
    await store.untold(of),
    await store.search(of, "red wo", 3),
    await store.search(of, "boat", 3),
    await store.ownLast(of),
    await store.line(of, id(3)),
    await store.lineAt(of, 5),
  ];
  const ofHub = [await store.rooms(HUB), await store.packages(HUB), await store.settings(HUB)];
  return [await ofRoom(OPS), await ofRoom(ART), ofHub, await store.pins()];
}

type Action = (store: RoomStore, lineNumber: number) => Promise<unknown>;

const AT = fc.constantFrom(OPS, ART);
const SMALL = fc.nat(9);
const WORDS = fc.array(fc.constantFrom("red", "boat", "word", "Übung"), { maxLength: 4 }).map((all) => all.join(" "));
const GROUPS = [toUtf8("group 1"), toUtf8("group 2")];

const STEP: fc.Arbitrary<(lineNumber: number) => RoomStep> = fc
  .record(
    {
      room: fc.tuple(AT, SMALL, fc.constantFrom(...GROUPS)).map(([at, next, group]) =>
        room({
          id: at,
          next,
          state: next === 0 ? undefined : { group, ratchets: toUtf8(`${next}`) },
          lost: next > 7 ? "gap" : undefined,
        }),
      ),
      addOutgoing: fc.tuple(AT, SMALL).map(([at, number]) => [outgoing(number, { room: at })]),
      sealed: fc
        .tuple(AT, SMALL)
        .map(([at, number]) => [outgoing(number, { room: at, sealed: { epoch: number, bytes: key(number) } })]),
      sent: SMALL.map((number) => [id(number)]),
      changed: fc.tuple(AT, SMALL, WORDS).map(([at, number, words]) => [{ ...line(number, { room: at, words }) }]),
      notices: fc.tuple(AT, SMALL).map(([at, number]) => [notice(number, { room: at })]),
      addPackages: SMALL.map((number) => [keyPackage(number)]),
      published: SMALL.map((number) => [key(number)]),
      dropPackages: SMALL.map((number) => [key(number)]),
      pins: fc.tuple(SMALL, fc.boolean()).map(([number, has]) => [pin(number, { handle: has ? "ada" : undefined })]),
      forget: AT,
    },
    { requiredKeys: [] },
  )
  .map((step) => () => step);

const LINES: fc.Arbitrary<(lineNumber: number) => RoomStep> = fc
  .tuple(AT, WORDS, fc.boolean(), fc.boolean(), fc.option(SMALL, { nil: undefined }))
  .map(([at, words, isOwn, isAbout, expiresAtMs]) => (lineNumber) => ({
    room: room({ id: at }),
    lines: [line(lineNumber, { room: at, words, isOwn, kind: isAbout ? "about" : "line", expiresAtMs })],
  }));

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  fc.oneof(STEP, LINES, LINES).map((make): Action => async (store, lineNumber) => {
    await store.change(make(lineNumber));
  }),
  fc.tuple(AT, fc.nat(20), SMALL).map(([at, seq, told]): Action => async (store) => {
    // Of a room that has been stored: what is shown of another is not said.
    if ((await store.room(at)) !== undefined) await store.shown(at, seq, [id(told)]);
  }),
  SMALL.map(
    (nowMs): Action =>
      async (store) =>
        await store.expire(nowMs),
  ),
);

describe("rooms on the disk beside those in memory", () => {
  it("are the same, whatever happens, and however often the file is opened again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(ACTION, SMALL), { maxLength: 40 }), async (actions) => {
        const reference = new MemoryRoomStore();
        let store = openRooms(newPlace());
        for (const [at, [action, chance]] of actions.entries()) {
          // Each number once, and not in their order.
          const lineNumber = (at * 7) % 41;
          assert.deepEqual(await action(store, lineNumber), await action(reference, lineNumber));
          if (chance === 0) store = await reopenRooms(store);
          if (chance === 1) opened.get(store)!.file.purge(0);
        }
        assert.deepEqual(await allOf(store), await allOf(reference));
        store = await reopenRooms(store);
        assert.deepEqual(await allOf(store), await allOf(reference));
        opened.get(store)!.file.close();
      }),
      { numRuns: effort(12, 400) },
    );
  });
});

describe("a step of a room that the disk does not take", () => {
  for (const name of ["full", "ioFsync"] as const) {
    it(`leaves nothing, whichever statement fails, and the next one works (${name})`, async () => {
      const trouble = new Trouble();
      const place = newPlace();
      const file = open(place, { open: trouble.open });
      const store = openRoomStore(file);
      await store.change({ room: room(), lines: [line(1)], addOutgoing: [outgoing(1)], addPackages: [keyPackage(1)] });
      const step: RoomStep = {
        room: room({ next: 9, state: { group: toUtf8("group 2"), ratchets: toUtf8("ratchets 2") } }),
        lines: [line(2), line(3, { room: ART, words: "the first words here" })],
        changed: [{ room: OPS, id: id(1), content: toUtf8("edited"), words: "edited" }],
        addOutgoing: [outgoing(2)],
        sent: [id(1)],
        dropPackages: [key(1)],
        pins: [pin(1)],
      };
      const before = await allOf(store);
      let failures = 0;
      for (let failing = 0; ; failing++) {
        let count = 0;
        let isOver = false;
        trouble.judge = () => (!isOver && count++ === failing ? ((isOver = true), { code: CODES[name] }) : undefined);
        const fault = await store.change(step).then(
          () => undefined,
          (error: unknown) => error,
        );
        trouble.judge = () => undefined;
        if (fault === undefined) break;
        assert.ok(fault instanceof LairError && fault.code === "store-unwritable", `statement ${failing}`);
        failures++;
        assert.deepEqual(await allOf(store), before, `statement ${failing}`);
      }
      assert.ok(failures > 20, `${failures} statements were made to fail`);
      const reference = new MemoryRoomStore();
      await reference.change({ room: room(), lines: [line(1)] });
      await reference.change(step);
      file.close();
      assert.deepEqual(await allOf(openRooms(place)), await allOf(reference));
    });
  }

  it("stores the group with the next one, though it is the same array", async () => {
    const trouble = new Trouble();
    const place = newPlace();
    const file = open(place, { open: trouble.open });
    const store = openRoomStore(file);
    await store.change({ room: room() });
    const later = room({ state: { group: toUtf8("later"), ratchets: toUtf8("later") } });
    trouble.judge = (sql) => (sql === "COMMIT" ? { code: CODES.full } : undefined);
    await assert.rejects(store.change({ room: later }), { code: "store-unwritable" });
    trouble.judge = () => undefined;
    await store.change({ room: later });
    file.close();
    assert.deepEqual(await openRooms(place).room(OPS), later);
  });
});

describe("what is written of a room", () => {
  it("is what has changed: a group stays where it is for a message, also after it was read", async () => {
    const place = newPlace();
    const state = { group: new Uint8Array(400_000).fill(7), ratchets: toUtf8("1") };
    let store = openRooms(place);
    await store.change({ room: room({ state }) });
    const nonceOf = (part: number): unknown =>
      rowsOf(place, `SELECT opening, nonce FROM room_parts WHERE part = ${part}`)[0];
    const [group, ratchets] = [nonceOf(2), nonceOf(3)];
    await store.change({ room: room({ state: { ...state, ratchets: toUtf8("2") } }) });
    assert.deepEqual(nonceOf(2), group);
    assert.notDeepEqual(nonceOf(3), ratchets);
    store = await reopenRooms(store);
    const read = (await store.room(OPS))!;
    await store.change({ room: { ...read, state: { ...read.state!, ratchets: toUtf8("3") } } });
    assert.deepEqual(nonceOf(2), group);
    const other = { group: state.group.slice(), ratchets: toUtf8("4") };
    await store.change({ room: room({ state: other }) });
    assert.notDeepEqual(nonceOf(2), group, "another array");
    assert.deepEqual(await (await reopenRooms(store)).room(OPS), room({ state: other }));
  });
});

describe("rooms and the pair in one file", () => {
  it("do not come between each other's changes", async () => {
    const place = newPlace();
    const file = open(place);
    const store = openRoomStore(file);
    const changes: Promise<void>[] = [];
    for (let seq = 0; seq < 20; seq++) {
      changes.push(store.change({ room: room(), lines: [line(seq)] }));
      file.commit(ADA, [queued(seq, `text ${seq}`)]);
      changes.push(store.shown(OPS, seq - 5));
    }
    await Promise.all(changes);
    file.close();
    const again = open(place);
    assert.equal(again.load(ADA).next, 20);
    assert.equal((await openRoomStore(again).unshown(OPS)).length, 5);
  });

  it("end together; a deletion that is under way ends too", async () => {
    const place = newPlace();
    const file = open(place);
    const store = openRoomStore(file);
    await store.change({ room: room(), lines: Array.from({ length: 200 }, (_, at) => line(at, { expiresAtMs: 5 })) });
    const expiring = store.expire(5);
    file.close();
    assert.equal(await expiring, undefined);
    await assert.rejects(store.room(OPS), /the store is closed/);
    await assert.rejects(store.change({ room: room() }), /the store is closed/);
    const again = openRooms(place);
    assert.notDeepEqual(await again.lines(OPS, 999, 999), []);
    assert.equal(await again.expire(5), undefined);
    assert.deepEqual(await again.lines(OPS, 999, 999), []);
  });

  it("leave the rest of a room that was forgotten to the next purge, which a program without rooms does too", async () => {
    const place = newPlace();
    const file = open(place);
    const store = openRoomStore(file);
    await store.change({ room: room(), lines: Array.from({ length: 700 }, (_, at) => line(at)) });
    await store.change({ room: room({ id: ART }), lines: [line(1, { room: ART })] });
    await store.change({ forget: OPS });
    file.close();
    const counts = (): unknown => [
      rowsOf(place, "SELECT count(*) FROM rooms")[0]![0],
      rowsOf(place, "SELECT count(*) FROM room_lines")[0]![0],
      rowsOf(place, "SELECT count(*) FROM room_parts WHERE room = 1")[0]![0],
      rowsOf(place, "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'apart_*' AND rootpage = 0")[0]![0],
    ];
    assert.deepEqual(counts(), [2, 701, 0, 1]);
    const again = open(place);
    let steps = 0;
    while (again.purge(0, () => true) === 0) steps++;
    assert.ok(steps > 3, "in steps");
    assert.deepEqual(counts(), [1, 1, 0, 0]);
    assert.equal((await openRoomStore(again).search(ART, "line", 5)).total, 1);
  });

  it("can be read while another program writes, and not written", async () => {
    const place = newPlace();
    const writer = openRoomStore(open(place));
    await writer.change({ room: room(), lines: [line(1)] });
    const reader = openRoomStore(open(place, { mode: "read" }));
    assert.deepEqual(await reader.room(OPS), room());
    await writer.change({ room: room({ next: 20 }), lines: [line(2)] });
    assert.equal((await reader.room(OPS))?.next, 20);
    assert.equal((await reader.search(OPS, "line", 5)).total, 2);
    await assert.rejects(reader.change({ forget: OPS }), /opened for reading/);
    assert.deepEqual(await openRoomStore(open(newPlace(), { mode: "read" })).rooms(HUB), []);
  });

  it("come into the file of an earlier version", async () => {
    const place = newPlace();
    const file = open(place);
    file.commit(ADA, [queued(0, "waits")]);
    file.close();
    beforeLimits(place);
    const again = open(place);
    const store = openRoomStore(again);
    assert.deepEqual(await store.rooms(HUB), []);
    await store.change({ room: room(), lines: [line(1)] });
    assert.equal(again.load(ADA).next, 1);
    assert.deepEqual(await store.rooms(HUB), [room()]);
  });
});

/** One of each kind of row. */
async function filled(place: string): Promise<void> {
  const file = open(place);
  const store = openRoomStore(file);
  const commit = { id: id(1), epoch: 4, isExternal: false, renews: true, seq: undefined };
  const pending = { ...commit, pending: toUtf8("p"), call: toUtf8("c"), bytes: toUtf8("b") };
  for (const at of [OPS, ART]) {
    await store.change({
      room: room({ id: at, pending }),
      lines: [line(1, { room: at }), line(2, { room: at })],
      addOutgoing: [outgoing(1, { room: at }), outgoing(2, { room: at })],
      notices: [notice(1, { room: at }), notice(2, { room: at })],
      pins: [pin(1), pin(5)],
      addPackages: [keyPackage(1), keyPackage(2)],
      settings: { hub: HUB, settings: { ...FIRST_SETTINGS, tellsTyping: true } },
    });
    await store.change({ settings: { hub: at, settings: await store.settings(HUB) } });
  }
  file.close();
}

/** Everything that is there. */
async function readAll(place: string): Promise<void> {
  const file = open(place);
  const store = openRoomStore(file);
  try {
    await allOf(store);
    for (const hub of [HUB, OPS, ART]) await store.settings(hub);
    for (const number of [1, 5]) await store.pin(key(number));
    for (const at of [OPS, ART]) {
      const lines: readonly RoomLine[] = await store.lines(at, 99, 99);
      for (const { seq } of lines) await store.lineAt(at, seq);
    }
  } finally {
    file.close();
  }
}

/** One row has the sealed content of another one. */
function swap(table: string, column: string, one: string, other: string): string {
  return `UPDATE ${table} SET (opening, nonce, body) =
    (SELECT opening, nonce, body FROM ${table} WHERE ${column} = ${other}) WHERE ${column} = ${one}`;
}

describe("rows of rooms that are not as they were written", () => {
  it("are refused as damaged: moved, changed, exchanged or taken out", async () => {
    const changes = [
      "UPDATE rooms SET shown = 99 WHERE id = 1",
      "UPDATE rooms SET hub = x'00' WHERE id = 1; UPDATE rooms SET hub = (SELECT hub FROM rooms WHERE id = 2), place = 7",
      "UPDATE rooms SET has_words = 0 WHERE id = 1",
      ...[0, 1, 2, 3, 4, 5, 6].map((part) => `DELETE FROM room_parts WHERE room = 1 AND part = ${part}`),
      ...[0, 1, 2, 3, 4, 5, 6].map(
        (part) => `UPDATE room_parts SET (opening, nonce, body) =
          (SELECT opening, nonce, body FROM room_parts WHERE room = 2 AND part = ${part}) WHERE room = 1 AND part = ${part}`,
      ),
      "UPDATE room_lines SET seq = 7 WHERE id = 1",
      "UPDATE room_lines SET at_ms = 7 WHERE id = 1",
      "UPDATE room_lines SET is_own = 1 WHERE id = 1",
      "UPDATE room_lines SET is_about = 1 WHERE id = 1",
      "UPDATE room_lines SET expires_ms = 5 WHERE id = 1",
      "UPDATE room_lines SET room = 2 WHERE id = 1",
      "UPDATE room_lines SET body = x'' WHERE id = 1",
      "UPDATE room_lines SET opening = 77 WHERE id = 1",
      swap("room_lines", "id", "1", "2"),
      swap("room_outgoing", "id", "1", "2"),
      "UPDATE room_outgoing SET entry = x'01' WHERE id = 1",
      swap("room_notices", "id", "1", "2"),
      "UPDATE room_notices SET notice = x'01' WHERE id = 1",
      swap("room_packages", "id", "1", "2"),
      swap("room_people", "id", "1", "2"),
      swap("room_settings", "rowid", "1", "2"),
    ];
    const whole = newPlace();
    await filled(whole);
    await readAll(whole);
    for (const change of changes) {
      const place = copyOf(whole);
      rawly(place, "PRAGMA foreign_keys = OFF", change);
      await assert.rejects(readAll(place), { code: "store-damaged" }, change);
    }
  });

  it("are refused when one part of a room is older than the others", async () => {
    for (const part of [1, 2, 3]) {
      const place = newPlace();
      const store = openRooms(place);
      await store.change({ room: room() });
      rawly(place, `CREATE TABLE kept AS SELECT * FROM room_parts WHERE part = ${part}`);
      const later = { group: toUtf8("later"), ratchets: toUtf8("later") };
      await store.change({ room: room({ state: later, log: toUtf8("later") }) });
      opened.get(store)!.file.close();
      rawly(
        place,
        `UPDATE room_parts SET (opening, nonce, body) = (SELECT opening, nonce, body FROM kept) WHERE part = ${part}`,
      );
      await assert.rejects(openRooms(place).room(OPS), { code: "store-damaged" });
    }
  });

  it("does not keep a damaged line from going when it is due, nor those behind it", async () => {
    const place = newPlace();
    const file = open(place);
    await openRoomStore(file).change({ room: room(), lines: [1, 2, 3].map((at) => line(at, { expiresAtMs: 5 })) });
    file.close();
    rawly(place, "UPDATE room_lines SET body = x'00' WHERE id = 1");
    const store = openRooms(place);
    await assert.rejects(store.lines(OPS, 9, 9), { code: "store-damaged" });
    assert.equal(await store.expire(5), undefined);
    assert.deepEqual(await store.lines(OPS, 9, 9), []);
  });
});
