// Rooms of two: one for each other person, as long as both are in it.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { encodeCall, nameOfCall } from "../../../src/core/hub/calls.ts";
import type { RoomStep } from "../../../src/app/rooms/room-store.ts";
import { HUB_KEY, RoomsWorld, until } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

describe("a room of two", () => {
  it("is the same for the other one, whose dm accepts the invitation", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.do({ type: "direct", who: "bob" });
    const { room } = await bob.hears("invited");
    assert.equal((await ada.hears("room-created")).room.name, "bob");
    bob.do({ type: "direct", who: "ada" });
    const joined = await bob.hears("joined");
    assert.deepEqual([joined.room.id, joined.by?.name], [room.id, "ada"]);
    bob.do({ type: "say", room: "#ada", text: "here" });
    assert.equal((await ada.hears("message")).text, "here");
  });

  it("that the other one has left takes no name away: a new dm makes a new one", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.do({ type: "direct", who: "bob" });
    const { room: first } = await bob.hears("invited");
    bob.do({ type: "answer", room: first.id, isAccepted: false });
    await ada.hears("left");
    ada.do({ type: "direct", who: "bob" });
    const { room: second } = await bob.hears("invited", ({ room }) => room.id !== first.id);
    bob.do({ type: "direct", who: "ada" });
    await bob.hears("joined", ({ room }) => room.id === second.id);
    ada.do({ type: "say", room: "#bob", text: "one" });
    assert.equal((await bob.hears("message")).room.id, second.id);
    // He is removed from the first one: there is nobody in it but ada.
    await world.pass(5_000);
    await ada.hears("known-rooms", ({ rooms }) =>
      rooms.some(({ id, people }) => id === first.id && people.length === 1),
    );
    for (const [program, other] of [
      [ada, "bob"],
      [bob, "ada"],
    ] as const) {
      const kept = await program.store.rooms(HUB_KEY);
      assert.deepEqual(new Set(kept.map(({ name }) => name)), new Set([other]), "also when the other one is gone");
    }
    ada.do({ type: "say", room: "#bob", text: "two" });
    await bob.hears("message", ({ text }) => text === "two");
    ada.do({ type: "direct", who: "bob" });
    assert.equal((await ada.hears("joined", ({ who }) => who === undefined)).room.id, second.id);
    assert.deepEqual(ada.errors, []);
  });

  const KILLS: readonly (readonly [string, (step: RoomStep) => boolean])[] = [
    ["it was stored", ({ room }) => room?.standing === "creating"],
    ["the hub had it", ({ room }) => room?.standing === "joined"],
    [
      "the other one was added, which was not sent",
      ({ room }) => room?.pending?.seq === undefined && room?.pending !== undefined,
    ],
    ["the hub was told", ({ room }) => room?.pending?.seq !== undefined],
  ];
  for (const [when, isLast] of KILLS) {
    it(`is finished at the next start if the program was killed once ${when}`, async () => {
      const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
      ada.diesAfter = isLast;
      ada.do({ type: "direct", who: "bob" });
      await until(
        () => ada.isDead,
        () => "ada is killed",
      );
      await ada.restart();
      await ada.connect();
      const { room } = await bob.hears("invited");
      ada.do({ type: "say", room: "#bob", text: "here" });
      bob.do({ type: "direct", who: "ada" });
      assert.equal((await bob.hears("message")).room.id, room.id);
      assert.equal(await world.hub.store.rooms.countRooms(), 1);
      assert.deepEqual(world.errors, []);
      // It is finished once.
      await ada.restart();
      await ada.connect();
      assert.deepEqual(
        (await ada.store.rooms(HUB_KEY)).map(({ madeFor }) => madeFor),
        [undefined],
      );
    });
  }

  it("is left at the next start if the other one cannot be added any more", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.diesAfter = ({ room }) => room?.standing === "joined";
    ada.do({ type: "direct", who: "bob" });
    await until(
      () => ada.isDead,
      () => "ada is killed",
    );
    await world.hub.store.accounts.removeAccount(bob.identity.publicKey);
    await ada.restart();
    await ada.connect();
    await ada.hears("room-error");
    await ada.hears("left");
    assert.equal(await world.hub.store.rooms.countRooms(), 0);
  });

  it("is not made if the other one cannot be added, and not with oneself", async () => {
    const [ada, bob] = [await world.connected("ada"), world.program("bob")];
    bob.onCall = (bytes) => (nameOfCall(bytes) === "publish" ? encodeCall("publish", { packages: [] }) : bytes);
    await bob.connect();
    ada.do({ type: "direct", who: "bob" });
    await ada.hears("room-error", ({ code }) => code === "key-package-unusable");
    ada.do({ type: "direct", who: "ada" });
    await ada.hears("room-error", ({ code }) => code === "usage");
    ada.do({ type: "rooms" });
    assert.deepEqual((await ada.hears("rooms")).rooms, []);
    assert.deepEqual(ada.told("room-created"), []);
  });
});
