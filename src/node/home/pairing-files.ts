// Peers and open invites in two files of the home, peers.json and invites.json (docs/PROTOCOL.md §9.2): for a home
// without a store, and for homes from before the store kept them. The files are read anew each time: another program
// may have changed them. Their states:
//
//   none ----something is saved----> lists ----move----> moved     for good: the store has them, and nothing is written here
//     |------------move: there is nothing to take over---> none
//
// A pairing is one rename: the peer is written with the psk of its invite beside it, and such an invite counts as used.

import { join } from "node:path";
import { equalInConstantTime, erase } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import {
  decodeOpenInvite,
  decodePeer,
  encodeOpenInvite,
  encodePeer,
  erasePsks,
  findPeer,
  isSamePeer,
  type OpenInvite,
  type Peer,
} from "../../core/identity/peer.ts";
import type { Pairings } from "../../core/pairing/pairings.ts";
import { damaged } from "./damage.ts";
import { decodeList, encodeList, encodeMoved, MOVED } from "./list-file.ts";

type List = "peers" | "invites";

/** In the order in which they are moved: a peer shows which invite is used. */
const LISTS: readonly List[] = ["invites", "peers"];

const LOSSES: Readonly<Record<List, string>> = {
  peers: "Without it the pairings are lost, and everybody must pair again with a new invite.",
  invites: "Without it, unused invites no longer work.",
};

/** The location of the files, and how they are read and written. */
interface PairingFilesOptions {
  /** HOME/server or HOME/client. */
  readonly directory: string;
  /** Undefined: there is no such file. Throws LairError home-mode or file-unreadable. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** Replaces a file as a whole, and erases `bytes`. Throws LairError home-unwritable. */
  readonly write: (path: string, bytes: Uint8Array) => void;
  /** Runs `action` with no other program in between. Throws LairError home-unwritable. */
  readonly change: <Result>(action: () => Result) => Result;
}

/** {@link Pairings} in the home's files. Throws LairError home-damaged for a file that is not as it was written. */
export class PairingFiles implements Pairings {
  readonly #options: PairingFilesOptions;

  constructor(options: PairingFilesOptions) {
    this.#options = options;
  }

  /** "moved" as soon as one of them is: the other one follows at the next start that writes. */
  get state(): "none" | "lists" | "moved" {
    const found = LISTS.map((list) => this.#find(list));
    if (found.includes(MOVED)) return "moved";
    return found.some((items) => items !== undefined) ? "lists" : "none";
  }

  peers(): readonly Peer[] {
    return this.#items("peers", decodePeer, (peer) => peer.publicKey.join());
  }

  savePeer(peer: Peer): void {
    // A returning peer is mostly unchanged, and a read-only directory must not keep the two from talking.
    const known = findPeer(this.peers(), peer.publicKey);
    if (known !== undefined && isSamePeer(known, peer)) return;
    this.#change(() => this.#putPeer(peer));
  }

  pair(peer: Peer, inviteId: string): void {
    this.#change(() => {
      const invite = this.invites().find(({ id }) => id === inviteId);
      if (invite === undefined) {
        this.#putPeer(peer);
        return;
      }
      this.#putPeer({ ...peer, invitePsk: invite.psk });
      try {
        this.#dropUsedInvites();
        this.#putPeer(peer);
      } catch {
        // The pairing is stored, and its invite counts as used: the next change removes it.
      }
    });
  }

  forgetPeer(publicKey: Uint8Array): void {
    // First the invite that it came by: once the peer is gone, nothing would show that it is used.
    this.#change(() => {
      const peers = this.peers();
      const kept = peers.filter((peer) => !equalInConstantTime(peer.publicKey, publicKey));
      if (kept.length < peers.length) this.#write("peers", kept.map(encodePeer));
    });
  }

  invites(): readonly OpenInvite[] {
    const stored = this.#storedInvites();
    const peers = this.peers();
    return stored.filter((invite) => !isUsed(invite, peers));
  }

  dropInvite(id: string): void {
    this.changeInvites((invites) => invites.filter((invite) => invite.id !== id));
  }

  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void {
    this.#change(() => this.#write("invites", change(this.invites()).map(encodeOpenInvite)));
  }

  /**
   * Passes the contents of the files to `takeOver`, which stores them in the store of this name, and then marks the
   * files with that name. If interrupted at any point, it is repeated from the beginning. Returns the result of
   * `takeOver`; undefined if there was nothing to move.
   */
  move<Result>(
    store: string,
    takeOver: (peers: readonly Peer[], invites: readonly OpenInvite[]) => Result,
  ): Result | undefined {
    if (!this.hasLists) return undefined;
    return this.#options.change(() => {
      const [peers, stored] = [this.peers(), this.#storedInvites()];
      const open = stored.filter((invite) => !isUsed(invite, peers));
      let result: Result;
      try {
        result = takeOver(peers, open);
      } finally {
        erasePsks(peers, stored);
      }
      for (const list of LISTS) {
        if (this.#isList(list)) this.#options.write(this.#path(list), encodeMoved(store));
      }
      return result;
    });
  }

  /** Whether there is a list that was not moved: also one that was put back, or that an interruption left. */
  get hasLists(): boolean {
    return LISTS.some((list) => this.#isList(list));
  }

  #isList(list: List): boolean {
    const found = this.#find(list);
    return found !== undefined && found !== MOVED;
  }

  #putPeer(peer: Peer): void {
    const peers = [...this.peers()];
    const at = peers.findIndex(({ publicKey }) => equalInConstantTime(publicKey, peer.publicKey));
    peers.splice(at < 0 ? peers.length : at, 1, peer);
    this.#write("peers", peers.map(encodePeer));
  }

  #dropUsedInvites(): void {
    const open = this.invites();
    if (open.length < this.#storedInvites().length) this.#write("invites", open.map(encodeOpenInvite));
  }

  #storedInvites(): readonly OpenInvite[] {
    return this.#items("invites", decodeOpenInvite, (invite) => invite.id);
  }

  /** The list in the file; empty if there is no list. */
  #items<Item>(list: List, decode: (value: unknown) => Item | undefined, keyOf: (item: Item) => string): Item[] {
    const values = this.#find(list);
    if (values === undefined || values === MOVED) return [];
    const items = values.map(decode).filter((item) => item !== undefined);
    const isWhole = items.length === values.length && new Set(items.map(keyOf)).size === items.length;
    if (!isWhole) throw damaged(this.#path(list), "garbled", LOSSES[list]);
    return items;
  }

  #find(list: List): readonly unknown[] | typeof MOVED | undefined {
    const path = this.#path(list);
    const file = this.#options.read(path);
    if (file === undefined) return undefined;
    const values = decodeList(list, file);
    erase(file);
    if (typeof values === "string") throw damaged(path, values, LOSSES[list]);
    return values;
  }

  #write(list: List, items: readonly object[]): void {
    this.#options.write(this.#path(list), encodeList(list, items));
  }

  #path(list: List): string {
    return join(this.#options.directory, `${list}.json`);
  }

  /**
   * First completes what a crash has left between two writes. Never over files whose lists have moved in the meantime.
   */
  #change<Result>(action: () => Result): Result {
    return this.#options.change(() => {
      if (this.state === "moved") {
        throw new LairError("home-unwritable", "Another Lair program has moved the pairings into the store.", {
          hint: "Start this program again.",
        });
      }
      this.#dropUsedInvites();
      return action();
    });
  }
}

/** Whether a peer came by this invite, and a crash kept it from being removed. */
function isUsed({ psk }: OpenInvite, peers: readonly Peer[]): boolean {
  return peers.some(({ invitePsk }) => invitePsk !== undefined && equalInConstantTime(invitePsk, psk));
}
