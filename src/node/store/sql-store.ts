// The store on the disk: what delivery must not forget and what its person wants remembered, over the rows of one SQLite
// file (docs/SECURITY.md, "The store"). Knows nothing of how the file came to be open; open-store.ts does.

import type { History, HistoryEntry, Retention } from "../../core/chat/history.ts";
import { advanced, FIRST_CURSORS, requirePeer } from "../../core/delivery/cursors.ts";
import type { Change, Store, StoredPeer } from "../../core/delivery/store.ts";
import { LairError } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";
import { type Horizon, MessageRows } from "./message-rows.ts";
import { LifeRows } from "./life-rows.ts";
import { type PeerRow, PeerRows } from "./peer-rows.ts";
import type { Sealing } from "./sealing.ts";
import { sqliteCode } from "./store-error.ts";
import { WordIndex } from "./word-index.ts";

/** Ours: lines that go in one step of {@link SqlStore.purge}, some 100 ms of work where a million are kept. */
const PURGE_LINES = 250;
/** Ours: lines that {@link SqlStore.all} reads at a time. */
const LINES_AT_A_TIME = 500;

const NOTHING: StoredPeer = {
  ...FIRST_CURSORS,
  peerStore: undefined,
  setting: undefined,
  outbox: [],
  inbox: [],
  lives: [],
};

/** What an SqlStore is made of. */
export interface StoreParts {
  readonly id: Uint8Array;
  readonly life: Uint8Array;
  readonly connection: Connection;
  readonly sealing: Sealing;
  /** A store opened for reading has no lock, and other programs may write to it meanwhile. */
  readonly lock: { release(): void } | undefined;
}

export class SqlStore implements Store, History {
  readonly id: Uint8Array;
  readonly life: Uint8Array;
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #lock: StoreParts["lock"];
  readonly #peers: PeerRows;
  readonly #words: WordIndex;
  readonly #messages: MessageRows;
  readonly #lives: LifeRows;
  /** The disk failed, so what it said to have stored before may not be there: nothing is promised until it is mended. */
  #isDoubtful = false;
  /** Rows have gone, or a reader was in the way, since the log was emptied last. */
  #isUntidy = false;

  constructor({ id, life, connection, sealing, lock }: StoreParts) {
    this.id = id;
    this.life = life;
    this.#connection = connection;
    this.#sealing = sealing;
    this.#lock = lock;
    this.#peers = new PeerRows(connection, sealing, id, lock !== undefined);
    this.#words = new WordIndex(connection);
    this.#lives = new LifeRows(connection, sealing, id);
    this.#messages = new MessageRows(connection, sealing, id, this.#words);
  }

  load(peer: Uint8Array): StoredPeer {
    requirePeer(peer);
    return this.#connection.snapshot(() => {
      const row = this.#peers.find(peer);
      if (row === undefined) return NOTHING;
      const { acknowledged, released, next, expected, shown, peerStore, setting } = row;
      return {
        acknowledged,
        released,
        next,
        expected,
        shown,
        peerStore: peerStore?.slice(),
        setting: setting?.slice(),
        outbox: this.#messages.outbox(row),
        inbox: this.#messages.inbox(row),
        lives: this.#lives.all(row),
      };
    });
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    requirePeer(peer);
    if (changes.length === 0) return;
    const isRelaxed = changes.every(({ type }) => type === "acknowledged" || type === "shown");
    this.#write(() => {
      let row = this.#peers.find(peer) ?? this.#begin(peer);
      for (const change of changes) row = this.#apply({ ...row, ...advanced(row, change) }, change);
      this.#lives.note(row, changes);
      this.#peers.save(row);
    }, isRelaxed);
    this.#isUntidy ||= changes.some(({ type }) => type === "acknowledged" || type === "shown");
  }

  retention(peer: Uint8Array): Retention {
    requirePeer(peer);
    return this.#peers.find(peer)?.retention ?? "off";
  }

  setRetention(peer: Uint8Array, retention: Retention, nowMs: number): void {
    requirePeer(peer);
    this.#write(() => this.#peers.save({ ...(this.#peers.find(peer) ?? this.#begin(peer)), retention }));
    if (this.#deletePast(peer, PURGE_LINES, nowMs) > 0) this.#tidy();
  }

  last(peer: Uint8Array, count: number, nowMs: number): readonly HistoryEntry[] {
    requirePeer(peer);
    const row = this.#peers.find(peer);
    return row === undefined ? [] : this.#messages.newest(row, count, horizonOf(row, nowMs));
  }

  search(
    peer: Uint8Array,
    words: string,
    limit: number,
    nowMs: number,
  ): { readonly entries: readonly HistoryEntry[]; readonly total: number } {
    requirePeer(peer);
    return this.#connection.snapshot(() => {
      const row = this.#peers.find(peer);
      if (row === undefined) return { entries: [], total: 0 };
      return this.#messages.search(row, words, limit, horizonOf(row, nowMs));
    });
  }

  count(peer: Uint8Array, nowMs: number): number {
    requirePeer(peer);
    const row = this.#peers.find(peer);
    return row === undefined ? 0 : this.#messages.count(row, horizonOf(row, nowMs));
  }

  *all(peer: Uint8Array, nowMs: number): Generator<HistoryEntry, void, undefined> {
    requirePeer(peer);
    // In portions: a reader who takes hours must not keep the writer from clearing its log.
    for (let id = 0; ;) {
      const row = this.#peers.find(peer);
      if (row === undefined) return;
      const { entries, lastId } = this.#messages.after(row, id, LINES_AT_A_TIME, horizonOf(row, nowMs));
      if (entries.length === 0) return;
      yield* entries;
      id = lastId;
    }
  }

  forget(peer: Uint8Array): number {
    requirePeer(peer);
    const count = this.#write(() => {
      const row = this.#peers.find(peer);
      return row === undefined ? 0 : this.#messages.deleteLines(row);
    });
    this.#tidy();
    return count;
  }

  /**
   * Also empties the log of what has been delivered and shown since the last time. Throws LairError store-* for what could
   * not be deleted, after all else was. In steps of at most 250 lines a call: when there is more to do at once, it returns `nowMs`.
   */
  purge(nowMs: number): number | undefined {
    let left = PURGE_LINES;
    let fault: unknown;
    for (const key of this.#peers.keys()) {
      try {
        if (left > 0) left -= this.#deletePast(key, left, nowMs);
      } catch (error) {
        // One peer's damaged row must not keep the others' lines.
        fault ??= error;
      }
    }
    if (left === 0 || this.#isUntidy) this.#checkpoint();
    if (left > 0 && left < PURGE_LINES) this.#tidy();
    if (fault !== undefined) throw fault;
    return left === 0 ? nowMs : this.#nextDueMs();
  }

  /** Nothing is lost without it; with it the file is whole by itself, and another program may open it at once. */
  close(): void {
    try {
      if (this.#lock !== undefined) this.#checkpoint();
    } catch {
      // What is committed is in the log, and is read from there when the store is opened again.
    }
    this.#connection.close();
    this.#sealing.destroy();
    this.#lock?.release();
  }

  #begin(peer: Uint8Array): PeerRow {
    const row = this.#peers.fresh(peer);
    this.#words.create(row.id);
    // Before its messages, which refer to it.
    this.#peers.save(row);
    return row;
  }

  #apply(row: PeerRow, change: Change): PeerRow {
    switch (change.type) {
      case "queued":
        this.#messages.add(row, "out", change);
        return row;
      case "acknowledged":
        this.#messages.settle(row, "out", change.next, change.atMs);
        return row;
      case "renumbered":
        this.#messages.renumber(row, change.first);
        return row;
      case "arrived":
        this.#messages.add(row, "in", change);
        return { ...row, unshown: row.unshown + 1 };
      case "shown":
        // The time has no part in it: what came disappears by the time of its arrival.
        return { ...row, unshown: row.unshown - this.#messages.settle(row, "in", change.next, 0) };
      case "begun-anew":
        this.#messages.renumber(row, 0);
        return { ...row, peerStore: undefined };
      case "met":
        return { ...row, peerStore: change.peerStore.slice() };
      case "setting":
        return { ...row, setting: change.value.slice() };
      case "released":
      case "skipped":
        return row;
    }
  }

  #deletePast(peer: Uint8Array, count: number, nowMs: number): number {
    const row = this.#peers.find(peer);
    if (row === undefined) return 0;
    const horizon = horizonOf(row, nowMs);
    // Looked at first: without anything to do nothing is written.
    const isDue = (this.#messages.nextExpiryMs(row) ?? Infinity) <= nowMs || this.#isAged(row, horizon);
    return isDue ? this.#write(() => this.#messages.deletePast(row, count, horizon)) : 0;
  }

  #isAged(row: PeerRow, { sinceMs }: Horizon): boolean {
    return (this.#messages.oldestMs(row) ?? Infinity) < sinceMs;
  }

  #nextDueMs(): number | undefined {
    const dues = this.#peers.all().flatMap((row) => {
      const keptMs = typeof row.retention === "object" ? row.retention.ms : Infinity;
      return [(this.#messages.oldestMs(row) ?? Infinity) + keptMs + 1, this.#messages.nextExpiryMs(row) ?? Infinity];
    });
    const due = Math.min(...dues);
    return due === Infinity ? undefined : due;
  }

  #write<Result>(work: () => Result, isRelaxed = false): Result {
    if (this.#lock === undefined) throw new TypeError("the store was opened for reading");
    if (this.#isDoubtful) this.#mend();
    try {
      return this.#connection.transaction(() => {
        this.#sealing.record();
        return work();
      }, isRelaxed);
    } catch (error) {
      this.#peers.forgetKnown();
      if (error instanceof LairError && sqliteCode(error.cause) === "SQLITE_IOERR") this.#doubt();
      throw error;
    }
  }

  #doubt(): void {
    this.#isDoubtful = true;
    try {
      this.#mend();
    } catch {
      // Tried again before the next write.
    }
  }

  /**
   * After a failed fsync the log may hold the whole of a transaction that was reported as failed, and the system may have
   * dropped pages of earlier ones that it takes for written. So a small transaction takes the place of the failed one,
   * and then the log is carried over into the file and begun anew.
   */
  #mend(): void {
    this.#connection.transaction(() => this.#connection.run("UPDATE meta SET mended = mended + 1"), true);
    if (!this.#checkpoint()) {
      throw new LairError("store-unwritable", `Cannot use ${this.#connection.path}: another program is reading it.`, {
        hint: "Try again when that has ended.",
      });
    }
    this.#isDoubtful = false;
  }

  /** After lines were deleted: they must not live on in the log, nor their space in the file for ever. */
  #tidy(): void {
    const free = this.#connection.number("PRAGMA freelist_count") ?? 0;
    if (free > (this.#connection.number("PRAGMA page_count") ?? 0) / 2) this.#vacuum();
    this.#checkpoint();
  }

  /** Carries the log over into the file and empties it; false while a reader in another program holds on to it. */
  #checkpoint(): boolean {
    const isDone = this.#connection.number("PRAGMA wal_checkpoint(TRUNCATE)") === 0;
    this.#isUntidy = !isDone;
    return isDone;
  }

  /** Makes the file as small as what is in it. Only for the space: what was deleted has been overwritten already. */
  #vacuum(): void {
    try {
      this.#connection.exec("VACUUM");
    } catch {
      // It takes space to give space back.
    }
  }
}

function horizonOf({ retention }: PeerRow, nowMs: number): Horizon {
  return { nowMs, sinceMs: typeof retention === "object" ? nowMs - retention.ms : 0 };
}
