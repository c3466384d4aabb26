// The whole outbox, for tests.

import type { Store, StoredMessage } from "../../../src/core/delivery/store.ts";

/** All messages of ours to this peer that wait in the store, in order. */
export function outboxOf(store: Store, peer: Uint8Array): readonly StoredMessage[] {
  return store.readOutbox(peer, store.load(peer).acknowledged, Number.POSITIVE_INFINITY);
}
