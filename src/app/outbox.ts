// The post: what is said to each peer, whether a line carries it at the moment or not. One turn after something was said
// or shown it is stored; where a line is at work, its driver does that. Knows no line and not how anything looks.

import { toHex } from "../core/bytes.ts";
import { Chat, type ChatEvent } from "../core/chat/chat.ts";
import type { Store } from "../core/delivery/store.ts";
import type { Peer } from "../core/identity/peer.ts";

export interface OutboxOptions {
  readonly store: Store;
  /** What has happened by storing, in order. */
  readonly onEvents: (events: readonly ChatEvent[]) => void;
  /** Nothing of it has been stored. */
  readonly onError: (error: unknown) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #chats = new Map<string, Chat>();
  /** Of whom the person wants to hear nothing any more, by hex of the key. */
  readonly #forgotten = new Set<string>();
  #last: { readonly peer: Peer; readonly chat: Chat } | undefined;
  #isFlushDue = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** What is said with this peer. Throws LairError store-*. */
  with(peer: Peer): Chat {
    // It is asked for at every message.
    if (this.#last?.peer === peer) return this.#last.chat;
    const key = toHex(peer.publicKey);
    const chat = this.#chats.get(key) ?? new Chat(this.#options.store, peer.publicKey);
    this.#chats.set(key, chat);
    this.#last = { peer, chat };
    return chat;
  }

  /**
   * Counts nothing any more of what waits for this peer, until it is paired anew; with `history` all that is kept of it is
   * removed. Throws LairError store-*: then it is as before.
   */
  forget(peer: Peer, history: boolean): void {
    this.flush();
    // Never a new one for the same peer: the stamps are counted in it.
    if (history) this.with(peer).forget();
    this.#forgotten.add(toHex(peer.publicKey));
  }

  /** Whether this peer was forgotten, and has not been paired anew since. */
  isForgotten(peer: Peer): boolean {
    return this.#forgotten.size > 0 && this.#forgotten.has(toHex(peer.publicKey));
  }

  /** A session with this peer is open. */
  remember(peer: Peer): void {
    this.#forgotten.delete(toHex(peer.publicKey));
  }

  /** Something was staged: it is stored before this turn of the event loop ends, with all else that was. */
  wake(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => this.flush());
  }

  /** Stores what is staged, now. */
  flush(): void {
    this.#isFlushDue = false;
    for (const chat of this.#chats.values()) {
      if (!chat.hasStaged) continue;
      try {
        this.#options.onEvents(chat.commit());
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  /** All that waits, whenever it was said. */
  get waiting(): number {
    let count = 0;
    for (const [key, { undelivered }] of this.#chats) if (!this.#forgotten.has(key)) count += undelivered;
    return count;
  }

  /** What was said since the program began and has not arrived: no older than that, and no more than is still there. */
  get undelivered(): number {
    let count = 0;
    for (const [key, { undelivered, sent }] of this.#chats) {
      if (!this.#forgotten.has(key)) count += Math.min(undelivered, sent);
    }
    return count;
  }
}
