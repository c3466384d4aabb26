// Parses a line of the prompt (docs/usage.md, "At the prompt"); the commands are in `command-table.ts`. Any line that
// is not exactly a command is a message, so that no sentence is swallowed by accident. Knows no terminal: several lines
// are one message here, wherever they came from.

import { commandFrom, commandRow, type ProgramName, usageOf } from "./command-table.ts";
import type { Command } from "./events.ts";
import { isAbsentCommand, isMeantAsCommand, nearestCommand } from "./near-commands.ts";

/** A line that asks for a command that does not exist; `hint` is what to tell the user. */
interface UnknownCommand {
  readonly type: "unknown";
  /** The word as it was typed, with its slash if it had one. Raw: sanitise before showing. */
  readonly word: string;
  readonly hint: string;
}

type ParsedLine = Command | UnknownCommand | { readonly type: "nothing" };

/** Parses one line, or one pasted message of several lines. Never throws. */
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
 * The question to ask before this line is sent, if it was probably meant as a command; otherwise undefined. A question
 * costs one Enter; a command that was sent to the peer cannot be taken back.
 */
export function doubtAbout(line: string, program: ProgramName): string | undefined {
  const trimmed = line.trim();
  if (parseCommand(line, program).type !== "say" || /^\/|[\n\r\u2028\u2029]/u.test(trimmed)) return undefined;
  const [word = "", ...args] = trimmed.split(/\s+/u);
  if (isAbsentCommand(word, args))
    return `There is no command ${word}; help lists the commands. Enter sends it as it is; Ctrl-U clears it.`;
  const command = nearestCommand(word);
  if (command === undefined) return undefined;
  if (command === word) return misuse(word, args, trimmed, program);
  const meant = [command, ...args].join(" ");
  // Only with the command's own arguments: "Help me" is sent as a message.
  if (args.length > 0 && ["say", "unknown"].includes(parseCommand(meant, program).type)) return undefined;
  return `Did you mean ${meant}? Enter sends it as it is; Ctrl-U clears it.`;
}

/** For a line that begins with a command but is not one: "quit now", "rename Bob the Builder". */
function misuse(word: string, args: readonly string[], line: string, program: ProgramName): string | undefined {
  if (!isMeantAsCommand(word, args)) return undefined;
  const command = readCommand(word, args, line.slice(word.length).trim(), program);
  // Several words are accepted only after a slash.
  const help = typeof command === "string" ? command : `Did you mean /${line}?`;
  return `${help} Enter sends it as it is; Ctrl-U clears it.`;
}

/** Without a slash only an exact match is a command: "status of the build?" is sent as a message. */
function bareCommand(
  word: string,
  args: readonly string[],
  rest: string,
  program: ProgramName,
): Command | UnknownCommand | undefined {
  const spelling = commandRow(word, "prompt")?.prompt;
  if (spelling === undefined) return undefined;
  // One word only, so that "rename it please" and "trust but verify" are sent as messages. A search may have several
  // words.
  if (args.length > 1 && spelling.takesWords !== true) return undefined;
  const command = readCommand(word, args, rest, program);
  if (typeof command !== "string") return command;
  // A command's word alone is meant as a command, even if something is missing or it belongs to the other program.
  const [argument] = args;
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
function readCommand(word: string, args: readonly string[], rest: string, program: ProgramName): Command | string {
  const row = commandRow(word, "prompt");
  if (row === undefined) {
    const nearest = nearestCommand(word);
    const meant = nearest === undefined || word === "" ? "" : `Did you mean ${nearest}? `;
    return `${meant}Type help for the commands, or put /say in front to send it.`;
  }
  const { prompt } = row;
  if (prompt.atServer !== undefined && program !== "lair-server") return prompt.atServer;
  return commandFrom(row, prompt, { words: args, text: rest }) ?? usageOf(row, prompt);
}

function unknown(word: string, hint: string): UnknownCommand {
  return { type: "unknown", word, hint };
}
