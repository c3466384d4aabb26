// How long the peer may leave DATA unacknowledged (docs/PROTOCOL.md §10). It counts bytes and looks at the time; what is
// in flight, and what follows, is for `delivery.ts`. PING and PONG prove that the peer lives, not that it takes anything.

import type { Instant } from "../channel/index.ts";
import { LairError } from "../errors.ts";

/** Ours: an honest peer stores and acknowledges each frame at once, and is silent for longer only when it is gone. */
const UNACKNOWLEDGED_MS = 60_000;
/** Ours: so much that the peer reads nothing. */
const MUCH_BYTES = 64 * 1024;
const MUCH_UNACKNOWLEDGED_MS = 10_000;

/** How long one session has waited for the peer to acknowledge. */
export class Patience {
  #bytes = 0;
  /** Since when nothing new has been acknowledged, in milliseconds of the monotonic clock; Infinity when nothing waits. */
  #sinceMs = Number.POSITIVE_INFINITY;
  /** The same, from when it was much. */
  #muchSinceMs = Number.POSITIVE_INFINITY;

  /** When {@link check} would throw, by the monotonic clock. */
  get deadlineMs(): number {
    return Math.min(this.#sinceMs + UNACKNOWLEDGED_MS, this.#muchSinceMs + MUCH_UNACKNOWLEDGED_MS);
  }

  /** So many bytes of DATA are to be acknowledged. */
  sent(bytes: number): void {
    this.#bytes += bytes;
  }

  /** It waits from now on, unless it waits already. */
  start(now: Instant): void {
    if (this.#bytes === 0) return;
    this.#sinceMs = Math.min(this.#sinceMs, now.monotonicMs);
    if (this.#bytes > MUCH_BYTES) this.#muchSinceMs = Math.min(this.#muchSinceMs, now.monotonicMs);
  }

  /** So many bytes have been acknowledged. */
  taken(bytes: number, now: Instant): void {
    this.#bytes -= bytes;
    this.restart(now);
  }

  /** The peer has all its time again: something was acknowledged, or nothing has been read here. */
  restart(now: Instant): void {
    this.#sinceMs = this.#bytes > 0 ? now.monotonicMs : Number.POSITIVE_INFINITY;
    this.#muchSinceMs = this.#bytes > MUCH_BYTES ? now.monotonicMs : Number.POSITIVE_INFINITY;
  }

  /** Throws LairError `peer-stalled` when the time is over. */
  check(now: Instant): void {
    if (now.monotonicMs < this.deadlineMs) return;
    const isMuch = now.monotonicMs >= this.#muchSinceMs + MUCH_UNACKNOWLEDGED_MS;
    throw new LairError(
      "peer-stalled",
      isMuch
        ? "The other side takes nothing: more than 64 KiB have waited for it for 10 s."
        : "The other side has not acknowledged a message for 60 s, though it is there.",
      { hint: "The connection was ended. What waits is kept for the next one." },
    );
  }
}
