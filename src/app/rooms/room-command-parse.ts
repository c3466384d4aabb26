// Parses a line of the prompt as far as it is about rooms (docs/usage.md, "Rooms"). As with people, a line that is not
// exactly a command is said, and `../commands.ts` does that; where no hub is known, no line is about rooms. Pure.

import { commandFrom, usageOf } from "../command-row.ts";
import { commandRow } from "../command-table.ts";
import type { Members } from "../command-words.ts";
import type { Command } from "../events.ts";
import { isObject } from "../near-commands.ts";
import { clearNameInSentence, meantAtStart, type Nameable, namedAtStart, recipientOf } from "../people.ts";
import {
  clearRoomName,
  everybody,
  hasRooms,
  invitedRooms,
  roomAtStart,
  type RoomPlace,
  type RoomsHere,
  roomsMeantAtStart,
  type Unknown,
} from "./room-command-names.ts";
import { parsePrivate } from "./room-command-private.ts";
import type { RoomRow, RoomSpelling } from "./room-command-row.ts";
import { roomPrompts } from "./room-command-table.ts";
import type { KnownRoom } from "./room-reports.ts";

/** The prompt is to turn to a room; only the frontend knows where it is. */
export interface TurnToRoom {
  readonly type: "turn";
  readonly room: KnownRoom;
}

/** It looks like a command about rooms and is none, nor one about people: a sentence. */
interface Said {
  readonly type: "said";
}

type RoomParsed = Command | TurnToRoom | Unknown | Said;

const SAID: Said = { type: "said" };

/** A line without its slash. */
interface Typed {
  readonly word: string;
  readonly args: readonly string[];
  /** The text behind the word, with the blanks inside. */
  readonly rest: string;
  /** With a slash it is a command in any case. */
  readonly isMarked: boolean;
}

/** Commands that people and rooms have; a person whom the line names decides. */
const SHARED: ReadonlySet<string> = new Set(["history", "search", "export", "timer", "rename", "status"]);
/** Of those, the ones behind which a name needs no mark. */
const PLAIN: ReadonlySet<string> = new Set(["history", "timer", "status"]);

/** The command about rooms in a line, or what is wrong with it; undefined: it is not about rooms. */
export function parseRoomLine(line: string, place: RoomPlace): RoomParsed | undefined {
  if (!hasRooms(place.rooms)) return undefined;
  const trimmed = line.trim();
  if (trimmed.startsWith("@#")) return parseAside(trimmed, place);
  if (/[\n\r\u2028\u2029]/u.test(trimmed)) return undefined;
  if (trimmed.startsWith("@")) return parsePrivate(trimmed, place);
  const typed = typedOf(trimmed);
  if (typed.word === "to" && typed.rest.startsWith("#")) return parseTurn(typed, place);
  if (typed.word === "accept" || typed.word === "decline") return parseAnswer(typed, place);
  const row = rowOf(typed, place);
  if (row !== undefined) return parseRow(row, typed, place);
  const isElsewhere = typed.isMarked && isOfRooms(typed.word);
  return isElsewhere
    ? unknown(`/${typed.word}`, "This works at the prompt of a room: to #NAME switches there.")
    : undefined;
}

/** Whether a word is a command at the prompt of a room, and at no other. */
function isOfRooms(word: string): boolean {
  const row = roomPrompts("room").find(({ name }) => name === word);
  return row?.prompt.where === "room" && commandRow(word, "prompt") === undefined;
}

/** The row of the command that a word is here; undefined: it is none. */
export function roomPrompt(word: string, { at }: RoomsHere): (RoomRow & { readonly prompt: RoomSpelling }) | undefined {
  return roomPrompts(at === undefined ? "hub" : "room").find(({ name }) => name === word);
}

/** Whom the words behind a command may name. */
export function whomItMayName({ needsWho }: RoomSpelling, { rooms, people }: RoomPlace): readonly Nameable[] {
  // One's own name too: what comes of it is said where it is done.
  if (needsWho === "member") return rooms.at?.people ?? [];
  return everybody(people, rooms);
}

function typedOf(trimmed: string): Typed {
  const isMarked = trimmed.startsWith("/");
  const said = isMarked ? trimmed.slice(1) : trimmed;
  const [word = "", ...args] = said.split(/\s+/u);
  return { word, args, rest: said.slice(word.length).trim(), isMarked };
}

function unknown(word: string, hint: string): Unknown {
  return { type: "unknown", word, hint };
}

/** `@#ROOM` and a line: the line as if it were typed at the prompt of ROOM. */
function parseAside(trimmed: string, place: RoomPlace): RoomParsed {
  const { rooms } = place.rooms;
  const named = roomAtStart(trimmed.slice(2), rooms);
  if (named === undefined) return unknown(trimmed.split(/\s/u, 1)[0]!, noSuchRoom(trimmed.slice(2), place));
  const { room, rest } = named;
  const name = clearRoomName(room, rooms);
  if (room.standing === "invited")
    return unknown(`@${name}`, `You are invited there: accept ${name}, or decline ${name}.`);
  if (rest === "") return unknown(trimmed, `Write a text after the name. To switch the prompt: to ${name}`);
  const inside = { ...place, rooms: { ...place.rooms, at: room } };
  const [, text] = /^\/say\s([^]*)$/u.exec(rest) ?? [];
  const typed = typedOf(rest);
  const isLine = text === undefined && !rest.startsWith("@") && !/[\n\r\u2028\u2029]/u.test(rest);
  const row = isLine ? rowOf(typed, inside) : undefined;
  const command = row?.prompt.where === "room" ? (parseRow(row, typed, inside) ?? SAID) : SAID;
  if (command.type !== "said") return command;
  return { type: "room", command: { type: "say", room: room.id, text: text ?? rest } };
}

function noSuchRoom(text: string, { rooms: { rooms } }: RoomPlace): string {
  const meant = roomsMeantAtStart(text, rooms);
  if (meant.length > 1)
    return `More than one could be meant: ${meant.map((room) => clearRoomName(room, rooms)).join(", ")}.`;
  if (rooms.length === 0) return "No room is known here yet. If the program has just started, try again in a moment.";
  return "You know no room of that name: rooms lists them. Put /say in front to send the line.";
}

function parseTurn({ word, rest }: Typed, place: RoomPlace): RoomParsed {
  const { rooms } = place.rooms;
  const named = roomAtStart(rest.slice(1), rooms);
  if (named === undefined) return unknown(word, noSuchRoom(rest.slice(1), place));
  const name = clearRoomName(named.room, rooms);
  if (named.room.standing === "invited")
    return unknown(word, `You are invited there: accept ${name}, or decline ${name}.`);
  if (named.rest !== "") return unknown(word, `To say that there: @${name} ${named.rest}`);
  return { type: "turn", room: named.room };
}

/** Of an invitation to a room, or of an introduction; without a name, of the only one of both. */
function parseAnswer(typed: Typed, place: RoomPlace): RoomParsed | undefined {
  const { word, rest, isMarked } = typed;
  const { rooms, introduced } = place;
  const isAccepted = word === "accept";
  const invited = invitedRooms(rooms);
  if (rest === "") {
    const [room, person] = [invited[0], introduced[0]];
    if (invited.length + introduced.length > 1) return unknown(word, whichAnswer(word, place));
    if (room !== undefined) return { type: "room", command: { type: "answer", room: room.id, isAccepted } };
    if (person !== undefined) return { type: "answer-introduction", who: recipientOf(person), isAccepted };
    return unknown(word, "You are invited to no room, and nobody was introduced to you.");
  }
  const isHashed = rest.startsWith("#");
  if (!isHashed && namedAtStart(rest.replace(/^@/u, ""), introduced) !== undefined) return undefined;
  const named = roomAtStart(rest.replace(/^#/u, ""), invited);
  if (named?.rest === "") return { type: "room", command: { type: "answer", room: named.room.id, isAccepted } };
  return isHashed || (isMarked && introduced.length === 0)
    ? unknown(word, invited.length === 0 ? "You are invited to no room." : whichAnswer(word, place))
    : undefined;
}

function whichAnswer(word: string, { rooms, introduced }: RoomPlace): string {
  const open = [
    ...invitedRooms(rooms).map((room) => clearRoomName(room, rooms.rooms)),
    ...introduced.map((person) => clearNameInSentence(person, introduced)),
  ];
  return `Type ${open.map((name) => `${word} ${name}`).join(", or ")}.`;
}

/** Also where a room stands behind a command that exists in rooms only. */
function rowOf({ word, rest }: Typed, { rooms }: RoomPlace): (RoomRow & { readonly prompt: RoomSpelling }) | undefined {
  const row = roomPrompt(word, rooms);
  if (row !== undefined || !rest.startsWith("#")) return row;
  const other = roomPrompts("room").find(({ name }) => name === word);
  const isNamed = other?.prompt.takesRoom === true && roomAtStart(rest.slice(1), rooms.rooms) !== undefined;
  return isNamed ? other : undefined;
}

function parseRow(
  row: RoomRow & { readonly prompt: RoomSpelling },
  typed: Typed,
  place: RoomPlace,
): RoomParsed | undefined {
  const { prompt } = row;
  if (isAboutPaired(typed, prompt, place)) return undefined;
  const named =
    prompt.takesRoom === true && typed.rest.startsWith("#")
      ? roomAtStart(typed.rest.slice(1), place.rooms.rooms)
      : undefined;
  const room = named?.room ?? place.rooms.at;
  const rest = named?.rest ?? typed.rest;
  const isOfRoom = prompt.where === "room" && prompt.isGlobal !== true;
  const given = room !== undefined && isOfRoom ? { room: room.id } : {};
  if (prompt.needsWho !== undefined && prompt.isOwn?.(rest) !== true)
    return parseAboutSomebody(row, { ...typed, rest }, given, place);
  return parseWords(row, { ...typed, rest }, given, place);
}

/** Whether a command that people have too names one of them: `history @bob`, `timer bob 10m`, `verify bob`. */
function isAboutPaired({ word, rest }: Typed, prompt: RoomSpelling, { people }: RoomPlace): boolean {
  if (word === "verify") return namedAtStart(rest.replace(/^@/u, ""), people) !== undefined;
  if (!SHARED.has(word)) return false;
  const isOwn = prompt.isNearly?.(rest) === true || rest === "off";
  return rest.startsWith("@") || (PLAIN.has(word) && !isOwn && namedAtStart(rest, people) !== undefined);
}

function parseAboutSomebody(
  row: RoomRow & { readonly prompt: RoomSpelling },
  typed: Typed,
  given: Members,
  place: RoomPlace,
): RoomParsed | undefined {
  const { word, rest, isMarked } = typed;
  const { prompt } = row;
  const isVerify = word === "verify";
  // At the server it makes an invite for one more person, and the prompt may have nobody to turn to.
  if (rest === "" && word === "invite" && isMarked) return undefined;
  if (rest === "") return isVerify && place.rooms.at === undefined ? undefined : unknown(word, usageOf(row, prompt));
  const text = rest.replace(/^@/u, "");
  const people = whomItMayName(prompt, place);
  const named = namedAtStart(text, people);
  const stranger = named === undefined ? strangerIn(typed, prompt, people) : undefined;
  if (named === undefined && stranger === undefined)
    return isVerify ? undefined : isMarked ? unknown(word, nobodyCalled(text, typed, prompt, place)) : SAID;
  const who = named === undefined ? stranger : recipientOf(named.peer);
  const behind = named?.rest ?? "";
  const words = behind.split(/\s+/u).filter((one) => one !== "");
  const command = commandFrom(row, prompt, { words, text: behind }, { ...given, who });
  if (command !== undefined) return { type: "room", command };
  return isMarked ? unknown(word, usageOf(row, prompt)) : SAID;
}

/** A name that only the hub may know: one word, or one in quotation marks; not "invite everyone". */
function strangerIn(
  { rest, args, isMarked }: Typed,
  prompt: RoomSpelling,
  people: readonly Nameable[],
): string | undefined {
  if (prompt.needsWho !== "anybody" && !isMarked) return undefined;
  if (prompt.needsWho === "member") return undefined;
  const text = rest.replace(/^@/u, "");
  if (meantAtStart(text, people).length > 0) return undefined;
  const [, quoted] = /^"([^"]+)"$/u.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  const isName = args.length === 1 && (isMarked || !(isObject(text) || /[.,:;!?]$/u.test(text)));
  return isName ? text : undefined;
}

/** What to tell somebody whose line names nobody, or more than one. */
export function nobodyCalled(
  text: string,
  { word }: Pick<Typed, "word">,
  prompt: RoomSpelling,
  place: RoomPlace,
): string {
  const people = whomItMayName(prompt, place);
  const meant = meantAtStart(text, people);
  if (meant.length > 1) {
    const lines = meant.map(({ peer, rest }) => [word, clearNameInSentence(peer, people), rest].join(" ").trim());
    return `More than one could be meant. Type ${lines.join(", or ")}.`;
  }
  const [name = ""] = text.split(/\s/u, 1);
  const { at, rooms } = place.rooms;
  if (prompt.needsWho !== "member" || at === undefined) return `You know nobody called ${name}.`;
  return `Nobody in ${clearRoomName(at, rooms)} is called ${name}; members lists the people.`;
}

/** A command without a name: exactly its arguments, or with a slash. */
function parseWords(
  row: RoomRow & { readonly prompt: RoomSpelling },
  { word, rest, isMarked }: Typed,
  given: Members,
  place: RoomPlace,
): RoomParsed | undefined {
  const { prompt } = row;
  const words = rest.split(/\s+/u).filter((one) => one !== "");
  if (!isMarked && isSentence(words, rest, prompt)) return SAID;
  if (isMarked && word === "rename" && isAnotherName(words, rest, place)) {
    const [named] = meantAtStart(rest, place.people);
    return unknown("/rename", `Did you mean rename @${clearNameInSentence(named!.peer, place.people)} ${named!.rest}?`);
  }
  const command = commandFrom(row, prompt, { words, text: rest }, given);
  if (command !== undefined) return { type: "room", command };
  const isMeant = isMarked || words.length === 0 || prompt.isNearly?.(rest) === true;
  return isMeant ? unknown(isMarked ? `/${word}` : word, usageOf(row, prompt)) : SAID;
}

/** Words that somebody says, although they begin with a command: "create a plan", "join us". */
function isSentence(words: readonly string[], rest: string, prompt: RoomSpelling): boolean {
  if (words.length === 1) return isObject(words[0]!);
  // Nobody says a switch, a quotation in the place of a name, or a #.
  const isMeant = /^[#"]/u.test(rest) || prompt.isNearly?.(rest) === true;
  return words.length > 1 && prompt.takesWords !== true && !isMeant;
}

/** "/rename bob Robert": bob, and not the room, is meant. */
function isAnotherName(words: readonly string[], rest: string, { people }: RoomPlace): boolean {
  const [named] = meantAtStart(rest, people);
  return words.length > 1 && named !== undefined && named.rest !== "";
}
