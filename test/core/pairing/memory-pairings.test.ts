// The pairings in memory.

import assert from "node:assert/strict";
import { it } from "node:test";
import { MemoryPairings } from "../../../src/core/pairing/memory-pairings.ts";
import { describePairings, inviteOf, peerOf } from "./pairings-contract.ts";

describePairings("memory", () => {
  const pairings = new MemoryPairings();
  return { pairings, later: () => pairings };
});

it("pairings in memory are gone when they are cleared", () => {
  const pairings = new MemoryPairings([peerOf(1)], [inviteOf(2)]);
  pairings.clear();
  assert.deepEqual([pairings.peers(), pairings.invites()], [[], []]);
});

it("pairings in memory may begin with some, which are copied", () => {
  const peer = peerOf(1);
  const pairings = new MemoryPairings([peer], [inviteOf(2)]);
  peer.psk!.fill(0);
  assert.deepEqual([pairings.peers(), pairings.invites()], [[peerOf(1)], [inviteOf(2)]]);
});
