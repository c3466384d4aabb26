// The rows of a view about rooms: lines with their numbers, who spoke and, if the prompt is elsewhere, in which room; and a
// dim line for everything else that happens. All raw text passes the sanitiser. A line that the screen still has is changed
// where it is (`changes`); whether it has it, only the screen knows.

import type { Nameable } from "../app/people.ts";
import { clearRoomName } from "../app/rooms/room-command-names.ts";
import type { KnownRoom, PersonView, RoomLineView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import { SHOWN_COLUMNS } from "../core/identity/peer-name.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import { skeletons } from "../core/identity/skeleton.ts";
import { wordsBlock } from "./blocks.ts";
import type { ConversationRows, KeptLook, SpokenLine } from "./conversation-rows.ts";
import { createHighlight } from "./highlight.ts";
import { comingMoment } from "./phrases.ts";
import { foundPhrase, lineCount } from "./retention-phrases.ts";
import { membersBlock, type RoomBlockSpelling, roomsAnswer, roomsBlock } from "./room-blocks.ts";
import { type RoomLine, RoomLines } from "./room-lines.ts";
import {
  changePhrase,
  reactionPhrase,
  roomPhrase,
  type RoomSpelling,
  roomWarning,
  sharedPhrase,
} from "./room-phrases.ts";
import { RowNames } from "./row-names.ts";
import { sanitiseLine, sanitiseText } from "./sanitise.ts";
import type { Selection } from "./selection.ts";
import { type BlockRow, type TextRows } from "./text-rows.ts";
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

interface RoomRendered {
  /** What to print; of a change, what to print if the screen does not have the line any more. */
  readonly rows: readonly string[];
  readonly line?: LineRows;
  readonly change?: LineChange;
}

interface RoomRowsParts extends ViewOptions {
  readonly layout: TextRows;
  readonly conversation: ConversationRows;
  readonly selection: Selection;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
  /** Makes the heading above lines that may have been shown before. */
  readonly again: (isAgain: boolean) => string[];
  readonly problem: (problem: {
    readonly message: string;
    readonly hint?: string | undefined;
    readonly code: string;
  }) => string[];
  /** A name as shown: sanitised, never empty, never a word that means somebody else here. */
  readonly shownName: (raw: string) => string;
}

type ReportOf<Type extends RoomReport["type"]> = RoomReport & { readonly type: Type };

/** Of a text in a line about it. */
const QUOTED_COLUMNS = 40;
const LEAST_DIGITS = 3;
const NARROW_SCREEN = 60;
const ID_LETTERS = 8;

export class RoomRows {
  readonly #parts: RoomRowsParts;
  readonly #spell: RoomSpelling;
  readonly #blockSpell: RoomBlockSpelling;
  readonly #lines = new RoomLines();
  /** By the ids of rooms; "" for all people. */
  readonly #names = new Map<string, RowNames>();
  /** The rooms of which the person knows how to answer; since the prompt last turned. */
  readonly #hinted = new Set<string>();

  constructor(parts: RoomRowsParts) {
    this.#parts = parts;
    this.#spell = {
      room: (room) => this.roomName(room),
      name: (who, room) => nameInSentence(this.#rowName(who, room)),
      quoted: (raw) => quotedName(this.#line(raw)),
      isAt: (room) => parts.selection.isAtRoom(room),
    };
    this.#blockSpell = {
      ...parts.style,
      line: (raw) => this.#line(raw),
      room: (room) => this.roomName(room),
      typed: (room) => this.#typed(room),
      member: (who, room) => this.#rowName(who, room),
      unreadIn: (id) => parts.selection.rooms.unreadIn(id),
    };
  }

  /** "#ops"; with the start of its id if another room looks the same. */
  roomName(room: RoomView): string {
    const name = sanitiseLine(room.name, SHOWN_COLUMNS, this.#parts) || "room";
    const forms = new Set(skeletons(name));
    const isTwice = this.#parts.selection.rooms.rooms.some(
      (other) =>
        other.id !== room.id &&
        other.standing !== "over" &&
        skeletons(sanitiseLine(other.name, SHOWN_COLUMNS, this.#parts)).some((form) => forms.has(form)),
    );
    // One that is only listed has no id here.
    return `#${nameInSentence(name)}${isTwice && room.id !== "" ? ` ${room.id.slice(0, ID_LETTERS)}` : ""}`;
  }

  /** The name of somebody in a room, which nobody else has there. */
  memberName(who: PersonView, room: RoomView): string {
    return this.#rowName(who, room);
  }

  /** The prompt has turned. */
  turnedTo(room: RoomView): string[] {
    this.#hinted.clear();
    return this.#parts.notice(`what you type goes to ${this.roomName(room)} now`);
  }

  /** After the selection has learned of it. */
  render(report: RoomReport): RoomRendered {
    switch (report.type) {
      case "queued":
      case "sent":
        return this.#own(report);
      case "message":
        return this.#message(report);
      case "edited":
      case "deleted":
        return this.#changed(report);
      case "room-renamed":
        this.#hinted.delete(report.room.id);
        break;
      default:
        break;
    }
    const warning = roomWarning(report, this.#spell);
    if (warning !== undefined) return { rows: this.#parts.problem(warning) };
    const phrase = roomPhrase(report, this.#spell);
    return { rows: phrase === undefined ? this.#block(report) : this.#parts.notice(phrase) };
  }

  /** The rooms in short, for `who`. */
  roomsBlock(): BlockRow[] {
    const rooms = this.#parts.selection.rooms.rooms.filter(({ standing }) => standing !== "over");
    return roomsBlock(rooms, this.#blockSpell);
  }

  #block(report: RoomReport): string[] {
    const { layout, notice } = this.#parts;
    switch (report.type) {
      case "room-link":
        return this.#link(report);
      case "invited":
        return this.#invited(report);
      case "members":
        return layout.block(membersBlock(report.room, report.topic, report.members, this.#blockSpell));
      case "reacted": {
        const emoji = sanitiseLine(report.emoji, QUOTED_COLUMNS, this.#parts);
        const line = this.#quote(report.id) ?? `line ${report.seq}`;
        return notice(reactionPhrase(report, emoji, line, this.#spell));
      }
      case "read":
        return this.#lines.get(report.id)?.from.isSelf === true && this.#spell.isAt(report.room)
          ? notice(`${this.#spell.name(report.by, report.room)} has read up to line ${report.seq}`)
          : [];
      case "shared-history":
        return [...notice(sharedPhrase(report, this.#spell)), ...this.#kept(report, { dims: true })];
      case "rooms":
        return this.#rooms(report);
      case "room-history":
        return this.#history(report);
      case "room-found": {
        const found = foundPhrase(report.lines.length, report.total, this.#line(report.words));
        const look = { highlight: createHighlight(report.words, this.#parts.style.found) };
        return [...notice(`${found}, in ${this.roomName(report.room)}`), ...this.#kept(report, look)];
      }
      case "room-exported":
        return notice(
          `${lineCount(report.count)} of ${this.roomName(report.room)} written to ${this.#line(report.file)}`,
        );
      case "room-verify":
        return this.#verify(report);
      case "room-error": {
        const { room, message, hint, code } = report;
        const whose = room === undefined || this.#spell.isAt(room) ? "" : `${this.roomName(room)}: `;
        return this.#parts.problem({ message: whose + message, hint, code });
      }
      default:
        return [];
    }
  }

  /** Once it is in the log, it has its number. */
  #own(report: ReportOf<"queued" | "sent">): RoomRendered {
    const { id, room, atMs, text } = report;
    const seq = report.type === "sent" ? report.seq : undefined;
    const known = this.#lines.get(id);
    const from: PersonView = { name: "you", fingerprint: "", isSelf: true };
    const isHere = known?.isHere ?? this.#spell.isAt(room);
    const replyTo = known?.replyTo ?? report.replyTo;
    const line = this.#lines.put({ id, room, from, seq, atMs, text, replyTo, isHere });
    if (known === undefined) return this.#shown(line);
    return { rows: [], change: { id, rows: this.#again(line) } };
  }

  #message(report: ReportOf<"message">): RoomRendered {
    const { id, room, from, seq, atMs, text, replyTo, isFollowed } = report;
    const isHere = this.#spell.isAt(room);
    const line = this.#lines.put({ id, room, from, seq, atMs, text, replyTo, isFollowed, isHere });
    const heading = this.#parts.again(report.again === true);
    return this.#shown(line, this.#answerHint(room), heading);
  }

  #shown(line: RoomLine, hint: readonly string[] = [], heading: readonly string[] = []): RoomRendered {
    const spoken = this.#spoken(line);
    const rows = [...heading, ...this.#answered(line), ...this.#parts.conversation.said(spoken, spoken.who)];
    const count = this.#again(line).length;
    return { rows: [...rows, ...hint], line: { id: line.id, before: rows.length - count, count } };
  }

  #changed(report: ReportOf<"edited" | "deleted">): RoomRendered {
    const { id, by, room, seq } = report;
    const isEdit = report.type === "edited";
    const author = this.#lines.get(id)?.from;
    const line = this.#lines.change(
      id,
      isEdit ? { text: report.text, isEdited: true, seq } : { text: "", deletedBy: by, seq },
    );
    const isOwn = author?.isSelf === true && by.isSelf === true;
    const phrase = changePhrase({ by, room, seq }, isEdit ? "changed" : "deleted", isOwn ? by : author, this.#spell);
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
    const name = isOwn ? "you" : this.#rowName(from, room) + (line.isFollowed === true ? " *" : "");
    const who = isHere || isOwn ? name : `${this.roomName(room)} ${name}`;
    const text = isOwn && !isHere ? `@${this.#typed(room)} ${this.#text(line)}` : this.#text(line);
    const mark = columns() < NARROW_SCREEN ? {} : { mark: String(line.seq ?? "").padStart(LEAST_DIGITS) };
    const paint = isOwn ? style.dim : line.isFollowed === true ? style.strong : style.peer(from.fingerprint);
    return { ...mark, who, paint, atMs, text };
  }

  #text(line: Pick<RoomLine, "text" | "isEdited" | "deletedBy" | "room">): string {
    if (line.deletedBy !== undefined) return "(deleted)";
    return sanitiseText(line.text, { ...this.#parts, isBounded: true }) + (line.isEdited === true ? " (edited)" : "");
  }

  /** What a line answers, above it. */
  #answered({ replyTo, from, room }: Pick<RoomLine, "replyTo" | "from" | "room">): string[] {
    if (replyTo === undefined) return [];
    const answers = from.isSelf === true ? "you answer" : `${this.#spell.name(from, room)} answers`;
    return this.#parts.notice(`${answers} ${this.#quote(replyTo) ?? "a line that is not here"}`);
  }

  /** `line 7 of ada, "the build is red"` */
  #quote(id: string): string | undefined {
    const line = this.#lines.get(id);
    if (line === undefined) return undefined;
    const whose = line.from.isSelf === true ? "your line" : `line of ${this.#spell.name(line.from, line.room)}`;
    const number = line.seq === undefined ? "" : ` ${line.seq}`;
    const text = line.deletedBy === undefined ? quotedName(this.#short(line.text, QUOTED_COLUMNS)) : "(deleted)";
    return `${whose.replace("line", `line${number}`)}, ${text}`;
  }

  #short(raw: string, columns: number): string {
    return sanitiseLine(raw.replaceAll(/\s+/gu, " "), columns, this.#parts);
  }

  /** How to answer in a room that the prompt is not at: once, until the prompt turns. */
  #answerHint(room: RoomView): string[] {
    const { selection, hasPrompt } = this.#parts;
    if (hasPrompt !== true || this.#spell.isAt(room) || this.#hinted.has(room.id)) return [];
    this.#hinted.add(room.id);
    const name = this.#typed(selection.rooms.find(room.id) ?? room);
    return this.#parts.notice(`@${name} TEXT answers once; to ${name} turns the prompt`);
  }

  #link({ room, link, uses, expiresAtMs }: ReportOf<"room-link">): string[] {
    const { layout, style, nowMs } = this.#parts;
    const often = uses === 1 ? "once" : `${uses} times`;
    const until = comingMoment(expiresAtMs, nowMs());
    const intro = `This link leads into ${this.roomName(room)}. It works ${often}, until ${until}.`;
    // In one piece, whatever the width: people copy it.
    return ["", ...layout.hanging("", intro), "", `  ${style.strong(sanitiseLine(link, 1000, this.#parts))}`, ""];
  }

  #invited({ room, by }: ReportOf<"invited">): string[] {
    const { layout, style } = this.#parts;
    const alone = room.isDirect === true ? ", a room for the two of you alone" : "";
    const name = this.#typed(room);
    return [
      ...layout.hanging(
        "",
        `${this.#spell.name(by, room)} invites you to ${this.roomName(room)}${alone}.`,
        0,
        style.warning,
      ),
      ...layout.hanging("", `Type accept ${name}, or decline ${name}.`),
    ];
  }

  #rooms({ rooms, listed }: ReportOf<"rooms">): string[] {
    const { layout, notice } = this.#parts;
    return rooms.length + listed.length === 0
      ? notice("you are in no room, and none is listed; create NAME makes one")
      : layout.block(roomsAnswer(rooms, listed, this.#blockSpell));
  }

  #history(report: ReportOf<"room-history">): string[] {
    const { notice, style } = this.#parts;
    const name = this.roomName(report.room);
    if (report.occasion === "asked")
      return report.lines.length === 0 ? notice(`nothing is kept of ${name}`) : this.#kept(report, {});
    if (report.lines.length === 0) return [];
    // If nothing can be dim, it would look like new lines; the prompt may be elsewhere, too.
    const isClear = !style.isPlain && this.#spell.isAt(report.room);
    return [...(isClear ? [] : notice(`the last lines kept of ${name}`)), ...this.#kept(report, { dims: true })];
  }

  /** Without the room's name: a heading or a command has said it. Numbers on any screen. */
  #kept(
    { room, lines }: { readonly room: RoomView; readonly lines: readonly RoomLineView[] },
    look: KeptLook,
  ): string[] {
    return lines.flatMap((kept) => {
      const line = { ...lineOf(room, kept), isHere: true };
      // One that is on the screen as well may still change there.
      this.#lines.put({ ...line, isHere: this.#lines.get(line.id)?.isHere ?? true });
      const spoken = { ...this.#spoken(line), mark: String(line.seq).padStart(LEAST_DIGITS) };
      return [...this.#answered(line), ...this.#parts.conversation.kept([spoken], spoken.who, look)];
    });
  }

  #verify({ who, words }: ReportOf<"room-verify">): string[] {
    const { layout, columns } = this.#parts;
    const name = this.#spell.name(who);
    const rows = [{ label: name, value: this.#line(who.fingerprint) }];
    return [
      ...layout.block(wordsBlock(rows, words, (raw) => this.#line(raw), columns())),
      ...layout.hanging("", `Read the words to ${name} through another channel. Both of you must see the same.`, 2),
    ];
  }

  /** How a line can name the room, safe to show. */
  #typed(room: RoomView): string {
    const { rooms } = this.#parts.selection.rooms;
    const known: KnownRoom = { ...room, standing: "joined", people: [] };
    const isAsIs = sanitiseLine(room.name, SHOWN_COLUMNS, this.#parts) === room.name;
    return clearRoomName(isAsIs ? known : { ...known, name: "" }, rooms);
  }

  /** The short name, which nobody else has there. */
  #rowName(who: Nameable, room: RoomView | undefined): string {
    const { columns, style, shownName, selection } = this.#parts;
    const key = room?.id ?? "";
    const names =
      this.#names.get(key) ?? new RowNames({ columns, ellipsis: style.ellipsis, shown: ({ name }) => shownName(name) });
    this.#names.set(key, names);
    return names.of(who, room === undefined ? selection.people : (selection.rooms.find(room.id)?.people ?? NOBODY));
  }

  #line(raw: string): string {
    return sanitiseLine(raw, 200, this.#parts);
  }
}

const NOBODY: readonly Nameable[] = [];

function lineOf(room: RoomView, kept: RoomLineView): Omit<RoomLine, "isHere"> {
  const { id, seq, from, atMs, text, replyTo, isEdited, isDeleted } = kept;
  return { id, room, from, seq, atMs, text, replyTo, isEdited, ...(isDeleted === true ? { deletedBy: from } : {}) };
}
