// The part of a session behind the handshake: a chat over one channel, from its opening to its end. Sans-I/O, as
// `channel.ts`. It knows when the session is over; not who the other person is, nor how anything is shown.
//
//   opened ---begin---> carrying ---leave, refuse---> leaving ---all delivered, or time---> the channel closes
//     |                    |                             (refuse closes it at once, also from opened)
//     |                    +---the chat is begun over a newer session---> replaced: nothing of the chat is told here

import { type Channel, CLOSE_REASON, type CloseReason, elapsedMs, type Instant } from "../channel/index.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import type { DeliverySession } from "../delivery/delivery-session.ts";
import { isOfOurDisk } from "../errors.ts";
import type { Chat, ChatEvent } from "./chat.ts";

export type ChatSessionEvent =
  | ChatEvent
  | { readonly type: "rekeyed"; readonly epoch: number }
  | { readonly type: "closed"; readonly reason: CloseReason };

export class ChatSession {
  readonly #channel: Channel;
  #isReading = true;
  #farewell: Uint8Array | undefined;
  #chat: Chat | undefined;
  #leaving: { readonly reason: CloseReason; readonly since: Instant; readonly waitMs: number } | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get channel(): Channel {
    return this.#channel;
  }

  /** What is said here; undefined for a peer who is only told why it cannot stay. */
  get chat(): Chat | undefined {
    return this.#chat;
  }

  /** Of the last message, or of the last PING where none has been delivered yet. */
  get roundTripMs(): number | undefined {
    return this.#chat?.roundTripMs ?? this.#channel.roundTripMs;
  }

  /** See {@link Channel.deadlineMs}. */
  get deadlineMs(): number {
    // Once it closes, the wait for delivery is over: a deadline in the past would wake us without end.
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
   * Whether {@link advance} is to be called once more at once, whatever the time: both people have been told that the stores
   * do not fit, and the session goes on from there in a turn of its own (docs/PROTOCOL.md §7.1). It is false after that turn.
   */
  get wantsTurn(): boolean {
    return !this.#isEnding && this.#session?.agreed !== undefined;
  }

  /** Whether what comes is read; while it is not, no acknowledgement is missed. */
  regulate(isReading: boolean, now: Instant): void {
    this.#isReading = isReading;
    if (isReading) this.#session?.restartPatience(now);
  }

  /** The other side is known: the chat with it goes on here, and RESUME is said. Throws LairError store-*. */
  begin(chat: Chat): void {
    chat.attach(this.#channel);
    this.#chat = chat;
  }

  /** Ends it once everything has been delivered, or after `waitMs` with what has. */
  leave(reason: CloseReason, waitMs: number, now: Instant): void {
    this.#leaving ??= { reason, since: now, waitMs };
  }

  /** Ends it without waiting for anything: for a peer who is told why it cannot stay. */
  refuse(reason: CloseReason, now: Instant): void {
    this.#leaving = { reason, since: now, waitMs: 0 };
    this.#channel.close(reason, now);
  }

  /** What came and was said is stored, and time passes: see {@link Channel.advance}. Throws LairError. */
  advance(now: Instant): ChatSessionEvent[] {
    const events = this.#commit();
    const leaving = this.#leaving;
    if (leaving !== undefined && (this.#isDelivered || elapsedMs(leaving.since, now) >= leaving.waitMs)) {
      this.#channel.close(leaving.reason, now);
    }
    if (this.#isReading && !this.#isEnding) this.#session?.requireTaken(now);
    this.#channel.advance(now);
    return events;
  }

  /** See {@link Channel.nextFrame}. */
  nextFrame(now: Instant): Uint8Array | undefined {
    this.#chat?.sessionOn(this.#channel)?.transmit();
    this.#session?.awaitAcks(now);
    return this.#channel.nextFrame(now);
  }

  /**
   * See {@link Channel.receive}. What came is told by {@link advance}, once it is stored. Throws LairError also for what
   * a malicious peer says inside the channel.
   */
  receive(frame: Uint8Array, now: Instant): ChatSessionEvent[] {
    return destroyedOnError(this.#channel, () =>
      this.#channel.receive(frame, now).flatMap((event): ChatSessionEvent[] => {
        if (event.type === "closed") return [...this.#commit(), event];
        if (event.type === "rekeyed") return [event];
        this.orFarewell(now, () => this.#chat?.receive(this.#channel, event, now));
        return [];
      }),
    );
  }

  /**
   * Runs what may fail here. Where it is the disk of this side that failed, the peer is owed a word, and {@link farewell}
   * has it then; after a fault of the peer nothing goes back. Throws what `action` throws.
   */
  orFarewell<T>(now: Instant, action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#farewell ??= this.#unable(error, now);
      throw error;
    }
  }

  /** The last frame, when it has failed on this side: CLOSE "unable". */
  get farewell(): Uint8Array | undefined {
    return this.#farewell;
  }

  #unable(error: unknown, now: Instant): Uint8Array | undefined {
    if (!isOfOurDisk(error)) return undefined;
    try {
      return this.#channel.closeNow(CLOSE_REASON.unable, now);
    } catch {
      // The key is at its usage limit: what failed first counts.
      return undefined;
    }
  }

  /** The channel is gone. */
  end(): void {
    this.#channel.destroy();
    this.#chat?.detach(this.#channel);
  }

  /** None once a newer session has taken it over: what happens there is told there. */
  get #current(): Chat | undefined {
    return this.#session === undefined ? undefined : this.#chat;
  }

  /** Throws what ended it, if that was a store that failed. */
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
    return this.#current?.commit() ?? [];
  }
}
