// Liveness (docs/PROTOCOL.md §10): a PING after 20 s (±25 %) of silence, the end after 45 s. A PING at the start measures
// the round trip. A WebSocket ping would prove only that TCP is up, not that the other program lives.
//
//   quiet --15 to 25 s without a frame: PING--> asked --its PONG--> quiet
//   either --45 s without a frame--> LairError peer-silent

import { equalInConstantTime } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { RandomSource } from "../noise/suite.ts";
import type { Instant } from "../clock.ts";
import { drawDelayMs } from "./random-delay.ts";

const PING_AFTER_MS = [15_000, 25_000] as const;
const DEAD_AFTER_MS = 45_000;
const TOKEN_BYTES = 8;

/** Whether the other side lives, from what is heard of it. */
export class Liveness {
  readonly #random: RandomSource;
  #lastHeard: Instant;
  #pingAfterMs = 0;
  #outstanding: { readonly token: Uint8Array; readonly at: Instant } | undefined;
  #roundTripMs: number | undefined;

  constructor(now: Instant, random: RandomSource) {
    this.#random = random;
    this.#lastHeard = now;
  }

  /** Of the last PING that was answered. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** When {@link advance} has something to do, by the monotonic clock. */
  get deadlineMs(): number {
    const waitMs = this.#outstanding === undefined ? this.#pingAfterMs : DEAD_AFTER_MS;
    return this.#lastHeard.monotonicMs + waitMs;
  }

  /** The body of a PING when one is due. Throws LairError `peer-silent` when the other side is gone. */
  advance(now: Instant): Uint8Array | undefined {
    const silentMs = now.monotonicMs - this.#lastHeard.monotonicMs;
    if (silentMs >= DEAD_AFTER_MS) {
      throw new LairError("peer-silent", "Nothing has been heard from the other side for 45 s.");
    }
    if (this.#outstanding !== undefined || silentMs < this.#pingAfterMs) return undefined;
    this.#outstanding = { token: this.#random(TOKEN_BYTES), at: now };
    this.#pingAfterMs = drawDelayMs(...PING_AFTER_MS, this.#random);
    return this.#outstanding.token;
  }

  heard(now: Instant): void {
    this.#lastHeard = now;
  }

  /** A PING came. Throws LairError `record-malformed`. The answer has the same body. */
  ping(body: Uint8Array): Uint8Array {
    if (body.length !== TOKEN_BYTES)
      throw new LairError("record-malformed", "The other side sent a PING of a wrong length.");
    return body.slice();
  }

  /** A PONG came. Throws LairError `record-unexpected` unless it answers our PING. */
  pong(body: Uint8Array, now: Instant): void {
    if (this.#outstanding === undefined || !equalInConstantTime(body, this.#outstanding.token)) {
      throw new LairError("record-unexpected", "The other side answered a PING that was never sent.");
    }
    this.#roundTripMs = now.monotonicMs - this.#outstanding.at.monotonicMs;
    this.#outstanding = undefined;
  }
}
