// How much of each stream may wait for an acknowledgement (docs/PROTOCOL.md §7.2). All streams share one sequence of
// numbers, so a line of chat waits for everything that was queued before it: that is why the others get little. Counts
// bytes; knows no message.

import { LairError } from "../errors.ts";
import { SparseMap } from "../sparse-map.ts";
import { DATA_HEAD_BYTES } from "./data.ts";

/** Ours: the limits of stream 0, the chat. */
const MAX_CHAT_MESSAGES = 10_000;
const MAX_CHAT_BYTES = 64 * 1024 * 1024;
/** Ours: the limit of each other stream, and of all of them together; the head of each DATA counts too. */
const MAX_STREAM_BYTES = 64 * 1024;
const MAX_STREAMS_BYTES = 256 * 1024;

const CHAT_STREAM = 0;

/** The use of all streams to one peer. */
export class Quota {
  readonly #bytes = new SparseMap<number, number>();
  #chatMessages = 0;
  #otherBytes = 0;
  /** The length of the last message that was refused, by stream. */
  readonly #refused = new SparseMap<number, number>();

  /** Bytes of the longest message that this stream could take now; 0: none. */
  room(stream: number): number {
    const used = this.#bytes.get(stream) ?? 0;
    if (stream === CHAT_STREAM) return this.#chatMessages < MAX_CHAT_MESSAGES ? MAX_CHAT_BYTES - used : 0;
    const free = Math.min(MAX_STREAM_BYTES - used, MAX_STREAMS_BYTES - this.#otherBytes);
    return Math.max(0, free - DATA_HEAD_BYTES);
  }

  /** Throws LairError `queue-full` for the chat, `stream-full` for another stream; that is remembered. */
  requireRoom(stream: number, bytes: number): void {
    if (this.#fits(stream, bytes)) return;
    if (stream === CHAT_STREAM) {
      throw new LairError("queue-full", "Too much is waiting to be delivered; this was not sent.", {
        hint: "Wait until some of it has arrived, then send it again.",
      });
    }
    // A stream that was refused again stands last: no other one waits for it for ever.
    this.#refused.delete(stream);
    this.#refused.set(stream, bytes);
    throw new LairError("stream-full", "Too much of one transfer is waiting to be delivered; this part was not sent.", {
      hint: "Go on when some of it has arrived.",
    });
  }

  /** The streams that were refused and have room for that message now; once. */
  takeRoomy(): readonly number[] {
    if (this.#refused.size === 0) return [];
    const roomy = [...this.#refused].filter(([stream, bytes]) => this.#fits(stream, bytes)).map(([stream]) => stream);
    for (const stream of roomy) this.#refused.delete(stream);
    return roomy;
  }

  add(stream: number, bytes: number): void {
    this.#count(stream, bytes, 1);
  }

  remove(stream: number, bytes: number): void {
    this.#count(stream, bytes, -1);
  }

  /** Nothing waits; what was refused stays so. */
  clear(): void {
    this.#bytes.clear();
    this.#chatMessages = 0;
    this.#otherBytes = 0;
  }

  #fits(stream: number, bytes: number): boolean {
    const used = this.#bytes.get(stream) ?? 0;
    if (stream === CHAT_STREAM) return this.#chatMessages < MAX_CHAT_MESSAGES && used + bytes <= MAX_CHAT_BYTES;
    const cost = bytes + DATA_HEAD_BYTES;
    return used + cost <= MAX_STREAM_BYTES && this.#otherBytes + cost <= MAX_STREAMS_BYTES;
  }

  #count(stream: number, bytes: number, by: 1 | -1): void {
    const isChat = stream === CHAT_STREAM;
    const cost = by * (isChat ? bytes : bytes + DATA_HEAD_BYTES);
    const used = (this.#bytes.get(stream) ?? 0) + cost;
    // Thousands of streams may be used once each.
    if (used === 0) this.#bytes.delete(stream);
    else this.#bytes.set(stream, used);
    if (isChat) this.#chatMessages += by;
    else this.#otherBytes += cost;
  }
}
