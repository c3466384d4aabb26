// Rooms into which a member was put, and does not want to be.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { decodeCall, encodeCall, encodeRefusal, nameOfCall } from "../../../src/core/hub/calls.ts";
import { RawMember } from "../../hostile/raw-member.ts";
import { type Program, RoomsWorld, until } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

const seatsOf = async (who: Program): Promise<number> =>
  (await world.hub.store.rooms.seatedRooms(who.identity.publicKey)).length;

/** The hub keeps no seat for somebody in a room. */
async function isOut(who: Program): Promise<void> {
  for (const end = performance.now() + 10_000; (await seatsOf(who)) > 0;) {
    assert.ok(performance.now() < end, `${who.name} is out; ${world.errors.join("; ")}`);
    await world.quiet();
  }
}

describe("an invitation that is declined", () => {
  it("is declined by the only admin, too: who has invited leads the room again", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    ada.do({ type: "invite", room, who: "bob" });
    await bob.hears("invited");
    ada.do({ type: "role", room, who: "bob", role: "admin" });
    await ada.hears("role-changed", ({ role }) => role === "admin");
    ada.do({ type: "role", room, who: "ada", role: "member" });
    await ada.hears("role-changed", ({ role }) => role === "member");
    bob.do({ type: "answer", room, isAccepted: false });
    await ada.hears("left");
    await isOut(bob);
    assert.equal((await bob.store.room(fromHex(room)!))?.standing, "over");
    assert.deepEqual(bob.errors, []);
    ada.do({ type: "topic", room, topic: "goes on" });
    await ada.hears("topic-changed");
  });

  it("keeps nobody in a room whose rules and whose hub would not let him go", async () => {
    const [mal, bob] = [await world.connected("mal"), await world.connected("bob")];
    const room = await world.room("ops", mal);
    mal.do({ type: "invite", room, who: "bob" });
    await bob.hears("invited");
    const raw = await RawMember.of(world, mal, room);
    const roles = new Map([[toHex(bob.identity.signatureKey), "admin" as const]]);
    const made = await raw.make({ context: await raw.changed({ roles }) });
    // The hub knows of no admin at all.
    const seats = [{ key: mal.identity.publicKey, role: "member" as const }];
    assert.equal((await raw.commit(made.commit, { seats })).type, "answered");
    bob.do({ type: "answer", room, isAccepted: false });
    await isOut(bob);
    await until(
      () => bob.told("known-rooms").at(-1)?.rooms[0]?.standing === "over",
      () => `bob is out; ${bob.errors.join("; ")}`,
    );
  });
});

describe("a room that is left", () => {
  it("has what was said before, also while the hub was away", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.cut();
    const texts = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    for (const text of texts) bob.do({ type: "say", room, text });
    bob.do({ type: "leave", room });
    await bob.hears("queued", ({ text }) => text === texts.at(-1));
    await bob.connect();
    await bob.hears("left");
    await ada.hears("left");
    const heard = ada.told("message").map(({ text }) => text);
    const sent = bob.told("sent").map(({ text }) => text);
    assert.deepEqual([heard, sent, bob.errors], [texts, texts, []]);
  });

  it("is left though the hub takes no line now", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.onCall = (bytes) =>
      nameOfCall(bytes) === "post"
        ? encodeCall("post", { ...decodeCall("post", bytes), room: new Uint8Array(16) })
        : bytes;
    bob.onAnswer = (bytes, asked) =>
      nameOfCall(asked) === "post"
        ? encodeRefusal({ refusal: "full", retryAfterMs: 60_000, sentence: "The room is full." })
        : bytes;
    bob.do({ type: "say", room, text: "too late" });
    await world.quiet();
    bob.do({ type: "leave", room });
    await world.later(() => bob.told("left").length > 0, "bob leaves");
    // Why it waits, and that it was not sent.
    assert.equal(bob.errors.length, 2);
  });
});

describe("seats at the hub without an invitation", () => {
  it("are given up in the next session, and keep no invitation away", async () => {
    await world.close();
    const often = { atOnce: 99, everyMs: 1 };
    world = new RoomsWorld({ quotas: { seatsOfOne: often, unreadRooms: 2 } });
    const [ada, bob, mal] = [await world.connected("ada"), await world.connected("bob"), await world.connected("mal")];
    const ops = await world.room("ops", ada, mal);
    const one = await world.room("one", mal);
    const seats = [{ key: bob.identity.publicKey, role: "member" as const }];
    for (const room of [one, ops]) {
      const raw = await RawMember.of(world, mal, room);
      assert.equal((await raw.commit((await raw.make({})).commit, { seats })).type, "answered");
    }
    const mine = await world.room("mine", ada);
    ada.do({ type: "invite", room: mine, who: "bob" });
    await until(
      () => ada.errors.length > 0,
      () => "too many wait for bob",
    );
    bob.cut();
    await bob.connect();
    await isOut(bob);
    await world.invited(mine, ada, bob);
    // The room of others goes on.
    ada.do({ type: "say", room: ops, text: "here" });
    ada.do({ type: "topic", room: ops, topic: "still" });
    await ada.hears("topic-changed");
    await ada.hears("sent");
    assert.deepEqual(bob.errors, []);
  });

  it("are none if the invitation came after the letters were read", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    bob.cut();
    bob.onCall = async (bytes) => {
      if (nameOfCall(bytes) !== "rooms" || (await seatsOf(bob)) > 0) return bytes;
      ada.do({ type: "invite", room, who: "bob" });
      await ada.hears("joined", ({ who }) => who?.name === "bob");
      return bytes;
    };
    await bob.connect();
    await bob.hears("invited");
    await world.quiet();
    bob.do({ type: "answer", room, isAccepted: true });
    ada.do({ type: "say", room, text: "hello" });
    await bob.hears("message");
  });
});
