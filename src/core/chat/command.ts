// What a line of the prompt asks for: the grammar of the commands (README, "Pair and chat").
// Whatever is not exactly a command is something to say, so that nobody's sentence is swallowed by accident.
// Knows no terminal: several lines are one message here, however they came to be.

import type { Command } from "./events.ts";

/** The program whose prompt it is; some commands exist in one of them only. */
export type ProgramName = "lair-server" | "lair-client";

/** A line that asks for something that does not exist; `hint` is what to tell the person. */
export interface UnknownCommand {
  readonly type: "unknown";
  /** The word as it was typed, with its slash. Raw: sanitise before showing. */
  readonly word: string;
  readonly hint: string;
}

export type ParsedLine = Command | UnknownCommand | { readonly type: "nothing" };

const COMMAND_WORDS: ReadonlySet<string> = new Set(["invite", "rename", "trust"]);

/** Reads one line, or one pasted message of several lines. Never throws. */
export function parseCommand(line: string, program: ProgramName): ParsedLine {
  const trimmed = line.trim();
  if (trimmed === "") return { type: "nothing" };
  // A pasted script that begins with "quit" must not quit.
  if (/[\n\r\u2028\u2029]/u.test(trimmed)) return { type: "say", text: line.trimEnd() };
  const slash = trimmed.startsWith("/");
  const [word = "", ...args] = (slash ? trimmed.slice(1) : trimmed).split(/\s+/u);
  if (!slash) return bareCommand(word, args, program) ?? { type: "say", text: line.trimEnd() };
  if (word === "say") return sayCommand(trimmed);
  return slashCommand(word, args, program);
}

/** Without a slash only an exact match is a command: "status of the build?" is said. */
function bareCommand(
  word: string,
  args: readonly string[],
  program: ProgramName,
): Command | UnknownCommand | undefined {
  // One word only, so that "rename it please" and "trust but verify" are said.
  if (args.length > 1) return undefined;
  const command = slashCommand(word, args, program);
  if (command.type !== "unknown") return command;
  // A command's word alone was meant for us, though something is missing or it is the other program's; and so was a
  // fingerprint's start that is too short.
  const isMeant = args.length === 0 || (word === "trust" && /^(?=.*\d)[a-z2-7]{4,7}$/iu.test(args[0] ?? ""));
  return isMeant && COMMAND_WORDS.has(word) ? command : undefined;
}

function sayCommand(trimmed: string): Command | UnknownCommand {
  // One blank separates the command from its text; further ones belong to the text.
  const text = trimmed.slice("/say".length + 1);
  return text.trim() === "" ? unknown("/say", "Write what to say after /say.") : { type: "say", text };
}

function slashCommand(word: string, args: readonly string[], program: ProgramName): Command | UnknownCommand {
  switch (word) {
    case "status":
    case "quit":
    case "help":
    case "peers":
      return args.length === 0 ? { type: word } : unknown(`/${word}`, `Nothing may follow ${word}.`);
    case "invite":
      if (program !== "lair-server") return unknown("/invite", "Invites are made at the prompt of lair-server.");
      return args.length === 0 ? { type: "invite" } : unknown("/invite", "Nothing may follow invite.");
    case "verify":
      if (args.length === 0) return { type: "verify", compared: false };
      if (args.length === 1 && args[0] === "done") return { type: "verify", compared: true };
      return unknown("/verify", "It is verify to see the words, verify done once they have been compared.");
    case "rename":
      if (args.length > 0) return { type: "rename", name: args.join(" ") };
      return unknown("/rename", "Write the new name after rename.");
    case "trust":
      return trustCommand(args, program);
    default:
      return unknown(`/${word}`, "Type help for what there is, or put /say in front to say it.");
  }
}

/** `who` is the start of a fingerprint without its blanks, in lower case; base32, so that "trust me" is said. */
function trustCommand(args: readonly string[], program: ProgramName): Command | UnknownCommand {
  if (program !== "lair-server") return unknown("/trust", "Peers are let in at the prompt of lair-server.");
  const who = args.join("").toLowerCase();
  if (/^[a-z2-7]{8,32}$/u.test(who)) return { type: "trust", who };
  return unknown("/trust", "Write the start of the fingerprint after trust: eight letters and digits or more.");
}

function unknown(word: string, hint: string): UnknownCommand {
  return { type: "unknown", word, hint };
}
