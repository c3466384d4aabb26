// The commands that show or change something: status, who, peers, verify, rename, forget-peer, mute, address, history,
// search, export, forget, renumber; and those that choose recipients: to, all. Leaving is elsewhere. Knows no presentation.

import { equalInConstantTime } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import type { Peer } from "../core/identity/peer.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Conversation } from "./conversation.ts";
import type { Display } from "./display.ts";
import type { Command, ConversationView } from "./events.ts";
import type { Frontend } from "./frontend.ts";
import { type HistoryCommand, HistoryCommands, type Keeping } from "./history-commands.ts";
import type { Introductions } from "./introductions.ts";
import type { Outbox, Said } from "./outbox.ts";
import { PeerCommands } from "./peer-commands.ts";
import { recipientOf } from "./people.ts";
import type { Persistence } from "./persistence.ts";
import type { Clock, ExportHistory } from "./ports.ts";
import type { Recipients } from "./recipients.ts";
import { renumbered } from "./renumber.ts";
import { type Circumstances, statusReport } from "./status-report.ts";
import type { Unread } from "./unread.ts";
import { peersOf } from "./which-peer.ts";

interface ConversationCommandsOptions {
  readonly frontend: Frontend;
  readonly display: Display;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly suite: CipherSuite;
  readonly self: PublicIdentity;
  readonly persistence: Pick<Persistence, "history" | "isLasting">;
  readonly exportHistory: ExportHistory;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Ends the session with a peer and removes its pairing, with `history` also its kept lines. Throws LairError. */
  readonly forgetPeer: (peer: Peer, history: boolean) => void;
  readonly recipients: Recipients;
  readonly conversation: (peer: Peer) => Conversation;
  /** The conversation with somebody who is not known yet, if there is one. */
  readonly pending: () => Conversation | undefined;
  readonly say: (said: Said, peer: Peer) => void;
  readonly introductions: Introductions;
  readonly unread: Unread;
}

type Asked = Exclude<Command, { type: "say" | "timer" | "room" | "quit" | "misread" | "end" | "interrupt" }>;

export class ConversationCommands {
  readonly #options: ConversationCommandsOptions;
  readonly #peers: PeerCommands;
  readonly #history: HistoryCommands;

  constructor(options: ConversationCommandsOptions) {
    this.#options = options;
    this.#peers = new PeerCommands({ ...options, countLines: (peer) => this.#history.countIfKept(peer) });
    this.#history = new HistoryCommands({
      suite: options.suite,
      show: (event) => options.frontend.show(event),
      nowMs: () => options.clock.now().wallMs,
      exportHistory: options.exportHistory,
      history: options.persistence.history,
    });
  }

  /** See {@link HistoryCommands.keep}. */
  keep(peer: Peer, keeping: Keeping): void {
    this.#history.keep(peer, keeping);
  }

  /** Shows the last lines of the history, as a reminder. */
  remind(peer: Peer): void {
    this.#history.remind(peer);
  }

  /** Executes the command, or shows why it cannot. */
  carryOut(command: Asked): void {
    try {
      this.#carryOut(command);
    } catch (error) {
      this.#options.display.error(error);
    }
  }

  #carryOut(command: Asked): void {
    switch (command.type) {
      case "status":
        this.#showStatus(command);
        break;
      case "who":
        this.#options.frontend.show({ type: "who", conversations: this.#views() });
        break;
      case "select":
        this.#select(command.who);
        break;
      case "say-all":
        this.#sayAll(command);
        break;
      case "help":
        // The frontend answers it, because it knows its own input.
        break;
      case "verify":
      case "peers":
      case "rename":
      case "forget-peer":
      case "mute":
      case "address":
        this.#peers.carryOut(command);
        break;
      case "history":
      case "search":
      case "export":
      case "forget":
        this.#aboutHistory(command);
        break;
      case "renumber":
        this.#renumber(command.to);
        break;
      case "introduce":
      case "answer-introduction":
        this.#options.introductions.carryOut(command);
        break;
      case "open":
        throw new LairError("usage", "There is no page: this program was started without --http.", {
          hint: "Start it with --http.",
        });
      case "invite":
      case "trust":
        throw new LairError("usage", "Only lair-server can do that.");
    }
  }

  /** About one peer in full. Without a name also about the others, in short. */
  #showStatus({ to, withOthers = to === undefined }: Extract<Command, { type: "status" }>): void {
    const { frontend, clock, outbox, suite, persistence, recipients, conversation, pending } = this.#options;
    const peer = to === undefined ? (recipients.only ?? this.#onlyHub) : recipients.ofCommand(to, "show");
    const shown = peer === undefined ? pending() : conversation(peer);
    const circumstances: Circumstances = {
      url: shown?.address.url ?? "",
      proxy: shown?.address.proxy,
      connectedAtMs: shown?.connectedAtMs,
      nextTry: shown?.nextTry,
      suite,
      store: persistence.isLasting ? "file" : "memory",
      history: this.#history.retention(peer),
      historyLimitBytes: this.#history.limit(peer),
      peer,
      others: withOthers ? this.#views(peer) : [],
      chat: peer === undefined ? undefined : outbox.with(peer),
    };
    frontend.show({ type: "status", status: statusReport(shown?.runner?.session, circumstances, clock.now()) });
  }

  /** A program that talks with nobody may still be at one hub. */
  get #onlyHub(): Peer | undefined {
    const { all, hubs } = this.#options.recipients;
    return all.length === 0 && hubs.length === 1 ? hubs[0] : undefined;
  }

  #select(who: string): void {
    const { frontend, suite, recipients, unread } = this.#options;
    const peer = recipients.personOf(who, "write to");
    const view = viewPeer(suite, peer);
    unread.clear(recipientOf(view));
    frontend.show({ type: "selected", peer: view, by: "user" });
  }

  /** Asks, or says it to everybody this program talks with if confirmed. */
  #sayAll({ text, confirmed, to }: Extract<Command, { type: "say-all" }>): void {
    const { frontend, suite, recipients, say } = this.#options;
    // Only those whom the question named: others may have been paired, and some forgotten, before the answer.
    const all = to === undefined ? recipients.all : peersOf(suite, recipients.all, to);
    if (all.length === 0) {
      const message = to === undefined ? "Nobody is paired here yet" : "None of them is paired here any more";
      throw new LairError("not-connected", `${message}, so this was not sent.`);
    }
    if (confirmed) for (const peer of all) say({ type: "say", text }, peer);
    else frontend.show({ type: "say-all-asked", text, peers: all.map((peer) => viewPeer(suite, peer)) });
  }

  /** Each conversation in short, in the order of `peers`, and the hubs; but the one with `but`. */
  #views(but?: Peer): readonly ConversationView[] {
    const { outbox, suite, clock, recipients, conversation, unread } = this.#options;
    const nowMs = clock.now().wallMs;
    const peers = [...recipients.all, ...recipients.hubs].filter(
      (peer) => but === undefined || !equalInConstantTime(peer.publicKey, but.publicKey),
    );
    return peers.map((peer) => {
      const { isOpen, nextTry, lastSeenMs } = conversation(peer);
      const view = viewPeer(suite, peer);
      return {
        peer: view,
        state: isOpen ? "connected" : nextTry === undefined ? "away" : "connecting",
        waiting: outbox.with(peer).undelivered,
        unread: unread.of(recipientOf(view)),
        isMuted: peer.isMuted === true,
        lastSeenMs: isOpen ? nowMs : lastSeenMs,
      };
    });
  }

  #aboutHistory(command: HistoryCommand): void {
    const { recipients } = this.#options;
    if (command.type === "search" && command.to === undefined) {
      const peers = recipients.all;
      if (peers.length > 1) return this.#history.searchAll(command.words, peers);
    }
    this.#history.carryOut(command, recipients.personOf(command.to, "show the history of"));
  }

  #renumber(to: string | undefined): void {
    const { outbox, display, frontend, recipients } = this.#options;
    const peer = recipients.personOf(to, "restart the numbers with");
    const chat = outbox.with(peer);
    outbox.flush();
    chat.beginAnew();
    for (const event of chat.commit()) {
      if (event.type !== "introduction") display.chat(peer, event);
      outbox.note(event);
    }
    frontend.show(renumbered(this.#options.suite, peer));
    display.backlog(peer);
  }
}
