// The state that must survive a session, and the port behind which it is kept (docs/PROTOCOL.md §7). Knows no disk;
// `memory-store.ts` is the twin that loses everything when the program ends, `src/node/store` the one that does not.
// Any other store must pass `test/core/delivery/store-contract.ts`. It never contains ciphertext of the transport or a
// session key: they would bring back what a rekey has erased.

/** Bytes of a store's id. */
export const STORE_ID_BYTES = 16;

/** Plain numbers: 2^53 messages fit into nobody's lifetime. */
export interface Cursors {
  /** Outgoing: the oldest number that the peer has not acknowledged. */
  readonly acknowledged: number;
  /** Outgoing: the first number that has not been passed to any session. Later ones are only queued. */
  readonly released: number;
  /** Outgoing: the number of the next message. */
  readonly next: number;
  /** Incoming: the number that is expected next. */
  readonly expected: number;
  /** Incoming: everything below has been shown to the user. */
  readonly shown: number;
}

/** Bytes of a stamp: the sender's life, 8 random bytes, and the message's index in that life, u32. */
export const STAMP_BYTES = 12;
export const LIFE_BYTES = 8;

/**
 * Ours: lives of a peer that are remembered, the latest ones; of years, where it is honest, while one that is not could fill
 * the store with them. Of an older life a message may come twice, if the peer puts back a copy of its store from that time.
 */
export const MAX_LIVES = 1_000;

/**
 * The meaning of a message, as the chat has encoded or decoded it (`../chat/message.ts`). It accompanies the bytes, so
 * that nobody decodes them a second time.
 */
export type MessageContent =
  /** With `ttlS` it disappears from both stores, this many seconds after it has arrived. */
  | { readonly kind: "text"; readonly atMs: number; readonly text: string; readonly ttlS?: number }
  /** From now on texts disappear after this many seconds; 0: no longer. The one with the latest `atMs` applies. */
  | { readonly kind: "timer"; readonly atMs: number; readonly seconds: number }
  /** Of a newer version: to be shown as such, never dropped silently. */
  | { readonly kind: "unknown"; readonly name: string }
  /** Not a chat message. It is stored, acknowledged and reported like any other, or it would come again for ever. */
  | { readonly kind: "unreadable" };

/** A message as it is stored; stamp and bytes are what DATA carries after its number. */
export interface StoredMessage {
  readonly seq: number;
  /** Identifies the message whatever its number: numbers start again with a new store, and go back with an old copy. */
  readonly stamp: Uint8Array;
  /** When this side stored it, by its wall clock. */
  readonly atMs: number;
  readonly message: Uint8Array;
}

/** A message to be stored. */
export interface NewMessage extends StoredMessage {
  /** Its meaning; absent if there is no chat above the delivery. A store treats that like "unreadable". */
  readonly content?: MessageContent;
}

/** A life of the peer's program in which it said something: what has arrived of it. */
export interface StoredLife {
  /** 8 bytes. */
  readonly life: Uint8Array;
  /** Everything with a lower index has arrived, or was lost with a store of the peer's. */
  readonly count: number;
  /** The number under which the last of it arrived; -1 if the numbers have been restarted since. */
  readonly lastSeq: number;
}

/** Everything that is kept of the exchange with one peer. */
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
  /** Numbers `acknowledged` to `next - 1`, in order. */
  readonly outbox: readonly StoredMessage[];
  /** Numbers from `shown` to `expected - 1`, in order, without those that were skipped. */
  readonly inbox: readonly StoredMessage[];
}

/** One step of the exchange with a peer, as a transaction carries it out. */
export type Change =
  /** A message of ours; its number is `next`, which grows by one. */
  | ({ readonly type: "queued" } & NewMessage)
  /** Every number below `next` has now been passed to the session. */
  | { readonly type: "released"; readonly next: number }
  /** The peer has every number below `next`; they are removed from the outbox. */
  | { readonly type: "acknowledged"; readonly next: number; readonly atMs: number }
  /** The outbox gets higher numbers: its oldest message becomes `first`; `acknowledged`, `released` and `next` move along. */
  | { readonly type: "renumbered"; readonly first: number }
  /** A message of the peer; its number is `expected`, which grows by one. Its life's count and last number follow. */
  | ({ readonly type: "arrived" } & NewMessage)
  /** Numbers below `next` will never come, or have come already under others; it becomes `expected`. What has arrived and is not shown yet keeps its number. */
  | { readonly type: "skipped"; readonly next: number }
  /** The user has seen every number below `next`; they are removed from the inbox. */
  | { readonly type: "shown"; readonly next: number }
  /**
   * All numbers begin anew: the outbox is numbered from 0, 0 is expected, and the peer's store is unknown. The inbox must be
   * empty. The lives stay, with -1 as the number of their last, so that nothing is taken twice.
   */
  | { readonly type: "begun-anew" }
  /** The peer's store has this id, 16 bytes. */
  | { readonly type: "peer-store-seen"; readonly peerStore: Uint8Array }
  | { readonly type: "setting"; readonly value: Uint8Array };

/**
 * The port of a store. Each peer is identified by its public key, 32 bytes; another length is a RangeError. A change
 * for one peer does not affect another.
 *
 * The store keeps the bytes of a message as they are, and does not decode them. What it is given is copied, and what it
 * has returned does not change afterwards; nobody else changes that either. One program at a time writes to a store that
 * outlives the program: a second one is refused when it opens it.
 */
export interface Store {
  /**
   * 16 random bytes, drawn when it was created, and never again: the peer tells by them whether it is the same store. All
   * zeros where nothing outlives the program.
   */
  readonly id: Uint8Array;
  /** 8 random bytes, drawn each time when it is opened, never kept: the stamps of what is said now begin so. */
  readonly life: Uint8Array;

  /**
   * What is kept of the exchange with this peer, as of the last commit that returned; {@link Cursors} of zero and empty
   * lists for one of whom nothing is. Throws LairError store-damaged when it is not as it was stored: then it is not
   * known what the peer may have been told, and nothing may be guessed.
   */
  load(peer: Uint8Array): StoredPeer;

  /**
   * Carries the changes out in their order, as one transaction. When it returns they are on the disk; when it throws none
   * of them is, and {@link load} gives what it gave before, also after a restart. LairError store-*: the store failed.
   * RangeError: a change does not follow on what is there, as `cursors.ts` says for every store alike.
   *
   * Only a commit of nothing but `acknowledged` and `shown` may reach the disk later, with the next one that does not: a
   * power cut that loses them repeats what the numbers make harmless. Without any change it does nothing.
   */
  commit(peer: Uint8Array, changes: readonly Change[]): void;

  /**
   * Removes all that is kept of the exchange with this peer: cursors, messages that wait, setting, lives, and the history
   * where there is one. When it returns {@link load} gives nothing any more, also after a restart; when it throws (LairError
   * store-*) nothing is removed. What takes long to overwrite may follow in steps.
   */
  forgetPeer(peer: Uint8Array): void;
}
