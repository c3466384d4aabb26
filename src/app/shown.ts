// Marks the peer's messages in the store that were passed to the frontend, once the system has confirmed the output.
// Until then they would be shown again at the next start.

import type { ChatEvent } from "../core/chat/chat.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Frontend } from "./frontend.ts";

export class Shown {
  readonly #whenTaken: Frontend["whenTaken"];
  readonly #mark: (peer: Peer, next: number) => void;
  /** Everything below the number was passed to the frontend in this turn. */
  #given = new Map<Peer, number>();
  /** How much of it there is. */
  #count = 0;
  #unshown = 0;

  constructor(whenTaken: Frontend["whenTaken"], mark: (peer: Peer, next: number) => void) {
    this.#whenTaken = whenTaken;
    this.#mark = mark;
  }

  /** This many were passed to the frontend and are not marked yet. */
  get unshown(): number {
    return this.#unshown;
  }

  /** This was passed to the frontend; everything in the same turn is marked together. */
  note(peer: Peer, event: ChatEvent): void {
    if (!isTheirs(event)) return;
    if (this.#given.size === 0) queueMicrotask(() => this.settle());
    this.#given.set(peer, event.seq + 1);
    this.#count += 1;
    this.#unshown += 1;
  }

  /** Marks what was passed so far, once the output accepts it; what nobody reads is not marked. */
  settle(): void {
    const [given, count] = [this.#given, this.#count];
    if (given.size === 0) return;
    this.#given = new Map();
    this.#count = 0;
    this.#whenTaken((isTaken) => {
      if (!isTaken) return;
      this.#unshown -= count;
      for (const [peer, next] of given) this.#mark(peer, next);
    });
  }
}

type Theirs = Extract<
  ChatEvent,
  {
    type: "message" | "unknown-message" | "unreadable-message" | "introduction" | "timer" | "timer-held";
  }
>;

function isTheirs(event: ChatEvent): event is Theirs {
  switch (event.type) {
    case "message":
    case "unknown-message":
    case "unreadable-message":
    case "introduction":
    case "timer-held":
      return true;
    case "timer":
      return event.by === "peer";
    default:
      return false;
  }
}

/**
 * LairError not-shown for this many received messages that the output has not confirmed; kept for the next start or
 * not.
 */
export function notShown(count: number, isKept: boolean): LairError {
  const messages = count === 1 ? "1 received message was" : `${count} received messages were`;
  const [it, is] = count === 1 ? ["It", "is"] : ["They", "are"];
  const hint = isKept ? `${it} ${is} kept, and shown at the next start.` : `${it} ${is} lost, because of --no-store.`;
  return new LairError("not-shown", `${messages} not shown.`, { hint });
}
