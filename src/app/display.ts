// What a conversation shows of what is said, and how much of it is on the output for certain. Knows no session.

import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { errorEvent, type Frontend } from "./frontend.ts";
import { Shown } from "./shown.ts";

export interface DisplayOptions {
  readonly frontend: Frontend;
  readonly suite: CipherSuite;
  /** Whether what caused an error is shown as well. */
  readonly verbose: boolean;
  readonly recipient: () => Peer | undefined;
  readonly chatWith: (peer: Peer) => Chat;
  /** The output has all of the peer's below the number; to be stored. */
  readonly onTaken: (chat: Chat, next: number) => void;
}

export class Display {
  readonly #options: DisplayOptions;
  readonly #shown: Shown;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#shown = new Shown((action) => options.frontend.whenTaken(action), options.onTaken);
  }

  /** Shows what happened in the chat with the peer of the moment; what came from it is marked once the output has it. */
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

  /** Shows how much waits for this peer, even when nothing does: it says for whom it is what is said now. */
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

  /** How much has been shown and is not known to be on the output. */
  get unshown(): number {
    return this.#shown.unshown;
  }

  /** Calls back once everything that was shown is on the output, or never will be; the marks are set first. */
  whenTaken(action: () => void): void {
    this.#shown.settle();
    this.#options.frontend.whenTaken(action);
  }
}
