// The arguments of the two programs of a pair. Knows the grammar and the help, not the actions.

import type { ProgramName } from "../app/command-table.ts";
import type { RekeyWindow } from "../core/channel/index.ts";
import { LairError } from "../core/errors.ts";
import { type Retention, parseRetention, parseSize } from "../core/chat/history.ts";
import { isLoopbackAddress } from "../node/websocket/connection-limits.ts";
import type { Proxy } from "../node/websocket/proxy-address.ts";
import { type Announced, DEFAULT_PORT, parseAnnounce, parseListen, parseUrl } from "./addresses.ts";
import {
  type Asked,
  cryptoChoice,
  looks,
  parse,
  parseAllowedHost,
  parseOrigin,
  parsePassphrase,
  parseRekey,
  type PassphraseArguments,
  read,
  refuseNewPassphrase,
  textOf,
  textsOf,
  usage,
} from "./argument-reader.ts";
import type { CryptoChoice } from "./crypto-choice.ts";
import type { OptionName, OptionValues } from "./options.ts";
import { parseProxyArgument } from "./proxy-choice.ts";
import { type Subcommand, parseSubcommand, parseWho, refusePromptCommand, type StartArguments } from "./subcommand.ts";

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
  /** The page and the API; undefined: there is none. */
  readonly http: HttpArguments | undefined;
  /** Whose introductions are accepted without a question: names, or starts of fingerprints, as typed. */
  readonly acceptFrom: readonly string[];
}

/** Where the page and the API are. */
export interface HttpArguments {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly tokenFile: string | undefined;
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
  /** Connect to known people as well, and not only to hubs. */
  readonly dial: boolean;
  /** An invite to pair with: a hub's, or with --dial anybody's. */
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

/** Ours: how many peers may be connected at the same time. */
const DEFAULT_MAX_PEERS = 64;
const MOST_PEERS = 4_000;

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
  return {
    ...common(values, "lair-server"),
    ...parseListen(textOf(values.listen) ?? `127.0.0.1:${DEFAULT_PORT}`),
    announce: read(values.announce, (text) => parseAnnounce(text)),
    rekeyWindow: parseRekey(textOf(values.rekey) ?? "balanced", "lair-server"),
    invite: values.invite === true,
    dial: values.dial === true,
    inviteFile: textOf(values["invite-file"]),
    maxPeers: parseMaxPeers(textOf(values["max-peers"])),
    allowOrigins: textsOf(values["allow-origin"]).map((origin) => parseOrigin(origin, "lair-server")),
    allowHosts: textsOf(values["allow-host"]).map((host) => parseAllowedHost(host, "lair-server")),
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

function common(values: OptionValues, program: ProgramName): CommonArguments {
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
    http: parseHttp(values, program),
    acceptFrom: parseIntroducers(values["accept-introductions-from"], program),
  };
}

function parseHttp(values: OptionValues, program: ProgramName): HttpArguments | undefined {
  const text = textOf(values.http);
  const tokenFile = textOf(values["http-token-file"]);
  if (text === undefined) {
    if (tokenFile === undefined) return undefined;
    throw usage("--http-token-file can only be used with --http.", program);
  }
  if (tokenFile === "") throw usage("--http-token-file takes a file.", program);
  const place = parseListen(text === "" ? "127.0.0.1:0" : text, "--http", program);
  if (place.host !== "localhost" && !isLoopbackAddress(place.host)) throw notOnThisMachine(place.host, program);
  return { ...place, tokenFile };
}

/** The page has no TLS: the token, and all that is said, would cross the network in the clear. */
export function notOnThisMachine(host: string, program: ProgramName): LairError {
  return new LairError("usage", `--http listens on this machine only, and others could reach ${host}.`, {
    hint:
      program === "lair-client"
        ? "Use an address such as 127.0.0.1:8090. An address of a server goes in front of --http."
        : "Use an address such as 127.0.0.1:8090; from another machine, a tunnel leads there (ssh -L).",
  });
}

function parseTo(text: string | undefined, program: ProgramName): string | undefined {
  if (text === undefined || text.trim() !== "") return text?.trim();
  throw usage("--to takes a name, or the start of a fingerprint.", program);
}

function parseIntroducers(value: OptionValues[OptionName], program: ProgramName): readonly string[] {
  const texts = textsOf(value).map((text) => text.trim());
  if (!texts.includes("")) return texts;
  throw usage("--accept-introductions-from takes the exact name of somebody, or the start of a fingerprint.", program);
}

function parseMaxPeers(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MAX_PEERS;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_PEERS) return Number(text);
  throw usage(`--max-peers takes a number from 1 to ${MOST_PEERS}, not "${text}".`, "lair-server");
}

function retention(text: string | undefined, program: ProgramName): Retention | undefined {
  const parsed = text === undefined ? undefined : parseRetention(text);
  if (text === undefined || parsed !== undefined) return parsed;
  throw usage(`--history takes forever, off, or a time such as 30d, 12h or 45m, not "${text}".`, program);
}

function parseLimit(text: string, program: ProgramName): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw usage(`--history-limit takes a size from 64K to 1024G, such as 500K, 256M or 1G, not "${text}".`, program);
}
