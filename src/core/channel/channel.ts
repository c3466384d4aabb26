// The channel: two keys become a stream of records, and the keys renew themselves (docs/PROTOCOL.md §3, §4, §6).
// A machine without hands: frames, calls and the present time go in; frames, events and the next deadline come out.
// It does not know what DATA says, who the peer is to us, or whether there is a network.
//
//   open <-> rekeying      (a KK handshake is under way; data flows on)
//   either -> closing      (we said `close`: what waits goes out, then CLOSE)
//   any -> closed          (CLOSE sent or received, or an error: every key is overwritten)

import { erase } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { HandshakeState, Transport } from "../noise/handshake-state.ts";
import { ControlBudget } from "./control-budget.ts";
import { DirectionKey } from "./direction-key.ts";
import type { RekeyWindow } from "./hello.ts";
import { elapsedMs, type Instant } from "./instant.ts";
import { Liveness } from "./liveness.ts";
import { MAX_PLAINTEXT_LENGTH } from "./padding.ts";
import { drawDelayMs } from "./random-delay.ts";
import {
  FIRST_OPTIONAL_TYPE,
  MAX_BODY_LENGTH,
  packRecords,
  RECORD,
  type Record,
  recordLength,
  unpackRecords,
} from "./record.ts";
import {
  beginRekey,
  type Epoch,
  nextEpoch,
  readRekeyBody,
  readRekeyDone,
  type SessionSecrets,
  writeRekeyBody,
} from "./rekey.ts";

export type ChannelState = "open" | "rekeying" | "closing" | "closed";

/** Body of CLOSE. */
export const CLOSE_REASON = { goodbye: 0, shuttingDown: 1, busy: 2, replaced: 3, notTrusted: 4 } as const;
export type CloseReason = (typeof CLOSE_REASON)[keyof typeof CLOSE_REASON];

export type ChannelEvent =
  | { readonly type: "record"; readonly record: "data" | "ack"; readonly body: Uint8Array }
  | { readonly type: "rekeyed"; readonly epoch: number }
  | { readonly type: "closed"; readonly reason: CloseReason };

/** What docs/PROTOCOL.md §4 and §6 fix; tests lower the counts. */
export interface ChannelLimits {
  /** A driver whose key has served so many frames rekeys at once. */
  readonly rekeyAfterFrames: number;
  readonly maxFramesPerKey: number;
  /** A rekey that comes early is no storm when so many frames have gone. */
  readonly stormFrames: number;
  readonly keyGraceMs: number;
  readonly replyTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

export const CHANNEL_LIMITS: ChannelLimits = {
  rekeyAfterFrames: 2 ** 20,
  maxFramesPerKey: 2 ** 22,
  stormFrames: 2 ** 19,
  keyGraceMs: 60_000,
  replyTimeoutMs: 10_000,
  closeTimeoutMs: 3_000,
};

export interface ChannelOptions {
  readonly session: SessionSecrets;
  /** Of the XX handshake: epoch 0. The channel owns it from now on. */
  readonly transport: Transport;
  /** re of the XX handshake. */
  readonly remoteEphemeralKey: Uint8Array;
  /** Whether this side starts the rekeys. There is one driver: two would diverge. */
  readonly drives: boolean;
  readonly rekeyWindow: RekeyWindow;
  readonly now: Instant;
  readonly limits?: Partial<ChannelLimits>;
}

/** A rekey under way. `next` is the epoch whose keys wait for their direction's marker. */
type RekeyStep =
  | { readonly type: "idle" }
  | { readonly type: "sending-init"; readonly handshake: HandshakeState }
  | { readonly type: "awaiting-reply"; readonly handshake: HandshakeState; readonly since: Instant }
  | { readonly type: "sending-done"; readonly sendKey: DirectionKey }
  | {
      readonly type: "sending-reply";
      readonly next: Epoch;
      readonly sendKey: DirectionKey;
      readonly receiveKey: DirectionKey;
    }
  | { readonly type: "awaiting-done"; readonly next: Epoch; readonly receiveKey: DirectionKey };

/** A record in the queue; `sealed` runs when its frame has been sealed, and such a record is the last of its frame. */
interface Queued {
  readonly record: Record;
  readonly sealed?: (now: Instant) => void;
}

const ALWAYS: readonly RekeyStep["type"][] = [
  "idle",
  "sending-init",
  "awaiting-reply",
  "sending-done",
  "sending-reply",
  "awaiting-done",
];

/** Every known type and the steps at which it may arrive; at any other it is fatal. Nothing is ignored. */
const EXPECTED_AT: ReadonlyMap<number, readonly RekeyStep["type"][]> = new Map([
  [RECORD.hello, []],
  [RECORD.close, ALWAYS],
  [RECORD.ping, ALWAYS],
  [RECORD.pong, ALWAYS],
  [RECORD.rekeyInit, ["idle"]],
  [RECORD.rekeyReply, ["awaiting-reply"]],
  [RECORD.rekeyDone, ["awaiting-done"]],
  [RECORD.data, ALWAYS],
  [RECORD.ack, ALWAYS],
  // Until delivery is durable; then the first record after a handshake.
  [RECORD.resume, []],
]);

/** What costs the control budget, beside optional types. Rekeys are bounded by the storm rule, one step at a time. */
const CHARGED: ReadonlySet<number> = new Set([RECORD.ping, RECORD.pong]);

/** Ours: an honest side never has more than a few waiting. */
const MAX_WAITING_CONTROL = 64;

const LAST_IN_FRAME: ReadonlySet<number> = new Set([RECORD.close, RECORD.rekeyReply, RECORD.rekeyDone]);

export class Channel {
  readonly #session: SessionSecrets;
  readonly #drives: boolean;
  readonly #rekeyWindow: RekeyWindow;
  readonly #limits: ChannelLimits;
  readonly #liveness: Liveness;
  readonly #budget: ControlBudget;
  #epoch: Epoch;
  #sendKey: DirectionKey;
  #receiveKey: DirectionKey;
  #phase: "open" | "closing" | "closed" = "open";
  #step: RekeyStep = { type: "idle" };
  /** The driver: when the last DONE went out, and the delay drawn then. The other: when its last REPLY did. */
  #lastRekey: Instant;
  #rekeyDelayMs: number;
  #closing: { readonly reason: CloseReason; readonly since: Instant } | undefined;
  /** Control goes before data: a REPLY must not wait behind a file. Neither can overtake its own kind. */
  #control: Queued[] = [];
  #data: Record[] = [];
  #dataBytes = 0;

  constructor(options: ChannelOptions) {
    const { session, transport, now } = options;
    this.#session = { ...session, psk: session.psk.slice() };
    this.#drives = options.drives;
    this.#rekeyWindow = options.rekeyWindow;
    this.#limits = { ...CHANNEL_LIMITS, ...options.limits };
    this.#liveness = new Liveness(now, session.random);
    this.#budget = new ControlBudget(now);
    const { handshakeHash, exporterSecret } = transport;
    this.#epoch = { number: 0, handshakeHash, exporterSecret, remoteEphemeralKey: options.remoteEphemeralKey };
    this.#sendKey = this.#directionKey(transport.send, now);
    this.#receiveKey = this.#directionKey(transport.receive, now);
    this.#lastRekey = now;
    this.#rekeyDelayMs = this.#drawRekeyDelayMs();
  }

  get state(): ChannelState {
    if (this.#phase !== "open") return this.#phase;
    return this.#step.type === "idle" ? "open" : "rekeying";
  }

  /** 0 after the handshake, one more after each rekey. */
  get epoch(): number {
    return this.#epoch.number;
  }

  get rekeyWindow(): RekeyWindow {
    return this.#rekeyWindow;
  }

  /** Of the key under which this side sends. */
  keyAgeMs(now: Instant): number {
    return this.#sendKey.ageMs(now);
  }

  get roundTripMs(): number | undefined {
    return this.#liveness.roundTripMs;
  }

  /** Bytes of data records that no frame has taken yet. */
  get waitingBytes(): number {
    return this.#dataBytes;
  }

  /**
   * When {@link advance} must be called at the latest, by the monotonic clock. A caller on a machine that may sleep
   * calls it more often, since the wall clock counts too.
   */
  get deadlineMs(): number {
    const { keyGraceMs, replyTimeoutMs, closeTimeoutMs } = this.#limits;
    if (this.#phase === "closed") return Number.POSITIVE_INFINITY;
    if (this.#closing !== undefined) return this.#closing.since.monotonicMs + closeTimeoutMs;
    const sinceMs = this.#lastRekey.monotonicMs;
    const deadlines = [this.#liveness.deadlineMs, sinceMs + this.#rekeyWindow.maxMs + keyGraceMs];
    if (this.#step.type === "awaiting-reply") deadlines.push(this.#step.since.monotonicMs + replyTimeoutMs);
    if (this.#step.type === "idle" && this.#drives) deadlines.push(sinceMs + this.#rekeyDelayMs);
    return Math.min(...deadlines);
  }

  /**
   * Queues DATA for the next frame. Throws TypeError once {@link close} was called, RangeError for a body that fits no
   * frame (over 65,516 bytes).
   */
  sendData(body: Uint8Array): void {
    if (this.#phase !== "open") throw new TypeError("Channel: no data is sent after close");
    if (body.length > MAX_BODY_LENGTH) throw new RangeError("Channel: a record's body is at most 65,516 bytes");
    this.#data.push({ type: RECORD.data, body });
    this.#dataBytes += body.length;
  }

  /** Queues an ACK; a newer one takes the place of one that has not left yet. No effect after CLOSE: nothing follows it. */
  sendAck(body: Uint8Array): void {
    if (this.#phase === "closed") return;
    this.#control = this.#control.filter((queued) => queued.record.type !== RECORD.ack);
    this.#control.push({ record: { type: RECORD.ack, body } });
  }

  /** Counts a record of the peer that said nothing new. Throws LairError `control-flood`, as {@link receive} does. */
  chargeControl(now: Instant): void {
    this.#guarded(() => this.#budget.spend(now));
  }

  /** Ends the session in order: what waits goes out (for 3 s at most), then CLOSE. No effect when it is ending already. */
  close(reason: CloseReason, now: Instant): void {
    if (this.#phase !== "open") return;
    this.#phase = "closing";
    this.#closing = { reason, since: now };
  }

  /** Overwrites every secret and forgets what waits. */
  destroy(): void {
    this.#phase = "closed";
    this.#sendKey.destroy();
    this.#receiveKey.destroy();
    if ("handshake" in this.#step) this.#step.handshake.destroy();
    if ("sendKey" in this.#step) this.#step.sendKey.destroy();
    if ("next" in this.#step) {
      erase(this.#step.next.exporterSecret);
      this.#step.receiveKey.destroy();
    }
    this.#step = { type: "idle" };
    erase(this.#epoch.exporterSecret, this.#session.psk);
    this.#control = [];
    this.#data = [];
    this.#dataBytes = 0;
  }

  /** What time alone brings: a rekey, a PING, an end. Throws LairError, and the channel is closed then. */
  advance(now: Instant): void {
    this.#guarded(() => {
      if (this.#phase !== "open") return;
      // Also without traffic: a peer that only stays silent must not keep an old key alive.
      this.#sendKey.requireUsable(now);
      this.#receiveKey.requireUsable(now);
      const ping = this.#liveness.advance(now);
      if (ping !== undefined) this.#control.push({ record: { type: RECORD.ping, body: ping } });
      if (this.#step.type === "awaiting-reply" && elapsedMs(this.#step.since, now) >= this.#limits.replyTimeoutMs) {
        throw new LairError("rekey-timeout", "The other side did not answer a renewal of the keys within 10 s.");
      }
      if (this.#isRekeyDue(now)) this.#beginRekey();
    });
  }

  /**
   * The next frame to send, at most 65,535 bytes, or undefined when nothing waits. To be asked until it says so, in the
   * same turn in which something was queued or received. Throws LairError, and the channel is closed then.
   */
  nextFrame(now: Instant): Uint8Array | undefined {
    return this.#guarded(() => {
      if (this.#phase === "closed") return undefined;
      const batch = this.#takeBatch(now);
      if (batch.length === 0) return undefined;
      const frame = this.#sendKey.seal(packRecords(batch.map(({ record }) => record)), now);
      batch.at(-1)?.sealed?.(now);
      return frame;
    });
  }

  /** One frame from the other side. Throws LairError for anything but an honest one, and the channel is closed then. */
  receive(frame: Uint8Array, now: Instant): ChannelEvent[] {
    if (this.#phase === "closed") throw new TypeError("Channel: nothing is read after the end");
    return this.#guarded(() => {
      const records = unpackRecords(this.#receiveKey.open(frame, now));
      this.#liveness.heard(now);
      if (records.length === 0) this.#budget.spend(now);
      return records.flatMap((record, index) => this.#dispatch(record, index === records.length - 1, now));
    });
  }

  #dispatch(record: Record, isLast: boolean, now: Instant): ChannelEvent[] {
    this.#requireExpected(record, isLast, now);
    switch (record.type) {
      case RECORD.data:
        this.#budget.fill();
        return [{ type: "record", record: "data", body: record.body }];
      case RECORD.ack:
        return [{ type: "record", record: "ack", body: record.body }];
      case RECORD.ping:
        this.#answerPing(record.body);
        return [];
      case RECORD.pong:
        this.#liveness.pong(record.body, now);
        return [];
      case RECORD.close:
        return [this.#onClose(record.body)];
      case RECORD.rekeyInit:
        this.#onRekeyInit(record.body, now);
        return [];
      case RECORD.rekeyReply:
        return [this.#onRekeyReply(record.body, now)];
      case RECORD.rekeyDone:
        return [this.#onRekeyDone(record.body)];
      default:
        // Only optional types come here (`#requireExpected`).
        return [];
    }
  }

  #requireExpected(record: Record, isLast: boolean, now: Instant): void {
    const { type } = record;
    const steps = EXPECTED_AT.get(type);
    if (steps === undefined && type < FIRST_OPTIONAL_TYPE) {
      throw new LairError("record-unknown", "The other side sent a record of an unknown type: its Lair may be newer.");
    }
    if (steps !== undefined && !steps.includes(this.#step.type)) {
      throw new LairError("record-unexpected", "The other side sent a record at a moment when it may not come.");
    }
    if (LAST_IN_FRAME.has(type) && !isLast) {
      throw new LairError("record-unexpected", "The other side sent more in a frame after its last record.");
    }
    if (steps === undefined || CHARGED.has(type)) this.#budget.spend(now);
  }

  #answerPing(body: Uint8Array): void {
    // Data fills the budget, so a peer that reads nothing could pile up answers here.
    if (this.#control.length >= MAX_WAITING_CONTROL) {
      throw new LairError("control-flood", "The other side asks for answers and does not read them.");
    }
    this.#control.push({ record: { type: RECORD.pong, body: this.#liveness.ping(body) } });
  }

  #onClose(body: Uint8Array): ChannelEvent {
    if (body.length !== 1) throw new LairError("record-malformed", "The other side sent a CLOSE of a wrong length.");
    this.destroy();
    const known = Object.values(CLOSE_REASON).find((reason) => reason === body[0]);
    return { type: "closed", reason: known ?? CLOSE_REASON.goodbye };
  }

  // --- rekey, the driver's side ---------------------------------------------------------------------------------

  #isRekeyDue(now: Instant): boolean {
    if (!this.#drives || this.#step.type !== "idle") return false;
    const frames = Math.max(this.#sendKey.frames, this.#receiveKey.frames);
    return elapsedMs(this.#lastRekey, now) >= this.#rekeyDelayMs || frames >= this.#limits.rekeyAfterFrames;
  }

  #beginRekey(): void {
    const handshake = beginRekey(this.#session, this.#epoch, "initiator");
    this.#step = { type: "sending-init", handshake };
    this.#control.push({
      record: { type: RECORD.rekeyInit, body: writeRekeyBody(handshake, this.#epoch.number + 1) },
      sealed: (now) => {
        this.#step = { type: "awaiting-reply", handshake, since: now };
      },
    });
  }

  #onRekeyReply(body: Uint8Array, now: Instant): ChannelEvent {
    const { handshake } = this.#stepOf("awaiting-reply");
    readRekeyBody(handshake, this.#epoch, body);
    const { epoch, transport } = nextEpoch(this.#epoch, handshake);
    this.#switchReceiveKey(this.#directionKey(transport.receive, now));
    this.#enterEpoch(epoch);
    const sendKey = this.#directionKey(transport.send, now);
    this.#step = { type: "sending-done", sendKey };
    this.#control.push({
      record: { type: RECORD.rekeyDone, body: body.slice(0, 4) },
      sealed: (sealedAt) => {
        this.#switchSendKey(sendKey);
        this.#step = { type: "idle" };
        this.#lastRekey = sealedAt;
        this.#rekeyDelayMs = this.#drawRekeyDelayMs();
      },
    });
    return { type: "rekeyed", epoch: epoch.number };
  }

  // --- rekey, the other side ------------------------------------------------------------------------------------

  #onRekeyInit(body: Uint8Array, now: Instant): void {
    if (this.#drives) {
      throw new LairError("rekey-protocol", "The other side tried to renew the keys, which is not its part.");
    }
    this.#refuseStorm(now);
    const number = this.#epoch.number + 1;
    const handshake = beginRekey(this.#session, this.#epoch, "responder");
    readRekeyBody(handshake, this.#epoch, body);
    const reply = writeRekeyBody(handshake, number);
    const { epoch: next, transport } = nextEpoch(this.#epoch, handshake);
    const receiveKey = this.#directionKey(transport.receive, now);
    const sendKey = this.#directionKey(transport.send, now);
    this.#step = { type: "sending-reply", next, sendKey, receiveKey };
    this.#control.push({
      record: { type: RECORD.rekeyReply, body: reply },
      sealed: (sealedAt) => {
        this.#switchSendKey(sendKey);
        this.#step = { type: "awaiting-done", next, receiveKey };
        this.#lastRekey = sealedAt;
      },
    });
  }

  /**
   * An honest driver waits for `min` after its last DONE, which it sent after our REPLY (or after our message 3). Counted
   * from there the rule never hits it, however the network delays its frames.
   */
  #refuseStorm(now: Instant): void {
    const frames = Math.max(this.#sendKey.frames, this.#receiveKey.frames);
    if (elapsedMs(this.#lastRekey, now) >= this.#rekeyWindow.minMs / 2 || frames >= this.#limits.stormFrames) return;
    throw new LairError("rekey-storm", "The other side renews the keys far more often than it announced.");
  }

  #onRekeyDone(body: Uint8Array): ChannelEvent {
    const { next, receiveKey } = this.#stepOf("awaiting-done");
    readRekeyDone(body, next.number);
    this.#switchReceiveKey(receiveKey);
    this.#enterEpoch(next);
    this.#step = { type: "idle" };
    return { type: "rekeyed", epoch: next.number };
  }

  // --- both ---------------------------------------------------------------------------------------------------------

  #switchSendKey(key: DirectionKey): void {
    this.#sendKey.destroy();
    this.#sendKey = key;
  }

  #switchReceiveKey(key: DirectionKey): void {
    this.#receiveKey.destroy();
    this.#receiveKey = key;
  }

  #enterEpoch(epoch: Epoch): void {
    erase(this.#epoch.exporterSecret);
    this.#epoch = epoch;
  }

  #directionKey(cipherState: Transport["send"], since: Instant): DirectionKey {
    const maxAgeMs = this.#rekeyWindow.maxMs + this.#limits.keyGraceMs;
    return new DirectionKey(cipherState, since, { maxAgeMs, maxFrames: this.#limits.maxFramesPerKey });
  }

  #drawRekeyDelayMs(): number {
    return drawDelayMs(this.#rekeyWindow.minMs, this.#rekeyWindow.maxMs, this.#session.random);
  }

  #stepOf<Type extends RekeyStep["type"]>(type: Type): Extract<RekeyStep, { type: Type }> {
    const step = this.#step;
    const isStep = (candidate: RekeyStep): candidate is Extract<RekeyStep, { type: Type }> => candidate.type === type;
    // The table of expected records lets nothing else come here.
    if (!isStep(step)) throw new TypeError(`Channel: the rekey is ${step.type}, not ${type}`);
    return step;
  }

  /** Takes what fits into one frame: control first; a record with `sealed` ends the frame. */
  #takeBatch(now: Instant): Queued[] {
    const batch: Queued[] = [];
    let room = MAX_PLAINTEXT_LENGTH;
    const fits = (record: Record | undefined): record is Record => record !== undefined && recordLength(record) <= room;
    while (fits(this.#control[0]?.record)) {
      const queued = this.#control.shift()!;
      batch.push(queued);
      room -= recordLength(queued.record);
      if (queued.sealed !== undefined) return batch;
    }
    if (this.#control.length > 0) return batch;
    if (this.#isCloseOverdue(now)) this.#dropData();
    let taken = 0;
    while (fits(this.#data[taken])) {
      const record = this.#data[taken++]!;
      batch.push({ record });
      room -= recordLength(record);
      this.#dataBytes -= record.body.length;
    }
    this.#data.splice(0, taken);
    const close = this.#closeRecord();
    if (this.#data.length === 0 && fits(close)) {
      batch.push({ record: close, sealed: () => this.destroy() });
    }
    return batch;
  }

  #closeRecord(): Record | undefined {
    if (this.#closing === undefined) return undefined;
    return { type: RECORD.close, body: Uint8Array.of(this.#closing.reason) };
  }

  #isCloseOverdue(now: Instant): boolean {
    return this.#closing !== undefined && elapsedMs(this.#closing.since, now) >= this.#limits.closeTimeoutMs;
  }

  #dropData(): void {
    this.#data = [];
    this.#dataBytes = 0;
  }

  #guarded<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }
}
