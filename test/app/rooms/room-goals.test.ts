// Goals, run to their end in a room without cryptography: each commit is judged by the rules, applied, and asked again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  described,
  type Goal,
  leaversGone,
  left,
  linkKnown,
  linksForgotten,
  memberAdded,
  memberBanned,
  memberRemoved,
  memberUnbanned,
  type Plan,
  renewed,
  roleGiven,
  seatsReleased,
} from "../../../src/app/rooms/room-goals.ts";
import { toHex } from "../../../src/core/bytes.ts";
import type { PublicIdentity } from "../../../src/core/identity/identity.ts";
import type { GroupProposal, GroupView, Member } from "../../../src/core/room/group-crypto.ts";
import { ROOM_RULES } from "../../../src/core/room/policy.ts";
import {
  decodeRoomContext,
  encodeRoomContext,
  type Role,
  type RoomContext,
} from "../../../src/core/room/room-context.ts";
import { throwsLair } from "../../throws-lair.ts";

const person = (number: number): PublicIdentity => ({
  publicKey: new Uint8Array(32).fill(number),
  signatureKey: new Uint8Array(32).fill(number + 100),
});
const [ada, mel, bob, cyd, zoe] = [1, 2, 3, 4, 5].map(person) as [
  PublicIdentity,
  PublicIdentity,
  PublicIdentity,
  PublicIdentity,
  PublicIdentity,
];
const key = (who: PublicIdentity): string => toHex(who.signatureKey);
const LINK = new Uint8Array(16).fill(9);
const SECRET = new Uint8Array(32).fill(8);
const PACKAGE = new Uint8Array(3).fill(5);

/** A room with ada, its admin, mel, a moderator, bob and cyd. */
class Room {
  context: RoomContext = {
    kind: "room",
    name: "ops",
    topic: "",
    sharedLines: 0,
    roles: new Map([
      [key(ada), "admin"],
      [key(mel), "moderator"],
    ]),
    leaving: new Set(),
    banned: new Set(),
    links: new Map(),
  };
  roster: readonly Member[] = [ada, mel, bob, cyd].map((who, leafIndex) => ({ ...who, leafIndex }));

  constructor(change: Partial<RoomContext> = {}) {
    this.context = { ...this.context, ...change };
  }

  plan(self: PublicIdentity, goal: Goal, applied: number): Plan | undefined {
    const view: GroupView = {
      suite: "hybrid",
      groupId: new Uint8Array(16),
      epoch: 0n,
      context: encodeRoomContext(this.context),
      roster: this.roster,
      ownLeaf: 0,
      epochAuthenticator: new Uint8Array(32),
    };
    return goal({ view, context: this.context, self, applied });
  }

  /** Judges and applies a commit, in which key packages are `added`'s; says why it is refused. */
  commit(self: PublicIdentity, { changes }: Plan, added = zoe): string | undefined {
    const removed = this.roster.filter(({ leafIndex }) => changes.remove?.includes(leafIndex) === true);
    const proposals: GroupProposal[] = [
      ...(changes.add ?? []).map(() => ({ kind: "add" as const, who: added })),
      ...removed.map((who) => ({ kind: "remove" as const, who })),
      ...(changes.context === undefined ? [] : [{ kind: "context" as const, context: changes.context }]),
    ];
    const sender = { kind: "member" as const, ...this.roster.find((one) => key(one) === key(self))! };
    const { roster } = this;
    const refusal = ROOM_RULES.judge({ context: encodeRoomContext(this.context), roster, sender, proposals });
    if (refusal !== undefined) return refusal;
    if (changes.context !== undefined) this.context = decodeRoomContext(changes.context);
    this.roster = this.roster.filter((one) => !removed.includes(one));
    if (changes.add !== undefined) this.roster = [...this.roster, { ...added, leafIndex: this.roster.length + 10 }];
    return undefined;
  }

  /** Commits towards a goal until it is reached; the plans, in order. */
  reach(self: PublicIdentity, goal: Goal): Plan[] {
    const plans: Plan[] = [];
    for (;;) {
      const plan = this.plan(self, goal, plans.length);
      if (plan === undefined) return plans;
      assert.equal(this.commit(self, plan), undefined);
      plans.push(plan);
      assert.ok(plans.length < 5, "it is reached");
    }
  }

  has(who: PublicIdentity): boolean {
    return this.roster.some((one) => key(one) === key(who));
  }

  role(who: PublicIdentity): Role {
    return this.context.roles.get(key(who)) ?? "member";
  }
}

const names = (plans: readonly Plan[]): string[] => plans.map(({ changes }) => Object.keys(changes).join(" "));

describe("a goal in a room", () => {
  it("renews keys by one empty commit", () => {
    assert.deepEqual(new Room().reach(bob, renewed), [{ changes: {}, renews: true }]);
  });

  it("adds somebody with a seat and a welcome, and nobody who is there", () => {
    const room = new Room();
    assert.deepEqual(room.reach(bob, memberAdded(zoe, PACKAGE)), [
      {
        changes: { add: [PACKAGE] },
        seats: [{ key: zoe.publicKey, role: "member" }],
        welcomes: [zoe.publicKey],
      },
    ]);
    assert.ok(room.has(zoe));
    assert.deepEqual(room.reach(ada, memberAdded(zoe, PACKAGE)), []);
  });

  it("adds somebody who has left: first she is removed, then forgotten, then added", () => {
    const room = new Room();
    room.reach(cyd, left);
    const goal = memberAdded(cyd, PACKAGE);
    const plans: Plan[] = [];
    for (let plan; (plan = room.plan(bob, goal, plans.length)) !== undefined; plans.push(plan)) {
      assert.equal(room.commit(bob, plan, cyd), undefined);
    }
    assert.deepEqual(names(plans), ["remove", "context", "add"]);
    assert.ok(room.has(cyd));
    assert.equal(room.context.leaving.size, 0);
  });

  it("removes somebody after her role was taken, and tells the hub both", () => {
    const room = new Room();
    const plans = room.reach(ada, memberRemoved(mel));
    assert.deepEqual(names(plans), ["context", "remove"]);
    assert.deepEqual(plans[0]?.seats, [{ key: mel.publicKey, role: "member" }]);
    assert.deepEqual(plans[1]?.removed, [mel.publicKey]);
    assert.equal(room.has(mel), false);
    assert.deepEqual(names(room.reach(ada, memberRemoved(bob))), ["remove"]);
    assert.deepEqual(room.reach(ada, memberRemoved(zoe)), []);
  });

  it("bans somebody before it removes her, so that no link brings her back in between", () => {
    const room = new Room();
    assert.deepEqual(names(room.reach(ada, memberBanned(mel))), ["context", "context", "remove"]);
    assert.deepEqual([room.has(mel), room.context.banned.has(key(mel)), room.role(mel)], [false, true, "member"]);
    assert.deepEqual(names(room.reach(ada, memberBanned(zoe))), ["context"], "who is not there");
    assert.deepEqual(names(room.reach(ada, memberUnbanned(mel))), ["context"]);
    assert.deepEqual([...room.context.banned], [key(zoe)]);
    assert.deepEqual(room.reach(ada, memberUnbanned(mel)), []);
  });

  it("forgets the links that somebody knows before she is removed, and with the ban", () => {
    const room = new Room({ links: new Map([[toHex(LINK), SECRET]]) });
    assert.deepEqual(names(room.reach(mel, memberRemoved(cyd))), ["context", "remove"]);
    assert.equal(room.context.links.size, 0);
    room.reach(ada, linkKnown(LINK, SECRET));
    const goal = memberBanned(bob);
    room.commit(mel, room.plan(mel, goal, 0)!);
    assert.deepEqual([room.context.banned.has(key(bob)), room.context.links.size], [true, 0], "in one commit");
    // A link that was made in between goes before she does.
    room.reach(ada, linkKnown(LINK, SECRET));
    assert.deepEqual(names(room.reach(mel, goal)), ["context", "remove"]);
    assert.equal(room.context.links.size, 0);
  });

  it("gives and takes roles of people who are there", () => {
    const room = new Room();
    const [plan, ...more] = room.reach(ada, roleGiven(bob, "moderator"));
    assert.deepEqual([plan?.seats, more.length], [[{ key: bob.publicKey, role: "moderator" }], 0]);
    assert.equal(room.role(bob), "moderator");
    assert.deepEqual(room.reach(ada, roleGiven(bob, "moderator")), []);
    room.reach(ada, roleGiven(bob, "member"));
    assert.equal(room.role(bob), "member");
    throwsLair(() => room.plan(ada, roleGiven(zoe, "admin"), 0), "peer-unknown");
  });

  it("names the room, and tells the hub only if it is public", () => {
    const room = new Room();
    assert.deepEqual(names(room.reach(mel, described({ name: "art", topic: "of it" }))), ["context"]);
    assert.deepEqual([room.context.name, room.context.topic], ["art", "of it"]);
    assert.deepEqual(room.reach(mel, described({ topic: "of it" })), []);
    const [listed] = room.reach(ada, described({}, true));
    assert.deepEqual(listed?.listing, { name: "art" });
    const [unlisted] = room.reach(ada, described({ name: "ops" }, false));
    assert.deepEqual([unlisted?.listing, room.context.name], [{ name: undefined }, "ops"]);
  });

  it("takes seats at the hub of nobody: first their roles, and none of somebody who has come meanwhile", () => {
    const room = new Room();
    const [ghost, zoes] = [new Uint8Array(32).fill(77), zoe.publicKey];
    const seats = [
      { key: ghost, role: "moderator" as const },
      { key: zoes, role: "member" as const },
    ];
    const plans = room.reach(ada, seatsReleased(seats));
    assert.deepEqual(
      plans.map(({ changes, seats: given, removed }) => ({ changes, given, removed })),
      [
        { changes: {}, given: seats.map(({ key: one }) => ({ key: one, role: "member" })), removed: undefined },
        { changes: {}, given: undefined, removed: [ghost, zoes] },
      ],
    );
    room.reach(ada, memberAdded(zoe, PACKAGE));
    assert.deepEqual(room.reach(mel, seatsReleased([seats[1]!])), [], "zoe is there");
    assert.deepEqual(room.plan(ada, seatsReleased(seats), 1)?.removed, [ghost]);
  });

  it("makes a link known, and forgotten", () => {
    const room = new Room();
    assert.deepEqual(names(room.reach(mel, linkKnown(LINK, SECRET))), ["context"]);
    assert.deepEqual(room.context.links.get(toHex(LINK)), SECRET);
    assert.deepEqual(room.reach(mel, linkKnown(LINK, SECRET)), []);
    room.reach(ada, linksForgotten([toHex(LINK)]));
    assert.equal(room.context.links.size, 0);
  });

  it("makes a link known in the place of those that are over, and no more than a room may have", () => {
    const ids = Array.from({ length: 16 }, (_, index) => toHex(new Uint8Array(16).fill(index + 100)));
    const room = new Room({ links: new Map(ids.map((one) => [one, SECRET])) });
    const full = throwsLair(() => room.plan(ada, linkKnown(LINK, SECRET), 0), "usage");
    assert.match(full.hint ?? "", /invite link off/u);
    assert.deepEqual(names(room.reach(ada, linkKnown(LINK, SECRET, ids.slice(0, 2)))), ["context"]);
    assert.deepEqual([...room.context.links.keys()].toSorted(), [toHex(LINK), ...ids.slice(2)].toSorted());
    // It was known, and somebody has revoked it: it does not come back.
    room.reach(mel, linksForgotten([toHex(LINK)]));
    throwsLair(() => room.plan(ada, linkKnown(LINK, SECRET), 1), "usage");
    room.reach(mel, linksForgotten(ids));
    assert.equal(room.context.links.size, 0);
  });

  it("leaves with a note and without a role; then anybody lets her go", () => {
    const room = new Room();
    const [note] = room.reach(mel, left);
    assert.deepEqual(note?.removed, [mel.publicKey]);
    assert.deepEqual([room.has(mel), room.role(mel)], [true, "member"]);
    room.reach(cyd, left);
    // A person who leaves does not remove herself, but others who leave.
    const [plan, ...more] = room.reach(bob, leaversGone);
    assert.deepEqual([plan?.removed, more.length], [[mel.publicKey, cyd.publicKey], 1]);
    assert.deepEqual(room.roster.map(key), [ada, bob].map(key));
    // They are forgotten then, and may come again.
    assert.equal(room.context.leaving.size, 0);
  });

  it("leaves by handing on, after an invitation that made one the only admin", () => {
    const room = new Room({ roles: new Map([[key(bob), "admin"]]) });
    const declined: Goal = (now) => left({ ...now, invitedBy: cyd });
    const [note] = room.reach(bob, declined);
    assert.deepEqual(note?.seats, [{ key: cyd.publicKey, role: "admin" }]);
    assert.deepEqual([room.role(cyd), room.role(bob)], ["admin", "member"]);
    // All others leave: they go first.
    const alone = new Room({ roles: new Map([[key(bob), "admin"]]), leaving: new Set([ada, mel, cyd].map(key)) });
    assert.deepEqual(names(alone.reach(bob, declined)), ["remove", "context"]);
  });

  it("is made anew for the room that others have changed, or is reached by them", () => {
    const room = new Room();
    // mel wants bob banned; before her commit is taken, ada gives bob a role, which only ada may take again.
    const goal = memberBanned(bob);
    assert.deepEqual(Object.keys(room.plan(mel, goal, 0)!.changes), ["context"]);
    room.reach(ada, roleGiven(bob, "moderator"));
    assert.equal(room.commit(mel, room.plan(mel, goal, 0)!), "only admins give and take roles");
    // Others' changes stay in what is made anew.
    const link = linkKnown(LINK, SECRET);
    const stale = room.plan(ada, link, 0)!;
    room.reach(mel, described({ name: "later" }));
    assert.notDeepEqual(room.plan(ada, link, 0), stale);
    room.reach(ada, link);
    assert.deepEqual([room.context.name, room.context.links.size], ["later", 1]);
    // Somebody else came first with the same.
    room.reach(ada, memberRemoved(cyd));
    assert.equal(room.plan(mel, memberRemoved(cyd), 0), undefined);
  });

  it("is reached once it was done: whoever undoes it at once has come later, and nobody goes on for ever", () => {
    const room = new Room();
    const undone = { name: described({ name: "later" }), role: roleGiven(cyd, "admin"), ban: memberUnbanned(bob) };
    for (const goal of Object.values(undone)) assert.equal(room.plan(ada, goal, 1), undefined);
    // UTF-8 has no half of a pair.
    const [plan, ...more] = room.reach(ada, described({ topic: "\ud800" }));
    assert.deepEqual([plan?.changes.context !== undefined, more.length], [true, 0]);
  });

  it("is planned though the rules forbid it: they are asked before it is sent", () => {
    const room = new Room();
    for (const [who, goal] of [
      [bob, memberRemoved(cyd)],
      [bob, described({ name: "mine" })],
      [bob, linkKnown(LINK, SECRET)],
      [mel, roleGiven(bob, "admin")],
      [ada, left],
    ] as const) {
      assert.notEqual(room.commit(who, room.plan(who, goal, 0)!), undefined);
    }
  });
});
