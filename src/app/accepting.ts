// How a program that listens begins its sessions: one for each connection. A peer that connects again replaces its older
// session. If two programs have connected to each other, both keep the same one of the two sessions (docs/PROTOCOL.md
// §12). Knows no sockets and no screen; the other direction is `connecting.ts`.
//
//   a stranger ---it may stay---> opened: it carries the conversation ---> over
//     |    |                        the conversation's older session, if there was one, is told "replaced"
//     |    +---its key is not trusted, no place, our disk failed, our own session stays---> refused
//     +---anything else---> over, without a conversation

import { CLOSE_REASON } from "../core/channel/index.ts";
import type { SessionEvent } from "../core/chat/session.ts";
import type { LairError } from "../core/errors.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import type { Peer } from "../core/identity/peer.ts";
import { ClientSession } from "../core/pairing/client-session.ts";
import type { Server } from "../core/pairing/server.ts";
import type { ServerSession } from "../core/pairing/server-session.ts";
import type { FairTurns } from "./fair-turns.ts";
import type { Messenger } from "./messenger.ts";
import type { Carrier, Clock } from "./ports.ts";
import { SessionRunner, type SessionEnd } from "./session-runner.ts";

/** Ours: no handshake takes longer. */
const AT_THE_SAME_TIME_MS = 10_000;

export type Refused = Extract<SessionEvent, { type: "refused" }>;

/** `C`: what a connection is to the program. */
interface AcceptingOptions<C extends Carrier> {
  readonly server: Server;
  readonly messenger: Messenger;
  readonly self: PublicIdentity;
  readonly clock: Clock;
  /** Those of the program: every session has its share. Absent: see `SessionRunnerOptions.turns`. */
  readonly turns?: FairTurns | undefined;
  /** Where this side waits, for `status`. */
  readonly url: () => string;
  /** A connection was refused, and the other side is told why. */
  readonly onRefused: (refused: Refused, carrier: C) => void;
  /** A connection ended with an error and never had a conversation. A stranger has proved no secret. */
  readonly onFailed: (error: LairError, how: { readonly isStranger: boolean; readonly carrier: C }) => void;
}

export class Accepting<C extends Carrier> {
  readonly #options: AcceptingOptions<C>;

  constructor(options: AcceptingOptions<C>) {
    this.#options = options;
  }

  /** Somebody has connected. */
  accept(carrier: C): void {
    const { server, clock, turns } = this.#options;
    const runner: SessionRunner<ServerSession> = new SessionRunner({
      session: server.session(clock.now()),
      carrier,
      clock,
      turns,
      onEvent: (event) => this.#onEvent(runner, carrier, event),
      onEnd: (end) => this.#onEnd(runner, carrier, end),
    });
  }

  /**
   * For {@link Server}: whether the session that this side has made with the peer stays, so that the one that comes is
   * superfluous. If both have just connected, the session that the side with the lower key has made stays, as both see. Of
   * an older one the peer knows better whether it is alive.
   */
  keepsOwn(peer: Peer): boolean {
    const { messenger, self } = this.#options;
    const { runner, sessionAgeMs = 0 } = messenger.with(peer);
    if (runner === undefined || runner.hasEnded || sessionAgeMs > AT_THE_SAME_TIME_MS) return false;
    return runner.session instanceof ClientSession && comesFirst(self.publicKey, peer.publicKey);
  }

  #onEvent(runner: SessionRunner<ServerSession>, carrier: C, event: SessionEvent): void {
    const { messenger, onRefused } = this.#options;
    if (event.type === "refused") {
      onRefused(event, carrier);
      return;
    }
    if (event.type === "opened") this.#opened(runner, event.peer);
    messenger.carriedBy(runner)?.event(event);
  }

  /** The messages of the peer arrive over this session from now on. */
  #opened(runner: SessionRunner<ServerSession>, peer: Peer): void {
    const { messenger, clock, url } = this.#options;
    const conversation = messenger.with(peer);
    const older = conversation.runner;
    if (older !== undefined) {
      // One that this side has made. The server itself replaces one that has come.
      if (older.session instanceof ClientSession) {
        const { chatSession } = older.session;
        if (chatSession === undefined) older.terminate();
        else chatSession.refuse(CLOSE_REASON.replaced, clock.now());
      }
      // Now, and not at its next deadline: it is told that it was replaced.
      older.wake();
      conversation.ended({ type: "cut" }, "replaced");
    }
    conversation.address.url = url();
    conversation.attach(runner);
  }

  #onEnd(runner: SessionRunner<ServerSession>, carrier: C, end: SessionEnd): void {
    const { server, messenger, onFailed } = this.#options;
    server.ended(runner.session);
    const conversation = messenger.carriedBy(runner);
    if (conversation !== undefined) conversation.ended(end);
    else if (end.type === "error") {
      onFailed(end.error, { isStranger: runner.session.chatSession === undefined, carrier });
    }
  }
}

/** Whether one key is lower than another of the same length, as bytes. */
function comesFirst(one: Uint8Array, other: Uint8Array): boolean {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at >= 0 && one[at]! < other[at]!;
}
