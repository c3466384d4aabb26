// What can be said to the two programs on the command line. Knows the grammar and the help, nothing of what is done.
// A secret is never taken as an argument: every user of the machine can read those.

import { parseArgs, type ParseArgsConfig } from "node:util";
import { isRekeyWindow, type RekeyWindow } from "../core/channel/index.ts";
import { type Retention, parseRetention } from "../core/chat/history.ts";
import { LairError } from "../core/errors.ts";
import { looksLikeInvite } from "../core/identity/invite.ts";
import { type Errand, ERRAND_HELP, ERRAND_OPTIONS, parseErrand } from "./errand.ts";

export interface CommonArguments {
  readonly name: string | undefined;
  readonly pskFile: string | undefined;
  readonly home: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
  readonly noColor: boolean;
  readonly bell: boolean;
  readonly trustFirst: boolean;
  /** Memory only: nothing of what waits or was said outlives the program. */
  readonly noStore: boolean;
  /** How long the conversation is kept from now on; undefined leaves it as it is. */
  readonly history: Retention | undefined;
  readonly verbose: boolean;
}

export interface ServerArguments extends CommonArguments {
  readonly host: string;
  readonly port: number;
  readonly rekeyWindow: RekeyWindow;
  readonly invite: boolean;
  readonly allowOrigins: readonly string[];
  readonly allowHosts: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

export interface ClientArguments extends CommonArguments {
  /** `ws://host:port` or `wss://host:port`, as given or completed. */
  readonly url: string | undefined;
  readonly inviteFile: string | undefined;
  /** One connection, and none made again. */
  readonly once: boolean;
}

/** Instead of starting: something to print, and leave. */
export interface Asked {
  readonly asked: "help" | "version";
}

const DEFAULT_PORT = 8080;

/** Ours; what a window may be says docs/PROTOCOL.md §3.4. */
const REKEY_PRESETS: { readonly [name: string]: RekeyWindow } = {
  high: { minMs: 15_000, maxMs: 60_000 },
  balanced: { minMs: 30_000, maxMs: 120_000 },
  performance: { minMs: 60_000, maxMs: 300_000 },
};

const COMMON = {
  name: { type: "string" },
  "psk-file": { type: "string" },
  home: { type: "string" },
  json: { type: "boolean" },
  plain: { type: "boolean" },
  "no-color": { type: "boolean" },
  bell: { type: "boolean" },
  "trust-first": { type: "boolean" },
  "no-store": { type: "boolean" },
  history: { type: "string" },
  verbose: { type: "boolean" },
  help: { type: "boolean" },
  version: { type: "boolean" },
} as const;

const COMMON_HELP = `  --name NAME        how you introduce yourself (default: your account's name)
  --psk-file FILE    use the secret in FILE (32 bytes as hex or base64url, mode 0600) instead of
                     an invite; both sides have the same file
  --trust-first      with --psk-file: accept the first key without asking, and no other later
  --home DIR         where the identity and the pairings are kept
                     (default: $LAIR_HOME, else $XDG_CONFIG_HOME/lair, else ~/.config/lair)
  --history SPAN     keep the conversation: forever, off, or a span such as 30d or
                     12h; remembered for this peer (at first it is off)
  --no-store         nothing on the disk: what waits is gone when the program is
  --json             for programs: one JSON object a line, both ways
  --plain            nothing is redrawn: for screen readers and logs
  --no-color         no colours (NO_COLOR and FORCE_COLOR are honoured too)
  --bell             ring the terminal's bell when a message arrives
  --verbose          also say what is usually not worth a line
  --help, --version

${ERRAND_HELP}
Each line of input that is no command is said to the other side; help at the prompt lists the
commands. Without a terminal each line is a message, received text goes to standard output, and
the program leaves when its input has ended and all is delivered (or after 10 s).

Exit codes: 0 fine, 1 failed, 2 usage, 3 unreachable, 4 not who was expected,
129, 130 and 143 after SIGHUP, SIGINT and SIGTERM. On Windows file modes are not checked.
`;

export const SERVER_HELP = `lair-server - wait for one person and talk to them privately

  lair-server [OPTIONS]
  lair-server history [N] | search WORDS... | export FILE | forget

On its first start it prints an invite: give it to one person, who starts lair-client with it.
On this account lair-client finds the invite by itself.

  --listen HOST:PORT where to listen (default 127.0.0.1:8080; port 0 takes a free one)
  --invite           make a new invite, for one more person
  --rekey MIN-MAX    renew the keys at random intervals of so many seconds (from 1 s), or
                     high (15-60), balanced (30-120, the default), performance (60-300)
  --tls-cert FILE    with --tls-key FILE: wss:// instead of ws:// (PEM)
  --allow-host NAME  also answer to this Host header while bound to loopback (a proxy's name)
  --allow-origin URL also answer web pages of this origin; none is answered otherwise
${COMMON_HELP}`;

export const CLIENT_HELP = `lair-client - talk to whoever runs a lair-server

  lair-client [URL] [OPTIONS]
  lair-client history [N] | search WORDS... | export FILE | forget

Without URL: the server it is paired with, else the invite that a lair-server of this account
has left, else it asks for the invite. URL is ws://HOST:PORT or wss://HOST:PORT.

  --invite-file FILE pair with the invite in FILE (mode 0600); never give it as an argument
  --once             one connection, no reconnecting; an unreachable server is
                     exit 3
${COMMON_HELP}`;

/** Throws LairError `usage`. */
export function parseServerArguments(argv: readonly string[]): ServerArguments | Asked | Errand {
  const { values, positionals } = parse(argv, {
    ...COMMON,
    ...ERRAND_OPTIONS,
    listen: { type: "string" },
    rekey: { type: "string" },
    invite: { type: "boolean" },
    "allow-origin": { type: "string", multiple: true },
    "allow-host": { type: "string", multiple: true },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
  });
  if (values.help) return { asked: "help" };
  if (values.version) return { asked: "version" };
  const errand = parseErrand(positionals, values);
  if (errand !== undefined) return { ...errand, ...looks(values) };
  if (positionals.length > 0) throw usage(`lair-server takes no "${positionals[0]!}".`, "lair-server");
  if ((values["tls-cert"] === undefined) !== (values["tls-key"] === undefined)) {
    throw usage("--tls-cert and --tls-key go together.", "lair-server");
  }
  return {
    ...common(values),
    ...parseListen(values.listen ?? `127.0.0.1:${DEFAULT_PORT}`),
    rekeyWindow: parseRekey(values.rekey ?? "balanced"),
    invite: values.invite ?? false,
    allowOrigins: (values["allow-origin"] ?? []).map((origin) => parseOrigin(origin)),
    allowHosts: values["allow-host"] ?? [],
    tlsCert: values["tls-cert"],
    tlsKey: values["tls-key"],
  };
}

/** Throws LairError `usage`. */
export function parseClientArguments(argv: readonly string[]): ClientArguments | Asked | Errand {
  const { values, positionals } = parse(argv, {
    ...COMMON,
    ...ERRAND_OPTIONS,
    "invite-file": { type: "string" },
    once: { type: "boolean" },
  });
  if (values.help) return { asked: "help" };
  if (values.version) return { asked: "version" };
  const errand = parseErrand(positionals, values);
  if (errand !== undefined) return { ...errand, ...looks(values) };
  if (positionals.length > 1) throw usage("lair-client takes one URL at most.", "lair-client");
  if (values["invite-file"] !== undefined && values["psk-file"] !== undefined) {
    throw usage("--invite-file and --psk-file are two ways to the same end: choose one.", "lair-client");
  }
  const [url] = positionals;
  return {
    ...common(values),
    url: url === undefined ? undefined : parseUrl(url),
    inviteFile: values["invite-file"],
    once: values.once ?? false,
  };
}

function parse<Options extends NonNullable<ParseArgsConfig["options"]>>(argv: readonly string[], options: Options) {
  if (argv.some((argument) => holdsSecret(argument))) {
    throw new LairError("usage", "A secret was given as an argument, where every user of this machine can read it.", {
      hint: "Take it as spoilt. Give an invite with --invite-file FILE, at the question, or on standard input; a psk with --psk-file FILE.",
    });
  }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\.\s|\.$|\n/)[0]! : "The arguments cannot be read";
    throw new LairError("usage", `${reason}.`, { hint: "--help lists what there is.", cause: error });
  }
}

/**
 * An invite or its secret part, or 32 bytes in hex or base64, wherever they stand in an argument: nothing else that dense
 * belongs on a command line of ours.
 */
function holdsSecret(argument: string): boolean {
  const value = argument.startsWith("--") ? argument.slice(argument.indexOf("=") + 1) : argument;
  if (looksLikeInvite(value) || /lairs?:\/\//i.test(argument) || /^[\w-]{43}=?$/.test(value)) return true;
  const words = argument.split(/[^\w+/-]+/).flatMap((word) => [word, ...word.split("/")]);
  return words.some((word) => /^(?:0x)?[0-9a-f]{64}$/i.test(word) || isDense(word));
}

/** Base64 of a psk or of an invite's secret part; a long name of a folder hardly has digits and both cases. */
function isDense(word: string): boolean {
  const isLong = /^[\w+/-]{43}$/.test(word) || /^[\w-]{87}$/.test(word);
  return isLong && /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word);
}

type CommonValues = { readonly [Name in keyof typeof COMMON]?: string | boolean | undefined };

function common(values: CommonValues): CommonArguments {
  const noStore = values["no-store"] === true;
  const history = retention(textOf(values.history));
  if (noStore && history !== undefined && history !== "off") {
    throw unclear("--no-store keeps nothing, so there is no history to keep: choose one.");
  }
  return {
    ...looks(values),
    name: textOf(values.name),
    pskFile: textOf(values["psk-file"]),
    bell: values.bell === true,
    trustFirst: values["trust-first"] === true,
    noStore,
    history,
  };
}

/** What an errand has too. */
function looks(values: CommonValues): Pick<CommonArguments, "home" | "json" | "plain" | "noColor" | "verbose"> {
  return {
    home: directory(values.home),
    json: values.json === true,
    plain: values.plain === true,
    noColor: values["no-color"] === true,
    verbose: values.verbose === true,
  };
}

function retention(text: string | undefined): Retention | undefined {
  const parsed = text === undefined ? undefined : parseRetention(text);
  if (text === undefined || parsed !== undefined) return parsed;
  throw unclear(`--history takes forever, off, or a span such as 30d, 12h or 45m, not "${text}".`);
}

/** An empty one would silently be the current directory. */
function directory(value: string | boolean | undefined): string | undefined {
  if (value !== "") return textOf(value);
  throw unclear("--home takes a directory.");
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[([0-9a-f:.%]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw usage(`--listen takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, not "${text}".`, "lair-server");
  }
  return { host: match[1] ?? match[2] ?? "127.0.0.1", port };
}

/** As browsers send it, or a typing error would only show as a refusal later. */
function parseOrigin(text: string): string {
  if (/^https?:\/\/[^\s/]+$/.test(text)) return text;
  throw usage(`--allow-origin takes an origin such as https://chat.example, not "${text}".`, "lair-server");
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

function parseUrl(text: string): string {
  // host:port alone is what people type.
  const url = /^[a-z]+:\/\//i.test(text) ? text : `ws://${text}`;
  const match = /^(wss?):\/\/(\[[0-9a-f:.]+\]|[^\s:/?#[\]@]+)(?::(\d{1,5}))?\/?$/i.exec(url);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (match === null || port < 1 || port > 65_535) {
    throw usage(`A server's address is ws://HOST:PORT or wss://HOST:PORT, not "${text}".`, "lair-client");
  }
  const scheme = match[1]!.toLowerCase();
  return `${scheme}://${match[2]!.toLowerCase()}:${match[3] ?? (scheme === "wss" ? 443 : DEFAULT_PORT)}`;
}

/** Of an option that both programs have. */
function unclear(message: string): LairError {
  return new LairError("usage", message, { hint: "--help lists what there is." });
}

function usage(message: string, program: "lair-server" | "lair-client"): LairError {
  return new LairError("usage", message, { hint: `${program} --help lists what there is.` });
}
