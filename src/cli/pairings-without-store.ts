// The pairings of a program that runs with --no-store, which must also run where the store cannot be written, or not even be
// loaded. Three homes:
//
//   its pairings are in files, or there are none and no store either: the files are read and written
//   they are in the store: read once. A change is written there if that can be done at this moment; else it lasts as long as
//     the program runs, and the person is told. What would come back at the next start and must not, a peer that was
//     forgotten or an invite that was used, fails instead
//   they are in the store, which cannot be read: nobody is known, and the person is told

import { existsSync } from "node:fs";
import { join } from "node:path";
import { LairError } from "../core/errors.ts";
import { erasePsks, findPeer, isSamePeer, type OpenInvite, type Peer } from "../core/identity/peer.ts";
import { MemoryPairings } from "../core/pairing/memory-pairings.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import type { Persistence } from "../app/persistence.ts";
import type { Home } from "../node/home/home.ts";
import type { SqlStore } from "../node/store/sql-store.ts";

/** Where the pairings may be. */
interface WithoutStoreOptions {
  readonly home: Pick<Home, "pairings" | "ownDirectory">;
  /** Of the store's file, without ".db". */
  readonly name: string;
  /** Throws LairError store-*. */
  readonly open: (mode: "write" | "read") => Pick<SqlStore, "pairings" | "close">;
}

/** Throws LairError home-* for files that are there and no good. */
export function pairingsWithoutStore(
  options: WithoutStoreOptions,
): Pick<Required<Persistence>, "pairings" | "onNotice" | "isForgotten"> {
  const { home, name } = options;
  const { state } = home.pairings;
  const isStored = state === "moved" || (state === "none" && existsSync(join(home.ownDirectory, `${name}.db`)));
  if (!isStored) {
    const isForgotten = (key: Uint8Array): boolean => hasNoPeer(() => copyOf(home.pairings), key);
    return { pairings: home.pairings, onNotice() {}, isForgotten };
  }
  const pairings = new BorrowedPairings(options.open);
  return {
    pairings,
    onNotice: (tell) => pairings.onNotice(tell),
    isForgotten: (publicKey) => pairings.isForgotten(publicKey),
  };
}

/** Pairings of a store that is open only while one of them is read or written: another program may have it. */
class BorrowedPairings implements Pairings {
  readonly #open: WithoutStoreOptions["open"];
  /** As they are in this run. */
  readonly #copy: MemoryPairings;
  /** As the store has them, as far as is known. */
  #stored = new MemoryPairings();
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
    const wasStored = findPeer(this.#stored.peers(), peer.publicKey) !== undefined;
    this.#change((pairings) => {
      if (wasStored && pairings !== this.#copy) refuseForgotten(pairings, peer);
      pairings.savePeer(peer);
    });
  }

  pair(peer: Peer, inviteId: string): void {
    const isStored = hasInvite(this.#stored, inviteId);
    this.#change((pairings) => {
      if (isStored && pairings !== this.#copy) refuseUsed(pairings, peer, inviteId);
      pairings.pair(peer, inviteId);
    }, isStored);
  }

  forgetPeer(publicKey: Uint8Array): void {
    const isStored = findPeer(this.#stored.peers(), publicKey) !== undefined;
    this.#change((pairings) => pairings.forgetPeer(publicKey), isStored);
  }

  /** Whether another program has removed this peer from the store; then it is removed here as well. */
  isForgotten(publicKey: Uint8Array): boolean {
    const wasStored = findPeer(this.#stored.peers(), publicKey) !== undefined;
    if (!wasStored || !hasNoPeer(() => this.#withStore("read", copyOf), publicKey)) return false;
    this.#stored.forgetPeer(publicKey);
    this.#copy.forgetPeer(publicKey);
    return true;
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
      this.#stored = this.#withStore("read", copyOf);
    } catch (error) {
      this.#note("The pairings are in the store, which cannot be read, so no peer is known in this run.", error);
    }
    return copyOf(this.#stored);
  }

  /** `mustBeStored`: throws when it cannot be, and changes nothing. */
  #change(work: (pairings: Pairings) => void, mustBeStored = false): void {
    try {
      const stored = this.#withStore("write", (pairings) => {
        work(pairings);
        return copyOf(pairings);
      });
      this.#stored.clear();
      this.#stored = stored;
    } catch (error) {
      if (mustBeStored || (error instanceof LairError && error.code === "peer-unknown")) throw error;
      this.#note("A change of the pairings could not be stored, so it lasts until this program ends.", error);
    }
    work(this.#copy);
  }

  #withStore<Result>(mode: "write" | "read", work: (pairings: Pairings) => Result): Result {
    const store = this.#open(mode);
    try {
      return work(store.pairings);
    } finally {
      store.close();
    }
  }

  #note(what: string, error: unknown): void {
    if (!(error instanceof LairError)) throw error;
    this.#tell(`${what} ${error.message}`);
  }
}

function copyOf(pairings: Pairings): MemoryPairings {
  const [peers, invites] = [pairings.peers(), pairings.invites()];
  const copy = new MemoryPairings(peers, invites);
  erasePsks(peers, invites);
  return copy;
}

/** Whether these pairings have no such peer; false if they cannot be read now. */
function hasNoPeer(read: () => MemoryPairings, publicKey: Uint8Array): boolean {
  try {
    const pairings = read();
    const isMissing = findPeer(pairings.peers(), publicKey) === undefined;
    pairings.clear();
    return isMissing;
  } catch (error) {
    if (error instanceof LairError) return false;
    throw error;
  }
}

function hasInvite(pairings: Pairings, inviteId: string): boolean {
  return pairings.invites().some(({ id }) => id === inviteId);
}

/** Another program may have forgotten the peer since it was read: it must not come back. */
function refuseForgotten(pairings: Pairings, peer: Peer): void {
  if (findPeer(pairings.peers(), peer.publicKey) !== undefined) return;
  throw new LairError("peer-unknown", "This peer was forgotten by another Lair program, so nothing is stored of it.", {
    hint: "Start this program again.",
  });
}

/** Another program may have used it since it was read. The same peer may come again, by a later handshake. */
function refuseUsed(pairings: Pairings, peer: Peer, inviteId: string): void {
  if (hasInvite(pairings, inviteId) || findPeer(pairings.peers(), peer.publicKey) !== undefined) return;
  throw new LairError("proof-unknown", "A connection was dropped: its invite has been used meanwhile.");
}
