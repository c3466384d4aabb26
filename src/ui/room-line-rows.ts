// The rows of the lines of rooms: with their numbers, who spoke and, if the prompt is elsewhere, in which room; above one what
// it answers, below a kept one the reactions. All raw text passes the sanitiser. A line that the screen still has is changed
// where it is (`change`); whether it has it, only the screen knows.

import type { PersonView, RoomLineView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import { quotedName } from "../core/identity/quoted-name.ts";
import type { ConversationRows, KeptLook, SpokenLine } from "./conversation-rows.ts";
import { lineCount } from "./retention-phrases.ts";
import { type RoomLine, RoomLines } from "./room-lines.ts";
import { changePhrase, reactionsPhrase, type RoomSpelling } from "./room-phrases.ts";
import { sanitiseLine, sanitiseText } from "./sanitise.ts";
import type { ViewOptions } from "./view-options.ts";

/** Rows of a line, which a later change replaces. */
export interface LineRows {
  readonly id: string;
  /** Rows of the same event in front of them. */
  readonly before: number;
  readonly count: number;
}

/** Rows in place of those that the screen has for the same line. */
export interface LineChange {
  readonly id: string;
  readonly rows: readonly string[];
}

export interface RoomRendered {
  /** What to print; of a change, what to print if the screen does not have the line any more. */
  readonly rows: readonly string[];
  readonly line?: LineRows;
  readonly change?: LineChange;
  /** The rows take the place of the last ones with this key. `isMore`: otherwise they are not worth a row. */
  readonly merged?: { readonly key: string; readonly isMore: boolean };
}

/** How the rows of lines are made and worded. */
interface LineRowsParts extends ViewOptions {
  readonly conversation: ConversationRows;
  readonly spell: RoomSpelling;
  /** The short name of somebody in a room. */
  readonly rowName: (who: PersonView, room: RoomView) => string;
  /** How a line can name the room. */
  readonly typed: (room: RoomView) => string;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
  /** How to answer in a room that the prompt is not at. */
  readonly answerHint: (room: RoomView) => string[];
}

type ReportOf<Type extends RoomReport["type"]> = RoomReport & { readonly type: Type };

/** Of a text in a line about it. */
const QUOTED_COLUMNS = 40;
const LEAST_DIGITS = 3;
const NARROW_SCREEN = 60;

export class RoomLineRows {
  readonly #parts: LineRowsParts;
  readonly #lines = new RoomLines();

  constructor(parts: LineRowsParts) {
    this.#parts = parts;
  }

  /** Once it is in the log, it has its number. */
  own(report: ReportOf<"queued" | "sent">): RoomRendered {
    const { id, room, atMs, text } = report;
    const seq = report.type === "sent" ? report.seq : undefined;
    const known = this.#lines.get(id);
    const from: PersonView = { name: "you", fingerprint: "", isSelf: true };
    const isHere = known?.isHere ?? this.#parts.spell.isAt(room);
    const { replyTo, answered } = report;
    const line = this.#lines.put({ id, room, from, seq, atMs, text, replyTo, answered, isHere });
    if (known === undefined) return this.#shown(line);
    return { rows: [], change: { id, rows: this.#again(line) } };
  }

  message(report: ReportOf<"message">): RoomRendered {
    const { id, room, from, seq, atMs, text, replyTo, answered, isFollowed } = report;
    const isHere = this.#parts.spell.isAt(room);
    const line = this.#lines.put({ id, room, from, seq, atMs, text, replyTo, answered, isFollowed, isHere });
    return this.#shown(line, this.#parts.answerHint(room));
  }

  #shown(line: RoomLine, hint: readonly string[] = []): RoomRendered {
    const spoken = this.#spoken(line);
    const rows = [...this.#answered(line), ...this.#parts.conversation.said(spoken, spoken.who)];
    const count = this.#again(line).length;
    return { rows: [...rows, ...hint], line: { id: line.id, before: rows.length - count, count } };
  }

  changed(report: ReportOf<"edited" | "deleted">): RoomRendered {
    const { id, by, room, seq } = report;
    const isEdit = report.type === "edited";
    const author = this.#lines.get(id)?.from;
    const line = this.#lines.change(
      id,
      isEdit ? { text: report.text, isEdited: true, seq } : { text: "", deletedBy: by, seq },
    );
    const isOwn = author?.isSelf === true && by.isSelf === true;
    const phrase = changePhrase(
      { by, room, seq },
      isEdit ? "changed" : "deleted",
      isOwn ? by : author,
      this.#parts.spell,
    );
    const rows = this.#parts.notice(isEdit ? `${phrase}: ${this.#short(report.text, 200)}` : phrase);
    return line === undefined ? { rows } : { rows, change: { id, rows: this.#again(line) } };
  }

  /** The rows of the line as it is now. */
  #again(line: RoomLine): string[] {
    const spoken = this.#spoken(line);
    return this.#parts.conversation.undated(spoken, spoken.who, line.deletedBy === undefined ? {} : { dims: true });
  }

  #spoken(line: RoomLine): SpokenLine {
    const { from, room, isHere, atMs } = line;
    const { style, columns } = this.#parts;
    const isOwn = from.isSelf === true;
    const name = isOwn ? "you" : this.#parts.rowName(from, room) + (line.isFollowed === true ? " *" : "");
    const who = isHere || isOwn ? name : `${this.#parts.spell.room(room)} ${name}`;
    const text = isOwn && !isHere ? `@${this.#parts.typed(room)} ${this.#text(line)}` : this.#text(line);
    const mark = columns() < NARROW_SCREEN ? {} : { mark: String(line.seq ?? "").padStart(LEAST_DIGITS) };
    const paint = isOwn ? style.dim : line.isFollowed === true ? style.strong : style.peer(from.fingerprint);
    return { ...mark, who, paint, atMs, text };
  }

  #text(line: Pick<RoomLine, "text" | "isEdited" | "deletedBy" | "room">): string {
    if (line.deletedBy !== undefined) return "(deleted)";
    return sanitiseText(line.text, { ...this.#parts, isBounded: true }) + (line.isEdited === true ? " (edited)" : "");
  }

  /** What a line answers, above it. */
  #answered({ replyTo, answered, from, room }: Pick<RoomLine, "replyTo" | "answered" | "from" | "room">): string[] {
    if (replyTo === undefined) return [];
    const answers = from.isSelf === true ? "you answer" : `${this.#parts.spell.name(from, room)} answers`;
    const kept = answered === undefined ? undefined : this.#quoted({ ...answered, room }, answered.text);
    return this.#parts.notice(`${answers} ${this.quote(replyTo) ?? kept ?? "a line that is not here"}`);
  }

  /** `line 7 of ada, "the build is red"` */
  quote(id: string): string | undefined {
    const line = this.#lines.get(id);
    if (line === undefined) return undefined;
    return this.#quoted(line, line.deletedBy === undefined ? line.text : undefined);
  }

  /** `text`: undefined if it was deleted. */
  #quoted(line: Pick<RoomLine, "from" | "room" | "seq">, said: string | undefined): string {
    const whose = line.from.isSelf === true ? "your line" : `line of ${this.#parts.spell.name(line.from, line.room)}`;
    const number = line.seq === undefined ? "" : ` ${line.seq}`;
    const text = said === undefined ? "(deleted)" : quotedName(this.#short(said, QUOTED_COLUMNS));
    return `${whose.replace("line", `line${number}`)}, ${text}`;
  }

  #short(raw: string, columns: number): string {
    return sanitiseLine(raw.replaceAll(/\s+/gu, " "), columns, this.#parts);
  }

  history(report: ReportOf<"room-history">): string[] {
    const { notice, style } = this.#parts;
    const name = this.#parts.spell.room(report.room);
    if (report.occasion === "asked")
      return report.lines.length === 0 ? notice(`nothing is kept of ${name}`) : this.kept(report, {});
    if (report.lines.length === 0) return [];
    // If nothing can be dim, it would look like new lines; the prompt may be elsewhere, too.
    const isClear = !style.isPlain && this.#parts.spell.isAt(report.room);
    return [...(isClear ? [] : notice(`the last lines kept of ${name}`)), ...this.kept(report, { dims: true })];
  }

  /** Without the room's name: a heading or a command has said it. Numbers on any screen. */
  kept(
    { room, lines }: { readonly room: RoomView; readonly lines: readonly RoomLineView[] },
    look: KeptLook,
  ): string[] {
    return lines.flatMap((kept, index) => {
      const line = { ...lineOf(room, kept), isHere: true };
      // One that is on the screen as well may still change there.
      this.#lines.put({ ...line, isHere: this.#lines.get(line.id)?.isHere ?? true });
      const spoken = { ...this.#spoken(line), mark: String(line.seq).padStart(LEAST_DIGITS) };
      return [
        ...this.#handedOver(room, lines, index),
        ...this.#answered(line),
        ...this.#parts.conversation.kept([spoken], spoken.who, look),
        ...this.#reactions(room, kept),
      ];
    });
  }

  /** Above the first of several lines that somebody has handed over: the user has not been told them by their writers. */
  #handedOver(room: RoomView, lines: readonly RoomLineView[], index: number): string[] {
    const { sharedBy } = lines[index]!;
    if (sharedBy === undefined || isSharedBy(lines[index - 1], sharedBy)) return [];
    const end = lines.findIndex((line, at) => at > index && !isSharedBy(line, sharedBy));
    const count = (end < 0 ? lines.length : end) - index;
    return this.#parts.notice(`${lineCount(count)} passed on by ${this.#parts.spell.name(sharedBy, room)}`);
  }

  #reactions(room: RoomView, { reactions = [], isDeleted }: RoomLineView): string[] {
    if (reactions.length === 0 || isDeleted === true) return [];
    const shown = reactions.map(({ by, emoji }) => ({ by, emoji: this.#short(emoji, QUOTED_COLUMNS) }));
    return this.#parts.notice(reactionsPhrase(shown, room, this.#parts.spell));
  }

  /** Whether a line is the user's own; false if it is not known here. */
  isOwn(id: string): boolean {
    return this.#lines.get(id)?.from.isSelf === true;
  }
}

function lineOf(room: RoomView, kept: RoomLineView): Omit<RoomLine, "isHere"> {
  const { id, seq, from, atMs, text, replyTo, answered, isEdited, isDeleted } = kept;
  const said = { id, room, from, seq, atMs, text, replyTo, answered, isEdited };
  return { ...said, ...(isDeleted === true ? { deletedBy: from } : {}) };
}

function isSharedBy(line: RoomLineView | undefined, { fingerprint }: PersonView): boolean {
  return line?.sharedBy?.fingerprint === fingerprint;
}
