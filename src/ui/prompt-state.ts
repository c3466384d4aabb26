// The text of the prompt: the peer or room that it is at, whether it can be reached, who is typing there, and how much has
// been waiting for too long. Learns everything from the program's events. Knows no timers: it says when it must be called again.

import type { EndReason, ProgramEvent } from "../app/events.ts";
import type { PersonView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { endsMembership } from "./known-rooms.ts";
import type { Selection } from "./selection.ts";

/** Delivery is the normal case and takes a round trip; the prompt mentions only what takes longer. */
export const PATIENCE_MS = 2_000;

/** Ends after which there is nobody to write to: the two are not paired, or not any more. */
const NOBODY_LEFT: ReadonlySet<EndReason> = new Set(["not-trusted", "unable", "forgotten"]);

const AT_ONCE = Number.NEGATIVE_INFINITY;

/** A program says every few seconds that its user is still typing. */
const TYPING_MS = 8_000;

type Link = "nobody" | "offline" | "connected";

/** What the prompt says of one peer. */
interface PeerState {
  /** Offline: no connection, but a recipient for the messages. */
  link: Link;
  /** For each undelivered message, by its number, the time from which it counts. */
  waiting: Map<number, number>;
}

/** What the prompt says of a room. */
interface RoomState {
  /** For each line of the user that is not in the log, by its id, the time from which it counts. */
  readonly waiting: Map<string, number>;
  /** By fingerprint: who types, and until when that is believed. */
  readonly typing: Map<string, { readonly who: PersonView; readonly untilMs: number }>;
}

/** Where the prompt is. */
type Where = Pick<Selection, "peer"> & Partial<Pick<Selection, "room" | "goneRoom">>;

/** The place of somebody who is not known yet. */
const NOT_KNOWN = "";

export class PromptState {
  /** By fingerprint. */
  readonly #peers = new Map<string, PeerState>();
  /** By id. */
  readonly #rooms = new Map<string, RoomState>();
  readonly #selection: Where;
  readonly #nameOf: (who: PersonView, room: RoomView) => string;

  /** `nameOf`: the name of somebody in a room, as shown. */
  constructor(selection: Where, nameOf: (who: PersonView, room: RoomView) => string = ({ name }) => name) {
    this.#selection = selection;
    this.#nameOf = nameOf;
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
      case "room":
        this.#learnOfRooms(event.report, nowMs);
        break;
      default:
        break;
    }
  }

  #learnOfRooms(report: RoomReport, nowMs: number): void {
    const ended = endsMembership(report);
    if (ended !== undefined) this.#rooms.delete(ended.id);
    switch (report.type) {
      case "queued":
        this.#ofRoom(report.room).waiting.set(report.id, nowMs + PATIENCE_MS);
        break;
      case "sent":
        this.#ofRoom(report.room).waiting.delete(report.id);
        break;
      case "room-error":
        if (report.room !== undefined && report.id !== undefined) this.#ofRoom(report.room).waiting.delete(report.id);
        break;
      case "typing": {
        const { by } = report;
        if (by.isSelf !== true)
          this.#ofRoom(report.room).typing.set(by.fingerprint, { who: by, untilMs: nowMs + TYPING_MS });
        break;
      }
      case "message":
        this.#ofRoom(report.room).typing.delete(report.from.fingerprint);
        break;
      default:
        break;
    }
  }

  /** The number of messages that wait for the peer: on their way for two seconds or more, or without a connection. */
  waiting(nowMs: number): number {
    let count = 0;
    for (const fromMs of this.#waitingHere.values()) if (nowMs >= fromMs) count++;
    return count;
  }

  get #waitingHere(): ReadonlyMap<unknown, number> {
    const { room } = this.#selection;
    return room === undefined ? this.#current.waiting : this.#ofRoom(room).waiting;
  }

  /** The milliseconds until the {@link text} changes by itself, if it does. */
  changesInMs(nowMs: number): number | undefined {
    const { room } = this.#selection;
    const typing = room === undefined ? [] : [...this.#ofRoom(room).typing.values()].map(({ untilMs }) => untilMs);
    let next = Number.POSITIVE_INFINITY;
    for (const atMs of [...this.#waitingHere.values(), ...typing]) if (atMs > nowMs) next = Math.min(next, atMs);
    return next === Number.POSITIVE_INFINITY ? undefined : next - nowMs;
  }

  /**
   * "ada", "ada, 3 waiting", "ada, offline, 3 waiting", "nobody", "#ops, bob types"; `peerName` is the name of the peer or
   * room as shown.
   */
  text(peerName: string, nowMs: number): string {
    const { room, goneRoom } = this.#selection;
    if (goneRoom !== undefined) return `${peerName}, gone`;
    if (room !== undefined) return [peerName, ...this.#roomParts(room, room.isAway === true, nowMs)].join(", ");
    const { link } = this.#current;
    const isKnown = this.#selection.peer !== undefined && link !== "nobody";
    const who = !isKnown ? link : link === "connected" ? peerName : `${peerName}, ${link}`;
    const count = this.waiting(nowMs);
    return count === 0 ? who : `${who}, ${count} waiting`;
  }

  #roomParts(room: RoomView, isAway: boolean, nowMs: number): string[] {
    const count = this.waiting(nowMs);
    const typing = [...this.#ofRoom(room).typing.values()].filter(({ untilMs }) => untilMs > nowMs);
    const [first, ...others] = typing.map(({ who }) => this.#nameOf(who, room));
    return [
      ...(isAway ? ["offline"] : []),
      ...(count === 0 ? [] : [`${count} waiting`]),
      ...(first === undefined ? [] : [others.length === 0 ? `${first} types` : `${typing.length} type`]),
    ];
  }

  #ofRoom({ id }: RoomView): RoomState {
    const state = this.#rooms.get(id) ?? { waiting: new Map<string, number>(), typing: new Map() };
    this.#rooms.set(id, state);
    return state;
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
