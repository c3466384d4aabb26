// A store that loses everything when the program ends: for --no-store, and as the twin against which the store on disk
// is tested. It keeps no history.

import { equalInConstantTime, toHex } from "../bytes.ts";
import { advanced, FIRST_CURSORS, requireInOutbox, requirePeer } from "./cursors.ts";
import { splitStamp } from "./stamp.ts";
import {
  type Change,
  type Cursors,
  LIFE_BYTES,
  MAX_LIVES,
  type Store,
  STORE_ID_BYTES,
  type StoredLife,
  type StoredMessage,
  type StoredPeer,
} from "./store.ts";

/** What is kept of the exchange with one peer, with the messages themselves. */
interface HeldPeer extends Omit<StoredPeer, "outbox"> {
  readonly outbox: readonly StoredMessage[];
}

const NOTHING: HeldPeer = {
  ...FIRST_CURSORS,
  peerStore: undefined,
  setting: undefined,
  lives: [],
  outbox: [],
  inbox: [],
};

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
    return {
      ...held,
      outbox: held.outbox.map(({ message, route }) => ({ bytes: message.length, stream: route?.stream ?? 0 })),
    };
  }

  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    const { acknowledged, next, outbox } = this.#held(peer);
    requireInOutbox(from, { acknowledged, next });
    const following = outbox.slice(from - acknowledged);
    let bytes = 0;
    return following.filter(({ message }, index) => (bytes += message.length) <= maxBytes || index === 0);
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    requirePeer(peer);
    const before = this.#held(peer);
    // Separate lists, changed in place: thousands of messages in one commit copy them once.
    const draft = { ...before, lives: [...before.lives], outbox: [...before.outbox], inbox: [...before.inbox] };
    const { acknowledged, released, next, expected, shown } = before;
    let cursors: Cursors = { acknowledged, released, next, expected, shown };
    const copyOf = copier(changes);
    for (const change of changes) {
      cursors = advanced(cursors, change);
      apply(draft, change, copyOf);
    }
    this.#peers.set(toHex(peer), { ...draft, ...cursors });
  }

  forgetPeer(peer: Uint8Array): void {
    requirePeer(peer);
    this.#peers.delete(toHex(peer));
  }

  #held(peer: Uint8Array): HeldPeer {
    requirePeer(peer);
    return this.#peers.get(toHex(peer)) ?? NOTHING;
  }
}

interface Draft {
  peerStore: Uint8Array | undefined;
  setting: Uint8Array | undefined;
  lives: StoredLife[];
  outbox: StoredMessage[];
  inbox: StoredMessage[];
}

/** The effects of a change besides the cursors. */
function apply(draft: Draft, change: Change, copyOf: (message: StoredMessage) => StoredMessage): void {
  switch (change.type) {
    case "queued":
      draft.outbox.push(copyOf(change));
      return;
    case "acknowledged":
      dropBelow(draft.outbox, change.next);
      return;
    case "renumbered":
      draft.outbox = draft.outbox.map((message, index) => ({ ...message, seq: change.first + index }));
      return;
    case "arrived":
      draft.inbox.push(copyOf(change));
      note(draft.lives, change);
      return;
    case "ignored":
      note(draft.lives, change);
      return;
    case "shown":
      dropBelow(draft.inbox, change.next);
      return;
    case "begun-anew":
      draft.outbox = draft.outbox.map((message, index) => ({ ...message, seq: index }));
      draft.lives = draft.lives.map((life) => ({ ...life, lastSeq: -1 }));
      draft.peerStore = undefined;
      return;
    case "peer-store-seen":
      draft.peerStore = change.peerStore.slice();
      return;
    case "setting":
      draft.setting = change.value.slice();
      return;
    case "released":
    case "skipped":
  }
}

/** How far the life of this message has come. The latest comes last. */
function note(lives: StoredLife[], { seq, stamp }: Pick<StoredMessage, "seq" | "stamp">): void {
  const { life, index } = splitStamp(stamp);
  const at = lives.findLastIndex((known) => equalInConstantTime(known.life, life));
  if (at >= 0 && at === lives.length - 1) lives.pop();
  else if (at >= 0) lives.splice(at, 1);
  lives.push({ life, count: index + 1, lastSeq: seq });
  if (lives.length > MAX_LIVES) lives.shift();
}

/** Copies the messages of these changes, all into one buffer: one for each takes longer than everything else here. */
function copier(changes: readonly Change[]): (message: StoredMessage) => StoredMessage {
  const bytes = new Uint8Array(
    changes.reduce((sum, change) => sum + ("message" in change ? change.message.length : 0), 0),
  );
  let end = 0;
  return ({ seq, stamp, atMs, message, route }) => {
    const start = end;
    end += message.length;
    bytes.set(message, start);
    const copy = { seq, stamp: stamp.slice(), atMs, message: bytes.subarray(start, end) };
    return route === undefined ? copy : { ...copy, route };
  };
}

/** The numbers are in order; an inbox may have gaps. */
function dropBelow(messages: StoredMessage[], seq: number): void {
  const kept = messages.findIndex((message) => message.seq >= seq);
  messages.splice(0, kept < 0 ? messages.length : kept);
}
