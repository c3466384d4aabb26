// What the user is told after the numbers with a peer were restarted, at the prompt and as a command.

import type { ProgramEvent } from "./events.ts";
import type { Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";

export function renumbered(peer: Peer): ProgramEvent {
  const text =
    `The message numbers with ${nameInSentence(peer.name)} start again. No waiting message is lost; at the next connection both of ` +
    "you may be told that messages are missing.";
  return { type: "notice", text };
}
