// A session of the side that waits (docs/PROTOCOL.md §3, §9, §12): its handshake, and whether the peer may stay. Its
// server knows the peers, and which of them stays.
//
//   new ---message 1 is good---> answered ---message 3: known, paired or trusted; may stay---> active    "opened" is told
//    |                            ^ |------- not trusted, busy, superfluous, our disk failed---> refused   "refused" is told
//    +--its hint leads nowhere--> searching
//    any other message, and a search without a find ---> over, without an answer

import { erase } from "../bytes.ts";
import { type Answer, CLOSE_REASON, type Instant, type Opened, type ResponderHandshake } from "../channel/index.ts";
import type { ChatSession } from "../chat/chat-session.ts";
import type { Chat } from "../chat/chat.ts";
import { Session, type SessionEvent } from "../chat/session.ts";
import { isOfOurDisk, LairError } from "../errors.ts";
import type { Peer } from "../identity/peer.ts";
import type { AcceptedInvite } from "./server-invites.ts";

/** A secret that a server accepts, with what it stands for. */
export type ServerCredential =
  | { readonly type: "invite"; readonly psk: Uint8Array; readonly invite: AcceptedInvite }
  | { readonly type: "peer"; readonly psk: Uint8Array; readonly publicKey: string }
  | { readonly type: "psk-file"; readonly psk: Uint8Array };

type Handshake = ResponderHandshake<ServerCredential>;

/** Somebody who has proved a secret. */
export interface Identified {
  /** Stored. Undefined: its key now waits for a person's decision. */
  readonly peer: Peer | undefined;
  /** Of the peer, if its signature key has been pinned only now. */
  readonly formerFingerprint?: string;
}

/** Ours: in between the event loop has its turn. */
const SLICE_PAUSE_MS = 1;

/** The questions of a session to its server. */
export interface SessionOwner {
  /** A handshake to be answered, and its number. */
  begin(now: Instant): { readonly handshake: Handshake; readonly order: number };
  /** The peer that has proved a secret; stored when it returns. Throws LairError, and the session is then dropped. */
  identify(credential: ServerCredential, opened: Opened, order: number, now: Instant): Identified;
  /** Whether it may stay. A new connection of the same peer replaces the older one. */
  admit(session: ServerSession, peer: Peer, now: Instant): "active" | "busy" | "superfluous";
  /** The chat with this peer. Throws LairError store-*. */
  chatWith(peer: Peer): Chat;
}

type State =
  | { readonly name: "new"; readonly handshake?: Handshake }
  /** Message 1 is compared with all psks; the next slice is due at `nextMs`, by the monotonic clock. */
  | { readonly name: "searching"; readonly handshake: Handshake; readonly order: number; readonly nextMs: number }
  /** Message 2 has been sent; the proof was made with this secret, which is a copy. */
  | { readonly name: "answered"; readonly handshake: Handshake; readonly credential: ServerCredential; order: number }
  /** Its handshake is over, and not kept: a session lives long. */
  | { readonly name: "active" | "refused" };

/** One of each for all sessions. */
const NEW: State = { name: "new" };
const ACTIVE: State = { name: "active" };
const REFUSED: State = { name: "refused" };

/** A session of the side that waits. {@link Server.session} makes it, once for each connection. */
export class ServerSession extends Session {
  readonly #server: SessionOwner;
  #state: State = NEW;

  /** Made by `Server.session`. */
  constructor(server: SessionOwner, now: Instant) {
    super(now);
    this.#server = server;
  }

  get isOver(): boolean {
    return this.state === "closed";
  }

  override get isProven(): boolean {
    return this.#state.name !== "new" && this.#state.name !== "searching";
  }

  override get deadlineMs(): number {
    return this.#state.name === "searching" && !this.isOver
      ? Math.min(super.deadlineMs, this.#state.nextMs)
      : super.deadlineMs;
  }

  override advance(now: Instant, takesMore = true): SessionEvent[] {
    const events = super.advance(now, takesMore);
    const state = this.#state;
    if (state.name === "searching" && !this.isOver && now.monotonicMs >= state.nextMs) {
      this.guarded(now, () => this.#onAnswer(state.handshake.continueSearch(), state, now));
    }
    return events;
  }

  protected override onHandshakeMessage(frame: Uint8Array, now: Instant): SessionEvent[] {
    if (this.#state.name === "answered") return this.#onMessage3(this.#state, frame, now);
    if (this.#state.name === "searching") {
      throw new LairError("noise-out-of-turn", "A connection was dropped: it did not wait for an answer.");
    }
    const begun = this.#server.begin(now);
    this.#state = { name: "new", handshake: begun.handshake };
    this.#onAnswer(begun.handshake.answer(frame, now), begun, now);
    return [];
  }

  #onAnswer(
    answer: Answer<ServerCredential> | undefined,
    { handshake, order }: { readonly handshake: Handshake; readonly order: number },
    now: Instant,
  ): void {
    if (answer === undefined) {
      this.#state = { name: "searching", handshake, order, nextMs: now.monotonicMs + SLICE_PAUSE_MS };
      return;
    }
    const { message2, credential } = answer;
    // An invite may be used or expire in the meantime, and its psk be overwritten.
    this.#state = { name: "answered", handshake, credential: { ...credential, psk: credential.psk.slice() }, order };
    this.sendHandshake(message2);
  }

  #onMessage3(answered: Extract<State, { name: "answered" }>, frame: Uint8Array, now: Instant): SessionEvent[] {
    const { handshake, credential, order } = answered;
    const opened = handshake.finish(frame, now);
    const chatSession = this.openChannel(opened.channel);
    let identified: Identified;
    try {
      identified = this.#server.identify(credential, opened, order, now);
    } catch (error) {
      return this.#refuseUnable(chatSession, error, now);
    } finally {
      erase(credential.psk);
    }
    this.#state = REFUSED;
    const { peer, ...former } = identified;
    if (peer === undefined) {
      chatSession.refuse(CLOSE_REASON.notTrusted, now);
      const { signatureKey, name } = opened.hello;
      return [{ type: "refused", reason: "not-trusted", publicKey: opened.remoteStaticKey, signatureKey, name }];
    }
    this.peer = peer;
    const verdict = this.#server.admit(this, peer, now);
    if (verdict !== "active") {
      chatSession.refuse(verdict === "busy" ? CLOSE_REASON.busy : CLOSE_REASON.replaced, now);
      return [{ type: "refused", reason: verdict, peer }];
    }
    try {
      chatSession.begin(this.#server.chatWith(peer));
    } catch (error) {
      return this.#refuseUnable(chatSession, error, now);
    }
    this.#state = ACTIVE;
    const paired =
      credential.type === "invite" ? { pairedNow: true, byInvite: credential.invite.id } : { pairedNow: false };
    return [{ type: "opened", peer, ...paired, ...former }];
  }

  /** A failing disk is not the peer's fault: it is told, and may come again with what it has. */
  #refuseUnable(chatSession: ChatSession, error: unknown, now: Instant): SessionEvent[] {
    if (!isOfOurDisk(error)) throw error;
    chatSession.refuse(CLOSE_REASON.unable, now);
    return [{ type: "refused", reason: "unable", error }];
  }

  protected override destroyHandshake(): void {
    if ("handshake" in this.#state) this.#state.handshake?.destroy();
    if (this.#state.name === "answered") erase(this.#state.credential.psk);
  }
}
