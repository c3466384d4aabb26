// The session of the side that connects (docs/PROTOCOL.md §3, §9). It knows in advance which secret to prove and,
// except at a first meeting under a psk file, which key must answer; any other key ends it before message 3 shows our
// own key.
//
//   handshaking ---message 2 is good, the pair is stored, message 3 goes---> unanswered
//   unanswered ---the server's first frame: it has accepted us----------> accepted       "opened" is told
//   unanswered ---2 s without one---------------------------------------> presumed       "opened" is told
//   presumed ---the server's first frame--------------------------------> accepted

import { equalInConstantTime, erase } from "../bytes.ts";
import {
  CLOSE_REASON,
  type HandshakeParty,
  hourOf,
  HUB,
  InitiatorHandshake,
  type Instant,
  RELEASED_MS,
} from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { fingerprint } from "../identity/fingerprint.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import type { Invite } from "../identity/invite.ts";
import { confirmedPeer, findPeer, MAX_FORMER_PSKS, pairedPeer, type Peer } from "../identity/peer.ts";
import type { Chat } from "../chat/chat.ts";
import { Session, type SessionEvent } from "../chat/session.ts";
import { checkSignatureKey, KeyChangedError } from "./key-changed.ts";

/**
 * A secret that the other side may know, and the key that must answer. Tried one after the other, each in its own
 * connection.
 */
export type ClientCredential =
  | { readonly type: "peer"; readonly psk: Uint8Array; readonly peer: Peer }
  | {
      readonly type: "invite";
      readonly psk: Uint8Array;
      readonly serverKey: Uint8Array;
      readonly peer: Peer | undefined;
    }
  | { readonly type: "psk-file"; readonly psk: Uint8Array; readonly peer: Peer | undefined };

/**
 * The credentials to try, in this order. After a crash the pair's psk is right if message 3 arrived, the invite's if it
 * did not, and an earlier pair's if the network delayed an older message 3 and delivered it later.
 */
export function clientCredentials(known: Peer | undefined, invite: Invite | undefined): ClientCredential[] {
  const credentials: ClientCredential[] = [];
  for (const psk of pairPsks(known)) credentials.push({ type: "peer", psk, peer: known! });
  if (invite !== undefined) {
    credentials.push({ type: "invite", psk: invite.psk, serverKey: invite.serverKey, peer: known });
  } else if (known?.invitePsk !== undefined) {
    credentials.push({ type: "invite", psk: known.invitePsk, serverKey: known.publicKey, peer: known });
  }
  return credentials;
}

/** Newest first. */
function pairPsks(peer: Peer | undefined): Uint8Array[] {
  return [peer?.psk, ...(peer?.formerPsks ?? [])].filter((psk) => psk !== undefined);
}

/** An unknown key under a psk file: the program asks the user, then connects again. */
export class UntrustedKeyError extends LairError implements PublicIdentity {
  readonly publicKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly peerName: string;

  constructor({ publicKey, signatureKey }: PublicIdentity, peerName: string) {
    super("not-trusted", "The other side knows the psk, but its key has not been accepted here yet.");
    this.publicKey = publicKey;
    this.signatureKey = signatureKey;
    this.peerName = peerName;
  }
}

/** What a client connects with, and where it stores the pair. */
export interface ClientSessionOptions {
  readonly party: HandshakeParty;
  readonly credential: ClientCredential;
  /** The server's address; stored with the peer. */
  readonly url: string;
  /**
   * All known peers: under a psk file one of them may answer at a new address, and a new peer's name must differ from
   * theirs.
   */
  readonly peers: readonly Peer[];
  /** Whether an unknown key is accepted under a psk file. */
  readonly trustFirst: boolean;
  /**
   * Stores the pair. If it throws, nothing has been sent that would commit us. Copy what must survive the session: a
   * psk that it has derived is overwritten at its end.
   */
  readonly savePeer: (peer: Peer) => void;
  /** The chat with this peer, across all its sessions. Throws LairError store-*. */
  readonly chatWith: (peer: Peer) => Chat;
  readonly now: Instant;
}

/** How long the server may take for its first frame before we continue without it. It sends one at once. */
const FIRST_FRAME_MS = 2_000;

type State =
  | { readonly name: "handshaking" }
  /** Message 3 is on its way; without an answer it counts as accepted at `untilMs`, by the monotonic clock. */
  | { readonly name: "unanswered"; readonly untilMs: number }
  | { readonly name: "presumed" }
  | { readonly name: "accepted" };

/**
 * A session of the side that connects.
 *
 * @example
 * const [credential] = clientCredentials(undefined, parseInvite(text));
 * const session = new ClientSession({ party, credential, url, peers: [], trustFirst: false, savePeer, chatWith, now });
 */
export class ClientSession extends Session {
  readonly #options: ClientSessionOptions;
  /** Until it is over: a session lives long. */
  #handshake: InitiatorHandshake | undefined;
  #state: State = { name: "handshaking" };
  /** The psk of `peer`, if this session has derived it. */
  #pairPsk: Uint8Array | undefined;
  #pairedNow = false;
  /** Of the peer, if its signature key is pinned only now. */
  #formerFingerprint: string | undefined;

  constructor(options: ClientSessionOptions) {
    super(options.now);
    this.#options = options;
    const hour = options.now.wallMs < RELEASED_MS ? undefined : hourOf(options.now);
    this.#handshake = new InitiatorHandshake(options.party, options.credential.psk, hour);
    this.sendHandshake(this.#handshake.message1);
  }

  /** Whether the server has accepted us: only then is a lost connection a cut and not a refusal. */
  get isAccepted(): boolean {
    return this.#state.name === "accepted";
  }

  override get deadlineMs(): number {
    return this.#state.name === "unanswered" ? Math.min(super.deadlineMs, this.#state.untilMs) : super.deadlineMs;
  }

  override advance(now: Instant, takesMore = true): SessionEvent[] {
    const events = super.advance(now, takesMore);
    if (this.#state.name !== "unanswered" || now.monotonicMs < this.#state.untilMs) return events;
    this.#state = { name: "presumed" };
    return [this.#opened, ...events];
  }

  override receive(frame: Uint8Array, now: Instant): SessionEvent[] {
    const before = this.#state.name;
    const events = super.receive(frame, now);
    if (before === "handshaking" || before === "accepted") return events;
    const first = events[0];
    // The server could not store the pair, so it will still know us by the earlier secret.
    if (first?.type === "closed" && first.reason === CLOSE_REASON.unable) return events;
    this.#state = { name: "accepted" };
    this.guarded(now, () => this.#confirm());
    // Refused inside the channel ("busy"): a brief report that we are connected would only confuse the user.
    return before === "presumed" || first?.type === "closed" ? events : [this.#opened, ...events];
  }

  protected override onHandshakeMessage(frame: Uint8Array, now: Instant): SessionEvent[] {
    const { party, credential, peers, savePeer, chatWith, url } = this.#options;
    const handshake = this.#handshake!;
    const { remoteStaticKey, hello } = handshake.readMessage2(frame);
    const keys = { publicKey: remoteStaticKey, signatureKey: hello.signatureKey };
    const known = this.#requireExpected(keys, hello.name);
    // The credential has an older copy of the peer.
    const pinned = findPeer(peers, remoteStaticKey) ?? known;
    if (pinned !== undefined && checkSignatureKey(party.suite, pinned, keys) === "new") {
      this.#formerFingerprint = fingerprint(party.suite, pinned);
    }
    const { channel, message3, derivePairPsk } = handshake.finish(now);
    // First, so that they are overwritten if anything below throws.
    const chatSession = this.openChannel(channel);
    if (credential.type === "invite") this.#pairPsk = derivePairPsk();
    const pairing = credential.type === "invite" ? { psk: this.#pairPsk!, invitePsk: credential.psk } : undefined;
    // The credential has an older copy of the peer: it may have been renamed since, and `peers` may lack it.
    const others = known === undefined ? peers : [...peers, known];
    // The user may have given another address since the connection was begun.
    const isMoved = known?.url !== undefined && pinned?.url !== undefined && pinned.url !== known.url;
    const address = isMoved ? pinned.url : url;
    const isHub = hello.capabilities.includes(HUB);
    const proven = { ...keys, claimedName: hello.name, atMs: now.wallMs, pairing, url: address, isHub };
    const former = pairing === undefined ? [] : pairPsks(known).slice(0, MAX_FORMER_PSKS);
    const peer = pairedPeer(party.suite, proven, others);
    this.peer = former.length === 0 ? peer : { ...peer, formerPsks: former };
    this.#pairedNow = pairing !== undefined || known === undefined;
    // Before message 3 is sent: after a crash from here on the two can still connect.
    savePeer(this.peer);
    chatSession.begin(chatWith(this.peer));
    this.sendHandshake(message3);
    this.#handshake = undefined;
    this.#state = { name: "unanswered", untilMs: now.monotonicMs + FIRST_FRAME_MS };
    return [];
  }

  protected override destroyHandshake(): void {
    this.#handshake?.destroy();
    erase(this.#pairPsk);
  }

  /** The peer, if it is known. Throws LairError for any key that is not the expected one. */
  #requireExpected(keys: PublicIdentity, name: string): Peer | undefined {
    const { party, credential, peers, trustFirst } = this.#options;
    const expected = credential.type === "invite" ? credential.serverKey : credential.peer?.publicKey;
    if (expected !== undefined && !equalInConstantTime(expected, keys.publicKey)) {
      throw new KeyChangedError(party.suite, credential.peer ?? expected, keys);
    }
    const known = credential.peer ?? findPeer(peers, keys.publicKey);
    if (expected === undefined && known === undefined && !trustFirst) throw new UntrustedKeyError(keys, name);
    return known;
  }

  /** The server knows the pair by this psk: the invite and all other credentials are no longer needed. */
  #confirm(): void {
    const { credential, savePeer } = this.#options;
    const peer = this.peer!;
    if (peer.invitePsk === undefined && peer.formerPsks === undefined) return;
    this.peer = confirmedPeer(peer, credential.type === "peer" ? credential.psk : peer.psk);
    savePeer(this.peer);
  }

  get #opened(): SessionEvent {
    const formerFingerprint = this.#formerFingerprint;
    return {
      type: "opened",
      peer: this.peer!,
      pairedNow: this.#pairedNow,
      ...(formerFingerprint === undefined ? {} : { formerFingerprint }),
    };
  }
}
