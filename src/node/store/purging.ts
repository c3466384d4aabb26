// What is deleted by and by, in steps that other work can come between: lines that are too old or too many, what was forgotten,
// batches of which a part still waits, receipts, rooms, and the words of all of these. Then the file is tidied.

import { toHex } from "../../core/bytes.ts";
import type { BatchRows } from "./batch-rows.ts";
import type { Connection } from "./connection.ts";
import type { ForgottenRooms } from "./forgotten-rooms.ts";
import type { Horizon } from "./history-rows.ts";
import type { LineDeletion } from "./line-deletion.ts";
import type { LineMarks } from "./line-marks.ts";
import { grown, limitOf, type PeerRow, type PeerRows } from "./peer-rows.ts";
import type { ReceiptRows } from "./receipt-rows.ts";
import type { Tidying } from "./tidying.ts";
import type { Transactions } from "./transactions.ts";
import type { WordIndex } from "./word-index.ts";

interface PurgingParts {
  readonly connection: Connection;
  readonly transactions: Transactions;
  readonly peers: PeerRows;
  readonly batches: BatchRows;
  readonly deletion: LineDeletion;
  readonly marks: LineMarks;
  readonly words: WordIndex;
  readonly receipts: ReceiptRows;
  readonly forgottenRooms: ForgottenRooms;
  readonly tidying: Tidying;
}

export class Purging {
  readonly #parts: PurgingParts;
  #deletedByTime = 0;
  /** By hex of the key. */
  readonly #deletedByLimit = new Map<string, Uint8Array>();

  constructor(parts: PurgingParts) {
    this.#parts = parts;
  }

  /** How many lines this has deleted because of their age. */
  get deletedByTime(): number {
    return this.#deletedByTime;
  }

  /** The peers whose history was too long. */
  get deletedByLimit(): readonly Uint8Array[] {
    return [...this.#deletedByLimit.values()];
  }

  /**
   * Deletes what is due until `isOver`. Returns when something is due next, in ms: now, if it was not all; undefined if nothing
   * ever is. Throws LairError store-* for what could not be deleted, after everything else was.
   */
  purge(nowMs: number, isOver: () => boolean): number | undefined {
    let isDone = true;
    let fault: unknown;
    const keys = this.#parts.peers.keysWithContent();
    for (const key of keys) {
      try {
        isDone &&= this.#deletePast(key, nowMs, isOver) && this.#deleteExcess(key, isOver);
      } catch (error) {
        // One peer's damaged row must not keep the others' lines.
        fault ??= error;
      }
    }
    if (this.#parts.receipts.hasOld(nowMs)) this.#parts.transactions.write(() => this.#parts.receipts.deleteOld(nowMs));
    isDone &&= this.#deleteForgottenRooms(isOver);
    isDone &&= this.#deleteWords(isOver);
    isDone &&= this.#parts.tidying.returnSpace(isOver);
    this.#parts.tidying.emptyLog();
    if (fault !== undefined) throw fault;
    return isDone ? this.#nextDueMs(keys) : nowMs;
  }

  /** Which lines of a peer are still there at this time. */
  horizonOf(row: PeerRow, nowMs: number): Horizon {
    const { retention } = row;
    const sinceMs = typeof retention === "object" ? nowMs - retention.ms : 0;
    return { nowMs, sinceMs, forgottenId: this.#parts.marks.forgottenId(row) };
  }

  /** Whether nothing of this peer is left to be deleted now. */
  #deletePast(peer: Uint8Array, nowMs: number, isOver: () => boolean): boolean {
    const found = this.#parts.peers.find(peer);
    if (found === undefined) return true;
    const row = this.#trimmed(found);
    if (this.#parts.deletion.hasForgotten(row)) {
      this.#parts.tidying.noteDeleted();
      if (!this.#parts.transactions.write(() => this.#parts.deletion.deleteForgotten(row, isOver))) return false;
    }
    if (this.#parts.peers.isOrphan(row)) {
      if (this.#parts.batches.hasAny(row)) {
        this.#parts.tidying.noteDeleted();
        if (!this.#parts.transactions.write(() => this.#parts.batches.deleteAll(row, isOver))) return false;
      }
      this.#deleteOrphan(row);
      return true;
    }
    const horizon = this.horizonOf(row, nowMs);
    // Checked first: if there is nothing to do, nothing is written.
    const isDue = (this.#parts.deletion.nextExpiryMs(row) ?? Infinity) <= nowMs || this.#isAged(row, horizon);
    if (!isDue) return true;
    this.#parts.tidying.noteDeleted();
    const { count, isDone } = this.#parts.transactions.write(() => {
      const deleted = this.#parts.deletion.deletePast(row, horizon, isOver);
      this.#parts.peers.save(grown(row, -deleted.bytes));
      return deleted;
    });
    this.#deletedByTime += count;
    return isDone;
  }

  /** Takes what does not wait any more out of a batch in which something still waits. */
  #trimmed(row: PeerRow): PeerRow {
    const isOutDue = this.#parts.batches.isTrimmable(row, "out", row.acknowledged);
    const isInDue = this.#parts.batches.isTrimmable(row, "in", row.shown);
    if (!isOutDue && !isInDue) return row;
    this.#parts.tidying.noteDeleted();
    return this.#parts.transactions.write(() => {
      if (isOutDue) this.#parts.batches.trim(row, "out", row.acknowledged);
      const gone = isInDue ? this.#parts.batches.trim(row, "in", row.shown) : 0;
      const trimmed = { ...row, unshown: row.unshown - gone };
      this.#parts.peers.save(trimmed);
      return trimmed;
    });
  }

  /** Whether what is kept with this peer is within its limit. If nothing more is kept, what there is stays. */
  #deleteExcess(peer: Uint8Array, isOver: () => boolean): boolean {
    const row = this.#parts.peers.find(peer);
    if (row === undefined || this.#parts.peers.isOrphan(row)) return true;
    const { historyBytes } = row;
    if (historyBytes === undefined) {
      this.#parts.transactions.write(() =>
        this.#parts.peers.save({ ...row, historyBytes: this.#parts.deletion.countBytes(row) }),
      );
      return !isOver() && this.#deleteExcess(peer, isOver);
    }
    const excess = historyBytes - limitOf(row);
    if (excess <= 0 || row.retention === "off") return true;
    this.#parts.tidying.noteDeleted();
    const { count, isDone } = this.#parts.transactions.write(() => {
      const deleted = this.#parts.deletion.deleteOldest(row, excess, isOver);
      // If all are gone, none has a byte, whatever the sum was.
      this.#parts.peers.save(deleted.count === 0 ? { ...row, historyBytes: 0 } : grown(row, -deleted.bytes));
      return deleted;
    });
    if (count > 0) this.#deletedByLimit.set(toHex(peer), row.key);
    return isDone;
  }

  /** None of its messages is left, so SQLite need not search all messages for one that would lose its peer. */
  #deleteOrphan(row: PeerRow): void {
    this.#parts.connection.exec("PRAGMA foreign_keys = OFF");
    try {
      this.#parts.transactions.write(() => {
        this.#parts.marks.delete(row);
        this.#parts.peers.delete(row);
      });
    } finally {
      this.#parts.connection.exec("PRAGMA foreign_keys = ON");
    }
  }

  /** Whether none is left. */
  #deleteForgottenRooms(isOver: () => boolean): boolean {
    if (!this.#parts.forgottenRooms.areThere) return true;
    this.#parts.tidying.noteDeleted();
    return this.#parts.transactions.write(() => this.#parts.forgottenRooms.delete(isOver));
  }

  /** Deletes the words of forgotten lines. Returns whether none is left. */
  #deleteWords(isOver: () => boolean): boolean {
    if (!this.#parts.words.hasApart) return true;
    this.#parts.tidying.noteDeleted();
    return this.#parts.transactions.write(() => this.#parts.words.deleteApart(isOver));
  }

  #isAged(row: PeerRow, { sinceMs }: Horizon): boolean {
    return (this.#parts.deletion.oldestMs(row) ?? Infinity) < sinceMs;
  }

  #nextDueMs(keys: readonly Uint8Array[]): number | undefined {
    let due = Infinity;
    for (const key of keys) {
      const row = this.#parts.peers.find(key);
      if (row === undefined) continue;
      const keptMs = typeof row.retention === "object" ? row.retention.ms : Infinity;
      const oldestMs = this.#parts.deletion.oldestMs(row) ?? Infinity;
      due = Math.min(due, oldestMs + keptMs + 1, this.#parts.deletion.nextExpiryMs(row) ?? Infinity);
    }
    return due === Infinity ? undefined : due;
  }
}
