// The text of the prompt: the peer, whether it is connected, and how much has been waiting for too long. Learns
// everything from the program's events. Knows no timers: it says when it must be called again.

import type { EndReason, ProgramEvent } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";

/** Delivery is the normal case and takes a round trip; the prompt mentions only what takes longer. */
export const PATIENCE_MS = 2_000;

/** Ends after which there is nobody to write to: the two are not paired, or not any more. */
const NOBODY_LEFT: ReadonlySet<EndReason> = new Set(["not-trusted", "unable", "forgotten"]);

const AT_ONCE = Number.NEGATIVE_INFINITY;

export class PromptState {
  /** Offline: no connection, but a recipient for the messages. */
  #link: "nobody" | "offline" | "connected" = "nobody";
  #peerName = "";
  /** The fingerprint of the peer whose messages wait, once it is known. */
  #peer: string | undefined;
  /** For each undelivered message, by its number, the time from which it counts. */
  #waiting = new Map<number, number>();

  /** Processes an event; `peerName` is the peer's name as shown. */
  learn(event: ProgramEvent, peerName: string, nowMs: number): void {
    // At every event, because a peer may be renamed during a session.
    this.#peerName = peerName;
    switch (event.type) {
      case "connected":
        this.#meet(event.peer);
        this.#link = "connected";
        break;
      case "reconnecting":
        this.#link = "offline";
        break;
      case "disconnected":
        this.#disconnected(event);
        break;
      case "backlog":
        this.#backlog(event.peer, event.seqs);
        break;
      case "queued":
        this.#waiting.set(event.seq, AT_ONCE);
        if (this.#link === "nobody") this.#link = "offline";
        break;
      case "released":
        this.#released(event.seq, event.was);
        break;
      case "sent":
        this.#waiting.set(event.seq, nowMs + PATIENCE_MS);
        break;
      case "delivered":
        // Acknowledgements are cumulative: earlier messages have arrived too.
        for (const seq of this.#waiting.keys()) if (seq <= event.seq) this.#waiting.delete(seq);
        break;
      default:
        break;
    }
  }

  /** The number of waiting messages: on their way for two seconds or more, or without a connection. */
  waiting(nowMs: number): number {
    let count = 0;
    for (const fromMs of this.#waiting.values()) if (nowMs >= fromMs) count++;
    return count;
  }

  /** The milliseconds until {@link waiting} grows by itself, if it does. */
  changesInMs(nowMs: number): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const fromMs of this.#waiting.values()) if (fromMs > nowMs) next = Math.min(next, fromMs);
    return next === Number.POSITIVE_INFINITY ? undefined : next - nowMs;
  }

  /** "ada", "ada, 3 waiting", "nobody", "offline, 3 waiting" */
  text(nowMs: number): string {
    const who = this.#link === "connected" ? this.#peerName : this.#link;
    const count = this.waiting(nowMs);
    return count === 0 ? who : `${who}, ${count} waiting`;
  }

  #meet(peer: PeerView): void {
    // Messages for another peer still wait, but are not counted here.
    if (this.#peer !== undefined && this.#peer !== peer.fingerprint) this.#waiting.clear();
    this.#peer = peer.fingerprint;
  }

  #disconnected({ reason, peer, undelivered }: Extract<ProgramEvent, { type: "disconnected" }>): void {
    const isKnown = peer !== undefined || this.#link !== "nobody";
    this.#link = isKnown && !NOBODY_LEFT.has(reason) ? "offline" : "nobody";
    if (undelivered === 0 || this.#link === "nobody") this.#waiting.clear();
    for (const seq of this.#waiting.keys()) this.#waiting.set(seq, AT_ONCE);
  }

  #backlog(peer: PeerView, seqs: readonly number[]): void {
    if (this.#link === "connected" && this.#peer !== peer.fingerprint) return;
    this.#meet(peer);
    if (this.#link === "nobody") this.#link = "offline";
    this.#waiting = new Map(seqs.map((seq) => [seq, AT_ONCE]));
  }

  /** If a backlog has reported the new numbers before, `was` may be one of them, and another message's. */
  #released(seq: number, was: number): void {
    if (this.#waiting.has(seq) || !this.#waiting.delete(was)) return;
    this.#waiting.set(seq, AT_ONCE);
  }
}
