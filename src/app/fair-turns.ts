// Shares each turn of the event loop among the sessions of a program, so that one peer cannot cost the others more than
// a turn. It measures what the work for each peer takes, and says whose work is next: that of the peer for which least
// was done. Key presses, signals and what has come for the others are handled between two turns. Knows no session.
//
// one peer's work:
//
//   idle ---mayGoOn says no---> waiting ---the least done of all who wait, in a later turn---> idle
//     ^                            |
//     +-----------leave------------+
//
// the turn:
//
//   unused ---something is measured---> timed ---the next turn of the event loop---> unused

import type { Clock } from "./ports.ts";

/** Ours (docs/SECURITY.md): nobody notices 10 ms, and an honest peer's work nearly always fits. For all peers together. */
const TURN_MS = 10;
/** Ours: what one peer may have taken of it, in one turn. What it takes to store that is foreseen from its last turn. */
const SLICE_MS = 5;
/** Ours: of one peer in one turn: two of the longest frames. They are stored together. */
const SLICE_BYTES = 2 * 65_535;
/** Ours: a peer that was silent comes before those that were not, but has nothing saved up. */
const CREDIT_MS = TURN_MS;

/** The work for one peer. */
export class FairShare {
  readonly #turns: FairTurns;
  readonly #work: () => void;
  /** Of the present turn. */
  #turn = -1;
  #usedMs = 0;
  #usedBytes = 0;
  /** What was done for it, compared with the others: see {@link FairTurns}. */
  doneMs = 0;

  constructor(turns: FairTurns, work: () => void) {
    this.#turns = turns;
    this.#work = work;
  }

  /**
   * Whether more may be done for this peer in this turn. If not, `work` is called in a later one, and something may then
   * be done however long it takes.
   */
  mayGoOn(): boolean {
    this.#look();
    if (this.#turns.isGranted(this)) return true;
    if (this.#usedBytes < SLICE_BYTES && this.#turns.hasTime(this, SLICE_MS - this.#usedMs)) return true;
    this.#turns.enqueue(this);
    return false;
  }

  /** `work` is called in the next turn, or a later one if others come first. */
  ask(): void {
    this.#turns.enqueue(this);
  }

  /** This many bytes of the peer were taken. */
  took(bytes: number): void {
    this.#look();
    this.#usedBytes += bytes;
  }

  /** The result of `action`, whose time is counted. Within another one's, it is counted there. */
  measure<T>(action: () => T): T {
    return this.#turns.measure(this, action);
  }

  /** Nothing is to be done for this peer any more. */
  leave(): void {
    this.#turns.remove(this);
  }

  /** Called by {@link FairTurns} alone. */
  run(): void {
    this.measure(this.#work);
  }

  /** Called by {@link FairTurns} alone. */
  used(ms: number): void {
    this.#look();
    this.#usedMs += ms;
    this.doneMs += ms;
  }

  #look(): void {
    if (this.#turn === this.#turns.turn) return;
    this.#turn = this.#turns.turn;
    this.#usedMs = 0;
    this.#usedBytes = 0;
  }
}

/** By clock: see {@link FairTurns.of}. */
const common = new WeakMap<object, FairTurns>();

/**
 * The turns of a program. `doneMs` of a share counts from the start; a peer that has been silent is lifted to just below
 * what the others have, so it comes first once and cannot save up.
 *
 * @example
 * const turns = new FairTurns(clock);
 * const share = turns.share(() => { while (frames.length > 0 && share.mayGoOn()) take(frames.shift()); });
 */
export class FairTurns {
  readonly #clock: Pick<Clock, "now" | "soon">;
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<FairShare>();
  /** The number of the present turn. */
  turn = 0;
  #usedMs = 0;
  #isScheduled = false;
  #running: { readonly share: FairShare; readonly sinceMs: number } | undefined;
  /** It may do one thing now, whatever has been used. */
  #granted: FairShare | undefined;
  /** `doneMs` of the last one that waited and was run. */
  #floorMs = 0;

  constructor(clock: Pick<Clock, "now" | "soon">) {
    this.#clock = clock;
  }

  /** The turns of all who share this clock and were given no others. */
  static of(clock: Pick<Clock, "now" | "soon">): FairTurns {
    const turns = common.get(clock) ?? new FairTurns(clock);
    common.set(clock, turns);
    return turns;
  }

  /** A share for another peer. `work` is called in a turn of its own when {@link FairShare.mayGoOn} said no. */
  share(work: () => void): FairShare {
    return new FairShare(this, work);
  }

  /** Whether neither that has been used, nor by this share the `leftMs` that it had when the present work began. */
  hasTime(share: FairShare, leftMs: number): boolean {
    const runningMs = this.#runningMs;
    return this.#usedMs + runningMs < TURN_MS && (this.#running?.share === share ? runningMs : 0) < leftMs;
  }

  /** How long the work that is being measured has taken so far. */
  get #runningMs(): number {
    return this.#running === undefined ? 0 : this.#clock.now().monotonicMs - this.#running.sinceMs;
  }

  isGranted(share: FairShare): boolean {
    const isGranted = this.#granted === share;
    if (isGranted) this.#granted = undefined;
    return isGranted;
  }

  enqueue(share: FairShare): void {
    if (this.#waiting.has(share)) return;
    share.doneMs = Math.max(share.doneMs, this.#floorMs - CREDIT_MS);
    this.#waiting.add(share);
    this.#schedule();
  }

  remove(share: FairShare): void {
    this.#waiting.delete(share);
  }

  measure<T>(share: FairShare, action: () => T): T {
    if (this.#running !== undefined) return action();
    this.#schedule();
    this.#running = { share, sinceMs: this.#clock.now().monotonicMs };
    try {
      return action();
    } finally {
      const ms = this.#runningMs;
      this.#running = undefined;
      this.#usedMs += ms;
      share.used(ms);
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(() => this.#next());
  }

  /** The next turn: those that wait, the one with the least done first, until it is used up. */
  #next(): void {
    this.#isScheduled = false;
    this.turn += 1;
    this.#usedMs = 0;
    // Each once: what one begins to wait for now comes in the next turn.
    const ready = new Set(this.#waiting);
    while (ready.size > 0 && this.#usedMs < TURN_MS) {
      const share = leastDone(ready);
      ready.delete(share);
      if (!this.#waiting.delete(share)) continue;
      this.#floorMs = Math.max(this.#floorMs, share.doneMs);
      this.#granted = share;
      share.run();
      this.#granted = undefined;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}

function leastDone(shares: Iterable<FairShare>): FairShare {
  let least: FairShare | undefined;
  for (const share of shares) if (least === undefined || share.doneMs < least.doneMs) least = share;
  return least!;
}
