// What a connected member hears: where something new is, once however much it is; who of its rooms is there; and signals.

import assert from "node:assert/strict";
import { it } from "node:test";
import { decodeNews, nameOfNews } from "../../src/core/hub/calls.ts";
import { commitOf, HubWorld, lineOf, ROOM, settled } from "./hub-fixture.ts";
import { id, key } from "./store-contract.ts";

it("tells a slow connection once of a room, however many entries came", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  const heard: (readonly [string, number])[] = [];
  const waiting: (() => void)[] = [];
  const news = async (bytes: Uint8Array): Promise<void> => {
    assert.equal(nameOfNews(bytes), "entries");
    heard.push(["entries", decodeNews("entries", bytes).next]);
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const { person: slow } = await world.arrive(2, { news });
  assert.ok(slow);
  await ada.answer("visible", { isVisible: false });
  await world.room(ada, slow);
  for (let number = 11; number < 41; number++) await ada.answer("post", lineOf(number));
  await settled();
  assert.deepEqual(heard, [["entries", 1]]);
  while (waiting.length > 0) {
    waiting.shift()?.();
    await settled();
  }
  assert.deepEqual(heard, [
    ["entries", 1],
    ["entries", 31],
  ]);
});

it("tells those of a room who is there, but nobody else, and not of somebody who is invisible", async () => {
  const world = new HubWorld();
  const [ada, cyd] = [await world.person(1), await world.person(3)];
  const bob = await world.person(2);
  await world.room(ada, bob);
  await cyd.answer("rooms", {});
  bob.member.leave();
  const gone = { name: "presence", body: { key: key(2), isOnline: false } };
  assert.deepEqual(await ada.heard(), [], "bob had not said that it is there");
  const again = await world.person(2);
  await again.answer("rooms", {});
  assert.deepEqual(await ada.heard(), [{ name: "presence", body: { key: key(2), isOnline: true } }]);
  await again.answer("visible", { isVisible: false });
  assert.deepEqual(await ada.heard(), [gone]);
  again.member.leave();
  const hidden = await world.person(2);
  await hidden.answer("visible", { isVisible: false });
  await hidden.answer("rooms", {});
  hidden.member.leave();
  assert.deepEqual(await ada.heard(), []);
  assert.deepEqual(await cyd.heard(), []);
});

it("carries signals to those of the room who are there, so many at a time", async () => {
  const world = new HubWorld({ quotas: { signals: { atOnce: 2, everyMs: 1_000 } } });
  const people = [await world.person(1), await world.person(2), await world.person(3)];
  const [ada, bob, cyd] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
  await world.room(ada, bob);
  for (const number of [1, 2]) await bob.answer("signal", { room: ROOM, bytes: id(number) });
  const refused = await bob.refusal("signal", { room: ROOM, bytes: id(3) });
  assert.deepEqual([refused.refusal, refused.retryAfterMs], ["too-often", 1_000]);
  assert.equal((await cyd.refusal("signal", { room: ROOM, bytes: id(3) })).refusal, "no-room");
  const signals = (await ada.heard()).filter(({ name }) => name === "signal");
  assert.deepEqual(
    signals,
    [1, 2].map((number) => ({ name: "signal", body: { room: ROOM, from: bob.key, bytes: id(number) } })),
  );
  for (const person of [bob, cyd]) {
    assert.equal(
      (await person.heard()).some(({ name }) => name === "signal"),
      false,
    );
  }
});

it("tells of letters, and of a room that is closed", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada);
  const welcome = { to: [bob.key], bytes: id(5) };
  const seats = [{ key: bob.key, role: "member" as const }];
  await ada.answer("commit", commitOf({ commits: 1, id: id(21), epoch: 1, seats, welcome }));
  const heard = await bob.heard();
  assert.deepEqual(
    heard.map(({ name }) => name).filter((name) => name !== "presence"),
    ["letter", "entries"],
  );
  await world.store.rooms.closeRoom(ROOM);
  assert.deepEqual(
    (await bob.heard()).filter(({ name }) => name === "room-closed"),
    [{ name: "room-closed", body: { room: ROOM } }],
  );
});

it("goes on when a connection fails to take its news", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  const { person: broken } = await world.arrive(3, { news: async () => await Promise.reject(new Error("closed")) });
  assert.ok(broken);
  await world.room(ada, bob, broken);
  await ada.answer("post", lineOf(9));
  assert.ok((await bob.heard()).some(({ name }) => name === "entries"));
});
