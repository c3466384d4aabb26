// How the arguments of every program are read: the options of its table, the values that several programs take, and
// `passphrase`. A secret is never accepted as an argument: every user of the machine can read those.

import { parseArgs } from "node:util";
import { isNear } from "../app/near-commands.ts";
import { parseHostAndPort } from "../core/address.ts";
import { isRekeyWindow, type RekeyWindow } from "../core/channel/index.ts";
import { LairError } from "../core/errors.ts";
import { looksLikeInvite } from "../core/identity/invite.ts";
import { errorCode } from "../node/system-error.ts";
import { CRYPTO_CHOICES, type CryptoChoice } from "./crypto-choice.ts";
import { fits, optionalValues, type OptionName, type OptionValues, parserOptions, type Program } from "./options.ts";
import { helpHint, type StartArguments } from "./subcommand.ts";

/** Instead of starting: a text to print before the program exits. */
export interface Asked {
  readonly asked: "help" | "version";
}

/** Instead of starting: add, change or remove the passphrase of the identity. */
export interface PassphraseArguments {
  readonly command: "passphrase";
  readonly action: PassphraseAction;
  readonly home: string | undefined;
  /** The file with the current passphrase. */
  readonly passphraseFile: string | undefined;
  readonly newPassphraseFile: string | undefined;
  readonly json: boolean;
}

export type PassphraseAction = "add" | "change" | "remove";

/** Ours; docs/PROTOCOL.md §3.4 has the limits of a window. */
const REKEY_PRESETS: { readonly [name: string]: RekeyWindow } = {
  high: { minMs: 15_000, maxMs: 60_000 },
  balanced: { minMs: 30_000, maxMs: 120_000 },
  performance: { minMs: 60_000, maxMs: 300_000 },
};

/** What the arguments say. Throws LairError `usage`, also for a secret among them. */
export function parse(
  argv: readonly string[],
  program: Program,
): { readonly values: OptionValues; readonly positionals: readonly string[] } {
  if (argv.some((argument) => holdsSecret(argument))) {
    throw new LairError("usage", "A secret was given as an argument, where every user of this machine can read it.", {
      hint: "Stop using it. Give an invite with --invite-file FILE, at the question, or on standard input; a psk with --psk-file FILE.",
    });
  }
  if (argv.some((argument, index) => isPassphrase(argument, argv[index - 1]))) {
    throw new LairError(
      "usage",
      "--passphrase takes no passphrase on the command line, where every user could read it.",
      {
        hint: "If that was one, stop using it: Lair asks for a passphrase itself. Put an address before --passphrase, or begin it with ws://.",
      },
    );
  }
  try {
    return parseArgs({ args: withValues(argv, program), options: parserOptions(program), allowPositionals: true });
  } catch (error) {
    if (errorCode(error) === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw unknownOption(argv, program);
    }
    const reason = error instanceof Error ? error.message.split(/\.\s|\.$|\n/)[0]! : "The arguments cannot be read";
    throw new LairError("usage", `${reason}.`, { hint: helpHint(program), cause: error });
  }
}

/** An option that may stand without its value has an empty one then. Only HOST:PORT behind it is its value. */
function withValues(argv: readonly string[], program: Program): string[] {
  const optional = optionalValues(program);
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const read: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index]!;
    if (index >= end || !argument.startsWith("--") || !optional.has(argument.slice(2))) {
      read.push(argument);
      continue;
    }
    const next = argv[index + 1] ?? "";
    const isValue = parseHostAndPort(next)?.port !== undefined;
    read.push(`${argument}=${isValue ? next : ""}`);
    if (isValue) index += 1;
  }
  return read;
}

/** The error for the first option that the program does not have. */
function unknownOption(argv: readonly string[], program: Program): LairError {
  const options = parserOptions(program);
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  const unknown = tokens.find((token) => token.kind === "option" && !Object.hasOwn(options, token.name));
  const { rawName = "", name = "" } = unknown?.kind === "option" ? unknown : {};
  const nearest = name.length > 1 ? Object.keys(options).find((option) => isNear(name, option)) : undefined;
  return new LairError("usage", `${program} has no option ${rawName}.`, {
    hint: `${nearest === undefined ? "" : `Did you mean --${nearest}? `}${helpHint(program)}`,
  });
}

/** Otherwise the argument after --passphrase would be resolved as a host name. */
function isPassphrase(argument: string, before: string | undefined): boolean {
  if (argument.startsWith("--passphrase=")) return true;
  return before === "--passphrase" && !/^(?:-|wss?:\/\/|passphrase$)/.test(argument);
}

/**
 * An invite or its secret part, or 32 bytes in hex or base64, anywhere in an argument: nothing else that dense belongs
 * on our command line.
 */
function holdsSecret(argument: string): boolean {
  const value = argument.startsWith("--") ? argument.slice(argument.indexOf("=") + 1) : argument;
  if (looksLikeInvite(value) || looksLikeInvite(argument) || /^[\w-]{43}=?$/.test(value)) return true;
  const words = argument.split(/[^\w+/-]+/).flatMap((word) => [word, ...word.split("/")]);
  return words.some((word) => /^(?:0x)?[0-9a-f]{64}$/i.test(word) || isDense(word));
}

/** Base64 of a psk or of an invite's secret part; a long name of a folder hardly has digits and both cases. */
function isDense(word: string): boolean {
  const isLong = /^[\w+/-]{43}$/.test(word) || /^[\w-]{87}$/.test(word);
  return isLong && /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word);
}

// --- passphrase ----------------------------------------------------------------------------------------------------

/** passphrase add|change|remove: the grammar alone, see passphrase-command.ts. */
export function parsePassphrase(values: OptionValues, rest: readonly string[], program: Program): PassphraseArguments {
  const [action, ...more] = rest;
  if ((action !== "add" && action !== "change" && action !== "remove") || more.length > 0) {
    throw usage(`Use ${program} passphrase add, change or remove, which asks for the passphrase.`, program);
  }
  const other = Object.keys(values).find((name) => !fits(name, "passphrase"));
  if (other !== undefined) throw usage(`${program} passphrase takes no --${other}.`, program);
  const { home, passphraseFile, json } = looks(values, program);
  const newPassphraseFile = textOf(values["new-passphrase-file"]);
  if (action === "add" && passphraseFile !== undefined) {
    throw usage("The new passphrase comes from --new-passphrase-file FILE.", program);
  }
  if (action === "remove") refuseNewPassphrase(values, program);
  return { command: "passphrase", action, home, passphraseFile, newPassphraseFile, json };
}

export function refuseNewPassphrase(values: OptionValues, program: Program): void {
  if (values["new-passphrase-file"] === undefined) return;
  throw usage(`--new-passphrase-file can only be used with ${program} passphrase add and change.`, program);
}

// --- values --------------------------------------------------------------------------------------------------------

/** What is asked for with every start. */
export function looks(values: OptionValues, program: Program): StartArguments {
  return {
    home: directory(values.home, program),
    passphraseFile: textOf(values["passphrase-file"]),
    json: values.json === true,
    plain: values.plain === true,
    noColor: values["no-color"] === true,
    verbose: values.verbose === true,
  };
}

/** An empty one would silently be the current directory. */
function directory(value: OptionValues[OptionName], program: Program): string | undefined {
  if (value !== "") return textOf(value);
  throw usage("--home takes a directory.", program);
}

export function textOf(value: OptionValues[OptionName]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function textsOf(value: OptionValues[OptionName]): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

export function read<T>(value: OptionValues[OptionName], parseText: (text: string) => T): T | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : parseText(text);
}

export function cryptoChoice(text: string | undefined, program: Program): CryptoChoice {
  const choice = CRYPTO_CHOICES.find((candidate) => candidate === (text ?? "auto"));
  if (choice !== undefined) return choice;
  throw usage(`--crypto takes ${CRYPTO_CHOICES.join(", ")}, not "${text}".`, program);
}

/** In a browser's spelling; otherwise a typing error would only show later, as a refusal. */
export function parseOrigin(text: string, program: Program): string {
  if (/^https?:\/\/[^\s/]+$/.test(text)) return text;
  throw usage(`--allow-origin takes an origin such as https://chat.example, not "${text}".`, program);
}

export function parseAllowedHost(text: string, program: Program): string {
  if (parseHostAndPort(text) !== undefined) return text;
  throw usage(`--allow-host takes a name such as chat.example, not "${text}".`, program);
}

export function parseRekey(text: string, program: Program): RekeyWindow {
  const preset = Object.hasOwn(REKEY_PRESETS, text) ? REKEY_PRESETS[text] : undefined;
  if (preset !== undefined) return preset;
  const [, min, max] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const window = { minMs: Math.round(Number(min) * 1000), maxMs: Math.round(Number(max) * 1000) };
  if (isRekeyWindow(window)) return window;
  throw usage(
    `--rekey takes MIN-MAX in seconds, 1 to 3600 and MIN not above MAX, or high, balanced, performance, not "${text}".`,
    program,
  );
}

export function usage(message: string, program: Program): LairError {
  return new LairError("usage", message, { hint: helpHint(program) });
}
