// Shows the messages of all conversations, and tracks how many the output has confirmed. Knows no session.

import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import { type PeerView, viewPeer } from "../core/identity/peer-view.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { errorEvent, type Frontend } from "./frontend.ts";
import { Shown } from "./shown.ts";

interface DisplayOptions {
  readonly frontend: Frontend;
  readonly suite: CipherSuite;
  /** Whether the cause of an error is shown as well. */
  readonly verbose: boolean;
  readonly chatWith: (peer: Peer) => Chat;
  /** The output has confirmed all of the peer's messages below this number; to be stored. */
  readonly onTaken: (peer: Peer, next: number) => void;
}

export class Display {
  readonly #options: DisplayOptions;
  readonly #shown: Shown;
  #viewed: { readonly peer: Peer; readonly view: PeerView } | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#shown = new Shown((action) => options.frontend.whenTaken(action), options.onTaken);
  }

  /** Shows what happened in the chat with this peer; its messages are marked once the output has confirmed them. */
  chat(peer: Peer, event: Exclude<ChatEvent, { type: "introduction" }>): void {
    const { frontend } = this.#options;
    const view = this.#view(peer);
    if (event.type === "timer-held") frontend.show({ type: "timer", seconds: event.seconds, by: "you", peer: view });
    else frontend.show({ ...event, peer: view });
    if (event.type !== "delivered" && event.type !== "memory") this.#shown.note(peer, event);
  }

  /** This has been shown by other means. */
  noted(peer: Peer, event: ChatEvent): void {
    this.#shown.note(peer, event);
  }

  /** Shows how much waits for this peer, even if nothing does: it also says who will receive new messages. */
  backlog(peer: Peer): void {
    const { frontend, chatWith } = this.#options;
    frontend.show({ type: "backlog", peer: this.#view(peer), seqs: chatWith(peer).waiting });
  }

  /** The same object for each event of a peer, until it changes: a burst of messages makes one fingerprint. */
  #view(peer: Peer): PeerView {
    if (this.#viewed?.peer !== peer) this.#viewed = { peer, view: viewPeer(this.#options.suite, peer) };
    return this.#viewed.view;
  }

  /** `peer`: whom it concerns, if it is about one peer. */
  error(error: unknown, peer?: Peer): void {
    const { frontend, verbose } = this.#options;
    frontend.show(peer === undefined ? errorEvent(error) : { ...errorEvent(error), peer: this.#view(peer) });
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
