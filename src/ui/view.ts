// Converts the program's events to rows of the screen: columns of time, name and text, with a peer's text always
// indented, so that it cannot look like a line of the program. All raw text passes the sanitiser here. Knows no
// terminal: it asks for the width, and writes nothing.

import type { ProgramEvent } from "../app/events.ts";
import type { Nameable } from "../app/people.ts";
import type { PersonView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import {
  conversationsBlock,
  type Spelling,
  helpBlock,
  peersBlock,
  statusBlock,
  verifyAdvice,
  verifyBlock,
} from "./blocks.ts";
import type { Completion } from "./completion.ts";
import { ConversationRows, TIME_COLUMNS } from "./conversation-rows.ts";
import { IntroductionRows } from "./introduction-rows.ts";
import { KeptRows } from "./kept-rows.ts";
import { LinkRows } from "./link-rows.ts";
import {
  forgetPeerQuestion,
  forgetQuestion,
  forgottenPhrase,
  historyLimitPhrase,
  lineCount,
  memoryPhrase,
  mutedPhrase,
  peerForgottenPhrase,
  retryPhrase,
  sayAllQuestion,
  timerPhrase,
  waitingPhrase,
} from "./retention-phrases.ts";
import type { LineChange, LineRows, RoomRendered } from "./room-line-rows.ts";
import { RoomRows } from "./room-view.ts";
import { endPhrase } from "./phrases.ts";
import { problemRows } from "./problem-rows.ts";
import { promptHolds } from "./prompt-frame.ts";
import { SaidRows } from "./said-rows.ts";
import { Selection } from "./selection.ts";
import { sanitiseLine, sanitiseText } from "./sanitise.ts";
import { ShownNames } from "./shown-names.ts";
import type { Style } from "./style.ts";
import { TextRows } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

/** A problem: the members of an error event, or of a frontend's own error. */
type Problem = Omit<Extract<ProgramEvent, { type: "error" }>, "type">;

interface Rendered {
  readonly rows: readonly string[];
  /** Whether the rows repeat and extend the last ones, so that they may replace them. */
  readonly replacesLast: boolean;
  /** Which of the rows are a line of a room, and may change. */
  readonly line?: LineRows;
  /** A change of a line that the screen may still have; if it has it, the rows are not printed. */
  readonly change?: LineChange;
}

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

/** Of what Tab could mean; the next letter makes it fewer. */
const MOST_CHOICES = 40;

const NOTHING: Rendered = { rows: [], replacesLast: false };

export class View {
  readonly #options: ViewOptions;
  readonly #style: Style;
  readonly #layout: TextRows;
  readonly #spell: Spelling;
  readonly #chatSession: ConversationRows;
  readonly #link: LinkRows;
  readonly #names: ShownNames;
  readonly #rooms: RoomRows;
  readonly #kept: KeptRows;
  /** Which peer the prompt is at. */
  readonly selection: Selection;
  readonly #said: SaidRows;
  readonly #introductions: IntroductionRows;
  /** What the last rows are about, while they are the last and the next of the kind may replace them. */
  #last:
    | { readonly type: "renewals"; readonly count: number }
    | { readonly type: "retry" }
    | { readonly type: "merged"; readonly key: string }
    | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#style = options.style;
    this.selection = new Selection(options.isTyping);
    this.#layout = new TextRows(options.columns, options.style.dim);
    this.#chatSession = new ConversationRows({ ...options, layout: this.#layout });
    const { dot, ellipsis } = options.style;
    this.#names = new ShownNames(options, this.selection);
    this.#spell = {
      dot,
      ellipsis,
      line: (raw) => this.#line(raw),
      name: (peer) => this.#names.inSentence(peer),
      other: (name) => nameInSentence(this.#names.shown(name)),
    };
    this.#rooms = new RoomRows({
      ...options,
      layout: this.#layout,
      conversation: this.#chatSession,
      selection: this.selection,
      notice: (text) => this.#notice(text),
      problem: (problem) => this.problem(problem),
      shownName: (raw) => this.#names.shown(raw),
    });
    const parts = {
      ...options,
      layout: this.#layout,
      conversation: this.#chatSession,
      selection: this.selection,
      names: this.#names,
      notice: (text: string) => this.#notice(text),
    };
    this.#kept = new KeptRows(parts);
    this.#said = new SaidRows(parts);
    this.#introductions = new IntroductionRows(parts);
    this.#link = new LinkRows({
      ...options,
      layout: this.#layout,
      spell: this.#spell,
      notice: (text) => this.#notice(text),
      typed: (word, peer) => this.#names.inCommand(word, peer),
    });
  }

  /** The name of the peer or room that the prompt is at, as shown: the short one if the prompt has no space for all of it. */
  get selectedName(): string {
    const { peer, room, goneRoom } = this.selection;
    const ofRoom = room ?? goneRoom;
    if (ofRoom !== undefined) return this.roomName(ofRoom);
    const name = this.peerName(peer);
    return promptHolds(name, this.#options.columns()) ? name : this.#names.inRow(peer);
  }

  /** "#ops" */
  roomName(room: RoomView): string {
    return this.#rooms.roomName(room);
  }

  /** The name of somebody in a room, which nobody else has there. */
  memberName(who: PersonView, room: RoomView): string {
    return this.#rooms.memberName(who, room);
  }

  /** The prompt has turned to a room. */
  turnedTo(room: RoomView): string[] {
    this.#last = undefined;
    this.#said.turned();
    return this.#rooms.turnedTo(room);
  }

  /** A peer's name as shown: sanitised, never empty, never a word that means somebody else here. */
  peerName(peer: Nameable | undefined): string {
    return this.#names.of(peer);
  }

  /** How a line can name the peer, safe to show. */
  typedName(peer: PeerView, people?: readonly PeerView[]): string {
    return this.#names.typed(peer, people);
  }

  /** The rows for an event; none for events that only the prompt shows. */
  render(event: ProgramEvent): Rendered {
    if (event.type === "rekeyed") return this.#rekeyed(event);
    if (event.type === "reconnecting") return this.#reconnecting(event);
    this.selection.learn(event);
    if (event.type === "room") return this.#room(event.report);
    if (event.type === "selected") this.#said.turned();
    const rows = this.#rows(event);
    this.#link.learn(event);
    if (rows.length === 0) return NOTHING;
    const replacesLast = this.#options.merges && event.type === "connected" && this.#last?.type === "retry";
    this.#last = undefined;
    return { rows: event.type === "listening" ? rows : [...this.#link.greeting(), ...rows], replacesLast };
  }

  #room(report: RoomReport): Rendered {
    const { rows, line, change, merged } = this.#rooms.render(report);
    if (merged !== undefined) return this.#merged(rows, merged);
    const ofLine = { ...(line === undefined ? {} : { line }), ...(change === undefined ? {} : { change }) };
    if (rows.length === 0) return { ...NOTHING, ...ofLine };
    this.#last = undefined;
    const above = [...this.#link.greeting(), ...this.#said.again(report)];
    const moved = line === undefined ? {} : { line: { ...line, before: line.before + above.length } };
    return { ...NOTHING, ...ofLine, ...moved, rows: [...above, ...rows] };
  }

  #merged(rows: readonly string[], { key, isMore }: NonNullable<RoomRendered["merged"]>): Rendered {
    const replacesLast = this.#options.merges && this.#last?.type === "merged" && this.#last.key === key;
    if (isMore && !replacesLast) return NOTHING;
    this.#last = { type: "merged", key };
    return { rows, replacesLast };
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

  /** What Tab could mean, in one line. */
  choice({ commands, people, rooms }: Extract<Completion, { type: "choice" }>): string[] {
    const names = [
      ...commands,
      ...people.map((peer) => this.peerName(peer)),
      ...rooms.map((room) => this.roomName(room)),
    ];
    const more = names.length - MOST_CHOICES;
    const shown = more > 0 ? [...names.slice(0, MOST_CHOICES), `${more} more`] : names;
    return this.notice(shown.join(` ${this.#style.dot} `));
  }

  #notice(text: string): string[] {
    return this.#layout.hanging(`${this.#style.dot} `, this.#safe(text), TIME_COLUMNS, this.#style.dim);
  }

  /** The heading above messages that may have been shown before. */
  again(event: Parameters<SaidRows["again"]>[0]): string[] {
    this.#last = undefined;
    return this.#said.again(event);
  }

  /** The answer to `help`. */
  help(): string[] {
    this.#last = undefined;
    return this.#layout.block(helpBlock(this.#options.program, this.#options.merges, this.selection.roomsHere));
  }

  /**
   * One line says what happened, one says what to do, with the technical name at the end; details to compare are in
   * between.
   */
  problem(problem: Problem): string[] {
    this.#last = undefined;
    const { peer } = problem;
    const isNamed = peer !== undefined && (this.selection.people.length > 1 || this.selection.isElsewhere(peer));
    const isOther = isNamed && !this.selection.isAt(peer);
    const whose = isOther ? `${this.#names.inSentence(problem.peer)}: ` : "";
    const safe = {
      message: whose + this.#safe(problem.message),
      details: (problem.details ?? []).flatMap((detail) => this.#safe(detail).split("\n")),
      hint: problem.hint === undefined ? undefined : this.#safe(problem.hint).replaceAll("\n", " "),
      code: this.#line(problem.code),
    };
    return problemRows(safe, this.#layout, this.#style.warning);
  }

  #rows(event: Exclude<ProgramEvent, { type: "rekeyed" | "reconnecting" | "room" }>): string[] {
    switch (event.type) {
      case "started":
        return this.#link.started(event);
      case "listening":
        return this.#link.listening(event);
      case "invite":
        return this.#link.invite(event);
      case "http":
        return this.#link.page(event);
      case "connecting":
        return this.#link.connecting(event);
      case "connected":
        return this.#link.connected(event);
      case "backlog":
        if (event.seqs.length === 0 || this.#link.isConnected(event.peer)) return [];
        return this.#notice(`${waitingPhrase(event.seqs.length)} for ${this.#names.inSentence(event.peer)}`);
      case "memory":
        return this.#notice(memoryPhrase(event, this.#names.inSentence(event.peer)));
      case "message":
        return this.#said.message(event);
      case "queued":
      case "sent":
        return this.#said.own(event);
      case "unknown-message": {
        const kind = quotedName(sanitiseLine(event.kind, 40, this.#options));
        return this.#notice(
          `${this.#names.inSentence(event.peer)} sent something that this version can't show (${kind})`,
        );
      }
      case "unreadable-message":
        return this.#notice(`${this.#names.inSentence(event.peer)} sent something that is not a message`);
      case "released":
      case "delivered":
        return [];
      case "history":
        return this.#kept.history(event);
      case "found":
        return this.#kept.found(event);
      case "history-limit":
        return this.#notice(historyLimitPhrase(event.limitBytes, this.#names.inSentence(event.peer)));
      case "exported":
        return this.#notice(`${lineCount(event.count)} written to ${this.#line(event.file)}`);
      case "forget-asked":
        return this.#notice(forgetQuestion(event.count, this.#names.inSentence(event.peer)));
      case "forgotten":
        return this.#notice(forgottenPhrase(event.count, this.#names.inSentence(event.peer)));
      case "forget-peer-asked":
        return this.#notice(forgetPeerQuestion(event.history, event.count, this.#names.inSentence(event.peer)));
      case "peer-forgotten":
        return this.#notice(peerForgottenPhrase(event.history, this.#names.inSentence(event.peer)));
      case "timer":
        return this.#notice(
          timerPhrase(event.seconds, event.by === "you" ? "you" : this.#names.inSentence(event.peer)),
        );
      case "renamed":
        return this.#notice(
          `${this.#names.inSentence({ ...event.peer, name: event.was })} is called ${this.#names.inSentence(event.peer)} here`,
        );
      case "status":
        return this.#layout.block([
          ...statusBlock(event.status, this.#options.nowMs(), this.#spell),
          ...conversationsBlock(event.status.others, this.#options.nowMs(), this.#spell),
        ]);
      case "who": {
        const rooms = this.#rooms.roomsBlock();
        if (event.conversations.length + rooms.length === 0) return this.#notice("nobody is paired here yet");
        return this.#layout.block([
          ...conversationsBlock(event.conversations, this.#options.nowMs(), this.#spell),
          ...rooms,
        ]);
      }
      case "people":
      case "unread":
        return [];
      case "selected":
        return event.by === "start"
          ? []
          : this.#notice(`what you type goes to ${this.#names.inSentence(event.peer)} now`);
      case "say-all-asked":
        return this.#notice(sayAllQuestion(event.peers.map((peer) => this.#names.inSentence(peer))));
      case "muted":
        return this.#notice(mutedPhrase(event.isMuted, this.#names.inSentence(event.peer), this.#options.program));
      case "address":
        return this.#notice(
          `${this.#names.inSentence(event.peer)} will be contacted at ${this.#line(event.url)} from now on`,
        );
      case "introduction":
        return this.#introductions.asked(event);
      case "introduction-answered":
        return this.#introductions.answered(event);
      case "introduced":
        return this.#introductions.made(event);
      case "peers":
        return this.#layout.block(peersBlock(event.peers, event.connected, this.#spell));
      case "verify":
        return [
          ...this.#layout.block(verifyBlock(event.own, event.peer, event.words, this.#spell, this.#options.columns())),
          ...this.#layout.hanging(
            "",
            verifyAdvice(event.peer, this.#spell, this.#names.inCommand("verify", event.peer, "done")),
            2,
          ),
        ];
      case "disconnected":
        return this.#disconnected(event);
      case "notice":
        return this.#notice(event.text);
      case "error":
        return this.problem(event);
    }
  }

  #disconnected({ reason, peer, undelivered }: EventOf<"disconnected">): string[] {
    const waiting = undelivered === 0 ? "" : `; ${waitingPhrase(undelivered)} for the next time`;
    return this.#notice(endPhrase(reason, this.#names.inSentence(peer)) + waiting);
  }

  /** If rows cannot be replaced, only a new reason gets another line. */
  #reconnecting(event: EventOf<"reconnecting">): Rendered {
    const isOther = event.peer !== undefined && this.selection.isElsewhere(event.peer);
    const whose = isOther ? `${this.#names.inSentence(event.peer)}: ` : "";
    const happened = `${whose}${this.#safe(event.message).replaceAll("\n", " ")}`;
    const code = `[${this.#line(event.code)}]`;
    const isTold = this.#link.noteRetry(event.peer, happened + code);
    if (isTold && (isOther || !this.#options.merges)) return NOTHING;
    if (isOther) {
      this.#last = undefined;
      return { rows: this.#notice(`${happened} ${retryPhrase(event)} ${code}`), replacesLast: false };
    }
    const replacesLast = this.#options.merges && this.#last?.type === "retry";
    const rows = this.#notice(`${happened} ${retryPhrase(event)} ${code}`);
    this.#last = { type: "retry" };
    return { rows, replacesLast };
  }

  /** Those of the other conversations are in `status`. */
  #rekeyed({ peer }: EventOf<"rekeyed">): Rendered {
    if (this.selection.isElsewhere(peer)) return NOTHING;
    const before = this.#options.merges && this.#last?.type === "renewals" ? this.#last.count : 0;
    this.#last = { type: "renewals", count: before + 1 };
    const rows = this.#notice(before > 0 ? `keys renewed (${before + 1})` : "keys renewed");
    return { rows, replacesLast: before > 0 };
  }

  #safe(raw: string): string {
    return sanitiseText(raw, this.#options);
  }

  #line(raw: string): string {
    return sanitiseLine(raw, 200, this.#options);
  }
}
