// The part of a session after the handshake: a chat over one channel, from its opening to its end. Sans-I/O, like
// `channel.ts`. It knows when the session is over, but neither who the peer is nor how anything is shown.
//
//   opened ---begin---> carrying ---leave, refuse---> leaving ---all delivered, or time---> the channel closes
//     |                    |                             (refuse closes it at once, also from opened)
//     |                    +---the chat is begun over a newer session---> replaced: nothing of the chat is told here
//
// A frame that has come (its CLOSE, if it has one, is the last of it):
//
//   taken whole <---no more than a transaction takes--- read ---more---> in parts ---the last part is stored---> taken whole
//                                                                        |      ^
//                                                                        +-advance: a part is stored

import {
  type Channel,
  type ChannelEvent,
  CLOSE_REASON,
  type CloseReason,
  elapsedMs,
  type Instant,
} from "../channel/index.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import type { DeliverySession } from "../delivery/delivery-session.ts";
import { isOfOurDisk } from "../errors.ts";
import { Queue } from "../queue.ts";
import type { Transfer } from "../transfers/pieces.ts";
import { Transfers } from "../transfers/transfers.ts";
import type { Chat, ChatEvent } from "./chat.ts";

/** What has happened in a session after its handshake. */
export type ChatSessionEvent =
  | ChatEvent
  | { readonly type: "rekeyed"; readonly epoch: number }
  /** A call, an answer or news, whole: only between a hub and its member. */
  | { readonly type: "transfer"; readonly transfer: Transfer }
  | { readonly type: "closed"; readonly reason: CloseReason };

/**
 * Ours (docs/SECURITY.md): so many records of the peer are stored in one transaction, which takes some 3 ms; of messages as
 * many as the store says ({@link Store.mostAtOnce}). A frame may have 1,678 short lines.
 */
const RECORDS_AT_ONCE = 64;

/** What has come of the peer, in order, and is not taken yet. */
type Untaken = Exclude<ChannelEvent, { type: "rekeyed" }>;

/** A chat over one channel, from the opening of the channel to its end; {@link Session.chatSession} has it. */
export class ChatSession {
  readonly #channel: Channel;
  /** Calls to or from the other side, if one of the two is a hub and the other its member. */
  readonly transfers: Transfers | undefined;
  #isReading = true;
  #farewell: Uint8Array | undefined;
  #chat: Chat | undefined;
  #leaving: { readonly reason: CloseReason; readonly since: Instant; readonly waitMs: number } | undefined;
  /** The rest of a frame: of one, since no other is taken before. */
  readonly #rest = new Queue<Untaken>();
  /** What was taken since the last commit, as a share of what one transaction takes. */
  #taken = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.transfers = channel.carriesCalls ? new Transfers(channel) : undefined;
  }

  get channel(): Channel {
    return this.#channel;
  }

  /** The chat; undefined for a peer that is only told why it cannot stay. */
  get chat(): Chat | undefined {
    return this.#chat;
  }

  /** The round trip of the last message, or of the last PING if no message has been delivered yet. */
  get roundTripMs(): number | undefined {
    return this.#chat?.roundTripMs ?? this.#channel.roundTripMs;
  }

  /** See {@link Channel.deadlineMs}. */
  get deadlineMs(): number {
    // In `closing` the wait for delivery is over: a deadline in the past would wake us endlessly.
    if (this.#isEnding) return this.#channel.deadlineMs;
    const leaveMs = this.#leaving === undefined ? undefined : this.#leaving.since.monotonicMs + this.#leaving.waitMs;
    const stalledMs = this.#isReading ? this.#session?.deadlineMs : undefined;
    return Math.min(
      this.#channel.deadlineMs,
      leaveMs ?? Number.POSITIVE_INFINITY,
      stalledMs ?? Number.POSITIVE_INFINITY,
    );
  }

  /**
   * Whether {@link advance} must be called again at once, whatever the time: a part of a frame is left, see
   * {@link hasRest}; or both users have been told that the stores have diverged, and the session continues in a turn of its
   * own (docs/PROTOCOL.md §7.1).
   */
  get wantsTurn(): boolean {
    return this.hasRest || (!this.#isEnding && this.#session?.agreed !== undefined);
  }

  /**
   * Whether a part of the last frame is left. Each {@link advance} stores one, so that one long frame does not stop the
   * program. What is left when the session ends has not arrived: the peer has no acknowledgement of it, and sends it again.
   */
  get hasRest(): boolean {
    return this.#rest.length > 0;
  }

  /** Whether incoming frames are read; while they are not, an acknowledgement is not overdue. */
  regulate(isReading: boolean, now: Instant): void {
    this.#isReading = isReading;
    if (isReading) this.#session?.restartPatience(now);
  }

  /** The other side is known: its chat continues over this session, which sends RESUME. Throws LairError store-*. */
  begin(chat: Chat): void {
    chat.attach(this.#channel);
    this.#chat = chat;
  }

  /** Ends the session once everything has been delivered, or after `waitMs`. */
  leave(reason: CloseReason, waitMs: number, now: Instant): void {
    this.#leaving ??= { reason, since: now, waitMs };
  }

  /** Ends the session without waiting: for a peer that is told why it cannot stay. */
  refuse(reason: CloseReason, now: Instant): void {
    this.#leaving = { reason, since: now, waitMs: 0 };
    this.#channel.close(reason, now);
  }

  /**
   * Stores what arrived and what was said, and lets time pass: see {@link Channel.advance}. If there was nothing to store,
   * the next part of a rest is taken and stored; not with `takesMore` false. Throws LairError.
   */
  advance(now: Instant, takesMore = true): ChatSessionEvent[] {
    const events = takesMore ? this.#storePart(now) : this.#commit();
    const leaving = this.#leaving;
    if (
      leaving !== undefined &&
      !this.hasRest &&
      (this.#isDelivered || elapsedMs(leaving.since, now) >= leaving.waitMs)
    ) {
      this.#channel.close(leaving.reason, now);
    }
    if (this.#isReading && !this.#isEnding) this.#session?.requireTaken(now);
    this.#channel.advance(now);
    return events;
  }

  /** Whether an ACK or a PONG waits that {@link nextFrame} held back. */
  get hasAnswersWaiting(): boolean {
    return this.#channel.areAnswersAlone;
  }

  /**
   * See {@link Channel.nextFrame}. With `sendsAnswersAlone` false an ACK or a PONG waits for something to be sent with; the caller
   * sends it all the same before it waits for anything else.
   */
  nextFrame(now: Instant, sendsAnswersAlone = true): Uint8Array | undefined {
    this.#chat?.sessionOn(this.#channel)?.transmit();
    this.transfers?.transmit();
    this.#session?.awaitAcks(now);
    return !sendsAnswersAlone && this.#channel.areAnswersAlone ? undefined : this.#channel.nextFrame(now);
  }

  /**
   * See {@link Channel.receive}. {@link advance} reports what arrived, once it is stored. Also throws LairError for a
   * malicious peer's records inside the channel, here or in a later {@link advance}.
   */
  receive(frame: Uint8Array, now: Instant): ChatSessionEvent[] {
    return destroyedOnError(this.#channel, () => {
      const events: ChatSessionEvent[] = [];
      // The rest of the last frame comes first, if the caller did not give it its turns.
      while (this.hasRest) events.push(...this.#storePart(now));
      for (const event of this.#channel.receive(frame, now)) {
        if (event.type === "rekeyed") events.push(event);
        else this.#rest.push(event);
      }
      events.push(...this.#takePart(now));
      return events;
    });
  }

  /** Stores what is staged or, if nothing is, a part of what has come: never more than one part. */
  #storePart(now: Instant): ChatSessionEvent[] {
    if (!this.hasRest || this.#current?.hasStaged === true) return this.#commit();
    this.#taken = 0;
    const events = destroyedOnError(this.#channel, () => this.#takePart(now));
    return [...events, ...this.#commit()];
  }

  /** Takes of what has come as much as may still be stored with what was taken since the last commit. */
  #takePart(now: Instant): ChatSessionEvent[] {
    return this.orFarewell(now, () => {
      const events: ChatSessionEvent[] = [];
      const shareOfMessage = 1 / (this.#chat?.mostAtOnce ?? RECORDS_AT_ONCE);
      while (this.#taken < 1) {
        const event = this.#rest.shift();
        if (event === undefined) break;
        if (event.type === "closed") return [...events, ...this.#commit(), event];
        this.#taken += event.type === "record" && event.record === "data" ? shareOfMessage : 1 / RECORDS_AT_ONCE;
        if (event.type === "call") {
          const transfer = this.transfers?.receive(event.body);
          if (transfer !== undefined) events.push({ type: "transfer", transfer });
        } else {
          this.#chat?.receive(this.#channel, event, now);
        }
      }
      return events;
    });
  }

  /**
   * Runs an action that may fail. If the disk of this side failed, the peer must be told, and {@link farewell} has the
   * frame; after a fault of the peer nothing is sent. Throws what `action` throws.
   */
  orFarewell<T>(now: Instant, action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#farewell ??= this.#unable(error, now);
      throw error;
    }
  }

  /** The last frame after a failure on this side: CLOSE "unable". */
  get farewell(): Uint8Array | undefined {
    return this.#farewell;
  }

  #unable(error: unknown, now: Instant): Uint8Array | undefined {
    if (!isOfOurDisk(error)) return undefined;
    try {
      return this.#channel.closeNow(CLOSE_REASON.unable, now);
    } catch {
      // The key is at its usage limit: the first failure counts.
      return undefined;
    }
  }

  /** The channel is gone. */
  end(): void {
    this.#rest.clear();
    this.#channel.destroy();
    this.#chat?.detach(this.#channel);
  }

  /** None after a newer session has taken over: that session reports its events. */
  get #current(): Chat | undefined {
    return this.#session === undefined ? undefined : this.#chat;
  }

  /** Throws the error that ended the session, if it was a failing store. */
  get #session(): DeliverySession | undefined {
    this.#chat?.requireIntact(this.#channel);
    return this.#chat?.sessionOn(this.#channel);
  }

  get #isEnding(): boolean {
    return this.#channel.state === "closing" || this.#channel.state === "closed";
  }

  get #isDelivered(): boolean {
    return this.#current === undefined || this.#current.undelivered === 0;
  }

  #commit(): ChatSessionEvent[] {
    this.#taken = 0;
    return this.#current?.commit() ?? [];
  }
}
