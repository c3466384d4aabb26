// A session of the side that waits (docs/PROTOCOL.md §3, §9, §12): its handshake, and whether the peer may stay. Its
// server knows the peers, and which of them stays.
//
//   new ---message 1 is good---> answered ---message 3: known, paired or trusted; not busy---> active    "opened" is told
//    |                              |------- its key is not trusted, busy, our disk failed---> refused   "refused" is told
//    +--------- anything else ------+--> over, without an answer

import { erase } from "../bytes.ts";
import { CLOSE_REASON, type Instant, type Opened, type ResponderHandshake } from "../channel/index.ts";
import type { ChatSession } from "../chat/chat-session.ts";
import type { Chat } from "../chat/chat.ts";
import { Session, type SessionEvent } from "../chat/session.ts";
import { isOfOurDisk } from "../errors.ts";
import type { OpenInvite, Peer } from "../identity/peer.ts";

/** A secret that a server accepts, with what it stands for. */
export type ServerCredential =
  | { readonly type: "invite"; readonly psk: Uint8Array; readonly invite: OpenInvite }
  | { readonly type: "peer"; readonly psk: Uint8Array; readonly publicKey: string }
  | { readonly type: "psk-file"; readonly psk: Uint8Array };

type Handshake = ResponderHandshake<ServerCredential>;

/** The questions of a session to its server. */
export interface SessionOwner {
  /** A handshake to be answered, and its number. */
  begin(now: Instant): { readonly handshake: Handshake; readonly order: number };
  /**
   * The peer that has proved a secret; stored when it returns. Undefined: its key now waits for a person's decision.
   * Throws LairError, and the session is then dropped.
   */
  identify(credential: ServerCredential, opened: Opened, order: number, now: Instant): Peer | undefined;
  /** Whether it may stay. A new connection of the same peer replaces the older one. */
  admit(session: ServerSession, peer: Peer, now: Instant): "active" | "busy";
  /** The chat with this peer. Throws LairError store-*. */
  chatWith(peer: Peer): Chat;
}

type State =
  | { readonly name: "new"; readonly handshake?: Handshake }
  /** Message 2 has been sent; the proof was made with this secret, which is a copy. */
  | { readonly name: "answered"; readonly handshake: Handshake; readonly credential: ServerCredential; order: number }
  | { readonly name: "active" | "refused"; readonly handshake: Handshake };

export class ServerSession extends Session {
  readonly #server: SessionOwner;
  #state: State = { name: "new" };

  /** Made by `Server.session`. */
  constructor(server: SessionOwner, now: Instant) {
    super(now);
    this.#server = server;
  }

  get isOver(): boolean {
    return this.state === "closed";
  }

  protected override onHandshakeMessage(frame: Uint8Array, now: Instant): SessionEvent[] {
    if (this.#state.name === "answered") return this.#onMessage3(this.#state, frame, now);
    const { handshake, order } = this.#server.begin(now);
    this.#state = { name: "new", handshake };
    const { message2, credential } = handshake.answer(frame);
    // An invite may be used or expire in the meantime, and its psk be overwritten.
    this.#state = { name: "answered", handshake, credential: { ...credential, psk: credential.psk.slice() }, order };
    this.sendHandshake(message2);
    return [];
  }

  #onMessage3(answered: Extract<State, { name: "answered" }>, frame: Uint8Array, now: Instant): SessionEvent[] {
    const { handshake, credential, order } = answered;
    const opened = handshake.finish(frame, now);
    const chatSession = this.openChannel(opened.channel);
    let peer: Peer | undefined;
    try {
      peer = this.#server.identify(credential, opened, order, now);
    } catch (error) {
      return this.#refuseUnable(chatSession, error, now);
    } finally {
      erase(credential.psk);
    }
    this.#state = { name: "refused", handshake };
    if (peer === undefined) {
      chatSession.refuse(CLOSE_REASON.notTrusted, now);
      return [{ type: "refused", reason: "not-trusted", publicKey: opened.remoteStaticKey, name: opened.hello.name }];
    }
    this.peer = peer;
    if (this.#server.admit(this, peer, now) === "busy") {
      chatSession.refuse(CLOSE_REASON.busy, now);
      return [{ type: "refused", reason: "busy", peer }];
    }
    try {
      chatSession.begin(this.#server.chatWith(peer));
    } catch (error) {
      return this.#refuseUnable(chatSession, error, now);
    }
    this.#state = { name: "active", handshake };
    return [{ type: "opened", peer, pairedNow: credential.type === "invite" }];
  }

  /** A failing disk is not the peer's fault: it is told, and may come again with what it has. */
  #refuseUnable(chatSession: ChatSession, error: unknown, now: Instant): SessionEvent[] {
    if (!isOfOurDisk(error)) throw error;
    chatSession.refuse(CLOSE_REASON.unable, now);
    return [{ type: "refused", reason: "unable", error }];
  }

  protected override destroyHandshake(): void {
    this.#state.handshake?.destroy();
    if (this.#state.name === "answered") erase(this.#state.credential.psk);
  }
}
