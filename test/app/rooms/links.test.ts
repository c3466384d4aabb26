// Links to rooms: who comes by one, and when it leads nowhere.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromHex } from "../../../src/core/bytes.ts";
import { nameOfCall } from "../../../src/core/hub/calls.ts";
import { decodeRoomContext } from "../../../src/core/room/room-context.ts";
import type { RoomLink } from "../../../src/hub/store.ts";
import { type Program, RoomsWorld, until } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

describe("a link to a room", () => {
  it("leads nowhere once somebody who knows it is banned: not for another account of hers either", async () => {
    const [ada, mal, again] = [
      await world.connected("ada"),
      await world.connected("mal"),
      await world.connected("again"),
    ];
    const room = await world.room("ops", ada, mal);
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    ada.do({ type: "ban", room, who: "mal" });
    await ada.hears("banned");
    assert.equal((await ada.hears("links-revoked")).count, 1);
    again.do({ type: "join-link", link });
    await again.hears("room-error", ({ code }) => code === "hub-refused");
    await eventually(async () => (await linksAtHub(room)).length === 0, "the hub forgets it");
  });

  for (const isFirst of [true, false]) {
    it(`is gone on with when an invitation to the same room comes ${isFirst ? "after it" : "just before it"}`, async () => {
      const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
      const room = await world.room("ops", ada);
      ada.do({ type: "link", room });
      const { link } = await ada.hears("room-link");
      let hasMet = false;
      // The other one of both comes while this call of bob's is under way.
      bob.onAnswer = async (answer, asked) => {
        if (hasMet || nameOfCall(asked) !== (isFirst ? "outside" : "rooms")) return answer;
        hasMet = true;
        if (!isFirst) bob.do({ type: "join-link", link });
        else {
          ada.do({ type: "invite", room, who: "bob" });
          await ada.hears("joined", ({ who }) => who?.name === "bob");
          await eventually(
            async () => (await world.hub.store.mail.countLetters(bob.identity.publicKey)) === 0,
            "taken",
          );
        }
        await eventually(async () => (await bob.store.room(fromHex(room)!))?.standing === "joining", "bob joins");
        return answer;
      };
      if (isFirst) bob.do({ type: "join-link", link });
      else ada.do({ type: "invite", room, who: "bob" });
      await world.later(() => bob.told("joined").some(({ who }) => who === undefined), "bob is in the room");
      assert.ok(hasMet);
      assert.deepEqual(bob.told("invited"), []);
      for (const one of [ada, bob]) one.do({ type: "say", room, text: `${one.name} is here` });
      await world.later(() => [ada, bob].every((one) => one.told("message").length === 1), "each hears the other");
      assert.equal((await world.hub.store.rooms.room(fromHex(room)!))?.seats.length, 2);
      assert.deepEqual(world.errors, []);
    });
  }

  it("takes the place of one that is over; there is an end to those that are not", async () => {
    const ada = await world.connected("ada");
    const room = await world.room("ops", ada);
    for (let count = 1; count <= 16; count++) {
      ada.do({ type: "link", room, expiresInS: count === 1 ? 60 : 3_600 });
      await until(
        () => ada.told("room-link").length === count,
        () => `link ${count}: ${ada.errors.join()}`,
      );
    }
    ada.do({ type: "link", room });
    const { code, message, hint } = await ada.hears("room-error");
    assert.equal(`${code}: ${message}`, "usage: A room has at most 16 links that can still be used.");
    assert.match(hint ?? "", /invite link off/u);
    const first = (await linksAtHub(room)).find(({ uses, expiresAtMs }) => uses > 0 && expiresAtMs < nowMs() + 60_001);
    await world.pass(61_000);
    ada.do({ type: "link", room });
    await until(
      () => ada.told("room-link").length === 17,
      () => `the 17th link: ${ada.errors.join()}`,
    );
    const known = await linksOfRoom(ada, room);
    assert.equal(known.length, 16);
    assert.ok(first !== undefined && !known.includes(first.id));
    assert.deepEqual((await linksAtHub(room)).map(({ id }) => id).toSorted(), known.toSorted());
    assert.equal(ada.errors.length, 1);
  });

  it("stays when another admin makes one at the same moment; one that never came to the hub goes a minute later", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "role", room, who: "bob", role: "admin" });
    await bob.hears("role-changed");
    const held: (() => void)[] = [];
    ada.onCall = async (bytes) => {
      if (nameOfCall(bytes) === "add-link") await new Promise<void>((resolve) => held.push(resolve));
      return bytes;
    };
    ada.do({ type: "link", room });
    await eventually(async () => (await linksOfRoom(bob, room)).length === 1, "bob knows ada's link");
    bob.do({ type: "link", room });
    await bob.hears("room-link");
    for (const tellHub of held) tellHub();
    await ada.hears("room-link");
    await eventually(async () => (await linksOfRoom(ada, room)).length === 2, "both are known");
    assert.equal((await linksAtHub(room)).length, 2);
    // She is killed before the hub hears of the next one.
    ada.onCall = (bytes) => (nameOfCall(bytes) === "add-link" ? undefined : bytes);
    ada.do({ type: "link", room });
    await eventually(async () => (await linksOfRoom(bob, room)).length === 3, "bob knows ada's other link");
    await ada.restart();
    for (const count of [4, 4]) {
      const before = bob.told("room-link").length;
      bob.do({ type: "link", room });
      await until(
        () => bob.told("room-link").length > before,
        () => bob.errors.join(),
      );
      assert.equal((await linksOfRoom(bob, room)).length, count);
      await world.pass(60_001);
    }
    assert.deepEqual(world.errors, []);
  });

  it("is handed out to nobody if all were revoked meanwhile", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "role", room, who: "bob", role: "admin" });
    await bob.hears("role-changed");
    ada.onAnswer = async (answer, asked) => {
      if (nameOfCall(asked) !== "add-link") return answer;
      await eventually(async () => (await linksOfRoom(bob, room)).length === 1, "bob knows it");
      bob.do({ type: "revoke-links", room });
      await eventually(async () => (await linksOfRoom(ada, room)).length === 0, "ada knows it");
      return answer;
    };
    ada.do({ type: "link", room });
    await ada.hears("room-error", ({ code, message }) => code === "usage" && message.includes("revoked"));
    assert.deepEqual(ada.told("room-link"), []);
    await eventually(async () => (await linksAtHub(room)).length === 0, "nor does the hub");
  });

  it("is no secret of the room's any more if the hub could not be told of it", async () => {
    const ada = await world.connected("ada");
    const room = await world.room("ops", ada);
    ada.onCall = (bytes) => {
      if (nameOfCall(bytes) !== "add-link") return bytes;
      ada.cut();
      return undefined;
    };
    ada.do({ type: "link", room });
    await ada.hears("room-error", ({ code }) => code === "hub-away");
    assert.equal((await linksOfRoom(ada, room)).length, 1);
    await ada.connect();
    await eventually(async () => (await linksOfRoom(ada, room)).length === 0, "the secret is taken out");
    assert.deepEqual(ada.told("room-link"), []);
  });

  it("is revoked with all others if an admin wants it", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    ada.do({ type: "revoke-links", room });
    const { count, isAsked } = await ada.hears("links-revoked");
    assert.deepEqual([count, isAsked], [1, true]);
    await eventually(async () => (await linksAtHub(room)).length === 0, "the hub forgets it");
    assert.deepEqual(await linksOfRoom(ada, room), []);
    bob.do({ type: "join-link", link });
    await bob.hears("room-error", ({ code }) => code === "hub-refused");
    ada.do({ type: "revoke-links", room });
    assert.equal((await ada.hears("room-error")).message, "There are no links to this room.");
  });

  it("is not made by a member without a role, who is told of the rule", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.do({ type: "link", room });
    await bob.hears("room-error", ({ code }) => code === "group-not-allowed");
    ada.do({ type: "link", room });
    await eventually(async () => (await linksOfRoom(bob, room)).length === 1, "bob knows it");
    bob.do({ type: "revoke-links", room });
    await until(
      () => bob.errors.filter((one) => one.startsWith("group-not-allowed")).length === 2,
      () => `bob may not revoke it either: ${bob.errors.join()}`,
    );
  });
});

function nowMs(): number {
  return world.hub.clock.now().wallMs;
}

/** As the room's data have them; ids in hex. */
async function linksOfRoom({ store }: Program, room: string): Promise<readonly string[]> {
  const { state } = (await store.room(fromHex(room)!))!;
  return [...decodeRoomContext((await world.groups.view(state!)).context).links.keys()];
}

async function linksAtHub(room: string): Promise<readonly RoomLink[]> {
  return await world.hub.store.rooms.links(fromHex(room)!);
}

async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 10_000; !(await holds());) {
    assert.ok(performance.now() < end, `this never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
