// Delivery: numbers, order and acknowledgement of messages within one session (docs/PROTOCOL.md §7.1).
// It knows bytes and numbers, not what they say. In memory: what is not acknowledged when the session ends is reported
// as not delivered. RESUME and a durable store will come in here, below the chat and above the channel.

import { concat, readU64, u64 } from "../bytes.ts";
import type { Channel, ChannelEvent, Instant } from "../channel/index.ts";
import { LairError } from "../errors.ts";

const SEQUENCE_LENGTH = 8;
/** Ours: what may wait for an acknowledgement. */
const MAX_UNDELIVERED = 10_000;
const MAX_UNDELIVERED_BYTES = 64 * 1024 * 1024;

export type DeliveryEvent =
  | { readonly type: "arrived"; readonly seq: number; readonly message: Uint8Array }
  | { readonly type: "delivered"; readonly seq: number };

type RecordEvent = Extract<ChannelEvent, { type: "record" }>;

export class Delivery {
  readonly #channel: Channel;
  /** The number of the next message, each way. Plain numbers: 2^53 messages do not fit into one session's lifetime. */
  #nextToSend = 0;
  #nextExpected = 0;
  /** Lengths of the messages in flight, oldest first. */
  readonly #inFlight: number[] = [];
  #inFlightBytes = 0;
  /** One message at a time is timed until its ACK: a fresher round trip than the last PING's. */
  #timed: { readonly seq: number; readonly sentAt: Instant } | undefined;
  #roundTripMs: number | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get sent(): number {
    return this.#nextToSend;
  }

  get received(): number {
    return this.#nextExpected;
  }

  /** Sent and not yet acknowledged. */
  get undelivered(): number {
    return this.#inFlight.length;
  }

  /** From a message to its acknowledgement, the last time that was measured. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Queues a message and returns its number. Throws LairError `queue-full`. */
  send(message: Uint8Array, now: Instant): number {
    if (this.#inFlight.length >= MAX_UNDELIVERED || this.#inFlightBytes + message.length > MAX_UNDELIVERED_BYTES) {
      throw new LairError("queue-full", "Too much is waiting to be delivered; this was not sent.", {
        hint: "Wait until some of it has arrived, then send it again.",
      });
    }
    const seq = this.#nextToSend;
    this.#channel.sendData(concat(u64(BigInt(seq)), message));
    this.#nextToSend += 1;
    this.#inFlight.push(message.length);
    this.#inFlightBytes += message.length;
    this.#timed ??= { seq, sentAt: now };
    return seq;
  }

  /** A DATA or an ACK came. Throws LairError `sequence` or `record-malformed`: the session is over then. */
  receive(event: RecordEvent, now: Instant): DeliveryEvent[] {
    return event.record === "data" ? [this.#onData(event.body)] : this.#onAck(event.body, now);
  }

  #onData(body: Uint8Array): DeliveryEvent {
    if (body.length < SEQUENCE_LENGTH) throw new LairError("record-malformed", "The other side sent a DATA cut short.");
    const seq = this.#nextExpected;
    if (readU64(body, 0) !== BigInt(seq)) {
      throw new LairError("sequence", "The other side left out a message or sent one twice.");
    }
    this.#nextExpected += 1;
    // One ACK a frame: the channel replaces an older one that has not left yet.
    this.#channel.sendAck(u64(BigInt(this.#nextExpected)));
    return { type: "arrived", seq, message: body.subarray(SEQUENCE_LENGTH) };
  }

  #onAck(body: Uint8Array, now: Instant): DeliveryEvent[] {
    if (body.length !== SEQUENCE_LENGTH) {
      throw new LairError("record-malformed", "The other side sent an ACK of a wrong length.");
    }
    const next = readU64(body, 0);
    const firstInFlight = this.#nextToSend - this.#inFlight.length;
    if (next < BigInt(firstInFlight) || next > BigInt(this.#nextToSend)) {
      throw new LairError(
        "sequence",
        "The other side acknowledged what was never sent, or took an acknowledgement back.",
      );
    }
    const count = Number(next) - firstInFlight;
    if (count === 0) this.#channel.chargeControl(now);
    if (this.#timed !== undefined && this.#timed.seq < Number(next)) {
      this.#roundTripMs = now.monotonicMs - this.#timed.sentAt.monotonicMs;
      this.#timed = undefined;
    }
    for (const length of this.#inFlight.splice(0, count)) this.#inFlightBytes -= length;
    return Array.from({ length: count }, (_, index) => ({ type: "delivered", seq: firstInFlight + index }));
  }
}
