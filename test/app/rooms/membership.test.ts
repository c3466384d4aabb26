// A member at a hub that refuses for now, brings letters at bad moments, or brings old ones.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { decodeAnswer, decodeCall, encodeAnswer, encodeRefusal, nameOfCall } from "../../../src/core/hub/calls.ts";
import { equalInConstantTime, fromHex } from "../../../src/core/bytes.ts";
import type { KnownRoom } from "../../../src/app/rooms/room-reports.ts";
import { created, HUB, HUB_KEY, type Program, RoomsWorld, until } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

const NOT_NOW = encodeRefusal({ refusal: "unable", retryAfterMs: undefined, sentence: "Not now." });

/** The hub refuses this call, the first time. */
function refuseOnce(program: Program, name: string): void {
  let isRefused = false;
  program.onAnswer = (answer, asked) => {
    if (isRefused || nameOfCall(asked) !== name) return answer;
    isRefused = true;
    return NOT_NOW;
  };
}

describe("a member at a hub", () => {
  it("keeps twenty key packages there, and as many again after some were taken", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob", 20)];
    const waiting = async (): Promise<number> =>
      await world.hub.store.keyPackages.countKeyPackages(bob.identity.publicKey, world.hub.clock.now().wallMs);
    assert.equal(await waiting(), 20);
    await world.room("ops", ada, bob);
    for (const end = performance.now() + 20_000; (await waiting()) !== 20;) {
      assert.ok(performance.now() < end, "bob publishes another one");
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it("asks again what the hub refuses for now when a session begins", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    for (const call of ["letters", "find", "rooms"]) {
      bob.cut();
      refuseOnce(bob, call);
      await bob.connect();
      ada.do({ type: "say", room, text: call });
      await world.later(() => bob.told("message").some(({ text }) => text === call), `bob reads on after ${call}`);
    }
    assert.deepEqual(bob.errors, []);
  });

  it("keeps an invitation that it cannot look at now", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    refuseOnce(bob, "rooms");
    ada.do({ type: "invite", room, who: "bob" });
    await world.later(() => bob.told("invited").length > 0, "bob is invited");
    bob.do({ type: "answer", room, isAccepted: true });
    ada.do({ type: "say", room, text: "welcome" });
    await bob.hears("message");
  });

  it("lets into a feed who has knocked while it was away, talks on, and ends", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.do({ type: "feed" });
    const { room } = await ada.hears("room-created");
    await until(
      () => ada.told("known-rooms").length > 1,
      () => "the feed is known",
    );
    ada.do({ type: "marks", what: "typing", isOn: false });
    await ada.hears("marks");
    ada.cut();
    bob.do({ type: "join", name: "ada" });
    await bob.hears("asked");
    await ada.connect();
    await bob.hears("invited", (one) => one.room.id === room.id);
    ada.do({ type: "say", room: room.id, text: "news" });
    await ada.hears("sent");
    assert.deepEqual(ada.errors, []);
  });

  it("keeps eight invitations of one person, and declines the others, which is told once", async () => {
    await world.close();
    const often = { atOnce: 99, everyMs: 1 };
    world = new RoomsWorld({ quotas: { takesOfOne: often, seatsOfOne: often } });
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const old = await world.room("old", ada, bob);
    ada.do({ type: "say", room: old, text: "stays" });
    await bob.hears("message");
    bob.do({ type: "leave", room: old });
    await bob.hears("left");
    await world.later(() => bob.told("left").length > 0 && ada.told("left").length > 0, "ada sees it");
    await world.pass(5_000);
    const rooms: string[] = [];
    for (let at = 0; at < 10; at++) rooms.push(await world.room(`room ${at}`, ada));
    for (const room of rooms) ada.do({ type: "invite", room, who: "bob" });
    await ada.hears("left", ({ room }) => room.id === rooms[8]);
    await ada.hears("left", ({ room }) => room.id === rooms[9]);
    assert.deepEqual(
      bob.told("invited").map(({ room }) => room.id),
      [old, ...rooms.slice(0, 8)],
    );
    assert.deepEqual(
      bob.errors.map((one) => one.split(":")[0]),
      ["too-many-invitations"],
    );
    assert.equal(bob.told("left").length, 1);
    await until(
      () => world.hub.hub.isConnected(bob.identity.publicKey) && bob.rooms.undelivered === 0,
      () => "bob is idle",
    );
    const kept = async (): Promise<number> => (await bob.store.rooms(HUB_KEY)).length;
    for (const end = performance.now() + 10_000; (await kept()) !== 9;) {
      assert.ok(performance.now() < end, "nothing is kept of the others");
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await world.hub.store.rooms.seatedRooms(bob.identity.publicKey)).length, 8);
    // Nothing is lost of a room in which he has been.
    ada.do({ type: "invite", room: old, who: "bob" });
    await until(
      () => ada.told("left").filter(({ room }) => room.id === old).length === 2,
      () => "the invitation to the old room is declined",
    );
    assert.deepEqual(await bob.lines(old), ["stays"]);
    // Somebody else's still comes, and one more of ada's once there is a place.
    await world.invited(await world.room("other", cyd), cyd, bob);
    bob.do({ type: "answer", room: rooms[0]!, isAccepted: true });
    await bob.hears("joined", ({ room }) => room.id === rooms[0]);
    const peopleOf = (known: readonly KnownRoom[]) => known.find(({ id }) => id === rooms[9])?.people;
    await world.later(
      () => peopleOf(ada.told("known-rooms").at(-1)?.rooms ?? [])?.length === 1,
      "ada has removed from the group who has declined",
    );
    await world.invited(rooms[9]!, ada, bob);
  });

  it("goes on with what is wanted at one hub while another one gives no answer, in the order of each", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    const silent = { ...HUB, publicKey: new Uint8Array(32).fill(77), name: "silent" };
    ada.otherHubs.push(silent);
    await ada.rooms.recall([silent]);
    ada.rooms.opened(silent, () => {});
    ada.do(created("stuck", { hub: "silent" }));
    ada.do({ type: "topic", room: "#stuck", topic: "never" });
    ada.do({ type: "topic", room: "#ops", topic: "goes on" });
    await bob.hears("topic-changed", ({ topic }) => topic === "goes on");
    // A room that does not exist when it is spoken of.
    ada.do(created("new", { hub: "the hub" }));
    ada.do({ type: "invite", room: "#new", who: "bob" });
    await bob.hears("invited", ({ room: { name } }) => name === "new");
    assert.equal(await world.hub.store.rooms.countRooms(), 2, room);
    assert.deepEqual(world.errors, []);
  });

  it("takes a welcome to its last resort once, whenever the hub brings it", async () => {
    const [ada, mal] = [await world.connected("ada"), await world.connected("mal")];
    const bob = world.program("bob");
    let lastResort: Uint8Array | undefined;
    bob.onCall = (bytes) => {
      if (nameOfCall(bytes) !== "publish") return bytes;
      for (const one of decodeCall("publish", bytes).packages) if (one.isLastResort) lastResort = one.bytes;
      return bytes;
    };
    let first: Uint8Array | undefined;
    let isBroughtAgain = false;
    let isDropped = false;
    /** The hub says that he sits there, though he was removed. */
    const seat = { room: new Uint8Array(16), epoch: 1, commits: 1, next: 9, oldest: 0, from: 0, cursor: 0 };
    bob.onAnswer = (answer, asked) => {
      const name = nameOfCall(asked);
      if (name === "rooms" && isBroughtAgain) {
        const outcome = decodeAnswer("rooms", answer);
        assert.ok(outcome.type === "answered");
        const seats = outcome.answer.rooms.length > 0 ? outcome.answer.rooms : [seat];
        return encodeAnswer("rooms", { rooms: seats.map((one) => ({ ...one, from: one.next + 1 })) });
      }
      if (name !== "letters") return answer;
      const outcome = decodeAnswer("letters", answer);
      if (outcome.type === "answered" && outcome.answer.letters.length > 0) first ??= answer;
      if (!isBroughtAgain || isDropped) return answer;
      isDropped = true;
      return first!;
    };
    await bob.rooms.recall([]);
    await bob.connect();
    await until(
      () => lastResort,
      () => "bob publishes a last resort",
    );
    ada.onAnswer = (answer, asked) => {
      const isOfBob =
        nameOfCall(asked) === "take" && equalInConstantTime(decodeCall("take", asked).key, bob.identity.publicKey);
      return isOfBob ? encodeAnswer("take", { package: lastResort }) : answer;
    };
    const room = await world.room("ops", ada, bob, mal);
    ada.do({ type: "remove", room, who: "mal" });
    await bob.hears("removed");
    isBroughtAgain = true;
    bob.cut();
    await bob.connect();
    await bob.hears("room-error", ({ code }) => code === "group-epoch");
    isBroughtAgain = false;
    assert.equal((await bob.store.room(fromHex(room)!))?.standing, "joined");
    assert.equal(bob.told("invited").length, 1);
    ada.do({ type: "say", room, text: "still here" });
    await bob.hears("message");

    // Nor does it lead back into a room from which he was removed.
    ada.do({ type: "remove", room, who: "bob" });
    await bob.hears("removed", ({ who }) => who.isSelf === true);
    seat.room.set(fromHex(room)!);
    [isBroughtAgain, isDropped] = [true, false];
    bob.cut();
    await bob.connect();
    await until(
      () => bob.told("room-error").filter(({ code }) => code === "group-epoch").length === 2,
      () => `it is refused again: ${bob.errors.join("; ")}`,
    );
    assert.equal((await bob.store.room(fromHex(room)!))?.standing, "over");
    assert.equal(bob.told("invited").length, 1);
  });

  it("changes nothing of a room at another hub, whose id a link or an invitation has", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    const id = fromHex(room)!;
    const elsewhere = { ...(await ada.store.room(id))!, hub: new Uint8Array(32).fill(99), name: "mine" };
    await bob.store.change({ room: elsewhere });
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    bob.do({ type: "join-link", link });
    await bob.hears("room-error", ({ message }) => message.includes("another hub"));
    ada.do({ type: "invite", room, who: "bob" });
    await until(
      () => bob.told("room-error").filter(({ message }) => message.includes("another hub")).length === 2,
      () => `the invitation is refused, too: ${bob.errors.join("; ")}`,
    );
    assert.deepEqual(await bob.store.room(id), elsewhere);
    assert.deepEqual(bob.told("invited"), []);
  });

  it("waits as long as the hub says before it posts again, and reads meanwhile", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    let posts = 0;
    bob.onAnswer = (answer, asked) => {
      if (nameOfCall(asked) !== "post") return answer;
      posts += 1;
      return posts > 1 ? answer : encodeRefusal({ refusal: "too-often", retryAfterMs: 60_000, sentence: "Wait." });
    };
    bob.do({ type: "say", room, text: "mine" });
    await until(
      () => posts === 1,
      () => "bob posts",
    );
    for (const text of ["a", "b", "c"]) {
      ada.do({ type: "say", room, text });
      await bob.hears("message", (one) => one.text === text);
    }
    assert.equal(posts, 1);
    await world.later(() => posts === 2 || bob.rooms.undelivered === 0, "bob posts again");
    await bob.hears("sent");
  });

  it("says nothing with keys that an older copy of its store would use again", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    const copy = bob.store.copy();
    bob.do({ type: "say", room, text: "first" });
    await ada.hears("message");
    await bob.hears("sent");
    bob.cut();
    bob.store = copy;
    const { groups } = world;
    const commit = groups.commit.bind(groups);
    groups.commit = async () => {
      throw new RangeError("no renewal");
    };
    await bob.restart();
    await bob.connect();
    bob.do({ type: "say", room, text: "second" });
    await bob.hears("room-error");
    await world.pass(60_000);
    groups.commit = commit;
    assert.equal(bob.told("sent").length, 1);
    assert.deepEqual(ada.told("not-followed"), []);
    await world.later(() => ada.told("message").length === 2, "it is said after the renewal");
    assert.deepEqual(ada.told("not-followed"), []);
  });

  it("leaves a room whose log the hub has deleted in part", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob, cyd);
    bob.cut();
    bob.do({ type: "leave", room });
    ada.do({ type: "role", room, who: "cyd", role: "moderator" });
    await cyd.hears("role-changed");
    ada.do({ type: "topic", room, topic: "1" });
    await cyd.hears("topic-changed");
    await world.hub.store.rooms.prune(world.hub.clock.now().wallMs + 1, 1_000);
    await bob.connect();
    await world.later(() => bob.told("left").some(({ who }) => who === undefined), "bob leaves");
  });
});
