// The keys of a session and their renewal (docs/PROTOCOL.md §8): which key seals and opens now, when the next rekey is due,
// and each side's steps through one. Its messages are made in `rekey.ts`; which record may arrive when is in `record-rules.ts`.
// A key changes here and nowhere else: for receiving when a record arrives, for sending when one has been sealed.
//
//   driver   idle --advance--> sending-init --onSealed--> awaiting-reply --onReply--> sending-done --onSealed--> idle
//            onReply: receives under the new key; onSealed(DONE): sends under the new key
//   other    idle --onInit--> sending-reply --onSealed--> awaiting-done --onDone--> idle
//            onSealed(REPLY): sends under the new key; onDone: receives under the new key

import { erase, isAllZero, u32 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { HandshakeState, Transport } from "../noise/handshake-state.ts";
import { DirectionKey, type KeyLimits } from "./direction-key.ts";
import type { RekeyWindow } from "./hello.ts";
import { elapsedMs, type Instant } from "../clock.ts";
import { drawDelayMs } from "./random-delay.ts";
import { type ChannelRecord, RECORD } from "./record.ts";
import {
  beginRekey,
  type Epoch,
  nextEpoch,
  readRekeyBody,
  readRekeyDone,
  type SessionSecrets,
  writeRekeyBody,
} from "./rekey.ts";

/** docs/PROTOCOL.md §8.3, §8.4; tests lower the counts. */
export interface KeyScheduleLimits {
  /** A driver whose key has been used for this many frames rekeys at once. */
  readonly rekeyAfterFrames: number;
  readonly maxFramesPerKey: number;
  /** An early rekey is not a flood if this many frames have been sent under a key. */
  readonly floodFrames: number;
  readonly keyGraceMs: number;
  readonly replyTimeoutMs: number;
}

export const KEY_SCHEDULE_LIMITS: KeyScheduleLimits = {
  rekeyAfterFrames: 2 ** 20,
  maxFramesPerKey: 2 ** 22,
  floodFrames: 2 ** 19,
  keyGraceMs: 60_000,
  replyTimeoutMs: 10_000,
};

/** The records of a rekey. */
type RekeyRecordType = typeof RECORD.rekeyInit | typeof RECORD.rekeyReply | typeof RECORD.rekeyDone;

/** The share of the minimum that a driver waits in any case; the other side allows half of it, by its own clock. */
const SAFE_FROM_FLOOD = 0.75;

export interface KeyScheduleOptions {
  readonly session: SessionSecrets;
  /** From the XX handshake: epoch 0. The schedule owns it from now on. */
  readonly transport: Transport;
  /** re of the XX handshake. */
  readonly remoteEphemeralKey: Uint8Array;
  /** Whether this side starts the rekeys. There is only one driver: two would diverge. */
  readonly drives: boolean;
  readonly rekeyWindow: RekeyWindow;
  readonly now: Instant;
}

/** A rekey in progress. `next` is the epoch whose keys wait for the marker of their direction. */
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

/** One for all sessions. */
const IDLE: RekeyStep = { type: "idle" };

export type RekeyStepName = RekeyStep["type"];

/** The keys of both directions, and the rekey in progress. Send the records that its methods return, in order. */
export class KeySchedule {
  /** Not the rest of the options, whose keys serve only the first epoch. */
  readonly #rules: Pick<KeyScheduleOptions, "drives" | "rekeyWindow"> & { readonly limits: KeyScheduleLimits };
  /** Of each key. */
  readonly #keyLimits: KeyLimits;
  readonly #session: SessionSecrets;
  #epoch: Epoch;
  #sendKey: DirectionKey;
  #receiveKey: DirectionKey;
  #step: RekeyStep = IDLE;
  /**
   * For the driver: when it sent the last DONE, and the delay drawn then. For the other: when it sent its last REPLY.
   */
  #lastRekey: Instant;
  #delayMs: number;

  constructor(options: KeyScheduleOptions, limits: KeyScheduleLimits) {
    const { session, transport, remoteEphemeralKey, drives, rekeyWindow, now } = options;
    this.#rules = { drives, rekeyWindow, limits };
    this.#keyLimits = { maxAgeMs: rekeyWindow.maxMs + limits.keyGraceMs, maxFrames: limits.maxFramesPerKey };
    this.#session = { ...session, psk: new Uint8Array(session.psk) };
    const { handshakeHash, exporterSecret } = transport;
    this.#epoch = { number: 0, handshakeHash, exporterSecret, remoteEphemeralKey };
    this.#sendKey = new DirectionKey(transport.send, now, this.#keyLimits);
    this.#receiveKey = new DirectionKey(transport.receive, now, this.#keyLimits);
    this.#lastRekey = now;
    this.#delayMs = this.#drawDelayMs();
  }

  get step(): RekeyStepName {
    return this.#step.type;
  }

  /** 0 after the handshake; each rekey adds one. */
  get epoch(): number {
    return this.#epoch.number;
  }

  /** The age of the key under which this side sends. */
  ageMs(now: Instant): number {
    return this.#sendKey.ageMs(now);
  }

  /** When {@link advance} has something to do, by the monotonic clock. */
  get deadlineMs(): number {
    const expiresMs = Math.min(this.#sendKey.expiresMs, this.#receiveKey.expiresMs);
    if (this.#step.type === "awaiting-reply") {
      return Math.min(expiresMs, this.#step.since.monotonicMs + this.#rules.limits.replyTimeoutMs);
    }
    if (this.#step.type !== "idle" || !this.#rules.drives) return expiresMs;
    return Math.min(expiresMs, this.#lastRekey.monotonicMs + (this.#isUsageLimitNear ? 0 : this.#delayMs));
  }

  /**
   * 32 bytes derived from the exporter secret of the session's handshake, under a label of their own (§3.5). Throws TypeError
   * once that secret has been overwritten: by the first rekey, or at the end.
   */
  exportKey(label: Uint8Array): Uint8Array {
    const { number, handshakeHash, exporterSecret } = this.#epoch;
    if (number > 0 || isAllZero(exporterSecret)) throw new TypeError("KeySchedule: the exporter secret is gone");
    return this.#session.suite.hash.hkdf(handshakeHash, exporterSecret, label, 32);
  }

  /** Throws LairError `key-expired` or `key-worn-out`. */
  seal(plaintext: Uint8Array, now: Instant): Uint8Array {
    return this.#sendKey.seal(plaintext, now);
  }

  /** Throws like {@link seal}, and `frame-length` or `noise-authentication`. */
  open(frame: Uint8Array, now: Instant): Uint8Array {
    return this.#receiveKey.open(frame, now);
  }

  /** Throws LairError `key-expired` or `key-worn-out` if the key of either direction must not be used any more. */
  requireUsable(now: Instant): void {
    this.#sendKey.requireUsable(now);
    this.#receiveKey.requireUsable(now);
  }

  /** Starts a rekey that is due, and then returns its REKEY_INIT. Throws LairError `rekey-timeout`. */
  advance(now: Instant): ChannelRecord | undefined {
    const step = this.#step;
    if (step.type === "awaiting-reply" && elapsedMs(step.since, now) >= this.#rules.limits.replyTimeoutMs) {
      throw new LairError("rekey-timeout", "The other side did not answer a renewal of the keys within 10 s.");
    }
    return this.#isDue(now) ? this.#begin() : undefined;
  }

  /**
   * A frame that ends with a record of a rekey has been sealed, so the next step follows. INIT: the deadline for the
   * answer starts. REPLY and DONE: the next frame is sealed under the new key.
   */
  onSealed(type: RekeyRecordType, now: Instant): void {
    switch (type) {
      case RECORD.rekeyInit: {
        const { handshake } = this.#stepOf("sending-init");
        this.#step = { type: "awaiting-reply", handshake, since: now };
        return;
      }
      case RECORD.rekeyReply: {
        const { next, sendKey, receiveKey } = this.#stepOf("sending-reply");
        this.#switchSendKey(sendKey);
        this.#step = { type: "awaiting-done", next, receiveKey };
        this.#lastRekey = now;
        return;
      }
      case RECORD.rekeyDone:
        this.#switchSendKey(this.#stepOf("sending-done").sendKey);
        this.#step = IDLE;
        this.#lastRekey = now;
        this.#delayMs = this.#drawDelayMs();
    }
  }

  /** Overwrites every secret. */
  destroy(): void {
    const step = this.#step;
    this.#step = IDLE;
    this.#sendKey.destroy();
    this.#receiveKey.destroy();
    if ("handshake" in step) step.handshake.destroy();
    if ("sendKey" in step) step.sendKey.destroy();
    if ("receiveKey" in step) step.receiveKey.destroy();
    if ("next" in step) erase(step.next.exporterSecret);
    erase(this.#epoch.exporterSecret, this.#session.psk);
  }

  // --- the driver ---------------------------------------------------------------------------------------------------

  #isDue(now: Instant): boolean {
    if (!this.#rules.drives || this.#step.type !== "idle") return false;
    const hasPassed = elapsedMs(this.#lastRekey, now) >= this.#delayMs;
    // The wall clock counts too, after a sleep. But the user may have set it, and then the other side would see a flood
    // of rekeys.
    const waitedMs = now.monotonicMs - this.#lastRekey.monotonicMs;
    return this.#isUsageLimitNear || (hasPassed && waitedMs >= this.#rules.rekeyWindow.minMs * SAFE_FROM_FLOOD);
  }

  get #isUsageLimitNear(): boolean {
    return this.#mostFrames >= this.#rules.limits.rekeyAfterFrames;
  }

  #begin(): ChannelRecord {
    const handshake = beginRekey(this.#session, this.#epoch, "initiator");
    this.#step = { type: "sending-init", handshake };
    return { type: RECORD.rekeyInit, body: writeRekeyBody(handshake, this.#epoch.number + 1) };
  }

  /** REKEY_REPLY has arrived. From now on receives under the new key, in the new epoch. Returns the REKEY_DONE. */
  onReply(body: Uint8Array, now: Instant): ChannelRecord {
    const { handshake } = this.#stepOf("awaiting-reply");
    readRekeyBody(handshake, this.#epoch, body);
    const { epoch, transport } = nextEpoch(this.#epoch, handshake);
    this.#switchReceiveKey(new DirectionKey(transport.receive, now, this.#keyLimits));
    this.#enterEpoch(epoch);
    this.#step = { type: "sending-done", sendKey: new DirectionKey(transport.send, now, this.#keyLimits) };
    return { type: RECORD.rekeyDone, body: u32(epoch.number) };
  }

  // --- the other ----------------------------------------------------------------------------------------------------

  /** REKEY_INIT has arrived. Returns the REKEY_REPLY; sends under the new key once that has been sealed. */
  onInit(body: Uint8Array, now: Instant): ChannelRecord {
    if (this.#rules.drives) {
      throw new LairError("rekey-protocol", "The other side tried to renew the keys, which is not its role.");
    }
    this.#refuseFlood(now);
    const handshake = beginRekey(this.#session, this.#epoch, "responder");
    readRekeyBody(handshake, this.#epoch, body);
    const reply = writeRekeyBody(handshake, this.#epoch.number + 1);
    const { epoch: next, transport } = nextEpoch(this.#epoch, handshake);
    const receiveKey = new DirectionKey(transport.receive, now, this.#keyLimits);
    const sendKey = new DirectionKey(transport.send, now, this.#keyLimits);
    this.#step = { type: "sending-reply", next, sendKey, receiveKey };
    return { type: RECORD.rekeyReply, body: reply };
  }

  /** REKEY_DONE has arrived. From now on receives under the new key, in the new epoch. */
  onDone(body: Uint8Array): void {
    const { next, receiveKey } = this.#stepOf("awaiting-done");
    readRekeyDone(body, next.number);
    this.#switchReceiveKey(receiveKey);
    this.#enterEpoch(next);
    this.#step = IDLE;
  }

  /**
   * An honest driver waits for `min` after its last DONE, which it sent after our REPLY (or our message 3). Measured
   * from there, the rule never affects an honest driver, however the network delays its frames.
   */
  #refuseFlood(now: Instant): void {
    const { rekeyWindow, limits } = this.#rules;
    if (elapsedMs(this.#lastRekey, now) >= rekeyWindow.minMs / 2 || this.#mostFrames >= limits.floodFrames) return;
    throw new LairError("rekey-storm", "The other side renews the keys far more often than it announced.");
  }

  // --- both ---------------------------------------------------------------------------------------------------------

  get #mostFrames(): number {
    return Math.max(this.#sendKey.frames, this.#receiveKey.frames);
  }

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

  /** Of no use to the side that does not drive, which draws none. */
  #drawDelayMs(): number {
    const { drives, rekeyWindow } = this.#rules;
    return drives ? drawDelayMs(rekeyWindow.minMs, rekeyWindow.maxMs, this.#session.random) : Infinity;
  }

  #stepOf<Type extends RekeyStepName>(type: Type): Extract<RekeyStep, { type: Type }> {
    const step = this.#step;
    const isStep = (candidate: RekeyStep): candidate is Extract<RekeyStep, { type: Type }> => candidate.type === type;
    // Unreachable: the channel's table of expected records admits nothing else.
    if (!isStep(step)) throw new TypeError(`KeySchedule: the rekey is ${step.type}, not ${type}`);
    return step;
  }
}
