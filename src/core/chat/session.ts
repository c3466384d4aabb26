// A session: one connection from its first byte to its end, sans-I/O. The handshake first, then the chat session that it
// opens. Whose handshake it is, is in `../pairing/client-session.ts` and `../pairing/server.ts`; who carries the frames,
// elsewhere.
//
//   handshaking ---openChannel---> opened (the channel's own states: resuming, open, rekeying, closing)
//        |                           |
//        +---an error, 10 s, destroy-+---the channel's end, destroy---> over

import { type Channel, type ChannelState, elapsedMs, type Instant } from "../channel/index.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import { LairError } from "../errors.ts";
import type { Peer } from "../identity/peer.ts";
import { ChatSession, type ChatSessionEvent } from "./chat-session.ts";

/** Ours; the server's adapter has a shorter one of its own, from the first byte of TCP on. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

export type SessionEvent =
  | ChatSessionEvent
  /** The other side is who it should be, and can be talked to. */
  | { readonly type: "opened"; readonly peer: Peer; readonly pairedNow: boolean }
  /** The other side has authenticated, and is told why it cannot stay. */
  | { readonly type: "refused"; readonly reason: "busy"; readonly peer: Peer }
  | { readonly type: "refused"; readonly reason: "unable"; readonly error: LairError }
  | { readonly type: "refused"; readonly reason: "not-trusted"; readonly publicKey: Uint8Array; readonly name: string };

type State =
  | { readonly name: "handshaking" }
  /** The channel is there; its own states say the rest. Our last handshake message may still have to go. */
  | { readonly name: "opened"; readonly chatSession: ChatSession }
  /** `chatSession` is there where it came to one. */
  | { readonly name: "over"; readonly chatSession: ChatSession | undefined };

export abstract class Session {
  readonly #startedAt: Instant;
  readonly #handshakeFrames: Uint8Array[] = [];
  #state: State = { name: "handshaking" };
  #bytesSent = 0;
  #bytesReceived = 0;
  /** Who is at the other end, once that has been proven. */
  peer: Peer | undefined;

  constructor(now: Instant) {
    this.#startedAt = now;
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

  /** What is said, once the handshake has opened it. */
  get chatSession(): ChatSession | undefined {
    return this.#state.name === "handshaking" ? undefined : this.#state.chatSession;
  }

  /** Of frames, both ways; what the carrier adds is not counted. */
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
        return this.#startedAt.monotonicMs + HANDSHAKE_TIMEOUT_MS;
      case "opened":
        return this.#state.chatSession.deadlineMs;
      case "over":
        return Number.POSITIVE_INFINITY;
    }
  }

  /** Whether {@link advance} is to be called once more at once, whatever the time. */
  get wantsTurn(): boolean {
    return this.#state.name === "opened" && this.#state.chatSession.wantsTurn;
  }

  /** What time alone brings. Throws LairError, and the session is over then. */
  advance(now: Instant): SessionEvent[] {
    return this.guarded(now, () => {
      if (this.#state.name === "handshaking" && elapsedMs(this.#startedAt, now) >= HANDSHAKE_TIMEOUT_MS) {
        throw new LairError("handshake-rejected", "The other side did not finish the handshake within 10 s.", {
          hint: "Is it a Lair program, and is it still running?",
        });
      }
      return this.chatSession?.advance(now) ?? [];
    });
  }

  /** The next frame to send, or undefined. Throws LairError, and the session is over then. */
  nextFrame(now: Instant): Uint8Array | undefined {
    return this.guarded(now, () => {
      const frame = this.#handshakeFrames.shift() ?? this.chatSession?.nextFrame(now);
      this.#bytesSent += frame?.length ?? 0;
      return frame;
    });
  }

  /** A frame came. Throws LairError, and the session is over then. */
  receive(frame: Uint8Array, now: Instant): SessionEvent[] {
    return this.guarded(now, () => {
      this.#bytesReceived += frame.length;
      return this.chatSession?.receive(frame, now) ?? this.onHandshakeMessage(frame, now);
    });
  }

  /**
   * To be called with what ended it, from here or from elsewhere in the program. Returns the last frame for the other
   * side, which is told when our disk has failed and of nothing else. The session is over then.
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
    this.#handshakeFrames.length = 0;
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

  /** The handshake has ended well; {@link ChatSession.begin} follows once it is clear with whom. */
  protected openChannel(channel: Channel): ChatSession {
    const chatSession = new ChatSession(channel);
    this.#state = { name: "opened", chatSession };
    return chatSession;
  }
}
