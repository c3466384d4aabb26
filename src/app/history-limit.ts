// The event of a history that has reached its limit.

import type { History } from "../core/chat/history.ts";
import { findPeer, type Peer } from "../core/identity/peer.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { ProgramEvent } from "./events.ts";

interface LimitParts {
  readonly suite: CipherSuite;
  readonly history: History;
  readonly peers: readonly Peer[];
}

/** `key`: whose oldest lines are deleted. */
export function historyLimitEvent({ suite, history, peers }: LimitParts, key: Uint8Array): ProgramEvent {
  const peer = findPeer(peers, key);
  if (peer !== undefined) {
    return { type: "history-limit", peer: viewPeer(suite, peer), limitBytes: history.limit(key) };
  }
  // Lines outlive a pairing, but not the name that they belong to.
  const text = "The history with somebody who is no longer paired has reached its limit: its oldest lines are deleted.";
  return { type: "notice", text };
}
