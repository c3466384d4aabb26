// A member with valid keys that does not follow the rules, through an honest hub.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { concat, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { encodeCall } from "../../src/core/hub/calls.ts";
import { LairError } from "../../src/core/errors.ts";
import { SIGNAL_LABEL, sealSignal } from "../../src/core/room/signal.ts";
import { created, type Program, random, RoomsWorld } from "../app/rooms/rooms-world.ts";
import { effort } from "../effort.ts";
import { LIFETIME, person, SUITE } from "../mls/people.ts";
import { inTime, quiet, talk } from "./hostile-hub.ts";
import { RawMember } from "./raw-member.ts";

let world: RoomsWorld;
let ada: Program;
let bob: Program;
let mal: Program;
let room: string;
let raw: RawMember;

/** ada, bob and mal in a room, the last of whom does what it likes. */
async function begin(at: RoomsWorld): Promise<void> {
  world = at;
  [ada, bob, mal] = [await world.connected("ada"), await world.connected("bob"), await world.connected("mal")];
  room = await world.room("ops", ada, bob, mal);
  raw = await RawMember.of(world, mal, room);
}

beforeEach(async () => {
  await begin(new RoomsWorld());
});
afterEach(async () => {
  await world.close();
});

/** What ada and bob are told of mal's doing, and that the room is as it was. */
async function refused(why: RegExp): Promise<void> {
  for (const one of [ada, bob]) {
    const told = await one.hears("not-followed", ({ why: clause }) => why.test(clause));
    assert.equal(told.by.name, "mal");
  }
}

async function membersOf(program: Program): Promise<string[]> {
  program.reports.length = 0;
  program.do({ type: "members", room });
  const { members } = await program.hears("members");
  return members.map(({ name, role }) => `${name} ${role}`).toSorted();
}

const SAME = ["ada admin", "bob member", "mal member"];

describe("a hostile member", () => {
  it("cannot make everybody follow it by a commit that nobody takes and a line of the epoch after it", async () => {
    const own = toHex(mal.identity.signatureKey);
    const made = await raw.make({ context: await raw.changed({ roles: new Map([[own, "admin"]]) }) });
    const fork = await raw.after(made);
    await raw.commit(made.commit, { groupInfo: await raw.infoOf(fork, [ada, bob]) });
    await refused(/roles/);
    raw.state = fork;
    await raw.say({ kind: "text", text: "come here" });
    await talk(world, room, ada, bob);
    assert.deepEqual(await membersOf(bob), SAME);
    assert.deepEqual(bob.told("came-back"), []);
    assert.deepEqual(ada.told("came-back"), []);
  });

  it("cannot stop a room by garbage in a commit's place and a line of the epoch after it", async () => {
    await raw.commit(random(100));
    await raw.say({ kind: "text", text: "the next epoch" }, { epoch: (await raw.head()).epoch });
    await talk(world, room, ada, bob);
    ada.do({ type: "topic", room, topic: "on" });
    await inTime(world, () => bob.told("topic-changed").length > 0, "commits go on");
  });

  it("gives seats at the hub to people who are not in the room: an admin's program takes them", async () => {
    const gus = await world.connected("gus");
    const seats = [{ key: gus.identity.publicKey, role: "member" as const }];
    assert.equal((await raw.commit((await raw.make({})).commit, { seats })).type, "answered");
    const { rooms } = world.hub.store;
    const isSeated = async (who: Program): Promise<boolean> =>
      (await rooms.seat(raw.room, who.identity.publicKey)) !== undefined;
    assert.ok(await isSeated(gus));
    await talk(world, room, ada, bob);
    for (const end = performance.now() + 10_000; await isSeated(gus);) {
      assert.ok(performance.now() < end, "the seat is taken");
      await world.pass(5_000);
      await quiet(500);
    }
    // And nobody else's.
    for (const one of [ada, bob, mal]) assert.ok(await isSeated(one), one.name);
    await talk(world, room, ada, bob);
    assert.deepEqual(await membersOf(bob), SAME);
    assert.deepEqual([ada.errors, bob.errors], [[], []]);
  });

  it("cannot set the room back by a commit of an early epoch", async () => {
    await raw.commit(random(100), { epoch: 0 });
    await talk(world, room, ada, bob);
    ada.do({ type: "topic", room, topic: "on" });
    await inTime(world, () => bob.told("topic-changed").length > 0, "commits go on");
    await talk(world, room, ada, bob);
  });

  it("makes changes that it may not make: nobody follows", async () => {
    const own = toHex(mal.identity.signatureKey);
    const { roles } = await raw.context();
    const outlaw = toHex(bob.identity.signatureKey);
    const contexts = [
      { roles: new Map([...roles, [own, "admin" as const]]) },
      { roles: new Map() },
      { name: "mine" },
      { topic: "mine" },
      { kind: "announcement" as const },
      { banned: new Set([outlaw]) },
      { leaving: new Set([outlaw]) },
      { links: new Map([["00".repeat(16), random(32)]]) },
      { sharedLines: 100 },
    ];
    for (const change of contexts) {
      const { commit } = await raw.make({ context: await raw.changed(change) });
      assert.equal((await raw.commit(commit)).type, "answered");
    }
    for (const who of [ada, bob]) {
      const { commit } = await raw.make({ remove: [await raw.leafOf(who)] });
      assert.equal((await raw.commit(commit)).type, "answered");
    }
    await talk(world, room, ada, bob);
    // What somebody does wrong is told once a minute.
    for (const one of [ada, bob]) {
      const whys = new Set(one.told("not-followed").map(({ why }) => why));
      assert.deepEqual([...whys].toSorted(), [
        "members note only themselves as leaving",
        "only admins and moderators ban people",
        "only admins and moderators change name and topic",
        "only admins and moderators change what newcomers get",
        "only admins and moderators make or revoke links",
        "only admins and moderators remove people",
        "only admins give and take roles",
        "only admins make a room an announcement room, or an ordinary one again",
        "the removed person still has a role",
      ]);
    }
    assert.ok(bob.told("not-followed").every(({ by }) => by.name === "mal"));
    assert.deepEqual(
      [ada.told("removed"), bob.told("removed"), bob.told("topic-changed"), bob.told("banned")],
      [[], [], [], []],
    );
    await talk(world, room, ada, bob);
    assert.deepEqual(await membersOf(bob), SAME);
  });

  it("tells the hub another change than its commit makes: the members go by the commit, and the hub by the rules", async () => {
    const own = mal.identity.publicKey;
    const { commit } = await raw.make({});
    for (const said of [
      { removed: [bob.identity.publicKey] },
      { seats: [{ key: own, role: "admin" as const }] },
      { seats: [{ key: random(32), role: "member" as const }] },
      { listing: { name: "free for all" } },
      { welcome: { to: [bob.identity.publicKey], bytes: random(100) } },
      { epoch: Number.MAX_SAFE_INTEGER },
    ]) {
      assert.equal((await raw.commit(commit, said)).type, "refused", JSON.stringify(Object.keys(said)));
    }
    // A seat for somebody whom the commit does not add: it reads what it cannot open.
    const eve = await world.connected("eve");
    const seats = [{ key: eve.identity.publicKey, role: "member" as const }];
    const welcome = { to: [eve.identity.publicKey], bytes: random(100) };
    const made = await raw.make({});
    assert.equal((await raw.commit(made.commit, { seats, welcome })).type, "answered");
    await talk(world, room, ada, bob);
    assert.deepEqual(await membersOf(ada), SAME);
    assert.deepEqual(await eve.lines(room), []);
    assert.equal(eve.told("invited").length, 0);
  });

  it("removes somebody and keeps their seat, as an admin: they are out and told", async () => {
    const evil = await world.connected("eve");
    await world.invited(room, ada, evil);
    ada.do({ type: "role", room, who: "eve", role: "admin" });
    await evil.hears("role-changed");
    await bob.hears("role-changed");
    const admin = await RawMember.of(world, evil, room);
    const { commit } = await admin.make({ remove: [await admin.leafOf(bob)] });
    assert.equal((await admin.commit(commit, { removed: [] })).type, "answered");
    await bob.hears("removed", ({ who, by }) => who.name === "bob" && by?.name === "eve");
    await ada.hears("removed", ({ who }) => who.name === "bob");
    await talk(world, room, ada);
    assert.equal(bob.told("message").filter(({ text }) => text.startsWith("ada")).length, 0);
    await world.invited(room, ada, bob);
    await talk(world, room, ada, bob);
  });

  for (const [what, groupInfo] of [
    ["without a GroupInfo", undefined],
    ["with garbage for a GroupInfo", random(200)],
  ] as const) {
    it(`makes a commit ${what}: who comes by a link comes after the next commit`, async () => {
      ada.do({ type: "link", room });
      const { link } = await ada.hears("room-link");
      await mal.connect();
      await quiet();
      const again = await RawMember.of(world, mal, room);
      const cyd = await world.connected("cyd");
      const made = await again.make({});
      assert.equal((await again.commit(made.commit, { groupInfo })).type, "answered");
      cyd.do({ type: "join-link", link });
      await cyd.hears("room-error");
      await talk(world, room, ada, bob);
      ada.do({ type: "topic", room, topic: "next" });
      await bob.hears("topic-changed");
      cyd.do({ type: "join-link", link });
      await cyd.hears("joined");
      await talk(world, room, ada, bob, cyd);
    });
  }

  it("leaves the GroupInfo of a group of its own for who was away for long: that one must be added again", async () => {
    bob.cut();
    ada.do({ type: "topic", room, topic: "meanwhile" });
    await ada.hears("topic-changed");
    await mal.connect();
    await mal.hears("topic-changed");
    const again = await RawMember.of(world, mal, room);
    const own = toHex(mal.identity.signatureKey);
    const fork = await again.after(
      await again.make({ context: await again.changed({ roles: new Map([[own, "admin"]]) }) }),
    );
    const { state } = again;
    again.state = fork;
    const alone = await again.after(await again.make({ remove: [await again.leafOf(ada)] }));
    again.state = state;
    const made = await again.make({});
    assert.equal(
      (await again.commit(made.commit, { groupInfo: await again.infoOf(alone, [ada, bob]) })).type,
      "answered",
    );
    again.state = await again.after(made);
    await ada.hears("known-rooms");
    await quiet(300);
    await world.hub.store.rooms.prune(world.hub.clock.now().wallMs + 1, 1_000);
    await again.say({ kind: "text", text: "here it goes on" });
    await bob.connect();
    await bob.hears("missing");
    await inTime(world, () => bob.told("came-back").length > 0, "bob is in the wrong group");
    ada.do({ type: "say", room, text: "not for the other group" });
    await ada.hears("sent");
    await quiet(200);
    assert.ok(bob.told("message").every(({ text }) => text !== "not for the other group"));
    ada.do({ type: "remove", room, who: "bob" });
    await ada.hears("removed");
    await world.invited(room, ada, bob);
    await talk(world, room, ada, bob);
  });

  it("edits and deletes what others have said: the lines stay", async () => {
    ada.do({ type: "say", room, text: "mine" });
    const { id: to } = await bob.hears("message", ({ text }) => text === "mine");
    await raw.say({ kind: "edit", to, text: "not mine" });
    await raw.say({ kind: "delete", to });
    await raw.say({ kind: "timer", seconds: 1 });
    await refused(/change what others/);
    await refused(/may delete a line/);
    await refused(/set the timer/);
    for (const one of [ada, bob]) assert.deepEqual(await one.lines(room), ["mine"]);
  });

  it("says what is no message, and what is out of bounds: it changes nothing", async () => {
    const shapes: (object | Uint8Array)[] = [
      random(50),
      new Uint8Array(0),
      toUtf8("[]"),
      toUtf8("{"),
      { kind: "" },
      { kind: "x".repeat(33) },
      { kind: "text" },
      { kind: "text", text: "a", at: 8.64e15 + 1 },
      { kind: "text", text: "a", at: -1 },
      { kind: "text", text: "a", ttl: 0 },
      { kind: "text", text: "a", ttl: 1e300 },
      { kind: "text", text: "a".repeat(16_385) },
      { kind: "text", text: "a", log: { seq: -1, hash: "00" } },
      { kind: "reaction", to: "00".repeat(16), reaction: "x".repeat(65) },
      { kind: "reaction", to: "zz", reaction: "x" },
      { kind: "timer", seconds: 1e300 },
      { kind: "timer", seconds: -1 },
      { kind: "shared", lines: Array.from({ length: 201 }, () => ({})) },
      { kind: "shared", lines: [null] },
      toUtf8(
        `{"kind":"text","at":1,"text":"a","__proto__":{"ttl":5},"lines":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
      ),
      new Uint8Array(900_000).fill(0x20),
    ];
    for (const shape of shapes) await raw.say(shape);
    for (let at = 0; at < 3; at++) await raw.post({ bytes: random(at * 500) });
    // Kinds of a newer Lair are told of; signals have no place in the log.
    await raw.say({ kind: "hologram" });
    await raw.say({ kind: "typing" });
    await raw.say({ kind: "read", to: "00".repeat(16) });
    await raw.say({ kind: "reaction", to: "00".repeat(16), reaction: "x" });
    await bob.hears("unknown-message", ({ kind }) => kind === "hologram");
    await talk(world, room, ada, bob);
    assert.equal(bob.told("typing").length, 0);
    const lines = await bob.store.lines(raw.room, Number.MAX_SAFE_INTEGER, 100);
    assert.deepEqual(
      lines.map(({ words, expiresAtMs }) => [words === "a", expiresAtMs]),
      [
        [true, undefined],
        [false, undefined],
        [false, undefined],
      ],
      "the one with __proto__ is a line like others",
    );
    assert.deepEqual(world.errors, []);
  });

  it("says what is allowed and looks ugly: it is kept and told as it is", async () => {
    ada.do({ type: "say", room, text: "mine" });
    const { id: to } = await bob.hears("message");
    const ugly = "\u001b]0;x\u0007\u202e\u0000".repeat(4);
    await raw.say({ kind: "reaction", to, reaction: "\u0007".repeat(64) });
    await raw.say({ kind: "text", text: ugly, ttl: 315_576_000 });
    await bob.hears("reacted", ({ emoji }) => emoji.length === 64);
    assert.equal((await bob.hears("message", ({ from }) => from.name === "mal")).text, ugly);
  });

  it("uses the id of somebody's line, or the same sealed bytes again: it is nobody's line", async () => {
    ada.do({ type: "say", room, text: "mine" });
    const { id } = await bob.hears("message", ({ text }) => text === "mine");
    const ids = Uint8Array.from(id.match(/../gu)!, (hex) => Number.parseInt(hex, 16));
    await raw.say({ kind: "text", text: "not mine" }, { id: ids });
    await refused(/the id of another/);
    const { bytes } = await raw.say({ kind: "text", text: "once" });
    await raw.post({ bytes });
    await raw.say({ kind: "text", text: "unbound" }, { bound: new Uint8Array(0) });
    await refused(/posted before/);
    await raw.say({ kind: "delete", to: id });
    await refused(/may delete a line/);
    for (const one of [ada, bob]) assert.deepEqual(await one.lines(room), ["mine", "once"]);
  });

  it("hands over lines that lie: they take nobody's place, and it is told who handed them over", async () => {
    const keys = toHex(concat(ada.identity.publicKey, ada.identity.signatureKey));
    const line = { seq: 0, id: "11".repeat(16), from: keys, at: 1, text: "ada never said it" };
    await raw.say({ kind: "shared", lines: [line] });
    await refused(/does not share earlier lines/);
    ada.do(created("shares", { sharedLines: 5 }));
    const other = await ada.hears("room-created", ({ room: { name } }) => name === "shares");
    await mal.connect();
    ada.do({ type: "say", room: other.room.id, text: "before all" });
    await ada.hears("sent", ({ text }) => text === "before all");
    await world.invited(other.room.id, ada, mal);
    ada.do({ type: "say", room: other.room.id, text: "before bob" });
    await mal.hears("message", ({ text }) => text === "before bob");
    await world.invited(other.room.id, ada, bob);
    await bob.hears("shared-history");
    const evil = await RawMember.of(world, mal, other.room.id);
    const [first] = await bob.store.lines(evil.room, Number.MAX_SAFE_INTEGER, 1);
    const lines = [
      { ...line, id: toHex(first!.id), text: "in its place" },
      line,
      { ...line, text: "twice in one" },
      { ...line, id: "22".repeat(16), seq: Number.MAX_SAFE_INTEGER, text: "of the future" },
    ];
    await evil.say({ kind: "shared", lines });
    const told = await bob.hears("shared-history", ({ by }) => by.name === "mal");
    assert.equal(told.lines.length, 4);
    const kept = ["ada never said it", "before all", "before bob"];
    assert.deepEqual((await bob.lines(other.room.id)).toSorted(), kept.toSorted());
    assert.deepEqual(await ada.lines(other.room.id), ["before all", "before bob"], "who was there takes none");
  });

  it("says a wrong hash of the log: everybody is told once, and by whom", async () => {
    const { next } = await raw.head();
    for (let at = 0; at < 3; at++) {
      await raw.say({ kind: "text", text: `${at}`, log: { seq: next - 1, hash: toHex(random(32)) } });
      await raw.say({ kind: "text", text: "later", log: { seq: next + 900, hash: toHex(random(32)) } });
    }
    const mark = concat(new Uint8Array(7), Uint8Array.of(next - 1), random(32));
    const made = await raw.make({}, mark);
    await raw.commit(made.commit);
    for (const one of [ada, bob]) {
      assert.equal((await one.hears("log-differs")).by.name, "mal");
      await inTime(world, () => one.told("message").length >= 6, "the lines are shown");
    }
    await talk(world, room, ada, bob);
    for (const one of [ada, bob]) assert.equal(one.told("log-differs").length, 1);
  });

  it("signals in the name of others: nobody is told", async () => {
    const { epoch } = await raw.crypto.view(raw.state);
    const victim = ada.identity.publicKey;
    const key = await raw.crypto.exportSecret(raw.state, SIGNAL_LABEL, victim, 32);
    const signal = { kind: "typing", atMs: 1 } as const;
    const bytes = sealSignal(SUITE, random, { room: raw.room, sender: victim, key }, Number(epoch), signal);
    assert.equal((await raw.call("signal", { room: raw.room, bytes })).type, "answered");
    assert.equal((await raw.call("signal", { room: raw.room, bytes: random(100) })).type, "answered");
    await talk(world, room, ada, bob);
    assert.equal(bob.told("typing").length, 0);
  });

  it("adds somebody with the key of another: whoever knows that key is told, and the name is not theirs", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    await bob.hears("joined", ({ who }) => who?.name === "cyd");
    ada.do({ type: "remove", room, who: "cyd" });
    for (const one of [ada, bob]) await one.hears("removed");
    await mal.connect();
    await mal.hears("removed", ({ who }) => who.name === "cyd");
    const evil = await RawMember.of(world, mal, room);
    const fake = person();
    const identity = { publicKey: cyd.identity.publicKey, signatureKey: fake.identity.signatureKey };
    const bundle = await evil.crypto.newKeyPackage("classic", { ...fake, identity }, LIFETIME);
    const made = await evil.make({ add: [bundle.keyPackage] });
    const seats = [{ key: identity.publicKey, role: "member" as const }];
    assert.equal((await evil.commit(made.commit, { seats })).type, "answered");
    for (const one of [ada, bob]) {
      const alarm = await one.hears("key-changed");
      assert.notEqual(alarm.who.name, "cyd");
      const joined = await one.hears("joined", ({ by }) => by?.name === "mal");
      assert.notEqual(joined.who?.name, "cyd");
    }
    await talk(world, room, ada, bob);
  });

  it("sends 10 MB, or what is no call: the hub ends its session, and takes nothing", async () => {
    const call = { room: raw.room, type: "message", id: random(16), epoch: (await raw.head()).epoch } as const;
    const { next } = await raw.head();
    assert.throws(() => encodeCall("post", { ...call, bytes: new Uint8Array(10_000_000) }), RangeError);
    const head = encodeCall("post", { ...call, bytes: new Uint8Array(0) }).slice(0, -4);
    const large = concat(head, Uint8Array.of(0, 0x98, 0x96, 0x80), new Uint8Array(10_000_000));
    for (const bytes of [large, new Uint8Array(0), random(30)]) {
      const isRefused = await raw.raw(bytes).then(
        (answer) => answer[0] === 1,
        (error: unknown) => error instanceof LairError && error.code.startsWith("call-"),
      );
      assert.ok(isRefused);
    }
    assert.equal((await raw.head()).next, next);
    await talk(world, room, ada, bob);
  });

  it("floods: the hub gives it its ration, and the others talk on", async () => {
    // A hub that is not told otherwise gives ten times as much.
    const atOnce = effort(100, 1_000);
    await world.close();
    await begin(new RoomsWorld({ quotas: { calls: { atOnce, everyMs: 5 } } }));
    let [answered, refusedCalls] = [0, 0];
    for (let at = 0; at < atOnce + 100; at++) {
      const outcome = await raw.post({ bytes: random(20) });
      if (outcome.type === "answered") answered += 1;
      else {
        refusedCalls += 1;
        assert.equal(outcome.refusal, "too-often");
      }
    }
    assert.ok(answered <= atOnce && refusedCalls >= 90, `${answered} ${refusedCalls}`);
    await talk(world, room, ada, bob);
  });

  it("fills a room, and reads nothing, so that nothing is deleted: it can be removed, and the room goes on", async () => {
    await world.close();
    const quota = { entries: 40, bytes: 2 ** 20, posterEntries: 40, posterBytes: 2 ** 20 };
    await begin(new RoomsWorld({ quotas: { room: quota } }));
    let last = "";
    for (let at = 0; at < 60 && last !== "refused"; at++) last = (await raw.post({ bytes: random(20) })).type;
    assert.equal(last, "refused");
    bob.do({ type: "say", room, text: "it waits for its place" });
    await bob.hears("room-error");
    await quiet();
    assert.equal(bob.rooms.undelivered, 1);
    const told = bob.told("room-error");
    assert.deepEqual([told.length, told[0]?.code], [1, "hub-refused"]);
    assert.match(told[0]?.hint ?? "", /are sent automatically/u);
    ada.do({ type: "remove", room, who: "mal" });
    for (const one of [ada, bob]) await one.hears("removed", ({ who }) => who.name === "mal");
    const isHere = (): boolean => ada.told("message").some(({ text }) => text.startsWith("it waits"));
    for (let tries = 0; tries < 20 && !isHere(); tries++) {
      await world.pass(60_000);
      await quiet(500);
    }
    assert.ok(isHere());
    assert.equal(bob.errors.length, 1, "that is told once");
    await talk(world, room, ada, bob);
  });
});
