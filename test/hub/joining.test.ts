// How people come into rooms: found in the directory, added by a key package while away, by a link, or by a knock.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { Asked } from "../../src/core/hub/calls.ts";
import { decodeKnock } from "../../src/core/hub/knock.ts";
import { OPERATOR_INVITE } from "../../src/hub/accounts.ts";
import { linkInviteId } from "../../src/hub/store.ts";
import { commitOf, HubWorld, lineOf, ROOM } from "./hub-fixture.ts";
import { id, key } from "./store-contract.ts";

const FAR_MS = 9e15;
const aPackage = (number: number, isLastResort = false) => ({
  id: id(number),
  bytes: key(number),
  expiresAtMs: FAR_MS,
  isLastResort,
});

it("finds people by key and by handle", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  const account = { key: bob.key, signatureKey: key(102), handle: "p2", role: "member" as const };
  const found = async (one: Uint8Array | undefined, handle: string | undefined) => {
    const { account: there } = await ada.answer("find", { key: one, handle });
    return there;
  };
  assert.deepEqual(await found(bob.key, undefined), account);
  assert.deepEqual(await found(undefined, "p2"), account);
  assert.deepEqual(await found(bob.key, "p2"), account);
  assert.equal(await found(bob.key, "p1"), undefined);
  assert.equal(await found(undefined, "nobody"), undefined);
  assert.equal(await found(undefined, undefined), undefined);
});

it("hands out each key package once, then the last resort; nobody empties another's", async () => {
  const world = new HubWorld({ quotas: { packages: 2, takesOfOne: { atOnce: 4, everyMs: 1_000 } } });
  const [ada, bob, cyd] = [await world.person(1), await world.person(2), await world.person(3)];
  const packages = [aPackage(1), aPackage(2), aPackage(3), aPackage(9, true)];
  assert.deepEqual(await bob.answer("publish", { packages }), { count: 2 });
  const taken: (Uint8Array | undefined)[] = [];
  for (let count = 0; count < 4; count++) taken.push((await ada.answer("take", { key: bob.key })).package);
  assert.deepEqual(taken, [key(1), key(2), key(9), key(9)]);
  const refused = await ada.refusal("take", { key: bob.key });
  assert.deepEqual([refused.refusal, refused.retryAfterMs], ["too-often", 1_000]);
  assert.deepEqual(await ada.answer("take", { key: cyd.key }), { package: undefined }, "somebody else's");
  assert.equal((await ada.refusal("take", { key: key(9) })).refusal, "unknown-person");
  assert.equal((await ada.refusal("take", { key: ada.key })).refusal, "not-allowed");
});

/** The third commit of ROOM: somebody comes in by the link "l". */
function coming(who: Uint8Array, more: Partial<Asked<"commit">> = {}): Asked<"commit"> {
  const seats = [{ key: who, role: "member" as const }];
  return commitOf({ commits: 2, id: id(22), epoch: 2, link: "l", seats, ...more });
}

it("lets in by a link as often as it says, and not by one that is revoked", async () => {
  const world = new HubWorld({ quotas: { links: 2 } });
  const people = [await world.person(1), await world.person(2), await world.person(3)] as const;
  const [ada, bob, cyd] = people;
  await world.room(ada);
  const link = { room: ROOM, link: "l", uses: 1, expiresAtMs: FAR_MS };
  await ada.answer("add-link", link);
  assert.equal((await ada.refusal("add-link", { ...link, uses: 2 })).refusal, "exists");
  await ada.answer("add-link", { ...link, link: "old", expiresAtMs: 0 });
  assert.equal((await ada.refusal("add-link", { ...link, link: "third" })).refusal, "full");
  assert.equal((await bob.refusal("add-link", { ...link, link: "mine" })).refusal, "no-room");

  const outside = { room: ROOM, link: "l" };
  assert.equal((await bob.refusal("outside", outside)).refusal, "not-allowed", "there is no group info yet");
  await ada.answer("commit", commitOf({ commits: 1, id: id(21), epoch: 1, groupInfo: id(8) }));
  assert.equal((await bob.refusal("outside", { room: ROOM, link: undefined })).refusal, "no-room");
  assert.equal((await bob.refusal("outside", { room: ROOM, link: "old" })).refusal, "link-expired");
  assert.equal((await bob.refusal("outside", { room: id(9), link: "l" })).refusal, "link-unknown");
  assert.deepEqual(await bob.answer("outside", outside), { groupInfo: id(8), epoch: 2, commits: 2 });

  const refused = await bob.refusal("commit", coming(bob.key, { seats: [{ key: bob.key, role: "admin" }] }));
  assert.equal(refused.refusal, "not-allowed");
  const news = { groupInfo: id(9) };
  assert.deepEqual(await bob.answer("commit", coming(bob.key, news)), { seq: 2 });
  const { entries } = await bob.answer("read", { room: ROOM, from: 0 });
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    [2],
    "nothing from before",
  );
  assert.equal((await cyd.refusal("outside", outside)).refusal, "link-spent");
  assert.equal((await cyd.refusal("commit", coming(cyd.key, { commits: 3, epoch: 3 }))).refusal, "link-spent");
  assert.deepEqual(await bob.answer("outside", { room: ROOM, link: undefined }), {
    groupInfo: id(9),
    epoch: 3,
    commits: 3,
  });

  assert.equal((await bob.refusal("links", { room: ROOM })).refusal, "not-allowed");
  assert.equal((await bob.refusal("revoke-link", { room: ROOM, link: "l" })).refusal, "not-allowed");
  await ada.answer("revoke-link", { room: ROOM, link: "l" });
  assert.equal((await ada.refusal("revoke-link", { room: ROOM, link: "l" })).refusal, "link-unknown");
  assert.equal((await cyd.refusal("outside", outside)).refusal, "link-unknown");
  assert.deepEqual(await ada.answer("links", { room: ROOM }), { links: [{ link: "old", uses: 1, expiresAtMs: 0 }] });
});

it("brings people who are new to the hub by a link, as long as there is the link", async () => {
  const world = new HubWorld({ isOpen: false });
  await world.store.accounts.addInvite({ id: "i", psk: key(7), uses: 2, expiresAtMs: FAR_MS });
  const { person: ada } = await world.arrive(1, { via: "i" });
  assert.ok(ada);
  await world.room(ada);
  const link = { room: ROOM, link: "l", uses: 1, expiresAtMs: FAR_MS };
  const { invite } = await ada.answer("add-link", link);
  assert.equal(invite?.length, 32);
  assert.deepEqual(await ada.answer("add-link", link), { invite }, "the answer may have been lost");
  assert.equal((await ada.refusal("add-link", { ...link, uses: 2 })).refusal, "exists");
  assert.equal((await ada.refusal("add-link", { ...link, expiresAtMs: 9 })).refusal, "exists");
  const via = linkInviteId(ROOM, "l");
  assert.deepEqual((await world.store.accounts.invite(via))?.psk, invite);
  const { person: bob } = await world.arrive(2, { via });
  assert.ok(bob);
  assert.equal((await world.account(2))?.role, "member");
  assert.deepEqual((await world.arrive(3, { via })).arrived, { type: "turned-away", why: "spent" });
  await ada.answer("commit", commitOf({ commits: 1, id: id(21), epoch: 1, groupInfo: id(77) }));
  await bob.answer("outside", { room: ROOM, link: "l" });
  await bob.answer("commit", coming(bob.key));
  assert.equal((await bob.refusal("add-link", { ...link, link: "own" })).refusal, "not-allowed");

  await ada.answer("add-link", { ...link, link: "m" });
  await ada.answer("revoke-link", { room: ROOM, link: "m" });
  const gone = { type: "turned-away", why: "unknown" };
  assert.deepEqual((await world.arrive(3, { via: linkInviteId(ROOM, "m") })).arrived, gone);
  await ada.answer("add-link", { ...link, link: "n" });
  await world.store.rooms.closeRoom(ROOM);
  assert.deepEqual((await world.arrive(3, { via: linkInviteId(ROOM, "n") })).arrived, gone);
});

it("makes nobody an operator by a link, whatever its id, and not twice the same invite", async () => {
  const world = new HubWorld();
  const ada = await world.person(1);
  await world.room(ada);
  const { invite } = await ada.answer("add-link", { room: ROOM, link: OPERATOR_INVITE, uses: 1, expiresAtMs: FAR_MS });
  const other = await ada.answer("add-link", { room: ROOM, link: "l", uses: 1, expiresAtMs: FAR_MS });
  assert.notDeepEqual(invite, other.invite);
  const ids = (await world.store.accounts.invites()).map((one) => one.id);
  assert.deepEqual(ids, [linkInviteId(ROOM, "l"), linkInviteId(ROOM, OPERATOR_INVITE)]);
  for (const [number, via] of ids.entries()) {
    await world.arrive(number + 2, { via });
    assert.equal((await world.account(number + 2))?.role, "member");
  }
});

it("gives no invite with a link if its operator does not want that", async () => {
  const world = new HubWorld({ linksBring: "members" });
  const ada = await world.person(1);
  await world.room(ada);
  const link = { room: ROOM, link: "l", uses: 1, expiresAtMs: FAR_MS };
  assert.deepEqual(await ada.answer("add-link", link), { invite: undefined });
  assert.deepEqual(await ada.answer("add-link", link), { invite: undefined });
  assert.deepEqual(await world.store.accounts.invites(), []);
  assert.equal((await ada.answer("links", { room: ROOM })).links.length, 1);
});

it("passes a knock to those above members, with the key of the one who knocks", async () => {
  const world = new HubWorld({ quotas: { letters: 4 } });
  const people = [await world.person(1), await world.person(2), await world.person(3)] as const;
  const [ada, bob, cyd] = people;
  await world.room(ada, bob);
  assert.equal((await cyd.refusal("knock", { room: ROOM, bytes: id(6) })).refusal, "no-room", "it is not listed");
  await ada.answer("commit", commitOf({ commits: 1, id: id(21), epoch: 1, listing: { name: "ops" } }));
  assert.equal((await bob.refusal("knock", { room: ROOM, bytes: id(6) })).refusal, "exists");
  await cyd.answer("knock", { room: ROOM, bytes: id(6) });
  const { letters } = await ada.answer("letters", {});
  assert.deepEqual(
    letters.map(({ kind, bytes }) => ({ kind, knock: decodeKnock(bytes) })),
    [{ kind: "knock", knock: { room: ROOM, from: cyd.key, bytes: id(6) } }],
  );
  assert.deepEqual(await bob.answer("letters", {}), { letters: [] });
  await cyd.answer("knock", { room: ROOM, bytes: id(6) });
  assert.equal((await cyd.refusal("knock", { room: ROOM, bytes: id(6) })).refusal, "full", "half is for welcomes");
  assert.ok((await ada.heard()).some(({ name }) => name === "letter"));
});

it("gives somebody who was added nothing from before", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada);
  await ada.answer("post", lineOf(9));
  const seats = [{ key: bob.key, role: "member" as const }];
  await ada.answer("commit", commitOf({ commits: 1, id: id(21), epoch: 1, seats }));
  await ada.answer("post", lineOf(10, { epoch: 2 }));
  const { entries } = await bob.answer("read", { room: ROOM, from: 0 });
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    [2, 3],
  );
});
