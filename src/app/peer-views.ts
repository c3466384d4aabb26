// The views of peers, each made once: with a burst of messages comes one fingerprint.

import type { Peer } from "../core/identity/peer.ts";
import { type PeerView, viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { recipientOf } from "./people.ts";

interface Viewed {
  readonly view: PeerView;
  /** Of its conversation: the fingerprint without blanks. */
  readonly id: string;
}

export class PeerViews {
  readonly #suite: CipherSuite;
  /** A peer that changes is another object. */
  readonly #viewed = new WeakMap<Peer, Viewed>();

  constructor(suite: CipherSuite) {
    this.#suite = suite;
  }

  /** The same object for the same peer. */
  of(peer: Peer): PeerView {
    return this.#look(peer).view;
  }

  /** The id of the conversation with this peer. */
  idOf(peer: Peer): string {
    return this.#look(peer).id;
  }

  #look(peer: Peer): Viewed {
    const known = this.#viewed.get(peer);
    if (known !== undefined) return known;
    const view = viewPeer(this.#suite, peer);
    const viewed = { view, id: recipientOf(view) };
    this.#viewed.set(peer, viewed);
    return viewed;
  }
}
