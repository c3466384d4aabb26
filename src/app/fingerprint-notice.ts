// What is said once of a peer that was paired before there were signature keys (docs/decisions/signature-keys.md).

import type { PeerView } from "../core/identity/peer-view.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { ProgramEvent } from "./events.ts";

/** The notice that a peer's fingerprint is another one from now on. */
export function fingerprintNotice(peer: PeerView, former: string): ProgramEvent {
  return {
    type: "notice",
    peer,
    text:
      `The fingerprint of ${nameInSentence(peer.name)} now covers a second key, which this session has proven. ` +
      `It is ${peer.fingerprint}; it was ${former}. The words have changed with it.`,
  };
}
