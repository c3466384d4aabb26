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

interface Doubt {
  /** Where the clock stood when it was first seen so, by this program or by one before. */
  readonly wallMs: number;
  /** When this program saw it first. */
  readonly since: Instant;
}

export class TrustedTime {
  #trustedMs: number;
  #lookedAt: Instant;
  #doubt: Doubt | undefined;

  /** `seen`: what the program before has left; undefined for the first one, which trusts its clock. */
  constructor(seen: SeenTimes | undefined, now: Instant) {
    this.#lookedAt = now;
    this.#trustedMs = seen?.seenMs ?? now.wallMs;
    if (seen?.doubtedMs !== undefined) this.#doubt = { wallMs: seen.doubtedMs, since: now };
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
    return { seenMs: this.#trustedMs, doubtedMs: this.#doubt?.wallMs };
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
    if (doubt !== undefined) {
      if (hasLeapt(doubt, now)) this.#doubt = { wallMs: now.wallMs, since: now };
      else if (hasProven(doubt, now)) this.#trustedMs = Math.max(this.#trustedMs, now.wallMs);
    }
    if (now.wallMs - this.#trustedMs > LEAP_MS) {
      this.#doubt ??= { wallMs: now.wallMs, since: now };
    } else {
      this.#doubt = undefined;
      // A clock that was set back a little is right; one that has gone back by far deletes nothing.
      if (this.#trustedMs - now.wallMs <= LEAP_MS) this.#trustedMs = now.wallMs;
    }
  }
}

/** Whether a clock in doubt has leapt again, or gone back, and so has to prove itself anew. */
function hasLeapt({ wallMs, since }: Doubt, now: Instant): boolean {
  const runMs = now.monotonicMs - since.monotonicMs;
  const aheadMs = now.wallMs - since.wallMs - runMs;
  return aheadMs < -DRIFT_MS || aheadMs > LEAP_MS || now.wallMs < wallMs - DRIFT_MS || since.wallMs - wallMs > LEAP_MS;
}

/** Whether it has been in step for an hour, or two programs have seen it, an hour to a day apart. */
function hasProven({ wallMs, since }: Doubt, now: Instant): boolean {
  const isInherited = wallMs !== since.wallMs;
  return now.monotonicMs - since.monotonicMs >= PROOF_MS || (isInherited && since.wallMs - wallMs >= PROOF_MS);
}
