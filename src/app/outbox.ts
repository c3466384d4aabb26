// The outbox: the messages to each peer, from typing until they are acknowledged or counted as lost. They are stored in
// the turn after something was said or shown; if a session is open, its runner stores them. Knows no session and no
// presentation. A typed message goes this way:
//
//   typed --> held back --a session opens--> staged --stored--> waiting --acknowledged--> gone
//     |           |                            |
//     |           no session is made any more  the store fails
//     |           v                            v
//     +-------> lost <-------------------------+          (nobody is known, or the outbox is full)

import { Chat, type ChatEvent } from "../core/chat/chat.ts";
import type { Store } from "../core/delivery/store.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { Instant } from "../core/clock.ts";
import type { Command } from "./events.ts";
import { keyOf } from "./peer-key.ts";
import type { Clock } from "./ports.ts";
import { type Kept, undeliveredReport, type UndeliveredReport } from "./undelivered.ts";

export type Said = Extract<Command, { type: "say" | "timer" }>;

interface OutboxOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, "now">;
  /** Whether a session with this peer is open, which stores and reports by itself. */
  readonly isOpen: (peer: Peer) => boolean;
  /** Whether a session is being made: until the recipient is clear, messages are held back for it. */
  readonly isAwaiting: boolean;
  /** Events that result from storing for one peer, in order. */
  readonly onEvents: (peer: Peer, events: readonly ChatEvent[]) => void;
  /** `peer`: whom it concerns, if it is about one. */
  readonly showError: (error: unknown, peer?: Peer) => void;
}

/** The maximum of messages held back. */
const MOST_HELD = 1_000;

export class Outbox {
  readonly #options: OutboxOptions;
  /** By hex of the key. */
  readonly #chats = new Map<string, { readonly peer: Peer; readonly chat: Chat }>();
  /** Peers that the user has forgotten, by hex of the key. */
  readonly #forgotten = new Set<string>();
  #isFlushDue = false;
  /** When the first of what is said in this turn was said: it counts for all of it. */
  #saidAt: Instant | undefined;
  /** Messages from before the recipient was clear, in order; undefined once it is, or when no session is being made. */
  #held: Said[] | undefined;
  /** Staged, and neither stored nor refused yet. */
  #staged = 0;
  /** Lost, and the user has not been told yet. */
  #untold = 0;
  /** Lost, and the user was told at once: that matters only if nobody can say it again. */
  #refused = 0;
  #hasMisread = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    if (options.isAwaiting) this.#held = [];
  }

  /** The chat with this peer. Throws LairError store-*. */
  with(peer: Peer): Chat {
    const key = keyOf(peer);
    const known = this.#chats.get(key);
    if (known !== undefined) return known.chat;
    const entry = { peer, chat: new Chat(this.#options.store, peer.publicKey) };
    this.#chats.set(key, entry);
    return entry.chat;
  }

  /**
   * Stops counting what waits for this peer, until it is paired again; with `history` deletes everything that is kept
   * of it. Throws LairError store-*, and then changes nothing.
   */
  forget(peer: Peer, history: boolean): void {
    this.flush();
    // Never create another Chat for the same peer: it counts the stamps.
    if (history) this.with(peer).forget();
    this.#forgotten.add(keyOf(peer));
  }

  get hasForgotten(): boolean {
    return this.#forgotten.size > 0;
  }

  /** Whether this peer was forgotten, and has not been paired again since. */
  isForgotten(peer: Peer): boolean {
    return this.hasForgotten && this.#forgotten.has(keyOf(peer));
  }

  /** A session with this peer is open. */
  remember(peer: Peer): void {
    this.#forgotten.delete(keyOf(peer));
  }

  // --- what is typed ------------------------------------------------------------------------------------------------

  /** Stored soon, or refused and counted as lost; held back if it is not clear yet who will be at the other end. */
  say(said: Said, peer: Peer | undefined): void {
    const { clock, isOpen } = this.#options;
    if (peer === undefined) {
      this.#holdBack(said);
      return;
    }
    this.#saidAt ??= clock.now();
    this.wake();
    try {
      const chat = this.with(peer);
      if (said.type === "say") chat.say(said.text, this.#saidAt);
      else chat.setTimer(said.seconds, this.#saidAt);
      this.#staged += 1;
    } catch (error) {
      // Report earlier events first, so that programs see which message was refused. A session does that itself.
      if (!isOpen(peer)) this.flush();
      this.refuse(error, peer);
    }
  }

  /** The recipient is clear now. */
  sayHeld(peer: Peer): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const said of held) this.say(said, peer);
  }

  /** Whom the program has met gets nothing that is said: what was said before was for nobody. */
  refuseHeld(error: LairError): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const _ of held) this.refuse(error);
  }

  /** The recipient will never be clear. */
  giveUpHeld(): void {
    this.lost(this.#held?.length ?? 0);
    this.#held = undefined;
  }

  /** A message was refused, and the user is told why. */
  refuse(error: unknown, peer?: Peer): void {
    this.#refused += 1;
    this.#options.showError(error, peer);
  }

  /** This many messages will never be sent, and the user has not been told yet. */
  lost(count: number): void {
    this.#untold += count;
  }

  /** A part of the input was not text, and the user was told at once. */
  misread(): void {
    this.#hasMisread = true;
  }

  /** A user who leaves with `quit` has seen what was refused. */
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

  /** Something was staged: it is stored before this turn of the event loop ends, together with everything else. */
  wake(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.#saidAt = undefined;
      // What comes over an open session is stored and told as far as its share of the turn goes.
      this.#store(({ peer }) => !this.#options.isOpen(peer));
    });
  }

  /** Stores what is staged, now. */
  flush(): void {
    this.#store(() => true);
  }

  #store(isMeant: (entry: { readonly peer: Peer }) => boolean): void {
    for (const entry of this.#chats.values()) {
      const { peer, chat } = entry;
      if (!chat.hasStaged || !isMeant(entry)) continue;
      try {
        this.#options.onEvents(peer, chat.commit());
      } catch (error) {
        this.refuseStaged();
        this.#options.showError(error, peer);
      }
    }
  }

  /** This event has happened, whatever stored it. */
  note(event: ChatEvent): void {
    const isOurs = event.type === "queued" || event.type === "sent" || (event.type === "timer" && event.by === "you");
    if (isOurs) this.#staged -= 1;
  }

  /** A failed store has taken nothing of what was staged; its error says so. */
  refuseStaged(): void {
    this.#refused += this.#staged;
    this.#staged = 0;
  }

  // --- what has not arrived -----------------------------------------------------------------------------------------

  /** Messages said since the program started that have not arrived: none older, and no more than are still there. */
  get undelivered(): number {
    let count = 0;
    for (const [key, { chat }] of this.#chats) {
      const { undelivered, sent } = chat;
      if (!this.#forgotten.has(key)) count += Math.min(undelivered, sent);
    }
    return count;
  }

  /** All waiting messages, whenever they were said. */
  get #waiting(): number {
    let count = 0;
    for (const [key, { chat }] of this.#chats) if (!this.#forgotten.has(key)) count += chat.undelivered;
    return count;
  }

  /** What to report at the end. Lost messages are reported once. `inRooms`: how many lines wait there. */
  report(kept: Kept, inRooms = 0): UndeliveredReport {
    const [lost, hasMisread] = [this.#untold + this.#refused, this.#hasMisread];
    const waiting = inRooms + (kept === "as-asked" ? this.#waiting : this.undelivered);
    this.#untold = 0;
    this.#refused = 0;
    return undeliveredReport({ lost, waiting, kept, hasMisread });
  }
}
