// What every store of a member's rooms does, see `src/app/rooms/room-store.ts`: any store must pass it unchanged.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../../src/core/bytes.ts";
import {
  FIRST_SETTINGS,
  type LineExtras,
  type RoomLine,
  type RoomStore,
  type StoredRoom,
} from "../../../src/app/rooms/room-store.ts";
import { ART, HUB, id, key, keyPackage, line, notice, OPS, OTHER_HUB, outgoing, pin, room } from "./room-samples.ts";

const seqs = (lines: readonly RoomLine[]): number[] => lines.map(({ seq }) => seq);

/** Part of a step that goes wrong: it throws once it is read. */
function trouble(): RoomLine {
  return Object.defineProperty({ ...line(9) }, "room", {
    get() {
      throw new RangeError("trouble");
    },
  });
}

/** `create` makes a store that is empty; `reopen`, of a store that keeps, gives the same one after a restart. */
export function describeRoomStore(
  name: string,
  create: () => Promise<RoomStore>,
  reopen: (store: RoomStore) => Promise<RoomStore> = async (store) => store,
): void {
  const test = (title: string, body: (store: RoomStore) => Promise<void>): void => {
    it(title, async () => {
      await body(await create());
    });
  };

  describe(`${name}: rooms`, () => {
    test("keeps all of a room, whatever there is of it", async (store) => {
      assert.equal(await store.room(OPS), undefined);
      const full = room({
        pending: {
          id: id(1),
          epoch: 4,
          pending: toUtf8("pending"),
          call: toUtf8("call"),
          bytes: toUtf8("commit"),
          isExternal: true,
          renews: false,
          seq: 9,
        },
        lost: "gap",
        disagreeing: ["ab", "cd"],
        listedName: "ops",
        link: { id: id(2), secret: key(3) },
        isUnwanted: true,
        madeFor: { publicKey: key(6), signatureKey: key(7) },
        by: { publicKey: key(4), signatureKey: key(5) },
      });
      const empty = room({ id: ART, standing: "joining", name: "", state: undefined, log: new Uint8Array(0) });
      await store.change({ room: full });
      await store.change({ room: empty });
      const again = await reopen(store);
      assert.deepEqual(await again.room(OPS), full);
      assert.deepEqual(await again.room(ART), empty);
    });

    test("lists the rooms of a hub in their first order, each as it was stored last", async (store) => {
      await store.change({ room: room() });
      await store.change({ room: room({ id: id(102), hub: OTHER_HUB }) });
      await store.change({ room: room({ id: ART, name: "art" }) });
      const ratchets = toUtf8("later ratchets");
      const later = room({ next: 9, state: { group: toUtf8("group"), ratchets } });
      await store.change({ room: later });
      assert.deepEqual(await store.rooms(HUB), [later, room({ id: ART, name: "art" })]);
      assert.equal((await store.rooms(OTHER_HUB)).length, 1);
      assert.deepEqual(await store.rooms(key(9)), []);
    });

    test("has of a room what was stored last, whatever of it has changed", async (store) => {
      const group = toUtf8("a group");
      const pending = { id: id(1), epoch: 4, isExternal: false, renews: true, seq: undefined };
      const commit = { ...pending, pending: toUtf8("of 1"), call: toUtf8("call 1"), bytes: toUtf8("commit 1") };
      const state = (ratchets: string, from = group): StoredRoom["state"] => ({
        group: from,
        ratchets: toUtf8(ratchets),
      });
      const versions = [
        room({ standing: "creating", state: undefined }),
        room({ standing: "invited", by: { publicKey: key(4), signatureKey: key(5) } }),
        room({ standing: "joined", state: state("1") }),
        room({ standing: "joined", state: state("2"), pending: commit }),
        room({ standing: "joined", state: state("3"), pending: { ...commit, seq: 12 } }),
        room({ standing: "joined", state: state("4", toUtf8("of another epoch")) }),
        room({ standing: "joined", state: state("5") }),
        room({ standing: "leaving", state: state("5", toUtf8("a group")), lost: "epoch" }),
        room({ standing: "over", state: undefined, lost: "gap" }),
      ];
      let current = store;
      for (const version of versions) {
        await current.change({ room: version });
        assert.deepEqual(await current.room(OPS), version);
        current = await reopen(current);
        const read = await current.room(OPS);
        assert.deepEqual(read, version);
        // What was read goes back in as it is.
        await current.change({ room: { ...read, next: version.next + 1 } });
        assert.deepEqual(await current.room(OPS), { ...version, next: version.next + 1 });
      }
    });

    test("stores all of a step or nothing of it", async (store) => {
      const before = room();
      await store.change({ room: before, lines: [line(1)], addOutgoing: [outgoing(2)], addPackages: [keyPackage(1)] });
      const step = {
        room: room({ next: 20, state: { group: toUtf8("later"), ratchets: toUtf8("later") } }),
        addOutgoing: [outgoing(3)],
        sent: [id(2)],
        changed: [{ room: OPS, id: id(1), content: toUtf8("edited"), words: "edited" }],
        dropPackages: [key(1)],
        pins: [pin(1)],
      };
      await assert.rejects(store.change({ ...step, lines: [line(2), trouble()] }), /trouble/);
      await assert.rejects(store.change({ room: step.room, forget: OPS, changed: [trouble()] }), /trouble/);
      const unchanged = async (one: RoomStore): Promise<void> => {
        assert.deepEqual(await one.room(OPS), before);
        assert.deepEqual(await one.lines(OPS, 99, 99), [line(1)]);
        assert.deepEqual(await one.outgoing(OPS), [outgoing(2)]);
        assert.deepEqual(await one.packages(HUB), [keyPackage(1)]);
        assert.deepEqual(await one.pins(), []);
        assert.equal((await one.search(OPS, "line", 9)).total, 1);
      };
      await unchanged(store);
      const again = await reopen(store);
      await unchanged(again);
      await again.change({ ...step, lines: [line(2)] });
      assert.deepEqual(await again.room(OPS), step.room);
      assert.deepEqual(seqs(await again.unshown(OPS)), [1, 2]);
    });

    test("keeps what is to be told, in its order, until it was shown", async (store) => {
      const undefinedAside = notice(3, { report: { type: "room-error", code: "a", message: "A sentence." } });
      await store.change({ room: room(), notices: [notice(5), notice(1)] });
      await store.change({ notices: [undefinedAside, notice(5, { room: ART })] });
      await assert.rejects(store.change({ notices: [notice(6)], lines: [trouble()] }), /trouble/);
      assert.deepEqual(await store.untold(OPS), [notice(5), notice(1), undefinedAside]);
      await store.shown(OPS, 9);
      await store.shown(OPS, -1, [id(5), id(77)]);
      const again = await reopen(store);
      assert.deepEqual(await again.untold(OPS), [notice(1), undefinedAside]);
      assert.deepEqual(await again.untold(ART), [notice(5, { room: ART })]);
      await again.change({ forget: OPS });
      assert.deepEqual(await again.untold(OPS), []);
      await again.change({ room: room() });
      assert.deepEqual(await again.untold(OPS), []);
    });

    test("forgets a room with its lines, and nothing of another", async (store) => {
      for (const at of [OPS, ART]) {
        await store.change({
          room: room({ id: at }),
          lines: [line(1, { room: at })],
          addOutgoing: [outgoing(2, { room: at })],
        });
      }
      await store.shown(OPS, 7);
      await store.change({ forget: OPS, pins: [pin(1)] });
      assert.equal(await store.room(OPS), undefined);
      assert.deepEqual(await store.lines(OPS, 100, 100), []);
      assert.deepEqual(await store.outgoing(OPS), []);
      assert.notEqual(await store.pin(key(1)), undefined);
      assert.equal((await store.lines(ART, 100, 100)).length, 1);
      assert.equal((await store.outgoing(ART)).length, 1);
      assert.deepEqual(await store.search(OPS, "line", 9), { lines: [], total: 0 });
      // What was under way when it was forgotten comes too late.
      await store.shown(OPS, 7);
      await store.change({ sealed: [outgoing(2)], changed: [{ ...line(1) }] });
      assert.equal(await store.room(OPS), undefined);
      // A room that comes again begins anew, and is the last.
      const again = await reopen(store);
      await again.change({ room: room(), lines: [line(1)] });
      assert.deepEqual(seqs(await again.unshown(OPS)), [1]);
      assert.deepEqual(seqs((await again.search(OPS, "line", 9)).lines), [1]);
      assert.deepEqual(
        (await again.rooms(HUB)).map((one) => one.id),
        [ART, OPS],
      );
      await again.change({ forget: id(55) });
    });
  });

  describe(`${name}: lines`, () => {
    test("keeps each in the order of the log and finds it by its id in its room", async (store) => {
      await store.change({ lines: [line(1), line(2, { isOwn: true })] });
      await store.change({ lines: [line(1, { room: ART, content: toUtf8("art") }), line(5)] });
      const again = await reopen(store);
      assert.deepEqual(await again.lines(OPS, 100, 100), [line(1), line(2, { isOwn: true }), line(5)]);
      assert.deepEqual(await again.line(ART, id(1)), line(1, { room: ART, content: toUtf8("art") }));
      assert.equal(await again.line(ART, id(2)), undefined);
    });

    test("are in the order of their numbers, also those that somebody shares later", async (store) => {
      await store.change({ lines: [line(7, { isOwn: true }), line(9)] });
      await store.change({ lines: [line(2), line(4, { isOwn: true })] });
      const again = await reopen(store);
      assert.deepEqual(seqs(await again.lines(OPS, 100, 3)), [4, 7, 9]);
      assert.deepEqual(seqs(await again.unshown(OPS)), [2, 4, 7, 9]);
      assert.deepEqual(seqs((await again.search(OPS, "line", 2)).lines), [7, 9]);
      assert.equal((await again.ownLast(OPS))?.seq, 7);
    });

    test("gives the last ones before a number", async (store) => {
      await store.change({ lines: [1, 2, 5, 7].map((seq) => line(seq)) });
      assert.deepEqual(seqs(await store.lines(OPS, 7, 2)), [2, 5]);
      assert.deepEqual(seqs(await store.lines(OPS, 8, 1)), [7]);
      assert.deepEqual(seqs(await store.lines(OPS, 1, 5)), []);
      assert.deepEqual(seqs(await store.lines(OPS, 100, 0)), []);
      assert.deepEqual(seqs(await store.linesAfter(OPS, 2, 2)), [5, 7]);
      assert.deepEqual(seqs(await store.linesAfter(OPS, 3, 1)), [5]);
      assert.deepEqual(seqs(await store.linesAfter(OPS, 100, 5)), []);
      assert.deepEqual(seqs(await store.linesAfter(OPS, 0, 0)), []);
    });

    test("are unshown until they were shown, and that never goes back", async (store) => {
      await store.change({ lines: [0, 2, 5].map((seq) => line(seq)) });
      assert.deepEqual(seqs(await store.unshown(OPS)), [0, 2, 5]);
      await store.shown(OPS, 0);
      assert.deepEqual(seqs(await store.unshown(OPS)), [2, 5]);
      await store.shown(OPS, 3);
      await store.shown(OPS, 1);
      const again = await reopen(store);
      assert.deepEqual(seqs(await again.unshown(OPS)), [5]);
      assert.deepEqual(seqs(await again.unshown(ART)), []);
    });

    test("have reactions and the like, which stay when only the content changes", async (store) => {
      const person = { publicKey: key(4), signatureKey: key(5) };
      const extras: LineExtras = {
        reactions: [{ by: person, emoji: "👍" }],
        replyTo: "ab".repeat(16),
        shared: { by: person, seq: 7 },
      };
      await store.change({ lines: [line(1), line(2, { extras })] });
      await store.change({ changed: [{ ...line(1), extras }] });
      await store.change({ changed: [{ room: OPS, id: id(2), content: toUtf8("edited"), words: "edited" }] });
      const again = await reopen(store);
      assert.deepEqual(await again.lines(OPS, 9, 9), [
        line(1, { extras }),
        line(2, { extras, content: toUtf8("edited"), words: "edited" }),
      ]);
    });

    test("change their content only, in their room only", async (store) => {
      await store.change({ lines: [line(1), line(2), line(1, { room: ART })] });
      await store.change({ changed: [{ room: OPS, id: id(1), content: toUtf8("edited"), words: "edited" }] });
      await store.change({ changed: [{ room: OPS, id: id(9), content: toUtf8("of nothing"), words: "" }] });
      assert.deepEqual(await store.lines(OPS, 9, 9), [
        line(1, { content: toUtf8("edited"), words: "edited" }),
        line(2),
      ]);
      assert.deepEqual(await store.line(ART, id(1)), line(1, { room: ART }));
    });

    test("stay what they are when a change brings a whole line", async (store) => {
      const about = line(1, { kind: "about" });
      await store.change({ lines: [about] });
      await store.change({ changed: [line(1, { kind: "line", seq: 7, atMs: 7, isOwn: true, words: "edited" })] });
      assert.deepEqual(await store.line(OPS, id(1)), { ...about, words: "edited" });
      assert.equal((await store.search(OPS, "edited", 9)).total, 0);
    });

    test("are found by their number, and one's own last", async (store) => {
      await store.change({ lines: [line(1, { isOwn: true }), line(2, { isOwn: true, kind: "about" }), line(3)] });
      assert.deepEqual(await store.lineAt(OPS, 3), line(3));
      assert.equal(await store.lineAt(OPS, 2), undefined, "no line");
      assert.equal(await store.lineAt(ART, 1), undefined);
      assert.deepEqual(await store.ownLast(OPS), line(1, { isOwn: true }));
      assert.equal(await store.ownLast(ART), undefined);
    });

    test("what is about others is no line, and goes once it was shown", async (store) => {
      await store.change({ lines: [line(1), line(2, { kind: "about" }), line(3, { kind: "about" })] });
      assert.deepEqual(seqs(await store.lines(OPS, 9, 9)), [1]);
      assert.deepEqual(seqs(await store.unshown(OPS)), [1, 2, 3]);
      await store.shown(OPS, 2);
      const again = await reopen(store);
      assert.deepEqual(seqs(await again.unshown(OPS)), [3]);
      assert.equal(await again.line(OPS, id(2)), undefined);
      assert.deepEqual(seqs(await again.lines(OPS, 9, 9)), [1]);
    });

    test("are found by all of some words, the newest, and counted", async (store) => {
      const words = ["Red boat", "a red, RED bicycle", "boat", "the boat is red"];
      await store.change({ lines: words.map((one, at) => line(at, { words: one })) });
      await store.change({ lines: [line(0, { room: ART, words: "red boat" })] });
      const found = await store.search(OPS, "red boat", 1);
      assert.deepEqual([seqs(found.lines), found.total], [[3], 2]);
      assert.deepEqual(seqs((await store.search(OPS, "RED", 9)).lines), [0, 1, 3]);
      await store.change({ changed: [{ room: OPS, id: id(3), content: toUtf8("edited"), words: "a car" }] });
      const again = await reopen(store);
      assert.deepEqual(seqs((await again.search(OPS, "boat", 9)).lines), [0, 2]);
      assert.deepEqual(seqs((await again.search(OPS, "car", 9)).lines), [3]);
      assert.deepEqual(await again.search(OPS, "plane", 9), { lines: [], total: 0 });
    });

    test("are found by whole words, the last also by its start; case and marks do not count", async (store) => {
      const words = ["Über café", "cafeteria, überall", "an", "anna", ""];
      await store.change({ lines: words.map((one, at) => line(at, { words: one })) });
      await store.change({ lines: [line(9, { words: "cafe", kind: "about" })] });
      const found = async (query: string): Promise<number[]> => seqs((await store.search(OPS, query, 9)).lines);
      assert.deepEqual(await found("CAFE"), [0, 1]);
      assert.deepEqual(await found("uber"), [0, 1]);
      assert.deepEqual(await found("uber cafe"), [0]);
      assert.deepEqual(await found("an"), [2]);
      assert.deepEqual(await found("ann"), [3]);
      assert.deepEqual(await found('"*" ...'), [], "no word");
      assert.deepEqual(await store.search(OPS, "cafe", 0), { lines: [], total: 2 });
    });

    test("disappear by their time, however many, and are found no more", async (store) => {
      const many = Array.from({ length: 70 }, (_, at) => line(at, { isOwn: true, expiresAtMs: 50 + (at % 2) }));
      await store.change({ room: room(), lines: many });
      await store.change({ lines: [line(1, { room: ART, expiresAtMs: 60 }), line(99)] });
      assert.equal(await store.expire(51), 60);
      const again = await reopen(store);
      assert.deepEqual(seqs(await again.lines(OPS, 999, 999)), [99]);
      assert.deepEqual([seqs((await again.search(OPS, "line", 9)).lines)], [[99]]);
      assert.equal(await again.ownLast(OPS), undefined);
      assert.equal(await again.line(OPS, id(3)), undefined);
      await again.change({ forget: ART });
      assert.equal(await again.expire(52), undefined, "of a room that was forgotten none will");
    });

    test("disappear by their time, and say when the next one does", async (store) => {
      await store.change({
        lines: [line(1, { expiresAtMs: 50 }), line(2), line(3, { expiresAtMs: 70 }), line(1, { room: ART })],
      });
      assert.equal(await store.expire(49), 50);
      assert.deepEqual(seqs(await store.lines(OPS, 9, 9)), [1, 2, 3]);
      assert.equal(await store.expire(50), 70);
      const again = await reopen(store);
      assert.deepEqual(seqs(await again.lines(OPS, 9, 9)), [2, 3]);
      assert.equal(await again.expire(70), undefined);
      assert.deepEqual(seqs(await again.lines(OPS, 9, 9)), [2]);
      assert.equal((await again.lines(ART, 9, 9)).length, 1);
    });

    test("may come and be changed in one step", async (store) => {
      await store.change({
        lines: [line(1)],
        changed: [{ room: OPS, id: id(1), content: toUtf8("edited"), words: "edited" }],
      });
      assert.deepEqual((await store.line(OPS, id(1)))?.content, toUtf8("edited"));
    });
  });

  describe(`${name}: what is to be sent`, () => {
    test("stays in its order until it was sent, with its content and its last seal", async (store) => {
      await store.change({ addOutgoing: [outgoing(3), outgoing(1)] });
      await store.change({ addOutgoing: [outgoing(2), outgoing(1, { room: ART })] });
      const sealed = { epoch: 4, bytes: toUtf8("sealed") };
      await store.change({ sealed: [outgoing(1, { content: toUtf8("not this"), sealed })] });
      const again = await reopen(store);
      assert.deepEqual(await again.outgoing(OPS), [outgoing(3), outgoing(1, { sealed }), outgoing(2)]);
      const later = { epoch: 5, bytes: toUtf8("again") };
      await again.change({ sealed: [outgoing(1, { sealed: later }), outgoing(9, { sealed: later })] });
      await again.change({ sent: [id(3), id(9)], lines: [line(3, { isOwn: true })] });
      assert.deepEqual(await again.outgoing(OPS), [outgoing(1, { sealed: later }), outgoing(2)]);
      assert.deepEqual(await again.outgoing(ART), [outgoing(1, { room: ART })]);
    });

    test("is there once for each id in a room, and sent in every room", async (store) => {
      await store.change({ addOutgoing: [outgoing(1), outgoing(2), outgoing(1, { room: ART })] });
      await store.change({ addOutgoing: [outgoing(1, { content: toUtf8("another") })] });
      assert.deepEqual(await store.outgoing(OPS), [outgoing(1, { content: toUtf8("another") }), outgoing(2)]);
      await store.change({ sent: [id(1)] });
      const again = await reopen(store);
      assert.deepEqual(await again.outgoing(OPS), [outgoing(2)]);
      assert.deepEqual(await again.outgoing(ART), []);
    });
  });

  describe(`${name}: key packages and people`, () => {
    test("keeps a package until it is dropped, and knows whether the hub has it", async (store) => {
      const lastResort = keyPackage(2, { isLastResort: true, suite: "classic" });
      await store.change({ addPackages: [keyPackage(1), lastResort, keyPackage(3, { hub: OTHER_HUB })] });
      const again = await reopen(store);
      assert.deepEqual(await again.packages(HUB), [keyPackage(1), lastResort]);
      await again.change({ published: [key(1), key(9)] });
      assert.deepEqual(await again.packages(HUB), [keyPackage(1, { toPublish: undefined }), lastResort]);
      await again.change({ dropPackages: [key(1), key(9)] });
      assert.deepEqual(await again.packages(HUB), [lastResort]);
      assert.deepEqual(await again.packages(OTHER_HUB), [keyPackage(3, { hub: OTHER_HUB })]);
    });

    test("keeps the first key that was seen of somebody; a handle may come later", async (store) => {
      assert.equal(await store.pin(key(1)), undefined);
      await store.change({ pins: [pin(1, { how: { kind: "added", by: key(50) } })] });
      await store.change({ pins: [pin(1, { signatureKey: key(99), how: { kind: "link" }, handle: "ada" })] });
      const known = pin(1, { how: { kind: "added", by: key(50) }, handle: "ada" });
      const again = await reopen(store);
      assert.deepEqual(await again.pin(key(1)), known);
      await again.change({ pins: [pin(1)] });
      assert.deepEqual(await again.pin(key(1)), known, "without a handle it stays");
      await again.change({ pins: [pin(3, { handle: "bob" })] });
      assert.deepEqual(await again.pins(), [known, pin(3, { handle: "bob" })]);
    });

    test("keeps what a member wants at a hub", async (store) => {
      assert.deepEqual(await store.settings(HUB), FIRST_SETTINGS);
      const settings = {
        tellsTyping: true,
        tellsRead: false,
        isInvisible: true,
        follows: ["ab"],
        handle: "bob-7ufq",
        feeds: ["cd"],
        welcomes: ["ef"],
      };
      await store.change({ settings: { hub: HUB, settings } });
      const again = await reopen(store);
      assert.deepEqual(await again.settings(HUB), settings);
      assert.deepEqual(await again.settings(OTHER_HUB), FIRST_SETTINGS);
    });
  });
}
