// A hub as its members find it: who is let in, what a call is answered, and one key with one session.

import assert from "node:assert/strict";
import { it } from "node:test";
import { LairError } from "../../src/core/errors.ts";
import { decodeAnswer, encodeCall } from "../../src/core/hub/calls.ts";
import { OPERATOR_INVITE } from "../../src/hub/accounts.ts";
import { rejectsLair } from "../throws-lair.ts";
import { commitOf, HubWorld, lineOf, ROOM } from "./hub-fixture.ts";
import { key } from "./store-contract.ts";

const DAY_MS = 86_400_000;

it("carries a line from one member to another", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  assert.deepEqual(await ada.answer("post", lineOf(9)), { seq: 1 });
  assert.deepEqual(await bob.heard(), [{ name: "entries", body: { room: ROOM, next: 2 } }]);
  const { entries } = await bob.answer("read", { room: ROOM, from: 0 });
  assert.deepEqual(
    entries.map(({ seq, type, poster, bytes }) => ({ seq, type, poster, bytes })),
    [
      { seq: 0, type: "commit", poster: ada.key, bytes: commitOf().bytes },
      { seq: 1, type: "message", poster: ada.key, bytes: Uint8Array.of(9) },
    ],
  );
});

it("lets in who has an invite with a use left, counts uses, and knows them afterwards", async () => {
  const world = new HubWorld({ isOpen: false });
  const nowMs = world.clock.now().wallMs;
  const invite = { id: "party", psk: key(7), uses: 1, expiresAtMs: nowMs + DAY_MS };
  await world.store.accounts.addInvite(invite);
  await world.store.accounts.addInvite({ ...invite, id: "old", expiresAtMs: nowMs });
  const why = async (number: number, via?: string) => {
    const { arrived } = await world.arrive(number, via === undefined ? {} : { via });
    return arrived.type === "turned-away" ? arrived.why : "in";
  };
  assert.equal(await why(1), "unknown");
  assert.equal(await why(1, "old"), "expired");
  assert.equal(await why(1, "party"), "in");
  assert.equal(await why(2, "party"), "spent");
  assert.equal(await why(1), "in");
  await world.store.accounts.changeAccount(key(1), { standing: "suspended" });
  assert.equal(await why(1), "suspended");
  assert.equal(await world.store.accounts.countAccounts(), 1);
  assert.deepEqual(world.hub.numbers.turnedAway, { unknown: 1, expired: 1, spent: 1, suspended: 1 });
});

it("gives the last use of an invite to one of several at once", async () => {
  const world = new HubWorld({ isOpen: false });
  await world.store.accounts.addInvite({ id: "i", psk: key(7), uses: 1, expiresAtMs: Number.MAX_SAFE_INTEGER });
  const all = await Promise.all([1, 2, 3].map((number) => world.arrive(number, { via: "i" })));
  assert.deepEqual(all.map(({ arrived }) => arrived.type).toSorted(), ["member", "turned-away", "turned-away"]);
});

it("makes the first operator by the operator's invite, and nobody else", async () => {
  const world = new HubWorld();
  const invite = { psk: key(7), uses: 5, expiresAtMs: Number.MAX_SAFE_INTEGER };
  await world.store.accounts.addInvite({ ...invite, id: OPERATOR_INVITE });
  await world.arrive(1, { via: OPERATOR_INVITE });
  await world.arrive(2);
  assert.deepEqual([(await world.account(1))?.role, (await world.account(2))?.role], ["operator", "member"]);
});

it("has a limit of accounts, and turns away a key that comes with another signature key", async () => {
  const world = new HubWorld({ quotas: { accounts: 1 } });
  await world.person(1);
  assert.deepEqual((await world.arrive(2)).arrived, { type: "turned-away", why: "full" });
  const who = { key: key(1), signatureKey: key(9), name: "p1" };
  const connection = { news: () => {}, end: () => assert.fail("it was never let in") };
  assert.deepEqual(await world.hub.arrive(who, undefined, connection), { type: "turned-away", why: "key-changed" });
});

it("gives each a handle of its own, made from the name", async () => {
  const world = new HubWorld();
  const handles: (string | undefined)[] = [];
  for (const [index, name] of ["Ada", "ada", "Ada Lovelace!", "", "you", "x".repeat(64)].entries()) {
    await world.arrive(index + 1, { name });
    handles.push((await world.account(index + 1))?.handle);
  }
  assert.deepEqual(handles, ["ada", "ada-2", "ada-lovelace", "member", "member-2", "x".repeat(40)]);
  const logged = world.events.map((event) => (event.type === "member-arrived" ? event.who.handle : event.type));
  assert.deepEqual(logged, handles, "and logs it");
});

it("lets a second session of a key take over, and the first one do nothing more", async () => {
  const world = new HubWorld();
  const older = await world.person(1);
  const bob = await world.person(2);
  await world.room(older, bob);
  const newer = await world.person(1);
  assert.deepEqual([older.ends, newer.ends], [["replaced"], []]);
  assert.equal((await older.refusal("rooms", {})).refusal, "suspended");
  assert.equal((await newer.answer("rooms", {})).rooms.length, 1);
  older.member.leave();
  assert.equal(world.hub.isConnected(newer.key), true);
  assert.equal(world.hub.numbers.connected, 2);
  await bob.answer("post", lineOf(9));
  assert.deepEqual(await older.heard(), []);
  assert.deepEqual(
    (await newer.heard()).filter(({ name }) => name === "entries"),
    [{ name: "entries", body: { room: ROOM, next: 2 } }],
  );
});

it("logs that a session was replaced, if its connection says so, and counts the news that it sends", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  await ada.heard();
  await bob.heard();
  const before = world.hub.numbers.newsSent;
  await ada.answer("post", lineOf(9));
  const heard = [...(await ada.heard()), ...(await bob.heard())];
  assert.equal(world.hub.numbers.newsSent - before, heard.length);
  assert.ok(heard.length > 0);
  bob.member.leave("replaced");
  const left = world.events.flatMap((event) => (event.type === "member-left" ? [[event.who.handle, event.by]] : []));
  assert.deepEqual(left, [["p2", "replaced"]]);
});

it("turns a second session of a key away, if it is told to", async () => {
  const world = new HubWorld({ duplicate: "reject" });
  const first = await world.person(1);
  assert.deepEqual((await world.arrive(1)).arrived, { type: "turned-away", why: "duplicate" });
  assert.deepEqual(first.ends, []);
  first.member.leave();
  assert.equal((await world.arrive(1)).arrived.type, "member");
});

it("ends the session of somebody who is suspended or forgotten", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.store.accounts.changeAccount(ada.key, { standing: "suspended" });
  await world.store.accounts.removeAccount(bob.key);
  await ada.heard();
  assert.deepEqual([ada.ends, bob.ends], [["suspended"], ["forgotten"]]);
  assert.equal((await ada.refusal("rooms", {})).refusal, "suspended");
  assert.equal(world.hub.numbers.connected, 0);
});

it("refuses what it does not know, and ends the session at what it cannot read", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  const unknown = decodeAnswer("rooms", await ada.member.call(Uint8Array.of(250, 1, 2)));
  assert.ok(unknown.type === "refused");
  assert.equal(unknown.refusal, "unknown-call");
  for (const bytes of [new Uint8Array(0), Uint8Array.of(6), Uint8Array.of(5, 0)]) {
    assert.equal((await rejectsLair(ada.member.call(bytes))).code, "call-malformed");
  }
  assert.equal(world.events.filter(({ type }) => type === "call-malformed").length, 3);
});

it("refuses with a sentence what its store fails at, and goes on", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  const { rooms } = world.store;
  const works = rooms.seatedRooms.bind(rooms);
  for (const error of [new LairError("store-unwritable", "The disk is full."), new TypeError("a bug")]) {
    rooms.seatedRooms = async () => await Promise.reject(error);
    assert.equal((await ada.refusal("rooms", {})).refusal, "unable");
  }
  rooms.seatedRooms = works;
  assert.deepEqual(await ada.answer("rooms", {}), { rooms: [] });
  assert.equal(world.hub.numbers.storeFailures, 2);
  // The second is told with the next minute.
  assert.deepEqual(
    world.events.filter(({ type }) => type === "store-failed"),
    [{ type: "store-failed", code: "store-unwritable", during: "rooms", times: 1 }],
  );
});

it("does the calls of a member one after the other, and takes only so many at once", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  await world.room(ada);
  const numbers = await Promise.all([11, 12, 13, 14].map((number) => ada.answer("post", lineOf(number))));
  assert.deepEqual(
    numbers.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  const bytes = encodeCall("rooms", {});
  const flood = Array.from({ length: 65 }, () => ada.member.call(bytes));
  assert.equal((await rejectsLair(flood[64]!)).code, "call-flood");
  await Promise.all(flood.slice(0, 64));
});

it("rations calls, and says when to try again", async () => {
  const quotas = { calls: { atOnce: 2, everyMs: 100 } };
  const world = new HubWorld({ quotas });
  const ada = await world.person(1);
  await ada.answer("rooms", {});
  await ada.answer("rooms", {});
  const refused = await ada.refusal("rooms", {});
  assert.deepEqual([refused.refusal, refused.retryAfterMs], ["too-often", 100]);
  ada.member.leave();
  const again = await world.person(1);
  assert.equal((await again.refusal("rooms", {})).refusal, "too-often", "a new session gives no new ration");
  world.clock.pass(100);
  await again.answer("rooms", {});
  assert.equal((await again.refusal("rooms", {})).retryAfterMs, 100);
});

it("closes: ends all, takes nobody, and has no timer of its own left", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  const call = ada.answer("create", { room: ROOM, listedName: undefined });
  await world.hub.close();
  assert.deepEqual(ada.ends, ["shutting-down"]);
  assert.equal((await call.catch(() => "refused")) === undefined, false);
  assert.deepEqual((await world.arrive(2)).arrived, { type: "turned-away", why: "closing" });
  assert.deepEqual(
    world.clock.pending.filter((delayMs) => delayMs !== 60_000),
    [],
  );
});
