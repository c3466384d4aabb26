// The pairings in memory.

import assert from "node:assert/strict";
import { it } from "node:test";
import { MemoryPairings } from "../../../src/core/pairing/memory-pairings.ts";
import { describePairings, inviteOf, peerOf } from "./pairings-contract.ts";

describePairings("memory", () => {
  const pairings = new MemoryPairings();
  return { pairings, later: () => pairings };
});

it("pairings in memory are overwritten when they are replaced or removed, and only theirs", (t) => {
  const overwritten: string[] = [];
  const fill = t.mock.method(Uint8Array.prototype, "fill", function (this: Uint8Array, value: number) {
    if (value === 0 && this.length === 32) overwritten.push(String(this[0]));
    this.set(new Uint8Array(this.length).map(() => value));
    return this;
  });
  const erased = (action: () => void): string[] => {
    overwritten.length = 0;
    action();
    return overwritten.toSorted();
  };
  const [psk, invitePsk, former] = [71, 72, 73].map((seed) => Uint8Array.from({ length: 32 }, () => seed));
  const pairings = new MemoryPairings([peerOf(1, { psk, invitePsk, formerPsks: [former!] })], [inviteOf(2)]);
  assert.deepEqual(
    erased(() => pairings.savePeer(peerOf(1))),
    ["71", "72", "73"],
  );
  assert.deepEqual(
    erased(() => pairings.forgetPeer(peerOf(1).publicKey)),
    ["101"],
  );
  assert.deepEqual(
    erased(() => pairings.pair(peerOf(3), inviteOf(2).id)),
    ["52"],
  );
  assert.deepEqual(
    erased(() => pairings.clear()),
    ["103"],
  );
  fill.mock.restore();
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
