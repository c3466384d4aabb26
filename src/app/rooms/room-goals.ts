// A member's wishes for a room, as goals: given the room as it is now, a goal gives the next commit towards it, or says
// that it is reached. So a goal survives the commits of others, and one that takes several commits needs no state of
// its own. Pure; GroupCrypto refuses what the rules forbid.

import { toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { Asked } from "../../core/hub/calls.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { Changes, GroupView, Member } from "../../core/room/group-crypto.ts";
import { roleOf } from "../../core/room/policy.ts";
import { encodeRoomContext, MAX_LINKS, type Role, type RoomContext } from "../../core/room/room-context.ts";

/** The room as it is now. */
interface RoomNow {
  readonly view: GroupView;
  readonly context: RoomContext;
  readonly self: PublicIdentity;
  /** How many commits of this goal have been applied. */
  readonly applied: number;
  /** Who has invited the user, who has not accepted. */
  readonly invitedBy?: PublicIdentity | undefined;
}

/** A commit, and what the hub is told of it. */
export interface Plan {
  readonly changes: Changes;
  readonly seats?: Asked<"commit">["seats"];
  readonly removed?: readonly Uint8Array[];
  readonly listing?: Asked<"commit">["listing"];
  /** Who gets the welcome. */
  readonly welcomes?: readonly Uint8Array[];
  readonly renews?: boolean;
}

/** The next step; undefined: it is reached. Throws LairError `peer-unknown`, `group-not-allowed`. */
export type Goal = (now: RoomNow) => Plan | undefined;

/** New keys of one's own. */
export const renewed: Goal = ({ applied }) => (applied > 0 ? undefined : { changes: {}, renews: true });

/** Everybody who has left is out, and forgotten: so they can come back by a link. */
export const leaversGone: Goal = ({ view, context, self }) => {
  const gone = view.roster.filter((one) => context.leaving.has(keyOf(one)) && keyOf(one) !== keyOf(self));
  if (gone.length > 0) return removal(gone);
  const present = new Set(view.roster.map(keyOf));
  const isForgotten = [...context.leaving].every((key) => present.has(key));
  return isForgotten ? undefined : changed(context, view, {});
};

/** This person is in the room. */
export function memberAdded(who: PublicIdentity, keyPackage: Uint8Array): Goal {
  return ({ view, context }) => {
    const member = find(view, who);
    const isLeaving = context.leaving.has(keyOf(who));
    if (member !== undefined) return isLeaving ? removal([member]) : undefined;
    // A person who is gone is forgotten first, by a change of the room's data.
    if (isLeaving) return changed(context, view, {});
    const seats = [{ key: who.publicKey, role: "member" as const }];
    return { changes: { add: [keyPackage] }, seats, welcomes: [who.publicKey] };
  };
}

/** This person is out of the room, and the links that she knows lead nowhere: she would be back at once. */
export function memberRemoved(who: PublicIdentity): Goal {
  return ({ view, context }) => {
    const member = find(view, who);
    if (member === undefined) return undefined;
    // A role is taken before its owner is removed.
    if (roleOf(context, member) !== "member") return roleChange(context, view, member, "member");
    if (context.links.size > 0) return changed(context, view, { links: new Map() });
    return removal([member]);
  };
}

/** This person is out, and can't come back; not by another account either, with a link that she knows. */
export function memberBanned(who: PublicIdentity): Goal {
  const removed = memberRemoved(who);
  return (now) => {
    if (now.context.banned.has(keyOf(who))) return removed(now);
    const step = roleOf(now.context, who) === "member" ? undefined : removed(now);
    // The ban first: else a link brings her back in between.
    const banned = new Set([...now.context.banned, keyOf(who)]);
    return step ?? changed(now.context, now.view, { banned, links: new Map() });
  };
}

export function memberUnbanned(who: PublicIdentity): Goal {
  return ({ view, context, applied }) => {
    if (applied > 0 || !context.banned.has(keyOf(who))) return undefined;
    return changed(context, view, { banned: new Set([...context.banned].filter((key) => key !== keyOf(who))) });
  };
}

export function roleGiven(who: PublicIdentity, role: Role): Goal {
  return ({ view, context, applied }) => {
    if (applied > 0) return undefined;
    const member = find(view, who);
    if (member === undefined)
      throw new LairError("peer-unknown", "This person is not in the room.", { hint: "Type members to see who is." });
    return roleOf(context, member) === role ? undefined : roleChange(context, view, member, role);
  };
}

/** Name or topic; `isListed`: the hub is told the name, or that it is not public any more. */
export function described(to: { readonly name?: string; readonly topic?: string }, isListed?: boolean): Goal {
  return ({ view, context, applied }) => {
    const isSame = (to.name ?? context.name) === context.name && (to.topic ?? context.topic) === context.topic;
    // A later change by somebody else wins.
    if (applied > 0 || (isSame && isListed === undefined)) return undefined;
    const plan = changed(context, view, to);
    if (isListed === undefined) return plan;
    return { ...plan, listing: { name: isListed ? (to.name ?? context.name) : undefined } };
  };
}

/**
 * The members know a new link's secret, and have forgotten these earlier ones (ids in hex), which are over. Throws LairError
 * `usage` for more than a room may have, or if somebody has revoked it at once.
 */
export function linkKnown(id: Uint8Array, secret: Uint8Array, over: readonly string[] = []): Goal {
  return ({ view, context, applied }) => {
    if (context.links.has(toHex(id))) return undefined;
    // Known again, it would let in the person for whom it was revoked.
    if (applied > 0) throw linksRevoked();
    const links = new Map([...context.links].filter(([one]) => !over.includes(one)));
    if (links.size >= MAX_LINKS) {
      throw new LairError("usage", `A room has at most ${MAX_LINKS} links that can still be used.`, {
        hint: "Type invite link off to revoke all of them, or wait until one is used up or has expired.",
      });
    }
    return changed(context, view, { links: links.set(toHex(id), secret) });
  };
}

export function linksRevoked(): LairError {
  return new LairError("usage", "Somebody has just revoked the links to this room.", { hint: "Make another one." });
}

/** Nobody comes by these links any more; ids in hex. */
export function linksForgotten(ids: readonly string[]): Goal {
  return ({ view, context }) => {
    const links = new Map([...context.links].filter(([one]) => !ids.includes(one)));
    return links.size === context.links.size ? undefined : changed(context, view, { links });
  };
}

/** Nobody who is not in the room has one of these seats at the hub; with commits that change nothing else. */
export function seatsReleased(seats: Asked<"commit">["seats"]): Goal {
  const hasRoles = seats.some(({ role }) => role !== "member");
  return ({ view, applied }) => {
    const present = new Set(view.roster.map(({ publicKey }) => toHex(publicKey)));
    const ghosts = seats.filter(({ key }) => !present.has(toHex(key)));
    if (ghosts.length === 0 || applied > (hasRoles ? 1 : 0)) return undefined;
    const nothing = { changes: {}, renews: true };
    if (!hasRoles || applied > 0) return { ...nothing, removed: ghosts.map(({ key }) => key) };
    // The hub takes a seat only once it has no role.
    return { ...nothing, seats: ghosts.map(({ key }) => ({ key, role: "member" as const })) };
  };
}

/**
 * One's own leaving is noted; the hub takes the seat at once. Who declines an invitation, and was made the only admin meanwhile,
 * hands that on: else anybody could keep her in a room.
 */
export const left: Goal = ({ view, context, self, applied, invitedBy }) => {
  if (applied > 0 && context.leaving.has(keyOf(self))) return undefined;
  const roles = new Map(context.roles);
  roles.delete(keyOf(self));
  const leaving = new Set([...context.leaving, keyOf(self)]);
  const removed = [self.publicKey];
  const isLed = context.kind === "direct" || [...roles.values()].includes("admin");
  const others = view.roster.filter((one) => keyOf(one) !== keyOf(self));
  if (isLed || invitedBy === undefined || others.length === 0) {
    return { ...changed(context, view, { roles, leaving }), removed };
  }
  const staying = others.filter((one) => !context.leaving.has(keyOf(one)));
  const heir = staying.find((one) => keyOf(one) === keyOf(invitedBy)) ?? staying[0];
  if (heir === undefined) return removal(others);
  roles.set(keyOf(heir), "admin");
  const seats = [{ key: heir.publicKey, role: "admin" as const }];
  return { ...changed(context, view, { roles, leaving }), seats, removed };
};

function removal(members: readonly Member[]): Plan {
  return {
    changes: { remove: members.map(({ leafIndex }) => leafIndex) },
    removed: members.map(({ publicKey }) => publicKey),
  };
}

function roleChange(context: RoomContext, view: GroupView, member: Member, role: Role): Plan {
  const roles = new Map(context.roles);
  if (role === "member") roles.delete(keyOf(member));
  else roles.set(keyOf(member), role);
  return { ...changed(context, view, { roles }), seats: [{ key: member.publicKey, role }] };
}

/** A change of the room's data; it also forgets who has left and is gone. */
function changed(context: RoomContext, view: GroupView, change: Partial<RoomContext>): Plan {
  const present = new Set(view.roster.map(keyOf));
  const next = { ...context, ...change };
  const leaving = new Set([...next.leaving].filter((key) => present.has(key)));
  return { changes: { context: encodeRoomContext({ ...next, leaving }) } };
}

function find(view: GroupView, who: PublicIdentity): Member | undefined {
  return view.roster.find((one) => keyOf(one) === keyOf(who));
}

function keyOf({ signatureKey }: PublicIdentity): string {
  return toHex(signatureKey);
}
