// The channel: two keys become a stream of records, and the keys renew themselves (docs/PROTOCOL.md §4 to §6, §8, §11).
// Sans-I/O: frames, calls and the time go in; frames, events and the next deadline come out. It knows neither the
// meaning of DATA nor the peer nor a network.
// `record-rules.ts` says which record may arrive when.
//
//   resuming -> open               (each side has said RESUME, its first record: data flows from then on)
//   open <-> rekeying              (a KK handshake is under way; data flows on. It may begin in `resuming`)
//   all of these -> closing        (`close` was called here: what waits goes out, then CLOSE)
//   any -> closed                  (CLOSE sent or received, or an error: every key is overwritten)
//
// In `resuming`, and in a `closing` that came before it was over:
//   none -> ours -> both,  none -> theirs -> both

import { destroyedOnError } from "../destroyed-on-error.ts";
import { LairError } from "../errors.ts";
import { ControlBudget } from "./control-budget.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { RekeyWindow } from "./hello.ts";
import { elapsedMs, type Instant } from "../clock.ts";
import { KEY_SCHEDULE_LIMITS, KeySchedule, type KeyScheduleLimits, type KeyScheduleOptions } from "./key-schedule.ts";
import { Liveness } from "./liveness.ts";
import { type ChannelRecord, MAX_BODY_BYTES, RECORD, sealRecords, unpackRecords } from "./record.ts";
import { isCharged, requireExpected } from "./record-rules.ts";

/** The diagram above; `rekeying` is `open` with a rekey in progress. */
export type ChannelState = "resuming" | "open" | "rekeying" | "closing" | "closed";

/** Body of CLOSE. */
export const CLOSE_REASON = { goodbye: 0, shuttingDown: 1, busy: 2, replaced: 3, notTrusted: 4, unable: 6 } as const;
/** One of {@link CLOSE_REASON}. */
export type CloseReason = (typeof CLOSE_REASON)[keyof typeof CLOSE_REASON];

/** What has come out of a frame: a record for the layer above, or a change of the channel. */
export type ChannelEvent =
  | { readonly type: "record"; readonly record: "resume" | "data" | "ack"; readonly body: Uint8Array }
  /** A piece of a call; only if {@link Channel.carriesCalls}. */
  | { readonly type: "call"; readonly body: Uint8Array }
  | { readonly type: "rekeyed"; readonly epoch: number }
  | { readonly type: "closed"; readonly reason: CloseReason };

/** The values that docs/PROTOCOL.md §8.3, §8.4 and §11 fix; tests lower the counts. */
export interface ChannelLimits extends KeyScheduleLimits {
  readonly closeTimeoutMs: number;
}

/** An honest peer sends RESUME at once. */
const RESUME_TIMEOUT_MS = 10_000;

/** The limits of every channel that is given no others (docs/PROTOCOL.md §8, §11). */
export const CHANNEL_LIMITS: ChannelLimits = { ...KEY_SCHEDULE_LIMITS, closeTimeoutMs: 3_000 };

interface ChannelOptions extends KeyScheduleOptions {
  /** The peer's, from its HELLO; none unless given. */
  readonly capabilities?: readonly string[];
  /** Whether both sides have said that one is a hub and the other a member (docs/HUB.md). Absent: no. */
  readonly carriesCalls?: boolean;
  /** Where the peer says that it waits for others. */
  readonly peerUrl?: string;
  readonly limits?: Partial<ChannelLimits>;
}

/** Ours: an honest side never has more than a few waiting. */
const MAX_WAITING_CONTROL = 64;

/** Which sides have sent RESUME. */
type Resumed = "none" | "ours" | "theirs" | "both";

type Phase =
  /** `since`: when the wait for the peer's RESUME began, in the first turn after we sent ours. */
  | { readonly type: "resuming"; readonly resumed: Exclude<Resumed, "both">; readonly since: Instant | undefined }
  /** A rekey in this state is a step of the key schedule. */
  | { readonly type: "open" }
  | { readonly type: "closing"; readonly resumed: Resumed; readonly reason: CloseReason; readonly since: Instant }
  | { readonly type: "closed" };

/** One for all sessions, of which there may be thousands. */
const NO_CAPABILITIES: ReadonlySet<string> = new Set();
const NO_HEAD = new Uint8Array(0);
const BEGINNING: Phase = { type: "resuming", resumed: "none", since: undefined };
const OPEN: Phase = { type: "open" };

/**
 * One session's encrypted connection, after its handshake. Overwrites its keys at its end, whatever the cause. More than
 * twenty members: a way to send for each kind of record, and what `status` shows.
 */
export class Channel {
  readonly #limits: ChannelLimits;
  readonly #keys: KeySchedule;
  readonly #queue = new FrameQueue();
  readonly #liveness: Liveness;
  readonly #budget: ControlBudget;
  #phase: Phase = BEGINNING;
  readonly rekeyWindow: RekeyWindow;
  /** The optional capabilities that the peer has named; unknown ones have no effect. */
  readonly capabilities: ReadonlySet<string>;
  /** Whether calls may be sent and received: the two sides are a hub and a member. */
  readonly carriesCalls: boolean;
  /** Where the peer says that it waits for others; undefined if it does not say so. */
  readonly peerUrl: string | undefined;

  constructor(options: ChannelOptions) {
    const { session, rekeyWindow, now } = options;
    this.rekeyWindow = rekeyWindow;
    const { capabilities = [] } = options;
    this.capabilities = capabilities.length === 0 ? NO_CAPABILITIES : new Set(capabilities);
    this.carriesCalls = options.carriesCalls === true;
    this.peerUrl = options.peerUrl;
    this.#limits = options.limits === undefined ? CHANNEL_LIMITS : { ...CHANNEL_LIMITS, ...options.limits };
    this.#keys = new KeySchedule(options, this.#limits);
    this.#liveness = new Liveness(now, session.random);
    this.#budget = new ControlBudget(now);
  }

  get state(): ChannelState {
    if (this.#phase.type !== "open") return this.#phase.type;
    return this.#keys.step === "idle" ? "open" : "rekeying";
  }

  /** 0 after the handshake; each rekey adds one. */
  get epoch(): number {
    return this.#keys.epoch;
  }

  /** The age of the key under which this side sends. */
  keyAgeMs(now: Instant): number {
    return this.#keys.ageMs(now);
  }

  /** The round trip of the last PING that was answered. */
  get roundTripMs(): number | undefined {
    return this.#liveness.roundTripMs;
  }

  /** See {@link KeySchedule.exportKey}: of this session, and only before its first rekey. */
  exportKey(label: Uint8Array): Uint8Array {
    return this.#keys.exportKey(label);
  }

  /** Bytes of data and calls that no frame has taken yet. */
  get waitingBytes(): number {
    return this.#queue.waitingBytes;
  }

  /** Whether the next frame would have answers, an ACK or a PONG, and nothing else. */
  get areAnswersAlone(): boolean {
    return this.#phase.type === "open" && this.#queue.areAnswersAlone;
  }

  /**
   * When {@link advance} must be called at the latest, by the monotonic clock. On a machine that may sleep, call it
   * more often, because the wall clock counts too.
   */
  get deadlineMs(): number {
    const phase = this.#phase;
    if (phase.type === "closed") return Number.POSITIVE_INFINITY;
    if (phase.type === "closing") return phase.since.monotonicMs + this.#limits.closeTimeoutMs;
    const nextMs = Math.min(this.#liveness.deadlineMs, this.#keys.deadlineMs);
    if (phase.type === "open" || phase.since === undefined) return nextMs;
    return Math.min(nextMs, phase.since.monotonicMs + RESUME_TIMEOUT_MS);
  }

  /**
   * Queues RESUME, the first record of this side: only CLOSE may be sent before it. Throws TypeError the second time,
   * and like {@link sendData} for a body that is too long. No effect once the channel is closed.
   */
  sendResume(body: Uint8Array): void {
    requireFits(body);
    if (this.#phase.type === "closed") return;
    if (this.#hasSaidResume) throw new TypeError("Channel: RESUME is said once");
    this.#noteResume("ours");
    this.#queue.putFirst({ type: RECORD.resume, body });
  }

  /** Whether DATA may be sent: both sides have sent RESUME, and we have not sent CLOSE. */
  get takesData(): boolean {
    return this.#phase.type === "open";
  }

  /**
   * Queues DATA for the next frame. Throws TypeError before both sides have sent RESUME and after {@link close}, and
   * LairError `message-too-long` for a body that fits no frame (over 65,516 bytes): nothing has happened then. The bytes of
   * `head`, if there is one, come first. Neither is copied before {@link nextFrame}.
   */
  sendData(body: Uint8Array, head: Uint8Array = NO_HEAD): void {
    if (!this.takesData) throw new TypeError("Channel: data is sent between RESUME and close only");
    requireFits(body, head);
    this.#queue.pushData(head, body);
  }

  /** Queues a piece of a call, which is not copied. Throws like {@link sendData}, and TypeError unless calls are carried. */
  sendCall(body: Uint8Array): void {
    if (!this.takesData || !this.carriesCalls) throw new TypeError("Channel: calls are for a hub and its members");
    requireFits(body);
    this.#queue.pushCall(body);
  }

  /**
   * Queues an ACK; it replaces an older one that has not been sent yet. No effect after CLOSE, which nothing follows.
   * Throws like {@link sendData} for a body that is too long.
   */
  sendAck(body: Uint8Array): void {
    requireFits(body);
    if (this.#phase.type !== "closed") this.#queue.pushAck(body);
  }

  /** Counts a record of the peer that carried nothing new. Throws LairError `control-flood`, like {@link receive}. */
  chargeControl(now: Instant): void {
    destroyedOnError(this, () => this.#budget.spend(now));
  }

  /**
   * Ends the session in order: sends what is waiting (for 3 s at most), then CLOSE. No effect if it is already ending.
   */
  close(reason: CloseReason, now: Instant): void {
    if (this.#phase.type === "closing" || this.#phase.type === "closed") return;
    this.#phase = { type: "closing", resumed: this.#resumed, reason, since: now };
  }

  /**
   * The frame of a CLOSE that waits for nothing, to be the last; undefined if no CLOSE can be sent any more, or RESUME
   * was not sent.
   */
  closeNow(reason: CloseReason, now: Instant): Uint8Array | undefined {
    if (this.#phase.type === "closed" || !this.#hasSaidResume) return undefined;
    this.#queue.clear();
    this.#phase = { type: "closing", resumed: this.#resumed, reason, since: now };
    return this.nextFrame(now);
  }

  /** Overwrites every secret and forgets what waits. */
  destroy(): void {
    this.#phase = { type: "closed" };
    this.#keys.destroy();
    this.#queue.clear();
  }

  /** The effects of time alone: a rekey, a PING, an end. Throws LairError, and the channel is then closed. */
  advance(now: Instant): void {
    destroyedOnError(this, () => {
      if (this.#phase.type === "closing" || this.#phase.type === "closed") return;
      // Also without traffic: a silent peer must not keep an old key alive.
      this.#keys.requireUsable(now);
      // RESUME is the first record.
      if (!this.#hasSaidResume) return;
      this.#requireResume(now);
      const ping = this.#liveness.advance(now);
      if (ping !== undefined) this.#queue.pushControl({ type: RECORD.ping, body: ping });
      const init = this.#keys.advance(now);
      if (init !== undefined) this.#queue.pushControl(init);
    });
  }

  /**
   * The next frame to send, at most 65,535 bytes, or undefined if nothing is waiting. Call it until it returns
   * undefined, in the same turn in which something was queued or received. Throws LairError, and the channel is then
   * closed.
   */
  nextFrame(now: Instant): Uint8Array | undefined {
    return destroyedOnError(this, () => {
      if (this.#phase.type === "closed") return undefined;
      if (!this.#hasSaidResume) {
        if (this.#phase.type !== "closing") return undefined;
        // Answers to earlier records of the other side; until our RESUME it accepts only RESUME or CLOSE from us.
        this.#queue.clear();
      }
      if (this.#isCloseOverdue(now)) this.#queue.dropData();
      const batch = this.#queue.take(this.#closeRecord());
      if (batch.length === 0) return undefined;
      const frame = sealRecords(batch, (plaintext) => this.#keys.seal(plaintext, now));
      this.#onSealed(batch.at(-1)!, now);
      return frame;
    });
  }

  /** A frame that ends with this record has been sealed. */
  #onSealed({ type }: ChannelRecord, now: Instant): void {
    switch (type) {
      case RECORD.rekeyInit:
      case RECORD.rekeyReply:
      case RECORD.rekeyDone:
        this.#keys.onSealed(type, now);
        return;
      case RECORD.close:
        this.destroy();
    }
  }

  /** Reads one frame of the other side. Throws LairError for any invalid frame, and the channel is then closed. */
  receive(frame: Uint8Array, now: Instant): ChannelEvent[] {
    if (this.#phase.type === "closed") throw new TypeError("Channel: nothing is read after the end");
    return destroyedOnError(this, () => {
      const records = unpackRecords(this.#keys.open(frame, now));
      this.#liveness.heard(now);
      if (records.length === 0) this.#budget.spend(now);
      const events: ChannelEvent[] = [];
      for (const [index, record] of records.entries()) {
        const event = this.#dispatch(record, index === records.length - 1, now);
        if (event !== undefined) events.push(event);
      }
      return events;
    });
  }

  #dispatch(record: ChannelRecord, isLast: boolean, now: Instant): ChannelEvent | undefined {
    requireExpected(record.type, {
      hasHeardResume: this.#hasHeardResume,
      carriesCalls: this.carriesCalls,
      step: this.#keys.step,
      isLast,
    });
    if (isCharged(record.type)) this.#budget.spend(now);
    switch (record.type) {
      case RECORD.resume:
        this.#noteResume("theirs");
        return { type: "record", record: "resume", body: record.body };
      case RECORD.data:
        this.#budget.fill();
        return { type: "record", record: "data", body: record.body };
      case RECORD.call:
        return { type: "call", body: record.body };
      case RECORD.ack:
        return { type: "record", record: "ack", body: record.body };
      case RECORD.ping:
        this.#answerPing(record.body);
        return undefined;
      case RECORD.pong:
        this.#liveness.pong(record.body, now);
        return undefined;
      case RECORD.close:
        return this.#onClose(record.body);
      case RECORD.rekeyInit:
        this.#queue.pushControl(this.#keys.onInit(record.body, now));
        return undefined;
      case RECORD.rekeyReply:
        this.#queue.pushControl(this.#keys.onReply(record.body, now));
        return { type: "rekeyed", epoch: this.#keys.epoch };
      case RECORD.rekeyDone:
        this.#keys.onDone(record.body);
        return { type: "rekeyed", epoch: this.#keys.epoch };
      default:
        // Only optional types get here (`record-rules.ts`).
        return undefined;
    }
  }

  #answerPing(body: Uint8Array): void {
    // DATA fills the budget, so a peer that reads nothing could accumulate answers here.
    if (this.#queue.waitingControl >= MAX_WAITING_CONTROL) {
      throw new LairError("control-flood", "The other side asks for answers and does not read them.");
    }
    this.#queue.pushControl({ type: RECORD.pong, body: this.#liveness.ping(body) });
  }

  #onClose(body: Uint8Array): ChannelEvent {
    if (body.length !== 1) throw new LairError("record-malformed", "The other side sent a CLOSE of the wrong length.");
    this.destroy();
    const known = Object.values(CLOSE_REASON).find((reason) => reason === body[0]);
    return { type: "closed", reason: known ?? CLOSE_REASON.goodbye };
  }

  #closeRecord(): ChannelRecord | undefined {
    if (this.#phase.type !== "closing") return undefined;
    return { type: RECORD.close, body: Uint8Array.of(this.#phase.reason) };
  }

  #isCloseOverdue(now: Instant): boolean {
    return this.#phase.type === "closing" && elapsedMs(this.#phase.since, now) >= this.#limits.closeTimeoutMs;
  }

  // --- RESUME -------------------------------------------------------------------------------------------------------

  get #resumed(): Resumed {
    return "resumed" in this.#phase ? this.#phase.resumed : "both";
  }

  get #hasSaidResume(): boolean {
    return this.#resumed === "ours" || this.#resumed === "both";
  }

  get #hasHeardResume(): boolean {
    return this.#resumed === "theirs" || this.#resumed === "both";
  }

  #noteResume(whose: "ours" | "theirs"): void {
    const phase = this.#phase;
    const resumed = this.#resumed === "none" ? whose : "both";
    if (phase.type === "closing") this.#phase = { ...phase, resumed };
    else this.#phase = resumed === "both" ? OPEN : { type: "resuming", resumed, since: undefined };
  }

  /** Throws LairError `peer-stalled` if the other side has not sent RESUME for too long. */
  #requireResume(now: Instant): void {
    if (this.#phase.type !== "resuming") return;
    const since = this.#phase.since ?? now;
    this.#phase = { ...this.#phase, since };
    if (now.monotonicMs - since.monotonicMs >= RESUME_TIMEOUT_MS) {
      throw new LairError("peer-stalled", "The other side did not begin the conversation within 10 s.");
    }
  }
}

/** Refuses a body that no frame can carry before it is queued: a frame that cannot be sealed would end the session. */
function requireFits(body: Uint8Array, head: Uint8Array = NO_HEAD): void {
  if (head.length + body.length <= MAX_BODY_BYTES) return;
  throw new LairError("message-too-long", "A record is at most 65,516 bytes; this one was not sent.", {
    hint: "Send it in parts.",
  });
}
