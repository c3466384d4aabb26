// The rules of a room: the table at the head of policy.ts, as a table. Each row is one change, and who may make it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHex } from "../../../src/core/bytes.ts";
import type { CommitToJudge, GroupProposal, Member } from "../../../src/core/room/group-crypto.ts";
import { allows, mayDelete, mayHaveLed, maySpeak, roleOf, ROOM_RULES } from "../../../src/core/room/policy.ts";
import { encodeRoomContext, type Role, type RoomContext, type RoomKind } from "../../../src/core/room/room-context.ts";

const person = (leafIndex: number): Member => ({
  leafIndex,
  publicKey: new Uint8Array(32).fill(leafIndex + 1),
  signatureKey: new Uint8Array(32).fill(leafIndex + 101),
});
const key = (member: Member): string => toHex(member.signatureKey);

const [ada, mel, bob, cyd, eve, zoe] = [0, 1, 2, 3, 4, 5].map(person) as [
  Member,
  Member,
  Member,
  Member,
  Member,
  Member,
];
// ada is admin, mel moderator, bob a member, cyd has said that she leaves; eve is admin too. zoe is a stranger.
const ROSTER = [ada, mel, bob, cyd, eve];
const LINK = "0a".repeat(16);
const SECRET = new Uint8Array(32).fill(9);
const BANNED = person(40);
const GONE = person(41);

const room: RoomContext = {
  kind: "room",
  name: "ops",
  topic: "",
  sharedLines: 0,
  roles: new Map([
    [key(ada), "admin"],
    [key(mel), "moderator"],
    [key(eve), "admin"],
  ]),
  leaving: new Set([key(cyd), key(GONE)]),
  banned: new Set([key(BANNED)]),
  links: new Map([[LINK, SECRET]]),
};
const direct: RoomContext = {
  ...room,
  kind: "direct",
  name: "",
  roles: new Map(),
  leaving: new Set(),
  banned: new Set(),
  links: new Map(),
};

const by = (sender: Member): CommitToJudge["sender"] => ({ kind: "member", ...sender });
const changed = (change: Partial<RoomContext>, before = room): GroupProposal => ({
  kind: "context",
  context: encodeRoomContext({ ...before, ...change }),
});
const add = (who: Member): GroupProposal => ({ kind: "add", who });
const remove = (who: Member): GroupProposal => ({ kind: "remove", who });
const withRole = (who: Member, role: Role): Partial<RoomContext> => {
  const roles = new Map(room.roles);
  if (role === "member") roles.delete(key(who));
  else roles.set(key(who), role);
  return { roles };
};
const without = (set: ReadonlySet<string>, who: Member): Set<string> =>
  new Set([...set].filter((one) => one !== key(who)));

/** Who of ada (admin), mel (moderator), bob (member), cyd (who leaves) may do it, as letters. */
function whoMay(before: RoomContext, roster: readonly Member[], proposals: readonly GroupProposal[]): string {
  const context = encodeRoomContext(before);
  const senders = { a: ada, m: mel, b: bob, c: cyd };
  return Object.entries(senders)
    .filter(([, sender]) => roster.includes(sender) && allows({ context, roster, sender: by(sender), proposals }))
    .map(([letter]) => letter)
    .join("");
}

const COMMITS: readonly [what: string, proposals: readonly GroupProposal[], room: string, announcement: string][] = [
  ["renews the own keys", [], "ambc", "ambc"],
  ["adds a stranger", [add(zoe)], "ambc", "am"],
  ["adds two strangers", [add(zoe), add(person(7))], "ambc", "am"],
  ["adds who is banned", [add(BANNED)], "", ""],
  ["adds who is noted as leaving", [add(GONE)], "", ""],
  ["adds a stranger and who is banned", [add(zoe), add(BANNED)], "", ""],
  ["removes a member", [remove(bob)], "am", "am"],
  ["removes a moderator who has her role", [remove(mel)], "", ""],
  ["removes an admin who has her role", [remove(eve)], "", ""],
  ["removes whoever is leaving", [remove(cyd)], "ambc", "ambc"],
  ["removes a member and an admin", [remove(bob), remove(eve)], "", ""],
  ["adds one and removes one", [add(zoe), remove(bob)], "am", "am"],
  ["changes the name", [changed({ name: "dev" })], "am", "am"],
  ["changes the topic", [changed({ topic: "today" })], "am", "am"],
  ["hands lines to newcomers", [changed({ sharedLines: 5 })], "am", "am"],
  ["changes nothing of the data", [changed({})], "ambc", "ambc"],
  ["makes somebody a moderator", [changed(withRole(bob, "moderator"))], "a", "a"],
  ["makes somebody an admin", [changed(withRole(bob, "admin"))], "a", "a"],
  ["takes a moderator's role", [changed(withRole(mel, "member"))], "am", "am"],
  ["takes an admin's role", [changed(withRole(eve, "member"))], "a", "a"],
  ["makes an admin a moderator", [changed(withRole(eve, "moderator"))], "a", "a"],
  ["makes a moderator an admin", [changed(withRole(mel, "admin"))], "a", "a"],
  ["gives a role to a stranger", [changed(withRole(zoe, "moderator"))], "", ""],
  ["leaves no admin", [changed({ roles: new Map([[key(mel), "moderator"]]) })], "", ""],
  ["bans a stranger", [changed({ banned: new Set([...room.banned, key(zoe)]) })], "am", "am"],
  ["bans a member", [changed({ banned: new Set([...room.banned, key(bob)]) })], "am", "am"],
  ["bans an admin who has her role", [changed({ banned: new Set([...room.banned, key(eve)]) })], "", ""],
  ["unbans", [changed({ banned: new Set() })], "am", "am"],
  ["revokes a link", [changed({ links: new Map() })], "am", "am"],
  ["makes a link", [changed({ links: new Map([...room.links, ["0b".repeat(16), SECRET]]) })], "am", "am"],
  ["exchanges the secret of a link", [changed({ links: new Map([[LINK, new Uint8Array(32)]]) })], "am", "am"],
  ["notes that bob leaves", [changed({ leaving: new Set([...room.leaving, key(bob)]) })], "b", "b"],
  ["notes that cyd stays", [changed({ leaving: without(room.leaving, cyd) })], "c", "c"],
  ["forgets who is gone", [changed({ leaving: without(room.leaving, GONE) })], "ambc", "ambc"],
  ["notes that mel leaves, with her role", [changed({ leaving: new Set([...room.leaving, key(mel)]) })], "", ""],
  [
    "notes that mel leaves, and takes her role",
    [changed({ leaving: new Set([...room.leaving, key(mel)]), ...withRole(mel, "member") })],
    "m",
    "m",
  ],
  ["gives a role to whoever leaves", [changed(withRole(cyd, "moderator"))], "", ""],
  ["makes it direct", [changed({ kind: "direct" })], "", ""],
  ["changes the data and removes somebody", [changed({ name: "dev" }), remove(bob)], "", ""],
  ["changes the data and adds somebody", [changed({ name: "dev" }), add(zoe)], "am", "am"],
  ["proves a psk as a member", [{ kind: "psk", id: new Uint8Array(16).fill(10) }], "", ""],
  ["writes data that nobody can read", [{ kind: "context", context: Uint8Array.of(1, 9) }], "", ""],
];

describe("the rules of a room: commits", () => {
  for (const [what, proposals, inRoom, inAnnouncement] of COMMITS) {
    it(what, () => {
      assert.equal(whoMay(room, ROSTER, proposals), inRoom);
      const other = proposals.map((one) =>
        one.kind === "context" && one.context[1] === 1 ? { ...one, context: one.context.with(1, 2) } : one,
      );
      assert.equal(whoMay({ ...room, kind: "announcement" }, ROSTER, other), inAnnouncement, "announcement");
    });
  }

  it("turns a room into one for announcements, and back", () => {
    assert.equal(whoMay(room, ROSTER, [changed({ kind: "announcement" })]), "a");
    const announcement: RoomContext = { ...room, kind: "announcement" };
    assert.equal(whoMay(announcement, ROSTER, [changed({ kind: "room" })]), "a");
  });

  it("lets the last admin leave only when she is alone", () => {
    const alone: RoomContext = { ...room, roles: new Map([[key(ada), "admin"]]), leaving: new Set() };
    const leave = changed({ roles: new Map(), leaving: new Set([key(ada)]) }, alone);
    assert.equal(whoMay(alone, [ada, bob], [leave]), "");
    assert.equal(whoMay(alone, [ada], [leave]), "a");
  });

  it("knows two people and no roles in a direct room", () => {
    assert.equal(whoMay(direct, [ada, bob], []), "ab");
    assert.equal(whoMay(direct, [ada], [add(bob)]), "a");
    assert.equal(whoMay(direct, [ada, bob], [add(zoe)]), "");
    assert.equal(whoMay(direct, [ada, bob], [remove(bob)]), "");
    assert.equal(whoMay(direct, [ada, bob], [changed({ name: "us" }, direct)]), "");
    assert.equal(whoMay(direct, [ada, bob], [changed({ roles: new Map([[key(ada), "admin"]]) }, direct)]), "");
    assert.equal(whoMay(direct, [ada, bob], [changed({ banned: new Set([key(zoe)]) }, direct)]), "");
    const leave = { leaving: new Set([key(bob)]) };
    assert.equal(whoMay(direct, [ada, bob], [changed(leave, direct)]), "b");
    assert.equal(whoMay({ ...direct, ...leave }, [ada, bob], [remove(bob)]), "ab", "commit-shape.ts refuses bob");
  });

  it("refuses everything when the room's data cannot be read", () => {
    const commit = { context: new Uint8Array(0), roster: ROSTER, sender: by(ada), proposals: [] };
    assert.equal(ROOM_RULES.judge(commit), "the room's data cannot be read");
  });
});

function judge(who: Member, proposals: readonly GroupProposal[], before = room): boolean {
  const sender = { ...who, kind: "newcomer" } as const;
  return allows({ context: encodeRoomContext(before), roster: ROSTER, sender, proposals });
}
const speakers = (context: RoomContext): boolean[] => [ada, mel, bob].map((who) => maySpeak(context, who));

describe("the rules of a room: from outside", () => {
  const proof: GroupProposal = { kind: "psk", id: new Uint8Array(16).fill(10) };

  for (const kind of ["room", "announcement"] as const satisfies readonly RoomKind[]) {
    it(`lets in who proves a link: ${kind}`, () => {
      const before: RoomContext = { ...room, kind };
      assert.ok(judge(zoe, [proof], before));
      assert.ok(!judge(zoe, [], before), "without");
      assert.ok(!judge(zoe, [{ kind: "psk", id: new Uint8Array(16) }], before), "of another link");
      assert.ok(!judge(zoe, [proof], { ...before, links: new Map() }), "revoked");
      assert.ok(!judge(BANNED, [proof], before), "banned");
      assert.ok(!judge(GONE, [proof], before), "noted as leaving");
    });
  }

  it("lets a member rejoin, without a link", () => {
    for (const one of [ada, mel, bob]) assert.ok(judge(one, [remove(one)]));
    assert.ok(!judge(cyd, [remove(cyd)]), "noted as leaving: anybody could remove her again");
    assert.ok(!judge(bob, [remove(bob)], { ...room, banned: new Set([key(bob)]) }), "banned");
  });

  it("hands out the secret of a link that is there", () => {
    const context = encodeRoomContext(room);
    assert.deepEqual(ROOM_RULES.psk(context, new Uint8Array(16).fill(10)), SECRET);
    assert.equal(ROOM_RULES.psk(context, new Uint8Array(16).fill(11)), undefined);
  });
});

describe("the rules of a room: a later state of it, in one look", () => {
  const at = (change: Partial<RoomContext>, roster: readonly Member[] = ROSTER) => ({
    context: encodeRoomContext({ ...room, ...change }),
    roster,
  });
  const leaders = (later: ReturnType<typeof at>): string =>
    Object.entries({ a: ada, m: mel, b: bob, z: zoe })
      .filter(([, member]) => mayHaveLed(at({}), later, member))
      .map(([letter]) => letter)
      .join("");
  const table: readonly [what: string, later: ReturnType<typeof at>, who: string][] = [
    ["is as it was", at({}), "amb"],
    ["has another name", at({ name: "dev" }), "am"],
    ["has a new admin", at(withRole(bob, "admin")), "a"],
    ["has somebody more", at({}, [...ROSTER, zoe]), "amb"],
    ["has a new moderator who was not there", at(withRole(zoe, "moderator"), [...ROSTER, zoe]), "a"],
    ["lacks a member", at({}, [ada, mel, cyd, eve]), "am"],
    ["lacks who was leaving", at({}, [ada, mel, bob, eve]), "amb"],
    ["lacks an admin, who has her role", at({}, [ada, mel, bob, cyd]), ""],
    ["lacks an admin, without her role", at(withRole(eve, "member"), [ada, mel, bob, cyd]), "a"],
    ["says that somebody leaves", at({ leaving: new Set([...room.leaving, key(bob)]) }), "amb"],
    [
      "lacks who is said to leave since",
      at({ leaving: new Set([...room.leaving, key(bob)]) }, [ada, mel, cyd, eve]),
      "am",
    ],
    ["has somebody who is banned", at({}, [...ROSTER, BANNED]), ""],
  ];
  for (const [what, later, who] of table) {
    it(`${what}: ${who === "" ? "nobody" : who} may have led there`, () => assert.equal(leaders(later), who));
  }
});

describe("the rules of a room: messages", () => {
  it("lets everybody speak, but in an announcement room only who is above", () => {
    const announcement: RoomContext = { ...room, kind: "announcement" };
    assert.deepEqual(speakers(room), [true, true, true]);
    assert.deepEqual(speakers(direct), [true, true, true]);
    assert.deepEqual(speakers(announcement), [true, true, false]);
  });

  it("lets each delete her own, an admin everybody's, a moderator members'", () => {
    const people = [ada, mel, bob];
    const table = people.map((who) => people.map((author) => mayDelete(room, who, author)));
    assert.deepEqual(table, [
      [true, true, true],
      [false, true, true],
      [false, false, true],
    ]);
    assert.equal(mayDelete(direct, ada, bob), false);
    assert.equal(roleOf(direct, ada), "member");
  });
});
