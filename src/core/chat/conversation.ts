// A conversation: what two people say over one channel, from its opening to its end. No hands: see `channel.ts`.
// It knows texts, their numbers and when they were delivered; not who the other person is, nor how anything is shown.

import { type Channel, type CloseReason, elapsedMs, type Instant } from "../channel/index.ts";
import { Delivery, type DeliveryEvent } from "../delivery/delivery.ts";
import { destroyedOnError } from "../errors.ts";
import { decodeMessage, encodeText } from "./message.ts";

export type ConversationEvent =
  | { readonly type: "message"; readonly seq: number; readonly atMs: number; readonly text: string }
  | { readonly type: "unknown-message"; readonly seq: number; readonly kind: string }
  | { readonly type: "delivered"; readonly seq: number }
  | { readonly type: "rekeyed"; readonly epoch: number }
  | { readonly type: "closed"; readonly reason: CloseReason };

export class Conversation {
  readonly #channel: Channel;
  readonly #delivery: Delivery;
  #leaving: { readonly reason: CloseReason; readonly since: Instant; readonly waitMs: number } | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#delivery = new Delivery(channel);
  }

  get channel(): Channel {
    return this.#channel;
  }

  get sent(): number {
    return this.#delivery.sent;
  }

  get received(): number {
    return this.#delivery.received;
  }

  get undelivered(): number {
    return this.#delivery.undelivered;
  }

  /** Of the last message, or of the last PING where none has been delivered yet. */
  get roundTripMs(): number | undefined {
    return this.#delivery.roundTripMs ?? this.#channel.roundTripMs;
  }

  /** Whether nothing more can be said. */
  get isLeaving(): boolean {
    return this.#leaving !== undefined || this.#channel.state === "closing" || this.#channel.state === "closed";
  }

  /** See {@link Channel.deadlineMs}. */
  get deadlineMs(): number {
    const isOpen = this.#channel.state === "open" || this.#channel.state === "rekeying";
    // Once it closes, the wait for delivery is over: a deadline in the past would wake us without end.
    if (this.#leaving === undefined || !isOpen) return this.#channel.deadlineMs;
    return Math.min(this.#channel.deadlineMs, this.#leaving.since.monotonicMs + this.#leaving.waitMs);
  }

  /** Says something and returns its number. Throws LairError `message-too-long` or `queue-full`; nothing is sent then. */
  say(text: string, now: Instant): number {
    return this.#delivery.send(encodeText(text, now.wallMs), now);
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

  /** See {@link Channel.advance}. */
  advance(now: Instant): void {
    const leaving = this.#leaving;
    if (leaving !== undefined && (this.undelivered === 0 || elapsedMs(leaving.since, now) >= leaving.waitMs)) {
      this.#channel.close(leaving.reason, now);
    }
    this.#channel.advance(now);
  }

  /** See {@link Channel.nextFrame}. */
  nextFrame(now: Instant): Uint8Array | undefined {
    return this.#channel.nextFrame(now);
  }

  /** See {@link Channel.receive}. Throws LairError also for what a malicious peer says inside the channel. */
  receive(frame: Uint8Array, now: Instant): ConversationEvent[] {
    return destroyedOnError(this.#channel, () =>
      this.#channel.receive(frame, now).flatMap((event): ConversationEvent[] => {
        if (event.type !== "record") return [event];
        return this.#delivery.receive(event, now).map((delivered) => toConversationEvent(delivered));
      }),
    );
  }
}

function toConversationEvent(event: DeliveryEvent): ConversationEvent {
  if (event.type === "delivered") return event;
  const message = decodeMessage(event.message);
  return message.kind === "text"
    ? { type: "message", seq: event.seq, atMs: message.atMs, text: message.text }
    : { type: "unknown-message", seq: event.seq, kind: message.name };
}
