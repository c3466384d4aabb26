// The outbox: what is said to each peer, from the moment it was typed until it is acknowledged or counted as lost. One turn
// after something was said or shown it is stored; where a session is open, its runner does that. Knows no session and not
// how anything looks. What is typed goes this way:
//
//   typed --> held back --a session opens--> staged --stored--> waiting --acknowledged--> gone
//     |           |                            |
//     |           no session is made any more  the store fails
//     |           v                            v
//     +-------> lost <-------------------------+          (nobody is known, or the outbox is full)

import { toHex } from "../core/bytes.ts";
import { Chat, type ChatEvent } from "../core/chat/chat.ts";
import type { Store } from "../core/delivery/store.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Command } from "./events.ts";
import type { Clock } from "./ports.ts";
import { type Kept, undeliveredReport, type UndeliveredReport } from "./undelivered.ts";

export type Said = Extract<Command, { type: "say" | "timer" }>;

export interface OutboxOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, "now">;
  /** Who hears what is said now, or when there is a session again; undefined when that is not clear. */
  readonly recipient: () => Peer | undefined;
  /** Whether a session is open, which stores and tells by itself. */
  readonly isOpen: () => boolean;
  /** Whether a session is being made: what is said before it is clear to whom is held back for it then. */
  readonly isAwaiting: boolean;
  /** What has happened by storing, in order. */
  readonly onEvents: (events: readonly ChatEvent[]) => void;
  readonly showError: (error: unknown) => void;
}

/** Held back at most. */
const MOST_HELD = 1_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #chats = new Map<string, Chat>();
  /** Of whom the person wants to hear nothing any more, by hex of the key. */
  readonly #forgotten = new Set<string>();
  #last: { readonly peer: Peer; readonly chat: Chat } | undefined;
  #isFlushDue = false;
  /** What was said before it was clear to whom, in order; undefined once it has been, or when no session is being made. */
  #held: Said[] | undefined;
  /** Staged, and neither stored nor refused yet. */
  #staged = 0;
  /** Lost, and nobody has been told yet. */
  #untold = 0;
  /** Lost, and said so at once: that matters only where nobody could say it again. */
  #refused = 0;
  #hasMisread = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    if (options.isAwaiting) this.#held = [];
  }

  /** What is said with this peer. Throws LairError store-*. */
  with(peer: Peer): Chat {
    // It is asked for at every message.
    if (this.#last?.peer === peer) return this.#last.chat;
    const key = toHex(peer.publicKey);
    const chat = this.#chats.get(key) ?? new Chat(this.#options.store, peer.publicKey);
    this.#chats.set(key, chat);
    this.#last = { peer, chat };
    return chat;
  }

  /**
   * Counts nothing any more of what waits for this peer, until it is paired anew; with `history` all that is kept of it is
   * removed. Throws LairError store-*: then it is as before.
   */
  forget(peer: Peer, history: boolean): void {
    this.flush();
    // Never a new one for the same peer: the stamps are counted in it.
    if (history) this.with(peer).forget();
    this.#forgotten.add(toHex(peer.publicKey));
  }

  /** Whether this peer was forgotten, and has not been paired anew since. */
  isForgotten(peer: Peer): boolean {
    return this.#forgotten.size > 0 && this.#forgotten.has(toHex(peer.publicKey));
  }

  /** A session with this peer is open. */
  remember(peer: Peer): void {
    this.#forgotten.delete(toHex(peer.publicKey));
  }

  // --- what is typed ------------------------------------------------------------------------------------------------

  /** It is stored soon, or held back, or refused and counted as lost. */
  say(said: Said): void {
    const { clock, recipient, isOpen } = this.#options;
    const peer = recipient();
    if (peer === undefined) {
      this.#holdBack(said);
      return;
    }
    try {
      const chat = this.with(peer);
      if (said.type === "say") chat.say(said.text, clock.now());
      else chat.setTimer(said.seconds, clock.now());
      this.#staged += 1;
    } catch (error) {
      // What was said before it is told before it, so that programs see which one was refused. A session does that itself.
      if (!isOpen()) this.flush();
      this.refuse(error);
    }
  }

  /** It is clear now to whom. */
  sayHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const said of held) this.say(said);
  }

  /** It will never be clear to whom. */
  giveUpHeld(): void {
    this.lost(this.#held?.length ?? 0);
    this.#held = undefined;
  }

  /** One was refused, and the person is told why. */
  refuse(error: unknown): void {
    this.#refused += 1;
    this.#options.showError(error);
  }

  /** So many messages will never be said, and nobody has been told yet. */
  lost(count: number): void {
    this.#untold += count;
  }

  /** Something of the input was no text, and was told at once. */
  misread(): void {
    this.#hasMisread = true;
  }

  /** Who leaves by `quit` has seen what was refused. */
  forgetRefused(): void {
    this.#refused = 0;
  }

  #holdBack(said: Said): void {
    if (this.#held === undefined) {
      const hint = "Send it again when somebody is connected.";
      this.refuse(new LairError("not-connected", "Nobody is connected, so this was not sent.", { hint }));
    } else if (this.#held.length < MOST_HELD) {
      this.#held.push(said);
    } else {
      this.refuse(new LairError("queue-full", "Too many messages wait for the first connection; this was not sent."));
    }
  }

  // --- what is stored -----------------------------------------------------------------------------------------------

  /** Something was staged: it is stored before this turn of the event loop ends, with all else that was. */
  wake(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => this.flush());
  }

  /** Stores what is staged, now. */
  flush(): void {
    this.#isFlushDue = false;
    for (const chat of this.#chats.values()) {
      if (!chat.hasStaged) continue;
      try {
        this.#options.onEvents(chat.commit());
      } catch (error) {
        this.refuseStaged();
        this.#options.showError(error);
      }
    }
  }

  /** This has happened, by whatever stored it. */
  note(event: ChatEvent): void {
    const isOurs = event.type === "queued" || event.type === "sent" || (event.type === "timer" && event.by === "you");
    if (isOurs) this.#staged -= 1;
  }

  /** A store that failed has taken nothing of what was staged; its error says so. */
  refuseStaged(): void {
    this.#refused += this.#staged;
    this.#staged = 0;
  }

  // --- what has not arrived -----------------------------------------------------------------------------------------

  /** What was said since the program began and has not arrived: no older than that, and no more than is still there. */
  get undelivered(): number {
    let count = 0;
    for (const [key, { undelivered, sent }] of this.#chats) {
      if (!this.#forgotten.has(key)) count += Math.min(undelivered, sent);
    }
    return count;
  }

  /** All that waits, whenever it was said. */
  get #waiting(): number {
    let count = 0;
    for (const [key, { undelivered }] of this.#chats) if (!this.#forgotten.has(key)) count += undelivered;
    return count;
  }

  /** What is to be told at the end. What was lost is told once. */
  report(kept: Kept): UndeliveredReport {
    const [lost, hasMisread] = [this.#untold + this.#refused, this.#hasMisread];
    const waiting = kept === "as-asked" ? this.#waiting : this.undelivered;
    this.#untold = 0;
    this.#refused = 0;
    return undeliveredReport({ lost, waiting, kept, hasMisread });
  }
}
