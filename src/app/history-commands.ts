// The commands about earlier messages: history, search, export, forget. Knows where they are kept, not how they look.

import type { Command, ProgramEvent } from "./events.ts";
import type { History, Retention } from "../core/chat/history.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { ExportHistory } from "./ports.ts";

export type HistoryCommand = Extract<Command, { type: "history" | "search" | "export" | "forget" }>;

/** Of the last lines, at the start of the program. */
const AT_START = 10;
const MOST_FOUND = 50;

/** What a program was told at its start about the histories. */
export interface Keeping {
  /** Of --history. */
  readonly retention: Retention | undefined;
  /** Of --history-limit, in bytes. */
  readonly historyLimit?: number | undefined;
}

interface HistoryCommandsOptions {
  readonly suite: CipherSuite;
  readonly show: (event: ProgramEvent) => void;
  readonly nowMs: () => number;
  readonly exportHistory: ExportHistory;
  /** Undefined with --no-store. */
  readonly history: History | undefined;
}

export class HistoryCommands {
  readonly #options: HistoryCommandsOptions;

  constructor(options: HistoryCommandsOptions) {
    this.#options = options;
  }

  /** How long the conversation with this peer is kept. */
  /** How many bytes of lines are kept with this peer at most; undefined if none are. */
  limit(peer: Peer | undefined): number | undefined {
    const isKept = peer !== undefined && this.retention(peer) !== "off";
    return isKept ? this.#options.history?.limit(peer.publicKey) : undefined;
  }

  retention(peer: Peer | undefined): Retention {
    return peer === undefined ? "off" : (this.#options.history?.retention(peer.publicKey) ?? "off");
  }

  /**
   * Remembers how long lines are kept, and how many bytes of them; undefined changes nothing. Throws LairError `usage`
   * with --no-store, store-*.
   */
  keep(peer: Peer, { retention, historyLimit }: Keeping): void {
    if (retention !== undefined) this.#required.setRetention(peer.publicKey, retention);
    if (historyLimit !== undefined) this.#required.setLimit(peer.publicKey, historyLimit);
  }

  /** The number of kept lines. Throws LairError. */
  count(peer: Peer): number {
    return this.#required.count(peer.publicKey, this.#options.nowMs());
  }

  /** The number of kept lines; 0 with --no-store. */
  countIfKept(peer: Peer): number {
    return this.#options.history === undefined ? 0 : this.count(peer);
  }

  /** The last lines, as a reminder. */
  remind(peer: Peer): void {
    const entries = this.#options.history?.last(peer.publicKey, AT_START, this.#options.nowMs()) ?? [];
    if (entries.length > 0)
      this.#options.show({ type: "history", peer: viewPeer(this.#options.suite, peer), entries, occasion: "start" });
  }

  /** The newest lines with all the words in the histories with these peers: an answer for each peer that has some. */
  searchAll(words: string, peers: readonly Peer[]): void {
    const { show, suite, nowMs } = this.#options;
    const history = this.#required;
    const answers = peers.map((peer) => {
      const { entries, total } = history.search(peer.publicKey, words, MOST_FOUND, nowMs());
      return { peer, entries, total };
    });
    const found = answers.filter(({ total }) => total > 0);
    for (const { peer, ...answer } of found) show({ type: "found", peer: viewPeer(suite, peer), words, ...answer });
    if (found.length === 0) show({ type: "found", peer: undefined, words, entries: [], total: 0 });
  }

  /** Throws LairError. */
  carryOut(command: HistoryCommand, peer: Peer): void {
    const { show, nowMs, exportHistory } = this.#options;
    const history = this.#required;
    const [key, view] = [peer.publicKey, viewPeer(this.#options.suite, peer)];
    switch (command.type) {
      case "history":
        return show({
          type: "history",
          peer: view,
          entries: history.last(key, command.count, nowMs()),
          occasion: "asked",
          isOff: this.retention(peer) === "off",
        });
      case "search": {
        const { entries, total } = history.search(key, command.words, MOST_FOUND, nowMs());
        return show({
          type: "found",
          peer: view,
          words: command.words,
          isOff: this.retention(peer) === "off",
          entries,
          total,
        });
      }
      case "export":
        return show({
          type: "exported",
          peer: view,
          file: command.file,
          count: exportHistory(command.file, history.all(key, nowMs())),
        });
      case "forget":
        if (!command.confirmed) return show({ type: "forget-asked", peer: view, count: this.count(peer) });
        return show({ type: "forgotten", peer: view, count: history.forget(key) });
    }
  }

  get #required(): History {
    if (this.#options.history !== undefined) return this.#options.history;
    throw new LairError("usage", "With --no-store nothing is kept, so there is no history.", {
      hint: "Start without --no-store, and with --history to keep what is said.",
    });
  }
}
