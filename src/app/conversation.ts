// A conversation: one person, the current session with that person, and what `status` says of it. The messenger
// (`messenger.ts`) has all conversations, the outbox, and what both programs show. Knows neither how a session is made
// (`connecting.ts`, `accepting.ts`) nor how anything looks.
//
//   apart ---attach---> meeting ---opened---> open
//     ^                    |                    |
//     +--ended, rejected---+-------ended--------+        (attach also takes a session in the place of one that was refused)

import { CLOSE_REASON } from "../core/channel/index.ts";
import type { ChatEvent } from "../core/chat/chat.ts";
import type { Session, SessionEvent } from "../core/chat/session.ts";
import { elapsedMs, type Instant } from "../core/clock.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Transfer } from "../core/transfers/pieces.ts";
import { endReason } from "./end-reason.ts";
import type { EndReason } from "./events.ts";
import type { SessionEnd, SessionRunner } from "./session-runner.ts";
import type { NextTry } from "./status-report.ts";

type State =
  | { readonly name: "apart" }
  /** A session has begun, or the other side refused it before it opened. */
  | { readonly name: "meeting"; readonly runner: SessionRunner<Session>; readonly since: Instant }
  /** The session can carry messages. */
  | { readonly name: "open"; readonly runner: SessionRunner<Session>; readonly since: Instant };

/**
 * Whether a hub lets this user in. It opens a session with everybody whom it knows, and ends it again if it does not.
 *
 *   unsaid ---it sends something---> let-in
 *     +---its session ends before---> kept-out ---it sends something---> let-in ---not trusted any more---> kept-out
 */
type Admission = "unsaid" | "let-in" | "kept-out";

/** What a conversation needs from the messenger, which has what all conversations share. */
export interface ConversationOwner {
  /** Whether the program is leaving. */
  readonly isLeaving: boolean;
  /** Whether the output accepts what is shown. */
  readonly isOutputTaken: boolean;
  now(): Instant;
  /** A session has opened; its peer is known now. */
  opened(conversation: Conversation, event: Extract<SessionEvent, { type: "opened" }>): void;
  rekeyed(conversation: Conversation, epoch: number): void;
  /** Something has happened in the chat with its peer. */
  chat(conversation: Conversation, event: ChatEvent): void;
  /** Its peer, a hub, has sent something. Throws LairError `call-malformed`, which ends the session. */
  transfer(conversation: Conversation, transfer: Transfer): void;
  /** Its session is over; what arrived in it is to be stored and shown. Called before the conversation is apart. */
  ending(conversation: Conversation): void;
  /** It is apart again. */
  ended(conversation: Conversation, how: { end: SessionEnd; reason: EndReason; wasOpen: boolean }): void;
}

/** A conversation with one person, or the sessions with a hub, where nothing is said. Made by the messenger. */
export class Conversation {
  readonly #owner: ConversationOwner;
  #state: State = { name: "apart" };
  /** Undefined until a first meeting has shown who it is. As stored now: a peer may be renamed. */
  peer: Peer | undefined;
  /** Whether any session has been open. */
  hasTalked = false;
  /** Of a hub. */
  admission: Admission = "unsaid";
  /** Whether the user has forgotten the peer: then no further attempt is made. */
  isAbandoned = false;
  /** For `status`: the address, and the proxy that this side connects through. */
  readonly address: { url: string; proxy: string | undefined } = { url: "", proxy: undefined };
  /** For `status`, until a session is open; undefined once none is being made. */
  nextTry: NextTry | undefined;
  /** When a session last ended, by the wall clock; undefined if none has since the program began. */
  lastSeenMs: number | undefined;

  /** Who waits until it is apart. */
  #onceApart: (() => void)[] = [];

  constructor(owner: ConversationOwner, peer: Peer | undefined) {
    this.#owner = owner;
    this.peer = peer;
  }

  /** The current session, if there is one. */
  get runner(): SessionRunner<Session> | undefined {
    return this.#state.name === "apart" ? undefined : this.#state.runner;
  }

  /** Whether the current session can carry messages. */
  get isOpen(): boolean {
    return this.#state.name === "open";
  }

  /** Since when the current session is open, by the wall clock. */
  get connectedAtMs(): number | undefined {
    return this.#state.name === "open" ? this.#state.since.wallMs : undefined;
  }

  /** How long the current session has been in its present state, in milliseconds; undefined if there is none. */
  get sessionAgeMs(): number | undefined {
    return this.#state.name === "apart" ? undefined : elapsedMs(this.#state.since, this.#owner.now());
  }

  get isLeaving(): boolean {
    return this.#owner.isLeaving;
  }

  /** Resolves when there is no session any more; at once if there is none. */
  async whenApart(): Promise<void> {
    if (this.#state.name === "apart") return;
    await new Promise<void>((resolve) => void this.#onceApart.push(resolve));
  }

  /** This becomes the current session. Its events and its end must be passed to {@link event} and {@link ended}. */
  attach(runner: SessionRunner<Session>): void {
    this.#state = { name: "meeting", runner, since: this.#owner.now() };
    if (!this.#owner.isOutputTaken) runner.regulateReceiving(false);
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case "opened": {
        const { runner } = this;
        if (runner === undefined) return;
        this.#state = { name: "open", runner, since: this.#owner.now() };
        this.hasTalked = true;
        this.nextTry = undefined;
        this.peer = event.peer;
        this.#owner.opened(this, event);
        break;
      }
      case "rekeyed":
        this.#owner.rekeyed(this, event.epoch);
        break;
      case "transfer":
        this.#owner.transfer(this, event.transfer);
        break;
      case "closed":
      case "refused":
        // The first is told by the end of the session; the second never concerns the current session.
        break;
      default:
        this.#owner.chat(this, event);
    }
  }

  /** The session has ended, or a newer one of the same peer replaces it. Returns the reason. */
  ended(end: SessionEnd, why: EndReason = endReason(end)): EndReason {
    const wasOpen = this.isOpen;
    const reason = why === "left" ? this.#whyLeft : why;
    this.peer ??= this.runner?.session.peer;
    if (wasOpen) this.lastSeenMs = this.#owner.now().wallMs;
    this.#owner.ending(this);
    this.#state = { name: "apart" };
    this.#owner.ended(this, { end, reason, wasOpen });
    this.#tellApart();
    return reason;
  }

  get #whyLeft(): EndReason {
    if (this.isAbandoned) return "forgotten";
    return this.peer?.isMuted === true && !this.isLeaving ? "muted" : "left";
  }

  /** The current session came to nothing: the other side hung up before it had accepted us. Nobody is told. */
  rejected(): void {
    this.#state = { name: "apart" };
    this.#tellApart();
  }

  #tellApart(): void {
    const waiting = this.#onceApart;
    this.#onceApart = [];
    for (const resolve of waiting) resolve();
  }

  /** Ends the session, if there is one: its user has forgotten the peer. */
  abandon(): void {
    this.isAbandoned = true;
    this.runner?.leave(CLOSE_REASON.goodbye, 0);
  }
}
