// The host: the side that waits (docs/PROTOCOL.md §2, §9). It accepts whoever proves an open invite, a pair's psk or the
// psk file's, demands the pinned key where there is one, and lets one peer at a time stay.

import { equalInConstantTime as isSame, erase, toHex } from "../bytes.ts";
import {
  Admission,
  CLOSE_REASON,
  type HandshakeParty,
  type Instant,
  type Opened,
  ResponderHandshake,
} from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { shortFingerprint } from "../identity/fingerprint.ts";
import { cleanName } from "../identity/peer-name.ts";
import type { OpenInvite, Peer } from "../identity/peer.ts";
import { keyChanged, Line, type LineEvent } from "./line.ts";

/** Where the host keeps what it must not forget. Each call returns once it is stored, or throws. */
export interface HostRegistry {
  savePeer(peer: Peer): void;
  /** The invite has served; it must not open anything again. */
  dropInvite(id: string): void;
}

export interface HostOptions {
  readonly party: HandshakeParty;
  readonly registry: HostRegistry;
  readonly peers: readonly Peer[];
  readonly invites: readonly OpenInvite[];
  /** Of --psk-file. */
  readonly psk: Uint8Array | undefined;
  /** Whether a key that nobody has accepted yet is, under the psk file. */
  readonly trustFirst: boolean;
}

type HostCredential =
  | { readonly type: "invite"; readonly psk: Uint8Array; readonly invite: OpenInvite }
  | { readonly type: "peer"; readonly psk: Uint8Array; readonly publicKey: string }
  | { readonly type: "psk-file"; readonly psk: Uint8Array };

export class Host {
  readonly #options: HostOptions;
  readonly #admission: Admission<HostCredential>;
  /** By the hex of the public key. */
  readonly #peers = new Map<string, Peer>();
  readonly #invites = new Map<string, OpenInvite>();
  /** Who spent an invite, and with the how-manieth first message. */
  readonly #spentInvites = new Map<string, { readonly publicKey: Uint8Array; readonly order: number }>();
  #order = 0;
  #active: HostLine | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#admission = new Admission(options.party.suite.hash);
    for (const peer of options.peers) this.#accept(peer);
    for (const invite of options.invites) {
      const owner = options.peers.find(({ invitePsk }) => invitePsk !== undefined && isSame(invitePsk, invite.psk));
      // Its pairing was stored, and then the program crashed.
      if (owner !== undefined) this.#spentInvites.set(invite.id, { publicKey: owner.publicKey, order: 0 });
      else this.openInvite(invite);
    }
    if (options.psk !== undefined)
      this.#admission.accept("psk-file", options.psk, { type: "psk-file", psk: options.psk });
  }

  /** The line of the peer who stays, if there is one. */
  get active(): HostLine | undefined {
    return this.#active;
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** A new connection. */
  line(now: Instant): HostLine {
    return new HostLine(this, now);
  }

  /** Accepts an invite from now on. */
  openInvite(invite: OpenInvite): void {
    this.#invites.set(invite.id, invite);
    this.#admission.accept(`invite ${invite.id}`, invite.psk, { type: "invite", psk: invite.psk, invite });
  }

  /** Stores a peer, and knows it from now on: paired, renamed, or with its words compared. */
  savePeer(peer: Peer): void {
    this.#options.registry.savePeer(peer);
    this.#accept(peer);
  }

  /** A line has ended, however. */
  ended(line: HostLine): void {
    if (this.#active === line) this.#active = undefined;
  }

  /** For {@link HostLine}: a handshake that is to be answered. */
  begin(now: Instant): { readonly handshake: ResponderHandshake<HostCredential>; readonly order: number } {
    for (const invite of this.#invites.values()) if (invite.expiresAtMs <= now.wallMs) this.#revokeInvite(invite);
    this.#order += 1;
    return { handshake: new ResponderHandshake(this.#options.party, this.#admission), order: this.#order };
  }

  /** For {@link HostLine}: who has proven what; stored when it returns. Throws LairError, and the line is dropped. */
  identify(credential: HostCredential, opened: Opened, order: number, now: Instant): Peer | undefined {
    const { remoteStaticKey, hello, pairPsk } = opened;
    const known = this.#peers.get(toHex(remoteStaticKey));
    if (credential.type !== "invite") erase(pairPsk);
    if (credential.type === "peer") {
      if (known !== undefined && toHex(remoteStaticKey) === credential.publicKey) return this.#settle(known);
      throw keyChanged(this.#peers.get(credential.publicKey) ?? remoteStaticKey, remoteStaticKey);
    }
    if (credential.type === "psk-file" && (known !== undefined || !this.#options.trustFirst)) return known;
    if (credential.type === "invite") this.#requireUnspent(credential.invite, remoteStaticKey, order);
    const peer: Peer = {
      publicKey: remoteStaticKey,
      name: known?.name ?? (cleanName(hello.name) || shortFingerprint(remoteStaticKey)),
      psk: credential.type === "invite" ? pairPsk : undefined,
      pairedAtMs: now.wallMs,
      comparedAtMs: known?.comparedAtMs,
      url: undefined,
      invitePsk: credential.type === "invite" ? credential.psk : undefined,
    };
    this.savePeer(peer);
    if (credential.type === "invite") {
      this.#spentInvites.set(credential.invite.id, { publicKey: remoteStaticKey, order });
      this.#revokeInvite(credential.invite);
    }
    return this.#settle(peer);
  }

  /** For {@link HostLine}: whether it may stay. The same peer anew takes the place of its older connection. */
  seat(line: HostLine, peer: Peer, now: Instant): "active" | "busy" {
    const older = this.#active;
    if (older?.peer !== undefined && !older.isOver) {
      if (!isSame(older.peer.publicKey, peer.publicKey)) return "busy";
      older.conversation?.refuse(CLOSE_REASON.replaced, now);
    }
    this.#active = line;
    return "active";
  }

  /**
   * The second step of a pairing: the invite goes from the disk. Until then its psk stands beside the peer, so that a
   * crash in between neither parts the two nor opens the invite again; the peer's next visit catches up on it.
   */
  #settle(peer: Peer): Peer {
    if (peer.invitePsk === undefined) return peer;
    for (const [id, { publicKey }] of this.#spentInvites) {
      if (isSame(publicKey, peer.publicKey)) this.#options.registry.dropInvite(id);
    }
    const settled = { ...peer, invitePsk: undefined };
    this.savePeer(settled);
    return settled;
  }

  #accept(peer: Peer): void {
    const publicKey = toHex(peer.publicKey);
    this.#peers.set(publicKey, peer);
    if (peer.psk === undefined) return;
    this.#admission.accept(`peer ${publicKey}`, peer.psk, { type: "peer", psk: peer.psk, publicKey });
  }

  #revokeInvite(invite: OpenInvite): void {
    this.#invites.delete(invite.id);
    this.#admission.revoke(`invite ${invite.id}`);
  }

  /**
   * An invite pairs once. The one who spent it may come again with a *later* handshake that was under way meanwhile: its
   * message 3 was lost on the way, as far as it knows, and it keeps the later psk.
   */
  #requireUnspent(invite: OpenInvite, remoteStaticKey: Uint8Array, order: number): void {
    const spent = this.#spentInvites.get(invite.id);
    if (spent === undefined) return;
    if (isSame(spent.publicKey, remoteStaticKey) && order > spent.order) return;
    throw new LairError("proof-unknown", "A connection was dropped: its invite has been used meanwhile.");
  }
}

export class HostLine extends Line {
  readonly #host: Host;
  #pending:
    | {
        readonly handshake: ResponderHandshake<HostCredential>;
        readonly credential: HostCredential;
        readonly order: number;
      }
    | undefined;
  #handshake: ResponderHandshake<HostCredential> | undefined;

  /** Made by {@link Host.line}. */
  constructor(host: Host, now: Instant) {
    super(now);
    this.#host = host;
  }

  get isOver(): boolean {
    return this.state === "closed";
  }

  protected override onHandshakeMessage(frame: Uint8Array, now: Instant): LineEvent[] {
    if (this.#pending === undefined) {
      const { handshake, order } = this.#host.begin(now);
      this.#handshake = handshake;
      const { message2, credential } = handshake.answer(frame);
      this.#pending = { handshake, credential, order };
      this.sendHandshake(message2);
      return [];
    }
    const { handshake, credential, order } = this.#pending;
    const opened = handshake.finish(frame, now);
    const conversation = this.openChannel(opened.channel);
    const peer = this.#host.identify(credential, opened, order, now);
    if (peer === undefined) {
      conversation.refuse(CLOSE_REASON.notTrusted, now);
      return [{ type: "refused", reason: "not-trusted", publicKey: opened.remoteStaticKey, name: opened.hello.name }];
    }
    this.peer = peer;
    if (this.#host.seat(this, peer, now) === "busy") {
      conversation.refuse(CLOSE_REASON.busy, now);
      return [{ type: "refused", reason: "busy", peer }];
    }
    return [{ type: "opened", peer, pairedNow: credential.type === "invite" }];
  }

  protected override destroyHandshake(): void {
    this.#handshake?.destroy();
  }
}
