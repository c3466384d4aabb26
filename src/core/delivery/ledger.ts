// The ledger of the exchange with one peer: its numbers and waiting messages, as in the store, and the next changes for
// the store. Changes are staged as they happen and stored in one transaction; if that fails, none of them has happened.
// Of our waiting messages it has the lengths, and the bytes of a window of them; the store has the rest. Knows no channel.
//
// How the ledger relates to the store, apart from what is staged:
//
//   durable <--any other commit-- / --commit of nothing but `acknowledged` and `shown`--> loose
//   durable, loose --a commit or forget failed, and so did reading again--> stale --it could be read--> loose

import { readU32, readU64 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { Quota } from "./quota.ts";
import type { Resume } from "./resume.ts";
import { makeStamp } from "./stamp.ts";
import {
  type Change,
  type Cursors,
  LIFE_BYTES,
  MAX_LIVES,
  type MessageContent,
  type NewMessage,
  type Route,
  STAMP_BYTES,
  STORE_ID_BYTES,
  type Store,
  type StoredMessage,
  type WaitingMessage,
} from "./store.ts";

/** Ours: how much of the outbox is in memory; a channel gets as much at a time. */
const WINDOW_BYTES = 256 * 1024;
/** Ours: how much of a peer may wait here to be shown. As much as may wait for it. */
const MAX_INBOX_MESSAGES = 10_000;
const MAX_INBOX_BYTES = 64 * 1024 * 1024;

type Standing =
  /** It is on disk. */
  | "durable"
  /** It is stored, and some of it may reach the disk later: see {@link Store.commit}. */
  | "loose"
  /** It may differ from the store, and must be read again. */
  | "stale";

/**
 * The exchange with one peer: cursors, outbox, inbox, and what is staged of them. More than twenty members: one for each
 * {@link Change} that can be staged.
 */
export class Ledger {
  readonly #store: Store;
  readonly #peer: Uint8Array;
  /** Including what is staged. */
  #cursors!: { -readonly [Name in keyof Cursors]: number };
  #outbox!: WaitingMessage[];
  /** Some of our waiting messages, with numbers that follow each other: those that are sent next, or were queued last. */
  #window: StoredMessage[] = [];
  #windowBytes = 0;
  readonly #quota = new Quota();
  #inbox!: StoredMessage[];
  #inboxBytes = 0;
  /** For each life of the peer, by {@link lifeKey}: how much of it has arrived. The latest comes last. */
  #counts!: Map<bigint, number>;
  /** The stamp of the peer's last message that has arrived; zeros if there is none. */
  #lastStamp!: Uint8Array;
  /** The index of the next message in this life. */
  #index = 0;
  #peerStore: Uint8Array | undefined;
  #setting: Uint8Array | undefined;
  #staged: Change[] = [];
  #standing: Standing = "durable";

  /**
   * `peer` is its public key, 32 bytes. Make only one for each peer while the store is open: it counts the stamps.
   * Throws LairError store-*.
   */
  constructor(store: Store, peer: Uint8Array) {
    this.#store = store;
    this.#peer = peer.slice();
    this.#load();
  }

  get cursors(): Cursors {
    return this.#cursors;
  }

  /** Its contents for RESUME. */
  get resume(): Resume {
    const { acknowledged, released, expected } = this.#cursors;
    return {
      store: this.#store.id,
      known: this.#peerStore ?? new Uint8Array(STORE_ID_BYTES),
      next: expected,
      first: acknowledged,
      sent: released,
      last: this.#lastStamp,
    };
  }

  get setting(): Uint8Array | undefined {
    return this.#setting;
  }

  /** The stream of our waiting message with this number. */
  streamOf(seq: number): number {
    return this.#outbox[seq - this.#cursors.acknowledged]?.stream ?? 0;
  }

  /** The bytes of our unacknowledged messages below `next`. */
  bytesBelow(next: number): number {
    const count = next - this.#cursors.acknowledged;
    let bytes = 0;
    for (let index = 0; index < count; index++) bytes += this.#outbox[index]!.bytes;
    return bytes;
  }

  /**
   * Our waiting message with this number; what was queued must be stored, unless it was queued last. Fast for one after the
   * other. Throws LairError store-*.
   */
  message(seq: number): StoredMessage {
    const index = seq - (this.#window[0]?.seq ?? Number.POSITIVE_INFINITY);
    if (index >= 0 && index < this.#window.length) {
      this.#dropFromWindow(index);
    } else {
      this.#window = [...this.#store.readOutbox(this.#peer, seq, WINDOW_BYTES)];
      this.#windowBytes = this.#window.reduce((sum, { message }) => sum + message.length, 0);
    }
    return this.#window[0]!;
  }

  #dropFromWindow(count: number): void {
    for (const { message } of this.#window.splice(0, count)) this.#windowBytes -= message.length;
  }

  /** A message of ours that was queued stays in memory if there is room: it is probably sent at once. */
  #addToWindow(queued: StoredMessage): void {
    const last = this.#window.at(-1);
    const { length } = queued.message;
    if ((last !== undefined && last.seq + 1 !== queued.seq) || this.#windowBytes + length > WINDOW_BYTES) return;
    this.#window.push(queued);
    this.#windowBytes += length;
  }

  #clearWindow(): void {
    this.#window = [];
    this.#windowBytes = 0;
  }

  /** The peer's messages that the user has not seen, in order. */
  get inbox(): readonly StoredMessage[] {
    return this.#inbox;
  }

  /** Whether so much waits to be shown that nothing more of the peer is to be taken. */
  get isInboxFull(): boolean {
    return this.#inbox.length >= MAX_INBOX_MESSAGES || this.#inboxBytes >= MAX_INBOX_BYTES;
  }

  /** Whether this message has arrived before, whatever its number was. */
  hasArrived(stamp: Uint8Array): boolean {
    return indexOf(stamp) < (this.#counts.get(lifeKey(stamp)) ?? 0);
  }

  get hasStaged(): boolean {
    return this.#staged.length > 0;
  }

  /** See {@link Quota.room}. */
  room(stream: number): number {
    return this.#quota.room(stream);
  }

  /** See {@link Quota.takeRoomy}. */
  takeRoomy(): readonly number[] {
    return this.#quota.takeRoomy();
  }

  /** Without a route it is a chat message. Throws LairError `queue-full`, `stream-full`; nothing is staged then. */
  queue(message: Uint8Array, atMs: number, { content, route }: Beside = {}): NewMessage {
    this.#quota.requireRoom(streamOf({ route }), message.length);
    const stamp = makeStamp({ life: this.#store.life, index: this.#index++ });
    const seq = this.#cursors.next++;
    const stream = streamOf({ route });
    this.#outbox.push({ bytes: message.length, stream });
    this.#quota.add(stream, message.length);
    const routed = route === undefined ? {} : { route };
    this.#addToWindow({ seq, stamp, atMs, message, ...routed });
    // The content goes to the store and the events, and does not stay in memory as long as the bytes wait.
    this.#staged.push({ type: "queued", seq, stamp, atMs, message, content, ...routed });
    return { seq, stamp, atMs, message, content, ...routed };
  }

  arrive(stamp: Uint8Array, message: Uint8Array, atMs: number, { content, route }: Beside = {}): NewMessage {
    const seq = this.#cursors.expected++;
    const routed = route === undefined ? {} : { route };
    this.#inbox.push({ seq, stamp, atMs, message, ...routed });
    this.#inboxBytes += message.length;
    this.#count(stamp);
    this.#staged.push({ type: "arrived", seq, stamp, atMs, message, content, ...routed });
    return { seq, stamp, atMs, message, content, ...routed };
  }

  /** The peer's next message has arrived, and no layer here reads it: only its number and its stamp are kept. */
  ignore(stamp: Uint8Array): void {
    const seq = this.#cursors.expected++;
    if (this.#inbox.length === 0) this.#cursors.shown = this.#cursors.expected;
    this.#count(stamp);
    this.#staged.push({ type: "ignored", seq, stamp });
  }

  /** The message with this stamp is the last that has arrived. */
  #count(stamp: Uint8Array): void {
    const key = lifeKey(stamp);
    this.#counts.delete(key);
    this.#counts.set(key, indexOf(stamp) + 1);
    if (this.#counts.size > MAX_LIVES) this.#counts.delete(this.#counts.keys().next().value!);
    this.#lastStamp = stamp;
  }

  /** All waiting messages are passed to a session. */
  release(): void {
    const { released, next } = this.#cursors;
    if (released === next) return;
    this.#cursors.released = next;
    this.#staged.push({ type: "released", next });
  }

  /** Our messages below `next` have arrived. */
  acknowledge(next: number, atMs: number): void {
    const count = next - this.#cursors.acknowledged;
    if (count === 0) return;
    this.#cursors.acknowledged = next;
    this.#cursors.released = Math.max(this.#cursors.released, next);
    this.#staged.push({ type: "acknowledged", next, atMs });
    for (const { stream, bytes } of this.#outbox.splice(0, count)) this.#quota.remove(stream, bytes);
    const first = this.#window[0]?.seq;
    if (first !== undefined && first < next) this.#dropFromWindow(next - first);
  }

  /** Our oldest waiting message gets this number, and the others follow. */
  renumber(first: number): void {
    const cursors = this.#cursors;
    const by = first - cursors.acknowledged;
    if (by === 0) return;
    cursors.acknowledged += by;
    cursors.released += by;
    cursors.next += by;
    this.#window = this.#window.map((queued) => ({ ...queued, seq: queued.seq + by }));
    this.#staged.push({ type: "renumbered", first });
  }

  /**
   * Restarts all numbers, as in a new store; waiting messages keep their stamps. Throws RangeError while a message has
   * not been shown.
   */
  beginAnew(): void {
    if (this.#inbox.length > 0) throw new RangeError("Ledger: something has not been shown yet");
    const count = this.#outbox.length;
    this.#cursors = { acknowledged: 0, released: 0, next: count, expected: 0, shown: 0 };
    this.#clearWindow();
    this.#peerStore = undefined;
    this.#lastStamp = new Uint8Array(STAMP_BYTES);
    this.#staged.push({ type: "begun-anew" });
  }

  /** The peer's messages below `next` will never come, or have come already. */
  skip(next: number): void {
    if (next === this.#cursors.expected) return;
    this.#cursors.expected = next;
    if (this.#inbox.length === 0) this.#cursors.shown = next;
    this.#staged.push({ type: "skipped", next });
  }

  /** The user has seen the peer's messages below `next`; forgotten messages do not count. */
  show(upTo: number): void {
    const next = Math.min(upTo, this.#cursors.expected);
    if (next <= this.#cursors.shown) return;
    this.#cursors.shown = next;
    this.#setInbox(this.#inbox.filter(({ seq }) => seq >= next));
    if (this.#inbox.length === 0) this.#cursors.shown = this.#cursors.expected;
    this.#staged.push({ type: "shown", next: this.#cursors.shown });
  }

  #setInbox(inbox: StoredMessage[]): void {
    this.#inbox = inbox;
    this.#inboxBytes = inbox.reduce((sum, { message }) => sum + message.length, 0);
  }

  /** The peer's store has this id, 16 bytes. */
  seePeerStore(peerStore: Uint8Array): void {
    this.#peerStore = peerStore;
    this.#staged.push({ type: "peer-store-seen", peerStore });
  }

  keepSetting(value: Uint8Array): void {
    this.#setting = value;
    this.#staged.push({ type: "setting", value });
  }

  /**
   * Stores what is staged; `for certain` also makes everything before it durable, because RESUME must still be true
   * after a power cut. Throws LairError store-*: none of it has happened then, and the error's details count the user's
   * lost messages.
   */
  commit(how: "soon" | "for certain" = "soon"): void {
    // A change without an effect that is not an acknowledgement.
    if (how === "for certain" && this.#standing === "loose")
      this.#staged.push({ type: "released", next: this.#cursors.released });
    const changes = this.#staged;
    if (changes.length === 0) return;
    this.#staged = [];
    try {
      this.#store.commit(this.#peer, changes);
      const isLoose = changes.every(({ type }) => type === "acknowledged" || type === "shown");
      this.#standing = isLoose ? "loose" : "durable";
    } catch (error) {
      this.#standing = "stale";
      try {
        this.#load();
      } catch {
        // A failing disk is tried again when something needs it: `refresh`.
      }
      throw refused(error, changes.filter(({ type }) => type === "queued").length);
    }
  }

  /**
   * Removes everything that is stored of this peer and drops what is staged. The stamps continue: the peer has not
   * forgotten the ones that it has seen. Throws LairError store-*: then nothing is removed from the store.
   */
  forget(): void {
    this.#staged = [];
    this.#standing = "stale";
    this.#store.forgetPeer(this.#peer);
    this.#load();
  }

  /** Reads the store again if that failed after a failed commit. Throws LairError store-*. */
  refresh(): void {
    if (this.#standing === "stale") this.#load();
  }

  #load(): void {
    const { outbox, inbox, lives, peerStore, setting, ...cursors } = this.#store.load(this.#peer);
    // It is not known whether the data is durable; storing it once more makes it certain.
    if (this.#standing === "stale") this.#standing = "loose";
    this.#cursors = { ...cursors };
    this.#outbox = [...outbox];
    this.#quota.clear();
    for (const { stream, bytes } of outbox) this.#quota.add(stream, bytes);
    this.#clearWindow();
    this.#setInbox([...inbox]);
    const sorted = lives.toSorted((one, other) => one.lastSeq - other.lastSeq);
    this.#counts = new Map(sorted.map(({ life, count }) => [lifeKey(life), count]));
    const latest = sorted.at(-1);
    this.#lastStamp =
      latest === undefined || latest.lastSeq < 0
        ? new Uint8Array(STAMP_BYTES)
        : makeStamp({ life: latest.life, index: latest.count - 1 });
    this.#peerStore = peerStore;
    this.#setting = setting;
  }
}

/** A life, or that of a stamp, as a key of a map: its 8 bytes as a number. */
function lifeKey(lifeOrStamp: Uint8Array): bigint {
  return readU64(lifeOrStamp, 0);
}

function indexOf(stamp: Uint8Array): number {
  return readU32(stamp, LIFE_BYTES);
}

/** What a message has beside its bytes. */
interface Beside {
  readonly content?: MessageContent | undefined;
  readonly route?: Route | undefined;
}

function streamOf({ route }: Beside): number {
  return route?.stream ?? 0;
}

function refused(error: unknown, count: number): unknown {
  if (!(error instanceof LairError) || count === 0) return error;
  const what = count === 1 ? "The last message was" : `The last ${count} messages were`;
  return new LairError(error.code, error.message, {
    details: [...error.details, `${what} not stored, and will not be sent.`],
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error.cause ?? error,
  });
}
