// Lines that the hub tells as they are: a member that follows a room makes no call for them, and takes them as it takes read ones.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromHex } from "../../../src/core/bytes.ts";
import { type CallName, encodeNews, nameOfCall, nameOfNews } from "../../../src/core/hub/calls.ts";
import type { RoomStep } from "../../../src/app/rooms/room-store.ts";
import { type Program, RoomsWorld } from "./rooms-world.ts";

let world: RoomsWorld;
let ada: Program;
let bob: Program;
let room: string;

beforeEach(async () => {
  world = new RoomsWorld();
  [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
});
afterEach(async () => {
  await world.close();
});

/** Bob is in ada's room and follows it. Returns the calls that he makes from then on. */
async function followed(): Promise<(CallName | undefined)[]> {
  room = await world.room("ops", ada, bob);
  await world.pass(5_000);
  const calls: (CallName | undefined)[] = [];
  bob.onCall = (bytes) => {
    calls.push(nameOfCall(bytes));
    return bytes;
  };
  return calls;
}

/** The texts that somebody has heard, once they are so many. */
async function heard(who: Program, count: number): Promise<string[]> {
  await world.later(() => who.told("message").length >= count, `${who.name} hears ${count} lines`);
  await world.quiet();
  return who.told("message").map(({ text }) => text);
}

const say = (who: Program, ...texts: readonly string[]): void => {
  for (const text of texts) who.do({ type: "say", room, text });
};

const ofRoom = (names: readonly (CallName | undefined)[]) => names.filter((name) => name === "read" || name === "post");

/** The lines of each step that somebody stores from now on. */
function stepsOf(who: Program): number[] {
  const steps: number[] = [];
  who.diesAfter = ({ lines = [] }: RoomStep) => {
    if (lines.length > 0) steps.push(lines.length);
    return false;
  };
  return steps;
}

/** Keeps the news of entries back, and gives them all at once. */
function held(who: Program): { readonly count: () => number; release(): void } {
  const kept: Uint8Array[] = [];
  who.onNews = (bytes) => {
    if (nameOfNews(bytes) !== "entry") return bytes;
    kept.push(bytes);
    return undefined;
  };
  return {
    count: () => kept.length,
    release() {
      who.onNews = (bytes) => bytes;
      for (const bytes of kept.splice(0)) who.receive({ kind: "news", number: 0, bytes });
    },
  };
}

describe("a line that the hub tells as it is", () => {
  it("costs who reads it no call but the acknowledgement, and who says it none but the post", async () => {
    const calls = await followed();
    const said: (CallName | undefined)[] = [];
    ada.onCall = (bytes) => {
      said.push(nameOfCall(bytes));
      return bytes;
    };
    for (const [at, text] of ["a", "b", "c"].entries()) {
      say(ada, text);
      await heard(bob, at + 1);
    }
    await ada.hears("sent", ({ text }) => text === "c");
    await world.pass(5_000);
    assert.deepEqual([ofRoom(calls), ofRoom(said)], [[], ["post", "post", "post"]]);
    const id = fromHex(room)!;
    const seat = await world.hub.store.rooms.seat(id, bob.identity.publicKey);
    assert.equal(seat?.cursor, (await bob.store.room(id))?.next, "acknowledged like what is read");
  });

  it("is read by an older program, which does not say that it takes them", async () => {
    bob.readsEntries = false;
    bob.cut();
    await bob.connect();
    const calls = await followed();
    say(ada, "a");
    assert.deepEqual(await heard(bob, 1), ["a"]);
    assert.ok(calls.includes("read"));
  });

  it("is stored with others that came with it, in one step and in order", async () => {
    const calls = await followed();
    const news = held(bob);
    say(ada, "a", "b", "c", "d", "e");
    await world.later(() => news.count() === 5, "all are told");
    const steps = stepsOf(bob);
    news.release();
    assert.deepEqual(await heard(bob, 5), ["a", "b", "c", "d", "e"]);
    assert.deepEqual(steps, [5]);
    assert.ok(!calls.includes("read"));
  });

  it("is read if the hub leaves one out, tells it again, or tells them in another order; each is shown once", async () => {
    const calls = await followed();
    const kept: Uint8Array[] = [];
    bob.onNews = (bytes) => {
      if (nameOfNews(bytes) !== "entry") return bytes;
      kept.push(bytes);
      return undefined;
    };
    say(ada, "a", "b", "c", "d");
    await world.later(() => kept.length === 4, "all are told");
    bob.onNews = (bytes) => bytes;
    const tell = (at: number): void => bob.receive({ kind: "news", number: 0, bytes: kept[at]! });
    tell(1);
    assert.deepEqual((await heard(bob, 2)).slice(0, 2), ["a", "b"]);
    const reads = calls.filter((name) => name === "read").length;
    assert.ok(reads > 0, "it has read what was left out");
    for (const at of [3, 2, 1, 0, 0, 3]) tell(at);
    say(ada, "e");
    assert.deepEqual(await heard(bob, 5), ["a", "b", "c", "d", "e"]);
  });

  it("is not lost with the session in which it was told, and not shown twice", async () => {
    await followed();
    const news = held(bob);
    say(ada, "a", "b");
    await world.later(() => news.count() === 2, "both are told");
    news.release();
    // It has them, and no step is done yet.
    bob.cut();
    say(ada, "c");
    await bob.connect();
    assert.deepEqual(await heard(bob, 3), ["a", "b", "c"]);
    say(ada, "d");
    assert.deepEqual(await heard(bob, 4), ["a", "b", "c", "d"]);
  });

  it("is dropped in a room that is not joined, and at the beginning of a session", async () => {
    await followed();
    const news = held(bob);
    say(ada, "a");
    await world.later(() => news.count() === 1, "it is told");
    bob.cut();
    // It belongs to the room, and says too early what the log says later.
    bob.onCall = async (bytes) => {
      if (nameOfCall(bytes) === "letters") news.release();
      return bytes;
    };
    await bob.connect();
    assert.deepEqual(await heard(bob, 1), ["a"]);
    const cyd = await world.connected("cyd");
    say(ada, "b");
    ada.do({ type: "invite", room, who: "cyd" });
    await cyd.hears("invited");
    const id = fromHex(room)!;
    const { next, since } = (await cyd.store.room(id))!;
    const [entry] = await world.hub.store.rooms.read(id, 0, 1);
    const early = { ...entry!, seq: next, epoch: since, type: "message", id: new Uint8Array(16), bytes: id } as const;
    cyd.receive({ kind: "news", number: 0, bytes: encodeNews("entry", { room: id, entry: early }) });
    await world.quiet();
    assert.deepEqual(cyd.told("message"), []);
    cyd.do({ type: "answer", room, isAccepted: true });
    await cyd.hears("joined", ({ who }) => who === undefined);
    say(ada, "c");
    assert.deepEqual(await heard(cyd, 1), ["c"]);
    assert.deepEqual(cyd.told("not-followed"), [], "what was told before it came is not taken for a part of the log");
  });

  it("is not needed: what one has posted oneself is read if the hub tells nothing of it", async () => {
    await followed();
    ada.onNews = () => undefined;
    say(ada, "a");
    await ada.hears("sent", ({ text }) => text === "a");
    ada.do({ type: "topic", room, topic: "on" });
    await ada.hears("topic-changed");
    ada.do({ type: "invite", room, who: (await world.connected("cyd")).name });
    await ada.hears("joined", ({ who }) => who?.name === "cyd");
    say(ada, "b");
    assert.deepEqual(await heard(bob, 2), ["a", "b"]);
    assert.deepEqual([world.errors, ada.told("came-back")], [[], []]);
  });

  it("brings changes of the room as well, one's own too", async () => {
    const calls = await followed();
    ada.do({ type: "role", room, who: "bob", role: "moderator" });
    await bob.hears("role-changed");
    ada.do({ type: "topic", room, topic: "on" });
    await bob.hears("topic-changed");
    await world.quiet();
    bob.do({ type: "topic", room, topic: "off" });
    await bob.hears("topic-changed", ({ topic }) => topic === "off");
    await ada.hears("topic-changed", ({ topic }) => topic === "off");
    say(ada, "a");
    assert.deepEqual(await heard(bob, 1), ["a"]);
    assert.ok(calls.includes("commit"));
    assert.deepEqual(world.errors, []);
  });
});
