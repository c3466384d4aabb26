// Turns the program's events into rows of the screen: columns of time, who and text, with the text of a peer always
// indented, so that it can't look like a line of ours. Everything raw passes the sanitiser here.
// Knows no terminal: the width is asked for, nothing is written.

import type { ProgramName } from "../../core/chat/command.ts";
import type { PeerView, ProgramEvent } from "../../core/chat/events.ts";
import { type Spelling, helpBlock, peersBlock, statusBlock, verifyAdvice, verifyBlock } from "./blocks.ts";
import { columnsAtMost, fitColumns } from "./columns.ts";
import {
  calendarDate,
  clockTime,
  comingMoment,
  endPhrase,
  lossPhrase,
  shortFingerprint,
  startOfDay,
} from "./phrases.ts";
import { passesForOurs } from "./own-words.ts";
import { sanitiseLine, sanitiseText } from "./sanitise.ts";
import type { Paint, Style } from "./style.ts";
import { TextRows, plainPaint } from "./text-rows.ts";

export interface ViewOptions {
  readonly program: ProgramName;
  readonly style: Style;
  readonly unicode: boolean;
  /** The width to wrap at; Infinity leaves lines whole. */
  readonly columns: () => number;
  readonly nowMs: () => number;
  /** Whether rows may be replaced at all: renewals in a row are then counted in one line. */
  readonly merges: boolean;
}

/** What went wrong: the members of an error event, and of errors that a face has by itself. */
export type Problem = Omit<Extract<ProgramEvent, { type: "error" }>, "type">;

export interface Rendered {
  readonly rows: readonly string[];
  /** Whether they say again, with more, what the rows printed last said: they may take their place. */
  readonly replacesLast: boolean;
}

const TIME_COLUMNS = "14:03  ".length;
const NOTHING: Rendered = { rows: [], replacesLast: false };

export class View {
  readonly #options: ViewOptions;
  readonly #style: Style;
  readonly #layout: TextRows;
  readonly #spell: Spelling;
  #peer: PeerView | undefined;
  #day: number;
  /** The server's first line waits for the address that belongs into it. */
  #greeting: { readonly program: string; readonly fingerprint: string } | undefined;
  #invited = false;
  #connectingTo: string | undefined;
  /** Renewals told by the notice printed last, while it is the last. */
  #renewals = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#style = options.style;
    this.#layout = new TextRows(options.columns, options.style.dim);
    this.#day = startOfDay(options.nowMs());
    const { dot, ellipsis } = options.style;
    this.#spell = { dot, ellipsis, line: (raw) => this.#line(raw), name: (peer) => this.peerName(peer) };
  }

  /** The peer whom the conversation is or was with. */
  get peer(): PeerView | undefined {
    return this.#peer;
  }

  /** A peer's name as it is shown: sanitised, never empty, never a word that means somebody else here. */
  peerName(peer: PeerView | undefined): string {
    const name = peer === undefined ? "" : sanitiseLine(peer.name, 24, this.#options);
    if (name === "") return "peer";
    return passesForOurs(name) ? `?${name}` : name;
  }

  /** The rows for an event; none for events that only the prompt shows. */
  render(event: ProgramEvent): Rendered {
    if (event.type === "rekeyed") return this.#rekeyed();
    this.#learnPeer(event);
    const rows = this.#rows(event);
    if (rows.length === 0) return NOTHING;
    this.#renewals = 0;
    if (event.type === "connected") this.#connectingTo = undefined;
    return { rows: event.type === "listening" ? rows : [...this.#flushGreeting(), ...rows], replacesLast: false };
  }

  /** What was asked for, left in the conversation above its answer: the prompt and the command. */
  echo(prompt: string, line: string): string[] {
    this.#renewals = 0;
    return this.#layout.hanging(prompt, this.#line(line), 0, this.#style.dim);
  }

  /** A line of the program's own: dim, behind a dot. */
  notice(text: string): string[] {
    this.#renewals = 0;
    return this.#notice(text);
  }

  #notice(text: string): string[] {
    return this.#layout.hanging(`${this.#style.dot} `, this.#safe(text), TIME_COLUMNS, this.#style.dim);
  }

  /** What `help` shows. */
  help(): string[] {
    this.#renewals = 0;
    return this.#layout.block(helpBlock(this.#options.program));
  }

  /** One line what happened, one what to do, the technical name at the end; in between what there is to compare. */
  problem(problem: Problem): string[] {
    this.#renewals = 0;
    const [happened = "", ...more] = this.#safe(problem.message).split("\n");
    const details = [...more, ...(problem.details ?? []).flatMap((detail) => this.#safe(detail).split("\n"))];
    const name = `[${this.#line(problem.code)}]`;
    const hint = problem.hint === undefined ? [] : [`${this.#safe(problem.hint).replaceAll("\n", " ")} ${name}`];
    const isShort = hint.length === 0 && details.length === 0;
    return [
      ...this.#layout.hanging("", isShort ? `${happened} ${name}` : happened, 0, this.#style.warning),
      // Indented whatever they begin with: a name in them must not look like a line of ours.
      ...details.flatMap((detail) => this.#layout.hanging("", detail.trimStart(), 2)),
      ...(hint.length > 0 || isShort ? hint : [name]).flatMap((line) => this.#layout.hanging("", line)),
    ];
  }

  #rows(event: Exclude<ProgramEvent, { type: "rekeyed" }>): string[] {
    switch (event.type) {
      case "started":
        return this.#started(event);
      case "listening":
        return this.#listening(event.url, event.fingerprint);
      case "invite":
        return this.#invite(event.invite, event.expiresAtMs);
      case "connecting":
        return this.#connecting(event.url, event.how);
      case "connected":
        return this.#connected(event.peer, event.pairedNow);
      case "message":
        return this.#said(this.peerName(this.#peer), this.#peerPaint(), event.atMs, event.text);
      case "sent":
        return this.#said("you", this.#style.dim, event.atMs, event.text);
      case "unknown-message": {
        const kind = this.#line(event.kind);
        return this.notice(`${this.peerName(this.#peer)} sent something that this version can't show (${kind})`);
      }
      case "delivered":
        return [];
      case "renamed":
        return this.notice(
          `${this.peerName({ ...event.peer, name: event.was })} is called ${this.peerName(event.peer)} here`,
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
        return this.notice(endPhrase(event.reason, this.peerName(event.peer)) + lossPhrase(event.undelivered));
      case "notice":
        return this.notice(event.text);
      case "error":
        return this.problem(event);
    }
  }

  #started(event: Extract<ProgramEvent, { type: "started" }>): string[] {
    const program = `${this.#line(event.program)} ${this.#line(event.version)}`;
    this.#greeting = { program, fingerprint: event.fingerprint };
    return this.#options.program === "lair-server" ? [] : this.#flushGreeting();
  }

  #flushGreeting(url?: string): string[] {
    if (this.#greeting === undefined) return [];
    const { program, fingerprint } = this.#greeting;
    this.#greeting = undefined;
    const [name = "", version = ""] = program.split(" ");
    const parts = [version, ...(url === undefined ? [] : [url]), `you are ${this.#short(fingerprint)}`];
    const text = parts.join(` ${this.#style.dot} `);
    return this.#layout.hanging("", `${name} ${text}`);
  }

  #listening(rawUrl: string, fingerprint: string): string[] {
    const url = this.#line(rawUrl);
    if (this.#greeting === undefined) return this.notice(`listening at ${url}, you are ${this.#short(fingerprint)}`);
    return this.#flushGreeting(url);
  }

  #invite(rawInvite: string, expiresAtMs: number): string[] {
    const until = comingMoment(expiresAtMs, this.#options.nowMs());
    const intro = `Give this invite to one person. It works once, until ${until}.`;
    // In one piece, whatever the width: it is there to be copied.
    const invite = `  ${this.#style.strong(sanitiseLine(rawInvite, 1000, this.#options))}`;
    const rows = ["", ...this.#layout.hanging("", intro), "", invite, ""];
    if (this.#invited) return rows;
    this.#invited = true;
    return [...rows, ...this.#layout.hanging("", "Waiting. Type help for what you can do here.")];
  }

  #connecting(rawUrl: string, how: Extract<ProgramEvent, { type: "connecting" }>["how"]): string[] {
    const url = this.#line(rawUrl);
    // A link that is tried again and again is told once.
    if (this.#connectingTo === url) return [];
    this.#connectingTo = url;
    const host = url.replace(/^[a-z]+:\/\//, "").replace(/\/.*$/, "");
    if (how === "found-invite") return this.#layout.hanging("", `Found an invite of this account for ${host}.`);
    return this.notice(how === "invite" ? `pairing at ${url}` : `connecting to ${url}`);
  }

  #connected(peer: PeerView, pairedNow: boolean): string[] {
    const compared = peer.comparedAtMs === undefined ? "words not compared yet" : "words compared";
    const paired = pairedNow ? "paired just now" : `paired ${calendarDate(peer.pairedAtMs)}, ${compared}`;
    const parts = [this.#short(peer.fingerprint), paired].join(` ${this.#style.dot} `);
    const text = `Connected to ${this.peerName(peer)} ${this.#style.dot} ${parts}`;
    const rows = this.#layout.hanging("", text);
    if (!pairedNow) return rows;
    const advice = "Read the words of verify to each other once, and you need trust nobody else.";
    return [...rows, ...this.#layout.hanging("", advice)];
  }

  #said(who: string, paint: Paint, atMs: number, text: string): string[] {
    const now = this.#options.nowMs();
    // The time is the sender's claim: one that has not come yet, or is none, is not repeated.
    const at = Number.isFinite(atMs) && atMs >= 0 && atMs <= now ? atMs : now;
    const nameColumns = this.#nameColumns();
    const name = fitColumns(who, nameColumns, this.#style.ellipsis);
    const padding = " ".repeat(nameColumns - columnsAtMost(name) + 2);
    const head = `${this.#style.dim(clockTime(at))}  ${paint(name)}${padding}`;
    const indent = TIME_COLUMNS + nameColumns + 2;
    const [first = "", ...more] = this.#layout.wrap(this.#safe(text), indent);
    return [...this.#newDay(at), head + first, ...more.map((row) => " ".repeat(indent) + row)];
  }

  /** A new day prints its date once. Forward only, so that nobody fills the screen with old dates. */
  #newDay(atMs: number): string[] {
    const day = startOfDay(atMs);
    if (day <= this.#day) return [];
    this.#day = day;
    return this.notice(calendarDate(atMs));
  }

  #rekeyed(): Rendered {
    const replacesLast = this.#options.merges && this.#renewals > 0;
    this.#renewals += 1;
    const rows = this.#notice(replacesLast ? `keys renewed (${this.#renewals})` : "keys renewed");
    return { rows, replacesLast };
  }

  #learnPeer(event: ProgramEvent): void {
    if (event.type === "connected") this.#peer = event.peer;
    const seen =
      event.type === "peers" ? event.peers : event.type === "verify" || event.type === "renamed" ? [event.peer] : [];
    const again = event.type === "status" ? event.status.peer : undefined;
    // A peer may have been renamed since.
    for (const peer of [...seen, again]) if (peer?.fingerprint === this.#peer?.fingerprint) this.#peer = peer;
  }

  #nameColumns(): number {
    const most = this.#options.columns() < 60 ? 8 : 16;
    return Math.max("you".length, Math.min(most, columnsAtMost(this.peerName(this.#peer))));
  }

  #peerPaint(): Paint {
    return this.#peer === undefined ? plainPaint : this.#style.peer(this.#peer.fingerprint);
  }

  #safe(raw: string): string {
    return sanitiseText(raw, this.#options);
  }

  #line(raw: string): string {
    return sanitiseLine(raw, 200, this.#options);
  }

  #short(fingerprint: string): string {
    return shortFingerprint(this.#line(fingerprint), this.#style.ellipsis);
  }
}
