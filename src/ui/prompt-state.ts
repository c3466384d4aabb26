// The text of the prompt: the peer that it is at, whether that one is connected, and how much has been waiting for too
// long. Learns everything from the program's events. Knows no timers: it says when it must be called again.

import type { EndReason, ProgramEvent } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { Selection } from "./selection.ts";

/** Delivery is the normal case and takes a round trip; the prompt mentions only what takes longer. */
export const PATIENCE_MS = 2_000;

/** Ends after which there is nobody to write to: the two are not paired, or not any more. */
const NOBODY_LEFT: ReadonlySet<EndReason> = new Set(["not-trusted", "unable", "forgotten"]);

const AT_ONCE = Number.NEGATIVE_INFINITY;

type Link = "nobody" | "offline" | "connected";

/** What the prompt says of one peer. */
interface PeerState {
  /** Offline: no connection, but a recipient for the messages. */
  link: Link;
  /** For each undelivered message, by its number, the time from which it counts. */
  waiting: Map<number, number>;
}

/** The place of somebody who is not known yet. */
const NOT_KNOWN = "";

export class PromptState {
  /** By fingerprint. */
  readonly #peers = new Map<string, PeerState>();
  readonly #selection: Pick<Selection, "peer">;

  constructor(selection: Pick<Selection, "peer">) {
    this.#selection = selection;
  }

  /** Processes an event, after the selection has. */
  learn(event: ProgramEvent, nowMs: number): void {
    switch (event.type) {
      case "connected":
        if (event.formerFingerprint !== undefined) this.#reprint(event.formerFingerprint, event.peer);
        this.#of(event.peer).link = "connected";
        break;
      case "reconnecting":
      case "selected":
        if (this.#of(event.peer).link === "nobody") this.#of(event.peer).link = "offline";
        break;
      case "disconnected":
        this.#disconnected(event);
        break;
      case "backlog":
        this.#backlog(event.peer, event.seqs);
        break;
      case "queued": {
        const state = this.#of(event.peer);
        state.waiting.set(event.seq, AT_ONCE);
        if (state.link === "nobody") state.link = "offline";
        break;
      }
      case "released":
        released(this.#of(event.peer).waiting, event.seq, event.was);
        break;
      case "sent":
        this.#of(event.peer).waiting.set(event.seq, nowMs + PATIENCE_MS);
        break;
      case "delivered": {
        // Acknowledgements are cumulative: earlier messages have arrived too.
        const { waiting } = this.#of(event.peer);
        for (const seq of waiting.keys()) if (seq <= event.seq) waiting.delete(seq);
        break;
      }
      default:
        break;
    }
  }

  /** The number of messages that wait for the peer: on their way for two seconds or more, or without a connection. */
  waiting(nowMs: number): number {
    let count = 0;
    for (const fromMs of this.#current.waiting.values()) if (nowMs >= fromMs) count++;
    return count;
  }

  /** The milliseconds until {@link waiting} grows by itself, if it does. */
  changesInMs(nowMs: number): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const fromMs of this.#current.waiting.values()) if (fromMs > nowMs) next = Math.min(next, fromMs);
    return next === Number.POSITIVE_INFINITY ? undefined : next - nowMs;
  }

  /** "ada", "ada, 3 waiting", "ada, offline, 3 waiting", "nobody"; `peerName` is the peer's name as shown. */
  text(peerName: string, nowMs: number): string {
    const { link } = this.#current;
    const isKnown = this.#selection.peer !== undefined && link !== "nobody";
    const who = !isKnown ? link : link === "connected" ? peerName : `${peerName}, ${link}`;
    const count = this.waiting(nowMs);
    return count === 0 ? who : `${who}, ${count} waiting`;
  }

  get #current(): PeerState {
    return this.#of(this.#selection.peer);
  }

  #of(peer: PeerView | undefined): PeerState {
    const key = peer?.fingerprint ?? NOT_KNOWN;
    const state = this.#peers.get(key) ?? { link: "nobody", waiting: new Map<number, number>() };
    this.#peers.set(key, state);
    return state;
  }

  /** The same peer has another fingerprint from now on. */
  #reprint(former: string, { fingerprint }: PeerView): void {
    const state = this.#peers.get(former);
    if (state === undefined) return;
    this.#peers.delete(former);
    this.#peers.set(fingerprint, state);
  }

  #disconnected({ reason, peer, undelivered }: Extract<ProgramEvent, { type: "disconnected" }>): void {
    const state = this.#of(peer);
    const isKnown = peer !== undefined || state.link !== "nobody";
    state.link = isKnown && !NOBODY_LEFT.has(reason) ? "offline" : "nobody";
    if (undelivered === 0 || state.link === "nobody") state.waiting.clear();
    for (const seq of state.waiting.keys()) state.waiting.set(seq, AT_ONCE);
  }

  #backlog(peer: PeerView, seqs: readonly number[]): void {
    const state = this.#of(peer);
    if (state.link === "nobody") state.link = "offline";
    state.waiting = new Map(seqs.map((seq) => [seq, AT_ONCE]));
  }
}

/** If a backlog has reported the new numbers before, `was` may be one of them, and another message's. */
function released(waiting: Map<number, number>, seq: number, was: number): void {
  if (waiting.has(seq) || !waiting.delete(was)) return;
  waiting.set(seq, AT_ONCE);
}
