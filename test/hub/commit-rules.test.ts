// What a hub checks of a commit that it cannot open: what its poster may say, by role. And what comes of one that is taken.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { Asked } from "../../src/core/hub/calls.ts";
import { judge, type SaidChange } from "../../src/hub/commit-rules.ts";
import type { RoomRole } from "../../src/hub/store.ts";
import { commitOf, HubWorld, lineOf, ROOM } from "./hub-fixture.ts";
import { id, key } from "./store-contract.ts";

const [ADMIN, OTHER_ADMIN, MODERATOR, MEMBER, OTHER, NEW] = [1, 2, 3, 4, 5, 6].map(key) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const SEATED: readonly (readonly [Uint8Array, RoomRole])[] = [
  [ADMIN, "admin"],
  [OTHER_ADMIN, "admin"],
  [MODERATOR, "moderator"],
  [MEMBER, "member"],
  [OTHER, "member"],
];
const WELCOME = { to: [NEW], bytes: id(1) };

function typeOf(poster: Uint8Array, said: Partial<SaidChange>): string {
  const seats = SEATED.map(([seat, role]) => ({ key: seat, role, from: 0, cursor: 0 }));
  const nothing = { seats: [], removed: [], listing: undefined, welcome: undefined, link: undefined };
  return judge({ seats }, poster, { ...nothing, ...said }).type;
}

const seat = (one: Uint8Array, role: RoomRole) => ({ seats: [{ key: one, role }] });

/** What is said, and whether an admin, a moderator, a member and a stranger with a link may say it. */
const ROWS: readonly (readonly [what: string, said: Partial<SaidChange>, who: string])[] = [
  ["nothing", {}, "yes yes yes no"],
  ["somebody's first seat", seat(NEW, "member"), "yes yes yes own"],
  ["somebody's first seat with a role", seat(NEW, "admin"), "yes no no no"],
  ["a welcome with the seat", { ...seat(NEW, "member"), welcome: WELCOME }, "yes yes yes no"],
  ["a welcome without the seat", { welcome: WELCOME }, "no no no no"],
  ["a role for a member", seat(OTHER, "moderator"), "yes no no no"],
  ["a member's role for an admin", seat(OTHER_ADMIN, "member"), "yes no no no"],
  ["a role as it is", seat(OTHER_ADMIN, "admin"), "yes yes yes no"],
  ["a member's removal", { removed: [OTHER] }, "yes yes no no"],
  ["an admin's removal", { removed: [OTHER_ADMIN] }, "no no no no"],
  ["a name for all to see", { listing: { name: "ops" } }, "yes yes no no"],
  ["a seat twice", { seats: [...seat(NEW, "member").seats, ...seat(NEW, "member").seats] }, "no no no no"],
  ["a seat given and taken", { ...seat(OTHER, "member"), removed: [OTHER] }, "no no no no"],
];

for (const [what, said, who] of ROWS) {
  it(`judges by the poster's role: ${what}`, () => {
    const [admin, moderator, member, stranger] = who.split(" ");
    const allowed = (poster: Uint8Array, more: Partial<SaidChange> = {}): string =>
      typeOf(poster, { ...said, ...more }) === "allowed" ? "yes" : "no";
    assert.equal(allowed(ADMIN), admin);
    assert.equal(allowed(MODERATOR), moderator);
    assert.equal(allowed(MEMBER), member);
    assert.equal(allowed(NEW, { link: "l" }), stranger === "own" ? "yes" : "no");
    assert.equal(allowed(key(7), { link: "l" }), "no");
    assert.equal(typeOf(NEW, said) === "allowed", false, "nobody comes in without a link");
  });
}

it("lets everybody give up a role or a seat, and has room for 250", () => {
  assert.equal(typeOf(MODERATOR, seat(MODERATOR, "member")), "allowed");
  assert.equal(typeOf(MODERATOR, seat(MODERATOR, "admin")), "not-allowed");
  for (const who of [ADMIN, MODERATOR, MEMBER]) assert.equal(typeOf(who, { removed: [who] }), "allowed");
  const many = Array.from({ length: 246 }, (_, number) => ({
    key: new Uint8Array(32).fill(255).with(0, number),
    role: "member" as const,
  }));
  assert.equal(typeOf(ADMIN, { seats: many }), "too-many");
  assert.equal(typeOf(ADMIN, { seats: many.slice(1) }), "allowed");
});

it("takes of two commits at once the first, and tells the other one to read on", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  const commit = commitOf({ commits: 1, epoch: 1 });
  const [first, second] = await Promise.all([
    ada.ask("commit", { ...commit, id: id(21) }),
    bob.ask("commit", { ...commit, id: id(22) }),
  ]);
  assert.deepEqual(first, { type: "answered", answer: { seq: 1 } });
  assert.equal(second.type === "refused" && second.refusal, "stale");
  assert.deepEqual(await ada.answer("commit", { ...commit, id: id(21) }), { seq: 1 }, "the same again is the same");
  assert.deepEqual(await bob.answer("commit", { ...commit, id: id(22), commits: 2, epoch: 2 }), { seq: 2 });
});

/** The second commit of ROOM. */
function adding(who: Uint8Array): Asked<"commit"> {
  const welcome = { to: [who], bytes: id(5) };
  return commitOf({ id: id(31), commits: 1, epoch: 1, ...seat(who, "member"), welcome });
}

it("refuses a seat for somebody whom the hub does not know, who has too many rooms or too many letters", async () => {
  const world = new HubWorld({ quotas: { rooms: 2, letters: 1 } });
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada);
  assert.equal((await ada.refusal("commit", adding(key(9)))).refusal, "unknown-person");
  await bob.answer("create", { room: id(1), listedName: undefined });
  await bob.answer("create", { room: id(2), listedName: undefined });
  assert.equal((await bob.refusal("create", { room: id(3), listedName: undefined })).refusal, "full");
  assert.equal((await ada.refusal("commit", adding(bob.key))).refusal, "full");
  await world.store.rooms.closeRoom(id(1));
  await world.store.mail.send({ id: id(7), to: bob.key, kind: "notice", bytes: id(1), atMs: 0 }, 5);
  assert.equal((await ada.refusal("commit", adding(bob.key))).refusal, "full");
  await bob.answer("drop", { id: id(7) });
  assert.deepEqual(await ada.answer("commit", adding(bob.key)), { seq: 1 });
  const { letters } = await bob.answer("letters", {});
  assert.deepEqual(
    letters.map(({ kind, bytes }) => ({ kind, bytes })),
    [{ kind: "welcome", bytes: id(5) }],
  );
});

it("puts nobody into more rooms than she reads, and nobody into many rooms of one person at once", async () => {
  const world = new HubWorld({ quotas: { unreadRooms: 2, seatsOfOne: { atOnce: 3, everyMs: 60_000 } } });
  const [ada, bob, cyd] = [await world.person(1), await world.person(2), await world.person(3)];
  const put = async (by: typeof ada, number: number) => {
    const room = id(number);
    await by.answer("create", { room, listedName: undefined });
    return await by.ask("commit", commitOf({ room, ...seat(bob.key, "member") }));
  };
  // What he has made himself waits for nobody.
  for (const number of [1, 2, 3]) await bob.answer("create", { room: id(number), listedName: undefined });
  for (const number of [4, 5]) assert.equal((await put(ada, number)).type, "answered");
  for (const by of [ada, cyd]) {
    const refused = await put(by, by === ada ? 6 : 7);
    assert.ok(refused.type === "refused" && refused.refusal === "full" && refused.retryAfterMs === undefined);
  }
  await bob.answer("acknowledge", { room: id(4), next: 1 });
  assert.equal((await put(ada, 8)).type, "answered");
  await bob.answer("acknowledge", { room: id(5), next: 1 });
  const often = await put(ada, 9);
  assert.ok(often.type === "refused" && often.refusal === "full" && /very often/.test(often.sentence));
  assert.equal((await put(cyd, 10)).type, "answered");
  await bob.answer("acknowledge", { room: id(10), next: 1 });
  world.clock.pass(60_000);
  assert.equal((await put(ada, 11)).type, "answered");
});

it("gives the removed one nothing of the room any more, and closes a room that the last one has left", async () => {
  const world = new HubWorld();
  const [ada, bob] = [await world.person(1), await world.person(2)];
  await world.room(ada, bob);
  await ada.answer("commit", commitOf({ id: id(21), commits: 1, epoch: 1, removed: [bob.key], groupInfo: id(3) }));
  await ada.answer("post", lineOf(23, { epoch: 2 }));
  assert.deepEqual(
    (await bob.heard()).filter(({ name }) => name !== "presence"),
    [{ name: "room-closed", body: { room: ROOM } }],
  );
  for (const refused of [
    await bob.refusal("read", { room: ROOM, from: 0 }),
    await bob.refusal("post", lineOf(24, { epoch: 2 })),
    await bob.refusal("seats", { room: ROOM }),
    await bob.refusal("outside", { room: ROOM, link: undefined }),
    await bob.refusal("signal", { room: ROOM, bytes: id(1) }),
    await bob.refusal("acknowledge", { room: ROOM, next: 1 }),
    await bob.refusal("links", { room: ROOM }),
    await bob.refusal("commit", commitOf({ id: id(25), commits: 2, epoch: 2 })),
  ]) {
    assert.equal(refused.refusal, "no-room");
  }
  assert.deepEqual(await bob.answer("rooms", {}), { rooms: [] });
  await ada.answer("commit", commitOf({ id: id(26), commits: 2, epoch: 2, removed: [ada.key] }));
  assert.equal(await world.store.rooms.countRooms(), 0);
});
