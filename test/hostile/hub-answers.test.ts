// A hub that lies about people, keys, letters and what lies there for those who come from outside; and one that answers garbage.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { concat, fromHex, toHex } from "../../src/core/bytes.ts";
import {
  encodeAnswer,
  encodeCall,
  encodeNews,
  nameOfCall,
  type NewsBody,
  type NewsName,
} from "../../src/core/hub/calls.ts";
import { signatureSeed } from "../../src/core/identity/identity.ts";
import { decodeBundle, encodeBundle } from "../../src/core/room/package-bundle.ts";
import { sealOutsideInfo } from "../../src/core/room/outside-info.ts";
import type { Signer } from "../../src/core/room/group-crypto.ts";
import { HUB_KEY, type Program, random, type RoomsWorld } from "../app/rooms/rooms-world.ts";
import { ANYTHING, groups, LIFETIME, person, SUITE } from "../mls/people.ts";
import { type HostileHub, hostileRoom, inTime, quiet, refusal, talk } from "./hostile-hub.ts";

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

async function bundleOf(signer: Signer): Promise<Uint8Array> {
  const crypto = groups(ANYTHING);
  const made = [];
  for (const suite of ["hybrid", "classic"] as const) made.push(await crypto.newKeyPackage(suite, signer, LIFETIME));
  return encodeBundle(made.map(({ keyPackage }) => keyPackage));
}

async function membersOf(program: Program): Promise<string[]> {
  const before = program.told("members").length;
  program.do({ type: "members", room });
  await inTime(world, () => program.told("members").length > before, "members");
  return program
    .told("members")
    .at(-1)!
    .members.map(({ name }) => name);
}

function tells<Name extends NewsName>(program: Program, name: Name, body: NewsBody<Name>): void {
  program.receive({ kind: "news", number: 0, bytes: encodeNews(name, body) });
}

async function info(program: Program): Promise<Uint8Array> {
  const { state } = (await program.store.room(fromHex(room)!))!;
  const seed = signatureSeed(SUITE, program.identity.privateKey);
  return await world.groups.groupInfo(state!, { identity: program.identity, seed });
}

function sealedFor(reader: Program, groupInfo: Uint8Array): Uint8Array {
  const parts = { suite: SUITE, random };
  return sealOutsideInfo(parts, fromHex(room)!, groupInfo, { members: [reader.identity], links: new Map() });
}

/** Bob has missed a change, and the hub has it no more. */
async function behind(): Promise<void> {
  bob.cut();
  ada.do({ type: "topic", room, topic: "new keys" });
  await ada.hears("topic-changed");
  await quiet();
  await world.hub.store.rooms.prune(world.hub.clock.now().wallMs + 1, 1_000);
  ada.do({ type: "say", room, text: "after it" });
  await ada.hears("sent");
}

describe("a hostile hub that lies about people", () => {
  it("exchanges a key package: nobody is added", async () => {
    const cyd = await world.connected("cyd");
    const evil = await bundleOf(person());
    hub.lies(ada, "take", () => ({ package: evil }));
    ada.do({ type: "invite", room, who: "cyd" });
    await ada.hears("room-error", ({ code }) => code === "peer-key-changed");
    assert.deepEqual(await membersOf(ada), ["ada", "bob"]);
    hub.lies(ada, "take", () => ({ package: random(300) }));
    ada.do({ type: "invite", room, who: "cyd" });
    await inTime(world, () => ada.errors.length === 2, "garbage is no key package");
    hub.behaves(ada);
    await world.invited(room, ada, cyd);
    await talk(world, room, ada, bob, cyd);
  });

  it("lies about somebody whom nobody knows: it is believed, and the words differ", async () => {
    const cyd = await world.connected("cyd");
    const evil = person();
    const account = { key: evil.identity.publicKey, signatureKey: evil.identity.signatureKey, handle: "cyd" } as const;
    hub.lies(ada, "find", (answer, { handle }) =>
      handle === "cyd" ? { account: { ...account, role: "member" } } : answer!,
    );
    ada.do({ type: "verify", who: "cyd" });
    const { words } = await ada.hears("room-verify");
    cyd.do({ type: "verify", who: "ada" });
    assert.notDeepEqual((await cyd.hears("room-verify")).words, words);
  });

  it("gives somebody who is known another signature key: nobody is added", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    ada.do({ type: "remove", room, who: "cyd" });
    for (const one of [ada, bob, cyd]) await one.hears("removed");
    const evil = person();
    const mixed = { publicKey: cyd.identity.publicKey, signatureKey: evil.identity.signatureKey };
    const bundle = await bundleOf({ ...evil, identity: mixed });
    hub.lies(ada, "find", () => ({
      account: { key: mixed.publicKey, signatureKey: mixed.signatureKey, handle: "cydney", role: "member" },
    }));
    hub.lies(ada, "take", () => ({ package: bundle }));
    for (const who of ["cyd", "cydney"]) {
      const before = ada.errors.length;
      ada.do({ type: "invite", room, who });
      await inTime(world, () => ada.errors.length > before, `${who} is refused`);
      assert.match(ada.errors.at(-1)!, /^peer-key-changed/u);
    }
    hub.behaves(ada);
    assert.deepEqual(await membersOf(ada), ["ada", "bob"]);
    assert.deepEqual(await membersOf(bob), ["ada", "bob"]);
  });

  it("keeps a removed member in: it opens nothing that is said afterwards", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    await talk(world, room, ada, bob, cyd);
    const before = (await cyd.lines(room)).length;
    cyd.cut();
    ada.do({ type: "remove", room, who: "cyd" });
    await bob.hears("removed");
    await talk(world, room, ada, bob);
    const log = await hub.log(room);
    const removal = log.findLast(({ type }) => type === "commit")!;
    // It still has a seat, and everything but its removal is read to it.
    for (const skips of [true, false]) {
      hub.lies(cyd, "read", (_, { from }) => ({
        entries: log.filter(({ seq }) => seq >= from && !(skips && seq === removal.seq)),
      }));
      hub.lies(cyd, "acknowledge", () => encodeAnswer("acknowledge", {}));
      hub.lies(cyd, "outside", async () => ({
        groupInfo: (await world.hub.store.rooms.groupInfo(fromHex(room)!))!.bytes,
        epoch: removal.epoch + 1,
        commits: removal.seq + 1,
      }));
      await cyd.connect();
      await quiet();
      assert.equal((await cyd.lines(room)).length, before);
      cyd.cut();
    }
    await cyd.connect();
    await talk(world, room, ada, bob);
  });

  it("gives a seat to somebody whom nobody added: no member takes a word of it, and it opens nothing", async () => {
    const eve = await world.connected("eve");
    const id = fromHex(room)!;
    const { epoch, lastCommit } = (await world.hub.store.rooms.room(id))!;
    const entry = {
      type: "commit",
      id: random(16),
      epoch,
      poster: ada.identity.publicKey,
      atMs: 1,
      bytes: random(40),
    } as const;
    const seats = [{ key: eve.identity.publicKey, role: "admin" as const }];
    const quota = { entries: 1_000, bytes: 2 ** 28, posterEntries: 1_000_000, posterBytes: 2 ** 28 };
    const taken = await world.hub.store.rooms.appendCommit(id, entry, lastCommit, { seats }, quota);
    assert.equal(taken.type, "appended");
    await talk(world, room, ada, bob);
    assert.deepEqual(await membersOf(ada), ["ada", "bob"]);
    assert.deepEqual(await membersOf(bob), ["ada", "bob"]);
    await quiet();
    assert.deepEqual(await eve.lines(room), []);
    assert.equal(bob.told("not-followed").length, 1);
  });

  it("withholds a welcome: nobody notices, until it comes or the person is removed and added again", async () => {
    const cyd = await world.connected("cyd");
    hub.lies(cyd, "letters", () => ({ letters: [] }));
    ada.do({ type: "invite", room, who: "cyd" });
    await bob.hears("joined", ({ who }) => who?.name === "cyd");
    await talk(world, room, ada, bob);
    assert.equal(cyd.told("invited").length, 0);
    hub.behaves(cyd);
    cyd.cut();
    await cyd.connect();
    await cyd.hears("invited");
    cyd.do({ type: "answer", room, isAccepted: true });
    await talk(world, room, ada, bob, cyd);

    const dan = await world.connected("dan");
    hub.lies(dan, "letters", () => ({ letters: [] }));
    ada.do({ type: "invite", room, who: "dan" });
    await bob.hears("joined", ({ who }) => who?.name === "dan");
    for (const { id } of await world.hub.store.mail.letters(dan.identity.publicKey, 9)) {
      await world.hub.store.mail.drop(dan.identity.publicKey, id);
    }
    hub.behaves(dan);
    ada.do({ type: "remove", room, who: "dan" });
    await bob.hears("removed", ({ who }) => who.name === "dan");
    await world.invited(room, ada, dan);
    await talk(world, room, ada, dan);
  });

  it("says that there is no such room: the member is told, and comes in again when it is removed and added", async () => {
    hub.lies(bob, "read", () => refusal("no-room"));
    bob.cut();
    bob.do({ type: "say", room, text: "waits" });
    await bob.hears("queued");
    await bob.connect();
    await bob.hears("removed", ({ by }) => by === undefined);
    await bob.hears("room-error", ({ message }) => /One line was not sent/u.test(message));
    hub.behaves(bob);
    ada.do({ type: "remove", room, who: "bob" });
    await ada.hears("removed");
    await world.invited(room, ada, bob);
    await talk(world, room, ada, bob);
  });
});

describe("a hostile hub that lies to those who come from outside", () => {
  it("gives a GroupInfo that is old, of another room, of a stranger, or garbage: nobody comes back by it", async () => {
    const old = await info(bob);
    await behind();
    const other = await world.room("other", ada);
    const ofOther = (await world.hub.store.rooms.groupInfo(fromHex(other)!))?.bytes ?? random(50);
    const stranger = person();
    const crypto = groups(ANYTHING);
    const { context } = await crypto.view((await ada.store.room(fromHex(room)!))!.state!);
    let state = await crypto.create("classic", stranger, fromHex(room)!, context);
    for (let epoch = 0; epoch < 6; epoch++) {
      const made = await crypto.commit(state, stranger, {}, { nowMs: Date.now() });
      state = (await crypto.applyOwn(made.state, made.pending, made.commit)).state;
    }
    const strange = await crypto.groupInfo(state, stranger);
    const lies = [sealedFor(bob, old), ofOther, sealedFor(bob, strange), random(500), new Uint8Array(0)];
    let lie = lies[0]!;
    let served = 0;
    hub.lies(bob, "outside", (answer) => {
      served += 1;
      return { ...answer!, groupInfo: lie };
    });
    for (const [at, one] of lies.entries()) {
      lie = one;
      bob.cut();
      ada.do({ type: "say", room, text: `${at}` });
      await ada.hears("sent", ({ text }) => text === `${at}`);
      await bob.connect();
      if (at > 0) await inTime(world, () => bob.errors.length >= at, "bob is told");
      else await inTime(world, () => served > 0, "bob reads it");
    }
    for (const error of bob.errors) assert.match(error, /^group-malformed/u);
    await quiet();
    assert.equal(bob.told("came-back").length, 0);
    hub.behaves(bob);
    ada.do({ type: "say", room, text: "bob?" });
    await inTime(world, () => bob.told("came-back").length > 0, "bob comes back");
    await talk(world, room, ada, bob);
    assert.equal(bob.told("came-back").length, 1);
  });

  it("takes a commit and never shows it: it is made anew", async () => {
    const id = fromHex(room)!;
    const { next } = (await world.hub.store.rooms.room(id))!;
    ada.do({ type: "role", room, who: "bob", role: "moderator" });
    await bob.hears("role-changed");
    let lies = 0;
    let swapped: Uint8Array | undefined;
    bob.onCall = (bytes) => {
      if (nameOfCall(bytes) !== "commit" || lies++ >= 2) return bytes;
      swapped = encodeCall("rooms", {});
      return swapped;
    };
    bob.onAnswer = (bytes, asked) => (asked === swapped ? encodeAnswer("commit", { seq: next + 5 }) : bytes);
    bob.do({ type: "topic", room, topic: "at last" });
    await inTime(world, () => ada.told("topic-changed").length > 0, "the topic is changed");
    assert.equal(lies, 3);
    await talk(world, room, ada, bob);
  });
});

describe("a hostile hub that sends garbage", () => {
  it("ends its session by an answer that cannot be read, and nothing is lost", async () => {
    const junk = [
      new Uint8Array(0),
      random(40),
      concat(Uint8Array.of(0), new Uint8Array(4).fill(255)),
      concat(encodeAnswer("rooms", { rooms: [] }), Uint8Array.of(1)),
      // 100,000 entries of nothing.
      concat(Uint8Array.of(0, 0, 1, 0x86, 0xa0), new Uint8Array(100_000)),
    ];
    for (const [at, bytes] of junk.entries()) {
      hub.lies(bob, "read", () => bytes);
      bob.do({ type: "say", room, text: `kept ${at}` });
      await inTime(world, () => bob.ends.length > at, "the session ends");
      hub.behaves(bob);
      await bob.connect();
      await ada.hears("message", ({ text }) => text === `kept ${at}`);
    }
    await talk(world, room, ada, bob);
  });

  it("ends its session by an answer that was not asked for, a call, or news that cannot be read", async () => {
    const { ends } = bob;
    bob.receive({ kind: "answer", number: 9_999, bytes: encodeAnswer("drop", {}) });
    assert.equal(ends.length, 1);
    for (const transfer of [
      { kind: "call", number: 0, bytes: encodeCall("rooms", {}) },
      { kind: "news", number: 0, bytes: Uint8Array.of(1, 2, 3) },
      { kind: "news", number: 0, bytes: new Uint8Array(0) },
    ] as const) {
      await bob.connect();
      const before: number = ends.length;
      bob.receive(transfer);
      assert.equal(ends.length, before + 1);
    }
    await bob.connect();
    bob.receive({ kind: "news", number: 0, bytes: Uint8Array.of(99, 1, 2) });
    assert.equal(ends.length, 4, "news of a newer hub");
    await talk(world, room, ada, bob);
  });

  it("tells news of rooms that nobody knows, signals of strangers, and numbers that are not there", async () => {
    tells(bob, "entries", { room: random(16), next: 5 });
    tells(bob, "entries", { room: fromHex(room)!, next: Number.MAX_SAFE_INTEGER });
    tells(bob, "room-closed", { room: fromHex(room)! });
    tells(bob, "presence", { key: random(32), isOnline: true });
    for (const from of [random(32), ada.identity.publicKey]) {
      tells(bob, "signal", { room: fromHex(room)!, from, bytes: random(220) });
      tells(bob, "signal", { room: fromHex(room)!, from, bytes: new Uint8Array(0) });
      tells(bob, "signal", { room: random(16), from, bytes: random(220) });
    }
    await talk(world, room, ada, bob);
    assert.deepEqual([bob.errors, bob.told("typing"), bob.told("read")], [[], [], []]);
  });

  it("repeats a signal: it is told again, and nothing else", async () => {
    let signal: Uint8Array | undefined;
    ada.do({ type: "marks", what: "typing", isOn: true });
    ada.onCall = (bytes) => {
      if (nameOfCall(bytes) === "signal") signal = bytes;
      return bytes;
    };
    ada.do({ type: "noted", room, what: "typing" });
    await bob.hears("typing");
    assert.ok(signal);
    const sealed = signal.subarray(1 + 16 + 4);
    tells(bob, "signal", { room: fromHex(room)!, from: ada.identity.publicKey, bytes: sealed });
    await inTime(world, () => bob.told("typing").length === 2, "it is told again");
    // As if cyd, or ada in the next epoch, had sent it.
    tells(bob, "signal", { room: fromHex(room)!, from: bob.identity.publicKey, bytes: sealed });
    ada.do({ type: "topic", room, topic: "next epoch" });
    await bob.hears("topic-changed");
    tells(bob, "signal", { room: fromHex(room)!, from: ada.identity.publicKey, bytes: sealed });
    await quiet();
    assert.equal(bob.told("typing").length, 2);
  });

  it("says for ever that no key packages are left: a member makes no more than it can keep", async () => {
    let asked = 0;
    hub.lies(bob, "publish", () => {
      asked += 1;
      return { count: 0 };
    });
    for (let at = 1; at <= 14; at++) {
      const before = asked;
      tells(bob, "letter", {});
      await inTime(world, () => asked > before, "bob looks after its key packages");
    }
    await talk(world, room, ada, bob);
    assert.ok((await bob.store.packages(HUB_KEY)).length <= 402);
    hub.behaves(bob);
    await talk(world, room, ada, bob);
  });

  it("puts garbage before a letter: the letter is read", async () => {
    const cyd = await world.connected("cyd");
    cyd.cut();
    const letters = (["welcome", "knock", "notice", "welcome"] as const).map((kind, at) => ({
      id: random(16),
      kind,
      bytes: random(at * 40),
      atMs: Number.MAX_SAFE_INTEGER,
    }));
    const dropped = new Set<string>();
    hub.lies(cyd, "letters", (answer) => ({
      letters: [...letters.filter(({ id }) => !dropped.has(toHex(id))), ...answer!.letters],
    }));
    hub.lies(cyd, "drop", (_, { id }) => {
      dropped.add(toHex(id));
      return {};
    });
    ada.do({ type: "invite", room, who: "cyd" });
    await bob.hears("joined", ({ who }) => who?.name === "cyd");
    await cyd.connect();
    await cyd.hears("invited");
    cyd.do({ type: "answer", room, isAccepted: true });
    await talk(world, room, ada, bob, cyd);
  });

  it("hands out a welcome to a group with the id of a room that is here: the room stays as it is", async () => {
    const evil = person();
    const crypto = groups(ANYTHING);
    const { context } = await crypto.view((await ada.store.room(fromHex(room)!))!.state!);
    const state = await crypto.create("classic", evil, fromHex(room)!, context);
    const taken = await world.hub.store.keyPackages.takeKeyPackage(
      bob.identity.publicKey,
      world.hub.clock.now().wallMs,
    );
    const [, classic] = decodeBundle(taken!.bytes);
    const made = await crypto.commit(state, evil, { add: [classic!] }, { nowMs: Date.now() });
    let given = 0;
    hub.lies(bob, "letters", () => ({
      letters: given++ > 0 ? [] : [{ id: random(16), kind: "welcome", bytes: made.welcome!, atMs: 1 }],
    }));
    tells(bob, "letter", {});
    await quiet();
    assert.equal(bob.told("invited").length, 1, "the first one");
    hub.behaves(bob);
    await talk(world, room, ada, bob);
  });

  it("says a time that no calendar has: the line is shown", async () => {
    hub.shows(bob, room, (log) => log.map((one) => ({ ...one, atMs: Number.MAX_SAFE_INTEGER })));
    ada.do({ type: "say", room, text: "when?" });
    const { atMs } = await bob.hears("message", ({ text }) => text === "when?");
    assert.doesNotThrow(() => new Date(atMs).toISOString());
  });
});
