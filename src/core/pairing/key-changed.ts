// The error for keys other than the pinned ones; it ends the session on the side that notices.

import { equalInConstantTime } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { fingerprint } from "../identity/fingerprint.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import type { Peer } from "../identity/peer.ts";
import { nameInSentence } from "../identity/quoted-name.ts";
import type { CipherSuite } from "../noise/index.ts";

/** LairError `peer-key-changed`: another key answered than the pairing or the invite says. Nothing of ours was shown to it. */
export class KeyChangedError extends LairError {
  /** 32 bytes: the expected static key, of a pairing or of the invite. */
  readonly pinned: Uint8Array;
  readonly pinnedBy: "pairing" | "invite";
  /** The keys that answered; one of them, or both, are not the expected ones. */
  readonly presented: PublicIdentity;
  /**
   * The fingerprints of both, complete, for a person to compare. An invite has no signature key, so there is nothing of
   * it to compare.
   */
  readonly fingerprints: { readonly pinned: string | undefined; readonly presented: string };

  /** `pinned`: the peer of the pairing, or the key in the invite. */
  constructor(suite: CipherSuite, pinned: Peer | Uint8Array, presented: PublicIdentity) {
    const isPeer = !(pinned instanceof Uint8Array);
    const who = isPeer ? nameInSentence(pinned.name) : "";
    const heading = isPeer
      ? `This is not the ${who} you were paired with: the key changed.`
      : "This is not the server that made the invite: it has another key.";
    const isSameRow = isPeer && equalInConstantTime(pinned.publicKey, presented.publicKey);
    const again = isSameRow ? `forget ${who} here (forget-peer), and pair` : "pair";
    super("peer-key-changed", heading, {
      hint: isPeer
        ? `Either somebody is intercepting the connection, or ${who} set up Lair again. Ask ${who} through another channel; then ${again} again with a new invite.`
        : "Either somebody is intercepting the connection, or the address is another server's. Ask through another channel; then use a new invite.",
    });
    this.pinned = isPeer ? pinned.publicKey : pinned;
    this.pinnedBy = isPeer ? "pairing" : "invite";
    this.presented = presented;
    this.fingerprints = {
      pinned: isPeer ? fingerprint(suite, pinned) : undefined,
      presented: fingerprint(suite, presented),
    };
  }
}

/**
 * What a peer's pinned keys say of the keys that it has just proven: "new" if its signature key is not pinned yet.
 * Throws KeyChangedError if it is another one than was pinned. The static keys are the same.
 */
export function checkSignatureKey(suite: CipherSuite, known: Peer, met: PublicIdentity): "pinned" | "new" {
  if (known.signatureKey === undefined) return "new";
  if (equalInConstantTime(known.signatureKey, met.signatureKey)) return "pinned";
  throw new KeyChangedError(suite, known, met);
}
