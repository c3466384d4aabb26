// The port to the stored pairings (docs/PROTOCOL.md §9.2): the peers that this side is paired with, and its open
// invites. The home's files, the store's rows and the memory are adapters; test/core/pairing/pairings-contract.ts tests
// what all of them must do.

import type { OpenInvite, Peer } from "../identity/peer.ts";

/**
 * The stored peers and open invites. A call that changes something returns once the change is stored, completely or not
 * at all; it copies its arguments. Every call throws LairError home-* or store-* if the disk fails or the data is
 * damaged.
 */
export interface Pairings {
  /** All peers, in the order of their first pairing. The caller may erase the psks. */
  peers(): readonly Peer[];
  /**
   * Adds a peer, or replaces the one with the same public key. Throws RangeError for values that could not be read
   * again.
   */
  savePeer(peer: Peer): void;
  /** As {@link savePeer} for a peer that has just used an invite; this invite opens nothing from then on. */
  pair(peer: Peer, inviteId: string): void;
  /** Removes the peer with this key, if there is one. */
  forgetPeer(publicKey: Uint8Array): void;
  /** A server's open invites, expired ones included, the newest last. The caller may erase the psks. */
  invites(): readonly OpenInvite[];
  /** Removes the invite with this id, if there is one: it opens nothing from then on. */
  dropInvite(id: string): void;
  /** Replaces the open invites by the result of `change`; no other program can change them in between. */
  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void;
}
