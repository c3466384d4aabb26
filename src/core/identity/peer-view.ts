// The public part of a peer, without its secrets.

import type { CipherSuite } from "../noise/suite.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Peer } from "./peer.ts";

/** A peer as it may be shown. `name` is the one stored here; `fingerprint` is in groups of four. */
export interface PeerView {
  readonly name: string;
  readonly fingerprint: string;
  readonly pairedAtMs: number;
  /** When the safety words were compared, if the user has confirmed that. */
  readonly comparedAtMs: number | undefined;
}

/** A view of a peer, without its secrets. */
export function viewPeer(suite: CipherSuite, peer: Peer): PeerView {
  return {
    name: peer.name,
    fingerprint: fingerprint(suite, peer.publicKey),
    pairedAtMs: peer.pairedAtMs,
    comparedAtMs: peer.comparedAtMs,
  };
}
