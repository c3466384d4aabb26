// A session: one connection from its first byte to its end, sans-I/O. First the handshake, then the chat session that
// it opens. `../pairing/client-session.ts` and `../pairing/server-session.ts` have the handshakes; the frames are carried
// elsewhere.
//
//   handshaking ---openChannel---> opened (the channel's own states: resuming, open, rekeying, closing)
//        |                           |
//        +---an error, 10 s, destroy-+---the channel's end, destroy---> over

import { type Channel, type ChannelState, elapsedMs, type Instant } from "../channel/index.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import { LairError } from "../errors.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import type { Peer } from "../identity/peer.ts";
import { Queue } from "../queue.ts";
import { ChatSession, type ChatSessionEvent } from "./chat-session.ts";

/** Ours; the server's adapter has a shorter limit, from the first byte of TCP on. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What has happened in a session: what its runner tells. */
export type SessionEvent =
  | ChatSessionEvent
  /** The other side is the expected one, and the conversation can begin. */
  | {
      readonly type: "opened";
      readonly peer: Peer;
      readonly pairedNow: boolean;
      /** The id of the invite by which it has just paired, at the side that made it. */
      readonly byInvite?: string;
      /**
       * The peer's fingerprint until now, if this session has pinned its signature key: it was paired before there were
       * such keys. Its fingerprint has changed thereby, and the old one matches nothing any more.
       */
      readonly formerFingerprint?: string;
    }
  /** The other side has authenticated, and is told why it cannot stay. */
  | { readonly type: "refused"; readonly reason: "busy" | "superfluous"; readonly peer: Peer }
  | { readonly type: "refused"; readonly reason: "unable"; readonly error: LairError }
  | ({ readonly type: "refused"; readonly reason: "not-trusted"; readonly name: string } & PublicIdentity);

type State =
  | { readonly name: "handshaking"; readonly startedAt: Instant }
  /** The channel exists; its own states say the rest. Our last handshake message may still have to be sent. */
  | { readonly name: "opened"; readonly chatSession: ChatSession }
  /** `chatSession` exists if the session got that far. */
  | { readonly name: "over"; readonly chatSession: ChatSession | undefined };

/**
 * One connection from its first byte to its end: a `ClientSession`, or one that a `Server` makes. A `SessionRunner` carries
 * it.
 */
export abstract class Session {
  readonly #handshakeFrames = new Queue<Uint8Array>();
  #state: State;
  #bytesSent = 0;
  #bytesReceived = 0;
  /** The peer, once it has been authenticated. */
  peer: Peer | undefined;

  constructor(now: Instant) {
    this.#state = { name: "handshaking", startedAt: now };
  }

  get state(): "handshaking" | ChannelState {
    switch (this.#state.name) {
      case "handshaking":
        return "handshaking";
      case "opened":
        return this.#state.chatSession.channel.state;
      case "over":
        return "closed";
    }
  }

  /** The chat, once the handshake has opened it. */
  get chatSession(): ChatSession | undefined {
    return this.#state.name === "handshaking" ? undefined : this.#state.chatSession;
  }

  /** Whether the other side has shown more than that it can connect: what it sent first was accepted. */
  get isProven(): boolean {
    return this.#bytesReceived > 0;
  }

  /** Bytes of frames, in each direction, without the overhead of the carrier. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** When {@link advance} has something to do, by the monotonic clock. */
  get deadlineMs(): number {
    switch (this.#state.name) {
      case "handshaking":
        return this.#state.startedAt.monotonicMs + HANDSHAKE_TIMEOUT_MS;
      case "opened":
        return this.#state.chatSession.deadlineMs;
      case "over":
        return Number.POSITIVE_INFINITY;
    }
  }

  /** Whether {@link advance} must be called again at once, whatever the time. */
  get wantsTurn(): boolean {
    return this.#state.name === "opened" && this.#state.chatSession.wantsTurn;
  }

  /** See {@link ChatSession.hasRest}: if there is any, {@link wantsTurn} is true. */
  get hasRest(): boolean {
    return this.#state.name === "opened" && this.#state.chatSession.hasRest;
  }

  /**
   * The effects of time, and a part of a rest: see {@link ChatSession.advance}. Throws LairError, and the session is then
   * over.
   */
  advance(now: Instant, takesMore = true): SessionEvent[] {
    return this.guarded(now, () => {
      if (this.#state.name === "handshaking" && elapsedMs(this.#state.startedAt, now) >= HANDSHAKE_TIMEOUT_MS) {
        throw new LairError("handshake-rejected", "The other side did not finish the handshake within 10 s.", {
          hint: "Is it a Lair program, and is it still running?",
        });
      }
      return this.chatSession?.advance(now, takesMore) ?? [];
    });
  }

  /** See {@link ChatSession.hasAnswersWaiting}. */
  get hasAnswersWaiting(): boolean {
    return this.#state.name === "opened" && this.#state.chatSession.hasAnswersWaiting;
  }

  /** The next frame to send, or undefined: see {@link ChatSession.nextFrame}. Throws LairError, and the session is then over. */
  nextFrame(now: Instant, sendsAnswersAlone = true): Uint8Array | undefined {
    return this.guarded(now, () => {
      const frame = this.#handshakeFrames.shift() ?? this.chatSession?.nextFrame(now, sendsAnswersAlone);
      this.#bytesSent += frame?.length ?? 0;
      return frame;
    });
  }

  /** A frame has arrived. Throws LairError, and the session is then over. */
  receive(frame: Uint8Array, now: Instant): SessionEvent[] {
    return this.guarded(now, () => {
      this.#bytesReceived += frame.length;
      return this.chatSession?.receive(frame, now) ?? this.onHandshakeMessage(frame, now);
    });
  }

  /**
   * To be called with the error that ended the session, from here or from elsewhere in the program. Returns the last
   * frame for the other side, which is told only if our disk has failed. The session is then over.
   */
  farewell(error: unknown, now: Instant): Uint8Array | undefined {
    const { chatSession } = this;
    try {
      chatSession?.orFarewell(now, () => {
        throw error;
      });
    } catch {
      this.destroy();
    }
    return chatSession?.farewell;
  }

  /** Overwrites every secret; nothing is sent any more. */
  destroy(): void {
    const { chatSession } = this;
    this.#state = { name: "over", chatSession };
    this.#handshakeFrames.clear();
    chatSession?.end();
    this.destroyHandshake();
  }

  protected guarded<T>(now: Instant, action: () => T): T {
    const { chatSession } = this;
    return destroyedOnError(this, () => (chatSession === undefined ? action() : chatSession.orFarewell(now, action)));
  }

  protected abstract onHandshakeMessage(frame: Uint8Array, now: Instant): SessionEvent[];

  protected abstract destroyHandshake(): void;

  protected sendHandshake(message: Uint8Array): void {
    this.#handshakeFrames.push(message);
  }

  /** The handshake has succeeded; {@link ChatSession.begin} follows once the peer is clear. */
  protected openChannel(channel: Channel): ChatSession {
    const chatSession = new ChatSession(channel);
    this.#state = { name: "opened", chatSession };
    return chatSession;
  }
}
