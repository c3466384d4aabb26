// What Tab adds to the line being typed: the rest of a command's name, or of a person's where one may stand. Pure; text
// of a message is never touched, because only a line's first word is completed, and what follows a command or @.

import { commandsAt, type ProgramName, type PromptSpelling } from "../app/command-table.ts";
import { clearNameOf, type Nameable, namedAtStart } from "../app/people.ts";
import { hasRooms, invitedRooms, NO_ROOMS, type RoomsHere } from "../app/rooms/room-command-names.ts";
import { roomPrompt, whomItMayName } from "../app/rooms/room-command-parse.ts";
import { roomPrompts } from "../app/rooms/room-command-table.ts";
import type { KnownRoom } from "../app/rooms/room-reports.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { quotedName } from "../core/identity/quoted-name.ts";

/** Whom a line may name, and at which prompt it is typed. */
interface Place {
  readonly program: ProgramName;
  readonly people: readonly PeerView[];
  /** Those who were introduced and wait for an answer. */
  readonly introduced: readonly PeerView[];
  readonly rooms?: RoomsHere;
}

export type Completion =
  | { readonly type: "none" }
  /** `text` takes the place of so many UTF-16 units in front of the cursor. */
  | { readonly type: "replace"; readonly units: number; readonly text: string }
  /** There is more than one, and nothing to add. Raw: sanitise before showing. */
  | {
      readonly type: "choice";
      readonly commands: readonly string[];
      readonly people: readonly Nameable[];
      readonly rooms: readonly KnownRoom[];
    };

const NONE: Completion = { type: "none" };

/** What completes a line, given the text in front of its cursor. */
export function complete(before: string, { program, people, introduced, rooms = NO_ROOMS }: Place): Completion {
  const line = before.trimStart();
  if (line === "" || line.includes("\n")) return NONE;
  if (line.startsWith("@")) return completeAnyName(line.slice(1), people, rooms.rooms);
  const [, slash = "", word = "", rest] = /^(\/?)(\S*)(?:\s+([^]*))?$/u.exec(line) ?? [];
  if (rest === undefined) return slash + word === "" ? NONE : completeCommand(word, namesHere(program, rooms));
  if (word === "to") return completeAnyName(unmarked(rest), people, rooms.rooms);
  const ofRooms = hasRooms(rooms) ? completeInRooms(word, rest, { people, introduced, rooms }) : undefined;
  if (ofRooms !== undefined) return ofRooms;
  const row = commandsHere(program).find(({ name }) => name === word);
  if (row === undefined) return NONE;
  if (row.prompt.needsTwo === true) return completeTwo(rest, people);
  const all = row.prompt.mayBeHub === true ? [...people, ...(rooms.hubPeers ?? [])] : people;
  return completeArgument(rest, row.prompt, row.prompt.needsPeer === "introduced" ? introduced : all);
}

/** What follows a command about rooms; undefined: nothing does that only such a command takes. */
function completeInRooms(
  word: string,
  rest: string,
  { people, introduced, rooms }: Required<Omit<Place, "program">>,
): Completion | undefined {
  const row = roomPrompt(word, rooms);
  if (row === undefined) return undefined;
  const { needsWho, takesRoom } = row.prompt;
  if (needsWho !== undefined)
    return completeName(unmarked(rest), whomItMayName(row.prompt, { people, introduced, rooms }));
  if (word === "accept" || word === "decline") return completeAnyName(rest, introduced, invitedRooms(rooms));
  return takesRoom === true && rest.startsWith("#") ? completeRoom(rest.slice(1), rooms.rooms) : undefined;
}

/** A person's name, or a room's behind its #. */
function completeAnyName(start: string, people: readonly PeerView[], rooms: readonly KnownRoom[]): Completion {
  if (start.startsWith("#")) return completeRoom(start.slice(1), rooms);
  const completion = completeName(start, people);
  if (start !== "" || rooms.length === 0) return completion;
  return { type: "choice", commands: [], people, rooms };
}

function completeRoom(start: string, rooms: readonly KnownRoom[]): Completion {
  const completion = completeName(
    start,
    rooms.map(({ id, name }) => ({ name, fingerprint: id })),
  );
  if (completion.type !== "choice") return completion;
  const ids = new Set(completion.people.map(({ fingerprint }) => fingerprint));
  return { type: "choice", commands: [], people: [], rooms: rooms.filter(({ id }) => ids.has(id)) };
}

/** The commands that exist here, and whether something may follow each. */
function namesHere(program: ProgramName, rooms: RoomsHere): ReadonlyMap<string, boolean> {
  const ofRooms = hasRooms(rooms) ? roomPrompts(rooms.at === undefined ? "hub" : "room") : [];
  const rows = [...commandsHere(program), ...ofRooms];
  return new Map(rows.map(({ name, prompt }) => [name, prompt.takes !== undefined]));
}

function completeCommand(word: string, names: ReadonlyMap<string, boolean>): Completion {
  const fitting = [...names.keys()].filter((name) => name.startsWith(word));
  const [only, ...others] = fitting;
  if (only === undefined) return NONE;
  if (others.length === 0) return replace(word, only + (names.get(only) === true ? " " : ""));
  const common = commonStart(fitting);
  return common.length > word.length
    ? { type: "replace", units: word.length, text: common }
    : { type: "choice", commands: fitting, people: [], rooms: [] };
}

/** A name may follow @ or " after every command about a peer, and stand alone where `commands.ts` takes it so. */
function completeArgument(rest: string, spelling: PromptSpelling, people: readonly PeerView[]): Completion {
  const { aboutPeer, needsPeer, takes = "" } = spelling;
  const isName = takes.startsWith("NAME") && aboutPeer !== "marked";
  if (aboutPeer === undefined && needsPeer === undefined && !isName) return NONE;
  return /^[@"]/u.test(rest) || aboutPeer === "plain" || isName ? completeName(unmarked(rest), people) : NONE;
}

/** The first of two names, or the second, which is somebody else's. */
function completeTwo(rest: string, people: readonly PeerView[]): Completion {
  const start = unmarked(rest);
  const named = namedAtStart(start, people);
  // Without a blank behind it, it may not be whole.
  if (named === undefined || (named.rest === "" && !/\s$/u.test(start))) return completeName(start, people);
  const others = people.filter((peer) => peer !== named.peer);
  const second = unmarked(named.rest);
  const longer = beginningWith(start, people);
  if (longer.length === 0) return completeName(second, others, people);
  const both = new Set([...longer, ...beginningWith(second, others)]);
  return both.size === 1 ? completeName(start, people) : { type: "choice", commands: [], people: [...both], rooms: [] };
}

function unmarked(text: string): string {
  return text.replace(/^@/u, "");
}

/** `all`: the people among whom a name must be clear. */
function completeName(start: string, people: readonly Nameable[], all = people): Completion {
  const fitting = beginningWith(start, people);
  const [only, ...others] = fitting;
  if (only === undefined) return NONE;
  if (others.length === 0)
    return replace(start, `${isQuoted(start) ? quotedName(only.name) : clearNameOf(only, all)} `);
  const common = commonStart(fitting.map(({ name }) => (isQuoted(start) ? quotedName(name) : name)));
  // A name that is the start of another one is whole already.
  const isWhole = namedAtStart(start, people)?.rest === "";
  return common.length > start.length && !isWhole
    ? { type: "replace", units: start.length, text: common }
    : { type: "choice", commands: [], people: fitting, rooms: [] };
}

function beginningWith<Person extends Nameable>(start: string, people: readonly Person[]): readonly Person[] {
  const spelled = (name: string): string => (isQuoted(start) ? quotedName(name) : name);
  return people.filter(({ name }) => name !== "" && spelled(name).toLowerCase().startsWith(start.toLowerCase()));
}

/** Whether a name in quotation marks is being typed. */
function isQuoted(start: string): boolean {
  return start.startsWith('"');
}

function replace(start: string, text: string): Completion {
  return start === text ? NONE : { type: "replace", units: start.length, text };
}

/** As the first one writes it, where they differ in capitals. */
function commonStart([first = "", ...others]: readonly string[]): string {
  const characters = Array.from(first);
  const isCommon = (text: string): boolean =>
    others.every((other) => other.toLowerCase().startsWith(text.toLowerCase()));
  let common = "";
  for (const character of characters) {
    if (!isCommon(common + character)) break;
    common += character;
  }
  return common;
}

function commandsHere(program: ProgramName) {
  return commandsAt("prompt").filter(({ prompt }) => prompt.atServer === undefined || program === "lair-server");
}
