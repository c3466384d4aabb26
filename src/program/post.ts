// The post: what is said to each peer, whether a line carries it at the moment or not. One turn after something was said
// or shown it is stored; where a line is at work, its driver does that. Knows no line and not how anything looks.

import { toHex } from "../core/bytes.ts";
import { Correspondence, type CorrespondenceEvent } from "../core/chat/correspondence.ts";
import type { Store } from "../core/delivery/store.ts";
import type { Peer } from "../core/identity/peer.ts";

export interface PostOptions {
  readonly store: Store;
  /** What has happened by storing, in order. */
  readonly onEvents: (events: readonly CorrespondenceEvent[]) => void;
  /** Nothing of it has been stored. */
  readonly onError: (error: unknown) => void;
}

export class Post {
  readonly #options: PostOptions;
  readonly #correspondences = new Map<string, Correspondence>();
  #last: { readonly peer: Peer; readonly correspondence: Correspondence } | undefined;
  #isFlushDue = false;

  constructor(options: PostOptions) {
    this.#options = options;
  }

  /** What is said with this peer. Throws LairError store-*. */
  with(peer: Peer): Correspondence {
    // It is asked for at every message.
    if (this.#last?.peer === peer) return this.#last.correspondence;
    const key = toHex(peer.publicKey);
    const correspondence = this.#correspondences.get(key) ?? new Correspondence(this.#options.store, peer.publicKey);
    this.#correspondences.set(key, correspondence);
    this.#last = { peer, correspondence };
    return correspondence;
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
    for (const correspondence of this.#correspondences.values()) {
      if (!correspondence.hasStaged) continue;
      try {
        this.#options.onEvents(correspondence.commit());
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  /** All that waits, whenever it was said. */
  get waiting(): number {
    let count = 0;
    for (const { undelivered } of this.#correspondences.values()) count += undelivered;
    return count;
  }

  /** What was said since the program began and has not arrived: no older than that, and no more than is still there. */
  get undelivered(): number {
    let count = 0;
    for (const { undelivered, sent } of this.#correspondences.values()) count += Math.min(undelivered, sent);
    return count;
  }
}
