// The part of the outbox that is in memory: some of our waiting messages, with numbers that follow each other: those that
// are sent next, or were queued last. Knows no store.

import { Queue } from "../queue.ts";
import type { StoredMessage } from "./store.ts";

/** Ours: how much of the outbox is in memory; a channel gets as much at a time. */
export const WINDOW_BYTES = 256 * 1024;

export class OutboxWindow {
  #messages = new Queue<StoredMessage>();
  #bytes = 0;

  /** The message with this number, or undefined if it is not here; those before it are dropped. Fast for one after the other. */
  from(seq: number): StoredMessage | undefined {
    const { first } = this.#messages;
    const index = first === undefined ? -1 : seq - first.seq;
    if (index < 0 || index >= this.#messages.length) return undefined;
    this.#drop(index);
    return this.#messages.first;
  }

  dropBelow(seq: number): void {
    const { first } = this.#messages;
    if (first !== undefined && first.seq < seq) this.#drop(Math.min(seq - first.seq, this.#messages.length));
  }

  /** Instead of what was here: messages in order. */
  replace(messages: readonly StoredMessage[]): void {
    this.#messages = new Queue(messages);
    this.#bytes = messages.reduce((sum, { message }) => sum + message.length, 0);
  }

  /** A message that was queued stays in memory if there is room: it is probably sent at once. */
  add(queued: StoredMessage): void {
    const { last } = this.#messages;
    const { length } = queued.message;
    if ((last !== undefined && last.seq + 1 !== queued.seq) || this.#bytes + length > WINDOW_BYTES) return;
    this.#messages.push(queued);
    this.#bytes += length;
  }

  /** All have numbers that are higher by this. */
  renumber(by: number): void {
    this.#messages = new Queue(Array.from(this.#messages, (queued) => ({ ...queued, seq: queued.seq + by })));
  }

  #drop(count: number): void {
    for (let index = 0; index < count; index++) this.#bytes -= this.#messages.at(index)!.message.length;
    this.#messages.drop(count);
  }
}
