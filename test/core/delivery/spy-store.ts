// A store in memory that counts its commits and fails when it is told to.

import type { Change, StoredMessage, StoredPeer } from "../../../src/core/delivery/store.ts";
import { LairError } from "../../../src/core/errors.ts";
import { LastingStore } from "./lasting-store.ts";
import { OURS } from "./rogue-session.ts";

export class SpyStore extends LastingStore {
  /** The types of the changes of each commit that was stored. */
  readonly commits: string[][] = [];
  /** The first number of each window of the outbox that was read. */
  readonly reads: number[] = [];
  /** Whether a commit, or what reads, throws. */
  failsCommit = false;
  failsLoad = false;
  mostAtOnce?: (peer: Uint8Array) => number;

  constructor() {
    super(OURS);
  }

  override load(peer: Uint8Array): StoredPeer {
    if (this.failsLoad) throw unwritable();
    return super.load(peer);
  }

  override readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    if (this.failsLoad) throw unwritable();
    this.reads.push(from);
    return super.readOutbox(peer, from, maxBytes);
  }

  override commit(peer: Uint8Array, changes: readonly Change[]): void {
    if (this.failsCommit) throw unwritable();
    super.commit(peer, changes);
    this.commits.push(changes.map(({ type }) => type));
  }

  override forgetPeer(peer: Uint8Array): void {
    if (this.failsCommit) throw unwritable();
    super.forgetPeer(peer);
  }
}

function unwritable(): LairError {
  return new LairError("store-unwritable", "The disk is full.", { hint: "Make room." });
}
