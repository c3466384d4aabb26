import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noticesOf, type RoomNotice } from "../../../src/app/rooms/room-notices.ts";
import { toHex } from "../../../src/core/bytes.ts";
import type { PublicIdentity } from "../../../src/core/identity/identity.ts";
import type { GroupView, TakenCommit } from "../../../src/core/room/group-crypto.ts";
import { encodeRoomContext, type RoomContext } from "../../../src/core/room/room-context.ts";

const person = (number: number): PublicIdentity => ({
  publicKey: new Uint8Array(32).fill(number),
  signatureKey: new Uint8Array(32).fill(number + 100),
});
const [ada, bob, cyd] = [person(1), person(2), person(3)] as const;
const key = (who: PublicIdentity): string => toHex(who.signatureKey);

const ROOM: RoomContext = {
  kind: "room",
  name: "ops",
  topic: "",
  sharedLines: 0,
  roles: new Map([[key(ada), "admin"]]),
  leaving: new Set(),
  banned: new Set(),
  links: new Map(),
};

function view(change: Partial<RoomContext>, roster: readonly PublicIdentity[]): GroupView {
  return {
    suite: "hybrid",
    groupId: new Uint8Array(16),
    epoch: 1n,
    context: encodeRoomContext({ ...ROOM, ...change }),
    roster: roster.map((who, leafIndex) => ({ ...who, leafIndex })),
    ownLeaf: 0,
    epochAuthenticator: new Uint8Array(32),
  };
}

/** The notices of a commit in a room of ada and bob, which was as `from` says and is as `to` says. */
function notices(
  { from = {}, to = {} }: { readonly from?: Partial<RoomContext>; readonly to?: Partial<RoomContext> },
  proposals: TakenCommit["proposals"] = [],
  sender: TakenCommit["sender"] = { kind: "member", ...ada, leafIndex: 0 },
): readonly RoomNotice[] {
  const [before, after] = [view(from, [ada, bob]), view(to, [ada, bob])];
  return noticesOf({ before, after, sender, proposals });
}

describe("what a commit has changed, as notices", () => {
  it("is nothing when it only renews keys, makes a link, or forgets who is gone", () => {
    assert.deepEqual(notices({}), []);
    const links = new Map([["0a".repeat(16), new Uint8Array(32)]]);
    assert.deepEqual(notices({ from: { leaving: new Set([key(cyd)]) }, to: { links } }), []);
  });

  it("has those who were added and removed", () => {
    const removed = { kind: "remove", who: { ...bob, leafIndex: 1 } } as const;
    const found = notices({}, [{ kind: "add", who: cyd }, removed]);
    assert.deepEqual(
      found.map((one) => ("who" in one && !(one.who instanceof Uint8Array) ? [one.kind, key(one.who)] : one)),
      [
        ["added", key(cyd)],
        ["removed", key(bob)],
      ],
    );
  });

  it("tells a newcomer by a link from a member who came back", () => {
    const psk = { kind: "psk", id: new Uint8Array(16) } as const;
    assert.deepEqual(notices({}, [psk], { kind: "newcomer", ...cyd }), [
      { kind: "came-by-link", who: { kind: "newcomer", ...cyd } },
    ]);
    const old = { kind: "remove", who: { ...bob, leafIndex: 1 } } as const;
    assert.deepEqual(notices({}, [old], { kind: "newcomer", ...bob }), [
      { kind: "came-back", who: { kind: "newcomer", ...bob } },
    ]);
  });

  it("has name, topic, roles, bans and leaving, each as it is afterwards", () => {
    assert.deepEqual(notices({ to: { name: "art", topic: "of it" } }), [
      { kind: "renamed", name: "art" },
      { kind: "topic", topic: "of it" },
    ]);
    const roles = new Map<string, "admin" | "moderator">([[key(bob), "moderator"]]);
    assert.deepEqual(notices({ to: { roles } }), [
      { kind: "role", who: ada.signatureKey, role: "member" },
      { kind: "role", who: bob.signatureKey, role: "moderator" },
    ]);
    const from = { banned: new Set([key(cyd)]) };
    assert.deepEqual(notices({ from, to: { banned: new Set([key(person(9))]), leaving: new Set([key(bob)]) } }), [
      { kind: "banned", who: person(9).signatureKey },
      { kind: "unbanned", who: cyd.signatureKey },
      { kind: "leaving", who: bob.signatureKey },
    ]);
  });
});
