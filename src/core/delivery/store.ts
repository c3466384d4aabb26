// The state that must survive a session, and the port to where it is kept (docs/PROTOCOL.md §7). Knows no disk:
// `memory-store.ts` loses everything when the program ends, `src/node/store` keeps it. Any other store must pass
// `test/core/delivery/store-contract.ts`. A store never contains ciphertext of the transport or a session key: these
// would undo what a rekey protects.

/** Bytes of a store's id. */
export const STORE_ID_BYTES = 16;

/** Plain numbers: nobody sends 2^53 messages. */
export interface Cursors {
  /** Outgoing: the oldest number that the peer has not acknowledged. */
  readonly acknowledged: number;
  /** Outgoing: the first number that has not been passed to any session. Later ones are only queued. */
  readonly released: number;
  /** Outgoing: the number of the next message. */
  readonly next: number;
  /** Incoming: the number that is expected next. */
  readonly expected: number;
  /** Incoming: everything below this number has been shown to the user. */
  readonly shown: number;
}

/** Bytes of a stamp: the sender's life, 8 random bytes, and the message's index in that life, u32. */
export const STAMP_BYTES = 12;
/** Bytes of a life: see {@link Store.life}. */
export const LIFE_BYTES = 8;

/**
 * Ours: how many lives of a peer are remembered, the latest ones. That covers years of an honest peer; a dishonest one
 * could otherwise fill the store. A message of an older life may be accepted twice if the peer restores a copy of its
 * store from that time.
 */
export const MAX_LIVES = 1_000;

/**
 * The meaning of a message, as the chat has encoded or decoded it (`../chat/message.ts`). It accompanies the bytes, so
 * that nobody decodes them a second time.
 */
export type MessageContent =
  /** With `ttlS` it disappears from both stores this many seconds after it has arrived. */
  | { readonly kind: "text"; readonly atMs: number; readonly text: string; readonly ttlS?: number }
  /**
   * From now on texts disappear after this many seconds; 0: they no longer do. The timer with the latest `atMs`
   * applies.
   */
  | { readonly kind: "timer"; readonly atMs: number; readonly seconds: number }
  /** From a newer version: to be shown as such, never dropped silently. */
  | { readonly kind: "unknown"; readonly name: string }
  /**
   * Not a chat message. It is stored, acknowledged and reported like any other; otherwise it would be sent again for
   * ever.
   */
  | { readonly kind: "unreadable" };

/** What a message is for, and the sequence of messages that it belongs to. */
export interface Route {
  /** Which layer reads it, u8; not 1, which is the chat's. */
  readonly kind: number;
  /** u16; not 0, which is the chat's. The messages of one stream keep their order, and it has a quota of its own. */
  readonly stream: number;
}

/** A message as it is stored; stamp, route and bytes are what DATA carries after its number. */
export interface StoredMessage {
  readonly seq: number;
  /** Identifies the message whatever its number: numbers start again with a new store, and go back with an old copy. */
  readonly stamp: Uint8Array;
  /** When this side stored it, by its wall clock. */
  readonly atMs: number;
  readonly message: Uint8Array;
  /** Absent: a chat message, kind 1 on stream 0, as every message of an older store is. */
  readonly route?: Route;
}

/** A message that waits in the outbox, without its bytes. */
export interface WaitingMessage {
  /** The length of the message. */
  readonly bytes: number;
  /** 0: the chat's. */
  readonly stream: number;
}

/** A message to be stored. */
export interface NewMessage extends StoredMessage {
  /** Its meaning; absent if there is no chat above the delivery. A store treats that like "unreadable". */
  readonly content?: MessageContent | undefined;
}

/** A life of the peer's program in which it sent something, and how much of it has arrived. */
export interface StoredLife {
  /** 8 bytes. */
  readonly life: Uint8Array;
  /** Everything with a lower index has arrived, or was lost with a store of the peer. */
  readonly count: number;
  /** The number under which the life's last message arrived; -1 if the numbers have been restarted since. */
  readonly lastSeq: number;
}

/** Everything that is kept about the exchange with one peer. */
export interface StoredPeer extends Cursors {
  /** The last id of the peer's store that it reported; undefined before the first session. */
  readonly peerStore: Uint8Array | undefined;
  /**
   * What the chat keeps about this peer: bytes without a meaning here; undefined before the first {@link Change}
   * `setting`.
   */
  readonly setting: Uint8Array | undefined;
  /** In no order; the latest {@link MAX_LIVES}. */
  readonly lives: readonly StoredLife[];
  /** Numbers `acknowledged` to `next - 1`, in order. {@link Store.readOutbox} has the messages. */
  readonly outbox: readonly WaitingMessage[];
  /** Numbers from `shown` to `expected - 1`, in order, without those that were skipped. */
  readonly inbox: readonly StoredMessage[];
}

/** One step of the exchange with a peer, as part of a transaction. */
export type Change =
  /** A message of ours; its number is `next`, which grows by one. */
  | ({ readonly type: "queued" } & NewMessage)
  /** Every number below `next` has now been passed to the session. */
  | { readonly type: "released"; readonly next: number }
  /** The peer has every number below `next`; they are removed from the outbox. */
  | { readonly type: "acknowledged"; readonly next: number; readonly atMs: number }
  /**
   * The outbox gets higher numbers: its oldest message becomes `first`, and `acknowledged`, `released` and `next` move
   * with it.
   */
  | { readonly type: "renumbered"; readonly first: number }
  /**
   * A message of the peer; its number is `expected`, which grows by one. The count and last number of its life follow.
   */
  | ({ readonly type: "arrived" } & NewMessage)
  /**
   * A message of the peer that no layer here reads: its number is `expected`, which grows by one, and its life's count and
   * last number follow. Nothing else of it is kept.
   */
  | { readonly type: "ignored"; readonly seq: number; readonly stamp: Uint8Array }
  /**
   * Numbers below `next` will never come, or have come under other numbers; `next` becomes `expected`. Messages that
   * have arrived and are not shown yet keep their numbers.
   */
  | { readonly type: "skipped"; readonly next: number }
  /** The user has seen every number below `next`; they are removed from the inbox. */
  | { readonly type: "shown"; readonly next: number }
  /**
   * All numbers start again: the outbox from 0, 0 is expected, and the peer's store is unknown. The inbox must be
   * empty. The lives stay, with -1 as their last number, so that no message is accepted twice.
   */
  | { readonly type: "begun-anew" }
  /** The peer's store has this id, 16 bytes. */
  | { readonly type: "peer-store-seen"; readonly peerStore: Uint8Array }
  | { readonly type: "setting"; readonly value: Uint8Array };

/**
 * The port of a store. Each peer is identified by its public key, 32 bytes; another length is a RangeError. A change
 * for one peer does not affect another.
 *
 * The store keeps the bytes of a message as they are, and does not decode them. It copies its arguments, and what it
 * has returned does not change afterwards; the caller must not change that either. Only one program at a time may write
 * to a store that outlives the program: opening it in a second program fails.
 */
export interface Store {
  /**
   * 16 random bytes, drawn when the store was created and never again: they tell the peer whether it is the same store.
   * All zeros if nothing survives the program.
   */
  readonly id: Uint8Array;
  /**
   * 8 random bytes, drawn each time the store is opened, and never stored: the first part of the stamps of new
   * messages.
   */
  readonly life: Uint8Array;

  /**
   * What is kept about the exchange with this peer, as of the last commit that returned; zero {@link Cursors} and empty
   * lists if nothing is. Throws LairError store-damaged if the data is not as it was stored: the store cannot know what
   * the peer was told, and must not guess.
   */
  load(peer: Uint8Array): StoredPeer;

  /**
   * The messages that wait in the outbox, in order, from number `from` on: as many as have `maxBytes` bytes together, but at
   * least one. None if `from` is `next`. Throws RangeError if it is not between `acknowledged` and `next`, and LairError
   * store-damaged as {@link load} does.
   */
  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[];

  /**
   * Carries out the changes in their order, as one transaction. When it returns, all of them are on the disk; if it
   * throws, none of them is, and {@link load} returns the same as before, even after a restart. Throws LairError store-*
   * if the store fails, and RangeError for a change that does not follow from the cursors (`cursors.ts`).
   *
   * Only a commit of nothing but `acknowledged` and `shown` may reach the disk later, together with the next other
   * commit or soon: a power cut, or a kill, that loses it only causes repetitions, which the numbers make harmless. Without
   * changes it does nothing.
   */
  commit(peer: Uint8Array, changes: readonly Change[]): void;

  /**
   * How many messages of this peer one commit may store within a few milliseconds: a longer frame is stored in parts, so that
   * it does not stop the program. Absent: as many as of other records.
   */
  mostAtOnce?(peer: Uint8Array): number;

  /**
   * Removes everything that is kept about the exchange with this peer: cursors, waiting messages, setting, lives, and
   * the history if there is one. When it returns, {@link load} returns nothing of it, even after a restart; if it
   * throws (LairError store-*), nothing is removed. Overwriting that takes long may follow in steps.
   */
  forgetPeer(peer: Uint8Array): void;
}
