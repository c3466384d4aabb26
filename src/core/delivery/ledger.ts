// The ledger of the exchange with one peer: its numbers and waiting messages, as in the store, and the next changes for
// the store. Changes are staged as they happen and stored in one transaction; if that fails, none of them has happened.
// Of our waiting messages it has the lengths, and the bytes of a window of them; the store has the rest. Knows no channel.
//
// How the ledger relates to the store, apart from what is staged:
//
//   durable <--any other commit-- / --commit of nothing but `acknowledged` and `shown`--> loose
//   durable, loose --a commit or forget failed, and so did reading again--> stale --it could be read--> loose

import { LairError } from "../errors.ts";
import { Queue } from "../queue.ts";
import { OutboxWindow, WINDOW_BYTES } from "./outbox-window.ts";
import { PeerLives } from "./peer-lives.ts";
import { Quota } from "./quota.ts";
import type { Resume } from "./resume.ts";
import { makeStamp } from "./stamp.ts";
import {
  type Change,
  type Cursors,
  type MessageContent,
  type Route,
  STORE_ID_BYTES,
  type Store,
  type StoredMessage,
  type WaitingMessage,
} from "./store.ts";

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
  #outbox!: Queue<WaitingMessage>;
  readonly #window = new OutboxWindow();
  readonly #quota = new Quota();
  #inbox!: Queue<StoredMessage>;
  #inboxBytes = 0;
  #lives!: PeerLives;
  /** The index of the next message in this life. */
  #index = 0;
  #peerStore: Uint8Array | undefined;
  #setting: Uint8Array | undefined;
  #staged: Change[] = [];
  #standing: Standing = "durable";

  /**
   * `peer` is its public key, 32 bytes, which is not copied. Make only one for each peer while the store is open: it counts
   * the stamps. Throws LairError store-*.
   */
  constructor(store: Store, peer: Uint8Array) {
    this.#store = store;
    this.#peer = peer;
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
      last: this.#lives.lastStamp,
    };
  }

  get setting(): Uint8Array | undefined {
    return this.#setting;
  }

  /** The stream of our waiting message with this number. */
  streamOf(seq: number): number {
    return this.#outbox.at(seq - this.#cursors.acknowledged)?.stream ?? 0;
  }

  /** The bytes of our unacknowledged messages below `next`. */
  bytesBelow(next: number): number {
    const count = next - this.#cursors.acknowledged;
    let bytes = 0;
    for (let index = 0; index < count; index++) bytes += this.#outbox.at(index)!.bytes;
    return bytes;
  }

  /**
   * Our waiting message with this number; what was queued must be stored, unless it was queued last. Fast for one after the
   * other. Throws LairError store-*.
   */
  message(seq: number): StoredMessage {
    const held = this.#window.from(seq);
    if (held !== undefined) return held;
    const following = this.#store.readOutbox(this.#peer, seq, WINDOW_BYTES);
    this.#window.replace(following);
    return following[0]!;
  }

  /** The peer's messages that the user has not seen, in order. */
  get inbox(): readonly StoredMessage[] {
    return [...this.#inbox];
  }

  /** Whether so much waits to be shown that nothing more of the peer is to be taken. */
  get isInboxFull(): boolean {
    return this.#inbox.length >= MAX_INBOX_MESSAGES || this.#inboxBytes >= MAX_INBOX_BYTES;
  }

  /** Whether this message has arrived before, whatever its number was. */
  hasArrived(stamp: Uint8Array): boolean {
    return this.#lives.hasArrived(stamp);
  }

  /** See {@link Store.mostAtOnce}. */
  get mostAtOnce(): number | undefined {
    return this.#store.mostAtOnce?.(this.#peer);
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

  /**
   * Without a route it is a chat message. What it returns is staged: the same object for the store and for the events. Throws
   * LairError `queue-full`, `stream-full`; nothing is staged then.
   */
  queue(message: Uint8Array, atMs: number, { content, route }: Beside = {}): Queued {
    const stream = route?.stream ?? 0;
    this.#quota.requireRoom(stream, message.length);
    const stamp = makeStamp({ life: this.#store.life, index: this.#index++ });
    const seq = this.#cursors.next++;
    this.#outbox.push({ bytes: message.length, stream });
    this.#quota.add(stream, message.length);
    const routed = route === undefined ? undefined : { route };
    // The content goes to the store and the events, and does not stay in memory as long as the bytes wait.
    this.#window.add({ seq, stamp, atMs, message, ...routed });
    const queued: Queued = { type: "queued", seq, stamp, atMs, message, content, ...routed };
    this.#staged.push(queued);
    return queued;
  }

  /** What it returns is staged, see {@link queue}. */
  arrive(stamp: Uint8Array, message: Uint8Array, atMs: number, { content, route }: Beside = {}): Arrived {
    const seq = this.#cursors.expected++;
    const routed = route === undefined ? undefined : { route };
    this.#inbox.push({ seq, stamp, atMs, message, ...routed });
    this.#inboxBytes += message.length;
    this.#lives.note(stamp);
    const arrived: Arrived = { type: "arrived", seq, stamp, atMs, message, content, ...routed };
    this.#staged.push(arrived);
    return arrived;
  }

  /** The peer's next message has arrived, and no layer here reads it: only its number and its stamp are kept. */
  ignore(stamp: Uint8Array): void {
    const seq = this.#cursors.expected++;
    if (this.#inbox.length === 0) this.#cursors.shown = this.#cursors.expected;
    this.#lives.note(stamp);
    this.#staged.push({ type: "ignored", seq, stamp });
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
    for (let index = 0; index < count; index++) {
      const { stream, bytes } = this.#outbox.at(index)!;
      this.#quota.remove(stream, bytes);
    }
    this.#outbox.drop(count);
    this.#window.dropBelow(next);
  }

  /** Our oldest waiting message gets this number, and the others follow. */
  renumber(first: number): void {
    const cursors = this.#cursors;
    const by = first - cursors.acknowledged;
    if (by === 0) return;
    cursors.acknowledged += by;
    cursors.released += by;
    cursors.next += by;
    this.#window.renumber(by);
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
    this.#window.replace([]);
    this.#peerStore = undefined;
    this.#lives.beginAnew();
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
    for (let first = this.#inbox.first; first !== undefined && first.seq < next; first = this.#inbox.first) {
      this.#inboxBytes -= first.message.length;
      this.#inbox.shift();
    }
    if (this.#inbox.length === 0) this.#cursors.shown = this.#cursors.expected;
    // One for all that are shown one after the other.
    if (this.#staged.at(-1)?.type === "shown") this.#staged.pop();
    this.#staged.push({ type: "shown", next: this.#cursors.shown });
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
    const stored = this.#store.load(this.#peer);
    const { acknowledged, released, next, expected, shown, outbox, inbox, lives, peerStore, setting } = stored;
    // It is not known whether the data is durable; storing it once more makes it certain.
    if (this.#standing === "stale") this.#standing = "loose";
    this.#cursors = { acknowledged, released, next, expected, shown };
    this.#outbox = new Queue(outbox);
    this.#quota.clear();
    for (const { stream, bytes } of outbox) this.#quota.add(stream, bytes);
    this.#window.replace([]);
    this.#inbox = new Queue(inbox);
    this.#inboxBytes = inbox.reduce((sum, { message }) => sum + message.length, 0);
    this.#lives = new PeerLives(lives);
    this.#peerStore = peerStore;
    this.#setting = setting;
  }
}

/** A message of ours, or of the peer, as a change for the store and as an event. */
export type Queued = Extract<Change, { type: "queued" }>;
export type Arrived = Extract<Change, { type: "arrived" }>;

/** What a message has beside its bytes. */
interface Beside {
  readonly content?: MessageContent | undefined;
  readonly route?: Route | undefined;
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
