// The pairings of a program that runs with --no-store, which must also run where the store cannot be written, or not even be
// loaded. Three homes:
//
//   its pairings are in files, or there are none and no store either: the files are read and written
//   they are in the store: read once. A change is written there if that can be done at this moment; else it lasts as long as
//     the program runs, and the person is told
//   they are in the store, which cannot be read: nobody is known, and the person is told

import { existsSync } from "node:fs";
import { join } from "node:path";
import { LairError } from "../core/errors.ts";
import { findPeer, isSamePeer, type OpenInvite, type Peer } from "../core/identity/peer.ts";
import { MemoryPairings } from "../core/pairing/memory-pairings.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import type { Persistence } from "../app/persistence.ts";
import type { Home } from "../node/home/home.ts";
import type { SqlStore } from "../node/store/sql-store.ts";

/** Where the pairings may be. */
export interface WithoutStoreOptions {
  readonly home: Pick<Home, "pairings" | "ownDirectory">;
  /** Of the store's file, without ".db". */
  readonly name: string;
  /** Throws LairError store-*. */
  readonly open: (mode: "write" | "read") => Pick<SqlStore, "pairings" | "close">;
}

/** Throws LairError home-* for files that are there and no good. */
export function pairingsWithoutStore(options: WithoutStoreOptions): Pick<Persistence, "pairings" | "onNotice"> {
  const { home, name } = options;
  const { state } = home.pairings;
  const isStored = state === "moved" || (state === "none" && existsSync(join(home.ownDirectory, `${name}.db`)));
  if (!isStored) return { pairings: home.pairings, onNotice() {} };
  const pairings = new BorrowedPairings(options.open);
  return { pairings, onNotice: (tell) => pairings.onNotice(tell) };
}

/** Pairings of a store that is open only while one of them is read or written: another program may have it. */
class BorrowedPairings implements Pairings {
  readonly #open: WithoutStoreOptions["open"];
  readonly #copy: MemoryPairings;
  #tell: (text: string) => void;
  #notices: string[] = [];

  constructor(open: WithoutStoreOptions["open"]) {
    this.#open = open;
    this.#tell = (text) => this.#notices.push(text);
    this.#copy = this.#read();
  }

  onNotice(tell: (text: string) => void): void {
    for (const text of this.#notices) tell(text);
    this.#notices = [];
    this.#tell = tell;
  }

  peers(): readonly Peer[] {
    return this.#copy.peers();
  }

  savePeer(peer: Peer): void {
    const known = findPeer(this.peers(), peer.publicKey);
    if (known !== undefined && isSamePeer(known, peer)) return;
    this.#change((pairings) => pairings.savePeer(peer));
  }

  pair(peer: Peer, inviteId: string): void {
    this.#change((pairings) => pairings.pair(peer, inviteId));
  }

  forgetPeer(publicKey: Uint8Array): void {
    this.#change((pairings) => pairings.forgetPeer(publicKey));
  }

  invites(): readonly OpenInvite[] {
    return this.#copy.invites();
  }

  dropInvite(id: string): void {
    this.#change((pairings) => pairings.dropInvite(id));
  }

  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void {
    this.#change((pairings) => pairings.changeInvites(change));
  }

  #read(): MemoryPairings {
    try {
      const { pairings, close } = this.#opened("read");
      try {
        return new MemoryPairings(pairings.peers(), pairings.invites());
      } finally {
        close();
      }
    } catch (error) {
      this.#note("The pairings are in the store, which cannot be read, so nobody is known in this run.", error);
      return new MemoryPairings();
    }
  }

  /** Here first: what cannot be stored must hold in this run all the same. */
  #change(work: (pairings: Pairings) => void): void {
    work(this.#copy);
    try {
      const { pairings, close } = this.#opened("write");
      try {
        work(pairings);
      } finally {
        close();
      }
    } catch (error) {
      this.#note("A change of the pairings could not be stored, so it lasts until this program ends.", error);
    }
  }

  #opened(mode: "write" | "read"): { readonly pairings: Pairings; readonly close: () => void } {
    const store = this.#open(mode);
    return { pairings: store.pairings, close: () => store.close() };
  }

  #note(what: string, error: unknown): void {
    if (!(error instanceof LairError)) throw error;
    this.#tell(`${what} ${error.message}`);
  }
}
