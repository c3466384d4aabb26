// The time by which lines may be deleted: the wall clock, unless it is further ahead than the program can explain. Then one
// look is not enough. Pure: the time is handed in, and what two programs must know of it is kept by the store.
//
//   trusted --(more than a day ahead)--> doubted --(an hour in step, or right again)--> trusted

import type { Instant } from "../core/channel/index.ts";
import type { SeenTimes } from "../core/chat/history.ts";

const HOUR_MS = 3_600_000;
/** Ours: a clock is set by an hour for the summer, and by a few for another zone; a machine sleeps over a night. */
const LEAP_MS = 24 * HOUR_MS;
/** Ours: a wrong clock is set right by then, where anything sets it at all. */
const PROOF_MS = HOUR_MS;
/** Ours: how much the two clocks of a machine may differ within that hour. */
const DRIFT_MS = 5 * 60_000;

type Doubt =
  /** Since this program looks: it has to stay in step with the clock that nobody can set. */
  | { readonly type: "own"; readonly since: Instant }
  /** An earlier program saw it so. */
  | { readonly type: "inherited"; readonly wallMs: number };

export class TrustedTime {
  #trustedMs: number;
  #lookedAt: Instant;
  #doubt: Doubt | undefined;

  /** `seen`: what the program before has left; undefined for the first one, which trusts its clock. */
  constructor(seen: SeenTimes | undefined, now: Instant) {
    this.#lookedAt = now;
    this.#trustedMs = seen?.seenMs ?? now.wallMs;
    if (seen?.doubtedMs !== undefined) this.#doubt = { type: "inherited", wallMs: seen.doubtedMs };
    this.look(now);
  }

  get isDoubted(): boolean {
    return this.#doubt !== undefined;
  }

  /** By how much the clock is ahead of what can be explained, in milliseconds; 0 when it is trusted. */
  get aheadMs(): number {
    return this.isDoubted ? this.#lookedAt.wallMs - this.#trustedMs : 0;
  }

  get seen(): SeenTimes {
    const doubt = this.#doubt;
    if (doubt === undefined) return { seenMs: this.#trustedMs, doubtedMs: undefined };
    return { seenMs: this.#trustedMs, doubtedMs: doubt.type === "own" ? doubt.since.wallMs : doubt.wallMs };
  }

  /** The time of the wall by which lines may be deleted now: never later than what the clock says. */
  look(now: Instant): number {
    const passedMs = now.monotonicMs - this.#lookedAt.monotonicMs;
    this.#lookedAt = now;
    this.#trustedMs += passedMs;
    this.#settle(now);
    return Math.min(this.#trustedMs, now.wallMs);
  }

  #settle(now: Instant): void {
    const doubt = this.#doubt;
    if (doubt !== undefined && this.#hasProven(doubt, now)) {
      // What it said first is believed now; if it has leapt again since, that has to prove itself in turn.
      const provenMs = doubt.type === "own" ? now.wallMs : doubt.wallMs;
      this.#trustedMs = Math.max(this.#trustedMs, provenMs);
      this.#doubt = undefined;
    }
    if (now.wallMs - this.#trustedMs > LEAP_MS) {
      this.#doubt ??= { type: "own", since: now };
    } else {
      this.#doubt = undefined;
      // A clock that was set back a little is right; one that has gone back by far deletes nothing.
      if (this.#trustedMs - now.wallMs <= LEAP_MS) this.#trustedMs = now.wallMs;
    }
  }

  #hasProven(doubt: Doubt, now: Instant): boolean {
    // Seen at two times, an hour apart or more.
    if (doubt.type === "inherited") return now.wallMs - doubt.wallMs >= PROOF_MS;
    const runMs = now.monotonicMs - doubt.since.monotonicMs;
    const wallMs = now.wallMs - doubt.since.wallMs;
    if (wallMs - runMs < -DRIFT_MS) {
      // It went back, but not to where it should be.
      this.#doubt = { type: "own", since: now };
      return false;
    }
    return runMs >= PROOF_MS;
  }
}
