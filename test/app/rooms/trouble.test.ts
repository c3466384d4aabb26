// Rooms in trouble: cut lines, killed programs, restored stores, many commits at once, and people who were away.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { toHex } from "../../../src/core/bytes.ts";
import { LairError } from "../../../src/core/errors.ts";
import { nameOfCall } from "../../../src/core/hub/calls.ts";
import { effort } from "../../effort.ts";
import type { RoomReport } from "../../../src/app/rooms/room-reports.ts";
import { SeededRandom } from "../../core/channel/seeded-random.ts";
import { created, HUB_KEY, type Program, RoomsWorld, until } from "./rooms-world.ts";

const DAY_MS = 86_400_000;

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

/** All have the same lines. */
async function agree(room: string, count: number, ...programs: readonly Program[]): Promise<void> {
  for (const program of programs) {
    for (const end = performance.now() + 30_000; ;) {
      await world.quiet();
      const { length } = await program.lines(room);
      if (length >= count) break;
      assert.ok(performance.now() < end, `${program.name} has ${length} of ${count}; ${world.errors.join("; ")}`);
      // Who was told to wait goes on after it.
      world.hub.clock.fireNext(world.hub.clock.now().monotonicMs + 60_000);
    }
  }
  const [first, ...others] = await Promise.all(programs.map((program) => program.lines(room)));
  assert.equal(first?.length, count);
  for (const other of others) assert.deepEqual(other, first);
}

/** From now on the disk of this program fails once: at its step of this number. */
function failsAt(failing: number, { store }: Program): void {
  const change = store.change.bind(store);
  let steps = 0;
  store.change = async (step) => {
    if (steps++ === failing) throw new LairError("store-unwritable", "The disk is full.");
    await change(step);
  };
}

describe("rooms in trouble", () => {
  it("keep what is said while the hub is away, and send it once", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.cut();
    ada.do({ type: "say", room, text: "later" });
    await ada.hears("queued", ({ text }) => text === "later");
    assert.equal(ada.rooms.undelivered, 1);
    await ada.restart();
    await ada.connect();
    await bob.hears("message", ({ text }) => text === "later");
    await ada.hears("sent");
    await agree(room, 1, ada, bob);
    assert.equal(ada.rooms.undelivered, 0);
  });

  for (const failing of [0, 1, 2, 3])
    it(`let somebody into a feed, though the disk failed once: at step ${failing} of it`, async () => {
      const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
      ada.do({ type: "feed" });
      const { room } = await ada.hears("room-created");
      await until(
        () => ada.told("known-rooms").length > 1,
        () => "the feed is known",
      );
      await world.quiet();
      failsAt(failing, ada);
      bob.do({ type: "join", name: "ada" });
      await bob.hears("asked");
      await world.quiet();
      await world.pass(60_000);
      await bob.hears("invited", (one) => one.room.id === room.id);
      assert.deepEqual(ada.errors, ["store-unwritable: The disk is full."]);
    });

  for (const when of ["while a session begins", "later"] as const)
    it(`are read and joined in the same session, though the disk failed once ${when}`, async () => {
      const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
      const room = await world.room("ops", ada, bob);
      ada.do(created("two"));
      const other = await ada.hears("room-created", (one) => one.room.name === "two");
      await world.quiet();
      failsAt(0, bob);
      if (when === "while a session begins") bob.cut();
      // The letter with the welcome is what cannot be stored.
      ada.do({ type: "invite", room: other.room.id, who: "bob" });
      await world.quiet();
      if (when === "while a session begins") await bob.connect();
      await world.quiet();
      const invited = (): boolean => bob.told("invited").some((one) => one.room.id === other.room.id);
      assert.equal(invited(), false);
      assert.match(bob.errors.join(), /^[^,]*The disk is full\.[^,]*$/, "it is told, once");
      await world.pass(60_000);
      await bob.hears("invited", (one) => one.room.id === other.room.id);
      ada.do({ type: "say", room, text: "hello" });
      await bob.hears("message", ({ text }) => text === "hello");
    });

  it("go on once the operator lifts a suspension, with what was said meanwhile", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    const { accounts } = world.hub.store;
    await accounts.changeAccount(bob.identity.publicKey, { standing: "suspended" });
    await until(
      () => !world.hub.hub.isConnected(bob.identity.publicKey),
      () => "bob's session ends",
    );
    await assert.rejects(bob.connect(), /suspended/);
    ada.do({ type: "say", room, text: "where are you?" });
    bob.do({ type: "say", room, text: "outside" });
    await accounts.changeAccount(bob.identity.publicKey, { standing: "active" });
    await bob.connect();
    await agree(room, 2, ada, bob);
    assert.deepEqual(world.errors, []);
  });

  it("are read on by somebody who was away, also over commits", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob);
    bob.cut();
    ada.do({ type: "say", room, text: "one" });
    await ada.hears("sent");
    await world.invited(room, ada, cyd);
    cyd.do({ type: "say", room, text: "two" });
    ada.do({ type: "topic", room, topic: "of the day" });
    await cyd.hears("topic-changed");
    ada.do({ type: "say", room, text: "three" });
    await cyd.hears("message", ({ text }) => text === "three");
    await bob.restart();
    await bob.connect();
    await agree(room, 3, ada, bob);
    assert.deepEqual(await cyd.lines(room), ["two", "three"], "cyd has nothing from before");
    await bob.hears("topic-changed");
  });

  it("are told with the name that they had then to somebody who was away", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.cut();
    for (const name of ["second", "third"]) {
      ada.do({ type: "rename", room, name });
      await ada.hears("room-renamed", ({ room: renamed }) => renamed.name === name);
    }
    await bob.restart();
    await bob.connect();
    await bob.hears("room-renamed", ({ room: renamed }) => renamed.name === "third");
    const renamed = bob.told("room-renamed").map(({ was, room: { name } }) => [was, name]);
    assert.deepEqual(renamed, [
      ["ops", "second"],
      ["second", "third"],
    ]);
  });

  it("lose nothing and show nothing twice over cuts and kills at any call", async () => {
    await world.close();
    // So many calls in so little time of the test's clock are more than a hub takes otherwise.
    world = new RoomsWorld({ quotas: { calls: { atOnce: 1_000_000, everyMs: 1 } } });
    const seed = Math.floor(Math.random() * 2 ** 31);
    const drawn = new SeededRandom(seed);
    const below = (limit: number): number => drawn.bytes(2).reduce((sum, byte) => 256 * sum + byte, 0) % limit;
    const people = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")] as const;
    const [ada, bob, cyd] = people;
    const room = await world.room("ops", ada, bob, cyd);
    const broken = new Set<Program>();
    let isOver = false;
    for (const program of people) {
      // The call is done, or not; its answer is lost either way.
      program.onCall = (bytes) => {
        if (isOver || below(12) > 0) return bytes;
        broken.add(program);
        return below(2) === 0 ? undefined : bytes;
      };
      program.onAnswer = (bytes) => {
        if (broken.has(program)) program.cut();
        return bytes;
      };
    }
    const rounds = effort(25, 400);
    for (let at = 0; at < rounds; at++) {
      const program = people[below(3)]!;
      const text = `${program.name} ${at}`;
      program.do({ type: "say", room, text });
      // A kill before it is stored would lose it, as it would lose a line that was not typed to its end.
      await settled(async () => await hasStored(program, room, text), "it is stored");
      if (below(10) === 0) program.do({ type: "topic", room, topic: `topic ${at}` });
      for (let turns = below(20); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      for (const one of broken) {
        broken.delete(one);
        one.cut();
        if (below(3) === 0) await one.restart();
        await one.connect();
      }
    }
    isOver = true;
    for (const program of people) {
      program.cut();
      await program.restart();
      await program.connect();
    }
    await agree(room, rounds, ...people);
    for (const program of people) {
      const lines = await program.lines(room);
      assert.equal(new Set(lines).size, rounds, `seed ${seed}`);
      const told = [...program.told("message"), ...program.told("sent")];
      assert.equal(new Set(told.map(({ id }) => id)).size, rounds, `seed ${seed}: each was told`);
      const first = told.filter(({ again }) => again !== true).map(({ id }) => id);
      assert.equal(new Set(first).size, first.length, `seed ${seed}: none twice, unless it says so`);
      assert.deepEqual(program.told("log-differs"), [], `seed ${seed}`);
      assert.deepEqual(program.told("not-followed"), [], `seed ${seed}`);
    }
  });

  it("tell once what has changed, also if the program is killed right after it was stored", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob);
    /** What bob is told of it, though he is killed once he has stored it, and is started twice after that. */
    const toldOnce = async (
      type: "room-created" | "room-renamed" | "role-changed" | "joined" | "removed" | "room-error",
      what: string,
    ) => {
      await until(
        () => bob.isDead,
        () => `bob dies after ${what}: ${world.errors.join("; ")} ${bob.reports.map((o) => o.type).join()}`,
      );
      const before = bob.told(type).length;
      await bob.restart();
      const { again } = await bob.hears(type, (one) => bob.told(type).indexOf(one) >= before);
      assert.equal(again, true, `${what} may have been told before`);
      await bob.connect();
      await settled(
        async () =>
          (await Promise.all((await bob.store.rooms(HUB_KEY)).map(({ id }) => bob.store.untold(id)))).flat().length ===
          0,
        "it is noted that it was told",
      );
      await bob.restart();
      await bob.connect();
      assert.equal(bob.told(type).length, before + 1, what);
    };
    const diesOnceTold = (type: RoomReport["type"]): void => {
      bob.diesAfter = ({ notices = [] }) => notices.some(({ report }) => report.type === type);
    };
    diesOnceTold("room-created");
    bob.do(created("his own"));
    await toldOnce("room-created", "a room of his own");
    diesOnceTold("room-renamed");
    ada.do({ type: "rename", room, name: "renamed" });
    await toldOnce("room-renamed", "a new name");
    diesOnceTold("role-changed");
    ada.do({ type: "role", room, who: "bob", role: "moderator" });
    await toldOnce("role-changed", "another role");
    diesOnceTold("joined");
    ada.do({ type: "invite", room, who: "cyd" });
    await cyd.hears("invited");
    await toldOnce("joined", "somebody new");
    // What waits is given up with the room, and that is told, too.
    bob.cut();
    bob.do({ type: "say", room, text: "too late" });
    ada.do({ type: "role", room, who: "bob", role: "member" });
    ada.do({ type: "remove", room, who: "bob" });
    await ada.hears("removed");
    diesOnceTold("removed");
    await bob.connect();
    await toldOnce("removed", "having been removed");
    assert.deepEqual(bob.errors, ["hub-refused: One line was not sent: you are not in the room."]);
  });

  it("have a line for a newcomer, too, that was sealed before she came and sent after it", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob);
    await world.quiet();
    let isFirst = true;
    bob.onCall = async (bytes) => {
      if (nameOfCall(bytes) !== "post" || !isFirst) return bytes;
      isFirst = false;
      await world.invited(room, ada, cyd);
      return bytes;
    };
    bob.do({ type: "say", room, text: "welcome" });
    for (const one of [ada, cyd]) await one.hears("message", ({ text }) => text === "welcome");
    await agree(room, 1, ada, bob, cyd);
    assert.deepEqual(world.errors, []);
  });

  it("show what was said before the member was removed, if the program is killed before the output has it", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    await world.quiet();
    // The output is blocked.
    bob.store.shown = async () => {};
    ada.do({ type: "say", room, text: "the last" });
    await bob.hears("message");
    ada.do({ type: "remove", room, who: "bob" });
    await bob.hears("removed");
    bob.reports.length = 0;
    await bob.restart();
    assert.deepEqual(
      bob.reports.flatMap((one) => (one.type === "message" ? [one.text] : one.type === "removed" ? [one.type] : [])),
      ["the last", "removed"],
    );
  });

  it("take all commits of many who commit at once, and leave nobody behind", async () => {
    const count = effort(5, 20);
    const people: Program[] = [];
    for (let at = 0; at < count; at++) people.push(await world.connected(`p${at}`));
    const [first, ...others] = people;
    assert.ok(first);
    const room = await world.room("ops", first, ...others);
    for (const [at, program] of others.entries())
      first.do({ type: "role", room, who: program.name, role: at % 2 === 0 ? "admin" : "moderator" });
    const lastRole = others.at(-1)!;
    await lastRole.hears("role-changed", ({ who }) => who.name === lastRole.name);
    for (const program of people) program.do({ type: "topic", room, topic: `by ${program.name}` });
    let left = 400;
    await until(
      () => {
        // Who was not the first waits for a random time, by the clock of the test.
        if (left-- > 0) world.hub.clock.fireNext(world.hub.clock.now().monotonicMs + 60_000);
        return people.every(
          (program) => new Set(program.told("topic-changed").map(({ topic }) => topic)).size === count,
        );
      },
      () => `everybody has seen all topics: ${people.map((one) => one.told("topic-changed").length).join()}`,
    );
    for (const program of people) program.do({ type: "say", room, text: program.name });
    await agree(room, count, ...people);
    assert.deepEqual(world.errors, []);
  });

  it("renew a member's keys every day, and after a long absence", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    const epoch = async (): Promise<number> => (await world.hub.store.rooms.room(fromId(room)))!.epoch;
    const before = await epoch();
    bob.cut();
    await world.pass(DAY_MS + 1);
    await settled(async () => (await epoch()) > before, "ada renews");
    const after = await epoch();
    await bob.connect();
    await settled(async () => (await epoch()) > after, "bob renews");
    ada.do({ type: "say", room, text: "fresh" });
    await bob.hears("message");
  });

  it("renew a member's keys a day after they were renewed, though the topic was changed meanwhile", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.cut();
    const epoch = async (): Promise<number> => (await world.hub.store.rooms.room(fromId(room)))!.epoch;
    await world.pass(DAY_MS / 2);
    const before = await epoch();
    ada.do({ type: "topic", room, topic: "no new keys" });
    await settled(async () => (await epoch()) === before + 1, "the topic is new");
    await world.pass(DAY_MS / 2 + 1);
    await settled(async () => (await epoch()) === before + 2, "ada renews");
  });

  it("are come back to by somebody for whom the hub has no more entries", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.cut();
    ada.do({ type: "say", room, text: "missed" });
    await ada.hears("sent");
    ada.do({ type: "topic", room, topic: "new keys" });
    await ada.hears("topic-changed");
    await world.hub.store.rooms.prune(world.hub.clock.now().wallMs + 1, 1_000);
    await bob.connect();
    bob.do({ type: "say", room, text: "what did I miss?" });
    await until(
      () => world.hub.clock.fireNext(world.hub.clock.now().monotonicMs + 60_000) || bob.told("came-back").length > 0,
      () => "bob comes back",
    );
    await bob.hears("came-back");
    await bob.hears("missing");
    await ada.hears("message", ({ text }) => text === "what did I miss?");
    await ada.hears("came-back", ({ who }) => who?.name === "bob");
    ada.do({ type: "say", room, text: "welcome back" });
    bob.do({ type: "say", room, text: "I am here" });
    await bob.hears("message", ({ text }) => text === "welcome back");
    await ada.hears("message", ({ text }) => text === "I am here");
  });

  it("are come back to after changes for which the last one to commit had no right", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob, cyd);
    ada.do({ type: "role", room, who: "bob", role: "moderator" });
    for (const one of [bob, cyd]) await one.hears("role-changed");
    bob.cut();
    ada.do({ type: "rename", room, name: "renamed" });
    await cyd.hears("room-renamed");
    await world.invited(room, cyd, await world.connected("dan"));
    await ada.hears("joined", ({ who }) => who?.name === "dan");
    await world.hub.store.rooms.prune(world.hub.clock.now().wallMs + 1, 1_000);
    ada.do({ type: "say", room, text: "missed" });
    await ada.hears("sent");
    await bob.connect();
    await until(
      () => world.hub.clock.fireNext(world.hub.clock.now().monotonicMs + 60_000) || bob.told("came-back").length > 0,
      () => "bob comes back",
    );
    await bob.hears("came-back");
    ada.do({ type: "say", room, text: "welcome back" });
    await bob.hears("message", ({ text }) => text === "welcome back");
  });

  it("go on with a store that is an older copy of itself", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.do({ type: "say", room, text: "one" });
    await ada.hears("message");
    const copy = bob.store.copy();
    bob.do({ type: "say", room, text: "two" });
    await ada.hears("message", ({ text }) => text === "two");
    await bob.hears("sent", ({ text }) => text === "two");
    bob.cut();
    bob.store = copy;
    await bob.restart();
    await bob.connect();
    bob.do({ type: "say", room, text: "three" });
    await ada.hears("message", ({ text }) => text === "three");
    // And one that had a commit after the copy.
    const older = bob.store.copy();
    ada.do({ type: "role", room, who: "bob", role: "moderator" });
    await bob.hears("role-changed");
    bob.do({ type: "topic", room, topic: "by bob" });
    await ada.hears("topic-changed");
    bob.cut();
    bob.store = older;
    await bob.restart();
    await bob.connect();
    await bob.hears("came-back");
    bob.do({ type: "say", room, text: "four" });
    await ada.hears("message", ({ text }) => text === "four");
    assert.deepEqual(ada.told("log-differs"), []);
  });

  it("wait when the hub says that it was too much, and go on", async () => {
    await world.close();
    world = new RoomsWorld({ quotas: { calls: { atOnce: 60, everyMs: 5 } } });
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    const refused = new Set<string>();
    ada.onCall = (bytes) => {
      refused.add(nameOfCall(bytes) ?? "");
      return bytes;
    };
    for (let at = 0; at < 100; at++) ada.do({ type: "say", room, text: `${at}` });
    // Each waits as long as it is told, and no longer: the hub takes one call of theirs then.
    await world.later(() => bob.told("message").length === 100, "bob has all lines");
    assert.deepEqual(
      bob.told("message").map(({ text }) => text),
      Array.from({ length: 100 }, (_, at) => `${at}`),
    );
    assert.deepEqual(world.errors, []);
  });
});

it("an admin whose line the hub refuses because the room is full can still remove who has filled it", async () => {
  await world.close();
  world = new RoomsWorld({ quotas: { room: { entries: 12, bytes: 1e6, posterEntries: 12, posterBytes: 1e6 } } });
  const [ada, bob, eve] = [await world.connected("ada"), await world.connected("bob"), await world.connected("eve")];
  const room = await world.room("ops", ada, bob, eve);
  // The hub keeps what somebody has not acknowledged.
  const { rooms } = world.hub.store;
  const acknowledge = rooms.acknowledge.bind(rooms);
  rooms.acknowledge = async (of, who, next) =>
    toHex(who) === toHex(eve.identity.publicKey) || (await acknowledge(of, who, next));
  // What was before her is deleted.
  await world.pass(120_000);
  for (let at = 0; at < 20; at++) eve.do({ type: "say", room, text: `${at}` });
  await eve.hears("room-error", ({ message }) => message.includes("room is full"));
  ada.do({ type: "say", room, text: "stop that" });
  await ada.hears("room-error", ({ message }) => message.includes("room is full"));
  ada.do({ type: "remove", room, who: "eve" });
  const { clock } = world.hub;
  const sinceMs = clock.now().monotonicMs;
  await world.later(() => bob.told("removed").length > 0, "eve is removed");
  const tookMs = clock.now().monotonicMs - sinceMs;
  assert.ok(
    tookMs < 150_000,
    `eve is removed only after ${tookMs} ms, when the hub has deleted her lines by their age`,
  );
  await world.later(() => bob.told("message").some(({ text }) => text === "stop that"), "and the line is taken then");
});

it("a member who commits more often than the hub lets her waits, and all of it is done", async () => {
  await world.close();
  world = new RoomsWorld({ quotas: { commits: { atOnce: 3, everyMs: 300_000 } } });
  const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
  const room = await world.room("ops", ada, bob);
  const topics = ["one", "two", "three", "four"];
  for (const topic of topics) ada.do({ type: "topic", room, topic });
  await until(
    () => (world.hub.hub.numbers.refusals["too-often"] ?? 0) > 0,
    () => "the hub refuses one, before any time has passed",
  );
  await world.later(() => bob.told("topic-changed").length === topics.length, "bob sees all topics");
  assert.deepEqual(
    bob.told("topic-changed").map(({ topic }) => topic),
    topics,
  );
  assert.deepEqual(world.errors, []);
});

function fromId(room: string): Uint8Array {
  const bytes = Uint8Array.from(room.match(/../gu)!, (hex) => Number.parseInt(hex, 16));
  assert.equal(toHex(bytes), room);
  return bytes;
}

async function hasStored({ store }: Program, room: string, text: string): Promise<boolean> {
  const waiting = await store.outgoing(fromId(room));
  if (waiting.some(({ content }) => new TextDecoder().decode(content).includes(JSON.stringify(text)))) return true;
  return (await store.lines(fromId(room), Number.MAX_SAFE_INTEGER, 100_000)).some(({ words }) => words === text);
}

async function settled(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; !(await holds());) {
    assert.ok(performance.now() < end, `${what}; ${world.errors.join("; ")}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
