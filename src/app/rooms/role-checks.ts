// Checks what a member may not do in a room before it is tried, and says which role may, and what to do instead. The
// rules themselves are in `../../core/room/policy.ts`, which refuses what is not checked here.

import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { mayDelete, maySetTimer, roleOf } from "../../core/room/policy.ts";
import type { RoomContext } from "../../core/room/room-context.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import { ROLE_PHRASES } from "./room-command-row.ts";
import type { OpenGroup } from "./room-ground.ts";

/** `what`: what only admins and moderators do, such as "set the timer". Throws LairError `group-not-allowed`. */
export function requireRole(context: RoomContext, self: PublicIdentity, what: string): void {
  if (context.kind === "direct") throw inRoomOfTwo(what);
  if (roleOf(context, self) === "member") throw notAllowed(`Only admins and moderators ${what}.`, context, self);
}

/** `what` as above, of admins alone. Throws LairError `group-not-allowed`. */
export function requireAdmin(context: RoomContext, self: PublicIdentity, what: string): void {
  if (context.kind === "direct") throw inRoomOfTwo(what);
  if (roleOf(context, self) !== "admin") throw notAllowed(`Only admins ${what}.`, context, self);
}

/** Throws LairError `group-not-allowed`. */
export function requireInviting(context: RoomContext, self: PublicIdentity): void {
  if (context.kind === "direct") throw inRoomOfTwo("invite others");
  if (context.kind === "announcement") requireRole(context, self, "invite people into a room for announcements");
}

/** Throws LairError `group-not-allowed`. */
export function requireTimer(context: RoomContext, self: PublicIdentity): void {
  if (!maySetTimer(context, self)) requireRole(context, self, "set the timer");
}

/** Throws LairError `group-not-allowed`. */
export function requireDeleting(context: RoomContext, self: PublicIdentity, author: PublicIdentity): void {
  if (mayDelete(context, self, author)) return;
  requireRole(context, self, "delete what others have said");
  throw notAllowed("Only admins delete what an admin or a moderator has said.", context, self);
}

/** Whether the user is the only admin, and others are in the room: without one it could not be led. */
export function isLastAdmin({ context, view }: OpenGroup, self: PublicIdentity): boolean {
  if (context.kind === "direct" || view.roster.length < 2) return false;
  const admins = view.roster.filter((one) => roleOf(context, one) === "admin");
  return admins.length === 1 && isSameIdentity(admins[0]!, self);
}

export function onlyAdmin(): LairError {
  return new LairError("group-not-allowed", "You are the only admin of this room, and others are in it.", {
    hint: "Make somebody else admin first: role NAME admin.",
  });
}

function notAllowed(sentence: string, context: RoomContext, self: PublicIdentity): LairError {
  const own = ROLE_PHRASES[roleOf(context, self)];
  return new LairError("group-not-allowed", sentence, {
    hint: `You are ${own} here. Type members to see whom you can ask.`,
  });
}

function inRoomOfTwo(what: string): LairError {
  return new LairError("group-not-allowed", `This room is for two people, without roles: nobody can ${what} here.`, {
    hint: "Type create and a name to make a room for several people.",
  });
}
