// Shows the messages of a conversation, and tracks how many the output has confirmed. Knows no session.

import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { errorEvent, type Frontend } from "./frontend.ts";
import { Shown } from "./shown.ts";

interface DisplayOptions {
  readonly frontend: Frontend;
  readonly suite: CipherSuite;
  /** Whether the cause of an error is shown as well. */
  readonly verbose: boolean;
  readonly recipient: () => Peer | undefined;
  readonly chatWith: (peer: Peer) => Chat;
  /** The output has confirmed all of the peer's messages below this number; to be stored. */
  readonly onTaken: (chat: Chat, next: number) => void;
}

export class Display {
  readonly #options: DisplayOptions;
  readonly #shown: Shown;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#shown = new Shown((action) => options.frontend.whenTaken(action), options.onTaken);
  }

  /**
   * Shows what happened in the chat with the current peer; its messages are marked once the output has confirmed them.
   */
  chat(event: ChatEvent): void {
    const { frontend, suite, recipient, chatWith } = this.#options;
    const peer = recipient();
    if (event.type === "memory") {
      if (peer !== undefined) frontend.show({ ...event, peer: viewPeer(suite, peer) });
      return;
    }
    frontend.show(event.type === "timer-held" ? { type: "timer", seconds: event.seconds, by: "you" } : event);
    if (event.type !== "delivered" && peer !== undefined) this.#shown.note(chatWith(peer), event);
  }

  /** Shows how much waits for this peer, even if nothing does: it also says who will receive new messages. */
  backlog(peer: Peer): void {
    const { frontend, suite, chatWith } = this.#options;
    frontend.show({ type: "backlog", peer: viewPeer(suite, peer), seqs: chatWith(peer).waiting });
  }

  error(error: unknown): void {
    const { frontend, verbose } = this.#options;
    frontend.show(errorEvent(error));
    if (verbose && error instanceof Error && error.cause instanceof Error) {
      frontend.show({ type: "notice", text: error.cause.stack ?? error.cause.message, detail: true });
    }
  }

  /** How many messages have been shown and not confirmed by the output. */
  get unshown(): number {
    return this.#shown.unshown;
  }

  /** Calls back once the output has confirmed, or can never confirm, everything shown; the marks are set first. */
  whenTaken(action: () => void): void {
    this.#shown.settle();
    this.#options.frontend.whenTaken(action);
  }
}
