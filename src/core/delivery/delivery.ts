// Delivery to and from one peer, over any number of sessions (docs/PROTOCOL.md §7.1, §7.2): nothing lost, nothing twice,
// in order. It knows bytes and numbers, not what they say. Nothing leaves, is acknowledged or is told before the
// transaction that stores it: `commit` once a turn, for all that happened in it.
//
// A session, from `attach` to `detach`, to a newer one, or to a store that fails:
//
//   resuming --their RESUME fits--------------------------------> delivering   (DATA and ACK)
//   resuming --it does not--> diverged --both people are told---> delivering   (the higher numbers hold)
//
// Who has been told of it, in `diverged`; the next `commit`, or DATA, goes on from "both":
//   neither --commit--> here --their ACK--> both
//   neither --their ACK--> there --commit--> both

import { concat, readU64, u64 } from "../bytes.ts";
import { type Channel, type ChannelEvent, type Instant, MAX_BODY_BYTES } from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { Ledger } from "./ledger.ts";
import { Patience } from "./patience.ts";
import { agree, type Agreement, decodeResume, encodeResume, type MemoryNotice, type Resume } from "./resume.ts";
import {
  type MessageContent,
  type NewMessage,
  STAMP_BYTES,
  type Store,
  STORE_ID_BYTES,
  type StoredMessage,
} from "./store.ts";

const SEQUENCE_BYTES = 8;
const HEAD_BYTES = SEQUENCE_BYTES + STAMP_BYTES;
/** The longest message that fits into a DATA behind its head: 65,496 bytes. */
export const MAX_DELIVERED_BYTES = MAX_BODY_BYTES - HEAD_BYTES;
/** Ours: what a channel is given at a time; the rest waits in the ledger, which has it anyway. */
const MOST_WAITING_BYTES = 256 * 1024;

export type DeliveryEvent =
  /** Stored: to be sent when there is a link, or handed to it already. */
  | ({ readonly type: "queued" } & NewMessage)
  | ({ readonly type: "sent" } & NewMessage)
  /** What was queued, or sent before, as `was` has been handed to a link as `seq`. */
  | { readonly type: "released"; readonly seq: number; readonly was: number }
  | ({ readonly type: "arrived" } & NewMessage)
  | { readonly type: "delivered"; readonly seq: number }
  | ({ readonly type: "memory" } & MemoryNotice);

type RecordEvent = Extract<ChannelEvent, { type: "record" }>;

/** The session of the moment. */
interface Session {
  readonly channel: Channel;
  readonly said: Resume;
  state: SessionState;
  /** The number that goes into the channel next. */
  nextToTransmit: number;
  readonly patience: Patience;
  /** Whether something has come that no ACK has answered yet. */
  hasArrivals: boolean;
}

type SessionState =
  /** Ours has been said, theirs is awaited. */
  { readonly type: "resuming" } | Diverged | { readonly type: "delivering" };

/** The two stores do not fit. Neither side goes on before both people know: a cut would leave a hole in silence. */
interface Diverged {
  readonly type: "diverged";
  readonly agreement: Agreement;
  readonly peerStore: Uint8Array;
  /**
   * Who has been told: here, once {@link Delivery.commit} has handed over what there is to tell, with an ACK that says so;
   * there, once the peer's ACK has come.
   */
  readonly told: "neither" | "here" | "there" | "both";
  /** When that ACK came; undefined before. */
  readonly confirmedAt: Instant | undefined;
}

/** All that is delivered to and from one peer. Lives longer than its sessions, one of which at a time carries it. */
export class Delivery {
  readonly #ledger: Ledger;
  readonly #decode: ((message: Uint8Array) => MessageContent) | undefined;
  #session: Session | undefined;
  /** The session that a failing store has ended. */
  #failed: { readonly channel: Channel; readonly error: unknown } | undefined;
  /** To be told once what they tell of is stored. */
  #events: DeliveryEvent[] = [];
  /** Stored, and to be told by the next {@link commit}. */
  #untold: DeliveryEvent[] = [];
  #unseen: readonly StoredMessage[];
  #sent = 0;
  #received = 0;
  /** One message at a time is timed until its ACK: a fresher round trip than the last PING's. */
  #timed: { readonly seq: number; readonly sentAt: Instant } | undefined;
  #roundTripMs: number | undefined;

  /**
   * `peer` is its public key, 32 bytes. `decode` reads what has arrived, once, for the store and for who is told; without it
   * bytes are all that there is. It does not throw. Throws LairError store-*.
   */
  constructor(store: Store, peer: Uint8Array, decode?: (message: Uint8Array) => MessageContent) {
    this.#decode = decode;
    this.#ledger = new Ledger(store, peer);
    this.#unseen = [...this.#ledger.inbox];
  }

  /** Messages of ours and of the peer's since the program began. */
  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  /** Numbers of ours that are not acknowledged, in order. */
  get waiting(): readonly number[] {
    return this.#ledger.outbox.map(({ seq }) => seq);
  }

  /** How many they are. */
  get undelivered(): number {
    return this.#ledger.outbox.length;
  }

  /** As many of those as no link has taken yet. */
  get queued(): number {
    const { next, released } = this.#ledger.cursors;
    return next - released;
  }

  /** What arrived before this program began and may not have been shown; once. */
  takeUnseen(): readonly StoredMessage[] {
    const unseen = this.#unseen;
    this.#unseen = [];
    return unseen;
  }

  /** What the chat keeps of this peer. */
  get setting(): Uint8Array | undefined {
    return this.#ledger.setting;
  }

  /** From a message to its acknowledgement, the last time that was measured. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Whether something waits for {@link commit}. */
  get hasStaged(): boolean {
    return this.#ledger.hasStaged || this.#untold.length > 0 || this.isAgreed;
  }

  /** Whether both people know that the stores have diverged, so that {@link commit} goes on from there; it is to be called soon. */
  get isAgreed(): boolean {
    const state = this.#session?.state;
    return state?.type === "diverged" && state.told === "both";
  }

  /**
   * From now on over this channel, which says RESUME; an older one carries nothing any more. Throws LairError store-*.
   */
  attach(channel: Channel): void {
    this.#session = undefined;
    this.#timed = undefined;
    // What came over an older link and is still staged counts in RESUME, so it has to be stored.
    this.#ledger.refresh();
    this.#store("for certain");
    const { acknowledged, released, expected } = this.#ledger.cursors;
    const said = {
      store: this.#ledger.storeId,
      known: this.#ledger.peerStore ?? new Uint8Array(STORE_ID_BYTES),
      next: expected,
      first: acknowledged,
      sent: released,
      last: this.#ledger.lastStamp,
    };
    channel.sendResume(encodeResume(said));
    this.#session = {
      channel,
      said,
      state: { type: "resuming" },
      nextToTransmit: acknowledged,
      patience: new Patience(),
      hasArrivals: false,
    };
  }

  /** Whether this is the channel of the moment. */
  isCarriedBy(channel: Channel): boolean {
    return this.#session?.channel === channel;
  }

  /** Throws what ended the session over this channel, if that was a store that failed, whatever asked it to store. */
  requireIntact(channel: Channel): void {
    if (this.#failed?.channel === channel) throw this.#failed.error;
  }

  /** This channel carries nothing any more. What came over it in its last turn is stored by the next {@link commit}. */
  detach(channel: Channel): void {
    if (this.#session?.channel === channel) this.#session = undefined;
  }

  /**
   * Stages a message of at most 65,496 bytes, and beside it what it says; {@link commit} tells whether it was stored. Returns
   * its number. Throws LairError `message-too-long`, `queue-full`, store-*.
   */
  send(message: Uint8Array, now: Instant, content?: MessageContent): number {
    // Stored, it would end every session to come.
    if (message.length > MAX_DELIVERED_BYTES) {
      throw new LairError("message-too-long", "A message is at most 65,496 bytes; this one was not sent.", {
        hint: "Send it in parts.",
      });
    }
    this.#ledger.refresh();
    const queued = this.#ledger.queue(message, now.wallMs, content);
    const { seq } = queued;
    if (this.#session?.state.type === "delivering") this.#timed ??= { seq, sentAt: now };
    this.#events.push({ type: "queued", ...queued });
    return seq;
  }

  /**
   * Stages that all numbers with this peer begin anew, for when it refuses those that there are. Throws LairError `usage`
   * during a session, and while something has not been shown; store-*.
   */
  beginAnew(): void {
    if (this.#session !== undefined) {
      throw new LairError("usage", "The numbers cannot be restarted while a connection is open.", {
        hint: "If messages arrive, nothing is wrong. Otherwise try again when it has ended.",
      });
    }
    this.#ledger.refresh();
    if (this.#ledger.inbox.length > 0) {
      throw new LairError("usage", "Something has arrived and has not been shown yet.", {
        hint: "Start the program once without a command, so that it is shown; then try again.",
      });
    }
    this.#ledger.beginAnew();
  }

  /**
   * Removes all that is kept of the exchange, at once, and what was to be told of it. A session carries nothing any more.
   * Throws LairError store-*: then nothing is removed from the store.
   */
  forget(): void {
    this.#session = undefined;
    this.#timed = undefined;
    this.#events = [];
    this.#untold = [];
    this.#unseen = [];
    this.#ledger.forget();
  }

  /** Stages what the chat keeps of this peer. */
  keepSetting(value: Uint8Array): void {
    this.#ledger.keepSetting(value);
  }

  /** Stages that the person has everything below `next`. */
  show(next: number): void {
    this.#ledger.refresh();
    this.#ledger.show(next);
  }

  /**
   * A RESUME, a DATA or an ACK came over this channel. Throws LairError `sequence`, `resume-malformed`,
   * `resume-jump` or `record-malformed`: the session is over then.
   */
  receive(channel: Channel, { record, body }: RecordEvent, now: Instant): NewMessage | undefined {
    const session = this.#session;
    if (session?.channel !== channel) return undefined;
    switch (record) {
      case "resume":
        this.#onResume(session, decodeResume(body), now);
        return undefined;
      case "data":
        return this.#onData(session, body, now);
      case "ack":
        this.#onAck(session, body, now);
        return undefined;
    }
  }

  /**
   * Stores all that happened since the last time, in one transaction; then it is told, acknowledged, and sent. Throws
   * LairError store-*: nothing of it has happened then.
   */
  commit(): DeliveryEvent[] {
    const session = this.#session;
    this.#goOnIfAgreed();
    const takesData = session?.state.type === "delivering" && session.channel.takesData;
    if (takesData) this.#release();
    this.#store();
    const events = this.#untold;
    this.#untold = [];
    for (const { type } of events) {
      if (type === "arrived") this.#received += 1;
      else if (type === "queued" || type === "sent") this.#sent += 1;
    }
    if (session?.hasArrivals === true) {
      session.hasArrivals = false;
      // One ACK a frame: the channel replaces an older one that has not left yet.
      session.channel.sendAck(u64(BigInt(this.#ledger.cursors.expected)));
    }
    if (session?.state.type === "diverged") this.#confirmTold(session, session.state);
    return events;
  }

  /** The person here has been told that the stores have diverged: an ACK says so, once. Nothing has been taken by it. */
  #confirmTold(session: Session, state: Diverged): void {
    if (state.told === "here" || state.told === "both") return;
    session.state = { ...state, told: state.told === "there" ? "both" : "here" };
    session.channel.sendAck(u64(BigInt(session.said.next)));
  }

  /** Gives the channel of the moment as much of what is stored as it is to have at a time. */
  transmit(channel: Channel): void {
    const session = this.#session;
    if (session?.channel !== channel || session.state.type !== "delivering" || this.#ledger.hasStaged) return;
    const { acknowledged, released } = this.#ledger.cursors;
    session.nextToTransmit = Math.max(session.nextToTransmit, acknowledged);
    while (channel.takesData && session.nextToTransmit < released && channel.waitingBytes < MOST_WAITING_BYTES) {
      const { seq, stamp, message } = this.#ledger.outbox[session.nextToTransmit - acknowledged]!;
      channel.sendData(concat(u64(BigInt(seq)), stamp, message));
      session.patience.sent(message.length);
      session.nextToTransmit += 1;
    }
  }

  /** When {@link requireTaken} would throw, by the monotonic clock. */
  get deadlineMs(): number {
    return this.#session?.patience.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** From now on the peer may acknowledge what was transmitted. */
  awaitAcks(now: Instant): void {
    this.#session?.patience.start(now);
  }

  /** Throws LairError `peer-stalled` when the peer has left DATA unacknowledged for too long. */
  requireTaken(now: Instant): void {
    this.#session?.patience.check(now);
  }

  /** Nothing was read here for a while: the peer has all its time again. */
  restartPatience(now: Instant): void {
    this.#session?.patience.restart(now);
  }

  #store(how: "soon" | "for certain" = "soon"): void {
    try {
      if (how === "soon") this.#ledger.commit();
      else this.#ledger.commitForCertain();
    } catch (error) {
      // Nothing of this has happened, and the session counts on it.
      this.#events = [];
      if (this.#session !== undefined) this.#failed = { channel: this.#session.channel, error };
      this.#session = undefined;
      throw error;
    }
    this.#untold.push(...this.#events);
    this.#events = [];
  }

  /** What is queued goes to the link; what was said in this very turn has never been anything but sent. */
  #release(): void {
    const { released, next } = this.#ledger.cursors;
    if (released === next) return;
    this.#ledger.release();
    const fresh = new Set<number>();
    this.#events = this.#events.map((event) => {
      if (event.type !== "queued" || event.seq < released) return event;
      fresh.add(event.seq);
      return { ...event, type: "sent" };
    });
    for (let seq = released; seq < next; seq++) {
      if (!fresh.has(seq)) this.#events.push({ type: "released", seq, was: seq });
    }
  }

  #onResume(session: Session, theirs: Resume, now: Instant): void {
    const agreement = agree(session.said, theirs, this.#ledger.cursors, this.#ledger.outbox);
    for (const notice of agreement.notices) this.#events.push({ type: "memory", ...notice });
    const peerStore = theirs.store;
    if (!agreement.hasDiverged) this.#goOn(session, agreement, peerStore, now);
    else session.state = { type: "diverged", agreement, peerStore, told: "neither", confirmedAt: undefined };
  }

  #goOnIfAgreed(): void {
    const session = this.#session;
    if (session?.state.type !== "diverged" || session.state.told !== "both") return;
    const { agreement, peerStore, confirmedAt } = session.state;
    this.#goOn(session, agreement, peerStore, confirmedAt!);
  }

  /** Carries out what the two RESUMEs come to. */
  #goOn(session: Session, agreement: Agreement, peerStore: Uint8Array, now: Instant): void {
    this.#ledger.seePeerStore(peerStore);
    this.#delivered(agreement.acknowledged, now);
    this.#renumber(agreement.firstToSend);
    this.#ledger.skip(agreement.expected);
    session.state = { type: "delivering" };
    session.nextToTransmit = this.#ledger.cursors.acknowledged;
  }

  #renumber(first: number): void {
    const by = first - this.#ledger.cursors.acknowledged;
    if (by === 0) return;
    this.#ledger.renumber(first);
    this.#timed = undefined;
    // Said in this very turn: it has had no other number yet, and has never been anything but sent.
    const isFresh = new Set<number>();
    this.#events = this.#events.map((event) => {
      if (event.type !== "queued") return event;
      isFresh.add(event.seq + by);
      return { ...event, type: "sent", seq: event.seq + by };
    });
    // What had been sent is sent once more, so it is told of like the rest. From the end: a new number may be another's old.
    const { acknowledged, next } = this.#ledger.cursors;
    for (let seq = next - 1; seq >= acknowledged; seq--) {
      if (!isFresh.has(seq)) this.#events.push({ type: "released", seq, was: seq - by });
    }
    this.#ledger.release();
  }

  #onData(session: Session, body: Uint8Array, now: Instant): NewMessage | undefined {
    if (body.length < HEAD_BYTES)
      throw new LairError("record-malformed", "The other side sent a DATA that was cut short.");
    // The peer has our ACK, or it would send none.
    this.#goOnIfAgreed();
    const seq = readU64(body, 0);
    const { expected } = this.#ledger.cursors;
    if (session.state.type !== "delivering")
      throw new LairError("sequence", "The other side sent a message too early.");
    if (seq > BigInt(expected)) throw new LairError("sequence", "The other side left out a message.");
    session.hasArrivals = true;
    // It has been stored, and its acknowledgement was lost.
    if (seq < BigInt(expected)) return undefined;
    const stamp = body.slice(SEQUENCE_BYTES, HEAD_BYTES);
    if (this.#ledger.hasArrived(stamp)) {
      // Under another number: the peer's store is an older copy, from which it was still to be sent.
      this.#ledger.skip(expected + 1);
      return undefined;
    }
    const message = body.slice(HEAD_BYTES);
    const arrived = this.#ledger.arrive(stamp, message, now.wallMs, this.#decode?.(message));
    this.#events.push({ type: "arrived", ...arrived });
    return arrived;
  }

  #onAck(session: Session, body: Uint8Array, now: Instant): void {
    if (body.length !== SEQUENCE_BYTES) {
      throw new LairError("record-malformed", "The other side sent an ACK of the wrong length.");
    }
    const { state } = session;
    if (state.type === "diverged") {
      // Carried out by a commit, once it was told here as well: a crash in between would leave a hole in silence.
      if (state.confirmedAt !== undefined) session.channel.chargeControl(now);
      else session.state = { ...state, told: state.told === "here" ? "both" : "there", confirmedAt: now };
      return;
    }
    const next = readU64(body, 0);
    const { acknowledged } = this.#ledger.cursors;
    if (next < BigInt(acknowledged) || next > BigInt(session.nextToTransmit)) {
      throw new LairError(
        "sequence",
        "The other side acknowledged what was never sent, or took an acknowledgement back.",
      );
    }
    if (next === BigInt(acknowledged)) session.channel.chargeControl(now);
    if (this.#timed !== undefined && this.#timed.seq < Number(next)) {
      this.#roundTripMs = now.monotonicMs - this.#timed.sentAt.monotonicMs;
      this.#timed = undefined;
    }
    if (next > BigInt(acknowledged)) {
      const taken = this.#ledger.outbox.slice(0, Number(next) - acknowledged);
      session.patience.taken(
        taken.reduce((sum, { message }) => sum + message.length, 0),
        now,
      );
    }
    this.#delivered(Number(next), now);
  }

  #delivered(next: number, now: Instant): void {
    for (const { seq } of this.#ledger.acknowledge(next, now.wallMs)) this.#events.push({ type: "delivered", seq });
  }
}
