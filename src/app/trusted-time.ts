// The time by which lines may be deleted: the wall clock, unless it is further ahead than the program can explain. Then
// one look is not enough. Pure: the time is an argument, and the store keeps what two programs must know of it.
//
//   trusted --(more than a day ahead)--> doubted --(an hour in step, or right again)--> trusted

import type { Instant } from "../core/channel/index.ts";
import type { SeenTimes } from "../core/chat/history.ts";

const HOUR_MS = 3_600_000;
/** Ours: a clock changes by an hour for summer time, and by a few for another zone; a machine sleeps overnight. */
const LEAP_MS = 24 * HOUR_MS;
/** Ours: by then a wrong clock has been corrected, if anything corrects it at all. */
const PROOF_MS = HOUR_MS;
/** Ours: how much the two clocks of a machine may differ within that hour. */
const DRIFT_MS = 5 * 60_000;

interface Doubt {
  /** The wall time when this state was first seen, by this program or an earlier one. */
  readonly wallMs: number;
  /** When this program first saw it. */
  readonly since: Instant;
}

export class TrustedTime {
  #trustedMs: number;
  #lookedAt: Instant;
  #doubt: Doubt | undefined;

  /** `seen`: what the previous program stored; undefined for the first program, which trusts its clock. */
  constructor(seen: SeenTimes | undefined, now: Instant) {
    this.#lookedAt = now;
    this.#trustedMs = seen?.seenMs ?? now.wallMs;
    if (seen?.doubtedMs !== undefined) this.#doubt = { wallMs: seen.doubtedMs, since: now };
    this.look(now);
  }

  get isDoubted(): boolean {
    return this.#doubt !== undefined;
  }

  /** By how many milliseconds the clock is ahead of what can be explained; 0 if it is trusted. */
  get aheadMs(): number {
    return this.isDoubted ? this.#lookedAt.wallMs - this.#trustedMs : 0;
  }

  get seen(): SeenTimes {
    return { seenMs: this.#trustedMs, doubtedMs: this.#doubt?.wallMs };
  }

  /** The wall time by which lines may be deleted now: never later than the clock says. */
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
      // A clock that was set back a little is right; one that went back far deletes nothing.
      if (this.#trustedMs - now.wallMs <= LEAP_MS) this.#trustedMs = now.wallMs;
    }
  }
}

/** Whether a doubted clock has jumped again, or gone back, and must prove itself again. */
function hasLeapt({ wallMs, since }: Doubt, now: Instant): boolean {
  const runMs = now.monotonicMs - since.monotonicMs;
  const aheadMs = now.wallMs - since.wallMs - runMs;
  return aheadMs < -DRIFT_MS || aheadMs > LEAP_MS || now.wallMs < wallMs - DRIFT_MS || since.wallMs - wallMs > LEAP_MS;
}

/** Whether it has run evenly for an hour, or two programs have seen it, an hour to a day apart. */
function hasProven({ wallMs, since }: Doubt, now: Instant): boolean {
  const isInherited = wallMs !== since.wallMs;
  return now.monotonicMs - since.monotonicMs >= PROOF_MS || (isInherited && since.wallMs - wallMs >= PROOF_MS);
}
