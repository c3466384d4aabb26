// What every store of a hub does, see `src/hub/store.ts`: run against the one in memory and the one on the disk. The store
// for several hubs must pass it unchanged.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../src/core/bytes.ts";
import {
  type Account,
  type Entry,
  type HubStore,
  isLinkInvite,
  linkInviteId,
  type NewEntry,
  type News,
  type RoomQuota,
  type StoredKeyPackage,
} from "../../src/hub/store.ts";

export const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
export const id = (number: number): Uint8Array => new Uint8Array(16).fill(number);
const [ADA, BOB, CYD] = [key(1), key(2), key(3)] as const;
const ROOM = id(200);
export const QUOTA: RoomQuota = { entries: 100, bytes: 10_000, posterEntries: 90, posterBytes: 5_000 };

const account = (number: number, handle: string): Account => ({
  key: key(number),
  signatureKey: key(number + 100),
  handle,
  role: "member",
  standing: "active",
  joinedAtMs: number,
});

export function message(number: number, change: Partial<NewEntry> = {}): NewEntry & { readonly type: "message" } {
  return {
    id: id(number),
    // That in which bob sits there.
    epoch: 1,
    poster: ADA,
    atMs: number,
    bytes: toUtf8(`entry ${number}`),
    ...change,
    type: "message",
  };
}

export function commit(number: number, change: Partial<NewEntry> = {}): NewEntry & { readonly type: "commit" } {
  return { ...message(number, { epoch: 0, ...change }), type: "commit" };
}

const keyPackage = (number: number, change: Partial<StoredKeyPackage> = {}): StoredKeyPackage => ({
  id: id(number),
  bytes: toUtf8(`package ${number}`),
  expiresAtMs: 1_000,
  isLastResort: false,
  ...change,
});

const seqs = (entries: readonly Entry[]): number[] => entries.map(({ seq }) => seq);

/** `create` makes a store that is empty. */
export function describeHubStore(name: string, create: () => Promise<HubStore>): void {
  /** A test with a store of its own. */
  const test = (title: string, body: (store: HubStore) => Promise<void>): void => {
    it(title, async () => {
      const store = await create();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };
  /** With a room of ada's, in which bob sits, too: its commit has number 0. */
  const inRoom = (title: string, body: (store: HubStore) => Promise<void>): void => {
    test(title, async (store) => {
      await store.accounts.addAccount(account(1, "ada"));
      await store.accounts.addAccount(account(2, "bob"));
      assert.equal(await store.rooms.createRoom({ id: ROOM, creator: ADA }, 10), "created");
      const seats = [{ key: BOB, role: "member" as const }];
      assert.deepEqual(await store.rooms.appendCommit(ROOM, commit(50), -1, { seats }, QUOTA), {
        type: "appended",
        seq: 0,
      });
      await body(store);
    });
  };

  describe(`${name}: accounts`, () => {
    test("adds one of each key and handle, and finds it by both", async ({ accounts }) => {
      const ada = account(1, "ada");
      assert.equal(await accounts.addAccount(ada), "added");
      assert.equal(await accounts.addAccount({ ...ada, handle: "ada2", joinedAtMs: 9 }), "known");
      assert.equal(await accounts.addAccount(account(2, "ada")), "handle-taken");
      assert.deepEqual(await accounts.account(ADA), ada);
      assert.deepEqual(await accounts.accountOf("ada"), ada);
      assert.equal(await accounts.account(BOB), undefined);
      assert.equal(await accounts.accountOf("ada2"), undefined);
    });

    test("lists them by handle, page by page", async ({ accounts }) => {
      for (const [index, handle] of ["cyd", "Zoe", "ada", "bob"].entries()) {
        await accounts.addAccount(account(index + 1, handle));
      }
      const handles = async (page: { after?: string; limit: number }): Promise<string[]> =>
        (await accounts.accounts(page)).map(({ handle }) => handle);
      assert.deepEqual(await handles({ limit: 3 }), ["Zoe", "ada", "bob"]);
      assert.deepEqual(await handles({ after: "bob", limit: 3 }), ["cyd"]);
      assert.deepEqual(await handles({ after: "b", limit: 1 }), ["bob"]);
      assert.equal(await accounts.countAccounts(), 4);
    });

    test("changes role and standing, and nothing of nobody", async ({ accounts }) => {
      await accounts.addAccount(account(1, "ada"));
      assert.equal(await accounts.changeAccount(ADA, { standing: "suspended" }), true);
      assert.equal(await accounts.changeAccount(ADA, { role: "operator" }), true);
      assert.deepEqual(await accounts.account(ADA), { ...account(1, "ada"), role: "operator", standing: "suspended" });
      assert.equal(await accounts.changeAccount(BOB, { role: "operator" }), false);
    });

    inRoom("removes one with its key packages, mail and seats; the handle is free again", async (store) => {
      await store.keyPackages.addKeyPackages(BOB, [keyPackage(1)], 5, 0);
      await store.mail.send({ id: id(1), to: BOB, kind: "knock", bytes: key(9), atMs: 1 }, 5);
      assert.equal(await store.accounts.removeAccount(BOB), true);
      assert.equal(await store.accounts.removeAccount(BOB), false);
      assert.equal(await store.accounts.account(BOB), undefined);
      assert.equal(await store.keyPackages.takeKeyPackage(BOB, 0), undefined);
      assert.deepEqual(await store.mail.letters(BOB, 5), []);
      assert.deepEqual(await store.rooms.roomsOf(BOB), []);
      assert.deepEqual(
        (await store.rooms.room(ROOM))?.seats.map((seat) => seat.key),
        [ADA],
      );
      assert.equal(await store.accounts.addAccount(account(3, "bob")), "added");
    });

    test("counts the uses of an invite, one for each key", async ({ accounts }) => {
      const invite = { id: "party", psk: key(7), uses: 2, expiresAtMs: 100 };
      assert.equal(await accounts.addInvite(invite), true);
      assert.equal(await accounts.addInvite({ ...invite, uses: 9 }), false);
      assert.deepEqual(await accounts.invite("party"), invite);
      assert.equal(await accounts.invite("other"), undefined);
      assert.equal(await accounts.useInvite("other", ADA, 0), "unknown");
      assert.equal(await accounts.useInvite("party", ADA, 100), "expired");
      assert.equal(await accounts.useInvite("party", ADA, 99), "used");
      assert.equal(await accounts.useInvite("party", ADA, 100), "used", "it was let in before");
      assert.deepEqual(await accounts.invites(), [{ ...invite, uses: 1 }]);
      assert.equal(await accounts.useInvite("party", BOB, 0), "used");
      assert.equal(await accounts.useInvite("party", CYD, 0), "spent");
      assert.equal(await accounts.revokeInvite("party"), true);
      assert.equal(await accounts.revokeInvite("party"), false);
      assert.equal(await accounts.useInvite("party", ADA, 0), "unknown");
      assert.deepEqual(await accounts.invites(), []);
    });

    test("gives the last use of an invite to one of several at once", async ({ accounts }) => {
      await accounts.addInvite({ id: "one", psk: key(7), uses: 1, expiresAtMs: 100 });
      const uses = await Promise.all([ADA, BOB, CYD].map((by) => accounts.useInvite("one", by, 0)));
      assert.deepEqual(uses.toSorted(), ["spent", "spent", "used"]);
    });
  });

  describe(`${name}: key packages`, () => {
    test("hands out each once, the oldest first, and then the last resort again and again", async ({ keyPackages }) => {
      const last = keyPackage(9, { isLastResort: true });
      assert.equal(await keyPackages.addKeyPackages(ADA, [last, keyPackage(1), keyPackage(2)], 5, 0), 2);
      const taken = async () => (await keyPackages.takeKeyPackage(ADA, 0))?.id[0];
      assert.deepEqual([await taken(), await taken(), await taken(), await taken()], [1, 2, 9, 9]);
      assert.equal(await keyPackages.takeKeyPackage(BOB, 0), undefined);
    });

    test("keeps so many at most, each id once, and one last resort: the newest", async ({ keyPackages }) => {
      const some = [1, 2, 3].map((number) => keyPackage(number));
      assert.equal(await keyPackages.addKeyPackages(ADA, [...some, ...some], 2, 0), 2);
      for (const number of [8, 9]) {
        await keyPackages.addKeyPackages(ADA, [keyPackage(number, { isLastResort: true })], 2, 0);
      }
      assert.equal(await keyPackages.countKeyPackages(ADA, 0), 2);
      for (const expected of [1, 2, 9]) assert.equal((await keyPackages.takeKeyPackage(ADA, 0))?.id[0], expected);
    });

    test("keeps its last resort if the one that comes has expired already", async ({ keyPackages }) => {
      const last = keyPackage(1, { isLastResort: true });
      await keyPackages.addKeyPackages(ADA, [last, keyPackage(2, { isLastResort: true, expiresAtMs: 5 })], 2, 5);
      assert.deepEqual(await keyPackages.takeKeyPackage(ADA, 5), last);
    });

    test("hands out none that has expired, the last resort neither", async ({ keyPackages }) => {
      const packages = [keyPackage(1, { expiresAtMs: 10 }), keyPackage(2), keyPackage(3, { isLastResort: true })];
      await keyPackages.addKeyPackages(ADA, packages, 5, 0);
      assert.equal(await keyPackages.countKeyPackages(ADA, 10), 1);
      assert.deepEqual(await keyPackages.takeKeyPackage(ADA, 10), keyPackage(2));
      assert.equal(await keyPackages.takeKeyPackage(ADA, 1_000), undefined);
    });

    test("gives one package to one of several at once", async ({ keyPackages }) => {
      await keyPackages.addKeyPackages(ADA, [keyPackage(1), keyPackage(2)], 5, 0);
      const taken = await Promise.all([1, 2, 3].map(() => keyPackages.takeKeyPackage(ADA, 0)));
      assert.deepEqual(new Set(taken.map((one) => one?.id[0])), new Set([1, 2, undefined]));
    });
  });

  describe(`${name}: rooms`, () => {
    test("makes a room once, listed by a name of its own, up to a number for each", async ({ rooms }) => {
      assert.equal(await rooms.createRoom({ id: ROOM, creator: ADA, listedName: "ops" }, 2), "created");
      assert.equal(await rooms.createRoom({ id: ROOM, creator: BOB }, 2), "exists");
      assert.equal(await rooms.createRoom({ id: id(2), creator: BOB, listedName: "ops" }, 2), "name-taken");
      assert.equal(await rooms.createRoom({ id: id(2), creator: ADA, listedName: "dev" }, 2), "created");
      assert.equal(await rooms.createRoom({ id: id(3), creator: ADA }, 2), "full");
      assert.deepEqual(await rooms.listedRooms({ limit: 5 }), [
        { id: id(2), name: "dev" },
        { id: ROOM, name: "ops" },
      ]);
      assert.deepEqual(await rooms.listedRooms({ after: "dev", limit: 5 }), [{ id: ROOM, name: "ops" }]);
      assert.deepEqual(await rooms.room(ROOM), {
        id: ROOM,
        listedName: "ops",
        epoch: 0,
        leastEpoch: 0,
        lastCommit: -1,
        next: 0,
        oldest: 0,
        bytes: 0,
        seats: [{ key: ADA, role: "admin", from: 0, cursor: 0 }],
      });
    });

    inRoom("finds a seat, and the ids of all rooms, page by page", async ({ rooms }) => {
      assert.deepEqual(await rooms.seat(ROOM, BOB), { key: BOB, role: "member", from: 0, cursor: 0 });
      assert.equal(await rooms.seat(ROOM, CYD), undefined);
      assert.equal(await rooms.seat(id(9), BOB), undefined);
      await rooms.createRoom({ id: id(9), creator: ADA }, 5);
      assert.deepEqual(await rooms.roomIds({ limit: 5 }), [id(9), ROOM]);
      assert.deepEqual(await rooms.roomIds({ limit: 1 }), [id(9)]);
      assert.deepEqual(await rooms.roomIds({ after: id(9), limit: 5 }), [ROOM]);
      assert.equal(await rooms.countRooms(), 2);
    });

    inRoom("finds the rooms in which somebody sits, and how far they are", async ({ rooms }) => {
      await rooms.createRoom({ id: id(9), creator: BOB }, 5);
      await rooms.append(ROOM, message(1), QUOTA);
      for (const key of [ADA, BOB]) await rooms.acknowledge(ROOM, key, 1);
      await rooms.prune(0, 9);
      const head = { id: ROOM, epoch: 1, lastCommit: 0, next: 2, oldest: 1 };
      const seat = { key: BOB, role: "member", from: 0, cursor: 1 };
      assert.deepEqual(await rooms.seatedRooms(BOB), [
        {
          id: id(9),
          epoch: 0,
          lastCommit: -1,
          next: 0,
          oldest: 0,
          seat: { key: BOB, role: "admin", from: 0, cursor: 0 },
        },
        { ...head, seat },
      ]);
      assert.deepEqual(await rooms.seatedRooms(CYD), []);
    });

    inRoom("closes a room with its log", async ({ rooms }) => {
      assert.equal(await rooms.closeRoom(ROOM), true);
      assert.equal(await rooms.closeRoom(ROOM), false);
      assert.equal(await rooms.room(ROOM), undefined);
      assert.deepEqual(await rooms.read(ROOM, 0, 100), []);
      assert.deepEqual(await rooms.roomsOf(ADA), []);
      assert.deepEqual(await rooms.append(ROOM, message(1), QUOTA), { type: "unknown-room" });
      assert.deepEqual(await rooms.appendCommit(ROOM, commit(1), 0, {}, QUOTA), { type: "unknown-room" });
      assert.equal(await rooms.createRoom({ id: ROOM, creator: BOB }, 1), "created");
      assert.deepEqual(await rooms.append(ROOM, message(50, { poster: BOB, epoch: 0 }), QUOTA), {
        type: "appended",
        seq: 0,
      });
    });

    inRoom("numbers entries without holes, and the same id of the same poster once", async ({ rooms }) => {
      assert.deepEqual(await rooms.append(ROOM, message(1), QUOTA), { type: "appended", seq: 1 });
      assert.deepEqual(await rooms.append(ROOM, message(2, { poster: BOB }), QUOTA), { type: "appended", seq: 2 });
      assert.deepEqual(await rooms.append(ROOM, message(1, { epoch: 99 }), QUOTA), { type: "already", seq: 1 });
      assert.deepEqual(await rooms.append(ROOM, message(1, { poster: BOB }), QUOTA), { type: "appended", seq: 3 });
      assert.deepEqual(await rooms.appendCommit(ROOM, commit(50), 77, {}, QUOTA), { type: "already", seq: 0 });
      assert.deepEqual(await rooms.read(ROOM, 2, 1_000), [
        { ...message(2, { poster: BOB }), seq: 2 },
        { ...message(1, { poster: BOB }), seq: 3 },
      ]);
    });

    inRoom("reads as many as fit, but one at least", async ({ rooms }) => {
      for (const number of [1, 2, 3]) await rooms.append(ROOM, message(number, { bytes: key(number) }), QUOTA);
      assert.deepEqual(seqs(await rooms.read(ROOM, 1, 64)), [1, 2]);
      assert.deepEqual(seqs(await rooms.read(ROOM, 1, 63)), [1]);
      assert.deepEqual(seqs(await rooms.read(ROOM, 1, 1)), [1]);
      assert.deepEqual(seqs(await rooms.read(ROOM, 3, 1_000)), [3]);
      assert.deepEqual(seqs(await rooms.read(ROOM, 4, 1_000)), []);
      assert.deepEqual(await rooms.read(id(9), 0, 1_000), []);
    });

    inRoom("takes a commit only of somebody who has read the last one", async ({ rooms }) => {
      assert.deepEqual(await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), -1, {}, QUOTA), {
        type: "stale",
        epoch: 1,
        lastCommit: 0,
      });
      assert.deepEqual(await rooms.appendCommit(ROOM, commit(1, { epoch: 2 }), 0, {}, QUOTA), {
        type: "stale",
        epoch: 1,
        lastCommit: 0,
      });
      await rooms.append(ROOM, message(2, { epoch: 1 }), QUOTA);
      assert.deepEqual(await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, {}, QUOTA), {
        type: "appended",
        seq: 2,
      });
      // All members refuse that one, so the next ends the same epoch.
      assert.deepEqual(await rooms.appendCommit(ROOM, commit(3, { epoch: 1 }), 2, {}, QUOTA), {
        type: "appended",
        seq: 3,
      });
      const { epoch, lastCommit } = (await rooms.room(ROOM))!;
      assert.deepEqual({ epoch, lastCommit }, { epoch: 2, lastCommit: 3 });
    });

    inRoom("takes a commit of a later epoch than the last one said: that one may have lied", async ({ rooms }) => {
      await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, {}, QUOTA);
      await rooms.appendCommit(ROOM, commit(2, { epoch: 0 }), 1, {}, QUOTA);
      assert.equal((await rooms.room(ROOM))?.epoch, 1);
      assert.equal((await rooms.appendCommit(ROOM, commit(3, { epoch: 2 }), 2, {}, QUOTA)).type, "appended");
      assert.equal((await rooms.room(ROOM))?.epoch, 3);
      // No room has more epochs than entries.
      assert.equal((await rooms.appendCommit(ROOM, commit(4, { epoch: 5 }), 3, {}, QUOTA)).type, "stale");
    });

    inRoom("takes one of several commits at once", async ({ rooms }) => {
      const commits = [1, 2, 3].map((number) => rooms.appendCommit(ROOM, commit(number, { epoch: 1 }), 0, {}, QUOTA));
      const types = (await Promise.all(commits)).map(({ type }) => type);
      assert.deepEqual(types.toSorted(), ["appended", "stale", "stale"]);
      assert.equal((await rooms.room(ROOM))?.next, 2);
    });

    inRoom("takes messages of the present epoch and of the three before", async ({ rooms }) => {
      for (const number of [1, 2, 3, 4]) {
        await rooms.appendCommit(ROOM, commit(number, { epoch: number }), number - 1, {}, QUOTA);
      }
      const stale = { type: "stale", epoch: 5, lastCommit: 4 };
      assert.deepEqual(await rooms.append(ROOM, message(11, { epoch: 1 }), QUOTA), stale);
      assert.deepEqual(await rooms.append(ROOM, message(12, { epoch: 2 }), QUOTA), { type: "appended", seq: 5 });
      assert.deepEqual(await rooms.append(ROOM, message(13, { epoch: 5 }), QUOTA), { type: "appended", seq: 6 });
      assert.deepEqual(await rooms.append(ROOM, message(14, { epoch: 6 }), QUOTA), stale);
    });

    inRoom(
      "takes no message of an epoch before somebody was removed, which that person could open",
      async ({ rooms }) => {
        await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, {}, QUOTA);
        assert.equal((await rooms.append(ROOM, message(11, { epoch: 1 }), QUOTA)).type, "appended");
        await rooms.appendCommit(ROOM, commit(2, { epoch: 2 }), 1, { removed: [BOB] }, QUOTA);
        const stale = { type: "stale", epoch: 3, lastCommit: 3 };
        assert.deepEqual(await rooms.append(ROOM, message(12, { epoch: 2 }), QUOTA), stale);
        assert.equal((await rooms.append(ROOM, message(13, { epoch: 3 }), QUOTA)).type, "appended");
        await rooms.appendCommit(ROOM, commit(3, { epoch: 3 }), 3, {}, QUOTA);
        assert.equal((await rooms.append(ROOM, message(14, { epoch: 3 }), QUOTA)).type, "appended");
        assert.equal((await rooms.append(ROOM, message(15, { epoch: 2 }), QUOTA)).type, "stale");
        assert.equal((await rooms.room(ROOM))?.leastEpoch, 3);
        // Members refuse what came since, and one of them goes on from an epoch before it.
        await rooms.appendCommit(ROOM, commit(4, { epoch: 1 }), 5, {}, QUOTA);
        assert.equal((await rooms.append(ROOM, message(16, { epoch: 2 }), QUOTA)).type, "appended");
      },
    );

    inRoom("takes no message of an epoch before somebody came, who could not open it", async ({ rooms }) => {
      const seats = [{ key: BOB, role: "member" as const }];
      await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, { seats }, QUOTA);
      assert.equal((await rooms.append(ROOM, message(11, { epoch: 1 }), QUOTA)).type, "appended");
      await rooms.appendCommit(
        ROOM,
        commit(2, { epoch: 2 }),
        1,
        { seats: [...seats, { key: CYD, role: "member" }] },
        QUOTA,
      );
      assert.equal((await rooms.append(ROOM, message(12, { epoch: 2 }), QUOTA)).type, "stale");
      assert.equal((await rooms.append(ROOM, message(13, { epoch: 3 }), QUOTA)).type, "appended");
    });

    inRoom("changes seats, name, group info and mail with a commit, or nothing of it", async (store) => {
      const { rooms, mail } = store;
      await store.accounts.addAccount(account(3, "cyd"));
      const letter = { id: id(1), to: CYD, kind: "welcome" as const, bytes: key(8), atMs: 5 };
      const change = {
        seats: [
          { key: CYD, role: "member" as const },
          { key: ADA, role: "moderator" as const },
        ],
        removed: [BOB],
        listedName: "ops",
        groupInfo: key(77),
        letters: [letter],
      };
      await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), -1, change, QUOTA);
      assert.deepEqual(await mail.letters(CYD, 5), [], "it was stale");
      assert.deepEqual(await rooms.roomsOf(CYD), []);
      await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, change, QUOTA);
      const room = (await rooms.room(ROOM))!;
      assert.deepEqual(room.seats, [
        { key: ADA, role: "moderator", from: 0, cursor: 0 },
        { key: CYD, role: "member", from: 1, cursor: 1 },
      ]);
      assert.equal(room.listedName, "ops");
      assert.deepEqual(await rooms.groupInfo(ROOM), { bytes: key(77), epoch: 2, lastCommit: 1 });
      await rooms.append(ROOM, message(11, { epoch: 2 }), QUOTA);
      assert.deepEqual(await rooms.groupInfo(ROOM), { bytes: key(77), epoch: 2, lastCommit: 1 });
      assert.deepEqual(await mail.letters(CYD, 5), [letter]);
      assert.deepEqual(await rooms.roomsOf(CYD), [ROOM]);
      await rooms.createRoom({ id: id(3), creator: CYD, listedName: "dev" }, 5);
      const next = commit(2, { epoch: 2 });
      assert.equal(await rooms.groupInfo(id(9)), undefined);
      assert.deepEqual(await rooms.appendCommit(ROOM, next, 1, { listedName: "dev" }, QUOTA), { type: "name-taken" });
      assert.equal((await rooms.appendCommit(ROOM, next, 1, { listedName: "ops" }, QUOTA)).type, "appended");
      assert.equal(await rooms.groupInfo(ROOM), undefined, "that of an older epoch goes");
      const last = { listedName: null, groupInfo: key(78) };
      assert.equal((await rooms.appendCommit(ROOM, commit(3, { epoch: 3 }), 3, last, QUOTA)).type, "appended");
      assert.equal((await rooms.room(ROOM))?.listedName, undefined);
      assert.deepEqual((await rooms.groupInfo(ROOM))?.bytes, key(78));
      await rooms.closeRoom(ROOM);
      assert.equal(await rooms.groupInfo(ROOM), undefined);
    });

    inRoom("takes nothing of somebody without a seat, but a commit by a link", async ({ rooms }) => {
      assert.deepEqual(await rooms.append(ROOM, message(1, { poster: CYD }), QUOTA), { type: "no-seat" });
      const entry = commit(1, { poster: CYD, epoch: 1, atMs: 10 });
      assert.deepEqual(await rooms.appendCommit(ROOM, entry, 0, {}, QUOTA), { type: "no-seat" });
      const change = { link: "l", seats: [{ key: CYD, role: "member" as const }] };
      const attempt = () => rooms.appendCommit(ROOM, entry, 0, change, QUOTA);
      assert.deepEqual(await attempt(), { type: "no-link", use: "unknown" });
      assert.equal(await rooms.addLink(ROOM, { id: "l", uses: 0, expiresAtMs: 99 }), true);
      assert.equal(await rooms.addLink(ROOM, { id: "l", uses: 5, expiresAtMs: 99 }), false);
      assert.equal(await rooms.addLink(id(9), { id: "l", uses: 5, expiresAtMs: 99 }), false);
      assert.deepEqual(await attempt(), { type: "no-link", use: "spent" });
      assert.equal(await rooms.revokeLink(ROOM, "l"), true);
      assert.equal(await rooms.revokeLink(ROOM, "l"), false);
      await rooms.addLink(ROOM, { id: "l", uses: 2, expiresAtMs: 10 });
      assert.deepEqual(await attempt(), { type: "no-link", use: "expired" });
      await rooms.revokeLink(ROOM, "l");
      await rooms.addLink(ROOM, { id: "l", uses: 2, expiresAtMs: 11 });
      const stale = await rooms.appendCommit(ROOM, entry, -1, change, QUOTA);
      assert.equal(stale.type, "stale");
      assert.deepEqual(await rooms.links(ROOM), [{ id: "l", uses: 2, expiresAtMs: 11 }], "a stale commit uses nothing");
      assert.deepEqual(await attempt(), { type: "appended", seq: 1 });
      assert.deepEqual(await attempt(), { type: "already", seq: 1 });
      assert.deepEqual(await rooms.links(ROOM), [{ id: "l", uses: 1, expiresAtMs: 11 }]);
      assert.deepEqual(await rooms.append(ROOM, message(2, { poster: CYD, epoch: 2 }), QUOTA), {
        type: "appended",
        seq: 2,
      });
    });

    inRoom("keeps the invite of a link as long as the link, and counts their uses apart", async (store) => {
      const { rooms, accounts } = store;
      const told: News[] = [];
      store.subscribe((news) => told.push(news));
      const link = { id: "l", uses: 3, expiresAtMs: 99 };
      const other = { ...link, id: "m" };
      assert.equal(await rooms.addLink(ROOM, link, key(7)), true);
      assert.equal(await rooms.addLink(ROOM, link, key(8)), false);
      assert.equal(await rooms.addLink(ROOM, other, key(8)), true);
      assert.equal(await rooms.addLink(ROOM, { ...link, id: "n" }), true);
      assert.equal(await rooms.addLink(id(9), link, key(9)), false);
      const name = linkInviteId(ROOM, "l");
      assert.ok(isLinkInvite(name) && !isLinkInvite("operator"));
      assert.deepEqual(await accounts.invite(name), { ...link, id: name, psk: key(7) });
      assert.equal((await accounts.invites()).length, 2);
      assert.equal(await accounts.useInvite(name, CYD, 98), "used");
      assert.equal(await accounts.useInvite(name, BOB, 99), "expired");
      assert.equal((await accounts.invite(name))?.uses, 2);
      const change = { link: "m", seats: [{ key: CYD, role: "member" as const }] };
      await rooms.appendCommit(ROOM, commit(1, { poster: CYD, epoch: 1, atMs: 10 }), 0, change, QUOTA);
      assert.deepEqual(
        (await rooms.links(ROOM)).map(({ uses }) => uses),
        [3, 2, 3],
      );
      assert.equal((await accounts.invite(linkInviteId(ROOM, "m")))?.uses, 3);
      assert.equal(await rooms.revokeLink(ROOM, "l"), true);
      assert.equal(await accounts.invite(name), undefined);
      await rooms.closeRoom(ROOM);
      assert.deepEqual(await accounts.invites(), []);
      assert.deepEqual(
        told.flatMap((news) => (news.type === "invite" ? [news.id] : [])),
        ["l", "m", "l", "m"].map((one) => linkInviteId(ROOM, one)),
      );
    });

    inRoom("takes a commit that takes a seat in a full room: who has filled it can be removed", async ({ rooms }) => {
      const quotas = { entries: 1, bytes: 1, posterEntries: 1, posterBytes: 1 };
      assert.equal((await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, {}, quotas)).type, "full");
      const removal = await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, { removed: [BOB] }, quotas);
      assert.equal(removal.type, "appended");
    });

    inRoom("refuses what is over a quota of the room or of the poster", async ({ rooms }) => {
      const length = 8;
      const quotas = { entries: 3, bytes: 40, posterEntries: 9, posterBytes: 24 };
      const post = (number: number, poster = ADA) =>
        rooms.append(ROOM, message(number, { bytes: new Uint8Array(length), poster }), quotas);
      // The commit of `inRoom` has 8 bytes.
      assert.equal((await post(1)).type, "appended");
      assert.deepEqual(await rooms.append(ROOM, message(2, { bytes: new Uint8Array(9) }), quotas), {
        type: "full",
        of: "posterBytes",
      });
      assert.equal((await post(2)).type, "appended");
      assert.deepEqual(await post(3, BOB), { type: "full", of: "entries" });
      assert.equal((await rooms.appendCommit(ROOM, commit(9, { epoch: 1 }), 0, {}, quotas)).type, "full");
      const wide = { ...quotas, entries: 9, posterBytes: 99 };
      assert.equal((await rooms.append(ROOM, message(4, { bytes: new Uint8Array(16) }), wide)).type, "appended");
      assert.deepEqual(await rooms.append(ROOM, message(5, { bytes: new Uint8Array(1) }), wide), {
        type: "full",
        of: "bytes",
      });
      assert.equal((await rooms.room(ROOM))?.bytes, 40);
    });

    inRoom("counts the entries of each poster, as long as they are kept", async ({ rooms }) => {
      const quotas = { ...QUOTA, posterEntries: 2 };
      const post = (number: number, poster = ADA) => rooms.append(ROOM, message(number, { poster }), quotas);
      // The commit of `inRoom` is hers, too.
      assert.equal((await post(1)).type, "appended");
      assert.deepEqual(await post(2), { type: "full", of: "posterEntries" });
      const commitToo = await rooms.appendCommit(ROOM, commit(9, { epoch: 1 }), 0, {}, quotas);
      assert.deepEqual(commitToo, { type: "full", of: "posterEntries" });
      assert.equal((await post(2, BOB)).type, "appended");
      for (const who of [ADA, BOB]) await rooms.acknowledge(ROOM, who, 1);
      await rooms.prune(0, 99);
      assert.equal((await post(2)).type, "appended");
      assert.equal((await post(3)).type, "full");
    });

    inRoom("moves cursors forward only, and deletes what everybody has or what is too old", async ({ rooms }) => {
      for (const number of [1, 2, 3, 4]) await rooms.append(ROOM, message(number), QUOTA);
      assert.equal(await rooms.acknowledge(ROOM, ADA, 4), true);
      assert.equal(await rooms.acknowledge(ROOM, BOB, 2), true);
      assert.equal(await rooms.acknowledge(ROOM, BOB, 1), true);
      assert.equal(await rooms.acknowledge(ROOM, BOB, 6), false);
      assert.equal(await rooms.acknowledge(ROOM, CYD, 1), false);
      assert.equal(await rooms.acknowledge(id(9), ADA, 1), false);
      assert.deepEqual(
        (await rooms.room(ROOM))?.seats.map(({ cursor }) => cursor),
        [4, 2],
      );
      assert.equal(await rooms.prune(0, 1), 1);
      assert.equal(await rooms.prune(0, 9), 1);
      assert.deepEqual(seqs(await rooms.read(ROOM, 0, 1_000)), [2, 3, 4]);
      const { oldest, next, bytes } = (await rooms.room(ROOM))!;
      assert.deepEqual({ oldest, next, bytes }, { oldest: 2, next: 5, bytes: 21 });
      assert.deepEqual(await rooms.append(ROOM, message(1), QUOTA), { type: "already", seq: 1 });
      // The entry with number n came at n, the commit at 50.
      assert.equal(await rooms.prune(4, 9), 2);
      assert.deepEqual(seqs(await rooms.read(ROOM, 0, 1_000)), [4]);
      assert.equal(await rooms.prune(4, 9), 0);
    });

    inRoom("deletes everything of a room in which nobody sits", async ({ rooms }) => {
      await rooms.appendCommit(ROOM, commit(1, { epoch: 1 }), 0, { removed: [ADA, BOB] }, QUOTA);
      assert.equal(await rooms.prune(0, 9), 2);
      assert.deepEqual(await rooms.read(ROOM, 0, 1_000), []);
    });
  });

  describe(`${name}: mail`, () => {
    inRoom("keeps letters in order until they are dropped, up to a number", async ({ mail }) => {
      const letter = (number: number) => ({
        id: id(number),
        to: BOB,
        kind: "knock" as const,
        bytes: key(number),
        atMs: number,
      });
      assert.equal(await mail.send(letter(1), 2), "sent");
      assert.equal(await mail.send(letter(1), 2), "already");
      assert.equal(await mail.send(letter(2), 2), "sent");
      assert.equal(await mail.send(letter(3), 2), "full");
      assert.equal(await mail.send({ ...letter(3), to: CYD }, 2), "unknown-account");
      assert.deepEqual(await mail.letters(BOB, 5), [letter(1), letter(2)]);
      assert.deepEqual(await mail.letters(BOB, 1), [letter(1)]);
      assert.equal(await mail.countLetters(BOB), 2);
      assert.equal(await mail.countLetters(CYD), 0);
      assert.equal(await mail.drop(ADA, id(1)), false);
      assert.equal(await mail.drop(BOB, id(1)), true);
      assert.equal(await mail.drop(BOB, id(1)), false);
      assert.deepEqual(await mail.letters(BOB, 5), [letter(2)]);
    });
  });

  describe(`${name}: as a whole`, () => {
    inRoom("tells what has changed, once it has, until one listens no more", async (store) => {
      const told: News[] = [];
      const end = store.subscribe((news) => told.push(news));
      await store.rooms.append(ROOM, message(1), QUOTA);
      await store.rooms.append(ROOM, message(1), QUOTA);
      const entries = async (seq: number): Promise<News> => {
        const [entry] = await store.rooms.read(ROOM, seq, 1);
        assert.ok(entry !== undefined && entry.seq === seq);
        return { type: "entries", room: ROOM, next: seq + 1, entry };
      };
      assert.deepEqual(told.splice(0), [await entries(1)]);
      const letter = { id: id(1), to: BOB, kind: "welcome" as const, bytes: key(8), atMs: 5 };
      await store.rooms.appendCommit(ROOM, commit(2, { epoch: 1 }), 0, { letters: [letter] }, QUOTA);
      assert.deepEqual(told.splice(0), [{ type: "letter", to: BOB }, await entries(2)]);
      const seats = [{ key: CYD, role: "member" as const }];
      await store.rooms.appendCommit(ROOM, commit(3, { epoch: 2 }), 2, { seats }, QUOTA);
      await store.rooms.appendCommit(ROOM, commit(4, { epoch: 3 }), 3, { removed: [CYD] }, QUOTA);
      await store.rooms.createRoom({ id: id(9), creator: ADA }, 5);
      assert.deepEqual(told.splice(0), [
        { type: "seats", room: ROOM },
        await entries(3),
        { type: "seats", room: ROOM },
        await entries(4),
        { type: "seats", room: id(9) },
      ]);
      await store.mail.send({ ...letter, id: id(2) }, 5);
      await store.accounts.changeAccount(BOB, { standing: "suspended" });
      await store.rooms.closeRoom(ROOM);
      assert.deepEqual(told.splice(0), [
        { type: "letter", to: BOB },
        { type: "account", key: BOB },
        { type: "room-closed", room: ROOM },
      ]);
      await store.accounts.addInvite({ id: "i", psk: key(7), uses: 1, expiresAtMs: 9 });
      await store.accounts.revokeInvite("i");
      assert.deepEqual(told.splice(0), [
        { type: "invite", id: "i" },
        { type: "invite", id: "i" },
      ]);
      await store.accounts.removeAccount(ADA);
      assert.deepEqual(told.splice(0), [
        { type: "seats", room: id(9) },
        { type: "account", key: ADA },
      ]);
      end();
      await store.accounts.changeAccount(BOB, { standing: "active" });
      assert.deepEqual(told, []);
    });

    test("refuses keys and ids of another length", async (store) => {
      const short = new Uint8Array(31);
      for (const call of [
        () => store.accounts.account(short),
        () => store.accounts.addAccount({ ...account(1, "ada"), signatureKey: short }),
        () => store.keyPackages.takeKeyPackage(short, 0),
        () => store.rooms.createRoom({ id: short, creator: ADA }, 1),
        () => store.rooms.append(ROOM, message(1, { id: short }), QUOTA),
        () => store.rooms.roomsOf(short),
        () => store.mail.letters(short, 1),
      ]) {
        await assert.rejects(call, RangeError);
      }
    });
  });
}
