// A hub's store on the disk: it does what every store of a hub does, has it all after it was opened again, and promises nothing
// that is not there.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { MemoryHubStore } from "../../../src/hub/memory-store.ts";
import type { HubStore } from "../../../src/hub/store.ts";
import { createFile } from "../../../src/node/store/database-file.ts";
import { HUB_MIGRATIONS } from "../../../src/node/store/hub/schema.ts";
import { migrate } from "../../../src/node/store/schema.ts";
import { storeKeys } from "../../../src/core/identity/store-keys.ts";
import { type HubStoreOptions, openHubStore } from "../../../src/node/store/hub/open-hub-store.ts";
import { effort } from "../../effort.ts";
import { commit, describeHubStore, id, key, message, QUOTA } from "../../hub/store-contract.ts";
import { throwsLair } from "../../throws-lair.ts";
import { newPlace, PRIVATE_KEY } from "./places.ts";
import { CODES, Trouble } from "./trouble.ts";

const ROOM = id(200);
const KEYS = [1, 2, 3].map(key);

function open(directory: string, more: Partial<HubStoreOptions> = {}): HubStore {
  return openHubStore({ directory, privateKey: PRIVATE_KEY, suite: OPENSSL_SUITE, soon: setImmediate, ...more });
}

describeHubStore("SqlHubStore", async () => open(newPlace()));

/** One of the things that people do at a hub, at random. */
type Step = (store: HubStore) => Promise<unknown>;

const KEY = fc.constantFrom(...KEYS);
const SMALL = fc.nat(4);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(KEY, fc.constantFrom("ada", "bob")).map(
    ([one, handle]): Step =>
      async ({ accounts }) =>
        await accounts.addAccount({
          key: one,
          signatureKey: one,
          handle,
          role: "member",
          standing: "active",
          joinedAtMs: 1,
        }),
  ),
  KEY.map(
    (one): Step =>
      async ({ accounts }) =>
        await accounts.removeAccount(one),
  ),
  fc.tuple(KEY, SMALL, SMALL, fc.boolean()).map(
    ([one, number, expiresAtMs, isLastResort]): Step =>
      async ({ keyPackages }) =>
        await keyPackages.addKeyPackages(
          one,
          [{ id: id(number), bytes: key(number), expiresAtMs, isLastResort }],
          2,
          1,
        ),
  ),
  KEY.map(
    (one): Step =>
      async ({ keyPackages }) =>
        await keyPackages.takeKeyPackage(one, 2),
  ),
  KEY.map(
    (creator): Step =>
      async ({ rooms }) =>
        await rooms.createRoom({ id: ROOM, creator, listedName: "ops" }, 2),
  ),
  fc.tuple(KEY, fc.nat(20), SMALL).map(
    ([poster, number, epoch]): Step =>
      async ({ rooms }) =>
        await rooms.append(ROOM, message(number, { poster, epoch }), { ...QUOTA, posterBytes: 60 }),
  ),
  fc
    .tuple(KEY, fc.nat(20), SMALL, fc.boolean(), KEY, KEY)
    .map(([poster, number, epoch, isRight, seated, removed]): Step => async ({ rooms }) => {
      const after = isRight ? ((await rooms.room(ROOM))?.lastCommit ?? 0) : number;
      const letters = [{ id: id(number), to: seated, kind: "welcome" as const, bytes: key(1), atMs: 1 }];
      const groupInfo = number % 2 === 0 ? { groupInfo: key(number) } : {};
      const change = { seats: [{ key: seated, role: "member" as const }], removed: [removed], letters, ...groupInfo };
      return await rooms.appendCommit(ROOM, commit(number, { poster, epoch }), after, change, QUOTA);
    }),
  fc.tuple(KEY, fc.nat(12)).map(
    ([one, next]): Step =>
      async ({ rooms }) =>
        await rooms.acknowledge(ROOM, one, next),
  ),
  fc.tuple(fc.nat(20), SMALL).map(
    ([sinceMs, most]): Step =>
      async ({ rooms }) =>
        await rooms.prune(sinceMs, most),
  ),
  KEY.map(
    (one): Step =>
      async ({ mail }) =>
        await mail.letters(one, 3),
  ),
  fc.tuple(KEY, fc.nat(20)).map(
    ([one, number]): Step =>
      async ({ mail }) =>
        await mail.drop(one, id(number)),
  ),
  fc.constant<Step>(async ({ rooms }) => [
    await rooms.room(ROOM),
    await rooms.groupInfo(ROOM),
    await rooms.read(ROOM, 0, 100),
  ]),
);

describe("a hub's store on the disk", () => {
  it("does the same as the one in memory, whatever people do, and however often it is opened again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(STEP, fc.nat(9)), { maxLength: 60 }), async (steps) => {
        const directory = newPlace();
        const reference = new MemoryHubStore();
        let store = open(directory);
        for (const [step, chance] of steps) {
          assert.deepEqual(await step(store), await step(reference));
          if (chance > 0) continue;
          await store.close();
          store = open(directory);
        }
        assert.deepEqual(await store.rooms.room(ROOM), await reference.rooms.room(ROOM));
        assert.deepEqual(await store.rooms.read(ROOM, 0, 10_000), await reference.rooms.read(ROOM, 0, 10_000));
        await store.close();
      }),
      { numRuns: effort(8, 500) },
    );
  });

  it("stores all that is asked for in one turn at once, and tells nobody before it is there", async () => {
    const trouble = new Trouble();
    let commits = 0;
    trouble.judge = (sql) => void (commits += sql === "COMMIT" ? 1 : 0);
    const store = open(newPlace(), { open: trouble.open });
    await store.rooms.createRoom({ id: ROOM, creator: KEYS[0]! }, 1);
    commits = 0;
    const told: number[] = [];
    store.subscribe(() => told.push(commits));
    const posts = [1, 2, 3].map((number) => store.rooms.append(ROOM, message(number, { epoch: 0 }), QUOTA));
    assert.deepEqual(
      (await Promise.all(posts)).map(({ type }) => type),
      ["appended", "appended", "appended"],
    );
    assert.deepEqual([commits, told], [1, [1, 1, 1]]);
    await store.close();
  });

  it("keeps what a store of the first version has", async () => {
    const directory = newPlace();
    const { page: pageKey } = storeKeys(OPENSSL_SUITE, PRIVATE_KEY);
    const file = { path: join(directory, "hub.db"), pageKey };
    createFile(file, (made) => {
      migrate(made, HUB_MIGRATIONS.slice(0, 1));
      const columns = "id, epoch, least_epoch, last_commit, next, entries, bytes, group_info";
      for (const [index, groupInfo] of [key(77), null].entries()) {
        made.run(`INSERT INTO rooms (${columns}) VALUES (?, 2, 1, 4, 6, 0, 0, ?)`, id(200 + index), groupInfo);
      }
      made.run("INSERT INTO seats (room, key, role, since, cursor) VALUES (?, ?, 0, 0, 0)", ROOM, KEYS[0]!);
      made.run("INSERT INTO posters (room, key, bytes) VALUES (?, ?, 1)", ROOM, KEYS[0]!);
      for (const [seq, bytes] of [null, key(1)].entries()) {
        const entry = "room, seq, type, id, epoch, poster, at_ms, size, bytes";
        made.run(
          `INSERT INTO entries (${entry}) VALUES (?, ?, 1, ?, 2, ?, 0, 1, ?)`,
          ROOM,
          seq,
          id(seq),
          KEYS[0]!,
          bytes,
        );
      }
    });
    const store = open(directory);
    assert.deepEqual(await store.rooms.groupInfo(ROOM), { bytes: key(77), epoch: 2, lastCommit: 4 });
    assert.equal(await store.rooms.groupInfo(id(201)), undefined);
    assert.deepEqual((await store.rooms.room(id(201)))?.next, 6);
    const post = message(9, { epoch: 2, poster: KEYS[0]! });
    assert.equal((await store.rooms.append(ROOM, post, { ...QUOTA, posterEntries: 1 })).type, "full");
    assert.equal((await store.rooms.append(ROOM, post, { ...QUOTA, posterEntries: 2 })).type, "appended");
    await store.close();
  });

  it("stores what was asked for before it is closed, and nothing afterwards", async () => {
    const directory = newPlace();
    const store = open(directory);
    const created = store.rooms.createRoom({ id: ROOM, creator: KEYS[0]! }, 1);
    await store.close();
    assert.equal(await created, "created");
    await assert.rejects(store.rooms.closeRoom(ROOM), /the store is closed/);
    const again = open(directory);
    assert.notEqual(await again.rooms.room(ROOM), undefined);
    await again.close();
  });

  it("promises nothing when the disk is full, and goes on when there is space again", async () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    await store.rooms.createRoom({ id: ROOM, creator: KEYS[0]! }, 1);
    const told: string[] = [];
    store.subscribe(({ type }) => told.push(type));
    trouble.judge = (sql) => (sql === "COMMIT" ? { code: CODES.full } : undefined);
    const posts = [1, 2].map((number) => store.rooms.append(ROOM, message(number, { epoch: 0 }), QUOTA));
    for (const post of posts) await assert.rejects(post, { code: "store-unwritable" });
    assert.deepEqual([told, await store.rooms.read(ROOM, 0, 99)], [[], []]);
    trouble.judge = () => undefined;
    assert.deepEqual(await store.rooms.append(ROOM, message(2, { epoch: 0 }), QUOTA), { type: "appended", seq: 0 });
    await store.close();
  });

  it("promises nothing more once the disk has failed, until it is opened again", async () => {
    const trouble = new Trouble();
    const directory = newPlace();
    const store = open(directory, { open: trouble.open });
    await store.rooms.createRoom({ id: ROOM, creator: KEYS[0]! }, 1);
    trouble.judge = (sql) => (sql === "COMMIT" ? { code: CODES.ioFsync } : undefined);
    await assert.rejects(store.rooms.append(ROOM, message(1, { epoch: 0 }), QUOTA), { code: "store-unwritable" });
    trouble.judge = () => undefined;
    await assert.rejects(store.rooms.append(ROOM, message(1, { epoch: 0 }), QUOTA), /the disk failed before/);
    await store.close();
    const again = open(directory);
    assert.deepEqual(await again.rooms.append(ROOM, message(1, { epoch: 0 }), QUOTA), { type: "appended", seq: 0 });
    await again.close();
  });

  it("opens with its key only, and nothing that is not whole; a refused file stays as it is", async () => {
    const directory = newPlace();
    await open(directory).close();
    const path = join(directory, "hub.db");
    const before = readFileSync(path);
    throwsLair(() => open(directory, { privateKey: key(9) }), "store-damaged");
    assert.deepEqual(readFileSync(path), before);
    writeFileSync(path, "");
    throwsLair(() => open(directory), "store-damaged");
    rmSync(path);
    writeFileSync(`${path}-wal`, "something");
    throwsLair(() => open(directory), "store-damaged");
  });
});
