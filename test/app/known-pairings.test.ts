// The peers of a program that asks for them with each line: read once, and no change is missed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withKnownPairings } from "../../src/app/known-pairings.ts";
import type { Persistence } from "../../src/app/persistence.ts";
import type { Peer } from "../../src/core/identity/peer.ts";
import { MemoryPairings } from "../../src/core/pairing/memory-pairings.ts";
import type { Pairings } from "../../src/core/pairing/pairings.ts";
import { inviteOf, peerOf } from "../core/pairing/pairings-contract.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";

/** `elsewhere`: what another program would change. Absent: no other program can. */
function open(elsewhere?: MemoryPairings) {
  let reads = 0;
  const stored = elsewhere ?? new MemoryPairings([peerOf(1), peerOf(2)], [inviteOf(1)]);
  const read = stored.peers.bind(stored);
  stored.peers = (): readonly Peer[] => {
    reads += 1;
    return read();
  };
  const isForgotten = (publicKey: Uint8Array): boolean => read().every((peer) => peer.publicKey[0] !== publicKey[0]);
  const shared = elsewhere === undefined ? {} : { isForgotten };
  const persistence = { pairings: stored, ...shared } as unknown as Persistence;
  const known = withKnownPairings(persistence, new ManualClock());
  return { ...known, pairings: known.persistence.pairings, stored, reads: () => reads };
}

const namesOf = (pairings: Pairings): string[] => pairings.peers().map(({ name }) => name);

describe("the peers that a program knows", () => {
  it("are read once for any number of lines", async () => {
    const { pairings, reads } = open();
    const peers = pairings.peers();
    await turn();
    for (let line = 0; line < 100; line++) assert.equal(pairings.peers(), peers);
    assert.equal(reads(), 1);
  });

  it("are the new ones at once after each change: renamed, with its words compared, paired, forgotten", () => {
    const { pairings, stored } = open();
    assert.deepEqual(namesOf(pairings), ["peer 1", "peer 2"]);
    pairings.savePeer(peerOf(1, { name: "ada" }));
    assert.deepEqual(namesOf(pairings), ["ada", "peer 2"]);
    pairings.savePeer(peerOf(1, { name: "ada", comparedAtMs: 7 }));
    assert.equal(pairings.peers()[0]!.comparedAtMs, 7);
    pairings.pair(peerOf(3), inviteOf(1).id);
    assert.deepEqual(namesOf(pairings), ["ada", "peer 2", "peer 3"]);
    pairings.forgetPeer(peerOf(2).publicKey);
    assert.deepEqual(namesOf(pairings), ["ada", "peer 3"]);
    assert.deepEqual(pairings.peers(), stored.peers());
  });

  it("are read again after a change that failed, and when whom the program talks with has changed", () => {
    const { pairings, readAgain, reads } = open();
    pairings.peers();
    assert.throws(() => pairings.savePeer(peerOf(1, { pairedAtMs: Number.NaN })), RangeError);
    pairings.peers();
    assert.equal(reads(), 2);
    readAgain();
    pairings.peers();
    assert.equal(reads(), 3);
  });

  it("where other programs may change them, are read again in the next turn of the event loop", async () => {
    const files = new MemoryPairings([peerOf(1)]);
    const { pairings, reads } = open(files);
    namesOf(pairings);
    files.savePeer(peerOf(2));
    namesOf(pairings);
    assert.equal(reads(), 1);
    await turn();
    assert.deepEqual(namesOf(pairings), ["peer 1", "peer 2"]);
  });

  it("lack at once whom another program was found to have removed", () => {
    const files = new MemoryPairings([peerOf(1), peerOf(2)]);
    const { pairings, persistence } = open(files);
    namesOf(pairings);
    files.forgetPeer(peerOf(1).publicKey);
    assert.equal(persistence.isForgotten!(peerOf(1).publicKey), true);
    assert.deepEqual(namesOf(pairings), ["peer 2"]);
  });

  it("come with invites that are always read", () => {
    const { pairings, stored } = open();
    stored.dropInvite(inviteOf(1).id);
    assert.deepEqual(pairings.invites(), []);
    pairings.changeInvites(() => [inviteOf(2), inviteOf(3)]);
    pairings.dropInvite(inviteOf(2).id);
    assert.deepEqual(stored.invites(), [inviteOf(3)]);
  });
});
