// What happens in rooms, as worded on the screen: one line each. Pure; all arguments have passed the sanitiser.

import { ROLE_PHRASES } from "../app/rooms/room-command-row.ts";
import type { PersonView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import { lineCount, exactSpan } from "./retention-phrases.ts";

/** How names are written in a sentence. */
export interface RoomSpelling {
  /** "#ops" */
  room(room: RoomView): string;
  /** "ada"; the same for nobody else in the room. Without a room: among all people. */
  name(who: PersonView, room?: RoomView): string;
  /** Text of somebody else in one row, in quotation marks. */
  quoted(raw: string): string;
  /** Whether the prompt is at the room. */
  isAt(room: RoomView): boolean;
}

/** A warning: what happened, what to do, and its code. */
interface RoomWarning {
  readonly message: string;
  readonly hint: string;
  readonly code: string;
}

/** What a person is told in a dim line; undefined for reports that are shown otherwise, or not at all. */
export function roomPhrase(report: RoomReport, spell: RoomSpelling): string | undefined {
  switch (report.type) {
    case "room-created":
      return madePhrase(report.room, spell);
    case "links-revoked":
      return revokedPhrase(report, spell);
    case "asked":
      return `you have asked to be let into ${spell.room(report.room)}; an admin or moderator decides`;
    case "declined":
      return `declined: ${spell.room(report.room)}`;
    case "room-forgotten":
      return `what was said in ${spell.room(report.room)} is deleted here`;
    case "knocked": {
      const name = spell.name(report.who, report.room);
      return `${name} asks to be let into ${spell.room(report.room)}; an admin or moderator types ${inviteLine(report, spell)}`;
    }
    case "joined":
    case "came-back":
    case "left":
    case "removed":
    case "banned":
    case "unbanned":
      return membershipPhrase(report, spell);
    case "role-changed":
      return rolePhrase(report, spell);
    case "topic-changed": {
      const about = `topic${spell.isAt(report.room) ? "" : ` of ${spell.room(report.room)}`}`;
      const setBy = `set by ${person(report.by, report.room, spell)}`;
      return report.topic === ""
        ? `no ${about} any more, ${setBy}`
        : `the ${about} is ${spell.quoted(report.topic)} now, ${setBy}`;
    }
    case "room-renamed":
      return `${doer(report, spell)} renamed ${spell.room({ ...report.room, name: report.was })}: it is ${spell.room(report.room)} now`;
    case "room-timer":
      return timerPhrase(report, spell);
    case "unknown-message":
      return `${spell.name(report.from, report.room)} sent something that this version can't show (${spell.quoted(report.kind)})${where(report.room, spell)}`;
    case "followed": {
      const name = spell.name(report.who);
      return `what ${name} says in any room is ${report.isFollowed ? "highlighted from now on" : "no longer highlighted"}`;
    }
    case "marks":
      return marksPhrase(report);
    case "handle":
      return `the others at ${spell.quoted(report.hub)} see you as ${spell.quoted(report.handle)}`;
    default:
      return undefined;
  }
}

/** What needs attention: what happened and what to do; undefined for every other report. */
export function roomWarning(report: RoomReport, spell: RoomSpelling): RoomWarning | undefined {
  switch (report.type) {
    case "missing":
      return {
        message: `You were away for longer than the hub keeps lines: some of ${spell.room(report.room)} are missing.`,
        hint: "Ask somebody there for what you need; no program can send them again.",
        code: "lines-missing",
      };
    case "not-followed": {
      const name = person(report.by, report.room, spell);
      return {
        message: `The program of ${name} tried something that the rules of ${spell.room(report.room)} forbid; all other programs refused it: ${spell.quoted(report.why)}.`,
        hint: `Ask ${name} whether that was meant. An admin or moderator can type remove with the name.`,
        code: "not-followed",
      };
    }
    case "log-differs":
      return {
        message: `${person(report.by, report.room, spell)} has seen a different log of ${spell.room(report.room)} than you: the hub leaves something out, or shows different things to different people.`,
        hint: "Compare the last lines through another channel, and ask the hub's operator. Do not rely on this room until you know.",
        code: "log-differs",
      };
    case "key-changed": {
      const name = person(report.who, report.room, spell);
      return {
        message: `This is not the ${name} that was known in ${spell.room(report.room)}: the key changed.`,
        hint: `Either somebody is intercepting the connection, or ${name} set up Lair again. Ask ${name} through another channel, and compare the words of verify with the name.`,
        code: "peer-key-changed",
      };
    }
    default:
      return undefined;
  }
}

/** "you", or the name. */
function person(who: PersonView, room: RoomView, spell: RoomSpelling): string {
  return who.isSelf === true ? "you" : spell.name(who, room);
}

function subject(who: PersonView, room: RoomView, spell: RoomSpelling, verb: string, yours: string): string {
  return who.isSelf === true ? `you ${yours}` : `${spell.name(who, room)} ${verb}`;
}

/** "ada has", "you have" */
function doer(report: { readonly by: PersonView; readonly room: RoomView }, spell: RoomSpelling): string {
  return subject(report.by, report.room, spell, "has", "have");
}

/** "ada has made carol a moderator" */
function rolePhrase(report: Extract<RoomReport, { type: "role-changed" }>, spell: RoomSpelling): string {
  const { by, who, room, role } = report;
  const place = where(room, spell);
  if (by.fingerprint === who.fingerprint)
    return `${subject(who, room, spell, "is", "are")} ${ROLE_PHRASES[role]} now${place}`;
  return `${doer(report, spell)} made ${person(who, room, spell)} ${ROLE_PHRASES[role]}${place}`;
}

/** " in #ops", where the prompt does not say it. */
function where(room: RoomView, spell: RoomSpelling): string {
  return spell.isAt(room) ? "" : ` in ${spell.room(room)}`;
}

function inviteLine(report: Extract<RoomReport, { type: "knocked" }>, spell: RoomSpelling): string {
  const name = spell.name(report.who, report.room);
  return spell.isAt(report.room) ? `invite ${name}` : `@${spell.room(report.room)} invite ${name}`;
}

/** Where the next line goes. */
function nextLine(room: RoomView, spell: RoomSpelling): string {
  return spell.isAt(room) ? "what you type goes there now" : `to ${spell.room(room)} switches the prompt`;
}

function madePhrase(room: RoomView, spell: RoomSpelling): string {
  // One of two may have no name yet: it is that of the other person.
  const made = room.isDirect === true ? "a room for the two of you alone" : spell.room(room);
  const next =
    room.isDirect === true && room.name === "" && !spell.isAt(room) ? "rooms lists it" : nextLine(room, spell);
  return `${made} is made; ${next}`;
}

type Membership = Extract<RoomReport, { type: "joined" | "came-back" | "left" | "removed" }> | Ban;
type Ban = RoomReport & { readonly type: "banned" | "unbanned" };

function membershipPhrase(report: Membership, spell: RoomSpelling): string {
  const { room } = report;
  const name = spell.room(room);
  switch (report.type) {
    case "joined":
    case "came-back": {
      const again = report.type === "came-back" ? " again" : "";
      if (report.who === undefined || report.who.isSelf === true)
        return `you are in ${name}${again}; ${nextLine(room, spell)}`;
      const who = spell.name(report.who, room);
      const place = spell.isAt(room) ? "" : ` to ${name}`;
      // They are in the group from then on, whether they have accepted or not.
      if (report.type === "joined" && report.by !== undefined) {
        return `${subject(report.by, room, spell, "has", "have")} added ${who}${place}`;
      }
      const how = report.type === "came-back" ? "" : ", by a link";
      return `${who} is in ${spell.isAt(room) ? "the room" : name}${again}${how}`;
    }
    case "left": {
      if (report.who === undefined || report.who.isSelf === true)
        return `you have left ${name}; what was said stays here`;
      const who = spell.name(report.who, room);
      const alone = room.isDirect === true ? `; nobody reads you there any more, dm ${who} opens another room` : "";
      return `${who} has left${spell.isAt(room) ? "" : ` ${name}`}${alone}`;
    }
    case "removed": {
      if (report.by === undefined) return `you were removed from ${name}, or it was closed; what was said stays here`;
      const remover = subject(report.by, room, spell, "has", "have");
      return report.who.isSelf === true
        ? `${remover} removed you from ${name}; what was said stays here`
        : `${remover} removed ${spell.name(report.who, room)}${spell.isAt(room) ? "" : ` from ${name}`}`;
    }
    case "banned":
    case "unbanned": {
      const place = spell.isAt(room) ? "" : ` to ${name}`;
      const who = person(report.who, room, spell);
      return report.type === "banned"
        ? `${doer(report, spell)} banned ${who}, who cannot come back${place}`
        : `${doer(report, spell)} lifted the ban of ${who}, who can come back${place}`;
    }
  }
}

function timerPhrase(report: Extract<RoomReport, { type: "room-timer" }>, spell: RoomSpelling): string {
  const setBy = `${where(report.room, spell)}, set by ${person(report.by, report.room, spell)}`;
  if (report.seconds === 0) return `lines no longer disappear${setBy}`;
  return `lines disappear ${exactSpan(report.seconds * 1000)} after they were said${setBy}`;
}

/** "all 3 links to #ops will no longer work" */
function revokedPhrase(report: Extract<RoomReport, { type: "links-revoked" }>, spell: RoomSpelling): string {
  const [links, them] = report.count === 1 ? ["the link", "it"] : [`all ${report.count} links`, "them"];
  const why = report.isAsked === true ? "" : `: the removed person knew ${them}`;
  return `${links} to ${spell.room(report.room)} will no longer work${why}`;
}

function marksPhrase({ what, isOn, isHidden }: Extract<RoomReport, { type: "marks" }>): string {
  if (what === "invisible") return isOn ? "others do not see that you are there" : "others see that you are there";
  const seen = what === "typing" ? "that you type" : "what you have read";
  const later = isHidden === true ? " once you type invisible off; nobody does while you are hidden" : "";
  return `others ${isOn ? "see" : "do not see"} ${seen}${later}`;
}

/** "ada passes on 12 earlier lines" */
export function sharedPhrase(report: Extract<RoomReport, { type: "shared-history" }>, spell: RoomSpelling): string {
  const who = report.by.isSelf === true ? "you pass" : `${spell.name(report.by, report.room)} passes`;
  return `${who} on ${lineCount(report.lines.length).replace("line", "earlier line")}${where(report.room, spell)}`;
}

/** How a line has changed that the screen no longer has. */
export function changePhrase(
  { by: who, room, seq }: { readonly by: PersonView; readonly room: RoomView; readonly seq: number },
  verb: "changed" | "deleted",
  author: PersonView | undefined,
  spell: RoomSpelling,
): string {
  const isOthers = author !== undefined && author.fingerprint !== who.fingerprint;
  const whose = isOthers ? ` of ${person(author, room, spell)}` : "";
  return `${person(who, room, spell)} ${verb} line ${seq}${whose}${where(room, spell)}`;
}

/** "👍 by bob, cyd; 🎉 by ada" */
export function reactionsPhrase(
  reactions: readonly { readonly by: PersonView; readonly emoji: string }[],
  room: RoomView,
  spell: RoomSpelling,
): string {
  const names = new Map<string, string[]>();
  for (const { by: who, emoji } of reactions) names.set(emoji, [...(names.get(emoji) ?? []), person(who, room, spell)]);
  return [...names].map(([emoji, who]) => `${emoji} by ${who.join(", ")}`).join("; ");
}

/** "read by bob, cyd" */
export function readPhrase(readers: readonly PersonView[], room: RoomView, spell: RoomSpelling): string {
  return `read by ${readers.map((who) => spell.name(who, room)).join(", ")}`;
}

/** `line`: what it is about, such as `line 7 of ada, "the build is red"`. */
export function reactionPhrase(
  { by: who, room, emoji }: Extract<RoomReport, { type: "reacted" }>,
  shownEmoji: string,
  line: string,
  spell: RoomSpelling,
): string {
  const name = person(who, room, spell);
  const place = where(room, spell);
  if (emoji !== "") return `${name}${place}: ${shownEmoji} to ${line}`;
  return `${name} ${who.isSelf === true ? "take" : "takes"} back the reaction to ${line}${place}`;
}
