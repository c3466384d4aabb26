// A store that loses everything when the program ends: for --no-store, and as the twin against which the store on disk
// is tested. It keeps no history.

import { equalInConstantTime, readU32, toHex } from "../bytes.ts";
import { Queue } from "../queue.ts";
import { advance, FIRST_CURSORS, NOTHING_STORED, requireInOutbox, requirePeer } from "./cursors.ts";
import { isOfLife, splitStamp } from "./stamp.ts";
import {
  type Change,
  type Cursors,
  LIFE_BYTES,
  MAX_LIVES,
  type Route,
  STAMP_BYTES,
  type Store,
  STORE_ID_BYTES,
  type StoredLife,
  type StoredMessage,
  type StoredPeer,
} from "./store.ts";

/** A message that is kept: its stamp and its bytes follow each other in a buffer that it shares with others. */
interface HeldMessage {
  seq: number;
  readonly atMs: number;
  readonly route: Route | undefined;
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly bytes: number;
}

type HeldLife = { -readonly [Name in keyof StoredLife]: StoredLife[Name] };

/** What is kept of the exchange with one peer. */
interface HeldPeer {
  cursors: Cursors;
  peerStore: Uint8Array | undefined;
  setting: Uint8Array | undefined;
  /** The latest comes last. */
  lives: HeldLife[];
  readonly outbox: Queue<HeldMessage>;
  readonly inbox: Queue<HeldMessage>;
}

const nothing = (): HeldPeer => ({
  cursors: FIRST_CURSORS,
  peerStore: undefined,
  setting: undefined,
  lives: [],
  outbox: new Queue(),
  inbox: new Queue(),
});

/**
 * A store in memory, for any number of peers.
 *
 * @example
 * const store = new MemoryStore(crypto.getRandomValues(new Uint8Array(8)));
 * const chat = new Chat(store, peer.publicKey);
 */
export class MemoryStore implements Store {
  readonly id: Uint8Array;
  readonly life: Uint8Array;
  readonly #peers = new Map<string, HeldPeer>();
  /** Of the last call, whose peer is nearly always that of the next. */
  #recent: { readonly peer: Uint8Array; readonly key: string } | undefined;

  /**
   * `life`: 8 random bytes. `id`: all zeros, "nothing survives the program", unless a test imitates a lasting store.
   */
  constructor(life: Uint8Array, id: Uint8Array = new Uint8Array(STORE_ID_BYTES)) {
    if (life.length !== LIFE_BYTES) throw new RangeError(`life: expected ${LIFE_BYTES} bytes`);
    this.life = life.slice();
    if (id.length !== STORE_ID_BYTES) throw new RangeError(`id: expected ${STORE_ID_BYTES} bytes`);
    this.id = id.slice();
  }

  load(peer: Uint8Array): StoredPeer {
    const held = this.#held(peer);
    if (held === undefined) return NOTHING_STORED;
    const { cursors, peerStore, setting, lives, outbox, inbox } = held;
    return {
      ...cursors,
      peerStore,
      setting,
      lives: lives.map((life) => ({ ...life })),
      outbox: Array.from(outbox, ({ bytes, route }) => ({ bytes, stream: route?.stream ?? 0 })),
      inbox: Array.from(inbox, toStored),
    };
  }

  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    const { cursors, outbox } = this.#held(peer) ?? nothing();
    requireInOutbox(from, cursors);
    const read: StoredMessage[] = [];
    let bytes = 0;
    for (let index = from - cursors.acknowledged; index < outbox.length; index++) {
      const message = outbox.at(index)!;
      bytes += message.bytes;
      if (bytes > maxBytes && read.length > 0) break;
      read.push(toStored(message));
    }
    return read;
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    const held = this.#held(peer) ?? nothing();
    const cursors = { ...held.cursors };
    // All are checked before the first has an effect.
    for (const change of changes) advance(cursors, change);
    const copies = new Copies(changes);
    for (const change of changes) apply(held, change, copies);
    held.cursors = cursors;
    this.#peers.set(this.#keyOf(peer), held);
  }

  forgetPeer(peer: Uint8Array): void {
    requirePeer(peer);
    this.#peers.delete(this.#keyOf(peer));
  }

  #held(peer: Uint8Array): HeldPeer | undefined {
    requirePeer(peer);
    return this.#peers.get(this.#keyOf(peer));
  }

  #keyOf(peer: Uint8Array): string {
    if (this.#recent === undefined || !equalInConstantTime(this.#recent.peer, peer))
      this.#recent = { peer: peer.slice(), key: toHex(peer) };
    return this.#recent.key;
  }
}

/** The effects of a change besides the cursors. It has been checked. */
function apply(held: HeldPeer, change: Change, copies: Copies): void {
  switch (change.type) {
    case "queued":
      held.outbox.push(copies.of(change));
      return;
    case "acknowledged":
      dropBelow(held.outbox, change.next);
      return;
    case "renumbered":
      renumber(held.outbox, change.first);
      return;
    case "arrived":
      held.inbox.push(copies.of(change));
      note(held.lives, change);
      return;
    case "ignored":
      note(held.lives, change);
      return;
    case "shown":
      dropBelow(held.inbox, change.next);
      return;
    case "begun-anew":
      renumber(held.outbox, 0);
      for (const life of held.lives) life.lastSeq = -1;
      held.peerStore = undefined;
      return;
    case "peer-store-seen":
      held.peerStore = change.peerStore.slice();
      return;
    case "setting":
      held.setting = change.value.slice();
      return;
    case "released":
    case "skipped":
  }
}

function renumber(outbox: Queue<HeldMessage>, first: number): void {
  let seq = first;
  for (const message of outbox) message.seq = seq++;
}

/** How far the life of this message has come. The latest comes last. */
function note(lives: HeldLife[], { seq, stamp }: Pick<StoredMessage, "seq" | "stamp">): void {
  const latest = lives.at(-1);
  if (latest !== undefined && isOfLife(stamp, latest.life)) {
    latest.count = readU32(stamp, LIFE_BYTES) + 1;
    latest.lastSeq = seq;
    return;
  }
  const { life, index } = splitStamp(stamp);
  const at = lives.findLastIndex((known) => isOfLife(stamp, known.life));
  if (at >= 0) lives.splice(at, 1);
  lives.push({ life, count: index + 1, lastSeq: seq });
  if (lives.length > MAX_LIVES) lives.shift();
}

/** Copies of the messages of these changes, all in one buffer: one for each takes longer than everything else here. */
class Copies {
  readonly #buffer: Uint8Array;
  #end = 0;

  constructor(changes: readonly Change[]) {
    let bytes = 0;
    for (const change of changes) if ("message" in change) bytes += STAMP_BYTES + change.message.length;
    this.#buffer = new Uint8Array(bytes);
  }

  of({ seq, stamp, atMs, message, route }: StoredMessage): HeldMessage {
    const start = this.#end;
    this.#buffer.set(stamp, start);
    this.#buffer.set(message, start + STAMP_BYTES);
    this.#end += STAMP_BYTES + message.length;
    return { seq, atMs, route, buffer: this.#buffer, start, bytes: message.length };
  }
}

function toStored({ seq, atMs, route, buffer, start, bytes }: HeldMessage): StoredMessage {
  const at = start + STAMP_BYTES;
  const stored = { seq, stamp: buffer.subarray(start, at), atMs, message: buffer.subarray(at, at + bytes) };
  return route === undefined ? stored : { ...stored, route };
}

/** The numbers are in order; an inbox may have gaps. */
function dropBelow(messages: Queue<HeldMessage>, seq: number): void {
  let count = 0;
  while (count < messages.length && messages.at(count)!.seq < seq) count += 1;
  messages.drop(count);
}
