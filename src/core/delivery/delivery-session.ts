// One session of a delivery (docs/PROTOCOL.md §7.1, §7.2): its use of one channel. It sends RESUME, knows how far the
// two stores agree, what has been passed to the channel, and how long the peer may leave that unacknowledged.
// `delivery.ts` stores and reports.
//
//   resuming ---their RESUME fits---------------------------------> agreed ---goOn---> delivering   (DATA and ACK)
//       |                                                             ^
//       +---it does not---> diverged ---both people have been told----+            (the higher numbers hold then)
//
// Who has been told of it, in `diverged`:
//   neither ---confirmTold---> here ---their ACK---> agreed
//   neither ---their ACK---> there ---confirmTold---> agreed

import { readU64, u64 } from "../bytes.ts";
import type { Channel, Instant } from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { encodeDataHead, MAX_DELIVERED_BYTES } from "./data.ts";
import type { Ledger } from "./ledger.ts";
import { Patience } from "./patience.ts";
import { agree, type Agreement, decodeResume, encodeResume, type Resume } from "./resume.ts";

/** The length of an ACK: a sequence number. */
const ACK_BYTES = 8;
/** Ours: how much a channel gets at a time; the rest waits in the ledger, which has it anyway. */
const MOST_WAITING_BYTES = 256 * 1024;

/** The conclusion from the two RESUMEs, to be carried out by {@link DeliverySession.goOn}. */
interface Agreed {
  /** What we said. */
  readonly said: Resume;
  readonly agreement: Agreement;
  /** 16 bytes: the id of the peer's store. */
  readonly peerStore: Uint8Array;
  /** When the peer's ACK for it arrived. */
  readonly at: Instant;
}

type State =
  /** We have sent RESUME, and wait for theirs. */
  | { readonly name: "resuming"; readonly said: Resume }
  | { readonly name: "delivering" }
  /** The stores have diverged. Neither side continues before both users know: a cut would leave an unreported gap. */
  | { readonly name: "diverged"; readonly told: "neither" | "here"; readonly agreed: Omit<Agreed, "at"> }
  | { readonly name: "diverged"; readonly told: "there"; readonly agreed: Agreed }
  | { readonly name: "agreed"; readonly agreed: Agreed };

/** One for all sessions. */
const DELIVERING: State = { name: "delivering" };

export class DeliverySession {
  readonly channel: Channel;
  readonly #ledger: Ledger;
  readonly #shorten: ((message: Uint8Array) => Uint8Array) | undefined;
  readonly #patience = new Patience();
  #state: State;
  /** The next number to be passed to the channel. */
  #nextToTransmit: number;
  /** Whether DATA has arrived that no ACK has answered yet. */
  #hasArrivals = false;

  /** Sends RESUME over the channel. Its contents must be stored durably. `shorten` shortens a chat message that is too long for DATA. */
  constructor(channel: Channel, ledger: Ledger, shorten?: (message: Uint8Array) => Uint8Array) {
    this.channel = channel;
    this.#ledger = ledger;
    this.#shorten = shorten;
    const said = ledger.resume;
    this.#state = { name: "resuming", said };
    this.#nextToTransmit = said.first;
    channel.sendResume(encodeResume(said));
  }

  get isDelivering(): boolean {
    return this.#state.name === "delivering";
  }

  /**
   * Set once both sides know how to continue, until {@link goOn}. If the stores have diverged, that waits for the next
   * commit, which must be called soon.
   */
  get agreed(): Agreed | undefined {
    return this.#state.name === "agreed" ? this.#state.agreed : undefined;
  }

  /** The agreement has been stored in the ledger. */
  goOn(): void {
    this.#state = DELIVERING;
    this.#nextToTransmit = this.#ledger.cursors.acknowledged;
  }

  /** Their RESUME has arrived. Returns the conclusion from both. Throws LairError `resume-malformed`, `resume-jump`, store-*. */
  resume(body: Uint8Array, now: Instant): Agreement {
    const theirs = decodeResume(body);
    // Unreachable: the channel lets one RESUME through.
    if (this.#state.name !== "resuming") throw new TypeError("DeliverySession: RESUME is read once");
    const { said } = this.#state;
    const agreement = agree(said, theirs, this.#ledger.cursors, (seq) => this.#ledger.message(seq).stamp);
    const agreed = { said, agreement, peerStore: theirs.store, at: now };
    this.#state = agreement.hasDiverged ? { name: "diverged", told: "neither", agreed } : { name: "agreed", agreed };
    return agreement;
  }

  /** DATA has arrived, whether or not it is new. */
  dataCame(): void {
    this.#hasArrivals = true;
  }

  /** What arrived is stored, and its events have been passed on: acknowledge it. */
  acknowledge(): void {
    if (this.#hasArrivals) {
      this.#hasArrivals = false;
      // One ACK per frame: the channel replaces an older one that has not been sent yet.
      this.channel.sendAck(u64(BigInt(this.#ledger.cursors.expected)));
    }
    if (this.#state.name === "diverged") this.#confirmTold(this.#state);
  }

  /** Our user has been told that the stores have diverged: an ACK says so, once. It accepts nothing. */
  #confirmTold(state: Extract<State, { name: "diverged" }>): void {
    if (state.told === "here") return;
    this.#state =
      state.told === "there"
        ? { name: "agreed", agreed: state.agreed }
        : { name: "diverged", told: "here", agreed: state.agreed };
    this.channel.sendAck(u64(BigInt(state.agreed.said.next)));
  }

  /**
   * An ACK has arrived. Returns the number below which our messages have arrived, or undefined if it means something
   * else. Throws LairError `record-malformed`, `sequence`, `control-flood`.
   */
  ack(body: Uint8Array, now: Instant): number | undefined {
    if (body.length !== ACK_BYTES) {
      throw new LairError("record-malformed", "The other side sent an ACK of the wrong length.");
    }
    switch (this.#state.name) {
      case "diverged":
        this.#peerWasTold(this.#state, now);
        return undefined;
      case "agreed":
        // A commit carries it out, after our user has been told: a crash in between would leave an unreported gap.
        this.channel.chargeControl(now);
        return undefined;
      default:
        return this.#taken(readU64(body, 0), now);
    }
  }

  #peerWasTold(state: Extract<State, { name: "diverged" }>, now: Instant): void {
    const agreed = { ...state.agreed, at: now };
    if (state.told === "there") this.channel.chargeControl(now);
    else if (state.told === "here") this.#state = { name: "agreed", agreed };
    else this.#state = { name: "diverged", told: "there", agreed };
  }

  #taken(next: bigint, now: Instant): number {
    const { acknowledged } = this.#ledger.cursors;
    if (next < BigInt(acknowledged) || next > BigInt(this.#nextToTransmit)) {
      throw new LairError(
        "sequence",
        "The other side acknowledged what was never sent, or took an acknowledgement back.",
      );
    }
    if (next === BigInt(acknowledged)) this.channel.chargeControl(now);
    else this.#patience.taken(this.#ledger.bytesBelow(Number(next)), now);
    return Number(next);
  }

  // --- its channel ----------------------------------------------------------------------------------------------------

  /** Gives the channel as much of the stored messages as it may have at a time. Throws LairError store-*. */
  transmit(): void {
    if (this.#state.name !== "delivering" || this.#ledger.hasStaged) return;
    const { channel } = this;
    const { acknowledged, released } = this.#ledger.cursors;
    this.#nextToTransmit = Math.max(this.#nextToTransmit, acknowledged);
    while (channel.takesData && this.#nextToTransmit < released && channel.waitingBytes < MOST_WAITING_BYTES) {
      const next = this.#ledger.message(this.#nextToTransmit);
      channel.sendData(this.#fitting(next.message), encodeDataHead(next));
      this.#patience.sent(next.message.length);
      this.#nextToTransmit += 1;
    }
  }

  #fitting(message: Uint8Array): Uint8Array {
    return message.length <= MAX_DELIVERED_BYTES || this.#shorten === undefined ? message : this.#shorten(message);
  }

  /** When {@link requireTaken} would throw, by the monotonic clock. */
  get deadlineMs(): number {
    return this.#patience.deadlineMs;
  }

  /** From now on the peer may acknowledge what was transmitted. */
  awaitAcks(now: Instant): void {
    this.#patience.start(now);
  }

  /** Throws LairError `peer-stalled` if the peer has left DATA unacknowledged for too long. */
  requireTaken(now: Instant): void {
    this.#patience.check(now);
  }

  /** Nothing was read on this side for a while: the peer's time starts again. */
  restartPatience(now: Instant): void {
    this.#patience.restart(now);
  }
}
