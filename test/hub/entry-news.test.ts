// The news that carry an entry: who gets an entry itself, and who is told where to look.

import assert from "node:assert/strict";
import { it } from "node:test";
import { decodeNews, MAX_PUSHED_BYTES, nameOfNews } from "../../src/core/hub/calls.ts";
import { MemoryHubStore } from "../../src/hub/memory-store.ts";
import { commitOf, type Heard, HubWorld, lineOf, type Person, ROOM, settled } from "./hub-fixture.ts";
import { id } from "./store-contract.ts";

const READS = { readsEntries: true };

/** The numbers that somebody has heard of: of entries that it got, and before which it is to look. */
async function told(person: Person): Promise<string[]> {
  return (await person.heard()).flatMap((one) =>
    one.name === "entry" ? [`entry ${one.body.entry.seq}`] : one.name === "entries" ? [`before ${one.body.next}`] : [],
  );
}

async function readAll(person: Person, from = 0): Promise<void> {
  await person.answer("read", { room: ROOM, from });
}

function line(number: number, length: number) {
  return lineOf(number, { bytes: new Uint8Array(length) });
}

/** Ada, who posts, and bob, who reads entries in news and has read everything so far. */
async function adaAndBob(world: HubWorld): Promise<[ada: Person, bob: Person]> {
  const [ada, bob] = [await world.person(1), await world.person(2, READS)];
  await world.room(ada, bob);
  await readAll(bob);
  return [ada, bob];
}

it("gives the next entry itself to who was given all before it, and tells the others where to look", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1, READS), await world.person(2, READS)];
  const older = await world.person(3);
  await world.room(ada, bob, older);
  for (const person of [ada, bob, older]) await readAll(person);
  await ada.answer("post", lineOf(9));
  await ada.answer("post", lineOf(10, { type: "notice" }));
  const heard = (await bob.heard()).filter(({ name }) => name !== "presence");
  const { entries } = await bob.answer("read", { room: ROOM, from: 1 });
  assert.equal(entries.length, 2);
  const expected = entries.map((entry): Heard => ({ name: "entry", body: { room: ROOM, entry } }));
  assert.deepEqual(heard, expected, "as a read gives them");
  assert.deepEqual(await told(ada), ["entry 1", "entry 2"], "its poster as well");
  assert.deepEqual(await told(older), ["before 2", "before 3"]);
});

it("gives none before the first read of a session, none after a gap, and all after the next read", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2, READS)];
  await world.room(ada, bob);
  await ada.answer("post", lineOf(9));
  assert.deepEqual(await told(bob), ["before 2"], "it has not read");
  await readAll(bob, 1);
  await ada.answer("post", lineOf(10));
  assert.deepEqual(await told(bob), ["entry 2"], "it has read what was there");
  await readAll(bob, 3);
  await ada.answer("post", lineOf(11));
  assert.deepEqual(await told(bob), ["entry 3"], "an empty answer is the end as well");
  await readAll(bob, 40);
  await ada.answer("post", lineOf(12));
  assert.deepEqual(await told(bob), ["before 5"], "it asked for what is not there");
  const again = await world.person(2, READS);
  await ada.answer("post", lineOf(13));
  assert.deepEqual(await told(again), ["before 6"], "what an earlier session was given does not count");
  assert.deepEqual(await told(bob), []);
});

it("gives one of the longest, and none that is longer", async () => {
  const world = new HubWorld();
  const [ada, bob] = await adaAndBob(world);
  await ada.answer("post", line(9, MAX_PUSHED_BYTES));
  await ada.answer("post", line(10, MAX_PUSHED_BYTES + 1));
  await ada.answer("post", line(11, 1));
  assert.deepEqual(await told(bob), ["entry 1", "before 3", "before 4"], "it has not read the long one");
  await readAll(bob, 2);
  await ada.answer("post", line(12, 1));
  assert.deepEqual(await told(bob), ["entry 4"]);
});

it("gives nothing to who is removed, and to who comes only what its seat may read", async () => {
  const world = new HubWorld();
  const [ada, bob] = await adaAndBob(world);
  const cyd = await world.person(3, READS);
  assert.equal((await cyd.refusal("read", { room: ROOM, from: 0 })).refusal, "no-room");
  const seats = [{ key: cyd.key, role: "member" as const }];
  await ada.answer("commit", commitOf({ commits: 1, id: id(21), epoch: 1, seats }));
  assert.deepEqual(await told(bob), ["before 2"], "seats change: the hub looks first");
  for (const person of [bob, cyd]) await readAll(person);
  await cyd.heard();
  await ada.answer("commit", commitOf({ commits: 2, id: id(22), epoch: 2 }));
  assert.deepEqual([await told(bob), await told(cyd)], [["entry 2"], ["entry 2"]], "a commit like others");
  // In one turn, before anything is sent: the line, then the removal.
  const posted = ada.answer("post", lineOf(30, { epoch: 3 }));
  const removal = ada.answer("commit", commitOf({ commits: 3, id: id(23), epoch: 3, removed: [bob.key] }));
  await Promise.all([posted, removal]);
  await ada.answer("post", lineOf(31, { epoch: 4 }));
  const last = (await bob.heard()).filter(({ name }) => name !== "presence");
  assert.deepEqual(last.at(-1), { name: "room-closed", body: { room: ROOM } });
  assert.ok(last.every((one) => one.name !== "entry" || one.body.entry.seq === 3));
  await readAll(cyd);
  await cyd.heard();
  await ada.answer("post", lineOf(32, { epoch: 4 }));
  assert.deepEqual([await told(bob), await told(cyd)], [[], ["entry 6"]]);
});

it("tells a busy connection where to look, once, and goes on with entries when it has read", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  const heard: string[] = [];
  const waiting: (() => void)[] = [];
  const news = async (bytes: Uint8Array): Promise<void> => {
    const name = nameOfNews(bytes);
    if (name === "entry") heard.push(`entry ${decodeNews("entry", bytes).entry.seq}`);
    if (name === "entries") heard.push(`before ${decodeNews("entries", bytes).next}`);
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const takes = async (): Promise<void> => {
    for (await settled(); waiting.length > 0; await settled()) waiting.shift()?.();
  };
  const { person: slow } = await world.arrive(2, { news, ...READS });
  assert.ok(slow);
  await ada.answer("visible", { isVisible: false });
  await world.room(ada, slow);
  await takes();
  await readAll(slow);
  heard.length = 0;
  for (let number = 11; number < 41; number++) await ada.answer("post", lineOf(number));
  await settled();
  assert.deepEqual(heard, ["entry 1"]);
  await takes();
  assert.deepEqual(heard.splice(0), ["entry 1", "before 31"]);
  await ada.answer("post", lineOf(41));
  await takes();
  assert.deepEqual(heard.splice(0), ["before 32"], "it has not read yet");
  await readAll(slow, 2);
  await ada.answer("post", lineOf(42));
  await takes();
  assert.deepEqual(heard, ["entry 32"]);
});

it("counts nothing that a session read which was replaced meanwhile", async () => {
  const store = new MemoryHubStore();
  const world = new HubWorld({ store });
  const [ada, bob] = [await world.person(1), await world.person(2, READS)];
  await world.room(ada, bob);
  const waiting: (() => void)[] = [];
  const read = store.rooms.read.bind(store.rooms);
  store.rooms.read = async (...asked) => {
    const entries = await read(...asked);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return entries;
  };
  const reading = bob.ask("read", { room: ROOM, from: 0 });
  await settled();
  const again = await world.person(2, READS);
  assert.equal(waiting.length, 1);
  waiting[0]!();
  await reading;
  await ada.answer("post", lineOf(9));
  assert.deepEqual(await told(again), ["before 2"]);
});

it("gives an entry that comes while a read is answered, or says that it is there", async () => {
  const store = new MemoryHubStore();
  const world = new HubWorld({ store });
  const [ada, bob] = [await world.person(1), await world.person(2, READS)];
  await world.room(ada, bob);
  const read = store.rooms.read.bind(store.rooms);
  store.rooms.read = async (...asked) => {
    const entries = await read(...asked);
    store.rooms.read = read;
    await ada.answer("post", lineOf(9));
    return entries;
  };
  const { entries } = await bob.answer("read", { room: ROOM, from: 0 });
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    [0],
  );
  await ada.answer("post", lineOf(10));
  assert.deepEqual(await told(bob), ["before 2", "before 3"]);
  await readAll(bob, 1);
  await ada.answer("post", lineOf(11));
  assert.deepEqual(await told(bob), ["entry 3"]);
});
