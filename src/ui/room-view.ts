// The rows of a view about rooms: the lines (`room-line-rows.ts`), and a dim line for everything else that happens. All raw
// text passes the sanitiser.

import type { Nameable } from "../app/people.ts";
import { clearRoomName } from "../app/rooms/room-command-names.ts";
import type { KnownRoom, PersonView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import { SHOWN_COLUMNS } from "../core/identity/peer-name.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import { skeletons } from "../core/identity/skeleton.ts";
import { wordsBlock } from "./blocks.ts";
import type { ConversationRows } from "./conversation-rows.ts";
import { createHighlight } from "./highlight.ts";
import { comingMoment } from "./phrases.ts";
import { foundPhrase, lineCount } from "./retention-phrases.ts";
import { membersBlock, type RoomBlockSpelling, roomsAnswer, roomsBlock, statusBlock } from "./room-blocks.ts";
import { RoomLineRows, type RoomRendered } from "./room-line-rows.ts";
import {
  reactionPhrase,
  readPhrase,
  roomPhrase,
  type RoomSpelling,
  roomWarning,
  sharedPhrase,
} from "./room-phrases.ts";
import { RowNames } from "./row-names.ts";
import { sanitiseLine } from "./sanitise.ts";
import type { Selection } from "./selection.ts";
import { type BlockRow, type TextRows } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

interface RoomRowsParts extends ViewOptions {
  readonly layout: TextRows;
  readonly conversation: ConversationRows;
  readonly selection: Selection;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
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
const ID_LETTERS = 8;

export class RoomRows {
  readonly #parts: RoomRowsParts;
  readonly #spell: RoomSpelling;
  readonly #blockSpell: RoomBlockSpelling;
  readonly #lines: RoomLineRows;
  /** By the ids of rooms: who has read one's own last line that anybody has read. */
  readonly #readers = new Map<
    string,
    { readonly id: string; readonly seq: number; readonly people: readonly PersonView[] }
  >();
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
    this.#lines = new RoomLineRows({
      ...parts,
      spell: this.#spell,
      rowName: (who, room) => this.#rowName(who, room),
      typed: (room) => this.#typed(room),
      answerHint: (room) => this.#answerHint(room),
    });
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
    const name = this.roomName(room);
    return this.#parts.notice(
      this.#parts.selection.goneRoom?.id === room.id
        ? `you are out of ${name}: history, search and export show what was said; leave deletes it`
        : `what you type goes to ${name} now`,
    );
  }

  /** After the selection has learned of it. */
  render(report: RoomReport): RoomRendered {
    switch (report.type) {
      case "queued":
      case "sent":
        return this.#lines.own(report);
      case "message":
        return this.#lines.message(report);
      case "edited":
      case "deleted":
        return this.#lines.changed(report);
      case "read":
        return this.#read(report);
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
      case "room-status": {
        const read = this.#readers.get(report.room.id);
        const who =
          read && `your line ${read.seq}, by ${read.people.map((one) => this.#rowName(one, report.room)).join(", ")}`;
        return layout.block(statusBlock(report.room, report.status, who, this.#parts.nowMs(), this.#blockSpell));
      }
      case "reacted": {
        const emoji = sanitiseLine(report.emoji, QUOTED_COLUMNS, this.#parts);
        const line = this.#lines.quote(report.id) ?? `line ${report.seq}`;
        return notice(reactionPhrase(report, emoji, line, this.#spell));
      }
      case "shared-history":
        return [
          ...notice(sharedPhrase(report, this.#spell)),
          ...(report.isKnown === true ? [] : this.#lines.kept(report, { dims: true })),
        ];
      case "rooms":
        return this.#rooms(report);
      case "room-history":
        return this.#lines.history(report);
      case "room-found": {
        const found = foundPhrase(report.lines.length, report.total, this.#line(report.words));
        const look = { highlight: createHighlight(report.words, this.#parts.style.found) };
        return [...notice(`${found}, in ${this.roomName(report.room)}`), ...this.#lines.kept(report, look)];
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

  /** How to answer in a room that the prompt is not at: once, until the prompt turns. */
  #answerHint(room: RoomView): string[] {
    const { selection, hasPrompt } = this.#parts;
    if (hasPrompt !== true || this.#spell.isAt(room) || this.#hinted.has(room.id)) return [];
    this.#hinted.add(room.id);
    const name = this.#typed(selection.rooms.find(room.id) ?? room);
    return this.#parts.notice(`@${name} TEXT answers once; to ${name} switches the prompt`);
  }

  /**
   * Who has read one's own last line: one row, which grows as long as it is the last. Where it cannot, the first of them is
   * told, and `status` has all.
   */
  #read({ id, room, by, seq }: ReportOf<"read">): RoomRendered {
    if (by.isSelf === true || !this.#lines.isOwn(id)) return { rows: [] };
    const before = this.#readers.get(room.id);
    const people = [
      ...(before?.id === id ? before.people : []).filter(({ fingerprint }) => fingerprint !== by.fingerprint),
      by,
    ];
    this.#readers.set(room.id, { id, seq, people });
    if (!this.#spell.isAt(room)) return { rows: [] };
    const rows = this.#parts.notice(readPhrase(people, room, this.#spell));
    return { rows, merged: { key: id, isMore: people.length > 1 } };
  }

  #link({ room, link, uses, expiresAtMs }: ReportOf<"room-link">): string[] {
    const { layout, style, nowMs } = this.#parts;
    const often = uses === 1 ? "once" : `${uses} times`;
    const until = comingMoment(expiresAtMs, nowMs());
    const intro = `This link leads to ${this.roomName(room)}. It works ${often}, until ${until}.`;
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
