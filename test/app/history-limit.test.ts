// What is told of a history that has reached its limit: of whom, and how large it may be.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { historyLimitEvent } from "../../src/app/history-limit.ts";
import type { History } from "../../src/core/chat/history.ts";
import type { Peer } from "../../src/core/identity/peer.ts";
import { viewPeer } from "../../src/core/identity/peer-view.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { peerOf } from "../node/home/places.ts";

describe("a history that has reached its limit", () => {
  const [ada, bob]: readonly Peer[] = [peerOf(1), peerOf(2)];
  const history = { limit: (key: Uint8Array) => key[0]! * 1_000 } as unknown as History;

  it("is told of with its person and its own limit", () => {
    const event = historyLimitEvent({ suite: OPENSSL_SUITE, history, peers: [ada!, bob!] }, bob!.publicKey);
    const limitBytes = bob!.publicKey[0]! * 1_000;
    assert.deepEqual(event, { type: "history-limit", peer: viewPeer(OPENSSL_SUITE, bob!), limitBytes });
  });

  it("is told of without a name where the pairing is gone", () => {
    const event = historyLimitEvent({ suite: OPENSSL_SUITE, history, peers: [ada!] }, bob!.publicKey);
    assert.ok(event.type === "notice");
    assert.match(event.text, /^The history with somebody who is no longer paired has reached its limit/);
  });
});
