// The store on disk: the state of the delivery and, if the user wants it, the history, in the rows of one SQLite file
// (docs/SECURITY.md, "The store"). Does not know how the file was opened; open-store.ts does. The writes are in
// transactions.ts.

import {
  type History,
  type HistoryEntry,
  type HistoryFound,
  type HistoryPage,
  type Retention,
  type SeenTimes,
} from "../../core/chat/history.ts";
import { BatchRows } from "./batch-rows.ts";
import { Changing } from "./changing.ts";
import { NOTHING_STORED, requireInOutbox, requirePeer } from "../../core/delivery/cursors.ts";
import type { Change, MessageContent, Store, StoredMessage, StoredPeer } from "../../core/delivery/store.ts";
import type { RandomSource } from "../../core/noise/suite.ts";
import type { KeptReceipt, Receipt, Receipts } from "../../app/receipts.ts";
import type { Connection } from "./connection.ts";
import { ForgottenRooms } from "./forgotten-rooms.ts";
import { HistoryRows } from "./history-rows.ts";
import { LateCursors } from "./late-cursors.ts";
import { LifeRows } from "./life-rows.ts";
import { LineDeletion } from "./line-deletion.ts";
import { LineMarks } from "./line-marks.ts";
import { MessageRows } from "./message-rows.ts";
import { PairingRows } from "./pairing-rows.ts";
import { limitOf, type PeerRow, PeerRows } from "./peer-rows.ts";
import { Purging } from "./purging.ts";
import { ReceiptRows } from "./receipt-rows.ts";
import type { Sealing } from "./sealing.ts";
import { Tidying } from "./tidying.ts";
import { Transactions } from "./transactions.ts";
import { WaitingRows } from "./waiting-rows.ts";
import { WordIndex } from "./word-index.ts";

/** Ours: how many lines {@link SqlStore.all} reads at a time. */
const LINES_AT_A_TIME = 500;

/** Ours: as many messages as are stored in some 3 ms; the second of a history that is kept. */
const MOST_AT_ONCE = 1_024;
const MOST_LINES_AT_ONCE = 64;

const NO_PAGE: HistoryPage = { entries: [], before: undefined, after: undefined };

/** The parts of an SqlStore. */
interface StoreParts {
  readonly id: Uint8Array;
  readonly life: Uint8Array;
  readonly connection: Connection;
  readonly sealing: Sealing;
  readonly random: RandomSource;
  /** See {@link StoreOptions}. */
  readonly read: (message: Uint8Array) => MessageContent;
  /** A store opened for reading has no lock, and other programs may write to it meanwhile. */
  readonly lock: { release(): void } | undefined;
}

/** What the rows of other matters stand on. */
export interface SharedFile {
  /** Of the store. */
  readonly id: Uint8Array;
  readonly connection: Connection;
  readonly sealing: Sealing;
  readonly transactions: Transactions;
  readonly receipts: ReceiptRows;
  /** Rows were deleted or replaced, so the log has old ones until it is emptied. */
  noteDeleted(): void;
}

/** More than twenty members: those of three ports, in whose transactions the same rows change. */
export class SqlStore implements Store, History, Receipts {
  readonly id: Uint8Array;
  readonly life: Uint8Array;
  readonly pairings: PairingRows;
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #lock: StoreParts["lock"];
  readonly #transactions: Transactions;
  readonly #peers: PeerRows;
  readonly #words: WordIndex;
  readonly #marks: LineMarks;
  readonly #batches: BatchRows;
  readonly #waiting: WaitingRows;
  readonly #late: LateCursors;
  readonly #lines: HistoryRows;
  readonly #deletion: LineDeletion;
  readonly #lives: LifeRows;
  readonly #changing: Changing;
  readonly #receipts: ReceiptRows;
  readonly #tidying: Tidying;
  readonly #purging: Purging;
  /** Of the call that is being carried out. */
  #receipt: Receipt | undefined;

  constructor({ id, life, connection, sealing, random, read, lock }: StoreParts) {
    this.id = id;
    this.life = life;
    this.#connection = connection;
    this.#sealing = sealing;
    this.#lock = lock;
    const isWritable = lock !== undefined;
    this.#peers = new PeerRows(connection, sealing, id, random, isWritable);
    this.#transactions = new Transactions(connection, sealing, isWritable);
    this.#tidying = new Tidying(connection, this.#transactions);
    this.pairings = new PairingRows(connection, sealing, id, this.#transactions, () => this.#tidying.noteDeleted());
    this.#words = new WordIndex(connection);
    this.#lives = new LifeRows(connection, sealing, id);
    this.#receipts = new ReceiptRows(connection, sealing, id);
    const rows = new MessageRows(connection, sealing, id, read);
    this.#marks = new LineMarks(connection);
    this.#batches = new BatchRows(connection, sealing, id);
    this.#waiting = new WaitingRows(connection, rows, this.#batches, this.#marks);
    this.#changing = new Changing({ waiting: this.#waiting, lives: this.#lives, peers: this.#peers });
    this.#late = new LateCursors({
      transactions: this.#transactions,
      peers: this.#peers,
      batches: this.#batches,
      waiting: this.#waiting,
    });
    this.#transactions.onUndone(() => {
      this.#peers.forgetKnown();
      this.#waiting.forgetKnown();
    });
    this.#lines = new HistoryRows(connection, rows, this.#marks, this.#words);
    this.#deletion = new LineDeletion(connection, rows, this.#marks, this.#words);
    this.#purging = new Purging({
      connection,
      transactions: this.#transactions,
      peers: this.#peers,
      batches: this.#batches,
      deletion: this.#deletion,
      marks: this.#marks,
      words: this.#words,
      receipts: this.#receipts,
      forgottenRooms: new ForgottenRooms(connection),
      tidying: this.#tidying,
    });
  }

  load(peer: Uint8Array): StoredPeer {
    requirePeer(peer);
    return this.#connection.snapshot(() => {
      const row = this.#peers.find(peer);
      if (row === undefined) return NOTHING_STORED;
      const { acknowledged, released, next, expected, shown, peerStore, setting } = row;
      return {
        acknowledged,
        released,
        next,
        expected,
        shown,
        peerStore: peerStore?.slice(),
        setting: setting?.slice(),
        outbox: this.#waiting.waitingOut(row),
        inbox: this.#waiting.inbox(row),
        lives: this.#lives.all(row),
      };
    });
  }

  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    requirePeer(peer);
    return this.#connection.snapshot(() => {
      const row = this.#peers.find(peer);
      requireInOutbox(from, row ?? NOTHING_STORED);
      return row === undefined ? [] : this.#waiting.readOutbox(row, from, maxBytes);
    });
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    requirePeer(peer);
    if (changes.length === 0) return;
    const isRelaxed = changes.every(({ type }) => type === "acknowledged" || type === "shown");
    if (!isRelaxed || !this.#late.takes(peer, changes)) {
      this.#transactions.write(() => {
        this.#changing.apply(this.#peers.find(peer) ?? this.#begin(peer), changes);
        this.#noteReceipt(peer, changes);
      }, isRelaxed);
    }
    if (isRelaxed || changes.some(({ type }) => type === "acknowledged" || type === "shown"))
      this.#tidying.noteDeleted();
  }

  /** A line of the history has a row of its own; what is not kept is one row together. */
  mostAtOnce(peer: Uint8Array): number {
    return this.retention(peer) === "off" ? MOST_AT_ONCE : MOST_LINES_AT_ONCE;
  }

  receiptsOf(key: Uint8Array, nowMs: number): readonly KeptReceipt[] {
    return this.#receipts.of(key, nowMs);
  }

  under<Result>(receipt: Receipt, work: () => Result): Result {
    this.#receipt = receipt;
    try {
      return work();
    } finally {
      this.#receipt = undefined;
    }
  }

  retention(peer: Uint8Array): Retention {
    requirePeer(peer);
    return this.#peers.find(peer)?.retention ?? "off";
  }

  setRetention(peer: Uint8Array, retention: Retention): void {
    requirePeer(peer);
    this.#transactions.write(() => {
      const row = this.#peers.find(peer) ?? this.#begin(peer);
      if (retention !== "off" && !this.#words.has(row.id)) this.#words.create(row.id);
      this.#peers.save({ ...row, retention });
    });
  }

  limit(peer: Uint8Array): number {
    requirePeer(peer);
    return limitOf(this.#peers.find(peer));
  }

  setLimit(peer: Uint8Array, bytes: number): void {
    if (this.limit(peer) === bytes) return;
    this.#transactions.write(() =>
      this.#peers.save({ ...(this.#peers.find(peer) ?? this.#begin(peer)), limitBytes: bytes }),
    );
  }

  last(peer: Uint8Array, count: number, nowMs: number): readonly HistoryEntry[] {
    requirePeer(peer);
    const row = this.#peers.find(peer);
    return row === undefined ? [] : this.#lines.newest(row, count, this.#purging.horizonOf(row, nowMs));
  }

  page(peer: Uint8Array, before: number | undefined, count: number, nowMs: number): HistoryPage {
    requirePeer(peer);
    const row = this.#peers.find(peer);
    if (row === undefined) return NO_PAGE;
    return this.#lines.before(row, before, count, this.#purging.horizonOf(row, nowMs));
  }

  pageAfter(peer: Uint8Array, after: number, count: number, nowMs: number): HistoryPage {
    requirePeer(peer);
    const row = this.#peers.find(peer);
    return row === undefined ? NO_PAGE : this.#lines.after(row, after, count, this.#purging.horizonOf(row, nowMs));
  }

  search(peer: Uint8Array, words: string, limit: number, nowMs: number): HistoryFound {
    requirePeer(peer);
    return this.#connection.snapshot(() => {
      const row = this.#peers.find(peer);
      if (row === undefined) return { entries: [], numbers: [], total: 0 };
      return this.#lines.search(row, words, limit, this.#purging.horizonOf(row, nowMs));
    });
  }

  count(peer: Uint8Array, nowMs: number): number {
    requirePeer(peer);
    const row = this.#peers.find(peer);
    return row === undefined ? 0 : this.#lines.count(row, this.#purging.horizonOf(row, nowMs));
  }

  *all(peer: Uint8Array, nowMs: number): Generator<HistoryEntry, void, undefined> {
    requirePeer(peer);
    // In portions: a reader that takes hours must not keep the writer from clearing its log.
    for (let id = 0; ;) {
      const row = this.#peers.find(peer);
      if (row === undefined) return;
      const { entries, after } = this.#lines.after(row, id, LINES_AT_A_TIME, this.#purging.horizonOf(row, nowMs));
      yield* entries;
      if (after === undefined) return;
      id = after;
    }
  }

  forget(peer: Uint8Array): number {
    requirePeer(peer);
    return this.#transactions.write(() => {
      const row = this.#peers.find(peer);
      if (row === undefined) return 0;
      const count = this.#deletion.forget(row);
      if (count > 0) this.#peers.save({ ...row, historyBytes: 0 });
      return count;
    });
  }

  /** The rows of its messages are deleted by {@link purge}. */
  forgetPeer(peer: Uint8Array): void {
    requirePeer(peer);
    this.#transactions.write(() => {
      const row = this.#peers.find(peer);
      if (row === undefined) return;
      this.#deletion.abandon(row);
      this.#lives.delete(row);
      this.#receipts.forget(peer);
      this.#peers.orphan(row);
    });
    this.#tidying.noteDeleted();
  }

  indexWords(isOver: () => boolean = () => false): boolean {
    let fault: unknown;
    for (const key of this.#peers.keysWithContent()) {
      try {
        if (!this.#indexWordsOf(key, isOver)) return false;
      } catch (error) {
        // As in purge().
        fault ??= error;
      }
    }
    if (fault !== undefined) throw fault;
    return true;
  }

  get deletedByTime(): number {
    return this.#purging.deletedByTime;
  }

  get deletedByLimit(): readonly Uint8Array[] {
    return this.#purging.deletedByLimit;
  }

  seen(): SeenTimes | undefined {
    const row = this.#connection.get("SELECT seen_ms, doubted_ms FROM meta");
    const seenMs = row?.wholeIfAny(0);
    return seenMs === undefined ? undefined : { seenMs, doubtedMs: row?.wholeIfAny(1) };
  }

  see({ seenMs, doubtedMs }: SeenTimes): void {
    this.#transactions.write(
      () => this.#connection.run("UPDATE meta SET seen_ms = ?, doubted_ms = ?", seenMs, doubtedMs ?? null),
      true,
    );
  }

  get leftToDelete(): number {
    return this.#deletion.leftToDelete;
  }

  /**
   * Also empties the log of messages that have since been delivered and shown. Throws LairError store-* for what could
   * not be deleted, after everything else was.
   */
  purge(nowMs: number, isOver: () => boolean = () => false): number | undefined {
    this.#late.catchUp();
    return this.#purging.purge(nowMs, isOver);
  }

  /** For the rows of other matters in the same file, whose store ends with this one. */
  get shared(): SharedFile {
    return {
      id: this.id,
      connection: this.#connection,
      sealing: this.#sealing,
      transactions: this.#transactions,
      receipts: this.#receipts,
      noteDeleted: () => this.#tidying.noteDeleted(),
    };
  }

  /** Nothing is lost without it; with it the file is complete by itself, and another program may open it at once. */
  close(): void {
    this.#late.tryToCatchUp();
    this.#transactions.close();
    this.#sealing.destroy();
    this.#lock?.release();
  }

  #begin(peer: Uint8Array): PeerRow {
    const row = this.#peers.fresh(peer);
    // Before its messages, which refer to it.
    this.#peers.save(row);
    return row;
  }

  #noteReceipt(place: Uint8Array, changes: readonly Change[]): void {
    if (this.#receipt === undefined) return;
    const said = changes.findLast((change) => change.type === "queued" && change.route === undefined);
    if (said?.type === "queued") this.#receipts.add({ ...this.#receipt, place, line: said.seq });
  }

  /** Whether there is still time afterwards. */
  #indexWordsOf(peer: Uint8Array, isOver: () => boolean): boolean {
    const row = this.#peers.find(peer);
    if (row === undefined || this.#peers.isOrphan(row) || !this.#lines.hasUnindexed(row)) return true;
    // Not waited for: what the disk loses of it is added again.
    return this.#transactions.write(() => this.#lines.indexWords(row, isOver), true) && !isOver();
  }
}
