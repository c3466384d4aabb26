// What a hub has opens nothing: words of a conversation are nowhere in what it is given, has on its disk or in its rows. And the
// keys of who was removed open nothing that is said afterwards, those of who was added nothing from before.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fromHex } from "../../src/core/bytes.ts";
import { storeKeys } from "../../src/core/identity/store-keys.ts";
import { openOutsideInfo } from "../../src/core/room/outside-info.ts";
import type { GroupState } from "../../src/core/room/group-crypto.ts";
import { connectTo } from "../../src/node/store/database-file.ts";
import { openHubStore } from "../../src/node/store/hub/open-hub-store.ts";
import { created, type Program, RoomsWorld } from "../app/rooms/rooms-world.ts";
import { newPlace, PRIVATE_KEY } from "../node/store/places.ts";
import { groups, SUITE } from "../mls/people.ts";
import { HostileHub, talk } from "./hostile-hub.ts";
import { RawMember } from "./raw-member.ts";

/** A text as it could be written somewhere. */
function spellings(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [
    bytes,
    Buffer.from(text, "utf16le"),
    ...[bytes.toString("base64url"), bytes.toString("hex")].map((one) => Buffer.from(one)),
  ];
}

/** Every value of every table. */
function rowsIn(directory: string): Buffer {
  const { page: pageKey } = storeKeys(SUITE, PRIVATE_KEY);
  const connection = connectTo({ path: join(directory, "hub.db"), pageKey, open: undefined });
  const tables = connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'").map((row) => row.text(0));
  assert.ok(tables.length > 5);
  const values: Buffer[] = [];
  for (const table of tables) {
    const columns = connection.all(`SELECT name FROM pragma_table_info('${table}')`).map((row) => row.text(0));
    for (const column of columns) {
      const sql = `SELECT hex(CAST("${column}" AS BLOB)) FROM "${table}" WHERE "${column}" IS NOT NULL`;
      for (const row of connection.all(sql)) values.push(Buffer.from(row.text(0), "hex"));
    }
  }
  connection.close();
  return Buffer.concat(values);
}

describe("what a hub has", () => {
  it("opens nothing: canaries are in no call, no row and no file", async () => {
    const directory = newPlace();
    const store = openHubStore({ directory, privateKey: PRIVATE_KEY, suite: SUITE, soon: setImmediate });
    const world = new RoomsWorld({ store });
    const given: Buffer[] = [];
    const listening = (program: Program): Program => {
      program.onCall = (bytes) => {
        given.push(Buffer.from(bytes));
        return bytes;
      };
      return program;
    };
    const [ada, bob] = [listening(await world.connected("ada")), listening(await world.connected("bob"))];
    const words = ["name", "topic", "text", "edited", "emoji", "answer", "renamed"].map((one) => `canary-${one}-71c4`);
    const [name, topic, text, edited, emoji, answer, renamed] = words as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    for (const isClassic of [true, false]) {
      ada.do(created(name, { isClassic, sharedLines: 5 }));
      const count = isClassic ? 1 : 2;
      await ada.hears("room-created", () => ada.told("room-created").length === count);
      const { room } = ada.told("room-created").at(-1)!;
      ada.do({ type: "say", room: room.id, text });
      await ada.hears("sent", (one) => one.room.id === room.id);
      await world.invited(room.id, ada, bob);
      ada.do({ type: "topic", room: room.id, topic });
      ada.do({ type: "edit", room: room.id, text: edited });
      await bob.hears("topic-changed", (one) => one.room.id === room.id);
      const [line] = await ada.store.lines(fromHex(room.id)!, Number.MAX_SAFE_INTEGER, 1);
      bob.do({ type: "react", room: room.id, line: line!.seq + 1, emoji });
      bob.do({ type: "reply", room: room.id, line: line!.seq + 1, text: answer });
      await ada.hears("message", (one) => one.room.id === room.id);
      ada.do({ type: "marks", what: "typing", isOn: true });
      ada.do({ type: "noted", room: room.id, what: "typing" });
      ada.do({ type: "link", room: room.id });
      await ada.hears("room-link", (one) => one.room.id === room.id);
      ada.do({ type: "rename", room: room.id, name: renamed });
      await bob.hears("room-renamed", (one) => one.room.id === room.id);
    }
    const links = ada.told("room-link").map(({ link }) => Buffer.from(link.split("#")[1]!, "base64url").subarray(-32));
    const forbidden = [...words, "71c4"].flatMap(spellings).concat(links);
    const clean = (what: string, bytes: Buffer): void => {
      assert.ok(bytes.length > 10_000, what);
      for (const one of forbidden) assert.equal(bytes.indexOf(one), -1, `${what}: ${one.toString()}`);
    };
    clean("calls", Buffer.concat(given));
    const files = (): Buffer =>
      Buffer.concat(readdirSync(directory).map((file) => readFileSync(join(directory, file))));
    clean("files and their log", files());
    await world.close();
    await store.close();
    clean("files, closed", files());
    const rows = rowsIn(directory);
    assert.ok(rows.includes("ada"), "handles are found");
    clean("rows, with the key of the file", rows);
  });
});

describe("the keys of a member", () => {
  it("open nothing that is said after it was removed, and nothing from before it was added", async () => {
    const world = new RoomsWorld();
    const hub = new HostileHub(world);
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob, cyd);
    await talk(world, room, ada, bob, cyd);
    const removed = await RawMember.of(world, cyd, room);
    // The hub drops what everybody has.
    const early = await hub.log(room);
    const leaving = early.at(-1)!.seq + 1;
    ada.do({ type: "remove", room, who: "cyd" });
    for (const one of [ada, bob]) await one.hears("removed");
    const removal = await hub.log(room);
    for (let at = 0; at < 3; at++) {
      await talk(world, room, ada, bob);
      ada.do({ type: "topic", room, topic: `${at}` });
      await bob.hears("topic-changed", ({ topic }) => topic === `${at}`);
    }
    await talk(world, room, ada, bob);
    const before = await hub.log(room);
    const coming = before.at(-1)!.seq + 1;
    const dan = await world.connected("dan");
    await world.invited(room, ada, dan);
    await talk(world, room, ada, bob, dan);
    const log = [
      ...new Map([...early, ...removal, ...before, ...(await hub.log(room))].map((one) => [one.seq, one])).values(),
    ];

    const crypto = groups();
    let opened = 0;
    const opens = async (state: GroupState, bytes: Uint8Array): Promise<boolean> => {
      try {
        const taken = await crypto.take(state, bytes);
        opened += 1;
        return taken.kind === "message" || taken.kind === "commit";
      } catch {
        return false;
      }
    };
    for (const { seq, bytes } of log.filter(({ seq }) => seq >= leaving))
      assert.equal(await opens(removed.state, bytes), false, `${seq}`);
    assert.equal(opened, 1, "its own removal");
    const { state } = (await dan.store.room(fromHex(room)!))!;
    for (const { seq, bytes } of log.filter(({ seq }) => seq <= coming))
      assert.equal(await opens(state!, bytes), false, `${seq}`);
    assert.equal(opened, 1);

    // Nor does what lies there for those who come from outside; and what she kept of it brings her nowhere.
    const outside = (await world.hub.store.rooms.groupInfo(fromHex(room)!))!;
    assert.throws(() => openOutsideInfo(SUITE, removed.room, outside.bytes, { kind: "member", keyPair: cyd.identity }));
    const info = await crypto.groupInfo(removed.state, removed.signer);
    const made = await crypto.joinExternally(info, removed.signer);
    const { lastCommit } = (await world.hub.store.rooms.room(fromHex(room)!))!;
    const entry = {
      type: "commit",
      id: new Uint8Array(16),
      poster: cyd.identity.publicKey,
      atMs: 1,
      bytes: made.commit,
    } as const;
    const quota = { entries: 9_999, bytes: 2 ** 28, posterEntries: 1_000_000, posterBytes: 2 ** 28 };
    const seats = [{ key: cyd.identity.publicKey, role: "member" as const }];
    // A hub that helps her: she has a seat, and her commit is the room's next.
    const epoch = Number((await crypto.view(removed.state)).epoch);
    const first = { ...entry, id: new Uint8Array(16).fill(1), poster: ada.identity.publicKey, epoch };
    assert.equal(
      (await world.hub.store.rooms.appendCommit(removed.room, first, lastCommit, { seats }, quota)).type,
      "appended",
    );
    const next = (await world.hub.store.rooms.room(fromHex(room)!))!;
    const appended = await world.hub.store.rooms.appendCommit(
      removed.room,
      { ...entry, epoch: next.epoch },
      next.lastCommit,
      {},
      quota,
    );
    assert.equal(appended.type, "appended");
    await talk(world, room, ada, bob, dan);
    ada.do({ type: "members", room });
    const { members } = await ada.hears("members");
    assert.deepEqual(members.map(({ name }) => name).toSorted(), ["ada", "bob", "dan"]);
    await world.close();
  });
});
