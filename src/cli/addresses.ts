// The addresses among the arguments: where a server listens, and where a client finds it.

import {
  type Address,
  formatAddress,
  isLoopbackName,
  isOnionName,
  parseAddress,
  parseHostAndPort,
  systemHost,
} from "../core/address.ts";
import { LairError } from "../core/errors.ts";
import type { Program } from "./options.ts";
import { helpHint } from "./subcommand.ts";

export const DEFAULT_PORT = 8080;

/** Ours, without outer TLS: only Lair is meant. */
const CLIENT_PORTS = { ws: DEFAULT_PORT, wss: 443 };

/** `ws://host:port[/path]` or `wss://...` of what was typed as a server's address. Throws LairError `usage`. */
export function parseUrl(text: string): string {
  // host:port alone is what people type.
  const address = parseAddress(/^[a-z]+:\/\//i.test(text) ? text : `ws://${text}`, CLIENT_PORTS);
  if (address !== undefined) return formatAddress(address);
  throw new LairError("usage", `A server's address is ws://HOST:PORT or wss://HOST:PORT, not "${text}".`, {
    hint: isBareIpv6(text)
      ? `Put an IPv6 address in brackets: ws://[${text}]:${DEFAULT_PORT}`
      : "lair-client --help lists the options.",
  });
}

/** Where to listen: the host as the operating system takes it. Throws LairError `usage`. */
export function parseListen(
  text: string,
  option = "--listen",
  program: Program = "lair-server",
): { readonly host: string; readonly port: number } {
  const place = /^\d+$/.test(text) ? parseHostAndPort(`127.0.0.1:${text}`) : parseHostAndPort(text);
  if (place?.port === undefined) {
    throw usage(
      `${option} takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, not "${text}".`,
      isBareIpv6(text) ? `Put an IPv6 address in brackets: [${text}]:${DEFAULT_PORT}` : helpHint(program),
    );
  }
  if (isOnionName(place.host)) {
    throw usage(
      `A server cannot listen at ${place.host}: Tor forwards to an address of this machine.`,
      `Omit ${option}, and give this name with --announce.`,
    );
  }
  // Of all loopback names, the one that every resolver knows.
  return { host: isLoopbackName(place.host) ? "localhost" : systemHost(place), port: place.port };
}

/** Where a server announces itself; undefined parts are as where it listens. */
export interface Announced extends Pick<Address, "host" | "zone" | "path"> {
  readonly isTls: boolean | undefined;
  readonly port: number | undefined;
}

/**
 * `HOST[:PORT][/PATH]`, or a URL of ws:// or wss://, whose port is the scheme's own where none is written. Throws
 * LairError `usage`.
 */
export function parseAnnounce(text: string, program: Program = "lair-server"): Announced {
  const isUrl = /^[a-z]+:\/\//i.test(text);
  const address = parseAddress(isUrl ? text : `ws://${text}`);
  const isNowhere = address?.host === "0.0.0.0" || address?.host === "::";
  if (address === undefined || isNowhere) {
    throw usage(
      `--announce takes HOST, HOST:PORT or wss://HOST/PATH, where clients find this server, not "${text}".`,
      isBareIpv6(text) ? `Put an IPv6 address in brackets: [${text}]` : helpHint(program),
    );
  }
  if (isUrl) return address;
  const [authority = ""] = text.split(/[/?]/, 1);
  return { ...address, isTls: undefined, port: parseHostAndPort(authority)?.port };
}

/** Of `::1`, `fe80::1%eth0` and the like: there are more colons than one in front of a port. */
function isBareIpv6(text: string): boolean {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*(?:%.*)?$/i.test(text) && parseAddress(`ws://[${text}]`) !== undefined;
}

function usage(message: string, hint: string): LairError {
  return new LairError("usage", message, { hint });
}
