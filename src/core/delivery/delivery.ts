// Delivery to and from one peer, over any number of sessions (docs/PROTOCOL.md §7.1, §7.2): nothing lost, nothing
// twice, in order. It knows bytes and numbers, not their meaning. Nothing is sent, acknowledged or reported before the
// transaction that stores it: `commit` once a turn, for everything that happened in it.
//
// It is carried by one session at a time (`delivery-session.ts`), from `attach` to `detach`, to a newer one, or to a store
// that fails:
//
//   apart ---attach---> carried ---detach, forget, the store fails---> apart

import { type Channel, type ChannelEvent, type Instant } from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { CHAT_KIND, decodeData, isRoute, MAX_DELIVERED_BYTES } from "./data.ts";
import { type DeliveryEvent, sentEvent } from "./delivery-event.ts";
import { DeliverySession } from "./delivery-session.ts";
import { Ledger } from "./ledger.ts";
import type { MessageContent, NewMessage, Route, Store, StoredMessage } from "./store.ts";

export type { DeliveryEvent } from "./delivery-event.ts";

/** A kind of messages, as the layer that reads them sees it. */
interface Kind {
  /** Decodes what has arrived, once, for the store and the events. It must not throw. Without it there are only bytes. */
  readonly decode?: (message: Uint8Array) => MessageContent;
  /** Shortens a message of an earlier version of Lair by 3 bytes: the head of DATA was that much shorter. */
  readonly shorten?: (message: Uint8Array) => Uint8Array;
}

/** The kinds that the layers above read. Messages of other kinds are acknowledged and ignored. */
export type Kinds = ReadonlyMap<number, Kind>;

const ONLY_CHAT: Kinds = new Map([[CHAT_KIND, {}]]);

/** Of every chat of which there is nothing to tell: one for all. */
const NOTHING: readonly never[] = [];

type RecordEvent = Extract<ChannelEvent, { type: "record" }>;

/**
 * Everything that is delivered to and from one peer. It outlives its sessions, one of which at a time carries it. More than
 * twenty members: half of them are what is known of the messages and of the peer, and change nothing.
 */
export class Delivery {
  readonly #ledger: Ledger;
  readonly #kinds: Kinds;
  /** The current session. */
  #session: DeliverySession | undefined;
  /** The session that a failing store has ended. */
  #failed: { readonly channel: Channel; readonly error: unknown } | undefined;
  /** Events to be reported once their changes are stored. */
  #events: DeliveryEvent[] = [];
  /** Stored, and reported by the next {@link commit}. */
  #untold: readonly DeliveryEvent[] = NOTHING;
  #unseen: readonly StoredMessage[];
  #sent = 0;
  #received = 0;
  /** One message at a time is timed until its ACK: a fresher round trip than the last PING's. */
  #timed: { readonly seq: number; readonly sentAt: Instant } | undefined;
  #roundTripMs: number | undefined;

  /** `peer` is its public key, 32 bytes, which is not copied. Throws LairError store-*. */
  constructor(store: Store, peer: Uint8Array, kinds = ONLY_CHAT) {
    this.#kinds = kinds;
    this.#ledger = new Ledger(store, peer);
    const { inbox } = this.#ledger;
    this.#unseen = inbox.length === 0 ? NOTHING : inbox;
  }

  /** Messages of ours and of the peer's since the program began. */
  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  /** The numbers of our unacknowledged chat messages, in order. */
  get waiting(): readonly number[] {
    const { acknowledged } = this.#ledger.cursors;
    const all = Array.from({ length: this.undelivered }, (_, index) => acknowledged + index);
    return all.filter((seq) => this.#ledger.streamOf(seq) === 0);
  }

  /** The number of our unacknowledged messages. */
  get undelivered(): number {
    const { acknowledged, next } = this.#ledger.cursors;
    return next - acknowledged;
  }

  /** How many of those no session carries yet. */
  get queued(): number {
    const { next, released } = this.#ledger.cursors;
    return next - released;
  }

  /** Messages that arrived before this program started and may not have been shown; once. */
  takeUnseen(): readonly StoredMessage[] {
    const unseen = this.#unseen;
    this.#unseen = NOTHING;
    return unseen;
  }

  /**
   * Whether 10,000 messages or 64 MiB of the peer have arrived and not been shown: nothing more is to be read from it
   * until {@link show}. It waits, since nothing more is acknowledged.
   */
  get isInboxFull(): boolean {
    return this.#ledger.isInboxFull;
  }

  /** What the chat keeps about this peer. */
  get setting(): Uint8Array | undefined {
    return this.#ledger.setting;
  }

  /** The last measured time from a message to its acknowledgement. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** See {@link Store.mostAtOnce}. */
  get mostAtOnce(): number | undefined {
    return this.#ledger.mostAtOnce;
  }

  /** Whether something waits for {@link commit}. */
  get hasStaged(): boolean {
    return this.#ledger.hasStaged || this.#untold.length > 0 || this.#session?.agreed !== undefined;
  }

  /**
   * Continues over this channel, which sends RESUME; an older channel carries nothing any more. Throws LairError
   * store-*.
   */
  attach(channel: Channel): void {
    this.#session = undefined;
    this.#timed = undefined;
    // What arrived over an older session and is still staged counts in RESUME, so it must be stored.
    this.#ledger.refresh();
    this.#store("for certain");
    this.#session = new DeliverySession(channel, this.#ledger, this.#kinds.get(CHAT_KIND)?.shorten);
  }

  /** The session that carries this delivery over this channel; undefined if another one, or none, does. */
  sessionOn(channel: Channel): DeliverySession | undefined {
    return this.#session?.channel === channel ? this.#session : undefined;
  }

  /**
   * Throws the error that ended the session over this channel, if it was a failing store, whatever asked it to store.
   */
  requireIntact(channel: Channel): void {
    if (this.#failed?.channel === channel) throw this.#failed.error;
  }

  /** This channel carries nothing any more. The next {@link commit} stores what arrived over it in its last turn. */
  detach(channel: Channel): void {
    if (this.sessionOn(channel) !== undefined) this.#session = undefined;
  }

  /**
   * Stages a message of at most 65,493 bytes together with its meaning; {@link commit} reports whether it was stored.
   * Without a route it is a chat message. Give another one only if the peer's capabilities name what reads that kind.
   * Returns its number. Throws LairError `message-too-long`, `queue-full`, store-*; and `stream-full`, after which an
   * event `room` says when to go on.
   */
  send(message: Uint8Array, now: Instant, content?: MessageContent, route?: Route): number {
    if (route !== undefined && !isRoute(route)) throw new RangeError("Delivery: kind or stream out of range");
    // Once stored, it would end every later session.
    if (message.length > MAX_DELIVERED_BYTES) {
      throw new LairError("message-too-long", "A message is at most 65,493 bytes; this one was not sent.", {
        hint: "Send it in parts.",
      });
    }
    this.#ledger.refresh();
    const queued = this.#ledger.queue(message, now.wallMs, { content, route });
    const { seq } = queued;
    if (this.#session?.isDelivering === true) this.#timed ??= { seq, sentAt: now };
    this.#events.push(queued);
    return seq;
  }

  /** What the peer of the current session can do besides the chat; undefined while there is no session. */
  get capabilities(): ReadonlySet<string> | undefined {
    return this.#session?.channel.capabilities;
  }

  /** Where the peer of the current session says that it waits for others. */
  get peerUrl(): string | undefined {
    return this.#session?.channel.peerUrl;
  }

  /** Bytes of the longest message that {@link send} would take on this stream now; 0: none. */
  room(stream: number): number {
    return Math.min(MAX_DELIVERED_BYTES, this.#ledger.room(stream));
  }

  /**
   * Stages a restart of all numbers with this peer, for when it refuses the current ones. Throws LairError `usage`
   * during a session, and while a message has not been shown; store-*.
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
   * Removes everything that is kept of the exchange, at once, and its pending events. No session carries anything any
   * more. Throws LairError store-*: then nothing is removed from the store.
   */
  forget(): void {
    this.#session = undefined;
    this.#timed = undefined;
    this.#events = [];
    this.#untold = NOTHING;
    this.#unseen = NOTHING;
    this.#ledger.forget();
  }

  /** Stages what the chat keeps about this peer. */
  keepSetting(value: Uint8Array): void {
    this.#ledger.keepSetting(value);
  }

  /** Stages that the user has seen everything below `next`. */
  show(next: number): void {
    this.#ledger.refresh();
    this.#ledger.show(next);
  }

  /**
   * A RESUME, a DATA or an ACK has arrived over this channel. Throws LairError `sequence`, `resume-malformed`,
   * `resume-jump` or `record-malformed`: the session is then over.
   */
  receive(channel: Channel, { record, body }: RecordEvent, now: Instant): NewMessage | undefined {
    const session = this.sessionOn(channel);
    if (session === undefined) return undefined;
    switch (record) {
      case "resume":
        this.#onResume(session, body, now);
        return undefined;
      case "data":
        return this.#onData(session, body, now);
      case "ack":
        this.#onAck(session, body, now);
        return undefined;
    }
  }

  /**
   * Stores everything that happened since the last commit, in one transaction; then reports, acknowledges and sends it.
   * Throws LairError store-*: none of it has happened then.
   */
  commit(): readonly DeliveryEvent[] {
    const session = this.#session;
    this.#goOnIfAgreed();
    if (session?.isDelivering === true && session.channel.takesData) this.#release();
    this.#store();
    const events = this.#untold;
    this.#untold = NOTHING;
    for (const { type } of events) {
      if (type === "arrived") this.#received += 1;
      else if (type === "queued" || type === "sent") this.#sent += 1;
    }
    session?.acknowledge();
    return events;
  }

  #store(how: "soon" | "for certain" = "soon"): void {
    try {
      this.#ledger.commit(how);
    } catch (error) {
      // None of this has happened, but the session relies on it.
      this.#events = [];
      if (this.#session !== undefined) this.#failed = { channel: this.#session.channel, error };
      this.#session = undefined;
      throw error;
    }
    if (this.#events.length === 0) return;
    this.#untold = this.#untold.length === 0 ? this.#events : [...this.#untold, ...this.#events];
    this.#events = [];
  }

  /** Passes queued messages to the session; a message of this very turn was never queued. */
  #release(): void {
    const { released, next } = this.#ledger.cursors;
    if (released === next) return;
    this.#ledger.release();
    let fresh = next;
    for (const [index, event] of this.#events.entries()) {
      if (event.type !== "queued" || event.seq < released) continue;
      // They have the last numbers, in order.
      fresh = Math.min(fresh, event.seq);
      this.#events[index] = sentEvent(event);
    }
    for (let seq = released; seq < fresh; seq++) {
      this.#events.push({ type: "released", seq, was: seq, ...this.#stream(seq) });
    }
  }

  #onResume(session: DeliverySession, body: Uint8Array, now: Instant): void {
    const { notices, hasDiverged } = session.resume(body, now);
    for (const notice of notices) this.#events.push({ type: "memory", ...notice });
    if (!hasDiverged) this.#goOnIfAgreed();
  }

  /** Carries out the conclusion from the two RESUMEs. */
  #goOnIfAgreed(): void {
    const session = this.#session;
    const agreed = session?.agreed;
    if (session === undefined || agreed === undefined) return;
    const { agreement, peerStore, at } = agreed;
    this.#ledger.seePeerStore(peerStore);
    this.#delivered(agreement.acknowledged, at);
    this.#renumber(agreement.firstToSend);
    this.#ledger.skip(agreement.expected);
    session.goOn();
  }

  #renumber(first: number): void {
    const by = first - this.#ledger.cursors.acknowledged;
    if (by === 0) return;
    this.#ledger.renumber(first);
    this.#timed = undefined;
    // Said in this very turn: it has had no other number yet, and was never queued.
    const isFresh = new Set<number>();
    this.#events = this.#events.map((event) => {
      if (event.type !== "queued") return event;
      isFresh.add(event.seq + by);
      return { ...event, type: "sent", seq: event.seq + by };
    });
    // Messages that had been sent are sent again, so they are reported like the rest. From the end: a new number may be
    // another's old one.
    const { acknowledged, next } = this.#ledger.cursors;
    for (let seq = next - 1; seq >= acknowledged; seq--) {
      if (!isFresh.has(seq)) this.#events.push({ type: "released", seq, was: seq - by, ...this.#stream(seq) });
    }
    this.#ledger.release();
  }

  #onData(session: DeliverySession, body: Uint8Array, now: Instant): NewMessage | undefined {
    const { seq, stamp, route, message } = decodeData(body);
    // The peer has our ACK, or it would not send one.
    this.#goOnIfAgreed();
    const { expected } = this.#ledger.cursors;
    if (!session.isDelivering) throw new LairError("sequence", "The other side sent a message too early.");
    if (seq > BigInt(expected)) throw new LairError("sequence", "The other side left out a message.");
    session.dataCame();
    // It was stored, and its acknowledgement was lost.
    if (seq < BigInt(expected)) return undefined;
    if (this.#ledger.hasArrived(stamp)) {
      // It arrived under another number: the peer's store is an older copy, in which it was still to be sent.
      this.#ledger.skip(expected + 1);
      return undefined;
    }
    const kind = route?.kind ?? CHAT_KIND;
    if (!this.#kinds.has(kind) || (route !== undefined && !isRoute(route))) {
      // Never fatal: it would come again in every session.
      this.#ledger.ignore(stamp);
      return undefined;
    }
    const content = this.#kinds.get(kind)?.decode?.(message);
    const arrived = this.#ledger.arrive(stamp, message, now.wallMs, { content, route });
    this.#events.push(arrived);
    return arrived;
  }

  #onAck(session: DeliverySession, body: Uint8Array, now: Instant): void {
    const next = session.ack(body, now);
    if (next === undefined) return;
    if (this.#timed !== undefined && this.#timed.seq < next) {
      this.#roundTripMs = now.monotonicMs - this.#timed.sentAt.monotonicMs;
      this.#timed = undefined;
    }
    this.#delivered(next, now);
  }

  #delivered(next: number, now: Instant): void {
    const { acknowledged } = this.#ledger.cursors;
    for (let seq = acknowledged; seq < next; seq++) {
      const stream = this.#ledger.streamOf(seq);
      this.#events.push(stream === 0 ? { type: "delivered", seq } : { type: "delivered", seq, stream });
    }
    this.#ledger.acknowledge(next, now.wallMs);
    for (const stream of this.#ledger.takeRoomy()) this.#events.push({ type: "room", stream });
  }

  /** The stream of our waiting message with this number, for an event; nothing for a chat message. */
  #stream(seq: number): { readonly stream?: number } {
    const stream = this.#ledger.streamOf(seq);
    return stream === 0 ? {} : { stream };
  }
}
