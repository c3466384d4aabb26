// The key of a peer as that of a map, made once for each peer: it is asked for with each message.

import { toHex } from "../core/bytes.ts";
import type { Peer } from "../core/identity/peer.ts";

const keys = new WeakMap<Peer, string>();

/** The hex of its public key. */
export function keyOf(peer: Peer): string {
  const known = keys.get(peer);
  if (known !== undefined) return known;
  const key = toHex(peer.publicKey);
  keys.set(peer, key);
  return key;
}
