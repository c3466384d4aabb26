// The sessions of a hub: an authenticated peer arrives at it, its calls go in, answers and news go out. Knows no socket
// and no program; the hub itself knows no session.
//
//   handshaking ---opened---> arriving ---the hub lets it in---> member ---> over
//        |                       +---the hub does not, or this is no member's program---> refused ---> over
//        +---anything else---> over

import type { FairTurns } from "../app/fair-turns.ts";
import type { Carrier, Clock } from "../app/ports.ts";
import { type SessionEnd, SessionRunner } from "../app/session-runner.ts";
import { toHex } from "../core/bytes.ts";
import { CLOSE_REASON, type CloseReason, READS_ENTRIES } from "../core/channel/index.ts";
import type { SessionEvent } from "../core/chat/session.ts";
import { asLairError, type LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Server } from "../core/pairing/server.ts";
import type { ServerSession } from "../core/pairing/server-session.ts";
import type { EndedBy, TurnedAway } from "./events.ts";
import type { Hub, HubConnection, HubMember } from "./hub.ts";

interface HubSessionsOptions {
  readonly hub: Pick<Hub, "arrive" | "turnedAway">;
  readonly server: Server;
  readonly clock: Clock;
  readonly turns: FairTurns;
  /** Somebody has come by this invite, and may have used it up. */
  readonly onInvited: (invite: string) => void;
  /** A session ended with an error. A stranger has proved no secret. */
  readonly onFailed: (error: LairError, isStranger: boolean) => void;
  /** A program that is no member's has come: one that talks, not one that calls. */
  readonly onOtherProgram: (peer: Peer) => void;
}

/** Ours: with so many calls undone, no more is read of a member. */
const MOST_UNDONE = 16;
/** Ours: how long a hub that ends waits for what is on its way to a member. */
const GOODBYE_MS = 1_000;

const REFUSALS: { readonly [why in TurnedAway]: CloseReason } = {
  suspended: CLOSE_REASON.notTrusted,
  spent: CLOSE_REASON.notTrusted,
  expired: CLOSE_REASON.notTrusted,
  unknown: CLOSE_REASON.notTrusted,
  "key-changed": CLOSE_REASON.notTrusted,
  duplicate: CLOSE_REASON.replaced,
  full: CLOSE_REASON.busy,
  busy: CLOSE_REASON.busy,
  closing: CLOSE_REASON.shuttingDown,
};
/** Who has no account is a stranger again. */
const STRANGERS: ReadonlySet<TurnedAway> = new Set(["spent", "expired", "unknown", "full"]);

export class HubSessions {
  readonly #options: HubSessionsOptions;
  /** By the hex of the peer's key: the session that the server has let stay. */
  readonly #current = new Map<string, MemberSession>();

  constructor(options: HubSessionsOptions) {
    this.#options = options;
  }

  /** Somebody has connected. */
  accept(carrier: Carrier): void {
    new MemberSession(this.#options, this.#current).carry(carrier);
  }

  /** Whether this peer has a session here. */
  has(peer: Peer): boolean {
    return this.#current.has(toHex(peer.publicKey));
  }
}

class MemberSession implements HubConnection {
  readonly #options: HubSessionsOptions;
  readonly #current: Map<string, MemberSession>;
  #runner!: SessionRunner<ServerSession>;
  #state: "handshaking" | "arriving" | "member" | "refused" | "over" = "handshaking";
  /** Resolves with undefined if it does not become a member. */
  #arrival: Promise<HubMember | undefined> = Promise.resolve(undefined);
  #newsNumber = 0;
  #undone = 0;
  /** Its pairing goes with the session. */
  #isForgotten = false;

  constructor(options: HubSessionsOptions, current: Map<string, MemberSession>) {
    this.#options = options;
    this.#current = current;
  }

  /** Once, before anything else. */
  carry(carrier: Carrier): void {
    const { server, clock, turns } = this.#options;
    this.#runner = new SessionRunner({
      session: server.session(clock.now()),
      carrier,
      clock,
      turns,
      onEvent: (event) => this.#onEvent(event),
      onEnd: (end) => this.#onEnd(end),
    });
  }

  get readsEntries(): boolean {
    return this.#runner.session.chatSession?.channel.capabilities.has(READS_ENTRIES) === true;
  }

  wake(): void {
    this.#runner.wake();
  }

  news(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const number = this.#newsNumber;
      this.#newsNumber = (number + 1) >>> 0;
      this.#send("news", number, bytes, resolve);
    });
  }

  end(why: EndedBy): void {
    if (why === "shutting-down") {
      this.#runner.leave(CLOSE_REASON.shuttingDown, GOODBYE_MS);
      return;
    }
    this.#isForgotten ||= why === "forgotten";
    this.#refuse(why === "replaced" ? CLOSE_REASON.replaced : CLOSE_REASON.notTrusted);
  }

  #onEvent(event: SessionEvent): void {
    switch (event.type) {
      case "opened":
        return this.#opened(event.peer, event.byInvite);
      case "refused":
        return this.#refused(event);
      case "transfer":
        if (event.transfer.kind === "call") this.#call(event.transfer.number, event.transfer.bytes);
        return;
      case "message":
      case "unknown-message":
      case "unreadable-message":
        // Nobody is here to read it.
        this.#runner.session.chatSession?.chat?.show(event.seq + 1);
        return;
      default:
    }
  }

  #opened(peer: Peer, invite: string | undefined): void {
    const key = toHex(peer.publicKey);
    // Now, and not at its next deadline: the server has told it that it was replaced.
    this.#current.get(key)?.wake();
    this.#current.set(key, this);
    if (this.#runner.session.chatSession?.transfers === undefined) {
      this.#isForgotten = invite !== undefined;
      this.#refuse(CLOSE_REASON.notTrusted);
      this.#options.onOtherProgram(peer);
      return;
    }
    this.#state = "arriving";
    this.#arrival = this.#arrive(peer, invite);
  }

  /** The server has, before it could arrive. */
  #refused(refused: SessionEvent & { readonly type: "refused" }): void {
    if (refused.reason !== "busy" && refused.reason !== "superfluous") return;
    const { publicKey: key, signatureKey } = refused.peer;
    const why = refused.reason === "busy" ? "busy" : "duplicate";
    if (signatureKey !== undefined) this.#options.hub.turnedAway({ key, signatureKey }, why);
  }

  /** Never rejects. */
  async #arrive({ publicKey, signatureKey, name }: Peer, invite: string | undefined): Promise<HubMember | undefined> {
    try {
      // A session has pinned it.
      if (signatureKey === undefined) throw new TypeError("HubSessions: a peer without a signature key");
      const arrived = await this.#options.hub.arrive({ key: publicKey, signatureKey, name }, invite, this);
      if (invite !== undefined) this.#options.onInvited(invite);
      if (arrived.type === "member") return this.#become(arrived.member);
      this.#isForgotten = STRANGERS.has(arrived.why);
      this.#refuse(REFUSALS[arrived.why]);
    } catch (error) {
      this.#refuse(CLOSE_REASON.unable);
      this.#options.onFailed(asLairError(error), false);
    }
    return undefined;
  }

  #become(member: HubMember): HubMember | undefined {
    if (this.#state !== "arriving") {
      // It has gone, or was ended meanwhile.
      member.leave();
      return undefined;
    }
    this.#state = "member";
    return member;
  }

  /** In the order in which they came: what arrives before the hub has let it in waits. */
  #call(number: number, bytes: Uint8Array): void {
    this.#undone += 1;
    if (this.#undone === MOST_UNDONE) this.#runner.regulateReceiving(false);
    void this.#answer(number, bytes).finally(() => {
      this.#undone -= 1;
      if (this.#undone === MOST_UNDONE - 1 && !this.#runner.hasEnded) this.#runner.regulateReceiving(true);
    });
  }

  /** Never rejects. */
  async #answer(number: number, bytes: Uint8Array): Promise<void> {
    try {
      const member = await this.#arrival;
      if (member === undefined) return;
      const answer = await member.call(bytes);
      await new Promise<void>((resolve) => this.#send("answer", number, answer, resolve));
    } catch (error) {
      if (this.#state === "over") return;
      this.#options.onFailed(asLairError(error), false);
      this.#runner.terminate();
    }
  }

  /** `onTaken` is called at once if the session is over. */
  #send(kind: "answer" | "news", number: number, bytes: Uint8Array, onTaken: () => void): void {
    const transfers = this.#runner.session.chatSession?.transfers;
    if (this.#state === "over" || transfers === undefined) {
      onTaken();
      return;
    }
    transfers.send({ kind, number, bytes }, onTaken);
    this.#runner.wake();
  }

  #refuse(reason: CloseReason): void {
    if (this.#state === "over") return;
    this.#state = "refused";
    this.#runner.session.chatSession?.refuse(reason, this.#options.clock.now());
    this.#runner.wake();
  }

  #onEnd(end: SessionEnd): void {
    const { server, clock, onFailed } = this.#options;
    const { session } = this.#runner;
    this.#state = "over";
    server.ended(session);
    const key = session.peer === undefined ? undefined : toHex(session.peer.publicKey);
    const current = key === undefined ? undefined : this.#current.get(key);
    if (key !== undefined && current === this) this.#current.delete(key);
    const isReplaced = current !== undefined && current !== this;
    void this.#arrival.then((member) => member?.leave(isReplaced ? "replaced" : undefined));
    if (this.#isForgotten && session.peer !== undefined) {
      try {
        server.forgetPeer(session.peer.publicKey, clock.now());
      } catch (error) {
        onFailed(asLairError(error), false);
      }
    }
    if (end.type === "error") onFailed(end.error, session.chatSession === undefined);
  }
}
