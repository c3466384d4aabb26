// The error for a key other than the pinned one; it ends the session on the side that notices.

import { LairError } from "../errors.ts";
import { fingerprint } from "../identity/fingerprint.ts";
import type { Peer } from "../identity/peer.ts";
import { nameInSentence } from "../identity/quoted-name.ts";
import type { CipherSuite } from "../noise/index.ts";

export class KeyChangedError extends LairError {
  /** 32 bytes: the expected key, of a pairing or of the invite. */
  readonly pinned: Uint8Array;
  readonly pinnedBy: "pairing" | "invite";
  /** 32 bytes: the key that answered. */
  readonly presented: Uint8Array;
  /** The fingerprints of both keys, complete, for a person to compare. */
  readonly fingerprints: { readonly pinned: string; readonly presented: string };

  /** `pinned`: the peer of the pairing, or the key in the invite. */
  constructor(suite: CipherSuite, pinned: Peer | Uint8Array, presented: Uint8Array) {
    const isPeer = !(pinned instanceof Uint8Array);
    const who = isPeer ? nameInSentence(pinned.name) : "";
    const heading = isPeer
      ? `This is not the ${who} you were paired with: the key changed.`
      : "This is not the server that made the invite: it has another key.";
    super("peer-key-changed", heading, {
      hint: isPeer
        ? `Either somebody is in between, or ${who} set up Lair again. Ask ${who} through another channel; then pair again with a new invite.`
        : "Either somebody is in between, or the address is another server's. Ask through another channel; then use a new invite.",
    });
    this.pinned = isPeer ? pinned.publicKey : pinned;
    this.pinnedBy = isPeer ? "pairing" : "invite";
    this.presented = presented;
    this.fingerprints = { pinned: fingerprint(suite, this.pinned), presented: fingerprint(suite, presented) };
  }
}
