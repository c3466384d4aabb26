// The pairings of a program that asks for its peers with each line: they are read from where they are stored once, and again
// after each change. Where other programs may change them too, they are read again in each turn of the event loop.
//
//   unread ---peers()---> read ---a change, or the turn is over if they are shared---> unread

import type { OpenInvite, Peer } from "../core/identity/peer.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import type { Persistence } from "./persistence.ts";
import type { Clock } from "./ports.ts";

/** {@link Pairings} whose peers are read once. Unlike others it gives everybody the same list: no psk of it may be erased. */
class KnownPairings implements Pairings {
  readonly #stored: Pairings;
  /** Calls back once this turn of the event loop is over. Absent: no other program changes them. */
  readonly #whenTurnEnds: Clock["soon"] | undefined;
  #peers: readonly Peer[] | undefined;

  constructor(stored: Pairings, whenTurnEnds: Clock["soon"] | undefined) {
    this.#stored = stored;
    this.#whenTurnEnds = whenTurnEnds;
  }

  peers(): readonly Peer[] {
    if (this.#peers !== undefined) return this.#peers;
    const peers = this.#stored.peers();
    this.#peers = peers;
    this.#whenTurnEnds?.(() => this.readAgain());
    return peers;
  }

  /** Something has changed: the next list is another one. */
  readAgain(): void {
    this.#peers = undefined;
  }

  savePeer(peer: Peer): void {
    this.#change(() => this.#stored.savePeer(peer));
  }

  pair(peer: Peer, inviteId: string): void {
    this.#change(() => this.#stored.pair(peer, inviteId));
  }

  forgetPeer(publicKey: Uint8Array): void {
    this.#change(() => this.#stored.forgetPeer(publicKey));
  }

  invites(): readonly OpenInvite[] {
    return this.#stored.invites();
  }

  dropInvite(id: string): void {
    this.#stored.dropInvite(id);
  }

  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void {
    this.#stored.changeInvites(change);
  }

  /** Also a change that fails may have shown that another program was faster. */
  #change(work: () => void): void {
    try {
      work();
    } finally {
      this.readAgain();
    }
  }
}

/** A persistence whose peers are read once. `readAgain`: whom the program talks with has changed by other means. */
export function withKnownPairings(
  persistence: Persistence,
  clock: Pick<Clock, "soon">,
): { readonly persistence: Persistence; readonly readAgain: () => void } {
  const { isForgotten } = persistence;
  const whenTurnEnds = isForgotten === undefined ? undefined : (action: () => void) => clock.soon(action);
  const pairings = new KnownPairings(persistence.pairings, whenTurnEnds);
  const readAgain = (): void => pairings.readAgain();
  if (isForgotten === undefined) return { persistence: { ...persistence, pairings }, readAgain };
  const isForgottenNow = (publicKey: Uint8Array): boolean => {
    const isGone = isForgotten(publicKey);
    readAgain();
    return isGone;
  };
  return { persistence: { ...persistence, pairings, isForgotten: isForgottenNow }, readAgain };
}
