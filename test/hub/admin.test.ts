// What an operator asks of a hub: members, rooms, invites and numbers, and what happens to those who are connected.

import assert from "node:assert/strict";
import { it } from "node:test";
import { toHex } from "../../src/core/bytes.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { HubAdmin } from "../../src/hub/admin.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { HubWorld, lineOf, ROOM, settled } from "./hub-fixture.ts";
import { id, key } from "./store-contract.ts";

const DAY_MS = 86_400_000;

function adminOf({ store, hub }: HubWorld): HubAdmin {
  return new HubAdmin({ store, hub, suite: OPENSSL_SUITE, random: new SeededRandom(3).bytes });
}

it("lists members page by page, each with what it has", async () => {
  const world = new HubWorld();
  const admin = adminOf(world);
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  bob.member.leave();
  const views = await admin.members({ limit: 1 });
  assert.deepEqual(views, [
    {
      handle: "p1",
      fingerprint: fingerprint(OPENSSL_SUITE, { publicKey: ada.key, signatureKey: key(101) }),
      role: "member",
      standing: "active",
      joinedAtMs: world.clock.now().wallMs,
      isConnected: true,
      rooms: 1,
    },
  ]);
  const [second] = await admin.members({ after: "p1", limit: 9 });
  assert.deepEqual([second?.handle, second?.isConnected], ["p2", false]);
  assert.equal(await admin.member("nobody"), undefined);
});

it("suspends, lets in again, gives a role, and forgets", async () => {
  const world = new HubWorld();
  const admin = adminOf(world);
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada);
  assert.equal(await admin.setStanding("p1", "suspended"), true);
  await settled();
  assert.deepEqual(ada.ends, ["suspended"]);
  assert.deepEqual((await world.arrive(1)).arrived, { type: "turned-away", why: "suspended" });
  await admin.setStanding("p1", "active");
  const again = await world.person(1);
  await admin.setRole("p1", "operator");
  assert.equal((await admin.member("p1"))?.role, "operator");
  assert.deepEqual((await bob.answer("find", { key: undefined, handle: "p1" })).account?.role, "operator");
  assert.equal(await admin.forget("p1"), true);
  await settled();
  assert.deepEqual(again.ends, ["forgotten"]);
  assert.equal(await admin.room(toHex(ROOM)), undefined, "nobody was left in it");
  assert.deepEqual(
    [await admin.forget("p1"), await admin.setRole("p1", "member"), await admin.setStanding("p1", "active")],
    [false, false, false],
  );
});

it("lists rooms with numbers and no words, and closes them", async () => {
  const world = new HubWorld();
  const admin = adminOf(world);
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  await ada.answer("post", lineOf(9));
  await ada.answer("create", { room: id(201), listedName: "ops" });
  const [first, second] = [toHex(ROOM), toHex(id(201))];
  const view = { room: first, listedName: undefined, members: 2, epoch: 1, posted: 2, kept: 2, bytes: 17 };
  assert.deepEqual(await admin.rooms({ limit: 1 }), [view]);
  assert.deepEqual(
    (await admin.rooms({ after: first, limit: 9 })).map(({ room, listedName }) => [room, listedName]),
    [[second, "ops"]],
  );
  assert.equal(await admin.closeRoom(first), true);
  assert.equal(await admin.closeRoom(first), false);
  assert.equal(await admin.closeRoom("no id"), false);
  assert.equal((await bob.refusal("post", lineOf(10))).refusal, "no-room");
  assert.deepEqual(
    world.events.filter(({ type }) => type === "room-closed"),
    [{ type: "room-closed", room: first }],
  );
});

it("makes invites, shows them without their secrets, and revokes them", async () => {
  const world = new HubWorld({ isOpen: false });
  const admin = adminOf(world);
  const expiresAtMs = world.clock.now().wallMs + DAY_MS;
  const first = await admin.makeOperatorInvite(expiresAtMs);
  assert.ok(first);
  assert.equal(await admin.makeOperatorInvite(expiresAtMs), undefined);
  await world.arrive(1, { via: first.id });
  assert.equal((await world.account(1))?.role, "operator");
  const { id: made, psk } = await admin.makeInvite({ uses: 3, expiresAtMs });
  assert.equal(psk.length, 32);
  assert.equal((await world.arrive(2, { via: made })).arrived.type, "member");
  assert.deepEqual(
    (await admin.invites()).filter(({ id: one }) => one === made),
    [{ id: made, uses: 2, expiresAtMs }],
  );
  assert.equal(await admin.revokeInvite(made), true);
  assert.equal(await admin.revokeInvite(made), false);
  assert.deepEqual((await world.arrive(3, { via: made })).arrived, { type: "turned-away", why: "unknown" });
});

it("counts", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  await world.room(ada);
  await ada.answer("post", lineOf(9));
  await ada.refusal("seats", { room: id(9) });
  const numbers = await adminOf(world).numbers();
  assert.deepEqual(
    [numbers.connected, numbers.accounts, numbers.rooms, numbers.entriesAppended, numbers.bytesAppended],
    [1, 1, 1, 2, 17],
  );
  assert.deepEqual([numbers.calls, numbers.refusals], [{ create: 1, commit: 1, post: 1, seats: 1 }, { "no-room": 1 }]);
});
