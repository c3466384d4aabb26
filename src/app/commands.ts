// What a line of the prompt asks for: the grammar of the commands (docs/usage.md, "At the prompt").
// Whatever is not exactly a command is something to say, so that nobody's sentence is swallowed by accident.
// Knows no terminal: several lines are one message here, however they came to be.

import type { Command } from "./events.ts";
import { parseSpan } from "../core/chat/history.ts";
import { MAX_TIMER_S } from "../core/chat/message.ts";
import { isAbsentCommand, isMeantAsCommand, nearestCommand } from "./near-commands.ts";

/** The program whose prompt it is; some commands exist in one of them only. */
export type ProgramName = "lair-server" | "lair-client";

/** A line that asks for something that does not exist; `hint` is what to tell the person. */
export interface UnknownCommand {
  readonly type: "unknown";
  /** The word as it was typed, with its slash if it had one. Raw: sanitise before showing. */
  readonly word: string;
  readonly hint: string;
}

export type ParsedLine = Command | UnknownCommand | { readonly type: "nothing" };

const COMMAND_WORDS: ReadonlySet<string> = new Set([
  "invite",
  "rename",
  "trust",
  "search",
  "export",
  "forget-peer",
  "timer",
]);
/** Nobody says these words by themselves, and what follows them may be several. */
const TAKES_WORDS: ReadonlySet<string> = new Set(["search", "forget-peer"]);

/** Lines that `history` shows unless told otherwise, and at most. */
export const HISTORY_LINES = 20;
export const MOST_HISTORY_LINES = 10_000;

/** Reads one line, or one pasted message of several lines. Never throws. */
export function parseCommand(line: string, program: ProgramName): ParsedLine {
  const trimmed = line.trim();
  if (trimmed === "") return { type: "nothing" };
  // A pasted script that begins with "quit" must not quit.
  if (/[\n\r\u2028\u2029]/u.test(trimmed)) return { type: "say", text: line.trimEnd() };
  const slash = trimmed.startsWith("/");
  const said = slash ? trimmed.slice(1) : trimmed;
  const [word = "", ...args] = said.split(/\s+/u);
  const rest = said.slice(word.length).trim();
  if (!slash) return bareCommand(word, args, rest, program) ?? { type: "say", text: line.trimEnd() };
  if (word === "say") return sayCommand(trimmed);
  const command = readCommand(word, args, rest, program);
  if (typeof command !== "string") return command;
  const isCommand = nearestCommand(word) !== undefined;
  return unknown(`/${word}`, isCommand ? `${command} Commands need no slash.` : command);
}

/**
 * What to ask before this is said, if it was meant as a command, most likely: undefined for everything else. One question
 * costs one Enter; a command that is said to the peer cannot be taken back.
 */
export function doubtAbout(line: string, program: ProgramName): string | undefined {
  const trimmed = line.trim();
  if (parseCommand(line, program).type !== "say" || /^\/|[\n\r\u2028\u2029]/u.test(trimmed)) return undefined;
  const [word = "", ...args] = trimmed.split(/\s+/u);
  if (isAbsentCommand(word, args))
    return `There is no ${word}; help lists the commands. Enter sends it as it is; Ctrl-U clears it.`;
  const command = nearestCommand(word);
  if (command === undefined) return undefined;
  if (command === word) return misuse(word, args, trimmed, program);
  const meant = [command, ...args].join(" ");
  // Behind it only what the command takes: "Help me" is said.
  if (args.length > 0 && ["say", "unknown"].includes(parseCommand(meant, program).type)) return undefined;
  return `Did you mean ${meant}? Enter sends it as it is; Ctrl-U clears it.`;
}

/** Of a line that begins with a command and is none: "quit now", "rename Bob the Builder". */
function misuse(word: string, args: readonly string[], line: string, program: ProgramName): string | undefined {
  if (!isMeantAsCommand(word, args)) return undefined;
  const command = readCommand(word, args, line.slice(word.length).trim(), program);
  // Several words are taken behind a slash only.
  const help = typeof command === "string" ? command : `Did you mean /${line}?`;
  return `${help} Enter sends it as it is; Ctrl-U clears it.`;
}

/** Without a slash only an exact match is a command: "status of the build?" is said. */
function bareCommand(
  word: string,
  args: readonly string[],
  rest: string,
  program: ProgramName,
): Command | UnknownCommand | undefined {
  // One word only, so that "rename it please" and "trust but verify" are said. What is searched for may be several.
  if (args.length > 1 && !TAKES_WORDS.has(word)) return undefined;
  const command = readCommand(word, args, rest, program);
  if (typeof command !== "string") return command;
  // A command's word alone was meant for us, though something is missing or it is the other program's.
  const isMeant = word === "forget-peer" || (args.length === 0 ? COMMAND_WORDS.has(word) : isNearly(word, args[0]!));
  return isMeant ? unknown(word, command) : undefined;
}

/** Nobody says these: a fingerprint's start that is too short, a number that is too large, a span without its unit. */
function isNearly(word: string, argument: string): boolean {
  if (word === "trust") return /^(?=.*\d)[a-z2-7]{4,7}$/iu.test(argument);
  return (word === "history" && /^\d+$/.test(argument)) || (word === "timer" && /^\d+[a-z]?$/i.test(argument));
}

function sayCommand(trimmed: string): Command | UnknownCommand {
  // One blank separates the command from its text; further ones belong to the text.
  const text = trimmed.slice("/say".length + 1);
  return text.trim() === "" ? unknown("/say", "Write what to say after /say.") : { type: "say", text };
}

/** What a word and its arguments ask for, or how it is used; `rest` is what stands behind it, with the blanks inside. */
function readCommand(word: string, args: readonly string[], rest: string, program: ProgramName): Command | string {
  switch (word) {
    case "status":
    case "quit":
    case "help":
    case "peers":
      return args.length === 0 ? { type: word } : `Nothing may follow ${word}.`;
    case "invite":
      if (program !== "lair-server") return "Invites are made at the prompt of lair-server.";
      return args.length === 0 ? { type: "invite" } : "Nothing may follow invite.";
    case "verify":
      if (args.length === 0) return { type: "verify", compared: false };
      if (args.length === 1 && args[0] === "done") return { type: "verify", compared: true };
      return "Type verify to see the words, and verify done once you have compared them.";
    case "rename":
      if (args.length > 0) return { type: "rename", name: args.join(" ") };
      return "Write the new name after rename.";
    case "trust":
      return trustCommand(args, program);
    case "history": {
      const count = args.length === 0 ? HISTORY_LINES : args.length === 1 ? parseHistoryCount(rest) : undefined;
      if (count !== undefined) return { type: "history", count };
      return "Type history, or history and a number from 1 to 10000.";
    }
    case "search":
      return rest === "" ? "Write after search what to look for." : { type: "search", words: rest };
    case "export":
      if (rest !== "") return { type: "export", file: rest };
      return "Write after export the name of a file that does not exist yet.";
    case "forget":
      if (args.length === 0) return { type: "forget", confirmed: false };
      if (args.length === 1 && args[0] === "yes") return { type: "forget", confirmed: true };
      return "Type forget, then answer yes. To forget a person, type forget-peer NAME.";
    case "forget-peer":
      return forgetPeerCommand(args);
    case "timer":
      return timerCommand(args);
    case "renumber":
      return args.length === 0 ? { type: "renumber" } : "Nothing may follow renumber.";
    default: {
      const nearest = nearestCommand(word);
      const meant = nearest === undefined || word === "" ? "" : `Did you mean ${nearest}? `;
      return `${meant}Type help for the commands, or put /say in front to say it.`;
    }
  }
}

/** `who` is the start of a fingerprint without its blanks, in lower case; base32, so that "trust me" is said. */
function trustCommand(args: readonly string[], program: ProgramName): Command | string {
  if (program !== "lair-server") return "Peers are let in at the prompt of lair-server.";
  const who = args.join("").toLowerCase();
  if (/^[a-z2-7]{8,32}$/u.test(who)) return { type: "trust", who };
  return "Write the start of the fingerprint after trust: eight letters and digits or more.";
}

/** A name may have several words; an option stands anywhere. */
function forgetPeerCommand(args: readonly string[]): Command | string {
  const given = new Set(args.filter((word) => word.startsWith("--")));
  const who = args.filter((word) => !word.startsWith("--")).join(" ");
  const [history, confirmed] = ["--with-history", "--yes"].map((option) => given.delete(option));
  if (who !== "" && given.size === 0) {
    return { type: "forget-peer", who, history: history === true, confirmed: confirmed === true };
  }
  return "Type forget-peer NAME. With --with-history behind it, what was said with NAME is removed too.";
}

/** A span with its unit: "timer is broken" and "timer please" are said. */
function timerCommand(args: readonly string[]): Command | string {
  const [span = ""] = args;
  if (args.length === 1) {
    const seconds = span === "off" ? 0 : (parseSpan(span) ?? Number.NaN) / 1000;
    if (seconds <= MAX_TIMER_S) return { type: "timer", seconds };
  }
  return "Write after timer how long messages stay, such as 30s, 10m, 12h or 7d, or off.";
}

/** How many lines of the history are asked for; undefined where it is no number from 1 to 10,000. */
export function parseHistoryCount(text: string): number | undefined {
  const count = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN;
  return count <= MOST_HISTORY_LINES ? count : undefined;
}

function unknown(word: string, hint: string): UnknownCommand {
  return { type: "unknown", word, hint };
}
