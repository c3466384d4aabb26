// Parses a line of the prompt (docs/usage.md, "At the prompt"); the commands are in `command-table.ts`. Any line that
// is not exactly a command is a message, so that no sentence is swallowed by accident. Knows no terminal: several lines
// are one message here, wherever they came from.

import type { PeerView } from "../core/identity/peer-view.ts";
import { commandFrom, commandRow, type ProgramName, type PromptSpelling, usageOf } from "./command-table.ts";
import type { Command } from "./events.ts";
import { forRecipient, type Named, namedAtStart, recipientOf } from "./people.ts";
import { isAbsentCommand, isMeantAsCommand, nearestCommand } from "./near-commands.ts";

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
}

/** Commands that people also say: with an unknown name behind them, one asks. */
const TURNING: ReadonlySet<string> = new Set(["to", "mute", "unmute"]);

type ParsedLine = Command | UnknownCommand | { readonly type: "nothing" };

/** Parses one line, or one pasted message of several lines. `people` are those whom it may name. Never throws. */
export function parseCommand(
  line: string,
  program: ProgramName,
  people: readonly PeerView[] = [],
  introduced: readonly PeerView[] = [],
): ParsedLine {
  const trimmed = line.trim();
  if (trimmed === "") return { type: "nothing" };
  if (trimmed.startsWith("@")) return parseAside(line, trimmed, program, people);
  // A pasted script that begins with "quit" must not quit.
  if (/[\n\r\u2028\u2029]/u.test(trimmed)) return { type: "say", text: line.trimEnd() };
  const slash = trimmed.startsWith("/");
  const said = slash ? trimmed.slice(1) : trimmed;
  const [word = "", ...args] = said.split(/\s+/u);
  const rest = said.slice(word.length).trim();
  if (!slash)
    return bareCommand(word, args, rest, { program, people, introduced }) ?? { type: "say", text: line.trimEnd() };
  if (word === "say") return sayCommand(trimmed);
  const command = readCommand(word, args, rest, { program, people, introduced });
  if (typeof command !== "string") return command;
  const isCommand = nearestCommand(word) !== undefined;
  return unknown(`/${word}`, isCommand ? `${command} Commands need no slash.` : command);
}

/** `@NAME` and a line: the line as if it were typed at the prompt of NAME. */
function parseAside(line: string, trimmed: string, program: ProgramName, people: readonly PeerView[]): ParsedLine {
  const named = namedAtStart(trimmed.slice(1), people);
  if (named === undefined) {
    const [word = ""] = trimmed.split(/\s/u, 1);
    return unknown(
      word,
      "Nobody here is called that, or more than one could be meant: who lists the people. A name in quotation marks is clear, and so are the first 8 letters of a fingerprint. Put /say in front to send the line.",
    );
  }
  const to = recipientOf(named.peer);
  const rest = named.rest.replace(/^[:,]\s*/u, "");
  if (rest === "") return unknown(trimmed, `Write a text behind the name. To turn the prompt: to ${named.peer.name}`);
  const parsed = rest.startsWith("@") ? undefined : parseCommand(rest, program, people);
  if (parsed === undefined || parsed.type === "nothing" || parsed.type === "say") {
    const text = parsed?.type === "say" ? parsed.text : rest;
    // Lines below the first keep their form.
    return { type: "say", text: text === "" ? line.trimEnd() : text, to };
  }
  if (parsed.type === "unknown") return parsed;
  const command = forRecipient(parsed, to);
  return command === parsed ? { type: "say", text: rest, to } : command;
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
): string | undefined {
  const trimmed = line.trim();
  if (parseCommand(line, program, people, introduced).type !== "say" || /^[/@]|[\n\r\u2028\u2029]/u.test(trimmed))
    return undefined;
  const [word = "", ...args] = trimmed.split(/\s+/u);
  const [first = ""] = args;
  if (word === "introduce" && args.length === 2 && people.length > 1 && namedAtStart(first, people) !== undefined)
    return `Nobody here is called ${args[1]}; who lists the people. Enter sends it as it is; Ctrl-U clears it.`;
  if (people.length > 0 && args.length === 1 && TURNING.has(word)) {
    return `Nobody here is called ${args[0]}; who lists the people. Enter sends it as it is; Ctrl-U clears it.`;
  }
  if (isAbsentCommand(word, args))
    return `There is no command ${word}; help lists the commands. Enter sends it as it is; Ctrl-U clears it.`;
  const command = nearestCommand(word);
  if (command === undefined) return undefined;
  if (command === word) return misuse(word, args, trimmed, { program, people, introduced });
  const meant = [command, ...args].join(" ");
  // Only with the command's own arguments: "Help me" is sent as a message.
  if (args.length > 0 && ["say", "unknown"].includes(parseCommand(meant, program, people, introduced).type))
    return undefined;
  return `Did you mean ${meant}? Enter sends it as it is; Ctrl-U clears it.`;
}

/** For a line that begins with a command but is not one: "quit now", "rename Bob the Builder". */
function misuse(word: string, args: readonly string[], line: string, place: Place): string | undefined {
  if (!isMeantAsCommand(word, args)) return undefined;
  const command = readCommand(word, args, line.slice(word.length).trim(), place);
  // Several words are accepted only after a slash.
  const help = typeof command === "string" ? command : `Did you mean /${line}?`;
  return `${help} Enter sends it as it is; Ctrl-U clears it.`;
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
  const named = namedIn(rest, spelling, place);
  if (spelling.needsTwo === true && args.length > 0 && twoIn(rest, place.people) === undefined) return undefined;
  // "to work", "mute the television" and "all good" between two are sent as messages.
  if (spelling.needsPeer !== undefined && named === undefined && args.length > 0) return undefined;
  if (spelling.needsSeveral === true && (place.people.length < 2 || args.length === 0)) return undefined;
  // One word only, so that "rename it please" and "trust but verify" are sent as messages. A search may have several
  // words.
  const words = named === undefined ? args : named.rest.split(/\s+/u).filter((text) => text !== "");
  if (words.length > 1 && spelling.takesWords !== true) return undefined;
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
    const nearest = nearestCommand(word);
    const meant = nearest === undefined || word === "" ? "" : `Did you mean ${nearest}? `;
    return `${meant}Type help for the commands, or put /say in front to send it.`;
  }
  const { prompt } = row;
  if (prompt.atServer !== undefined && place.program !== "lair-server") return prompt.atServer;
  const two = prompt.needsTwo === true ? twoIn(rest, place.people) : undefined;
  if (two !== undefined) return commandFrom(row, prompt, { words: [], text: "" }, { who: two }) ?? usageOf(row, prompt);
  const named = namedIn(rest, prompt, place);
  if (named === undefined) return commandFrom(row, prompt, { words: args, text: rest }) ?? usageOf(row, prompt);
  const to = recipientOf(named.peer);
  const words = named.rest.split(/\s+/u).filter((text) => text !== "");
  const given = prompt.needsPeer !== undefined ? { who: to } : {};
  const command = commandFrom(row, prompt, { words, text: named.rest }, given) ?? usageOf(row, prompt);
  return typeof command === "string" ? command : forRecipient(command, to);
}

/** Whom the text after a command names. `@NAME` works with every command about a peer. */
function namedIn(rest: string, spelling: PromptSpelling, place: Place): Named | undefined {
  if (spelling.aboutPeer === undefined && spelling.needsPeer === undefined) return undefined;
  const people = spelling.needsPeer === "introduced" ? place.introduced : place.people;
  if (rest.startsWith("@")) return namedAtStart(rest.slice(1), people);
  return spelling.aboutPeer === "marked" ? undefined : namedAtStart(rest, people);
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
