// The port to what is kept of pairings (docs/PROTOCOL.md §9.2): whom this side is paired with, and which invites of its own
// are open. The home's files, the store's rows and the memory each are one; test/core/pairing/pairings-contract.ts says in
// tests what all of them must do.

import type { OpenInvite, Peer } from "../identity/peer.ts";

/**
 * The peers and open invites that are kept. A call that changes something returns once it is stored, all of it or nothing;
 * what it is given it copies. All of them throw LairError home-* or store-* when the disk fails or what is there is damaged.
 */
export interface Pairings {
  /** All peers, in the order in which they were paired first. The caller may erase the psks. */
  peers(): readonly Peer[];
  /** Adds a peer, or replaces the one with the same public key. Throws RangeError for what could not be read again. */
  savePeer(peer: Peer): void;
  /** As {@link savePeer} for a peer that has just used an invite; this invite opens nothing from then on. */
  pair(peer: Peer, inviteId: string): void;
  /** Removes the peer with this key, if it is there. */
  forgetPeer(publicKey: Uint8Array): void;
  /** A server's open invites, expired ones included, the newest last. The caller may erase the psks. */
  invites(): readonly OpenInvite[];
  /** Removes the invite with this id, if it is there: it opens nothing from then on. */
  dropInvite(id: string): void;
  /** Replaces the open invites by what `change` makes of them, with no other program in between. */
  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void;
}
