// Converts the program's events to rows of the screen: columns of time, name and text, with a peer's text always
// indented, so that it cannot look like a line of the program. All raw text passes the sanitiser here. Knows no
// terminal: it asks for the width, and writes nothing.

import type { ProgramEvent } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { HistoryEntry } from "../core/chat/history.ts";
import { SHOWN_COLUMNS } from "../core/identity/peer-name.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import { type Spelling, helpBlock, peersBlock, statusBlock, verifyAdvice, verifyBlock } from "./blocks.ts";
import { ConversationRows, type KeptLook, TIME_COLUMNS } from "./conversation-rows.ts";
import { createHighlight } from "./highlight.ts";
import { LinkRows } from "./link-rows.ts";
import {
  forgetPeerQuestion,
  forgetQuestion,
  forgottenPhrase,
  historyOffPhrase,
  foundPhrase,
  lineCount,
  memoryPhrase,
  peerForgottenPhrase,
  retryPhrase,
  timerPhrase,
  waitingPhrase,
} from "./retention-phrases.ts";
import { passesForOurs } from "../core/identity/reserved-names.ts";
import { endPhrase } from "./phrases.ts";
import { sanitiseLine, sanitiseText } from "./sanitise.ts";
import type { Paint, Style } from "./style.ts";
import { TextRows, plainPaint } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

/** A problem: the members of an error event, or of a frontend's own error. */
type Problem = Omit<Extract<ProgramEvent, { type: "error" }>, "type">;

interface Rendered {
  readonly rows: readonly string[];
  /** Whether the rows repeat and extend the last ones, so that they may replace them. */
  readonly replacesLast: boolean;
}

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

const NOTHING: Rendered = { rows: [], replacesLast: false };

export class View {
  readonly #options: ViewOptions;
  readonly #style: Style;
  readonly #layout: TextRows;
  readonly #spell: Spelling;
  readonly #chatSession: ConversationRows;
  readonly #link: LinkRows;
  #peer: PeerView | undefined;
  #hasToldAgain = false;
  /** What the last rows are about, while they are the last and the next of the kind may replace them. */
  #last: { readonly type: "renewals"; readonly count: number } | { readonly type: "retry" } | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#style = options.style;
    this.#layout = new TextRows(options.columns, options.style.dim);
    this.#chatSession = new ConversationRows({ ...options, layout: this.#layout });
    const { dot, ellipsis } = options.style;
    this.#spell = { dot, ellipsis, line: (raw) => this.#line(raw), name: (peer) => this.#named(peer) };
    this.#link = new LinkRows({
      ...options,
      layout: this.#layout,
      spell: this.#spell,
      notice: (text) => this.#notice(text),
    });
  }

  /** The peer of the current or last conversation. */
  get peer(): PeerView | undefined {
    return this.#peer;
  }

  /** A peer's name as shown: sanitised, never empty, never a word that means somebody else here. */
  peerName(peer: PeerView | undefined): string {
    const name = peer === undefined ? "" : sanitiseLine(peer.name, SHOWN_COLUMNS, this.#options);
    if (name === "") return "peer";
    return passesForOurs(name) ? `?${name}` : name;
  }

  /** The name in a sentence of the program, in quotation marks if needed. */
  #named(peer: PeerView | undefined): string {
    return nameInSentence(this.peerName(peer));
  }

  /** The rows for an event; none for events that only the prompt shows. */
  render(event: ProgramEvent): Rendered {
    if (event.type === "rekeyed") return this.#rekeyed();
    if (event.type === "reconnecting") return this.#reconnecting(event);
    this.#learnPeer(event);
    const rows = this.#rows(event);
    this.#link.learn(event);
    if (rows.length === 0) return NOTHING;
    const replacesLast = this.#options.merges && event.type === "connected" && this.#last?.type === "retry";
    this.#last = undefined;
    return { rows: event.type === "listening" ? rows : [...this.#link.greeting(), ...rows], replacesLast };
  }

  /** The last rows are no longer the last: nothing may replace them alone. */
  endLast(): void {
    this.#last = undefined;
  }

  /** The prompt and the command, shown in the conversation above the answer. */
  echo(prompt: string, line: string): string[] {
    this.#last = undefined;
    return this.#layout.hanging(prompt, this.#line(line), 0, this.#style.dim);
  }

  /** A line of the program itself: dim, after a dot. */
  notice(text: string): string[] {
    this.#last = undefined;
    return this.#notice(text);
  }

  #notice(text: string): string[] {
    return this.#layout.hanging(`${this.#style.dot} `, this.#safe(text), TIME_COLUMNS, this.#style.dim);
  }

  /** The heading above messages that may have been shown before. */
  again({ again }: EventOf<"message">): string[] {
    const isTold = this.#hasToldAgain;
    this.#hasToldAgain = again === true;
    return again === true && !isTold ? this.notice("stored when the program stopped; you may have seen these") : [];
  }

  /** The answer to `help`. */
  help(): string[] {
    this.#last = undefined;
    return this.#layout.block(helpBlock(this.#options.program, this.#options.merges));
  }

  /**
   * One line says what happened, one says what to do, with the technical name at the end; details to compare are in
   * between.
   */
  problem(problem: Problem): string[] {
    this.#last = undefined;
    const [happened = "", ...more] = this.#safe(problem.message).split("\n");
    const details = [...more, ...(problem.details ?? []).flatMap((detail) => this.#safe(detail).split("\n"))];
    const name = `[${this.#line(problem.code)}]`;
    const hint = problem.hint === undefined ? [] : [`${this.#safe(problem.hint).replaceAll("\n", " ")} ${name}`];
    const isShort = hint.length === 0 && details.length === 0;
    return [
      ...this.#layout.hanging("", isShort ? `${happened} ${name}` : happened, 0, this.#style.warning),
      // Indented in any case: a name in them must not look like a line of the program.
      ...details.flatMap((detail) => this.#layout.hanging("", detail.trimStart(), 2)),
      ...(hint.length > 0 || isShort ? hint : [name]).flatMap((line) => this.#layout.hanging("", line)),
    ];
  }

  #rows(event: Exclude<ProgramEvent, { type: "rekeyed" | "reconnecting" }>): string[] {
    switch (event.type) {
      case "started":
        return this.#link.started(event);
      case "listening":
        return this.#link.listening(event);
      case "invite":
        return this.#link.invite(event);
      case "connecting":
        return this.#link.connecting(event);
      case "connected":
        return this.#link.connected(event);
      case "backlog":
        if (event.seqs.length === 0 || this.#link.isConnected) return [];
        return this.#notice(`${waitingPhrase(event.seqs.length)} for ${this.#named(event.peer)}`);
      case "memory":
        return this.#notice(memoryPhrase(event, this.#named(event.peer)));
      case "message":
        return [
          ...this.again(event),
          ...this.#said(this.peerName(this.#peer), this.#peerPaint(), event.atMs, event.text),
        ];
      case "queued":
      case "sent":
        return this.#said("you", this.#style.dim, event.atMs, event.text);
      case "unknown-message": {
        const kind = quotedName(sanitiseLine(event.kind, 40, this.#options));
        return this.#notice(`${this.#named(this.#peer)} sent something that this version can't show (${kind})`);
      }
      case "unreadable-message":
        return this.#notice(`${this.#named(this.#peer)} sent something that is not a message`);
      case "released":
      case "delivered":
        return [];
      case "history":
        return this.#history(event);
      case "found":
        return [
          ...this.#notice(foundPhrase(event.entries.length, event.total, this.#line(event.words))),
          ...this.#kept(event, { highlight: createHighlight(event.words, this.#style.found) }),
          ...this.#historyOff(event),
        ];
      case "exported":
        return this.#notice(`${lineCount(event.count)} written to ${this.#line(event.file)}`);
      case "forget-asked":
        return this.#notice(forgetQuestion(event.count, this.#named(event.peer)));
      case "forgotten":
        return this.#notice(forgottenPhrase(event.count, this.#named(event.peer)));
      case "forget-peer-asked":
        return this.#notice(forgetPeerQuestion(event.history, event.count, this.#named(event.peer)));
      case "peer-forgotten":
        return this.#notice(peerForgottenPhrase(event.history, this.#named(event.peer)));
      case "timer":
        return this.#notice(timerPhrase(event.seconds, event.by === "you" ? "you" : this.#named(this.#peer)));
      case "renamed":
        return this.#notice(
          `${this.#named({ ...event.peer, name: event.was })} is called ${this.#named(event.peer)} here`,
        );
      case "status":
        return this.#layout.block(statusBlock(event.status, this.#options.nowMs(), this.#spell));
      case "peers":
        return this.#layout.block(peersBlock(event.peers, event.connected, this.#spell));
      case "verify":
        return [
          ...this.#layout.block(verifyBlock(event.own, event.peer, event.words, this.#spell, this.#options.columns())),
          ...this.#layout.hanging("", verifyAdvice(event.peer, this.#spell), 2),
        ];
      case "disconnected":
        return this.#disconnected(event);
      case "notice":
        return this.#notice(event.text);
      case "error":
        return this.problem(event);
    }
  }

  #said(who: string, paint: Paint, atMs: number, text: string): string[] {
    return this.#chatSession.said({ who, paint, atMs, text: this.#whole(text) }, this.peerName(this.#peer));
  }

  #history(event: EventOf<"history">): string[] {
    const name = this.#named(event.peer);
    if (event.occasion === "asked") {
      if (event.entries.length > 0) return this.#kept(event);
      return [...this.#notice(`nothing is kept with ${name}`), ...this.#historyOff(event)];
    }
    if (event.entries.length === 0) return [];
    // If nothing can be dim, it would look like a new message.
    const intro = this.#style.isPlain ? this.#notice(`the last lines kept with ${name}`) : [];
    return [...intro, ...this.#kept(event, { dims: true })];
  }

  #historyOff({ entries, isOff }: EventOf<"history" | "found">): string[] {
    return entries.length === 0 && isOff === true ? this.#notice(historyOffPhrase(this.#options.program)) : [];
  }

  #kept(event: { readonly peer: PeerView; readonly entries: readonly HistoryEntry[] }, look?: KeptLook): string[] {
    const name = this.peerName(event.peer);
    const paint = this.#style.peer(event.peer.fingerprint);
    const lines = event.entries.map(({ from, atMs, text, isDelivered }) => {
      const who = from === "you" ? { who: "you", paint: this.#style.dim } : { who: name, paint };
      return { ...who, atMs, text: this.#whole(text) + (isDelivered ? "" : " (waiting)") };
    });
    return this.#chatSession.kept(lines, name, look);
  }

  #disconnected({ reason, peer, undelivered }: EventOf<"disconnected">): string[] {
    const waiting = undelivered === 0 ? "" : `; ${waitingPhrase(undelivered)} for the next time`;
    return this.#notice(endPhrase(reason, this.#named(peer)) + waiting);
  }

  /** If rows cannot be replaced, only a new reason gets another line. */
  #reconnecting(event: EventOf<"reconnecting">): Rendered {
    const happened = this.#safe(event.message).replaceAll("\n", " ");
    const code = `[${this.#line(event.code)}]`;
    const isTold = this.#link.noteRetry(happened + code);
    if (isTold && !this.#options.merges) return NOTHING;
    const replacesLast = this.#options.merges && this.#last?.type === "retry";
    const rows = this.#notice(`${happened} ${retryPhrase(event)} ${code}`);
    this.#last = { type: "retry" };
    return { rows, replacesLast };
  }

  #rekeyed(): Rendered {
    const before = this.#options.merges && this.#last?.type === "renewals" ? this.#last.count : 0;
    this.#last = { type: "renewals", count: before + 1 };
    const rows = this.#notice(before > 0 ? `keys renewed (${before + 1})` : "keys renewed");
    return { rows, replacesLast: before > 0 };
  }

  #learnPeer(event: ProgramEvent): void {
    if (event.type === "connected") this.#peer = event.peer;
    // Without a connection they say with whom the conversation will continue.
    if ((event.type === "backlog" || event.type === "history") && !this.#link.isConnected) this.#peer = event.peer;
    const seen =
      event.type === "peers" ? event.peers : event.type === "verify" || event.type === "renamed" ? [event.peer] : [];
    const again = event.type === "status" ? event.status.peer : undefined;
    // A peer may have been renamed since.
    for (const peer of [...seen, again]) if (peer?.fingerprint === this.#peer?.fingerprint) this.#peer = peer;
  }

  #peerPaint(): Paint {
    return this.#peer === undefined ? plainPaint : this.#style.peer(this.#peer.fingerprint);
  }

  #safe(raw: string): string {
    return sanitiseText(raw, this.#options);
  }

  /** A message; the rows decide how much of it is shown. */
  #whole(raw: string): string {
    return sanitiseText(raw, { ...this.#options, isBounded: true });
  }

  #line(raw: string): string {
    return sanitiseLine(raw, 200, this.#options);
  }
}
