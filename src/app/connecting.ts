// How lair-client starts a conversation: it tries one secret after the other, each in its own connection, after a first
// meeting if there is only a psk file. Knows no WebSocket and no terminal: both are passed in.

import type { HandshakeParty } from "../core/channel/index.ts";
import type { EndReason } from "./events.ts";
import type { Chat } from "../core/chat/chat.ts";
import { type ClientCredential, ClientSession, UntrustedKeyError } from "../core/pairing/client-session.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { findPeer, pairedPeer, type Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import type { FairTurns } from "./fair-turns.ts";
import { SessionRunner, type SessionEnd } from "./session-runner.ts";
import type { Carrier, Clock } from "./ports.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Conversation } from "./conversation.ts";

interface ConnectingOptions {
  readonly party: HandshakeParty;
  readonly clock: Clock;
  /** Those of the program: every session has its share. Absent: see `SessionRunnerOptions.turns`. */
  readonly turns?: FairTurns | undefined;
  readonly connect: (url: string) => Promise<Carrier>;
  /** All known peers. */
  readonly peers: () => readonly Peer[];
  /** Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** The chat with this peer, across all its sessions. Throws LairError store-*. */
  readonly chatWith: (peer: Peer) => Chat;
  /** Whether another program has removed this peer. Absent: no other program can. */
  readonly isForgotten?: ((publicKey: Uint8Array) => boolean) | undefined;
  /** Whether a new key under a psk file is accepted without asking. */
  readonly trustFirst: boolean;
}

/** Whether the user confirms that both match on the other side. */
type AskTrust = (fingerprint: string, words: readonly string[]) => Promise<boolean>;

/** How a session ended after it had opened, or after it was refused inside the channel. */
export interface SessionOver {
  readonly reason: EndReason;
  /** The cause, unless it was a goodbye. */
  readonly error: LairError | undefined;
  /** The peer, if it had been authenticated. */
  readonly peer: Peer | undefined;
  /** Resolves when the carrier has closed as well. */
  readonly gone: Promise<void>;
}

/** The outcome of one connection: `rejected` if the other side hung up before it had accepted us. */
type Outcome =
  { readonly type: "rejected"; readonly hadSeenOurKey: boolean } | ({ readonly type: "over" } & SessionOver);

export class Connecting {
  readonly #options: ConnectingOptions;

  constructor(options: ConnectingOptions) {
    this.#options = options;
  }

  /** Talks with the first secret that is accepted, until the session ends. Throws LairError if none is accepted. */
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

  /** A first meeting under a psk file: learns the server's key, hangs up before it shows our own, and asks the user. */
  async meet(target: ConnectTarget, ask: AskTrust): Promise<ConnectTarget> {
    const [credential] = target.credentials;
    if (credential === undefined || credential.type !== "psk-file" || credential.peer !== undefined) return target;
    const { connect, clock, turns, party, peers, savePeer } = this.#options;
    const carrier = await connect(target.url);
    const end = await new Promise<SessionEnd>((resolve) => {
      // It has no peers and trusts nobody, so it ends at any key.
      const session = this.#session(target.url, credential, { peers: () => [], trustFirst: false });
      void new SessionRunner({ session, carrier, clock, turns, onEvent: () => {}, onEnd: resolve });
    });
    if (end.type !== "error") throw rejected(target);
    if (!(end.error instanceof UntrustedKeyError)) throw end.error;
    const { error } = end;
    const known = findPeer(peers(), error.publicKey);
    if (known !== undefined) return { ...target, credentials: [{ ...credential, peer: known }] };
    if (!(await ask(fingerprint(party.suite, error), safetyWords(party.suite, party.staticKey, error)))) {
      throw new LairError("not-trusted", "The server's key was not accepted, so the connection was ended.");
    }
    const { publicKey, signatureKey, peerName: claimedName } = error;
    const proven = { publicKey, signatureKey, claimedName, atMs: clock.now().wallMs, compared: true, url: target.url };
    const peer = pairedPeer(party.suite, proven, peers());
    savePeer(peer);
    return { ...target, credentials: [{ ...credential, peer }] };
  }

  async #attempt(url: string, credential: ClientCredential, conversation: Conversation): Promise<Outcome> {
    const { clock, turns, connect, peers, trustFirst } = this.#options;
    const wasMuted = conversation.peer?.isMuted === true;
    this.#refuseForgotten(conversation.peer);
    const carrier = await connect(url);
    if (conversation.isAbandoned || (conversation.peer?.isMuted === true && !wasMuted)) {
      // Forgotten or muted in the meantime: it must not see our key again.
      carrier.terminate();
      return { type: "rejected", hadSeenOurKey: false };
    }
    if (conversation.isOpen) {
      // The other side was faster, and its session stays.
      carrier.terminate();
      return { type: "over", reason: "replaced", error: undefined, peer: undefined, gone: Promise.resolve() };
    }
    const session = this.#session(url, credential, { peers, trustFirst });
    let forgotten: unknown;
    const { runner, end } = await new Promise<{ runner: SessionRunner<ClientSession>; end: SessionEnd }>((resolve) => {
      const started: SessionRunner<ClientSession> = new SessionRunner({
        session,
        carrier,
        clock,
        turns,
        onEvent: (event) => {
          if (conversation.runner !== started || forgotten !== undefined) return;
          try {
            if (event.type === "opened") this.#refuseForgotten(event.peer);
          } catch (error) {
            forgotten = error;
            started.terminate();
            return;
          }
          conversation.event(event);
        },
        onEnd: (ended) => resolve({ runner: started, end: ended }),
      });
      conversation.attach(started);
    });
    // The other side has connected as well, and its session stays.
    if (conversation.runner !== runner) {
      return { type: "over", reason: "replaced", error: undefined, peer: session.peer, gone: runner.gone };
    }
    if (forgotten !== undefined) {
      conversation.rejected();
      throw forgotten;
    }
    if (!session.isAccepted && !conversation.isOpen && !conversation.isLeaving) {
      // After a conversation with a peer, something else that answers nonsense in its place is a stranger.
      const isStranger = end.type === "error" && conversation.hasTalked && isNonsense(end.error);
      if (isStranger || end.type === "cut") {
        conversation.rejected();
        return { type: "rejected", hadSeenOurKey: !isStranger && session.chatSession !== undefined };
      }
    }
    const reason = conversation.ended(end);
    const error = end.type === "error" ? end.error : undefined;
    return { type: "over", reason, error, peer: session.peer, gone: runner.gone };
  }

  /** Before this side shows itself, and once more when the session has opened. Throws LairError `peer-unknown`. */
  #refuseForgotten(peer: Peer | undefined): void {
    if (peer === undefined || this.#options.isForgotten?.(peer.publicKey) !== true) return;
    const message = `${nameInSentence(peer.name)} was forgotten by another Lair program, so this one no longer connects to it.`;
    throw new LairError("peer-unknown", message, { hint: "To talk again, pair again with a new invite." });
  }

  #session(
    url: string,
    credential: ClientCredential,
    { peers, trustFirst }: Pick<ConnectingOptions, "peers" | "trustFirst">,
  ): ClientSession {
    const { party, clock, savePeer, chatWith } = this.#options;
    return new ClientSession({
      party,
      credential,
      url,
      // As they are when the server's key is known: a peer may be renamed or muted during the handshake.
      get peers() {
        return peers();
      },
      trustFirst,
      savePeer,
      chatWith,
      now: clock.now(),
    });
  }
}

/** Errors that a holder of the secret does not cause. */
function isNonsense({ kind }: LairError): boolean {
  return kind === "protocol";
}

/** The server had answered, so it knew the secret; only our key was new to it. */
function rejectedLate(target: ConnectTarget): LairError {
  const message = `The server at ${target.url} hung up after it had seen your key.`;
  if (target.how === "invite" || target.how === "found-invite") {
    // No particular key was expected, so nothing contradicts an expectation.
    return new LairError("not-connected", message, {
      hint: "The connection was cut, or the server could not store the pairing (its screen says so). Try again.",
    });
  }
  return new LairError("handshake-rejected", message, {
    hint: "If the connection was only cut, try again. Otherwise the server is paired with another key of yours: pair again with a new invite.",
  });
}

/** The server gave no answer, as to any stranger; a flood or a cut looks the same. */
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
