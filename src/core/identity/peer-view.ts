// The public part of a peer, without its secrets.

import type { CipherSuite } from "../noise/suite.ts";
import { fingerprint } from "./fingerprint.ts";
import { isAwaited, type Peer } from "./peer.ts";

/** A peer as it may be shown. `name` is the one stored here; `fingerprint` is in groups of four. */
export interface PeerView {
  readonly name: string;
  readonly fingerprint: string;
  readonly pairedAtMs: number;
  /** When the safety words were compared, if the user has confirmed that. */
  readonly comparedAtMs: number | undefined;
  /** The name of the person who introduced it; absent if nobody did. */
  readonly introducedBy?: string;
  /** It was introduced, and the two have not connected yet. */
  readonly isAwaited?: true;
  /** It is a hub, and no person. */
  readonly isHub?: true;
}

/** A view of a peer, without its secrets. */
export function viewPeer(suite: CipherSuite, peer: Peer): PeerView {
  return {
    name: peer.name,
    fingerprint: fingerprint(suite, peer),
    pairedAtMs: peer.pairedAtMs,
    comparedAtMs: peer.comparedAtMs,
    ...(peer.introducedBy === undefined ? {} : { introducedBy: peer.introducedBy }),
    ...(isAwaited(peer) ? { isAwaited: true } : {}),
    ...(peer.isHub === true ? { isHub: true } : {}),
  };
}
