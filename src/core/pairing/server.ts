// The side that waits (docs/PROTOCOL.md §3, §9, §12). It accepts a peer that proves an open invite, a pair's psk or the psk
// file's, requires the pinned key if there is one, and keeps one peer connected at a time. The states of a session are in
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
import { type OpenInvite, pairedPeer, type Peer } from "../identity/peer.ts";
import type { Chat } from "../chat/chat.ts";
import { KeyChangedError } from "./key-changed.ts";
import type { Pairings } from "./pairings.ts";
import { ServerInvites } from "./server-invites.ts";
import { type ServerCredential, ServerSession, type SessionOwner } from "./server-session.ts";
import { WaitingKeys } from "./waiting-keys.ts";

/**
 * Where the server keeps what it must not forget: the part of {@link Pairings} that it needs. Copy what it passes on:
 * its psks are overwritten when they are no longer needed.
 */
export type ServerRegistry = Pick<Pairings, "savePeer" | "pair" | "dropInvite" | "forgetPeer">;

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
}

/**
 * A server: the peers and invites that it accepts, and the session that stays. It makes a session for each connection.
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
  #active: ServerSession | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#waiting = new WaitingKeys(options.party.suite);
    this.#admission = new Admission(options.party.suite.hash, options.admissionMemory);
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

  /** The session of the connected peer, if there is one. */
  get active(): ServerSession | undefined {
    return this.#active;
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** Makes a session for a new connection. */
  session(now: Instant): ServerSession {
    return new ServerSession(this, now);
  }

  /** Accepts an invite from now on. It is copied. */
  openInvite(invite: OpenInvite, now: Instant): void {
    this.#invites.open(invite, now);
  }

  /** Stores a peer, and knows it from now on: paired, renamed, or with its words compared. */
  savePeer(peer: Peer): void {
    this.#options.registry.savePeer(peer);
    this.#accept(peer);
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
    const key = toHex(publicKey);
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    this.#options.registry.forgetPeer(publicKey);
    // It must not come in through a handshake in progress either.
    this.#invites.forgetPeer(publicKey);
    // From now on a user must accept any new key under the psk file.
    if (peer.psk === undefined) this.#hasMetByPskFile = true;
    this.#admission.revoke(`peer ${key}`);
    this.#peers.delete(key);
    erase(peer.psk);
    const active = this.#active;
    if (active?.peer !== undefined && isSame(active.peer.publicKey, publicKey)) {
      active.chatSession?.refuse(CLOSE_REASON.goodbye, now);
    }
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
    if (this.#active === session) this.#active = undefined;
  }

  /** For {@link ServerSession}: a handshake to be answered. */
  begin(now: Instant): { readonly handshake: ResponderHandshake<ServerCredential>; readonly order: number } {
    this.dropExpiredInvites(now);
    this.#order += 1;
    return { handshake: new ResponderHandshake(this.#options.party, this.#admission), order: this.#order };
  }

  /**
   * For {@link ServerSession}: the peer that has proved a secret; stored when it returns. Undefined: its key now waits
   * for {@link trust}. Throws LairError, and the session is then dropped.
   */
  identify(credential: ServerCredential, opened: Opened, order: number, now: Instant): Peer | undefined {
    try {
      return this.#identify(credential, opened, order, now);
    } finally {
      // A known peer is known by a copy.
      erase(opened.pairPsk);
    }
  }

  #identify(credential: ServerCredential, opened: Opened, order: number, now: Instant): Peer | undefined {
    const { remoteStaticKey, hello, pairPsk } = opened;
    const known = this.#peers.get(toHex(remoteStaticKey));
    const proven = { publicKey: remoteStaticKey, claimedName: hello.name };
    switch (credential.type) {
      case "peer": {
        const expected = this.#peers.get(credential.publicKey);
        if (expected === undefined) {
          throw new LairError("proof-unknown", "A connection was dropped: its peer has been forgotten meanwhile.");
        }
        if (toHex(remoteStaticKey) === credential.publicKey) return expected;
        throw new KeyChangedError(this.#options.party.suite, expected, remoteStaticKey);
      }
      case "psk-file": {
        if (known === undefined && !this.#trustsNext()) {
          this.#waiting.note(proven);
          return undefined;
        }
        const peer = known ?? pairedPeer(this.#options.party.suite, { ...proven, atMs: now.wallMs }, this.peers);
        if (known === undefined) this.savePeer(peer);
        this.#hasMetByPskFile = true;
        return peer;
      }
      case "invite": {
        this.#invites.requireUnspent(credential.invite.id, remoteStaticKey, order);
        const pairing = { psk: pairPsk, invitePsk: undefined };
        const peer = pairedPeer(this.#options.party.suite, { ...proven, atMs: now.wallMs, pairing }, this.peers);
        this.#options.registry.pair(peer, credential.invite.id);
        this.#accept(peer);
        this.#invites.spend(credential.invite.id, remoteStaticKey, order);
        return this.#peers.get(toHex(remoteStaticKey))!;
      }
    }
  }

  /** For {@link ServerSession}: whether it may stay. A new connection of the same peer replaces the older one. */
  admit(session: ServerSession, peer: Peer, now: Instant): "active" | "busy" {
    const older = this.#active;
    if (older?.peer !== undefined && !older.isOver) {
      if (!isSame(older.peer.publicKey, peer.publicKey)) return "busy";
      older.chatSession?.refuse(CLOSE_REASON.replaced, now);
    }
    this.#active = session;
    return "active";
  }

  /** "Trust the first key" means one key: a user must accept any later one. */
  #trustsNext(): boolean {
    return this.#options.trustFirst && !this.#hasMetByPskFile && this.peers.every(({ psk }) => psk !== undefined);
  }

  #accept(peer: Peer): void {
    const publicKey = toHex(peer.publicKey);
    const older = this.#peers.get(publicKey);
    const psk = succeed(older?.psk, peer.psk);
    this.#peers.set(publicKey, { ...peer, psk, invitePsk: undefined });
    this.#waiting.forget(peer.publicKey);
    if (psk === undefined) this.#admission.revoke(`peer ${publicKey}`);
    else this.#admission.accept(`peer ${publicKey}`, psk, { type: "peer", psk, publicKey });
  }
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
