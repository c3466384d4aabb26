// Liveness (docs/PROTOCOL.md §10): a PING after 20 s (±25 %) of silence, the end after 45 s. A PING at the start
// measures the round trip. A WebSocket ping would only prove that TCP is up, not that the other program is running.
//
//   quiet --nothing heard for 15 to 25 s, at the start for 0: PING--> asked --its PONG--> quiet
//   either --45 s without a frame--> LairError peer-silent

import { equalInConstantTime } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { RandomSource } from "../noise/suite.ts";
import type { Instant } from "../clock.ts";
import { drawDelayMs } from "./random-delay.ts";

const PING_AFTER_MS = [15_000, 25_000] as const;
const DEAD_AFTER_MS = 45_000;
const TOKEN_BYTES = 8;

type State =
  | { readonly name: "quiet"; readonly pingAfterMs: number }
  /** A PING has been sent; `pingAfterMs` applies once it is answered. */
  | { readonly name: "asked"; readonly token: Uint8Array; readonly at: Instant; readonly pingAfterMs: number };

/** Whether the other side is alive, judging from what is received. */
export class Liveness {
  readonly #random: RandomSource;
  #lastHeard: Instant;
  #state: State = { name: "quiet", pingAfterMs: 0 };
  #roundTripMs: number | undefined;

  constructor(now: Instant, random: RandomSource) {
    this.#random = random;
    this.#lastHeard = now;
  }

  /** The round trip of the last PING that was answered. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** When {@link advance} has something to do, by the monotonic clock. */
  get deadlineMs(): number {
    const waitMs = this.#state.name === "quiet" ? this.#state.pingAfterMs : DEAD_AFTER_MS;
    return this.#lastHeard.monotonicMs + waitMs;
  }

  /** The body of a PING if one is due. Throws LairError `peer-silent` if the other side is gone. */
  advance(now: Instant): Uint8Array | undefined {
    const silentMs = now.monotonicMs - this.#lastHeard.monotonicMs;
    if (silentMs >= DEAD_AFTER_MS) {
      throw new LairError("peer-silent", "Nothing has been heard from the other side for 45 s.");
    }
    if (this.#state.name === "asked" || silentMs < this.#state.pingAfterMs) return undefined;
    const token = this.#random(TOKEN_BYTES);
    this.#state = { name: "asked", token, at: now, pingAfterMs: drawDelayMs(...PING_AFTER_MS, this.#random) };
    return token;
  }

  heard(now: Instant): void {
    this.#lastHeard = now;
  }

  /** A PING has arrived. Throws LairError `record-malformed`. The answer has the same body. */
  ping(body: Uint8Array): Uint8Array {
    if (body.length !== TOKEN_BYTES)
      throw new LairError("record-malformed", "The other side sent a PING of the wrong length.");
    return body.slice();
  }

  /** A PONG has arrived. Throws LairError `record-unexpected` unless it answers our PING. */
  pong(body: Uint8Array, now: Instant): void {
    if (this.#state.name !== "asked" || !equalInConstantTime(body, this.#state.token)) {
      throw new LairError("record-unexpected", "The other side answered a PING that was never sent.");
    }
    this.#roundTripMs = now.monotonicMs - this.#state.at.monotonicMs;
    this.#state = { name: "quiet", pingAfterMs: this.#state.pingAfterMs };
  }
}
