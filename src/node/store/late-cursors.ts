// What was acknowledged or shown, and waits for the next transaction to be stored with. Only cursors change by it, and the
// batches of which nothing waits any more go. If it is lost, a message is sent or shown again.
//
//   stored ── takes ──▶ ahead of the file ── the next transaction, the end of the turn, or LATEST_MS ──▶ stored

import { advanced } from "../../core/delivery/cursors.ts";
import type { Change } from "../../core/delivery/store.ts";
import type { BatchRows } from "./batch-rows.ts";
import type { Direction } from "./message-rows.ts";
import { cursorsOf, type PeerRows } from "./peer-rows.ts";
import type { Transactions } from "./transactions.ts";
import type { WaitingRows } from "./waiting-rows.ts";

/** Ours: so long what was acknowledged waits for another commit to go with. */
const LATEST_MS = 5;

interface LateParts {
  readonly transactions: Transactions;
  readonly peers: PeerRows;
  readonly batches: BatchRows;
  readonly waiting: WaitingRows;
}

export class LateCursors {
  readonly #parts: LateParts;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(parts: LateParts) {
    this.#parts = parts;
    parts.transactions.accompany({
      before: () => this.#settle(),
      after: () => parts.peers.saveChanged(),
      stored: () => {
        parts.peers.caughtUp();
        this.#clearTimers();
      },
    });
  }

  /** Takes changes that are all of these two kinds. False: they have rows of their own, and need a transaction now. */
  takes(peer: Uint8Array, changes: readonly Change[]): boolean {
    const { transactions, peers, waiting } = this.#parts;
    if (!transactions.isSound) return false;
    const row = peers.find(peer);
    if (row === undefined) return false;
    const boxes = changes.map(({ type }): Direction => (type === "acknowledged" ? "out" : "in"));
    if (!boxes.every((box) => waiting.isInBatches(row, box))) return false;
    const cursors = changes.reduce((before, change) => advanced(before, change), cursorsOf(row));
    peers.saveLater(row, cursors);
    // What was shown would be shown again after a kill: it waits for nothing but what else is stored in this turn.
    if (boxes.includes("in")) this.#soon ??= setImmediate(() => this.#whenNobodyWaits());
    else this.#later ??= setTimeout(() => this.#whenNobodyWaits(), LATEST_MS).unref();
    return true;
  }

  /** Stores what was taken: no transaction has come meanwhile. Throws LairError store-*. */
  catchUp(): void {
    if (this.#parts.peers.isAhead) this.#parts.transactions.write(() => {}, true);
  }

  /** As {@link catchUp}. What fails goes with the next transaction, which tells what is wrong. */
  tryToCatchUp(): void {
    this.#clearTimers();
    try {
      this.catchUp();
    } catch {
      // See above.
    }
  }

  /** What was said is on its way, and what was heard is acknowledged. */
  #whenNobodyWaits(): void {
    this.tryToCatchUp();
    this.#parts.transactions.shortenLog();
  }

  /** In each transaction: the batches, and how many messages of the inbox wait. */
  #settle(): void {
    const { peers, batches } = this.#parts;
    for (const { inFile, row } of peers.ahead) {
      if (inFile.acknowledged !== row.acknowledged) batches.settle(row, "out", row.acknowledged);
      const count = inFile.shown === row.shown ? 0 : batches.settle(row, "in", row.shown);
      peers.change({ ...row, unshown: row.unshown - count });
    }
  }

  #clearTimers(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    [this.#soon, this.#later] = [undefined, undefined];
  }
}
