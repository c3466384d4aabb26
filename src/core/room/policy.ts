// Who may do what in a room. Pure: every member's program judges every commit by it, before it sends its own and before
// it applies another's, from the group as it was before the commit and from nothing else: no clock, no store, no
// message. So all come to the same result. (What a clock or a count decides, such as the end of a link, the hub decides.)
//
//   commit                                admin   moderator   member
//   renew the own keys                     yes       yes       yes
//   add somebody who is not banned         yes       yes       yes, but not in an announcement room
//   remove a member                        yes       yes        -
//   remove a moderator or an admin         yes, after the role was taken       -         -
//   remove somebody who is leaving         yes       yes       yes
//   leave: note that one is leaving,       yes       yes       yes
//     and give up one's role                   (not as the last admin, while others are there)
//   change name, topic, shared lines       yes       yes        -
//   ban (somebody without a role), unban   yes       yes        -
//   make and revoke links                  yes       yes        -
//   give and take roles; announcement      yes        -         -
//   delete the note of somebody gone       yes       yes       yes
//
//   message                               admin   moderator   member
//   speak                                  yes       yes       yes, but not in an announcement room
//   edit another's                          -         -         -
//   delete another's                       yes       yes (a member's)     -
//   say how long lines last                yes       yes         -
//
//   from outside: join with the secret of a link, or rejoin, if still in the room; unless banned or noted as leaving.
//   a direct room: two people, no roles. Add while one is alone, renew, leave, remove somebody who is leaving.
//
// And always: at least one admin is left, roles belong to members, and a commit does not change the room's data and
// remove somebody at once (commit-shape.ts says so too).

import { equalInConstantTime, toHex } from "../bytes.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import type { CommitToJudge, GroupProposal, GroupRules, GroupView, Member } from "./group-crypto.ts";
import { decodeRoomContext, encodeRoomContext, type Role, type RoomContext } from "./room-context.ts";
import { keysOf } from "./roster.ts";

/** The rules of Lair's rooms, for an implementation of GroupCrypto. */
export const ROOM_RULES: GroupRules = {
  judge: (commit) => {
    try {
      return refusalOf(commit);
    } catch {
      return "the room's data cannot be read";
    }
  },
  psk: (context, id) => decodeRoomContext(context).links.get(toHex(id)),
};

/** Whether the rules allow a commit. */
export function allows(commit: CommitToJudge): boolean {
  return ROOM_RULES.judge(commit) === undefined;
}

/**
 * Whether the rules would have allowed one member alone to lead a room from what is known of it to what a GroupInfo says. For
 * who could not take the commits in between: nobody has judged them for her. Throws LairError `group-malformed`.
 */
export function mayHaveLed(
  known: Pick<GroupView, "context" | "roster">,
  later: Pick<GroupView, "context" | "roster">,
  by: PublicIdentity,
): boolean {
  const member = known.roster.find((one) => keysOf(one) === keysOf(by));
  if (member === undefined) return false;
  const sender = { kind: "member", ...member } as const;
  const [was, is] = [new Set(known.roster.map(keysOf)), new Set(later.roster.map(keysOf))];
  const come = later.roster.filter((one) => !was.has(keysOf(one)));
  const gone = known.roster.filter((one) => !is.has(keysOf(one)));
  // Members note only themselves as leaving, so notes by others are left out.
  const { leaving } = decodeRoomContext(known.context);
  const context = encodeRoomContext({ ...decodeRoomContext(later.context), leaving });
  const roster: readonly Member[] = [...known.roster, ...come];
  const isChanged = toHex(context) !== toHex(known.context);
  const changes: GroupProposal[] = isChanged ? [{ kind: "context", context }] : [];
  const moves: GroupProposal[] = [
    ...gone.map((who) => ({ kind: "remove", who }) as const),
    ...come.map((who) => ({ kind: "add", who }) as const),
  ];
  return (
    allows({ context: known.context, roster, sender, proposals: changes }) &&
    allows({ context, roster: known.roster, sender, proposals: moves })
  );
}

/** Somebody's role. In a direct room everybody is a member. */
export function roleOf(context: RoomContext, who: PublicIdentity): Role {
  return context.roles.get(toHex(who.signatureKey)) ?? "member";
}

/** Whether somebody may write messages; reactions and read marks are messages too. */
export function maySpeak(context: RoomContext, who: PublicIdentity): boolean {
  return context.kind !== "announcement" || roleOf(context, who) !== "member";
}

/** Whether somebody may say how long lines last. */
export function maySetTimer(context: RoomContext, who: PublicIdentity): boolean {
  return context.kind === "direct" || roleOf(context, who) !== "member";
}

/** Whether somebody may delete a message of `author`. Everybody may delete her own. */
export function mayDelete(context: RoomContext, who: PublicIdentity, author: PublicIdentity): boolean {
  if (equalInConstantTime(who.signatureKey, author.signatureKey)) return true;
  const role = roleOf(context, who);
  return role === "admin" || (role === "moderator" && roleOf(context, author) === "member");
}

/** What a judgement needs to know of the room before the commit. */
interface Facts {
  readonly before: RoomContext;
  readonly present: ReadonlySet<string>;
  /** Who commits, and her role. */
  readonly own: string;
  readonly role: Role;
}

function refusalOf({ context, roster, sender, proposals }: CommitToJudge): string | undefined {
  const before = decodeRoomContext(context);
  const present = new Set(roster.map(({ signatureKey }) => toHex(signatureKey)));
  const own = toHex(sender.signatureKey);
  const facts: Facts = { before, present, own, role: roleOf(before, sender) };
  if (sender.kind === "newcomer") return refusalOfNewcomer(facts, proposals);
  if (proposals.some(({ kind }) => kind === "context") && proposals.some(({ kind }) => kind === "remove")) {
    return "it changes the room's data and removes somebody at once";
  }
  for (const proposal of proposals) {
    const problem = refusalOfProposal(facts, proposal);
    if (problem !== undefined) return problem;
  }
  const adds = proposals.filter(({ kind }) => kind === "add").length;
  const removes = proposals.filter(({ kind }) => kind === "remove").length;
  if (before.kind === "direct" && roster.length - removes + adds > 2) return "a direct room is for two people";
  return undefined;
}

function refusalOfNewcomer({ before, present, own }: Facts, proposals: readonly GroupProposal[]): string | undefined {
  if (before.banned.has(own)) return "the newcomer is banned";
  // Else anybody could remove her again.
  if (before.leaving.has(own)) return "the newcomer is still noted as leaving";
  if (present.has(own)) return undefined;
  if (before.kind === "direct") return "nobody joins a direct room from outside";
  const proves = proposals.some((one) => one.kind === "psk" && before.links.has(toHex(one.id)));
  return proves ? undefined : "joining from outside needs a link";
}

function refusalOfProposal(facts: Facts, proposal: GroupProposal): string | undefined {
  const { before, role } = facts;
  switch (proposal.kind) {
    case "add": {
      const key = toHex(proposal.who.signatureKey);
      if (before.kind === "announcement" && role === "member") return "only admins and moderators add people here";
      if (before.banned.has(key)) return "the added person is banned";
      if (before.leaving.has(key)) return "the added person is still noted as leaving";
      return undefined;
    }
    case "remove": {
      const key = toHex(proposal.who.signatureKey);
      // A role that outlived its owner would come back with her.
      if (before.roles.has(key)) return "the removed person still has a role";
      if (before.leaving.has(key)) return undefined;
      if (before.kind === "direct") return "nobody is removed from a direct room";
      return role === "member" ? "only admins and moderators remove people" : undefined;
    }
    case "context":
      return refusalOfContext(facts, decodeRoomContext(proposal.context));
    case "psk":
      return "a member's commit has no psk";
  }
}

function refusalOfContext({ before, present, own, role }: Facts, after: RoomContext): string | undefined {
  const isDirect = before.kind === "direct";
  const isAbove = role !== "member" && !isDirect;

  if (after.kind !== before.kind && (role !== "admin" || isDirect || after.kind === "direct")) {
    return "only admins make a room an announcement room, or an ordinary one again";
  }
  if ((after.name !== before.name || after.topic !== before.topic) && !isAbove) {
    return "only admins and moderators change name and topic";
  }
  if (after.sharedLines !== before.sharedLines && !isAbove) {
    return "only admins and moderators change what newcomers get";
  }
  if (!isAbove && !isSameSet(before.banned, after.banned)) return "only admins and moderators ban people";
  if ([...after.roles.keys()].some((key) => after.banned.has(key))) return "nobody with a role can be banned";
  if (!isAbove && !areSameLinks(before.links, after.links)) return "only admins and moderators make or revoke links";

  for (const key of new Set([...before.roles.keys(), ...after.roles.keys()])) {
    const [was, becomes] = [before.roles.get(key), after.roles.get(key)];
    if (was === becomes) continue;
    if (becomes !== undefined && !present.has(key)) return "a role belongs to a member";
    const givesUp = key === own && (becomes === undefined || (was === "admin" && becomes === "moderator"));
    if (isDirect || (role !== "admin" && !givesUp)) return "only admins give and take roles";
  }
  const admins = [...after.roles.values()].filter((one) => one === "admin").length;
  const isAlone = present.size === 1;
  if (!isDirect && admins === 0 && !isAlone) return "a room keeps at least one admin";

  for (const key of after.leaving) {
    if (before.leaving.has(key)) continue;
    if (key !== own) return "members note only themselves as leaving";
    if (after.roles.has(key)) return "a leaving member gives up the role";
  }
  for (const key of before.leaving) {
    // Members who are still here may change their mind; anybody may delete the note of one who is gone.
    if (!after.leaving.has(key) && key !== own && present.has(key)) return "members withdraw only their own note";
  }
  for (const key of after.roles.keys()) if (after.leaving.has(key)) return "a leaving member has no role";
  return undefined;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function areSameLinks(a: ReadonlyMap<string, Uint8Array>, b: ReadonlyMap<string, Uint8Array>): boolean {
  return (
    a.size === b.size && [...a].every(([id, secret]) => equalInConstantTime(secret, b.get(id) ?? new Uint8Array(0)))
  );
}
