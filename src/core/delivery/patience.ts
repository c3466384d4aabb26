// How long the peer may leave DATA unacknowledged (docs/PROTOCOL.md §10). It counts bytes and looks at the time;
// `delivery.ts` knows what is in flight, and acts. PING and PONG prove that the peer is alive, not that it accepts
// anything.
//
//   idle ---start---> waiting ---start, over 64 KiB---> crowded
//   any state ---taken, restart: by what is still unacknowledged---> idle, waiting or crowded
//   waiting ---60 s--->, crowded ---10 s, or 60 s since it waits---> LairError peer-stalled

import type { Instant } from "../channel/index.ts";
import { LairError } from "../errors.ts";

/** Ours: an honest peer stores and acknowledges each frame at once; longer silence means that it is gone. */
const UNACKNOWLEDGED_MS = 60_000;
/** Ours: this much means that the peer reads nothing. */
const MUCH_BYTES = 64 * 1024;
const MUCH_UNACKNOWLEDGED_MS = 10_000;

type State =
  /** Nothing is waiting, or the sent data has not left yet. */
  | { readonly name: "idle" }
  /** Since `sinceMs`, by the monotonic clock, nothing new has been acknowledged. */
  | { readonly name: "waiting"; readonly sinceMs: number }
  /** The same, and since `crowdedSinceMs` more than 64 KiB wait. */
  | { readonly name: "crowded"; readonly sinceMs: number; readonly crowdedSinceMs: number };

/** One for all sessions. */
const IDLE: State = { name: "idle" };

/** How long one session has waited for the peer to acknowledge. */
export class Patience {
  #bytes = 0;
  #state: State = IDLE;

  /** When {@link check} would throw, by the monotonic clock. */
  get deadlineMs(): number {
    switch (this.#state.name) {
      case "idle":
        return Number.POSITIVE_INFINITY;
      case "waiting":
        return this.#state.sinceMs + UNACKNOWLEDGED_MS;
      case "crowded":
        return Math.min(this.#state.sinceMs + UNACKNOWLEDGED_MS, this.#state.crowdedSinceMs + MUCH_UNACKNOWLEDGED_MS);
    }
  }

  /** This many bytes of DATA need an acknowledgement. */
  sent(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Starts the wait, unless it has started. */
  start(now: Instant): void {
    if (this.#bytes === 0 || this.#state.name === "crowded") return;
    const sinceMs = this.#state.name === "idle" ? now.monotonicMs : this.#state.sinceMs;
    this.#wait(sinceMs, now.monotonicMs);
  }

  /** This many bytes have been acknowledged. */
  taken(bytes: number, now: Instant): void {
    this.#bytes -= bytes;
    this.restart(now);
  }

  /** The peer's time starts again: something was acknowledged, or nothing has been read on this side. */
  restart(now: Instant): void {
    if (this.#bytes === 0) this.#state = IDLE;
    else this.#wait(now.monotonicMs, now.monotonicMs);
  }

  /** Throws LairError `peer-stalled` when the time is over. */
  check(now: Instant): void {
    if (now.monotonicMs < this.deadlineMs) return;
    const isMuch =
      this.#state.name === "crowded" && now.monotonicMs >= this.#state.crowdedSinceMs + MUCH_UNACKNOWLEDGED_MS;
    throw new LairError(
      "peer-stalled",
      isMuch
        ? "The other side accepts no data: more than 64 KiB have been waiting for 10 s."
        : "The other side has not acknowledged a message for 60 s, though it is connected.",
      { hint: "The connection was ended. Waiting messages are kept for the next one." },
    );
  }

  #wait(sinceMs: number, crowdedSinceMs: number): void {
    this.#state =
      this.#bytes > MUCH_BYTES ? { name: "crowded", sinceMs, crowdedSinceMs } : { name: "waiting", sinceMs };
  }
}
