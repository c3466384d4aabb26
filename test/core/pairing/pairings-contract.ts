// What every adapter of the pairings does, see `src/core/pairing/pairings.ts`: run against the memory, the files and the store.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OpenInvite, Peer } from "../../../src/core/identity/peer.ts";
import type { Pairings } from "../../../src/core/pairing/pairings.ts";

const bytes = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);

export function peerOf(seed: number, more: Partial<Peer> = {}): Peer {
  return {
    publicKey: bytes(seed),
    signatureKey: bytes(seed + 200),
    name: `peer ${seed}`,
    psk: bytes(seed + 100),
    pairedAtMs: 1_800_000_000_000 + seed,
    comparedAtMs: undefined,
    url: "ws://127.0.0.1:8080",
    invitePsk: undefined,
    ...more,
  };
}

export function inviteOf(seed: number): OpenInvite {
  return { id: `invite ${seed}`.replace(" ", "-"), psk: bytes(seed + 50), expiresAtMs: 1_800_000_000_000 };
}

function fail(): never {
  throw new Error("no");
}

/** `create` makes pairings that are empty, and says how they look to a program that is started later. */
export function describePairings(
  name: string,
  create: () => { readonly pairings: Pairings; readonly later: () => Pairings },
): void {
  /** The same for this program and for one that is started later. */
  function sees(
    { pairings, later }: ReturnType<typeof create>,
    peers: readonly Peer[],
    invites: readonly OpenInvite[],
  ) {
    for (const each of [pairings, later()]) assert.deepEqual([each.peers(), each.invites()], [peers, invites]);
  }

  describe(`pairings in ${name}`, () => {
    it("begin with nobody", () => {
      sees(create(), [], []);
    });

    it("keep peers in the order in which they were paired first, one for each key, with all that is known of them", () => {
      const made = create();
      const full = peerOf(2, {
        psk: undefined,
        comparedAtMs: 7,
        url: undefined,
        invitePsk: bytes(9),
        formerPsks: [bytes(3), bytes(4)],
      });
      for (const peer of [peerOf(1), full, peerOf(3), peerOf(1, { name: "ada" })]) made.pairings.savePeer(peer);
      sees(made, [peerOf(1, { name: "ada" }), full, peerOf(3)], []);
    });

    it("refuse a peer that could not be read again, and keep what was there", () => {
      const made = create();
      made.pairings.savePeer(peerOf(1));
      assert.throws(() => made.pairings.savePeer(peerOf(1, { pairedAtMs: Number.NaN })), RangeError);
      assert.throws(() => made.pairings.savePeer(peerOf(2, { publicKey: bytes(2).slice(1) })), RangeError);
      sees(made, [peerOf(1)], []);
    });

    it("copy what they are given, and give copies", () => {
      const { pairings } = create();
      const given = peerOf(1, { psk: bytes(1) });
      pairings.savePeer(given);
      pairings.changeInvites(() => [inviteOf(1)]);
      given.psk!.fill(0);
      for (const { psk } of [...pairings.peers(), ...pairings.invites()]) psk!.fill(0);
      assert.deepEqual([pairings.peers(), pairings.invites()], [[peerOf(1, { psk: bytes(1) })], [inviteOf(1)]]);
    });

    it("change the open invites by what there are", () => {
      const made = create();
      made.pairings.changeInvites((open) => [...open, inviteOf(1)]);
      made.pairings.changeInvites((open) => [...open, inviteOf(2), inviteOf(3)]);
      made.pairings.changeInvites((open) => open.filter(({ id }) => id !== inviteOf(2).id));
      sees(made, [], [inviteOf(1), inviteOf(3)]);
    });

    it("drop an invite that has expired, and nothing when there is none", () => {
      const made = create();
      made.pairings.changeInvites(() => [inviteOf(1), inviteOf(2)]);
      made.pairings.dropInvite(inviteOf(1).id);
      made.pairings.dropInvite(inviteOf(3).id);
      sees(made, [], [inviteOf(2)]);
    });

    it("change nothing when the change fails", () => {
      const made = create();
      made.pairings.changeInvites(() => [inviteOf(1)]);
      assert.throws(() => made.pairings.changeInvites(fail), /no/);
      sees(made, [], [inviteOf(1)]);
    });

    it("pair: the peer is kept, its invite is gone, and no other one is", () => {
      const made = create();
      made.pairings.changeInvites(() => [inviteOf(1), inviteOf(2)]);
      made.pairings.savePeer(peerOf(1));
      made.pairings.pair(peerOf(2), inviteOf(1).id);
      sees(made, [peerOf(1), peerOf(2)], [inviteOf(2)]);
      // A later handshake by the same invite: it is gone already.
      made.pairings.pair(peerOf(2, { psk: bytes(77) }), inviteOf(1).id);
      sees(made, [peerOf(1), peerOf(2, { psk: bytes(77) })], [inviteOf(2)]);
    });

    it("forget a peer, and nothing more when it is not there", () => {
      const made = create();
      for (const seed of [1, 2, 3]) made.pairings.savePeer(peerOf(seed));
      made.pairings.changeInvites(() => [inviteOf(1)]);
      made.pairings.forgetPeer(bytes(2));
      made.pairings.forgetPeer(bytes(2));
      sees(made, [peerOf(1), peerOf(3)], [inviteOf(1)]);
      made.pairings.savePeer(peerOf(2));
      sees(made, [peerOf(1), peerOf(3), peerOf(2)], [inviteOf(1)]);
    });
  });
}
