// The runner of one session, which itself is sans-I/O: frames to and from a carrier, the clock, timers. One turn after
// anything happens: what time brought, then every frame that waits, then one timer for the next deadline. What comes in is
// taken, stored in parts, and told, as far as its share of the turn of the event loop goes (`fair-turns.ts`); meanwhile
// nothing more is read. An ACK or a PONG that would be alone in its frame leaves at the end of that turn: what is said in answer, or
// the ACK of what else comes in it, leaves in the same frame. Knows no WebSocket and no screen.
//
//   the session    stranger ---its proof is good---> authenticated ---both have said RESUME---> talking
//                     |                                   |                                       |
//                     +-----------------------------------+-------> ended <-----------------------+
//
//   the carrier    reading <------> paused ------> closed       (what came before it closed is still taken)

import { CLOSE_REASON, type CloseReason, elapsedMs, type Instant } from "../core/channel/index.ts";
import type { Session, SessionEvent } from "../core/chat/session.ts";
import { asLairError, type LairError } from "../core/errors.ts";
import { Queue } from "../core/queue.ts";
import type { Carrier, Clock } from "./ports.ts";
import { type FairShare, FairTurns } from "./fair-turns.ts";

/** How a session ended. */
export type SessionEnd =
  | { readonly type: "closed"; readonly by: "us" | "them"; readonly reason: CloseReason }
  | { readonly type: "cut" }
  | { readonly type: "error"; readonly error: LairError };

/** What a runner stands on, and whom it tells. */
export interface SessionRunnerOptions<S extends Session> {
  readonly session: S;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly onEvent: (event: SessionEvent) => void;
  /** Once; nothing comes afterwards. The carrier may still be saying goodbye: see {@link SessionRunner.gone}. */
  readonly onEnd: (end: SessionEnd) => void;
  /** So that one peer does not cost the others their time. Absent: those of all sessions with the same clock. */
  readonly turns?: FairTurns | undefined;
}

// Ours (the reasons are in docs/SECURITY.md).
const STOP_PRODUCING_BYTES = 64 * 1024;
/** A monotonic timer stands still while the machine sleeps; this is how late a wake-up may be noticed. */
const LONGEST_TIMER_MS = 10_000;
const STUCK_RETRY_MS = 100;
/** A peer that reads nothing cannot be told goodbye. */
const GOODBYE_MS = 4_000;
/** While it is being told. */
const LONGEST_CLOSING_TIMER_MS = 500;

/** Ours: three texts of the greatest length make a longer frame, and a fourth does not fit: it comes in the next one. */
const FULL_FRAME_BYTES = 48 * 1024;
/** Ours: events that take less, in all, may be followed by twice as many before the next look at the clock. */
const QUICK_MS = 0.5;
const MOST_TOLD_AT_ONCE = 16;

type Progress =
  /** The limits for strangers hold. */
  | "stranger"
  /** Nothing is shown of it yet, and the handshake and RESUME have deadlines: it is always read. */
  | "authenticated"
  /** What comes may be messages. */
  | "talking"
  | "ended";

/**
 * A runner of one session: it passes frames between the session and its carrier, and sets its timer.
 *
 * @example
 * const runner = new SessionRunner({ session, carrier: webSocketCarrier(socket, clock), clock, onEvent, onEnd });
 * runner.session.chatSession?.chat?.say("hello", clock.now());
 * runner.wake();
 * runner.leave(CLOSE_REASON.goodbye, 4_000); // waits for up to 4 s until everything is delivered
 * await runner.gone;
 */
export class SessionRunner<S extends Session> {
  readonly session: S;
  readonly #options: SessionRunnerOptions<S>;
  /** It may come before the next deadline, which has moved meanwhile: most turns leave it as it is. */
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#turn();
  };
  readonly #share: FairShare;
  /** What has come and is not taken yet: little, since nothing more is read meanwhile. */
  readonly #frames = new Queue<Uint8Array>();
  /** What has happened and is not told yet. It comes before the next frame. */
  readonly #events = new Queue<SessionEvent>();
  /** So many events are told between two looks at the clock. */
  #tellsAtOnce = 1;
  #progress: Progress = "stranger";
  #reading: "reading" | "paused" | "closed" = "reading";
  /** Whether {@link #work} runs, so that it is not entered again. */
  #isWorking = false;
  /** A turn that is due: before this one of the event loop is over, or with what the share grants next. */
  #due: "none" | "now" | "later" = "none";
  /** Whether what comes in is to be read, as far as the output goes. */
  #isWelcome = true;
  /** The same, as the session was told; the inbox may be full as well. */
  #isTakenIn = true;
  #closedByThem: CloseReason | undefined;
  #closingSince: Instant | undefined;
  #closeCode: 1000 | 1001 = 1000;
  /** Once somebody has asked for it: {@link gone}. */
  #gone: Promise<void> | undefined;
  #resolveGone: (() => void) | undefined;

  constructor(options: SessionRunnerOptions<S>) {
    this.#options = options;
    this.session = options.session;
    this.#share = (options.turns ?? FairTurns.of(options.clock)).share(() => this.#workSlice());
    options.carrier.attach({
      frame: (bytes) => this.#onFrame(bytes),
      closed: () => {
        this.#reading = "closed";
        if (this.#progress === "ended") this.#resolveGone?.();
        else this.#work();
      },
      drained: () => this.#turn(),
    });
    this.wake();
  }

  /** Something was queued: a turn follows before this one of the event loop ends, so a burst leaves in one frame. */
  wake(): void {
    if (this.#due === "now") return;
    this.#due = "now";
    queueMicrotask(() => {
      if (this.#due === "now") this.#turn();
    });
  }

  /** Ends the session in order, once all is delivered or after `waitMs`. One that is not open yet is dropped. */
  leave(reason: CloseReason, waitMs: number): void {
    const { chatSession } = this.session;
    if (chatSession === undefined) {
      this.terminate();
      return;
    }
    if (reason === CLOSE_REASON.shuttingDown) this.#closeCode = 1001;
    chatSession.leave(reason, waitMs, this.#options.clock.now());
    this.wake();
  }

  /**
   * Whether what comes in is to be read: not while nobody takes what is shown of it. Nor is it while too much of the peer
   * waits to be shown, see {@link Chat.isInboxFull}.
   */
  regulateReceiving(isWelcome: boolean): void {
    this.#isWelcome = isWelcome;
    this.#regulate();
  }

  /** Tells at once what has happened and waits for its turn: something is to be told that came later. */
  tellAll(): void {
    try {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        this.#options.onEvent(event);
      }
    } catch (error) {
      this.#events.clear();
      this.#fail(error);
    }
  }

  /** Ends the session with this error: what the other side sent cannot be used. */
  fail(error: unknown): void {
    if (!this.hasEnded) this.#fail(error);
  }

  /** Drops everything at once. What has happened is told all the same. */
  terminate(): void {
    this.#options.carrier.terminate();
    this.#end({ type: "cut" });
  }

  /** Whether {@link SessionRunnerOptions.onEnd} has been called, or is being. */
  get hasEnded(): boolean {
    return this.#progress === "ended";
  }

  /** Resolves when the carrier has closed. */
  get gone(): Promise<void> {
    this.#gone ??= new Promise((resolve) => {
      if (this.hasEnded && this.#reading === "closed") resolve();
      else this.#resolveGone = resolve;
    });
    return this.#gone;
  }

  #onFrame(bytes: Uint8Array): void {
    if (this.#progress === "ended") return;
    this.#frames.push(bytes);
    this.#work();
  }

  /** A turn in which this session's work is next: all that was begun in it is stored, told and answered in it. */
  #workSlice(): void {
    this.#work();
    if (this.#due !== "none") this.#turn();
    if (this.session.hasAnswersWaiting) this.#flush("all");
  }

  /** Tells what has happened and takes what has come, in order, as far as its share of this turn goes. */
  #work(): void {
    // Who is told something may ask for more.
    if (this.#isWorking || this.#progress === "ended") return;
    this.#share.measure(() => this.#workNow());
    if (this.hasEnded) return;
    this.#regulate();
    if (this.#reading === "closed" && !this.#hasWork) this.#cut();
  }

  #workNow(): void {
    this.#isWorking = true;
    try {
      this.#tellsAtOnce = 1;
      while (this.#hasWork && this.#share.mayGoOn()) this.#workOnce();
      // It goes on once all has been told.
      if (!this.#hasWork && this.session.wantsTurn) this.wake();
    } catch (error) {
      this.#events.clear();
      this.#fail(error);
    } finally {
      this.#isWorking = false;
    }
  }

  get #hasWork(): boolean {
    if (this.#progress === "ended") return false;
    return this.#events.length > 0 || this.session.hasRest || this.#frames.length > 0;
  }

  #workOnce(): void {
    if (this.#events.length > 0) this.#tellSome();
    else if (this.session.hasRest) this.#turn("next part");
    else this.#take(this.#frames.shift()!);
  }

  /** Looking at the clock for each would take as long as to tell it: not while they take next to nothing. */
  #tellSome(): void {
    const { clock, onEvent } = this.#options;
    const sinceMs = clock.now().monotonicMs;
    for (let told = 0; told < this.#tellsAtOnce && !this.hasEnded; told++) {
      const event = this.#events.shift();
      if (event === undefined) break;
      onEvent(event);
    }
    const isQuick = clock.now().monotonicMs - sinceMs < QUICK_MS;
    this.#tellsAtOnce = isQuick ? Math.min(2 * this.#tellsAtOnce, MOST_TOLD_AT_ONCE) : 1;
  }

  #take(bytes: Uint8Array): void {
    this.#share.took(bytes.length);
    this.#note(this.session.receive(bytes, this.#options.clock.now()));
    this.#liftLimits();
    if (bytes.length < FULL_FRAME_BYTES) {
      // Whatever else has come in one piece with it is stored, acknowledged and answered in the same turn.
      this.wake();
    } else if (this.#due === "none") {
      // More is right behind it, and is stored together with it if it comes in this turn of the event loop.
      this.#due = "later";
      this.#share.ask();
    }
  }

  /** What came before the carrier closed counts: it is stored and told. */
  #cut(): void {
    if (this.#due !== "none") this.#turn();
    if (this.#hasWork) return;
    // Their CLOSE may have waited for its turn, and the carrier closed meanwhile.
    const reason = this.#closedByThem;
    this.#end(reason === undefined ? { type: "cut" } : { type: "closed", by: "them", reason });
  }

  #regulate(): void {
    const { chatSession } = this.session;
    if (this.#progress === "authenticated" && chatSession?.channel.takesData === true) {
      this.#progress = "talking";
    }
    // Before that the session is always read, and could not be told.
    const isTakenIn = this.#progress !== "talking" || (this.#isWelcome && chatSession?.chat?.isInboxFull !== true);
    if (isTakenIn !== this.#isTakenIn) {
      this.#isTakenIn = isTakenIn;
      chatSession?.regulate(isTakenIn, this.#options.clock.now());
    }
    if (this.#reading === "closed") return;
    const reading = !isTakenIn || this.#hasWork ? "paused" : "reading";
    if (reading === this.#reading) return;
    this.#reading = reading;
    if (reading === "paused") this.#options.carrier.pause?.();
    else this.#options.carrier.resume?.();
  }

  /** Of a rest it stores another part only if the share goes that far. */
  #turn(takes: "next part" | "nothing more" = "nothing more"): void {
    this.#due = "none";
    if (this.#progress !== "ended") this.#share.measure(() => this.#turnNow(takes === "next part"));
  }

  #turnNow(takesMore: boolean): void {
    try {
      this.#advance(takesMore);
      if (this.hasEnded) return;
      // Who was told something has answered: that is stored before the ACK leaves, and leaves with it.
      if (this.#due === "now" && !this.#isWorking) this.#advance(false);
    } catch (error) {
      this.#fail(error);
    }
    this.#flush("no answer alone");
  }

  #advance(takesMore: boolean): void {
    this.#due = "none";
    this.#note(this.session.advance(this.#options.clock.now(), takesMore));
    this.#liftLimits();
    this.#work();
  }

  /** Sends what waits. An answer that is held back is sent at the end of the turn of the event loop, at the latest. */
  #flush(what: "all" | "no answer alone"): void {
    if (this.hasEnded) return;
    const { carrier, clock } = this.#options;
    const now = clock.now();
    let deadlineMs: number;
    try {
      while (carrier.bufferedBytes < STOP_PRODUCING_BYTES) {
        const frame = this.session.nextFrame(now, what === "all");
        if (frame === undefined) break;
        carrier.send(frame);
      }
      deadlineMs = this.session.deadlineMs;
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (what !== "all" && this.session.hasAnswersWaiting) this.#share.ask();
    this.#finishTurn(now, deadlineMs);
  }

  /** At once: what comes right behind message 3 is not a stranger's any more. */
  #liftLimits(): void {
    if (this.#progress !== "stranger") return;
    if (this.session.isProven) this.#options.carrier.proven?.();
    if (this.session.state === "handshaking" || this.session.chatSession === undefined) return;
    this.#progress = "authenticated";
    this.#options.carrier.authenticated?.();
  }

  #finishTurn(now: Instant, deadlineMs: number): void {
    // What came before their CLOSE is taken first, in parts.
    if (this.session.state === "closed" && !this.session.hasRest) {
      const reason = this.#closedByThem;
      this.#options.carrier.close(this.#closeCode);
      this.#end({ type: "closed", by: reason === undefined ? "us" : "them", reason: reason ?? CLOSE_REASON.goodbye });
      return;
    }
    if (this.session.state === "closing") {
      this.#closingSince ??= now;
      if (elapsedMs(this.#closingSince, now) >= GOODBYE_MS) {
        this.terminate();
        return;
      }
    }
    this.#setTimer(now.monotonicMs, deadlineMs);
  }

  #setTimer(nowMs: number, deadlineMs: number): void {
    const untilMs = deadlineMs - nowMs;
    // A deadline that has passed and is still there waits for the carrier, which says when it has drained.
    const wantedMs = untilMs > 0 ? Math.max(1, Math.ceil(untilMs)) : STUCK_RETRY_MS;
    const longestMs = this.#closingSince === undefined ? LONGEST_TIMER_MS : LONGEST_CLOSING_TIMER_MS;
    const waitMs = Math.min(wantedMs, longestMs);
    if (this.#timer !== undefined && this.#timer.atMs <= nowMs + waitMs) return;
    this.#timer?.cancel();
    this.#timer = { atMs: nowMs + waitMs, cancel: this.#options.clock.setTimer(waitMs, this.#onTimer) };
  }

  #note(events: readonly SessionEvent[]): void {
    for (const event of events) {
      if (event.type === "closed") this.#closedByThem = event.reason;
      this.#events.push(event);
    }
  }

  #fail(error: unknown): void {
    const { carrier, clock } = this.#options;
    const farewell = this.session.farewell(error, clock.now());
    // One that reads nothing could not be told.
    if (farewell === undefined || carrier.bufferedBytes >= STOP_PRODUCING_BYTES) carrier.terminate();
    else {
      carrier.send(farewell);
      carrier.close(1011);
    }
    this.#end({ type: "error", error: asLairError(error) });
  }

  #end(end: SessionEnd): void {
    if (this.#progress === "ended") return;
    this.#timer?.cancel();
    this.#frames.clear();
    this.#share.leave();
    // It has been stored, so it is told before the end: later only the next start of the program would tell it.
    this.tellAll();
    if (this.hasEnded) return;
    this.#progress = "ended";
    this.session.destroy();
    this.#options.onEnd(end);
    if (this.#reading === "closed") this.#resolveGone?.();
  }
}
