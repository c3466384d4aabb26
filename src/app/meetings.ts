// What happens when a session with somebody opens, carries something and ends: who is told, what is stored, and what waits
// for whom. For all conversations of a program; `messenger.ts` has them.

import type { ChatEvent } from "../core/chat/chat.ts";
import type { SessionEvent } from "../core/chat/session.ts";
import type { Instant } from "../core/clock.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Transfer } from "../core/transfers/pieces.ts";
import type { Conversation, ConversationOwner } from "./conversation.ts";
import type { Conversations } from "./conversations.ts";
import type { Display } from "./display.ts";
import type { EndReason } from "./events.ts";
import { fingerprintNotice } from "./fingerprint-notice.ts";
import type { Frontend } from "./frontend.ts";
import { dropSaid, type Hubs } from "./hubs.ts";
import type { Introductions } from "./introductions.ts";
import type { Leaving } from "./leaving.ts";
import type { Outbox } from "./outbox.ts";
import type { PeerViews } from "./peer-views.ts";
import type { Clock } from "./ports.ts";
import type { Recipients } from "./recipients.ts";
import type { Saying } from "./saying.ts";
import type { SessionEnd } from "./session-runner.ts";
import type { Unread } from "./unread.ts";

interface MeetingsOptions {
  readonly frontend: Frontend;
  readonly clock: Clock;
  readonly views: PeerViews;
  readonly outbox: Outbox;
  readonly display: Display;
  readonly hubs: Hubs;
  readonly recipients: Recipients;
  readonly introductions: Introductions;
  readonly leaving: Leaving;
  readonly unread: Unread;
  /** They are made with this as their owner. */
  readonly conversations: () => Conversations;
  readonly saying: () => Saying;
  /** What is kept of the chat with this peer is as the user wants it. Throws LairError store-*. */
  readonly keep: (peer: Peer) => void;
  /** Tells the frontend whom a line may name. */
  readonly tellPeople: () => void;
  readonly regulateInput: () => void;
}

/** Whether the reason says everything that the error does. */
function wasToldByReason(reason: EndReason): boolean {
  return reason === "silent" || reason === "key-expired";
}

export class Meetings implements ConversationOwner {
  readonly #options: MeetingsOptions;
  /** Whether the output accepts what is shown. */
  isOutputTaken = true;
  /** Whether any session has been open, with whomever: also with somebody who was forgotten. */
  hasTalked = false;

  constructor(options: MeetingsOptions) {
    this.#options = options;
  }

  get isLeaving(): boolean {
    return this.#options.leaving.isLeaving;
  }

  /** Whether messages wait, or may wait, that no session carries now. */
  get hasToWait(): boolean {
    const { hubs, conversations } = this.#options;
    if (!this.hasTalked || hubs.hasToWait) return true;
    return conversations().all.some((conversation) => !conversation.isOpen && this.#undeliveredTo(conversation) > 0);
  }

  now(): Instant {
    return this.#options.clock.now();
  }

  opened(
    conversation: Conversation,
    { peer, pairedNow, formerFingerprint }: Extract<SessionEvent, { type: "opened" }>,
  ): void {
    const { frontend, views, outbox, leaving, conversations, tellPeople } = this.#options;
    this.hasTalked = true;
    conversations().opened(conversation, peer);
    outbox.remember(peer);
    tellPeople();
    const former = formerFingerprint === undefined ? {} : { formerFingerprint };
    if (conversation.admission !== "kept-out") {
      frontend.show({ type: "connected", peer: views.of(peer), pairedNow, ...former });
    }
    if (formerFingerprint !== undefined) frontend.show(fingerprintNotice(views.of(peer), formerFingerprint));
    if (peer.isHub === true) this.#openedHub(conversation);
    else this.#openedPerson(conversation, peer);
    if (!this.hasToWait) leaving.opened();
  }

  rekeyed({ peer }: Conversation, epoch: number): void {
    const { frontend, views } = this.#options;
    if (peer !== undefined) frontend.show({ type: "rekeyed", epoch, peer: views.of(peer) });
  }

  chat(conversation: Conversation, event: ChatEvent): void {
    this.tell(conversation, event);
  }

  transfer(conversation: Conversation, transfer: Transfer): void {
    this.#letIn(conversation);
    this.#options.hubs.receive(conversation, transfer);
  }

  /** Messages that arrived just before the end are stored and shown first. */
  ending(conversation: Conversation): void {
    const { outbox } = this.#options;
    conversation.runner?.tellAll();
    outbox.flush();
    outbox.refuseStaged();
  }

  ended(
    conversation: Conversation,
    { end, reason, wasOpen }: { readonly end: SessionEnd; readonly reason: EndReason; readonly wasOpen: boolean },
  ): void {
    const { peer } = conversation;
    const { frontend, views, outbox, hubs, display, conversations, regulateInput } = this.#options;
    conversations().ended(conversation);
    hubs.ended(conversation);
    if (end.type === "error" && !(wasOpen && wasToldByReason(reason))) display.error(end.error, peer);
    regulateInput();
    // "replaced" speaks of another session, and this one was never told of.
    if (!wasOpen && (end.type !== "closed" || reason === "replaced")) return;
    // It was not told of either.
    if (conversation.admission === "kept-out") return;
    const isKept = peer !== undefined && !outbox.isForgotten(peer);
    frontend.show({
      type: "disconnected",
      reason,
      peer: peer === undefined ? undefined : views.of(peer),
      undelivered: isKept ? outbox.with(peer).undelivered : 0,
    });
  }

  /** Something has happened in the chat with a peer, in a session or without one. */
  tell(conversation: Conversation, event: ChatEvent): void {
    const { peer } = conversation;
    if (peer === undefined) return;
    const { outbox, display, introductions, regulateInput } = this.#options;
    if (peer.isHub === true) {
      dropSaid(outbox.with(peer), event);
      this.wake(peer);
      return;
    }
    if (event.type !== "introduction") display.chat(peer, event);
    else if (event.again !== true) this.attempt(peer, () => introductions.arrived(peer, event.introduction));
    if (event.type === "introduction") display.noted(peer, event);
    outbox.note(event);
    if (event.type === "message") this.#noteUnread(peer);
    if (event.type === "delivered") regulateInput();
  }

  /**
   * Stores what is staged for this peer, through its current session or the outbox. No other session does anything: there
   * may be a thousand, and this comes with each line that is shown.
   */
  wake(peer: Peer): void {
    const { conversations, outbox } = this.#options;
    conversations().find(peer)?.runner?.wake();
    outbox.wake();
  }

  /** An action whose failure is reported to the user and ends nothing. */
  attempt(peer: Peer, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.outbox.refuse(error, peer);
    }
  }

  /** How many messages said since the program began wait in this conversation. */
  #undeliveredTo({ peer }: Conversation): number {
    const { outbox } = this.#options;
    if (peer === undefined || outbox.isForgotten(peer)) return 0;
    const { undelivered, sent } = outbox.with(peer);
    return Math.min(undelivered, sent);
  }

  /** A line has come that counts as read where the prompt is. */
  #noteUnread(peer: Peer): void {
    const { frontend, views, unread } = this.#options;
    if (frontend.isAt?.(views.of(peer)) !== true) unread.add(views.idOf(peer));
  }

  /** Whom a hub does not let in gets nothing from it. */
  #letIn(conversation: Conversation): void {
    const { peer, admission } = conversation;
    if (admission === "let-in" || peer === undefined) return;
    conversation.admission = "let-in";
    if (admission === "unsaid") return;
    const { frontend, views } = this.#options;
    frontend.show({ type: "connected", peer: views.of(peer), pairedNow: false });
  }

  #openedHub(conversation: Conversation): void {
    this.#options.hubs.opened(conversation);
    this.#options.saying().openedHub();
  }

  #openedPerson(conversation: Conversation, peer: Peer): void {
    const { hubs, outbox, keep, recipients, regulateInput } = this.#options;
    hubs.refuseLink(peer);
    const chat = outbox.with(peer);
    this.attempt(peer, () => keep(peer));
    for (const unseen of chat.takeUnseen()) this.tell(conversation, unseen);
    if (recipients.isClear) outbox.sayHeld(peer);
    conversation.runner?.wake();
    outbox.wake();
    regulateInput();
  }
}
