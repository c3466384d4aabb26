// Pairings that are kept as long as the program runs. For tests, for programs that keep nothing, and for what cannot be kept.

import { equalInConstantTime } from "../bytes.ts";
import {
  decodeOpenInvite,
  decodePeer,
  encodeOpenInvite,
  encodePeer,
  erasePsks,
  findPeer,
  type OpenInvite,
  type Peer,
} from "../identity/peer.ts";
import type { Pairings } from "./pairings.ts";

/**
 * {@link Pairings} in memory: they end with the program.
 *
 * @example
 * const server = new Server({ party, registry: new MemoryPairings(), peers: [], invites: [], ... });
 */
export class MemoryPairings implements Pairings {
  #peers: readonly Peer[];
  #invites: readonly OpenInvite[];

  constructor(peers: readonly Peer[] = [], invites: readonly OpenInvite[] = []) {
    this.#peers = peers.map(copyOfPeer);
    this.#invites = invites.map(copyOfInvite);
  }

  peers(): readonly Peer[] {
    return this.#peers.map(copyOfPeer);
  }

  savePeer(peer: Peer): void {
    const peers = [...this.#peers];
    const at = peers.findIndex(({ publicKey }) => equalInConstantTime(publicKey, peer.publicKey));
    const replaced = peers.splice(at < 0 ? peers.length : at, 1, copyOfPeer(peer));
    this.#peers = peers;
    erasePsks(replaced);
  }

  pair(peer: Peer, inviteId: string): void {
    this.savePeer(peer);
    this.dropInvite(inviteId);
  }

  forgetPeer(publicKey: Uint8Array): void {
    const known = findPeer(this.#peers, publicKey);
    if (known === undefined) return;
    this.#peers = this.#peers.filter((peer) => peer !== known);
    erasePsks([known]);
  }

  invites(): readonly OpenInvite[] {
    return this.#invites.map(copyOfInvite);
  }

  dropInvite(id: string): void {
    this.changeInvites((invites) => invites.filter((invite) => invite.id !== id));
  }

  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void {
    const replaced = this.#invites;
    this.#invites = change(this.invites()).map(copyOfInvite);
    erasePsks([], replaced);
  }

  /** Forgets all of them, and overwrites their psks. */
  clear(): void {
    erasePsks(this.#peers, this.#invites);
    [this.#peers, this.#invites] = [[], []];
  }
}

/** Refuses what the other adapters could not read again. */
function copyOfPeer(peer: Peer): Peer {
  return decodePeer(encodePeer(peer))!;
}

function copyOfInvite(invite: OpenInvite): OpenInvite {
  return decodeOpenInvite(encodeOpenInvite(invite))!;
}
