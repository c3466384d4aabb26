// A hub that lies: what the members notice, and that they talk on once it is honest again.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { encodeAnswer } from "../../src/core/hub/calls.ts";
import { type Program, random, type RoomsWorld, until } from "../app/rooms/rooms-world.ts";
import type { RoomReport } from "../../src/app/rooms/room-reports.ts";
import { type Entry, type HostileHub, hostileRoom, inTime, quiet, refusal, talk } from "./hostile-hub.ts";

let world: RoomsWorld;
let hub: HostileHub;
let ada: Program;
let bob: Program;
let room: string;

beforeEach(async () => {
  ({ world, hub, ada, bob, room } = await hostileRoom());
});
afterEach(async () => {
  await world.close();
});

const isText = (entry: Entry): boolean => entry.type === "message";

async function said(who: Program, text: string): Promise<void> {
  who.do({ type: "say", room, text });
  await who.hears("sent", (one) => one.text === text);
}

/** The last line twice more: with its id, and with another. */
const again = (log: readonly Entry[]): Entry[] => {
  const line = log.findLast(isText)!;
  return [...log, { ...line, seq: log.length }, { ...line, id: random(16), seq: log.length + 1 }];
};

/** He has read all that the hub has, and follows. What was said while he came back may be missing for him. */
async function caughtUp(program: Program): Promise<void> {
  for (const end = performance.now() + 8_000; ;) {
    const stored = await program.store.room(fromHex(room)!);
    const there = await world.hub.store.rooms.room(fromHex(room)!);
    const follows = stored?.lost === undefined && stored?.pending === undefined;
    if (follows && stored?.next === there?.next) return;
    assert.ok(performance.now() < end, `${program.name} catches up`);
    world.hub.clock.fireNext(world.hub.clock.now().monotonicMs + 40_000);
    await quiet(20);
  }
}

describe("a hostile hub that lies about a log", () => {
  it("leaves out a line: the number shows it", async () => {
    hub.shows(bob, room, (log) => log.filter((one) => !isText(one) || toHex(one.id) !== first), { numbered: true });
    let first = "";
    ada.onCall = (bytes) => bytes;
    bob.cut();
    await said(ada, "one");
    first = toHex((await hub.log(room)).findLast(isText)!.id);
    await said(ada, "two");
    await bob.connect();
    await bob.hears("message", ({ text }) => text === "two");
    await bob.hears("missing");
    assert.deepEqual(
      bob.told("message").map(({ text }) => text),
      ["two"],
    );
    hub.behaves(bob);
    await talk(world, room, ada, bob);
  });

  it("leaves out a line and gives the others new numbers: the next line shows it", async () => {
    bob.cut();
    await said(ada, "one");
    const left = toHex((await hub.log(room)).findLast(isText)!.id);
    await said(ada, "two");
    hub.shows(bob, room, (log) => log.filter(({ id }) => toHex(id) !== left));
    await bob.connect();
    assert.equal((await bob.hears("log-differs")).by.name, "ada");
    assert.equal(bob.told("missing").length, 0);
    bob.do({ type: "say", room, text: "mine" });
    assert.equal((await ada.hears("log-differs")).by.name, "bob");
    assert.equal(ada.told("log-differs").length, 1);
    hub.behaves(bob);
    await talk(world, room, ada, bob);
  });

  it("leaves out a change and gives the others new numbers: who missed it comes back, and both are told", async () => {
    bob.cut();
    ada.do({ type: "topic", room, topic: "secret plans" });
    await ada.hears("topic-changed");
    const left = toHex((await hub.log(room)).findLast(({ type }) => type === "commit")!.id);
    await said(ada, "under new keys");
    hub.shows(bob, room, (log) => log.filter(({ id }) => toHex(id) !== left));
    await bob.connect();
    await inTime(world, () => bob.told("came-back").length > 0, "bob comes back");
    await inTime(world, () => ada.told("log-differs").length > 0, "ada is told");
    hub.behaves(bob);
    await talk(world, room, ada, bob);
  });

  it("repeats a line: it is shown once", async () => {
    await said(ada, "once");
    await bob.hears("message", ({ text }) => text === "once");
    for (const one of [ada, bob]) {
      one.cut();
      hub.shows(one, room, again);
      await one.connect();
    }
    assert.equal((await bob.hears("not-followed")).why, "it cannot be opened or read");
    await quiet();
    assert.equal(bob.told("message").length, 1);
    assert.equal((await bob.lines(room)).length, 1);
    assert.equal((await ada.lines(room)).length, 1);
  });

  it("changes the order for one member: both are told", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    await quiet();
    cyd.cut();
    await said(ada, "from ada");
    await said(bob, "from bob");
    hub.shows(cyd, room, (log) => {
      const [a, b] = log.filter(isText);
      return a === undefined || b === undefined ? log : log.map((one) => (one === a ? b : one === b ? a : one));
    });
    await cyd.connect();
    await cyd.hears("message", ({ text }) => text === "from ada");
    await said(ada, "and now");
    await cyd.hears("log-differs");
    cyd.do({ type: "say", room, text: "mine" });
    await ada.hears("log-differs", ({ by }) => by.name === "cyd");
    assert.equal(ada.told("log-differs").length, 1);
  });

  it("forks a room, and joins it again: who is left behind comes back", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    bob.do({ type: "say", room, text: "before" });
    await cyd.hears("message", ({ text }) => text === "before");
    cyd.cut();
    // Cyd is shown nothing of ada's and bob's changes, and they nothing of what she says.
    const length = (await hub.log(room)).at(-1)!.seq + 1;
    hub.shows(cyd, room, (log) => log.slice(0, length - log[0]!.seq), { numbered: true });
    await cyd.connect();
    ada.do({ type: "topic", room, topic: "without cyd" });
    await bob.hears("topic-changed");
    await talk(world, room, ada, bob);
    cyd.do({ type: "say", room, text: "alone" });
    await quiet();
    assert.equal(cyd.told("topic-changed").length, 0);
    assert.equal(cyd.told("message").length, 1, "nothing is noticed while nothing crosses");
    hub.behaves(cyd);
    cyd.cut();
    await cyd.connect();
    await talk(world, room, ada, bob, cyd);
    await cyd.hears("topic-changed");
    await cyd.hears("sent", ({ text }) => text === "alone");
  });

  it("exchanges a line for garbage: the others are told that a line cannot be opened", async () => {
    hub.shows(bob, room, (log) => log.map((one) => (isText(one) ? { ...one, bytes: random(200) } : one)));
    await said(ada, "lost");
    await bob.hears("not-followed");
    assert.deepEqual(await bob.lines(room), []);
    hub.behaves(bob);
    ada.do({ type: "say", room, text: "next" });
    await bob.hears("log-differs");
    await talk(world, room, ada, bob);
  });

  it("gives a line to somebody else, or another id: nobody takes it", async () => {
    hub.shows(bob, room, (log) => log.map((one) => (isText(one) ? { ...one, id: new Uint8Array(16) } : one)));
    await said(ada, "moved");
    assert.match((await bob.hears("not-followed")).why, /posted before/);
    const cyd = await world.connected("cyd");
    hub.behaves(bob);
    await world.invited(room, ada, cyd);
    const other = cyd.identity.publicKey;
    hub.shows(bob, room, (log) => log.map((one) => (isText(one) ? { ...one, poster: other } : one)));
    ada.do({ type: "say", room, text: "not by cyd" });
    await bob.hears("not-followed", ({ why, by }) => /in the name of/.test(why) && by.name === "cyd");
    assert.deepEqual(await bob.lines(room), []);
  });

  it("jumps to a number that no log reaches, then behaves: the room goes on", async () => {
    for (const jump of [Number.MAX_SAFE_INTEGER, 1_000_000]) {
      hub.shows(bob, room, (log) => log.map((one, at) => (at < log.length - 1 ? one : { ...one, seq: jump })), {
        numbered: true,
      });
      bob.cut();
      await bob.connect();
      await said(ada, `jump ${jump}`);
      await quiet();
      hub.behaves(bob);
      bob.cut();
      await bob.connect();
      await caughtUp(bob);
      await talk(world, room, ada, bob);
    }
  });

  it("rolls a log back to an older copy: its members are told, and what they say is not lost", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    await said(ada, "kept");
    const copy = (await hub.log(room)).at(-1)!.seq + 1;
    await said(ada, "lost one");
    await said(ada, "lost two");
    await bob.hears("message", ({ text }) => text === "lost two");
    await cyd.hears("message", ({ text }) => text === "lost two");
    ada.do({ type: "topic", room, topic: "lost, too" });
    await bob.hears("topic-changed");
    await cyd.hears("topic-changed");
    await quiet();
    for (const one of [ada, bob, cyd]) one.cut();
    await hub.rollBack(room, copy);
    // One of them is killed once she has noted it, before she was told.
    cyd.diesAfter = ({ notices = [] }) => notices.some(({ report }) => isAlarm(report));
    for (const one of [ada, bob, cyd]) await one.connect();
    await until(
      () => cyd.isDead,
      () => "cyd is killed",
    );
    await cyd.restart();
    await cyd.connect();
    await talk(world, room, ada, bob, cyd);
    for (const one of [ada, bob, cyd]) {
      await one.hears("room-error", isAlarm);
      assert.equal(one.reports.filter(isAlarm).length, 1, one.name);
      assert.deepEqual((await one.lines(room)).slice(0, 3), ["kept", "lost one", "lost two"], one.name);
    }
    ada.do({ type: "topic", room, topic: "on" });
    await inTime(world, () => cyd.told("topic-changed").some(({ topic }) => topic === "on"), "changes go on");
    await talk(world, room, ada, bob, cyd);
  });

  it("gives a line the number of an earlier one: it is noticed with the line", async () => {
    await said(ada, "one");
    await said(ada, "two");
    await bob.hears("message", ({ text }) => text === "two");
    await quiet();
    for (const one of [ada, bob]) one.cut();
    await hub.rollBack(room, (await hub.log(room)).at(-1)!.seq);
    for (const one of [ada, bob]) {
      // As if it had not been noticed when the session began.
      hub.lies(one, "acknowledge", () => encodeAnswer("acknowledge", {}));
      await one.connect();
    }
    await talk(world, room, ada);
    await ada.hears("room-error", ({ code }) => code === "hub-lost-entries");
  });

  it("answers forever that it has lost entries: a member reads on, and is not kept busy", async () => {
    await said(ada, "one");
    hub.lies(bob, "acknowledge", () => refusal("stale"));
    hub.lies(bob, "rooms", (answer) => ({ rooms: answer!.rooms.map((one) => ({ ...one, next: 0, commits: 0 })) }));
    bob.cut();
    await bob.connect();
    await talk(world, room, ada, bob);
    await quiet();
    assert.equal(bob.errors.length, 1);
  });

  it("reads out entries without end: other rooms go on meanwhile, and this one after it", async () => {
    const other = await world.room("other", ada, bob);
    let [served, seq] = [0, 100];
    const poster = ada.identity.publicKey;
    hub.lies(bob, "read", async (answer, asked) => {
      if (toHex(asked.room) !== room) return answer!;
      served += 1;
      // As a network does it: else nothing else would have its turn.
      await quiet(1);
      const types = ["message", "notice", "commit"] as const;
      const entry = (at: number): Entry => ({
        seq: seq++,
        type: types[at % 3]!,
        id: random(16),
        epoch: 1,
        poster,
        atMs: 1,
        bytes: random(9),
      });
      return { entries: Array.from({ length: 20 }, (_, at) => entry(at)) };
    });
    bob.cut();
    await bob.connect();
    await talk(world, other, ada, bob);
    await inTime(world, () => served > 20, "bob reads on");
    hub.behaves(bob);
    bob.cut();
    await bob.connect();
    await talk(world, room, ada, bob);
    assert.deepEqual(bob.told("not-followed").length <= 2, true, "told once a minute");
  });

  it("reads out the entries of another room, and numbers that go backwards: nothing comes into the wrong room", async () => {
    const cyd = await world.connected("cyd");
    const other = await world.room("other", ada, bob, cyd);
    await said(ada, "for ops");
    ada.do({ type: "say", room: other, text: "for the other room" });
    await bob.hears("message", ({ text }) => text === "for the other room");
    const foreign = (await hub.log(other)).map((one) => ({ ...one }));
    bob.cut();
    hub.shows(bob, room, (log) => [...log, ...foreign]);
    await bob.connect();
    await bob.hears("not-followed");
    await quiet();
    assert.deepEqual(await bob.lines(room), ["for ops"]);
    hub.behaves(bob);
    bob.cut();
    await said(ada, "one");
    await said(ada, "two");
    hub.lies(bob, "read", (answer) => ({ entries: answer!.entries.toReversed() }));
    await bob.connect();
    await bob.hears("message", ({ text }) => text === "two");
    await bob.hears("missing");
    hub.behaves(bob);
    await talk(world, room, ada, bob);
    await talk(world, other, ada, bob, cyd);
    for (const line of await cyd.lines(other)) assert.doesNotMatch(line, /for ops|^one$|^two$/u);
  });
});

function isAlarm(one: RoomReport): boolean {
  return one.type === "room-error" && one.code === "hub-lost-entries";
}
