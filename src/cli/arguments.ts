// The arguments of the two programs. Knows the grammar and the help, not the actions. A secret is never accepted as an
// argument: every user of the machine can read those.

import { parseArgs } from "node:util";
import { parseHostAndPort } from "../core/address.ts";
import { isRekeyWindow, type RekeyWindow } from "../core/channel/index.ts";
import { type Retention, parseRetention, parseSize } from "../core/chat/history.ts";
import { LairError } from "../core/errors.ts";
import type { Proxy } from "../node/websocket/proxy-address.ts";
import { isNear } from "../app/near-commands.ts";
import { looksLikeInvite } from "../core/identity/invite.ts";
import { type Announced, DEFAULT_PORT, parseAnnounce, parseListen, parseUrl } from "./addresses.ts";
import { fits, type OptionName, type OptionValues, parserOptions } from "./options.ts";
import { parseProxyArgument } from "./proxy-choice.ts";
import { CRYPTO_CHOICES, type CryptoChoice } from "./crypto-choice.ts";
import {
  type Subcommand,
  helpHint,
  parseSubcommand,
  parseWho,
  refusePromptCommand,
  type StartArguments,
} from "./subcommand.ts";

export interface CommonArguments extends StartArguments {
  readonly name: string | undefined;
  readonly pskFile: string | undefined;
  /** The identity is created under a passphrase. */
  readonly passphrase: boolean;
  readonly bell: boolean;
  readonly trustFirst: boolean;
  /** Memory only: no message survives the program. */
  readonly noStore: boolean;
  /** How long the conversation is kept from now on; undefined changes nothing. */
  readonly history: Retention | undefined;
  /** How many bytes of it are kept from now on; undefined changes nothing. */
  readonly historyLimit: number | undefined;
  /** Which library does the cryptography. */
  readonly crypto: CryptoChoice;
  /** For whom a line is that names nobody: a name, or the start of a fingerprint, as typed. */
  readonly to: string | undefined;
  /** Whose introductions are accepted without a question: names, or starts of fingerprints, as typed. */
  readonly acceptFrom: readonly string[];
}

export interface ServerArguments extends CommonArguments {
  readonly host: string;
  readonly port: number;
  /** The address for invites; undefined if it is to be derived from the machine. */
  readonly announce: Announced | undefined;
  readonly rekeyWindow: RekeyWindow;
  readonly invite: boolean;
  /** How many peers may be connected at the same time. */
  readonly maxPeers: number;
  /** Connect to known peers as well. */
  readonly dial: boolean;
  /** With --dial: an invite to pair with. */
  readonly inviteFile: string | undefined;
  readonly allowOrigins: readonly string[];
  readonly allowHosts: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

export interface ClientArguments extends CommonArguments {
  /** `ws://host:port[/path]` or `wss://...`, as given or completed. */
  readonly url: string | undefined;
  /** What was given as the address, if it may as well be the name of a known server. */
  readonly nameOrHost: string | undefined;
  readonly inviteFile: string | undefined;
  /** Which known server: a name, or the start of a fingerprint, as typed. */
  readonly peer: string | undefined;
  /** The proxy; undefined leaves the choice to the environment. */
  readonly proxy: Proxy | undefined;
  /** Connect once, and never reconnect. */
  readonly once: boolean;
  /** Lines of a pipe are kept for the server, whether or not it can be reached. */
  readonly queue: boolean;
}

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

type Program = "lair-server" | "lair-client";

/** Ours: how many peers may be connected at the same time. */
const DEFAULT_MAX_PEERS = 64;
const MOST_PEERS = 1_000;

/** Ours; docs/PROTOCOL.md §3.4 has the limits of a window. */
const REKEY_PRESETS: { readonly [name: string]: RekeyWindow } = {
  high: { minMs: 15_000, maxMs: 60_000 },
  balanced: { minMs: 30_000, maxMs: 120_000 },
  performance: { minMs: 60_000, maxMs: 300_000 },
};

/** Throws LairError `usage`. */
export function parseServerArguments(
  argv: readonly string[],
): ServerArguments | Asked | Subcommand | PassphraseArguments {
  const { values, positionals } = parse(argv, "lair-server");
  if (values.help) return { asked: "help" };
  if (values.version) return { asked: "version" };
  const subcommand = parseSubcommand(positionals, values, "lair-server");
  if (subcommand !== undefined) return { ...subcommand, ...looks(values, "lair-server") };
  if (positionals[0] === "passphrase") return parsePassphrase(values, positionals.slice(1), "lair-server");
  refuseNewPassphrase(values, "lair-server");
  if (values.peer !== undefined) {
    throw usage(
      "--peer can be used with history, search, export, forget and renumber, and with lair-client.",
      "lair-server",
    );
  }
  refusePromptCommand(positionals, "lair-server");
  if (positionals.length > 0) throw usage(`lair-server takes no "${positionals[0]!}".`, "lair-server");
  if ((values["tls-cert"] === undefined) !== (values["tls-key"] === undefined)) {
    throw usage("--tls-cert and --tls-key go together.", "lair-server");
  }
  if (values["invite-file"] !== undefined && values.dial !== true) {
    throw usage("lair-server pairs with an invite only if it connects as well: give --dial too.", "lair-server");
  }
  return {
    ...common(values, "lair-server"),
    ...parseListen(textOf(values.listen) ?? `127.0.0.1:${DEFAULT_PORT}`),
    announce: read(values.announce, parseAnnounce),
    rekeyWindow: parseRekey(textOf(values.rekey) ?? "balanced"),
    invite: values.invite === true,
    dial: values.dial === true,
    inviteFile: textOf(values["invite-file"]),
    maxPeers: parseMaxPeers(textOf(values["max-peers"])),
    allowOrigins: textsOf(values["allow-origin"]).map((origin) => parseOrigin(origin)),
    allowHosts: textsOf(values["allow-host"]).map((host) => parseAllowedHost(host)),
    tlsCert: textOf(values["tls-cert"]),
    tlsKey: textOf(values["tls-key"]),
  };
}

/** Throws LairError `usage`. */
export function parseClientArguments(
  argv: readonly string[],
): ClientArguments | Asked | Subcommand | PassphraseArguments {
  const { values, positionals } = parse(argv, "lair-client");
  if (values.help) return { asked: "help" };
  if (values.version) return { asked: "version" };
  const subcommand = parseSubcommand(positionals, values, "lair-client");
  if (subcommand !== undefined) return { ...subcommand, ...looks(values, "lair-client") };
  // For a host of that name, write ws://passphrase.
  if (positionals[0] === "passphrase") return parsePassphrase(values, positionals.slice(1), "lair-client");
  refuseNewPassphrase(values, "lair-client");
  refusePromptCommand(positionals, "lair-client");
  if (positionals.length > 1) throw usage("lair-client takes one name or URL at most.", "lair-client");
  if (values["invite-file"] !== undefined && values["psk-file"] !== undefined) {
    throw usage("--invite-file and --psk-file cannot be used together: choose one.", "lair-client");
  }
  if (values["invite-file"] !== undefined && values.peer !== undefined) {
    throw usage("--peer chooses a known server, but an invite already names its server.", "lair-client");
  }
  if (values.queue === true && values["no-store"] === true) {
    throw usage("--no-store keeps nothing, so --queue cannot keep lines: choose one.", "lair-client");
  }
  const [url] = positionals;
  const nameOrHost = url !== undefined && !/[.:/[\]]/.test(url) && url.trim() !== "" ? url : undefined;
  return {
    ...common(values, "lair-client"),
    url: url === undefined ? undefined : parseUrlOrName(url, nameOrHost),
    nameOrHost,
    inviteFile: textOf(values["invite-file"]),
    peer: parseWho(values, "lair-client"),
    proxy: read(values.proxy, parseProxyArgument),
    once: values.once === true,
    queue: values.queue === true,
  };
}

/** A name that is no host is not known to be one before the home is open: then there is no URL. */
function parseUrlOrName(text: string, nameOrHost: string | undefined): string | undefined {
  try {
    return parseUrl(text);
  } catch (error) {
    if (nameOrHost === undefined) throw error;
    return undefined;
  }
}

function parse(
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
    return parseArgs({ args: [...argv], options: parserOptions(program), allowPositionals: true, strict: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw unknownOption(argv, program);
    }
    const reason = error instanceof Error ? error.message.split(/\.\s|\.$|\n/)[0]! : "The arguments cannot be read";
    throw new LairError("usage", `${reason}.`, { hint: helpHint(program), cause: error });
  }
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

/** passphrase add|change|remove: the grammar alone, see passphrase-command.ts. */
function parsePassphrase(values: OptionValues, rest: readonly string[], program: Program): PassphraseArguments {
  const [action, ...more] = rest;
  if ((action !== "add" && action !== "change" && action !== "remove") || more.length > 0) {
    throw usage(`Use ${program} passphrase add, change or remove, which asks for the passphrase.`, program);
  }
  const other = Object.keys(values).find((name) => !fits(name, "passphrase"));
  if (other !== undefined) throw usage(`${program} passphrase takes no --${other}.`, program);
  const { home, passphraseFile, json } = common(values, program);
  const newPassphraseFile = textOf(values["new-passphrase-file"]);
  if (action === "add" && passphraseFile !== undefined) {
    throw usage("The new passphrase comes from --new-passphrase-file FILE.", program);
  }
  if (action === "remove") refuseNewPassphrase(values, program);
  return { command: "passphrase", action, home, passphraseFile, newPassphraseFile, json };
}

function refuseNewPassphrase(values: OptionValues, program: Program): void {
  if (values["new-passphrase-file"] === undefined) return;
  throw usage(`--new-passphrase-file can only be used with ${program} passphrase add and change.`, program);
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

function common(values: OptionValues, program: Program): CommonArguments {
  const noStore = values["no-store"] === true;
  const history = retention(textOf(values.history), program);
  if (noStore && history !== undefined && history !== "off") {
    throw usage("--no-store keeps nothing, so there is no history to keep: choose one.", program);
  }
  const historyLimit = read(values["history-limit"], (text) => parseLimit(text, program));
  if (noStore && historyLimit !== undefined) {
    throw usage("--no-store keeps nothing, so there is no history to limit: choose one.", program);
  }
  return {
    ...looks(values, program),
    crypto: cryptoChoice(textOf(values.crypto), program),
    name: textOf(values.name),
    pskFile: textOf(values["psk-file"]),
    passphrase: values.passphrase === true,
    bell: values.bell === true,
    trustFirst: values["trust-first"] === true,
    noStore,
    history,
    historyLimit,
    to: parseTo(textOf(values.to), program),
    acceptFrom: parseIntroducers(values["accept-introductions-from"], program),
  };
}

function looks(values: OptionValues, program: Program): StartArguments {
  return {
    home: directory(values.home, program),
    passphraseFile: textOf(values["passphrase-file"]),
    json: values.json === true,
    plain: values.plain === true,
    noColor: values["no-color"] === true,
    verbose: values.verbose === true,
  };
}

function parseTo(text: string | undefined, program: Program): string | undefined {
  if (text === undefined || text.trim() !== "") return text?.trim();
  throw usage("--to takes a name, or the start of a fingerprint.", program);
}

function parseIntroducers(value: OptionValues[OptionName], program: Program): readonly string[] {
  const texts = textsOf(value).map((text) => text.trim());
  if (!texts.includes("")) return texts;
  throw usage("--accept-introductions-from takes the exact name of somebody, or the start of a fingerprint.", program);
}

function parseMaxPeers(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MAX_PEERS;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_PEERS) return Number(text);
  throw usage(`--max-peers takes a number from 1 to ${MOST_PEERS}, not "${text}".`, "lair-server");
}

function cryptoChoice(text: string | undefined, program: Program): CryptoChoice {
  const choice = CRYPTO_CHOICES.find((candidate) => candidate === (text ?? "auto"));
  if (choice !== undefined) return choice;
  throw usage(`--crypto takes ${CRYPTO_CHOICES.join(", ")}, not "${text}".`, program);
}

function retention(text: string | undefined, program: Program): Retention | undefined {
  const parsed = text === undefined ? undefined : parseRetention(text);
  if (text === undefined || parsed !== undefined) return parsed;
  throw usage(`--history takes forever, off, or a time such as 30d, 12h or 45m, not "${text}".`, program);
}

function parseLimit(text: string, program: Program): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw usage(`--history-limit takes a size from 64K to 1024G, such as 500K, 256M or 1G, not "${text}".`, program);
}

/** An empty one would silently be the current directory. */
function directory(value: OptionValues[OptionName], program: Program): string | undefined {
  if (value !== "") return textOf(value);
  throw usage("--home takes a directory.", program);
}

function textOf(value: OptionValues[OptionName]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: OptionValues[OptionName]): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

function read<T>(value: OptionValues[OptionName], parseText: (text: string) => T): T | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : parseText(text);
}

/** In a browser's spelling; otherwise a typing error would only show later, as a refusal. */
function parseOrigin(text: string): string {
  if (/^https?:\/\/[^\s/]+$/.test(text)) return text;
  throw usage(`--allow-origin takes an origin such as https://chat.example, not "${text}".`, "lair-server");
}

function parseAllowedHost(text: string): string {
  if (parseHostAndPort(text) !== undefined) return text;
  throw usage(`--allow-host takes a name such as chat.example, not "${text}".`, "lair-server");
}

function parseRekey(text: string): RekeyWindow {
  const preset = Object.hasOwn(REKEY_PRESETS, text) ? REKEY_PRESETS[text] : undefined;
  if (preset !== undefined) return preset;
  const [, min, max] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const window = { minMs: Math.round(Number(min) * 1000), maxMs: Math.round(Number(max) * 1000) };
  if (isRekeyWindow(window)) return window;
  throw usage(
    `--rekey takes MIN-MAX in seconds, 1 to 3600 and MIN not above MAX, or high, balanced, performance, not "${text}".`,
    "lair-server",
  );
}

function usage(message: string, program: Program): LairError {
  return new LairError("usage", message, { hint: helpHint(program) });
}
