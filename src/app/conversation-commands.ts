// The commands that show or change something: status, peers, verify, rename, forget-peer, history, search, export,
// forget, renumber. Sending and leaving are elsewhere. Knows no running session and no presentation.

import type { Retention } from "../core/chat/history.ts";
import type { Session } from "../core/chat/session.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Display } from "./display.ts";
import type { Command } from "./events.ts";
import type { Frontend } from "./frontend.ts";
import { type HistoryCommand, HistoryCommands } from "./history-commands.ts";
import type { Outbox } from "./outbox.ts";
import { PeerCommands } from "./peer-commands.ts";
import type { Persistence } from "./persistence.ts";
import type { Clock, ExportHistory } from "./ports.ts";
import { renumbered } from "./renumber.ts";
import { type Circumstances, statusReport } from "./status-report.ts";

interface ConversationCommandsOptions {
  readonly frontend: Frontend;
  readonly display: Display;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly suite: CipherSuite;
  readonly ownKey: Uint8Array;
  readonly persistence: Pick<Persistence, "history" | "isLasting">;
  readonly exportHistory: ExportHistory;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Ends the session with a peer and removes its pairing, with `history` also its kept lines. Throws LairError. */
  readonly forgetPeer: (peer: Peer, history: boolean) => void;
  /** The peer that a message would go to, now or when there is a session again. */
  readonly recipient: () => Peer | undefined;
  /** The current session, if there is one. */
  readonly session: () => Session | undefined;
  /** What `status` says about connecting. */
  readonly connection: () => Pick<Circumstances, "url" | "proxy" | "connectedAtMs" | "nextTry">;
}

type Asked = Exclude<Command, { type: "say" | "timer" | "quit" | "misread" | "end" | "interrupt" }>;

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

  /** Remembers how long the conversation with this peer is kept. Throws LairError `usage` with --no-store, store-*. */
  keep(peer: Peer, retention: Retention): void {
    this.#history.keep(peer, retention);
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
        this.#showStatus();
        break;
      case "help":
        // The frontend answers it, because it knows its own input.
        break;
      case "verify":
      case "peers":
      case "rename":
      case "forget-peer":
        this.#peers.carryOut(command);
        break;
      case "history":
      case "search":
      case "export":
      case "forget":
        this.#aboutHistory(command);
        break;
      case "renumber":
        this.#renumber();
        break;
      case "invite":
      case "trust":
        throw new LairError("usage", "Only lair-server can do that.");
    }
  }

  #showStatus(): void {
    const { frontend, clock, outbox, suite, persistence, session, recipient, connection } = this.#options;
    const peer = recipient();
    const circumstances: Circumstances = {
      ...connection(),
      suite,
      store: persistence.isLasting ? "file" : "memory",
      history: this.#history.retention(peer),
      peer,
      chat: peer === undefined ? undefined : outbox.with(peer),
    };
    frontend.show({ type: "status", status: statusReport(session(), circumstances, clock.now()) });
  }

  #aboutHistory(command: HistoryCommand): void {
    const peer = this.#options.recipient();
    if (peer === undefined)
      throw new LairError("not-connected", "Nobody is connected, so it is not clear whose history.");
    this.#history.carryOut(command, peer);
  }

  #renumber(): void {
    const { outbox, display, frontend, recipient } = this.#options;
    const peer = recipient();
    if (peer === undefined) {
      throw new LairError("not-connected", "Nobody is connected, so it is not clear whose numbers.");
    }
    const chat = outbox.with(peer);
    outbox.flush();
    chat.beginAnew();
    for (const event of chat.commit()) {
      display.chat(event);
      outbox.note(event);
    }
    frontend.show(renumbered(peer));
    display.backlog(peer);
  }
}
