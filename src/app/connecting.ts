// How lair-client comes to a conversation: one secret after the other, each in a connection of its own, and before that a
// first meeting under a psk file. Knows no WebSocket and no terminal: both are handed in.

import type { HandshakeParty } from "../core/channel/index.ts";
import type { EndReason } from "./events.ts";
import type { Chat } from "../core/chat/chat.ts";
import {
  type ClientCredential,
  ClientSession,
  type ClientSessionOptions,
  UntrustedKeyError,
} from "../core/pairing/client-session.ts";
import { LairError } from "../core/errors.ts";
import { equalInConstantTime } from "../core/bytes.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { pairedPeer, type Peer } from "../core/identity/peer.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import { SessionRunner, type SessionEnd } from "./session-runner.ts";
import type { Carrier, Clock } from "./ports.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Conversation } from "./conversation.ts";

export interface ConnectingOptions {
  readonly party: HandshakeParty;
  readonly clock: Clock;
  readonly connect: (url: string) => Promise<Carrier>;
  /** Everybody known here. */
  readonly peers: () => readonly Peer[];
  /** Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** What is said with this peer, over all its lines. Throws LairError store-*. */
  readonly chatWith: (peer: Peer) => Chat;
  /** Whether a key under a psk file that nobody has accepted yet is. */
  readonly trustFirst: boolean;
}

/** Whether the person says that both are the same at the other side. */
export type AskTrust = (fingerprint: string, words: readonly string[]) => Promise<boolean>;

/** How a line ended that had been opened, or refused inside the channel. */
export interface SessionOver {
  readonly reason: EndReason;
  /** Why, where it is no goodbye. */
  readonly error: LairError | undefined;
  /** Who it was, where that had been proven. */
  readonly peer: Peer | undefined;
  /** Resolves when the carrier has closed as well. */
  readonly gone: Promise<void>;
}

/** How one connection went: `rejected` when the other side hung up before it had accepted us. */
type Outcome =
  { readonly type: "rejected"; readonly hadSeenOurKey: boolean } | ({ readonly type: "over" } & SessionOver);

export class Connecting {
  readonly #options: ConnectingOptions;

  constructor(options: ConnectingOptions) {
    this.#options = options;
  }

  /** Talks by the first secret that is accepted, to the end of the line. Throws LairError when none is. */
  async converse(target: ConnectTarget, conversation: Conversation): Promise<SessionOver> {
    let hadSeenOurKey = false;
    for (const credential of target.credentials) {
      const outcome = await this.#attempt(target.url, credential, conversation);
      if (outcome.type === "over") return outcome;
      if (conversation.isAbandoned) break;
      hadSeenOurKey ||= outcome.hadSeenOurKey;
    }
    throw hadSeenOurKey ? rejectedLate(target) : rejected(target);
  }

  /** A first meeting under a psk file: learns the server's key, hangs up before showing our own, and asks. */
  async meet(target: ConnectTarget, ask: AskTrust): Promise<ConnectTarget> {
    const [credential] = target.credentials;
    if (credential === undefined || credential.type !== "psk-file" || credential.peer !== undefined) return target;
    const { connect, clock, party, peers, savePeer } = this.#options;
    const carrier = await connect(target.url);
    const end = await new Promise<SessionEnd>((resolve) => {
      // It knows and trusts nobody, so it ends at whichever key it sees.
      const session = this.#session(target.url, credential, { peers: [], trustFirst: false });
      void new SessionRunner({ session, carrier, clock, onEvent: () => {}, onEnd: resolve });
    });
    if (end.type !== "error") throw rejected(target);
    if (!(end.error instanceof UntrustedKeyError)) throw end.error;
    const { publicKey, peerName } = end.error;
    const known = peers().find((peer) => equalInConstantTime(peer.publicKey, publicKey));
    if (known !== undefined) return { ...target, credentials: [{ ...credential, peer: known }] };
    if (
      !(await ask(fingerprint(party.suite, publicKey), safetyWords(party.suite, party.staticKey.publicKey, publicKey)))
    ) {
      throw new LairError("not-trusted", "The server's key was not accepted, so the connection was ended.");
    }
    const met = { publicKey, claimedName: peerName, atMs: clock.now().wallMs, compared: true, url: target.url };
    const peer = pairedPeer(party.suite, met, peers());
    savePeer(peer);
    return { ...target, credentials: [{ ...credential, peer }] };
  }

  async #attempt(url: string, credential: ClientCredential, conversation: Conversation): Promise<Outcome> {
    const { clock, connect, peers, trustFirst } = this.#options;
    const carrier = await connect(url);
    if (conversation.isAbandoned) {
      // Forgotten meanwhile: nothing is shown to it any more.
      carrier.terminate();
      return { type: "rejected", hadSeenOurKey: false };
    }
    const session = this.#session(url, credential, { peers: peers(), trustFirst });
    const { runner, end } = await new Promise<{ runner: SessionRunner<ClientSession>; end: SessionEnd }>((resolve) => {
      const started: SessionRunner<ClientSession> = new SessionRunner({
        session,
        carrier,
        clock,
        onEvent: (event) => conversation.event(event),
        onEnd: (ended) => resolve({ runner: started, end: ended }),
      });
      conversation.attach(started);
    });
    if (!session.isAccepted && !conversation.isOpen && !conversation.isLeaving) {
      // Once somebody has been talked to, one that answers nonsense in their place is a stranger.
      const isStranger = end.type === "error" && conversation.hasTalked && isNonsense(end.error);
      if (isStranger) return { type: "rejected", hadSeenOurKey: false };
      if (end.type === "cut") return { type: "rejected", hadSeenOurKey: session.chatSession !== undefined };
    }
    const reason = conversation.ended(end);
    const error = end.type === "error" ? end.error : undefined;
    return { type: "over", reason, error, peer: session.peer, gone: runner.gone };
  }

  #session(
    url: string,
    credential: ClientCredential,
    acquaintances: Pick<ClientSessionOptions, "peers" | "trustFirst">,
  ): ClientSession {
    const { party, clock, savePeer, chatWith } = this.#options;
    return new ClientSession({ party, credential, url, savePeer, chatWith, now: clock.now(), ...acquaintances });
  }
}

/** What nobody says who knows the secret. */
function isNonsense({ kind }: LairError): boolean {
  return kind === "protocol";
}

/** It had answered, so it knew the secret; what it had not seen before was our key. */
function rejectedLate(target: ConnectTarget): LairError {
  const message = `The server at ${target.url} hung up after it had seen your key.`;
  if (target.how === "invite" || target.how === "found-invite") {
    // Nobody was expected there yet, so nothing contradicts an expectation.
    return new LairError("not-connected", message, {
      hint: "The connection was cut, or the server could not store the pairing (its screen says so). Try again.",
    });
  }
  return new LairError("handshake-rejected", message, {
    hint: "If the connection was only cut, try again. Otherwise the server is paired with another key of yours: pair again with a new invite.",
  });
}

/** It gave no answer, which is all that it gives to a stranger; but also what a flood or a cut looks like. */
function rejected(target: ConnectTarget): LairError {
  const what = {
    invite: "this invite",
    "found-invite": "the invite of this account",
    known: "you",
    "psk-file": "this psk",
  };
  const hints = {
    invite: "An invite works once, within a day. If it is used, expired, or another server's, ask for a new one.",
    "found-invite": "If the invite is used or expired, type invite at the prompt of lair-server for a new one.",
    known: "If it was set up again, ask through another channel; then pair again with a new invite.",
    "psk-file": "Are both files the same, and was lair-server started with --psk-file?",
  };
  const message = `The server at ${target.url} hung up without an answer: it does not know ${what[target.how]}, or it is busy.`;
  return new LairError("handshake-rejected", message, { hint: `Try once more. ${hints[target.how]}` });
}
