// What a commit changes in the rows of a peer: its messages, what waits, its cursors, and what else is known of it. The
// transaction around it is the caller's.

import { advanced } from "../../core/delivery/cursors.ts";
import type { Change, Cursors, NewMessage } from "../../core/delivery/store.ts";
import type { LifeRows } from "./life-rows.ts";
import { cursorsOf, grown, type PeerRow, type PeerRows } from "./peer-rows.ts";
import type { WaitingRows } from "./waiting-rows.ts";

type MessageChange = Extract<Change, { type: "queued" | "arrived" }>;

interface ChangingParts {
  readonly waiting: WaitingRows;
  readonly lives: LifeRows;
  readonly peers: PeerRows;
}

export class Changing {
  readonly #waiting: WaitingRows;
  readonly #lives: LifeRows;
  readonly #peers: PeerRows;

  constructor({ waiting, lives, peers }: ChangingParts) {
    this.#waiting = waiting;
    this.#lives = lives;
    this.#peers = peers;
  }

  /** All changes of one commit about this peer, in their order. */
  apply(before: PeerRow, changes: readonly Change[]): void {
    let row = before;
    let cursors = cursorsOf(before);
    // Messages are stored together, before anything else happens to what waits: each alone would be a row of its own.
    let fresh = { out: [] as NewMessage[], in: [] as NewMessage[] };
    const storeFresh = (): void => {
      row = { ...row, ...cursors, unshown: row.unshown + fresh.in.length };
      for (const direction of ["out", "in"] as const) {
        if (fresh[direction].length > 0) this.#waiting.add(row, direction, fresh[direction]);
      }
      fresh = { out: [], in: [] };
    };
    for (const change of changes) {
      if (!isMessage(change) && changesWaiting(change)) storeFresh();
      cursors = advanced(cursors, change);
      if (isMessage(change)) fresh[change.type === "queued" ? "out" : "in"].push(change);
      else row = this.#changed(row, cursors, change);
    }
    storeFresh();
    this.#lives.note(row, changes);
    this.#peers.save(row);
  }

  /** The row after this change, which leads to these cursors. */
  #changed(before: PeerRow, cursors: Cursors, change: Exclude<Change, MessageChange>): PeerRow {
    const row = { ...before, ...cursors };
    switch (change.type) {
      case "acknowledged":
        return grown(row, this.#waiting.settle(row, "out", change.next, change.atMs).keptBytes);
      case "renumbered":
        this.#waiting.renumber(row, before.acknowledged, change.first - before.acknowledged);
        return row;
      case "shown": {
        // Independent of the time: a received message disappears by the time of its arrival.
        const { count, keptBytes } = this.#waiting.settle(row, "in", change.next, 0);
        return { ...grown(row, keptBytes), unshown: row.unshown - count };
      }
      case "begun-anew":
        this.#waiting.renumber(row, before.acknowledged, -before.acknowledged);
        return { ...row, peerStore: undefined };
      case "peer-store-seen":
        return { ...row, peerStore: change.peerStore.slice() };
      case "setting":
        return { ...row, setting: change.value.slice() };
      case "released":
      case "ignored":
      case "skipped":
        return row;
    }
  }
}

/** Whether it changes rows of messages that wait. The others change the row of the peer alone. */
function changesWaiting({ type }: Exclude<Change, MessageChange>): boolean {
  return type === "acknowledged" || type === "renumbered" || type === "shown" || type === "begun-anew";
}

function isMessage(change: Change): change is MessageChange {
  return change.type === "queued" || change.type === "arrived";
}
