// Introductions (docs/PROTOCOL.md §7.4): a person brings two others together, who have each been asked. Here: making one, and
// what becomes of one that has arrived. Knows no session and no presentation.
//
//   arrived ---own key, known already, or the introducer is muted---> settled    (nothing changes; the user is told)
//     |     ---the one introduced is awaited already, by the same introducer---> settled    (with the newer secret)
//     |
//   open, stored ---accept, or --accept-introductions-from within its limits---> settled    (the peer is stored, awaited from then on)
//                ---decline---> settled

import { isLoopbackName, parseAddress } from "../core/address.ts";
import { isHelloUrl } from "../core/channel/index.ts";
import { equalInConstantTime, toHex } from "../core/bytes.ts";
import type { Chat } from "../core/chat/chat.ts";
import { CAN_DIAL, type Introduction, type NotKept, READS_INTRODUCTIONS } from "../core/chat/introduction.ts";
import type { Instant } from "../core/clock.ts";
import { LairError } from "../core/errors.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import { findPeer, isAwaited, pairedPeer, type Peer } from "../core/identity/peer.ts";
import { type PeerView, viewPeer } from "../core/identity/peer-view.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite, RandomSource } from "../core/noise/index.ts";
import type { Conversation } from "./conversation.ts";
import type { Command } from "./events.ts";
import type { Frontend } from "./frontend.ts";
import type { Recipients } from "./recipients.ts";
import { isWholeFingerprint, peerMeant, peerNamedExactly, peersMeant, shortListOf } from "./which-peer.ts";

/** Ours: how many introductions by one person are accepted without a question, and of how many people that are stored. */
export const MOST_IN_A_DAY = 32;
export const MOST_STORED = 256;
const DAY_MS = 86_400_000;

interface IntroductionsOptions {
  readonly frontend: Pick<Frontend, "show">;
  readonly clock: { now(): Instant };
  readonly suite: CipherSuite;
  readonly self: PublicIdentity;
  readonly random: RandomSource;
  /** Of --accept-introductions-from: names, or starts of fingerprints. */
  readonly acceptFrom: readonly string[];
  /** All peers that are not forgotten. */
  readonly known: () => readonly Peer[];
  readonly recipients: Recipients;
  readonly conversation: (peer: Peer) => Conversation;
  /** The chat with this peer. Throws LairError store-*. */
  readonly chatWith: (peer: Peer) => Chat;
  /** Stores a new or changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** This peer has been stored and shown; it is time to connect. */
  readonly added: (peer: Peer) => void;
  /** Something was staged in a chat. */
  readonly wake: (peer: Peer) => void;
}

/** An introduction that waits for an answer. */
interface Open {
  readonly by: Peer;
  readonly introduction: Introduction;
  /** The peer as it would be stored, without its secret. */
  readonly peer: Peer;
}

/** One of the two at an introducer. */
interface Introduced {
  readonly peer: Peer & PublicIdentity;
  readonly chat: Chat;
  readonly canDial: boolean;
  /** Where the other would find it. */
  readonly url: string | undefined;
}

export class Introductions {
  readonly #options: IntroductionsOptions;

  constructor(options: IntroductionsOptions) {
    this.#options = options;
  }

  /** Throws LairError. */
  carryOut(command: Extract<Command, { type: "introduce" | "answer-introduction" }>): void {
    if (command.type === "introduce") this.#introduce(command.who);
    else this.#answer(command.who, command.isAccepted);
  }

  /** Those that nobody has answered yet. */
  get open(): readonly { readonly id: string; readonly peer: PeerView; readonly by: PeerView }[] {
    const { suite } = this.#options;
    return this.#all.map(({ introduction, peer, by }) => ({
      id: introduction.id,
      peer: viewPeer(suite, peer),
      by: viewPeer(suite, by),
    }));
  }

  get #all(): readonly Open[] {
    const { known, chatWith } = this.#options;
    return known().flatMap((by) => chatWith(by).introductions.map((one) => this.#opened(by, one)));
  }

  // --- at the introducer ------------------------------------------------------------------------------------------------

  /** Tells each of two connected peers of the other. One of them gets the other's address, and connects. */
  #introduce(who: readonly [string, string]): void {
    const { random, clock, wake, frontend, suite } = this.#options;
    const [one, other] = [this.#presentPeer(who[0]), this.#presentPeer(who[1])];
    if (equalInConstantTime(one.peer.publicKey, other.peer.publicKey)) {
      throw new LairError("usage", "Both names mean the same person, so nobody was introduced.");
    }
    const [dialing, waiting] = rolesOf(one, other);
    const now = clock.now();
    const common = { id: toHex(random(8)), atMs: now.wallMs, psk: random(32) };
    dialing.chat.introduce({ ...common, ...described(waiting), url: waiting.url }, now);
    waiting.chat.introduce({ ...common, ...described(dialing), url: undefined }, now);
    frontend.show({ type: "introduced", id: common.id, who: [viewPeer(suite, one.peer), viewPeer(suite, other.peer)] });
    for (const { peer } of [one, other]) wake(peer);
  }

  /** A peer that is connected and can be introduced. */
  #presentPeer(who: string): Introduced {
    const { recipients, conversation, chatWith } = this.#options;
    const peer = recipients.personOf(who, "introduce");
    const chat = chatWith(peer);
    const { capabilities, peerUrl } = chat;
    const name = nameInSentence(peer.name);
    const { signatureKey } = peer;
    if (!conversation(peer).isOpen || capabilities === undefined || signatureKey === undefined) {
      throw new LairError("not-connected", `${name} is not connected, so nobody was introduced.`, {
        hint: "Introduce the two while both are connected.",
      });
    }
    if (!capabilities.has(READS_INTRODUCTIONS)) {
      throw new LairError("usage", `The Lair of ${name} does not support introductions, so nobody was introduced.`, {
        hint: `Ask ${name} to install a newer version.`,
      });
    }
    return {
      peer: { ...peer, signatureKey },
      chat,
      canDial: capabilities.has(CAN_DIAL),
      url: addressOf(peer, peerUrl),
    };
  }

  // --- at those who are introduced --------------------------------------------------------------------------------------

  /** At the start: what this peer introduced and nobody has answered. */
  recall(by: Peer): void {
    for (const introduction of this.#options.chatWith(by).introductions) this.arrived(by, introduction);
  }

  /** This peer introduces somebody. */
  arrived(by: Peer, introduction: Introduction | NotKept): void {
    const { frontend, suite, self, known } = this.#options;
    const introducer = nameInSentence(by.name);
    if (typeof introduction === "string") {
      const notice = notKeptPhrase(introduction, introducer);
      if (notice !== undefined) this.#notice(by, notice);
      return;
    }
    if (by.isMuted === true) {
      this.#settle(by, introduction);
      this.#notice(by, `${introducer} is muted, so an introduction by ${introducer} was declined.`);
      return;
    }
    if (equalInConstantTime(introduction.publicKey, self.publicKey)) {
      this.#settle(by, introduction);
      this.#notice(by, `${introducer} introduces you to yourself; nothing was changed.`);
      return;
    }
    const peer = findPeer(known(), introduction.publicKey);
    if (peer !== undefined && !isAnotherWay(by, introduction, peer)) {
      this.#meetAgain(by, introduction, peer);
      return;
    }
    const open = this.#opened(by, introduction);
    const { id, url } = introduction;
    frontend.show({ type: "introduction", id, peer: viewPeer(suite, open.peer), url, by: viewPeer(suite, by) });
    if (!this.#isTrusted(by)) return;
    if (this.#isWithinLimits(by)) this.#accept(open);
    else
      this.#notice(
        by,
        `${introducer} has introduced more people than are accepted without asking (${MOST_IN_A_DAY} a day, ${MOST_STORED} in all), so this one waits for an answer.`,
      );
  }

  /** An awaited peer gets its introducer's newer secret: the other side may have nothing else. Others stay as they are. */
  #meetAgain(by: Peer, introduction: Introduction, peer: Peer): void {
    const { savePeer, added } = this.#options;
    const { signatureKey, psk, url } = introduction;
    const [introducer, name] = [nameInSentence(by.name), nameInSentence(peer.name)];
    const isSame = peer.signatureKey !== undefined && equalInConstantTime(peer.signatureKey, signatureKey);
    if (isAwaited(peer) && isSame && hasIntroduced(by, peer)) {
      const renewed = { ...peer, invitePsk: psk.slice(), url };
      savePeer(renewed);
      this.#settle(by, introduction);
      this.#notice(
        by,
        `${introducer} introduces ${name} again, whom you have accepted; you are connected when ${name} accepts.`,
      );
      added(renewed);
      return;
    }
    this.#settle(by, introduction);
    this.#notice(
      by,
      isSame
        ? `${introducer} introduces ${name}, whom you know already; nothing was changed.${this.#adviceOf(peer, name, introducer)}`
        : `${introducer} introduces ${name}, whom you already know with another signature key; nothing was changed. Ask ${name}.`,
    );
  }

  /** Somebody who has forgotten this side needs a new secret: the introduction's is used only if this side forgets as well. */
  #adviceOf(peer: Peer, name: string, introducer: string): string {
    if (isAwaited(peer) || this.#options.conversation(peer).isOpen) return "";
    return ` If ${name} has forgotten you: forget-peer ${name}, and ask ${introducer} to introduce you again.`;
  }

  #answer(who: string, isAccepted: boolean): void {
    const open = this.#meant(who);
    const known = findPeer(this.#options.known(), open.introduction.publicKey);
    const isOther = known !== undefined && isAnotherWay(open.by, open.introduction, known);
    if (known !== undefined && !isOther) this.#meetAgain(open.by, open.introduction, known);
    else if (isAccepted) this.#accept(open);
    else this.#finish(open, false);
  }

  #accept(open: Open): void {
    const { savePeer, added, known } = this.#options;
    const { by, introduction } = open;
    // Somebody else may have introduced it before; what was changed since, such as the name, stays.
    const awaited = findPeer(known(), introduction.publicKey);
    const peer = awaited === undefined ? open.peer : { ...awaited, url: introduction.url };
    const introducer = { introducedBy: by.name, introducerKey: by.publicKey };
    const accepted = { ...peer, ...introducer, invitePsk: introduction.psk.slice() };
    // First: after a crash in between, the introduction is of somebody who is known.
    savePeer(accepted);
    this.#finish({ ...open, peer: accepted }, true);
    added(accepted);
  }

  #finish({ by, introduction, peer }: Open, isAccepted: boolean): void {
    const { frontend, suite } = this.#options;
    this.#settle(by, introduction);
    const [view, introducer] = [viewPeer(suite, peer), viewPeer(suite, by)];
    frontend.show({ type: "introduction-answered", id: introduction.id, isAccepted, peer: view, by: introducer });
  }

  #settle(by: Peer, { id }: Introduction): void {
    this.#options.chatWith(by).settle(id);
    this.#options.wake(by);
  }

  /** The peer gets a name that looks like nobody else's here. */
  #opened(by: Peer, introduction: Introduction): Open {
    const { suite, clock, known } = this.#options;
    const { publicKey, signatureKey, name: claimedName, url } = introduction;
    const proven = { publicKey, signatureKey, claimedName, atMs: clock.now().wallMs, url };
    return { by, introduction, peer: pairedPeer(suite, proven, known()) };
  }

  /** The open introduction that is meant: by its id, a name, or the start of a fingerprint. Throws LairError peer-unknown. */
  #meant(who: string): Open {
    const { suite } = this.#options;
    const all = this.#all;
    if (all.length === 0) {
      throw new LairError("peer-unknown", "No introduction waits for an answer.", {
        hint: "To send the line, put /say in front.",
      });
    }
    // Of several introductions of one person, the newest.
    const people = all.filter(
      ({ peer }, index) =>
        all.findLastIndex((other) => equalInConstantTime(other.peer.publicKey, peer.publicKey)) === index,
    );
    const peers = people.map(({ peer }) => peer);
    const byId = all.filter(({ introduction }) => introduction.id === who.trim());
    const byName = peersMeant(suite, peers, who);
    // An introducer chooses the ids: one may be somebody's name or fingerprint, and must not stand for that person.
    const isOther = (peer: Peer): boolean =>
      byId.some((one) => !equalInConstantTime(one.peer.publicKey, peer.publicKey));
    if (byId.length === 1 && !byName.some(isOther)) return byId[0]!;
    const hint = "Write one of these names, or the first eight or more characters of a fingerprint.";
    const meant = peerMeant(suite, peers, who, hint);
    if (byId.length === 0 || isWholeFingerprint(who)) return people.find(({ peer }) => peer === meant)!;
    throw new LairError("peer-unknown", `More than one here goes by "${who}".`, {
      details: shortListOf(suite, peers),
      hint: "Write the whole fingerprint of the one that you mean.",
    });
  }

  /** Whether this peer's introductions are accepted without a question. */
  #isTrusted(by: Peer): boolean {
    const { acceptFrom, suite, known } = this.#options;
    return acceptFrom.some((who) => {
      const meant = peerNamedExactly(suite, known(), who);
      return meant !== undefined && equalInConstantTime(meant.publicKey, by.publicKey);
    });
  }

  /** Counted by what is stored, so a restart changes nothing; those whom a person has accepted count too. */
  #isWithinLimits(by: Peer): boolean {
    const { known, clock } = this.#options;
    const stored = known().filter((peer) => peer.introducedBy !== undefined && hasIntroduced(by, peer));
    const since = clock.now().wallMs - DAY_MS;
    return stored.length < MOST_STORED && stored.filter((peer) => peer.pairedAtMs > since).length < MOST_IN_A_DAY;
  }

  /** `by`: who introduces. */
  #notice(by: Peer, text: string): void {
    const { frontend, suite } = this.#options;
    frontend.show({ type: "notice", text, peer: viewPeer(suite, by) });
  }
}

/** What the user is told of an introduction that was not kept; nothing if the newer one follows. */
function notKeptPhrase(why: NotKept, introducer: string): string | undefined {
  switch (why) {
    case "too-many":
      return `${introducer} has too many open introductions; decline some, and ask ${introducer} again.`;
    case "id-in-use":
      return `${introducer} introduces somebody under the id of another open introduction, so this one was ignored. Answer the open one, and ask ${introducer} again.`;
    case "replaced":
      return undefined;
  }
}

/**
 * Whether this is of somebody whom another peer has introduced, and who has not been met yet. It is asked anew: the other
 * side may have accepted only this one, and each has a secret of its own.
 */
function isAnotherWay(by: Peer, { signatureKey }: Introduction, peer: Peer): boolean {
  if (!isAwaited(peer) || hasIntroduced(by, peer) || peer.signatureKey === undefined) return false;
  return equalInConstantTime(peer.signatureKey, signatureKey);
}

/**
 * Whether it is this one who has introduced the peer. Earlier versions have stored only the name of who did; somebody who was
 * paired later and has that name is somebody else.
 */
function hasIntroduced(by: Peer, peer: Peer): boolean {
  if (peer.introducerKey !== undefined) return equalInConstantTime(peer.introducerKey, by.publicKey);
  return peer.introducedBy === by.name && by.pairedAtMs <= peer.pairedAtMs;
}

/** Who connects, and who waits for it. Throws LairError `usage` if neither can reach the other. */
function rolesOf(one: Introduced, other: Introduced): readonly [Introduced, Introduced] {
  const pairs = [[one, other] as const, [other, one] as const];
  const fitting = pairs.filter(([dialing, waiting]) => dialing.canDial && waiting.url !== undefined);
  const best = fitting.find(([, { url }]) => !isLoopback(url!)) ?? fitting[0];
  if (best !== undefined) return best;
  const [name, otherName] = [nameInSentence(one.peer.name), nameInSentence(other.peer.name)];
  throw new LairError("usage", `Neither ${name} nor ${otherName} can connect to the other, so nobody was introduced.`, {
    hint: "One of them must wait at an address (lair-server), and the other connect (lair-client, or lair-server --dial).",
  });
}

/** What the peer says of itself; but where we reached it, if that is the only one which others may reach. */
function addressOf({ url }: Peer, peerUrl: string | undefined): string | undefined {
  const reached = url !== undefined && isHelloUrl(url) ? url : undefined;
  return peerUrl === undefined || (isLoopback(peerUrl) && reached !== undefined) ? reached : peerUrl;
}

function isLoopback(url: string): boolean {
  const host = parseAddress(url)?.host ?? "";
  return isLoopbackName(host) || host === "::1" || host.startsWith("127.");
}

function described({ peer: { name, publicKey, signatureKey } }: Introduced) {
  return { name: name === "" ? "peer" : name, publicKey, signatureKey };
}
