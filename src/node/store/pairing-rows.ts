// The rows of the peers and of the open invites, each sealed as a whole: the identity's passphrase protects their psks,
// like the whole store (docs/SECURITY.md, "The store").

import { concat, equalInConstantTime, erase, fromUtf8, toUtf8, u64 } from "../../core/bytes.ts";
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
import type { Connection } from "./connection.ts";
import type { Row } from "./row.ts";
import type { Sealing } from "./sealing.ts";
import { damagedStore } from "./store-error.ts";
import type { Transactions } from "./transactions.ts";

const PEER_LABEL = toUtf8("lair/1 pairing");
const INVITE_LABEL = toUtf8("lair/1 invite");

/** What became of pairings from files. */
export interface TakenOver {
  /** Whether the store had taken over none before. */
  readonly isFirst: boolean;
  /** How many peers were new here, or were paired again. */
  readonly peers: number;
  /** How many invites were not taken. */
  readonly droppedInvites: number;
}

/** {@link Pairings} in the store. Throws LairError store-*. */
export class PairingRows implements Pairings {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;
  readonly #transactions: Transactions;
  readonly #onDeleted: () => void;

  /** `onDeleted`: rows were deleted or replaced, so the log has old ones until it is emptied. */
  constructor(
    connection: Connection,
    sealing: Sealing,
    storeId: Uint8Array,
    transactions: Transactions,
    onDeleted: () => void,
  ) {
    this.#connection = connection;
    this.#sealing = sealing;
    this.#storeId = storeId;
    this.#transactions = transactions;
    this.#onDeleted = onDeleted;
  }

  peers(): readonly Peer[] {
    return this.#connection
      .all("SELECT id, key, opening, nonce, body FROM pairings ORDER BY id")
      .map((row) => this.#readPeer(row));
  }

  savePeer(peer: Peer): void {
    const known = this.#find(peer.publicKey);
    const isKnown = known !== undefined && isSamePeer(known, peer);
    if (known !== undefined) erasePsks([known]);
    // A peer that comes again is mostly unchanged, and a disk that cannot be written must not prevent a conversation.
    if (isKnown) return;
    this.#transactions.write(() => this.#putPeer(peer));
    this.#onDeleted();
  }

  pair(peer: Peer, inviteId: string): void {
    this.#transactions.write(() => {
      this.#putPeer(peer);
      this.#replaceInvites((invites) => invites.filter(({ id }) => id !== inviteId));
    });
    this.#onDeleted();
  }

  forgetPeer(publicKey: Uint8Array): void {
    this.#transactions.write(() => this.#connection.run("DELETE FROM pairings WHERE key = ?", publicKey));
    this.#onDeleted();
  }

  invites(): readonly OpenInvite[] {
    return this.#connection
      .all("SELECT id, opening, nonce, body FROM invites ORDER BY id")
      .map((row) => this.#readInvite(row));
  }

  dropInvite(id: string): void {
    this.changeInvites((invites) => invites.filter((invite) => invite.id !== id));
  }

  changeInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void {
    this.#transactions.write(() => this.#replaceInvites(change));
    this.#onDeleted();
  }

  /** Whether there are any: unlike {@link peers} it opens none. */
  get hasPeers(): boolean {
    return (this.#connection.number("SELECT count(*) FROM pairings") ?? 0) > 0;
  }

  /**
   * Stores peers and invites that were kept in files, in one transaction. It may be repeated. Only the first time invites
   * are taken: files that are there again later are from a backup, and their invites may have been used since. Of two
   * pairings with the same peer the later one stays.
   */
  takeOver(peers: readonly Peer[], invites: readonly OpenInvite[]): TakenOver {
    return this.#transactions.write(() => {
      const isFirst = !this.#hasTakenOver;
      const here = this.peers();
      const news = peers.filter((peer) => peer.pairedAtMs > (findPeer(here, peer.publicKey)?.pairedAtMs ?? -1));
      erasePsks(here);
      for (const peer of news) this.#putPeer(peer);
      const open = this.invites();
      const more = invites.filter(({ id }) => open.every((invite) => invite.id !== id));
      erasePsks([], open);
      if (isFirst) this.#replaceInvites((all) => [...all, ...more]);
      this.#connection.run("UPDATE meta SET has_taken_over = 1");
      return { isFirst, peers: news.length, droppedInvites: isFirst ? 0 : more.length };
    });
  }

  get #hasTakenOver(): boolean {
    return this.#connection.number("SELECT has_taken_over FROM meta") === 1;
  }

  #find(publicKey: Uint8Array): Peer | undefined {
    const row = this.#connection.get("SELECT id, key, opening, nonce, body FROM pairings WHERE key = ?", publicKey);
    return row === undefined ? undefined : this.#readPeer(row);
  }

  #putPeer(peer: Peer): void {
    const { publicKey } = peer;
    const id =
      this.#connection.number("SELECT (SELECT id FROM pairings WHERE key = ?)", publicKey) ??
      (this.#connection.number("SELECT max(id) FROM pairings") ?? 0) + 1;
    const { generation, nonce, bytes } = this.#seal(this.#peerAad(id, publicKey), encodePeer(peer));
    this.#connection.run(
      "INSERT OR REPLACE INTO pairings (id, key, opening, nonce, body) VALUES (?, ?, ?, ?, ?)",
      id,
      publicKey,
      generation,
      nonce,
      bytes,
    );
  }

  /** Writes all of them again: there are few. */
  #replaceInvites(change: (invites: readonly OpenInvite[]) => readonly OpenInvite[]): void {
    const before = this.invites();
    const invites = change(before);
    this.#connection.run("DELETE FROM invites");
    for (const [index, invite] of invites.entries()) {
      const id = index + 1;
      const { generation, nonce, bytes } = this.#seal(this.#inviteAad(id), encodeOpenInvite(invite));
      this.#connection.run(
        "INSERT INTO invites (id, opening, nonce, body) VALUES (?, ?, ?, ?)",
        id,
        generation,
        nonce,
        bytes,
      );
    }
    erasePsks([], before);
  }

  #seal(aad: Uint8Array, content: object) {
    const bytes = toUtf8(JSON.stringify(content));
    try {
      return this.#sealing.seal(aad, bytes);
    } finally {
      erase(bytes);
    }
  }

  #readPeer(row: Row): Peer {
    const key = row.bytes(1);
    const peer = decodePeer(this.#open(this.#peerAad(row.whole(0), key), row, 2));
    if (peer === undefined || !equalInConstantTime(peer.publicKey, key)) throw this.#garbled();
    return peer;
  }

  #readInvite(row: Row): OpenInvite {
    return decodeOpenInvite(this.#open(this.#inviteAad(row.whole(0)), row, 1)) ?? this.#refuse();
  }

  /** `at`: the column of the key generation, before nonce and body. */
  #open(aad: Uint8Array, row: Row, at: number): unknown {
    const sealed = { generation: row.whole(at), nonce: row.whole(at + 1), bytes: row.bytes(at + 2) };
    const bytes = this.#sealing.open(aad, sealed);
    try {
      return JSON.parse(fromUtf8(bytes) ?? "");
    } catch {
      // Not with the parser's error: it quotes the text, and so perhaps a psk.
      return this.#refuse();
    } finally {
      erase(bytes);
    }
  }

  #peerAad(id: number, key: Uint8Array): Uint8Array {
    return concat(PEER_LABEL, this.#storeId, u64(BigInt.asUintN(64, BigInt(id))), key);
  }

  #inviteAad(id: number): Uint8Array {
    return concat(INVITE_LABEL, this.#storeId, u64(BigInt.asUintN(64, BigInt(id))));
  }

  #refuse(): never {
    throw this.#garbled();
  }

  #garbled(): Error {
    return damagedStore(this.#connection.path, "contains a pairing that is garbled");
  }
}
