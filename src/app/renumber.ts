// What the user is told after the numbers with a peer were restarted, at the prompt and as a command.

import type { ProgramEvent } from "./events.ts";
import type { Peer } from "../core/identity/peer.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite } from "../core/noise/index.ts";

export function renumbered(suite: CipherSuite, peer: Peer): ProgramEvent {
  const text =
    `The message numbers with ${nameInSentence(peer.name)} start again. No waiting message is lost; at the next connection both of ` +
    "you may be told that messages are missing.";
  return { type: "notice", text, peer: viewPeer(suite, peer) };
}
