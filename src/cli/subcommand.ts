// What both programs do without a connection, and leave: show, search, export or forget what was kept (docs/history.md).
// The grammar only; at the prompt the same words are commands (`../app/commands.ts`).

import { parseHistoryCount, type ProgramName } from "../app/commands.ts";
import type { Command } from "../app/events.ts";
import { nearestCommand } from "../app/near-commands.ts";
import { LairError } from "../core/errors.ts";
import { fits, type OptionValues } from "./options.ts";

export type StoreCommand = Extract<
  Command,
  { type: "history" | "search" | "export" | "forget" | "forget-peer" | "renumber" }
>;

/** What is asked for with every start: where the home is, how it is opened, and how the program shows what it has. */
export interface StartArguments {
  readonly home: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
  readonly noColor: boolean;
  readonly verbose: boolean;
}

/** Instead of a conversation. */
export interface Subcommand extends StartArguments {
  readonly subcommand: StoreCommand;
  /** Whose lines: a name, or the start of a fingerprint, as it was typed; undefined for the only peer. */
  readonly peer: string | undefined;
}

export const SUBCOMMAND_HELP = `What --history has kept, without a connection:
  history [N]        the last N lines (default 20)
  search WORDS...    the lines that hold all these words
  export FILE        every line as a JSON object, into a new file (mode 0600)
  forget             remove every line, here; asks first
  renumber           begin the numbers of the messages anew, when the other side refuses them
  --peer WHO         whose, if you know several: a name, or the start of a fingerprint (8 letters)
  --yes              with forget and forget-peer: do not ask
  forget-peer NAME   end a pairing: NAME is a stranger then; asks first
  --with-history     with forget-peer: remove what was said with NAME, too
`;

const SUBCOMMAND_WORDS: ReadonlySet<string> = new Set<StoreCommand["type"]>([
  "history",
  "search",
  "export",
  "forget",
  "forget-peer",
  "renumber",
]);
/** The subcommand that the positional arguments ask for; undefined when they do not. Throws LairError `usage`. */
export function parseSubcommand(
  positionals: readonly string[],
  values: OptionValues,
  program: ProgramName,
): Pick<Subcommand, "subcommand" | "peer"> | undefined {
  const [word = "", ...args] = positionals;
  const subcommand = parseCommand(word, args, values, program);
  const type = subcommand?.type;
  if (type !== "forget" && type !== "forget-peer" && values.yes !== undefined)
    throw usage("--yes belongs to forget and forget-peer.", program);
  if (type !== "forget-peer" && values["with-history"] !== undefined)
    throw usage("--with-history belongs to forget-peer.", program);
  if (type === "forget-peer" && values.peer !== undefined)
    throw usage("forget-peer takes the name itself, without --peer.", program);
  if (subcommand === undefined) return undefined;
  const stray = Object.keys(values).find((name) => !fits(name, "store"));
  if (stray !== undefined) throw usage(`--${stray} has nothing to do with ${word}.`, program);
  return { subcommand, peer: parseWho(values, program) };
}

/** Who is meant by --peer. Throws LairError `usage` when that is nobody. */
export function parseWho({ peer }: OptionValues, program: ProgramName): string | undefined {
  const who = typeof peer === "string" ? peer.trim() : undefined;
  if (who === "") throw usage("--peer takes a name or the start of a fingerprint.", program);
  return who;
}

function parseCommand(
  word: string,
  args: readonly string[],
  values: OptionValues,
  program: ProgramName,
): StoreCommand | undefined {
  switch (word) {
    case "history": {
      const count = args.length <= 1 ? parseHistoryCount(args[0] ?? "20") : undefined;
      if (count === undefined) throw usage("history takes a number from 1 to 10000, or nothing.", program);
      return { type: "history", count };
    }
    case "search": {
      const words = args.join(" ").trim();
      if (words === "") throw usage("search takes the words to look for.", program);
      return { type: "search", words };
    }
    case "export": {
      const [file = ""] = args;
      if (args.length !== 1 || file === "")
        throw usage("export takes the name of one file that does not exist yet.", program);
      return { type: "export", file };
    }
    case "forget":
      if (args.length > 0)
        throw usage("forget takes no more than --peer and --yes. To forget a person, use forget-peer NAME.", program);
      return { type: "forget", confirmed: values.yes === true };
    case "forget-peer": {
      const who = args.join(" ").trim();
      if (who === "") throw usage("forget-peer takes a name or the start of a fingerprint.", program);
      return { type: "forget-peer", who, history: values["with-history"] === true, confirmed: values.yes === true };
    }
    case "renumber":
      if (args.length > 0) throw usage("renumber takes no more than --peer.", program);
      return { type: "renumber" };
    default:
      return undefined;
  }
}

/**
 * A lone word is a host only where it is no command, or nearly one: somebody who types `lair-client status` means the
 * command. Throws LairError `usage`.
 */
export function refusePromptCommand([word = "", ...args]: readonly string[], program: ProgramName): void {
  if (!/^[a-z]+$/i.test(word)) return;
  const command = word === "version" ? word : nearestCommand(word);
  if (command === undefined) return;
  const host = program === "lair-client" ? ` A host of that name is ws://${word}.` : "";
  throw new LairError("usage", `${program} takes no ${[word, ...args].join(" ")}.`, {
    hint: `${insteadOf(command, args, program)}${host}`,
  });
}

function insteadOf(command: string, args: readonly string[], program: ProgramName): string {
  if (command === "help" || command === "version") return `Did you mean ${program} --${command}?`;
  if (SUBCOMMAND_WORDS.has(command)) return `Did you mean ${[program, command, ...args].join(" ")}?`;
  if (command === "invite" && program === "lair-client") return "Invites are made at the prompt of lair-server.";
  const option = command === "invite" ? ` Or start ${program} --invite.` : "";
  return `Did you mean ${command} at the prompt? Start ${program}, and type it there.${option}`;
}

/** Where to read on. */
export function helpHint(program: ProgramName): string {
  return `${program} --help lists the options.`;
}

function usage(message: string, program: ProgramName): LairError {
  return new LairError("usage", message, { hint: helpHint(program) });
}
