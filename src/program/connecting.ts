// How lair-client comes to a conversation: one secret after the other, each in a connection of its own, and before that a
// first meeting under a psk file. Knows no WebSocket and no terminal: both are handed in.

import type { HandshakeParty } from "../core/channel/index.ts";
import type { EndReason } from "../core/chat/events.ts";
import type { Correspondence } from "../core/chat/correspondence.ts";
import { type GuestCredential, GuestLine, type GuestOptions, UntrustedKeyError } from "../core/chat/guest.ts";
import { LairError } from "../core/errors.ts";
import { equalInConstantTime } from "../core/bytes.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { pairedPeer, type Peer } from "../core/identity/peer.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import { type Carrier, type Clock, LineDriver, type LineEnd } from "../node/line-driver.ts";
import type { Plan } from "./plan.ts";
import type { Talk } from "./talk.ts";

export interface ConnectingOptions {
  readonly party: HandshakeParty;
  readonly clock: Clock;
  readonly connect: (url: string) => Promise<Carrier>;
  /** Everybody known here. */
  readonly peers: () => readonly Peer[];
  /** Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** What is said with this peer, over all its lines. Throws LairError store-*. */
  readonly correspond: (peer: Peer) => Correspondence;
  /** Whether a key under a psk file that nobody has accepted yet is. */
  readonly trustFirst: boolean;
}

/** Whether the person says that both are the same at the other side. */
export type AskTrust = (fingerprint: string, words: readonly string[]) => Promise<boolean>;

/** How a line ended that had been opened, or refused inside the channel. */
export interface LineOver {
  readonly reason: EndReason;
  /** Why, where it is no goodbye. */
  readonly error: LairError | undefined;
  /** Who it was, where that had been proven. */
  readonly peer: Peer | undefined;
  /** Resolves when the carrier has closed as well. */
  readonly gone: Promise<void>;
}

/** How one connection went: `rejected` when the other side hung up before it had accepted us. */
type Outcome = { readonly type: "rejected"; readonly hadSeenOurKey: boolean } | ({ readonly type: "over" } & LineOver);

export class Connecting {
  readonly #options: ConnectingOptions;

  constructor(options: ConnectingOptions) {
    this.#options = options;
  }

  /** Talks by the first secret that is accepted, to the end of the line. Throws LairError when none is. */
  async converse(plan: Plan, talk: Talk): Promise<LineOver> {
    let hadSeenOurKey = false;
    for (const credential of plan.credentials) {
      const outcome = await this.#attempt(plan.url, credential, talk);
      if (outcome.type === "over") return outcome;
      hadSeenOurKey ||= outcome.hadSeenOurKey;
    }
    throw hadSeenOurKey ? rejectedLate(plan) : rejected(plan);
  }

  /** A first meeting under a psk file: learns the server's key, hangs up before showing our own, and asks. */
  async meet(plan: Plan, ask: AskTrust): Promise<Plan> {
    const [credential] = plan.credentials;
    if (credential === undefined || credential.type !== "psk-file" || credential.peer !== undefined) return plan;
    const { connect, clock, party, peers, savePeer } = this.#options;
    const carrier = await connect(plan.url);
    const end = await new Promise<LineEnd>((resolve) => {
      // It knows and trusts nobody, so it ends at whichever key it sees.
      const line = this.#line(plan.url, credential, { peers: [], trustFirst: false });
      void new LineDriver({ line, carrier, clock, onEvent: () => {}, onEnd: resolve });
    });
    if (end.type !== "error") throw rejected(plan);
    if (!(end.error instanceof UntrustedKeyError)) throw end.error;
    const { publicKey, peerName } = end.error;
    const known = peers().find((peer) => equalInConstantTime(peer.publicKey, publicKey));
    if (known !== undefined) return { ...plan, credentials: [{ ...credential, peer: known }] };
    if (!(await ask(fingerprint(publicKey), safetyWords(party.staticKey.publicKey, publicKey)))) {
      throw new LairError("not-trusted", "The server's key was not accepted, so nothing was connected.");
    }
    const met = { publicKey, claimedName: peerName, atMs: clock.now().wallMs, compared: true, url: plan.url };
    const peer = pairedPeer(met, peers());
    savePeer(peer);
    return { ...plan, credentials: [{ ...credential, peer }] };
  }

  async #attempt(url: string, credential: GuestCredential, talk: Talk): Promise<Outcome> {
    const { clock, connect, peers, trustFirst } = this.#options;
    const carrier = await connect(url);
    const line = this.#line(url, credential, { peers: peers(), trustFirst });
    const { driver, end } = await new Promise<{ driver: LineDriver<GuestLine>; end: LineEnd }>((resolve) => {
      const started: LineDriver<GuestLine> = new LineDriver({
        line,
        carrier,
        clock,
        onEvent: (event) => talk.event(event),
        onEnd: (ended) => resolve({ driver: started, end: ended }),
      });
      talk.attach(started);
    });
    if (!line.isAccepted && !talk.isOpen && !talk.isLeaving) {
      // Once somebody has been talked to, whoever answers nonsense in their place is a stranger.
      const isStranger = end.type === "error" && talk.hasTalked && isNonsense(end.error);
      if (isStranger) return { type: "rejected", hadSeenOurKey: false };
      if (end.type === "cut") return { type: "rejected", hadSeenOurKey: line.conversation !== undefined };
    }
    const reason = talk.ended(end);
    const error = end.type === "error" ? end.error : undefined;
    return { type: "over", reason, error, peer: line.peer, gone: driver.gone };
  }

  #line(
    url: string,
    credential: GuestCredential,
    acquaintances: Pick<GuestOptions, "peers" | "trustFirst">,
  ): GuestLine {
    const { party, clock, savePeer, correspond } = this.#options;
    return new GuestLine({ party, credential, url, savePeer, correspond, now: clock.now(), ...acquaintances });
  }
}

/** What nobody says who knows the secret. */
function isNonsense({ code }: LairError): boolean {
  return /^(?:noise|hello|record|frame)-/.test(code);
}

/** It had answered, so it knew the secret; what it had not seen before was our key. */
function rejectedLate(plan: Plan): LairError {
  const message = `The server at ${plan.url} hung up when it had seen your key.`;
  if (plan.how === "invite" || plan.how === "found-invite") {
    // Nobody was expected there yet, so nothing contradicts an expectation.
    return new LairError("not-connected", message, {
      hint: "The line was cut, or the server could not store the pairing: its screen says so. Try again.",
    });
  }
  return new LairError("handshake-rejected", message, {
    hint: "If the line was only cut, try again. If not, it is paired with another key of yours: pair again with a new invite.",
  });
}

/** It gave no answer, which is all that it gives to a stranger; but also what a flood or a cut looks like. */
function rejected(plan: Plan): LairError {
  const what = {
    invite: "this invite",
    "found-invite": "the invite of this account",
    known: "you",
    "psk-file": "this psk",
  };
  const hints = {
    invite: "The invite works once and for a day: if it is used up, expired, or another server's, ask for a new one.",
    "found-invite": "If the invite is used up or expired, ask lair-server for a new one: type invite there.",
    known: "If it was set up anew, ask by another way; then pair again with a new invite.",
    "psk-file": "Are both files the same, and was lair-server started with --psk-file?",
  };
  const message = `The server at ${plan.url} hung up without an answer: it does not know ${what[plan.how]}, or it is busy.`;
  return new LairError("handshake-rejected", message, { hint: `Try once more. ${hints[plan.how]}` });
}
