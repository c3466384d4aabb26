// The side that waits (docs/PROTOCOL.md §3, §9, §12). It accepts a peer that proves an open invite, a pair's psk or the psk
// file's, requires the pinned key if there is one, and keeps one session with each peer. The states of a session are in
// `server-session.ts`, those of an invite in `server-invites.ts`.

import { equalInConstantTime as isSame, erase, toHex } from "../bytes.ts";
import {
  Admission,
  type AdmissionMemory,
  CLOSE_REASON,
  type HandshakeParty,
  type Instant,
  type Opened,
  ResponderHandshake,
} from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { fingerprint } from "../identity/fingerprint.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import { isAwaited, isByPskFile, type OpenInvite, pairedPeer, type Peer } from "../identity/peer.ts";
import type { Chat } from "../chat/chat.ts";
import { checkSignatureKey, KeyChangedError } from "./key-changed.ts";
import type { Pairings } from "./pairings.ts";
import { type AcceptedInvite, ServerInvites } from "./server-invites.ts";
import { type Identified, type ServerCredential, ServerSession, type SessionOwner } from "./server-session.ts";
import { type WaitingKey, WaitingKeys } from "./waiting-keys.ts";

/**
 * Where the server keeps what it must not forget: the part of {@link Pairings} that it needs. Copy what it passes on:
 * its psks are overwritten when they are no longer needed.
 */
export interface ServerRegistry extends Pick<Pairings, "savePeer" | "pair" | "dropInvite" | "forgetPeer"> {
  /** Whether another program has removed this peer. Absent: no other program can. */
  readonly isForgotten?: ((publicKey: Uint8Array) => boolean) | undefined;
}

/** Who may come in to a server, and where it stores that. */
export interface ServerOptions {
  readonly party: HandshakeParty;
  readonly registry: ServerRegistry;
  /** The persistent memory of accepted first messages; undefined: remembered only while this server exists. */
  readonly admissionMemory: AdmissionMemory | undefined;
  /** Copied, and the invites too. */
  readonly peers: readonly Peer[];
  readonly invites: readonly OpenInvite[];
  /** When it is made. */
  readonly now: Instant;
  /** Of --psk-file. */
  readonly psk: Uint8Array | undefined;
  /** Whether an unknown key is accepted under the psk file, as long as no known peer came by one. */
  readonly trustFirst: boolean;
  /** The chat with this peer, across all its sessions. Throws LairError store-*. */
  readonly chatWith: (peer: Peer) => Chat;
  /** How many peers may be connected at the same time; the next one is told "busy". Absent: any number. */
  readonly maxPeers?: number;
  /**
   * Whether a session that this side has made with the peer stays, so that the one that comes is superfluous. Absent:
   * this side makes none.
   */
  readonly keepsOwn?: (peer: Peer) => boolean;
}

/**
 * A server: the peers and invites that it accepts, and the sessions that stay. It makes a session for each connection.
 *
 * @example
 * const server = new Server({ party, registry, peers: [], invites: [], chatWith, now: clock.now(), ... });
 * server.openInvite({ id: "for bob", psk: random(32), expiresAtMs: Date.now() + 86_400_000 }, clock.now());
 * const session = server.session(clock.now()); // for each connection; tell `server.ended(session)` at its end
 */
export class Server implements SessionOwner {
  readonly #options: ServerOptions;
  readonly #admission: Admission<ServerCredential>;
  /**
   * By the hex of the public key. The psks here and in the invites are ours, and are overwritten when they are no
   * longer needed.
   */
  readonly #peers = new Map<string, Peer>();
  readonly #invites: ServerInvites;
  readonly #waiting: WaitingKeys;
  #order = 0;
  /** Whether a known peer has come by the psk file, perhaps with a pair's psk: that was its first key. */
  #hasMetByPskFile = false;
  /** By the hex of the peer's public key. */
  readonly #active = new Map<string, ServerSession>();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#waiting = new WaitingKeys(options.party.suite);
    this.#admission = new Admission(options.party.suite.hash, options.now, options.admissionMemory);
    this.#invites = new ServerInvites({
      accept: (invite) =>
        this.#admission.accept(`invite ${invite.id}`, invite.psk, { type: "invite", psk: invite.psk, invite }),
      revoke: (id) => this.#admission.revoke(`invite ${id}`),
    });
    for (const peer of options.peers) this.#accept(peer);
    for (const invite of options.invites) this.openInvite(invite, options.now);
    if (options.psk !== undefined)
      this.#admission.accept("psk-file", options.psk, { type: "psk-file", psk: options.psk });
  }

  /** The sessions of the connected peers, in the order in which they came. */
  get active(): readonly ServerSession[] {
    return [...this.#active.values()];
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** Makes a session for a new connection. */
  session(now: Instant): ServerSession {
    return new ServerSession(this, now);
  }

  /** Accepts an invite from now on. It is copied. */
  openInvite(invite: AcceptedInvite, now: Instant): void {
    this.#invites.open(invite, now);
  }

  /** An invite opens nothing any more, if it is open. What is stored of it is the caller's. */
  dropInvite(id: string): void {
    this.#invites.drop(id);
  }

  /** Stores a peer, and knows it from now on: paired, introduced, renamed, or with its words compared. */
  savePeer(peer: Peer): void {
    this.#options.registry.savePeer(peer);
    this.#accept(peer);
  }

  /** The keys under the psk file that wait for {@link trust}, the oldest first. */
  get waitingKeys(): readonly WaitingKey[] {
    return this.#waiting.all;
  }

  /** Accepts the waiting key under the psk file whose fingerprint begins with this. Throws LairError peer-unknown. */
  trust(start: string, now: Instant): Peer {
    const proven = this.#waiting.find(start);
    const peer = pairedPeer(this.#options.party.suite, { ...proven, atMs: now.wallMs }, this.peers);
    this.savePeer(peer);
    return peer;
  }

  /**
   * Forgets a peer, if it is known. When this returns the change is stored, and the peer is a stranger who gets no
   * answer. A session with it ends with a goodbye. Throws what the registry throws; the peer is then still known.
   */
  forgetPeer(publicKey: Uint8Array, now: Instant): void {
    const peer = this.#peers.get(toHex(publicKey));
    if (peer === undefined) return;
    this.#options.registry.forgetPeer(publicKey);
    this.#drop(peer, now);
  }

  /** Whether this peer is not known any more: another program may have removed it, and then it is dropped here as well. */
  isForgotten(publicKey: Uint8Array, now: Instant): boolean {
    this.#dropIfForgotten(publicKey, now);
    return !this.#peers.has(toHex(publicKey));
  }

  /** It is not stored any more. */
  #drop(peer: Peer, now: Instant): void {
    const { publicKey } = peer;
    const key = toHex(publicKey);
    // It must not come in through a handshake in progress either.
    this.#invites.forgetPeer(publicKey);
    this.#invites.drop(introductionId(key));
    // From now on a user must accept any new key under the psk file.
    if (isByPskFile(peer)) this.#hasMetByPskFile = true;
    this.#admission.revoke(`peer ${key}`);
    this.#peers.delete(key);
    erase(peer.psk, peer.invitePsk);
    this.#active.get(key)?.chatSession?.refuse(CLOSE_REASON.goodbye, now);
  }

  /** Forgets expired invites, here and where they are stored. */
  dropExpiredInvites(now: Instant): void {
    for (const id of this.#invites.dropExpired(now)) {
      try {
        this.#options.registry.dropInvite(id);
      } catch {
        // The invite opens nothing any more, which is what matters; a full disk must not cost anybody the connection.
      }
    }
  }

  /** For {@link ServerSession}: the chat with this peer. */
  chatWith(peer: Peer): Chat {
    return this.#options.chatWith(peer);
  }

  /** A session has ended, in whatever way. */
  ended(session: ServerSession): void {
    if (session.peer === undefined) return;
    const key = toHex(session.peer.publicKey);
    if (this.#active.get(key) === session) this.#active.delete(key);
  }

  /** For {@link ServerSession}: a handshake to be answered. */
  begin(now: Instant): { readonly handshake: ResponderHandshake<ServerCredential>; readonly order: number } {
    this.dropExpiredInvites(now);
    this.#order += 1;
    return { handshake: new ResponderHandshake(this.#options.party, this.#admission), order: this.#order };
  }

  /**
   * For {@link ServerSession}: the peer that has proved a secret; stored when it returns. Without a peer, its key now
   * waits for {@link trust}. Throws LairError, and the session is then dropped.
   */
  identify(credential: ServerCredential, opened: Opened, order: number, now: Instant): Identified {
    const { suite } = this.#options.party;
    const keys = { publicKey: opened.remoteStaticKey, signatureKey: opened.hello.signatureKey };
    this.#dropIfForgotten(keys.publicKey, now);
    const known = this.#expected(credential, keys);
    const isNew = known !== undefined && checkSignatureKey(suite, known, keys) === "new";
    const former = isNew ? { formerFingerprint: fingerprint(suite, known) } : {};
    return { peer: this.#identify(credential, opened, order, now), ...former };
  }

  /** Only now, when a secret has been proved: strangers must not cause a look at the disk. */
  #dropIfForgotten(publicKey: Uint8Array, now: Instant): void {
    const peer = this.#peers.get(toHex(publicKey));
    if (peer !== undefined && this.#options.registry.isForgotten?.(publicKey) === true) this.#drop(peer, now);
  }

  /** The peer with this key, if it is known. Throws LairError for a key other than that of the pair that was proved. */
  #expected(credential: ServerCredential, keys: PublicIdentity): Peer | undefined {
    if (credential.type !== "peer") return this.#peers.get(toHex(keys.publicKey));
    const expected = this.#peers.get(credential.publicKey);
    if (expected === undefined) {
      throw new LairError("proof-unknown", "A connection was dropped: its peer has been forgotten meanwhile.");
    }
    if (toHex(keys.publicKey) === credential.publicKey) return expected;
    throw new KeyChangedError(this.#options.party.suite, expected, keys);
  }

  /** Its keys, if they are pinned, are the pinned ones. */
  #identify(credential: ServerCredential, opened: Opened, order: number, now: Instant): Peer | undefined {
    const { remoteStaticKey, hello } = opened;
    const { signatureKey } = hello;
    const known = this.#peers.get(toHex(remoteStaticKey));
    const proven = { publicKey: remoteStaticKey, signatureKey, claimedName: hello.name };
    switch (credential.type) {
      case "peer":
        return this.#withSignatureKey(known!, signatureKey);
      case "psk-file": {
        if (known === undefined && !this.#trustsNext()) {
          this.#waiting.note(proven);
          return undefined;
        }
        const peer =
          known === undefined
            ? pairedPeer(this.#options.party.suite, { ...proven, atMs: now.wallMs }, this.peers)
            : this.#withSignatureKey(known, signatureKey);
        if (known === undefined) this.savePeer(peer);
        this.#hasMetByPskFile = true;
        return peer;
      }
      case "invite": {
        this.#requireMeant(credential.invite, proven);
        this.#invites.requireUnspent(credential.invite.id, remoteStaticKey, order);
        const psk = opened.derivePairPsk();
        try {
          const pairing = { psk, invitePsk: undefined };
          const peer = pairedPeer(this.#options.party.suite, { atMs: now.wallMs, pairing, ...proven }, this.peers);
          this.#options.registry.pair(peer, credential.invite.id);
          this.#accept(peer);
        } finally {
          // The peer is known by a copy.
          erase(psk);
        }
        this.#invites.spend(credential.invite.id, remoteStaticKey, order);
        return this.#peers.get(toHex(remoteStaticKey))!;
      }
    }
  }

  /** An introducer knows the psk, too: it opens nothing for another key than the one that was named. */
  #requireMeant({ onlyFor }: AcceptedInvite, proven: PublicIdentity): void {
    if (onlyFor === undefined || isSame(onlyFor, proven.publicKey)) return;
    const meant = this.#peers.get(toHex(onlyFor));
    throw new KeyChangedError(this.#options.party.suite, meant ?? onlyFor, proven);
  }

  /** The known peer; its signature key is pinned now if it was not. */
  #withSignatureKey(known: Peer, signatureKey: Uint8Array): Peer {
    if (known.signatureKey !== undefined) return known;
    this.savePeer({ ...known, signatureKey });
    return this.#peers.get(toHex(known.publicKey))!;
  }

  /**
   * For {@link ServerSession}: whether it may stay. A new connection of the same peer replaces the older one. With all
   * places taken it is busy.
   */
  admit(session: ServerSession, peer: Peer, now: Instant): "active" | "busy" | "superfluous" {
    const { maxPeers = Number.POSITIVE_INFINITY, keepsOwn } = this.#options;
    if (keepsOwn?.(peer) === true) return "superfluous";
    const key = toHex(peer.publicKey);
    const older = this.#active.get(key);
    if (older !== undefined && !older.isOver) older.chatSession?.refuse(CLOSE_REASON.replaced, now);
    else if (this.#isFull(maxPeers)) return "busy";
    this.#active.delete(key);
    this.#active.set(key, session);
    return "active";
  }

  /** Without a list: there may be thousands, and each of them has come by here. */
  #isFull(maxPeers: number): boolean {
    // Most of them are not over.
    if (this.#active.size < maxPeers) return false;
    let count = 0;
    for (const { isOver } of this.#active.values()) if (!isOver) count += 1;
    return count >= maxPeers;
  }

  /** "Trust the first key" means one key: a user must accept any later one. */
  #trustsNext(): boolean {
    return this.#options.trustFirst && !this.#hasMetByPskFile && !this.peers.some(isByPskFile);
  }

  #accept(peer: Peer): void {
    const publicKey = toHex(peer.publicKey);
    const older = this.#peers.get(publicKey);
    const psk = succeed(older?.psk, peer.psk);
    // Code that changes an awaited peer must find it complete. Of other peers, only a client needs this psk.
    const invitePsk = succeed(older?.invitePsk, isAwaited(peer) ? peer.invitePsk : undefined);
    this.#peers.set(publicKey, { ...peer, psk, invitePsk });
    if (invitePsk === undefined || peer.url !== undefined) {
      this.#invites.drop(introductionId(publicKey));
    } else {
      const invite = { id: introductionId(publicKey), psk: invitePsk, expiresAtMs: Number.MAX_SAFE_INTEGER };
      this.#invites.open({ ...invite, onlyFor: peer.publicKey }, this.#options.now);
    }
    this.#waiting.forget(peer.publicKey);
    // A hub is called; it does not call.
    if (psk === undefined || peer.isHub === true) this.#admission.revoke(`peer ${publicKey}`);
    else this.#admission.accept(`peer ${publicKey}`, psk, { type: "peer", psk, publicKey });
  }
}

/** Of the invite that an introduced peer uses, who has our address and not we its. `key` is its public key in hex. */
function introductionId(key: string): string {
  return `introduced ${key}`;
}

/**
 * The replacement for a secret of ours: the same memory if it is the same secret; otherwise a copy, and the old one is
 * erased.
 */
function succeed(older: Uint8Array | undefined, newer: Uint8Array | undefined): Uint8Array | undefined {
  if (older !== undefined && newer !== undefined && isSame(older, newer)) return older;
  const copy = newer?.slice();
  erase(older);
  return copy;
}
