// What the prompt says: with whom, whether the link stands, and how much has been waiting for too long.
// Learns everything from the program's events. Knows no timers: it says when it has to be asked again.

import type { EndReason, ProgramEvent } from "../../core/chat/events.ts";

/** Delivered is the normal case and takes a round trip; only what takes longer is worth a word. */
export const PATIENCE_MS = 2_000;

/** Ends after which the same conversation may go on by itself: the prompt says "offline", not "nobody". */
const LINK_LOST: ReadonlySet<EndReason> = new Set(["cut", "silent"]);

export class PromptState {
  #link: "nobody" | "offline" | "connected" = "nobody";
  #peerName = "";
  /** When each message that is not delivered yet was sent, by sequence number, in its order. */
  readonly #waiting = new Map<number, number>();

  /** Takes an event in; `peerName` is the name of the peer as it is shown. */
  learn(event: ProgramEvent, peerName: string, nowMs: number): void {
    // At every event, since a peer may be renamed in the middle of a session.
    this.#peerName = peerName;
    switch (event.type) {
      case "connected":
        this.#link = "connected";
        // A new session counts from 0 again; what the last one lost has been told by its end.
        this.#waiting.clear();
        break;
      case "disconnected":
        this.#link = LINK_LOST.has(event.reason) ? "offline" : "nobody";
        if (event.undelivered === 0) this.#waiting.clear();
        break;
      case "sent":
        this.#waiting.set(event.seq, nowMs);
        break;
      case "delivered":
        // Acknowledgements are cumulative: what came before is there too.
        for (const seq of this.#waiting.keys()) if (seq <= event.seq) this.#waiting.delete(seq);
        break;
      default:
        break;
    }
  }

  /** How many messages have been on their way for two seconds or more. */
  waiting(nowMs: number): number {
    let count = 0;
    for (const sentAt of this.#waiting.values()) if (nowMs - sentAt >= PATIENCE_MS) count++;
    return count;
  }

  /** In how many milliseconds {@link waiting} will have grown by itself, if at all. */
  changesInMs(nowMs: number): number | undefined {
    for (const sentAt of this.#waiting.values()) {
      if (nowMs - sentAt < PATIENCE_MS) return PATIENCE_MS - (nowMs - sentAt);
    }
    return undefined;
  }

  /** "ada", "ada, 3 waiting", "nobody", "offline, 3 waiting" */
  text(nowMs: number): string {
    const who = this.#link === "connected" ? this.#peerName : this.#link;
    const count = this.waiting(nowMs);
    return count === 0 ? who : `${who}, ${count} waiting`;
  }
}
