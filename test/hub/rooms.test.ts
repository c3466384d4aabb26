// Rooms of a hub and their logs: made, found, listed, read in parts that one answer carries, and pruned.

import assert from "node:assert/strict";
import { it } from "node:test";
import { encodeAnswer } from "../../src/core/hub/calls.ts";
import { MAX_TRANSFER_BYTES } from "../../src/core/transfers/pieces.ts";
import { MemoryHubStore } from "../../src/hub/memory-store.ts";
import { commitOf, HubWorld, lineOf, type Person, ROOM, settled } from "./hub-fixture.ts";
import { id } from "./store-contract.ts";

const seqsOf = async (person: Person): Promise<readonly number[]> =>
  (await person.answer("read", { room: ROOM, from: 1 })).entries.map(({ seq }) => seq);

it("reads a log in parts that fit into one answer, without a hole", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  await world.room(ada);
  await ada.answer("commit", commitOf({ commits: 1, id: id(99), epoch: 1 }));
  const bytes = new Uint8Array(1_048_576);
  for (let number = 11; number < 20; number++) await ada.answer("post", lineOf(number, { bytes, epoch: 2 }));
  const seqs: number[] = [];
  let parts = 0;
  for (; ; parts++) {
    const answer = await ada.answer("read", { room: ROOM, from: seqs.length });
    assert.ok(encodeAnswer("read", answer).length <= MAX_TRANSFER_BYTES);
    if (answer.entries.length === 0) break;
    seqs.push(...answer.entries.map(({ seq }) => seq));
  }
  assert.deepEqual(
    seqs,
    Array.from({ length: 11 }, (_, seq) => seq),
  );
  assert.ok(parts >= 3);
});

it("asks the store once for what several read, until the room changes", async () => {
  const store = new MemoryHubStore();
  const world = new HubWorld({ store });
  const people = [await world.person(1), await world.person(2), await world.person(3)] as const;
  const [ada, bob, eve] = people;
  await world.room(...people);
  let asked = 0;
  const read = store.rooms.read.bind(store.rooms);
  store.rooms.read = async (...which) => {
    asked += 1;
    return await read(...which);
  };
  await ada.answer("post", lineOf(11));
  for (const person of people) assert.deepEqual(await seqsOf(person), [1]);
  assert.equal(asked, 1);
  await ada.answer("post", lineOf(12));
  for (const person of people) assert.deepEqual(await seqsOf(person), [1, 2]);
  assert.equal(asked, 2);
  assert.deepEqual((await bob.answer("read", { room: ROOM, from: 2 })).entries.length, 1, "another part");
  await ada.answer("commit", commitOf({ commits: 1, id: id(99), epoch: 1, removed: [eve.key] }));
  assert.equal((await eve.refusal("read", { room: ROOM, from: 1 })).refusal, "no-room");
  assert.deepEqual(await seqsOf(bob), [1, 2, 3]);
  await world.store.rooms.closeRoom(ROOM);
  assert.equal((await bob.refusal("read", { room: ROOM, from: 1 })).refusal, "no-room");
});

it("keeps nothing of a read of many small entries, which take more memory than their bodies", async () => {
  const store = new MemoryHubStore();
  const world = new HubWorld({ store });
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  let asked = 0;
  const read = store.rooms.read.bind(store.rooms);
  store.rooms.read = async (...which) => {
    asked += 1;
    return await read(...which);
  };
  for (let number = 101; number <= 170; number++)
    await ada.answer("post", lineOf(number, { bytes: new Uint8Array(0) }));
  for (const person of [ada, bob]) assert.equal((await seqsOf(person)).length, 70);
  assert.equal(asked, 2);
});

it("gives letters in parts too, the next ones once these are dropped", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  for (let number = 1; number <= 6; number++) {
    const bytes = new Uint8Array(number <= 5 ? 1_000_000 : 10);
    await world.store.mail.send({ id: id(number), to: ada.key, kind: "welcome", bytes, atMs: number }, 9);
  }
  const got: number[] = [];
  while (got.length < 6) {
    const answer = await ada.answer("letters", {});
    assert.ok(answer.letters.length > 0);
    assert.ok(encodeAnswer("letters", answer).length <= MAX_TRANSFER_BYTES);
    for (const letter of answer.letters) {
      got.push(letter.atMs);
      await ada.answer("drop", { id: letter.id });
    }
  }
  assert.deepEqual(got, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await ada.answer("letters", {}), { letters: [] });
});

it("lists public rooms by name, and none by a name that another has or that disturbs", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await ada.answer("create", { room: ROOM, listedName: "ops" });
  assert.equal((await bob.refusal("create", { room: ROOM, listedName: undefined })).refusal, "exists");
  assert.equal((await bob.refusal("create", { room: id(2), listedName: "ops" })).refusal, "name-taken");
  for (const listedName of ["", "a\u{202e}b", "a\nb"]) {
    assert.equal((await bob.refusal("create", { room: id(2), listedName })).refusal, "not-allowed");
  }
  await bob.answer("create", { room: id(2), listedName: undefined });
  assert.deepEqual(await bob.answer("listed", { after: undefined }), { rooms: [{ room: ROOM, name: "ops" }] });
  assert.deepEqual(await bob.answer("listed", { after: "ops" }), { rooms: [] });
  await ada.answer("commit", commitOf({ listing: { name: undefined } }));
  assert.deepEqual(await bob.answer("listed", { after: undefined }), { rooms: [] });
});

it("tells a member where each of its rooms stands, and who sits there", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  await ada.answer("post", lineOf(9));
  await bob.answer("acknowledge", { room: ROOM, next: 2 });
  assert.equal((await bob.refusal("acknowledge", { room: ROOM, next: 3 })).refusal, "stale");
  const { rooms } = await bob.answer("rooms", {});
  assert.deepEqual(rooms, [{ room: ROOM, epoch: 1, commits: 1, next: 2, oldest: 0, from: 0, cursor: 2 }]);
  bob.member.leave();
  assert.deepEqual(await ada.answer("seats", { room: ROOM }), {
    seats: [
      { key: ada.key, role: "admin", isOnline: true },
      { key: bob.key, role: "member", isOnline: false },
    ],
  });
});

it("takes no message of an epoch that is over or has not begun, and nothing over a quota", async () => {
  const world = new HubWorld({ quotas: { room: { entries: 3, bytes: 10_000, posterEntries: 3, posterBytes: 100 } } });
  const ada = await world.person(1);
  await world.room(ada);
  assert.equal((await ada.refusal("post", lineOf(9, { epoch: 2 }))).refusal, "stale");
  const big = await ada.refusal("post", lineOf(9, { bytes: new Uint8Array(100) }));
  assert.deepEqual([big.refusal, big.retryAfterMs], ["full", 60_000]);
  await ada.answer("post", lineOf(10));
  await ada.answer("post", lineOf(11));
  assert.equal((await ada.refusal("post", lineOf(12))).refusal, "full");
  assert.deepEqual(await ada.answer("post", lineOf(11)), { seq: 2 }, "what is there is not posted again");
});

it("takes no more entries of one poster than she may keep there, nor commits than her ration; others go on", async () => {
  const room = { entries: 99, bytes: 10_000, posterEntries: 3, posterBytes: 10_000 };
  const world = new HubWorld({ quotas: { room, commits: { atOnce: 2, everyMs: 5_000 } } });
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  await bob.answer("commit", commitOf({ id: id(2), epoch: 1, commits: 1 }));
  const stale = commitOf({ id: id(3), epoch: 1, commits: 1 });
  for (let tries = 0; tries < 5; tries++) assert.equal((await bob.refusal("commit", stale)).refusal, "stale");
  await bob.answer("commit", commitOf({ id: id(3), epoch: 2, commits: 2 }));
  const more = commitOf({ id: id(4), epoch: 3, commits: 3 });
  const { refusal, retryAfterMs } = await bob.refusal("commit", more);
  assert.deepEqual([refusal, retryAfterMs], ["too-often", 5_000]);
  await ada.answer("post", lineOf(10, { epoch: 3 }));
  world.clock.pass(5_000);
  await bob.answer("commit", more);
  const full = await bob.refusal("post", lineOf(11, { epoch: 4 }));
  assert.deepEqual([full.refusal, full.retryAfterMs], ["full", 60_000]);
  await ada.answer("post", lineOf(11, { epoch: 4 }));
});

it("prunes what all have, and what is too old; the numbers go on", async () => {
  const world = new HubWorld({ keepMs: 120_000 });
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  for (const person of [ada, bob]) await person.answer("acknowledge", { room: ROOM, next: 1 });
  await ada.answer("post", lineOf(9));
  const seqs = async () => (await bob.answer("read", { room: ROOM, from: 0 })).entries.map(({ seq }) => seq);
  assert.deepEqual(await seqs(), [0, 1]);
  await world.clock.passWith(60_000, settled);
  assert.deepEqual(await seqs(), [1]);
  await world.clock.passWith(180_000, settled);
  assert.deepEqual(await seqs(), []);
  assert.deepEqual(await ada.answer("post", lineOf(10)), { seq: 2 });
  assert.equal(world.hub.numbers.entriesPruned, 2);
});
