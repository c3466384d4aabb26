// Parses a line of the prompt (docs/usage.md, "At the prompt"); the commands are in `command-table.ts`. Any line that
// is not exactly a command is a message, so that no sentence is swallowed by accident. Knows no terminal: several lines
// are one message here, wherever they came from.

import type { PeerView } from "../core/identity/peer-view.ts";
import { commandFrom, commandRow, type ProgramName, type PromptSpelling, usageOf } from "./command-table.ts";
import type { Command } from "./events.ts";
import { isAbsentCommand, isMeantAsCommand, nearestCommand, ownInvite } from "./near-commands.ts";
import { doubtAboutName, unclearName } from "./near-names.ts";
import { clearNameInSentence, forRecipient, meantAtStart, type Named, namedAtStart, recipientOf } from "./people.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import { doubtAboutRoomLine, doubtInRoomAside } from "./rooms/room-command-doubts.ts";
import { hasRooms, NO_ROOMS, type RoomsHere } from "./rooms/room-command-names.ts";
import { roomPrompts } from "./rooms/room-command-table.ts";
import { parseRoomLine, roomPrompt, type TurnToRoom } from "./rooms/room-command-parse.ts";

/** A line that asks for a command that does not exist; `hint` is what to tell the user. */
interface UnknownCommand {
  readonly type: "unknown";
  /** The word as it was typed, with its slash if it had one. Raw: sanitise before showing. */
  readonly word: string;
  readonly hint: string;
}

/** At whose prompt a line was typed, and whom it may name. */
interface Place {
  readonly program: ProgramName;
  readonly people: readonly PeerView[];
  /** Those who were introduced and wait for an answer. */
  readonly introduced: readonly PeerView[];
  /** Whom the prompt is at, or `@NAME` in front of the line names. */
  readonly at: PeerView | undefined;
  readonly rooms: RoomsHere;
  /** `@NAME` and a blank, if it stands in front of the line. */
  readonly aside?: string;
}

/** Commands that people also say: with an unknown name behind them, one asks. */
const TURNING: ReadonlySet<string> = new Set(["to", "mute", "unmute"]);

/** Of people, and so about nobody at the prompt of a room. */
const NEEDS_SOMEBODY: ReadonlySet<Command["type"]> = new Set(["verify", "forget", "renumber", "rename"]);

type ParsedLine = Command | UnknownCommand | TurnToRoom | { readonly type: "nothing" };

/**
 * Parses one line, or one pasted message of several lines. `people` are those whom it may name, `at` is whom the prompt is
 * at, unless it is at a room. Never throws.
 */
export function parseCommand(
  line: string,
  program: ProgramName,
  people: readonly PeerView[] = [],
  introduced: readonly PeerView[] = [],
  at?: PeerView,
  rooms: RoomsHere = NO_ROOMS,
): ParsedLine {
  return parseLine(line, { program, people, introduced, at, rooms });
}

function parseLine(line: string, place: Place): ParsedLine {
  const found = parseRoomLine(line, place);
  const parsed = found === undefined ? parsePeopleLine(line, place) : found;
  return inRoom(parsed.type === "said" ? { type: "say", text: line.trimEnd() } : parsed, place.rooms);
}

/** At the prompt of a room, what is said to nobody else is said there. */
function inRoom(parsed: ParsedLine, { at }: RoomsHere): ParsedLine {
  if (at === undefined || ("to" in parsed && parsed.to !== undefined)) return parsed;
  if (parsed.type === "say") return { type: "room", command: { type: "say", room: at.id, text: parsed.text } };
  if (parsed.type === "unknown" || parsed.type === "nothing" || parsed.type === "turn") return parsed;
  return NEEDS_SOMEBODY.has(parsed.type)
    ? unknown(parsed.type, `At the prompt of a room, write a name after ${parsed.type}.`)
    : parsed;
}

/** Whether a line is said, and no command. */
function isSaid(parsed: ParsedLine): boolean {
  return parsed.type === "say" || (parsed.type === "room" && parsed.command.type === "say");
}

function parsePeopleLine(line: string, place: Place): ParsedLine {
  const trimmed = line.trim();
  if (trimmed === "") return { type: "nothing" };
  if (trimmed.startsWith("@")) return parseAside(line, trimmed, place);
  // A pasted script that begins with "quit" must not quit.
  if (/[\n\r\u2028\u2029]/u.test(trimmed)) return { type: "say", text: line.trimEnd() };
  const slash = trimmed.startsWith("/");
  const said = slash ? trimmed.slice(1) : trimmed;
  const [word = "", ...args] = said.split(/\s+/u);
  const rest = said.slice(word.length).trim();
  if (!slash) return bareCommand(word, args, rest, place) ?? { type: "say", text: line.trimEnd() };
  if (word === "say") return sayCommand(trimmed);
  const command = readCommand(word, args, rest, place);
  if (typeof command !== "string") return command;
  const isCommand = nearestCommand(word, roomWords(place.rooms)) !== undefined;
  return unknown(`/${word}`, isCommand ? `${command} Commands need no slash.` : command);
}

/** `@NAME` and a line: the line as if it were typed at the prompt of NAME. */
function parseAside(line: string, trimmed: string, place: Place): ParsedLine {
  const { people } = place;
  const named = asideIn(trimmed, people);
  if (named === undefined) {
    const [word = ""] = trimmed.split(/\s/u, 1);
    return unknown(
      word,
      "Nobody here has this name, or several people could be meant: who lists the people. Put the name in quotation marks, or write the first 8 letters of a fingerprint. To send the line, put /say in front.",
    );
  }
  const to = recipientOf(named.peer);
  const { rest } = named;
  if (rest === "")
    return unknown(
      trimmed,
      `Write a text after the name. To switch the prompt: to ${clearNameInSentence(named.peer, people)}`,
    );
  const parsed = rest.startsWith("@") ? undefined : parseLine(rest, placeOfAside(named, place));
  if (parsed === undefined || parsed.type === "nothing" || parsed.type === "say") {
    const text = parsed?.type === "say" ? parsed.text : rest;
    // Lines below the first keep their form.
    return { type: "say", text: text === "" ? line.trimEnd() : text, to };
  }
  if (parsed.type === "unknown" || parsed.type === "turn") return parsed;
  const command = forRecipient(parsed, to);
  // One about nobody in particular, or about somebody else, is said; see doubtInAside.
  return "to" in command && command.to === to ? command : { type: "say", text: rest, to };
}

/** Whom `@NAME` in front of a line names, and the line behind it. */
function asideIn(trimmed: string, people: readonly PeerView[]): Named | undefined {
  const named = trimmed.startsWith("@") ? namedAtStart(trimmed.slice(1), people) : undefined;
  return named === undefined ? undefined : { ...named, rest: named.rest.replace(/^[:,]\s*/u, "") };
}

/** Nobody who was introduced is meant there. */
function placeOfAside({ peer }: Named, { program, people }: Place): Place {
  return {
    program,
    people,
    introduced: [],
    at: peer,
    rooms: NO_ROOMS,
    aside: `@${clearNameInSentence(peer, people)} `,
  };
}

/**
 * The question to ask before this line is sent, if it was probably meant as a command; otherwise undefined. A question
 * costs one Enter; a command that was sent to the peer cannot be taken back.
 */
export function doubtAbout(
  line: string,
  program: ProgramName,
  people: readonly PeerView[] = [],
  introduced: readonly PeerView[] = [],
  at?: PeerView,
  rooms: RoomsHere = NO_ROOMS,
): string | undefined {
  const place = { program, people, introduced, at, rooms };
  const named = asideIn(line.trim(), people);
  const help = named === undefined ? doubtIn(line, place) : doubtInAside(named, placeOfAside(named, place));
  return help === undefined ? undefined : `${help} Enter sends it as it is; Ctrl-U clears it.`;
}

/** The same for a line without `@NAME` in front, or for what stands behind that. */
function doubtIn(line: string, place: Place): string | undefined {
  const trimmed = line.trim();
  if (!isSaid(parseLine(line, place))) return undefined;
  if (trimmed.startsWith("@#")) return doubtInRoomAside(trimmed, place);
  if (/^[/@]|[\n\r\u2028\u2029]/u.test(trimmed)) return undefined;
  const [word = "", ...args] = trimmed.split(/\s+/u);
  const rest = trimmed.slice(word.length).trim();
  const { aside = "" } = place;
  if (hasRooms(place.rooms)) {
    const ofRoom = doubtAboutRoomLine(word, args, rest, place);
    if (ofRoom !== undefined || roomPrompt(word, place.rooms) !== undefined) return ofRoom;
  }
  const help = ownInvite(trimmed, place.rooms) ?? unclearName(word, rest, place) ?? unknownName(word, args, place);
  if (help !== undefined) return help;
  const ofRooms = roomWords(place.rooms);
  const command = nearestCommand(word, ofRooms);
  const isOfRooms = command !== undefined && ofRooms.includes(command);
  if (isAbsentCommand(word, args) && !isOfRooms) return `There is no command ${word}; help lists the commands.`;
  if (command === undefined) return undefined;
  if (command === word) return misuse(word, args, rest, place) ?? doubtAboutName(word, rest, place);
  const meant = [aside + command, ...args].join(" ");
  // Only with the command's own arguments: "Help me" is sent as a message.
  const parsed = parseLine(meant, place);
  const isTaken = !isSaid(parsed) && parsed.type !== "unknown";
  return isTaken || (args.length === 0 && aside === "") ? `Did you mean ${meant}?` : undefined;
}

/** A command about somebody else is said to whom `@NAME` names, but not without a question. */
function doubtInAside({ rest }: Named, place: Place): string | undefined {
  const { at, aside = "" } = place;
  const parsed = parseLine(rest, place);
  if (parsed.type === "say") return doubtIn(rest, place);
  if ("who" in parsed) return `Did you mean ${rest}, without ${aside.trim()} in front?`;
  const to = "to" in parsed && typeof parsed.to === "string" ? parsed.to : undefined;
  const isOther = to !== undefined && at !== undefined && to !== recipientOf(at);
  return isOther ? `Did you mean ${rest}, without ${aside.trim()} in front?` : undefined;
}

/** What to tell a user whose line is carried out although it could have meant something else; mostly undefined. */
export function noteAbout(
  line: string,
  program: ProgramName,
  people: readonly PeerView[],
  rooms: RoomsHere = NO_ROOMS,
): string | undefined {
  if (rooms.at !== undefined) return undefined;
  const [, word = "", rest = ""] = /^\/?(\S+)\s+(.*)$/u.exec(line.trim()) ?? [];
  const row = commandRow(word, "prompt");
  if (row?.prompt.aboutPeer !== "told" || rest.startsWith("@")) return undefined;
  const named = namedIn(rest, row.prompt, { program, people, introduced: [], at: undefined, rooms });
  if (named === undefined || named.isMarked) return undefined;
  const name = clearNameInSentence(named.peer, people);
  const words = rest.replaceAll('"', "");
  return `This searches only the history with ${name}, for the other words. To look for all these words in all histories: ${word} "${words}"`;
}

/** The commands about rooms that exist here. */
function roomWords(rooms: RoomsHere): readonly string[] {
  if (!hasRooms(rooms)) return [];
  return roomPrompts(rooms.at === undefined ? "hub" : "room").map(({ name }) => name);
}

/** For a line that needs a name and has another word there: "to bbo". */
function unknownName(word: string, args: readonly string[], { people }: Place): string | undefined {
  const [first = "", second] = args;
  const isIntroduced = word === "introduce" && args.length === 2 && people.length > 1;
  if (isIntroduced && namedAtStart(first, people) !== undefined)
    return `Nobody here is called ${second}; who lists the people.`;
  const isTurned = people.length > 0 && args.length === 1 && TURNING.has(word);
  return isTurned ? `Nobody here is called ${first}; who lists the people.` : undefined;
}

/** For a line that begins with a command but is not one: "quit now", "rename Bob the Builder". */
function misuse(word: string, args: readonly string[], rest: string, place: Place): string | undefined {
  if (!isMeantAsCommand(word, args)) return undefined;
  const command = readCommand(word, args, rest, place);
  // Several words are accepted only after a slash.
  if (place.at !== undefined && place.aside !== undefined) {
    // Not the usage, which is about whom the prompt is at.
    const spelling = commandRow(word, "prompt")?.prompt;
    const other = spelling === undefined ? undefined : otherThanHere(word, rest, spelling, place);
    return other ?? `Was that a command about ${nameInSentence(place.at.name)}?`;
  }
  return typeof command === "string" ? command : `Did you mean /${word} ${rest}?`;
}

/** Without a slash only an exact match is a command: "status of the build?" is sent as a message. */
function bareCommand(
  word: string,
  args: readonly string[],
  rest: string,
  place: Place,
): Command | UnknownCommand | undefined {
  const spelling = commandRow(word, "prompt")?.prompt;
  if (spelling === undefined) return undefined;
  const twice = readTwice(word, rest, spelling, place);
  if (twice !== undefined) return unknown(word, twice);
  const named = namedIn(rest, spelling, place);
  if (spelling.needsTwo === true && args.length > 0 && twoIn(rest, place.people) === undefined) return undefined;
  // "to work", "mute the television" and "all good" between two are sent as messages.
  if (spelling.needsPeer !== undefined && named === undefined && args.length > 0) return undefined;
  if (spelling.needsSeveral === true && (place.people.length < 2 || args.length === 0)) return undefined;
  // One word only, so that "rename it please" and "trust but verify" are sent as messages. A search may have several
  // words.
  const words = named === undefined ? args : named.rest.split(/\s+/u).filter((text) => text !== "");
  // Nobody begins a sentence with "rename" and a marked name.
  const takesWords = spelling.takesWords === true || (spelling.aboutPeer === "marked" && named !== undefined);
  if (words.length > 1 && !takesWords) return undefined;
  const command = readCommand(word, args, rest, place);
  if (typeof command !== "string") return command;
  // A command's word alone is meant as a command, even if something is missing or it belongs to the other program.
  const [argument] = words;
  const isMeant = spelling.isNeverSaid === true || argument === undefined || spelling.isNearly?.(argument) === true;
  return isMeant ? unknown(word, command) : undefined;
}

function sayCommand(trimmed: string): Command | UnknownCommand {
  // One blank separates the command from its text; further blanks belong to the text.
  const text = trimmed.slice("/say".length + 1);
  return text.trim() === "" ? unknown("/say", "Write a text after /say.") : { type: "say", text };
}

/**
 * The command that a word and its arguments ask for, or its usage; `rest` is the text after the word, with the blanks
 * inside.
 */
function readCommand(word: string, args: readonly string[], rest: string, place: Place): Command | string {
  const row = commandRow(word, "prompt");
  if (row === undefined) {
    const nearest = nearestCommand(word, roomWords(place.rooms));
    const meant = nearest === undefined || word === "" ? "" : `Did you mean ${nearest}? `;
    return `${meant}Type help for the commands, or put /say in front to send it.`;
  }
  const { prompt } = row;
  if (prompt.atServer !== undefined && place.program !== "lair-server") return prompt.atServer;
  const two = prompt.needsTwo === true ? twoIn(rest, place.people) : undefined;
  if (two !== undefined) return commandFrom(row, prompt, { words: [], text: "" }, { who: two }) ?? usageOf(row, prompt);
  const twice = readTwice(word, rest, prompt, place);
  if (twice !== undefined) return twice;
  const named = namedIn(rest, prompt, place);
  if (named === undefined) {
    const other = otherThanHere(word, rest, prompt, place);
    if (other !== undefined) return other;
    const command = commandFrom(row, prompt, { words: args, text: rest });
    return command === undefined
      ? (unclearName(word, rest, place) ?? usageOf(row, prompt))
      : ofPeer(command, rest, place);
  }
  const to = recipientOf(named.peer);
  const words = named.rest.split(/\s+/u).filter((text) => text !== "");
  const given = prompt.needsPeer !== undefined ? { who: to } : {};
  const command = commandFrom(row, prompt, { words, text: named.rest }, given) ?? usageOf(row, prompt);
  return typeof command === "string" ? command : forRecipient(command, to);
}

/**
 * Whom the text after a command names. `@NAME`, and a name in quotation marks, work with every command about a peer. The
 * command's own arguments are not taken for a name, whatever people call themselves: "off", "done", "10m".
 */
function namedIn(rest: string, spelling: PromptSpelling, place: Place): Named | undefined {
  const { aboutPeer, needsPeer } = spelling;
  if (aboutPeer === undefined && needsPeer === undefined) return undefined;
  const known = spelling.mayBeHub === true ? [...place.people, ...(place.rooms.hubPeers ?? [])] : place.people;
  const people = needsPeer === "introduced" ? place.introduced : known;
  if (rest.startsWith("@")) return namedAtStart(rest.slice(1), people);
  if (aboutPeer === "plain" && spelling.isOwn?.(rest) === true) return undefined;
  const named = namedAtStart(rest, people);
  switch (aboutPeer) {
    case "marked":
      return named?.isMarked === true ? named : undefined;
    case "told": {
      // Alone it is what to look for, and so it is where somebody is named already, or there is only one.
      const isClear = named?.isMarked === true || (place.people.length > 1 && place.aside === undefined);
      return isClear && named?.rest !== "" ? named : undefined;
    }
    default:
      return named;
  }
}

/** For "history Ada 50", where one is called Ada and another "Ada 50": what to type instead. */
function readTwice(word: string, rest: string, spelling: PromptSpelling, { people }: Place): string | undefined {
  if (spelling.aboutPeer !== "plain" || spelling.isOwn?.(rest) === true) return undefined;
  const text = rest.replace(/^@/u, "").toLowerCase();
  const whole = people.find(({ name }) => name.toLowerCase() === text);
  const takes = (behind: string): boolean =>
    spelling.read?.({ words: behind.split(/\s+/u), text: behind }) !== undefined;
  const shorter = people.find(
    ({ name }) => name !== "" && text.startsWith(`${name.toLowerCase()} `) && takes(text.slice(name.length + 1)),
  );
  if (whole === undefined || shorter === undefined) return undefined;
  const either = [`${quotedName(shorter.name)} ${text.slice(shorter.name.length + 1)}`, quotedName(whole.name)];
  return `More than one could be meant. Type ${either.map((one) => `${word} ${one}`).join(", or ")}.`;
}

/** For "/rename bob Robert" where the prompt is at ada: it would be ada who is called "bob Robert". */
function otherThanHere(word: string, rest: string, spelling: PromptSpelling, place: Place): string | undefined {
  if (spelling.aboutPeer !== "marked") return undefined;
  const meant = meantAtStart(rest, place.people).filter((named) => named.rest !== "");
  const isHere = ({ peer }: Named): boolean => peer.fingerprint === place.at?.fingerprint;
  if (meant.every(isHere)) return undefined;
  const advice = meant.map((named) => `${word} @${clearNameInSentence(named.peer, place.people)} ${named.rest}`);
  const here =
    place.at === undefined
      ? ""
      : ` About ${nameInSentence(place.at.name)}: ${word} @${clearNameInSentence(place.at, place.people)} ${rest}`;
  return `Did you mean ${advice.join(", or ")}?${here}`;
}

/** `forget-peer` takes a name as the other commands do; any other text as it is, for those who are not talked with. */
function ofPeer(command: Command, rest: string, { people }: Place): Command | string {
  if (command.type !== "forget-peer") return command;
  const named = namedAtStart(command.who.replace(/^@/u, ""), people);
  if (named?.rest !== "") return command;
  // Somebody may be called "bob --yes".
  const whole = people.find(({ name }) => name.toLowerCase() === rest.toLowerCase());
  if (whole !== undefined && whole.fingerprint !== named.peer.fingerprint) {
    const either = [named.peer, whole].map((peer) => `forget-peer ${clearNameInSentence(peer, people)}`);
    return `More than one could be meant. Type ${either.join(", or ")}.`;
  }
  return { ...command, who: recipientOf(named.peer) };
}

/** The two peers that a text names, and nothing else. */
function twoIn(text: string, people: readonly PeerView[]): readonly [string, string] | undefined {
  const one = namedAtStart(text.replace(/^@/u, ""), people);
  const second = one === undefined ? undefined : namedAtStart(one.rest.replace(/^@/u, ""), people);
  if (one === undefined || second === undefined || second.rest !== "") return undefined;
  return [recipientOf(one.peer), recipientOf(second.peer)];
}

function unknown(word: string, hint: string): UnknownCommand {
  return { type: "unknown", word, hint };
}
