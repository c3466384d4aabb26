// Shows the messages of all conversations, and tracks how many the output has confirmed. Knows no session.

import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { ProgramEvent } from "./events.ts";
import { errorEvent, type Frontend } from "./frontend.ts";
import type { PeerViews } from "./peer-views.ts";
import { Shown } from "./shown.ts";

interface DisplayOptions {
  readonly frontend: Frontend;
  readonly views: PeerViews;
  /** Whether the cause of an error is shown as well. */
  readonly verbose: boolean;
  readonly chatWith: (peer: Peer) => Chat;
  /** The output has confirmed all of the peer's messages below this number; to be stored. */
  readonly onTaken: (peer: Peer, next: number) => void;
}

export class Display {
  readonly #options: DisplayOptions;
  readonly #shown: Shown;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#shown = new Shown((action) => options.frontend.whenTaken(action), options.onTaken);
  }

  /** Shows what happened in the chat with this peer; its messages are marked once the output has confirmed them. */
  chat(peer: Peer, event: Exclude<ChatEvent, { type: "introduction" }>): void {
    const { frontend, views } = this.#options;
    const view = views.of(peer);
    if (event.type === "timer-held") frontend.show({ type: "timer", seconds: event.seconds, by: "you", peer: view });
    else frontend.show(ofPeer(event, view));
    if (event.type !== "delivered" && event.type !== "memory") this.#shown.note(peer, event);
  }

  /** This has been shown by other means. */
  noted(peer: Peer, event: ChatEvent): void {
    this.#shown.note(peer, event);
  }

  /** Shows how much waits for this peer, even if nothing does: it also says who will receive new messages. */
  backlog(peer: Peer): void {
    const { frontend, views, chatWith } = this.#options;
    frontend.show({ type: "backlog", peer: views.of(peer), seqs: chatWith(peer).waiting });
  }

  /** `peer`: whom it concerns, if it is about one peer. */
  error(error: unknown, peer?: Peer): void {
    const { frontend, views, verbose } = this.#options;
    frontend.show(peer === undefined ? errorEvent(error) : { ...errorEvent(error), peer: views.of(peer) });
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

/** The event with whom it is of. What comes with each message is made member by member, which takes a tenth of the time. */
function ofPeer(event: Exclude<ChatEvent, { type: "introduction" | "timer-held" }>, peer: PeerView): ProgramEvent {
  if (event.type === "delivered") return { type: event.type, seq: event.seq, peer };
  if (event.type === "sent" || event.type === "message") {
    const { type, seq, atMs, text } = event;
    if (event.ttlS === undefined && !("again" in event)) return { type, seq, atMs, text, peer };
  }
  return { ...event, peer };
}
