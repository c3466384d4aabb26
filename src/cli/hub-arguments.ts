// The arguments of lair-hub. Knows the grammar and the help, not the actions.

import type { RekeyWindow } from "../core/channel/index.ts";
import { parseSpan } from "../core/chat/history.ts";
import type { LinksBring } from "../hub/handlers.ts";
import { type Announced, DEFAULT_PORT, parseAnnounce, parseListen } from "./addresses.ts";
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
import { fits, type OptionValues } from "./options.ts";
import type { StartArguments } from "./subcommand.ts";

/** Where a listener is: the host as the operating system takes it. */
interface ListenAt {
  readonly host: string;
  readonly port: number;
}

export interface HubArguments extends StartArguments {
  readonly listen: ListenAt;
  /** The operator's listener; undefined for none. */
  readonly adminListen: ListenAt | undefined;
  /** The address for invites; undefined if it is to be derived from the machine. */
  readonly announce: Announced | undefined;
  readonly rekeyWindow: RekeyWindow;
  /** Whether there is a standing invite for anybody. */
  readonly isOpen: boolean;
  /** Whom links to rooms bring. */
  readonly linksBring: LinksBring;
  /** How long what somebody does not have yet is kept. */
  readonly keepMs: number;
  /** What becomes of a second login of the same key. */
  readonly duplicate: "takeover" | "reject";
  /** How many members may be connected at the same time. */
  readonly maxMembers: number;
  readonly logJson: boolean;
  readonly name: string;
  /** The identity is created under a passphrase. */
  readonly passphrase: boolean;
  readonly crypto: CryptoChoice;
  readonly allowOrigins: readonly string[];
  readonly allowHosts: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

/** Instead of starting: ask the running hub of this home for an invite. */
export interface HubInviteArguments extends StartArguments {
  readonly command: "invite";
  readonly adminListen: ListenAt;
  readonly uses: number;
  readonly lifetimeMs: number;
}

/** Ours. */
const DEFAULT_ADMIN_PORT = 8081;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const LONGEST_MS = 365 * DAY_MS;
const DEFAULT_KEEP_MS = 30 * DAY_MS;
const DEFAULT_MAX_MEMBERS = 1_000;
const MOST_MEMBERS = 10_000;
const MOST_USES = 100_000;

/** Throws LairError `usage`. */
export function parseHubArguments(
  argv: readonly string[],
): HubArguments | Asked | HubInviteArguments | PassphraseArguments {
  const { values, positionals } = parse(argv, "lair-hub");
  if (values.help) return { asked: "help" };
  if (values.version) return { asked: "version" };
  const [word, ...rest] = positionals;
  if (word === "passphrase") return parsePassphrase(values, rest, "lair-hub");
  refuseNewPassphrase(values, "lair-hub");
  if (word === "invite") return parseInvite(values, rest);
  if (word !== undefined) throw hubUsage(`lair-hub takes no "${word}".`);
  const stray = Object.keys(values).find((name) => !fits(name, "start"));
  if (stray !== undefined) throw hubUsage(`--${stray} belongs to lair-hub invite.`);
  if ((values["tls-cert"] === undefined) !== (values["tls-key"] === undefined)) {
    throw hubUsage("--tls-cert and --tls-key go together.");
  }
  return {
    ...looks(values, "lair-hub"),
    listen: parseListen(textOf(values.listen) ?? `127.0.0.1:${DEFAULT_PORT}`, "--listen", "lair-hub"),
    adminListen: parseAdminListen(textOf(values["admin-listen"])),
    announce: read(values.announce, (text) => parseAnnounce(text, "lair-hub")),
    rekeyWindow: parseRekey(textOf(values.rekey) ?? "balanced", "lair-hub"),
    isOpen: values.open === true,
    linksBring: values["no-link-invites"] === true ? "members" : "anybody",
    keepMs: span(values, "keep", DEFAULT_KEEP_MS, DAY_MS),
    duplicate: parseDuplicate(textOf(values.duplicate)),
    maxMembers: whole(values, "max-members", DEFAULT_MAX_MEMBERS, MOST_MEMBERS),
    logJson: values["log-json"] === true,
    name: textOf(values.name) ?? "hub",
    passphrase: values.passphrase === true,
    crypto: cryptoChoice(textOf(values.crypto), "lair-hub"),
    allowOrigins: textsOf(values["allow-origin"]).map((origin) => parseOrigin(origin, "lair-hub")),
    allowHosts: textsOf(values["allow-host"]).map((host) => parseAllowedHost(host, "lair-hub")),
    tlsCert: textOf(values["tls-cert"]),
    tlsKey: textOf(values["tls-key"]),
  };
}

function parseInvite(values: OptionValues, rest: readonly string[]): HubInviteArguments {
  if (rest.length > 0) throw hubUsage("lair-hub invite takes options only, such as --uses 5.");
  const stray = Object.keys(values).find((name) => !fits(name, "invite"));
  if (stray !== undefined) throw hubUsage(`--${stray} cannot be used with invite.`);
  const adminListen = parseAdminListen(textOf(values["admin-listen"]));
  if (adminListen === undefined) throw hubUsage("invite asks the operator's listener of the hub: say where it is.");
  return {
    ...looks(values, "lair-hub"),
    command: "invite",
    adminListen,
    uses: whole(values, "uses", 1, MOST_USES),
    lifetimeMs: span(values, "expires", DAY_MS, MINUTE_MS),
  };
}

function parseAdminListen(text: string | undefined): ListenAt | undefined {
  if (text === "off") return undefined;
  return parseListen(text ?? `127.0.0.1:${DEFAULT_ADMIN_PORT}`, "--admin-listen", "lair-hub");
}

function parseDuplicate(text = "takeover"): "takeover" | "reject" {
  if (text === "takeover" || text === "reject") return text;
  throw hubUsage(`--duplicate takes takeover or reject, not "${text}".`);
}

function span(values: OptionValues, name: "keep" | "expires", otherwise: number, leastMs: number): number {
  const text = textOf(values[name]);
  if (text === undefined) return otherwise;
  const ms = parseSpan(text);
  if (ms !== undefined && ms >= leastMs && ms <= LONGEST_MS) return ms;
  const least = leastMs === DAY_MS ? "1d" : "1m";
  throw hubUsage(`--${name} takes a time from ${least} to 365d, such as 30d or 36h, not "${text}".`);
}

function whole(values: OptionValues, name: "max-members" | "uses", otherwise: number, most: number): number {
  const text = textOf(values[name]);
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw hubUsage(`--${name} takes a number from 1 to ${most}, not "${text}".`);
}

function hubUsage(message: string) {
  return usage(message, "lair-hub");
}
