// What a member is told who may not do something: which role may, and what to do. Held against the rules themselves, so that
// nothing is refused here that they allow.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isLastAdmin,
  requireAdmin,
  requireDeleting,
  requireInviting,
  requireRole,
  requireTimer,
} from "../../../src/app/rooms/role-checks.ts";
import type { OpenGroup } from "../../../src/app/rooms/room-ground.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { LairError } from "../../../src/core/errors.ts";
import type { PublicIdentity } from "../../../src/core/identity/identity.ts";
import { mayDelete, maySetTimer } from "../../../src/core/room/policy.ts";
import type { RoomContext } from "../../../src/core/room/room-context.ts";

const person = (number: number): PublicIdentity => ({
  publicKey: new Uint8Array(32).fill(number),
  signatureKey: new Uint8Array(32).fill(number + 100),
});
const [admin, moderator, member] = [person(1), person(2), person(3)] as const;
const EVERYBODY = [admin, moderator, member];

function room(kind: RoomContext["kind"]): RoomContext {
  const roles: RoomContext["roles"] = new Map([
    [toHex(admin.signatureKey), "admin" as const],
    [toHex(moderator.signatureKey), "moderator" as const],
  ]);
  const sets = { leaving: new Set<string>(), banned: new Set<string>(), links: new Map<string, Uint8Array>() };
  return { kind, name: "", topic: "", sharedLines: 0, roles: kind === "direct" ? new Map() : roles, ...sets };
}

function group(...who: readonly PublicIdentity[]): OpenGroup {
  const view = { roster: who.map((one, leafIndex) => ({ ...one, leafIndex })) };
  return { context: room("room"), view } as unknown as OpenGroup;
}

/** What somebody is told; undefined: nothing is in the way. */
function refusal(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof LairError && error.code === "group-not-allowed");
    return `${error.message} ${error.hint ?? ""}`;
  }
}

describe("what a role does not allow", () => {
  it("is said with the role that may, one's own, and where to look", () => {
    const told = refusal(() => requireRole(room("room"), member, "change the topic"));
    assert.equal(
      told,
      "Only admins and moderators change the topic. You are a plain member here. Type members to see whom you can ask.",
    );
    const ofAdmins = refusal(() => requireAdmin(room("room"), moderator, "give and take roles"));
    assert.match(ofAdmins ?? "", /^Only admins give and take roles\. You are a moderator here\./u);
    assert.match(refusal(() => requireRole(room("direct"), member, "make links")) ?? "", /for two people.*create/u);
  });

  it("is what the rules forbid, and nothing else", () => {
    for (const kind of ["room", "announcement", "direct"] as const) {
      const context = room(kind);
      for (const self of EVERYBODY) {
        assert.equal(refusal(() => requireTimer(context, self)) === undefined, maySetTimer(context, self), kind);
        for (const author of EVERYBODY) {
          const may = mayDelete(context, self, author);
          assert.equal(refusal(() => requireDeleting(context, self, author)) === undefined, may, kind);
        }
      }
    }
    assert.match(refusal(() => requireDeleting(room("room"), moderator, admin)) ?? "", /^Only admins delete/u);
    assert.deepEqual(
      (["room", "announcement", "direct"] as const).map(
        (kind) => refusal(() => requireInviting(room(kind), member)) === undefined,
      ),
      [true, false, false],
    );
  });

  it("is to leave a room without an admin", () => {
    assert.equal(isLastAdmin(group(admin, member), admin), true);
    assert.equal(isLastAdmin(group(admin, member), member), false);
    assert.equal(isLastAdmin(group(admin), admin), false, "nobody else is there");
  });
});
