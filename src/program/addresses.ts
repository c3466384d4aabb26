// The addresses among the arguments: where a server listens, and where a client finds it.

import {
  formatAddress,
  isLoopbackName,
  isOnionName,
  parseAddress,
  parseHostAndPort,
  systemHost,
} from "../core/address.ts";
import { LairError } from "../core/errors.ts";

export const DEFAULT_PORT = 8080;

/** Ours where TLS is not outside: nothing but Lair is meant. */
const CLIENT_PORTS = { ws: DEFAULT_PORT, wss: 443 };

/** `ws://host:port[/path]` or `wss://...` of what was typed as a server's address. Throws LairError `usage`. */
export function parseUrl(text: string): string {
  // host:port alone is what people type.
  const address = parseAddress(/^[a-z]+:\/\//i.test(text) ? text : `ws://${text}`, CLIENT_PORTS);
  if (address !== undefined) return formatAddress(address);
  throw new LairError("usage", `A server's address is ws://HOST:PORT or wss://HOST:PORT, not "${text}".`, {
    hint: isBareIpv6(text)
      ? `An IPv6 address stands in brackets: ws://[${text}]:${DEFAULT_PORT}`
      : "lair-client --help lists what there is.",
  });
}

/** Where to listen: the host as the operating system takes it. Throws LairError `usage`. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const place = /^\d+$/.test(text) ? parseHostAndPort(`127.0.0.1:${text}`) : parseHostAndPort(text);
  if (place?.port === undefined) {
    throw usage(
      `--listen takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, not "${text}".`,
      isBareIpv6(text)
        ? `An IPv6 address stands in brackets: [${text}]:${DEFAULT_PORT}`
        : "lair-server --help lists what there is.",
    );
  }
  if (isOnionName(place.host)) {
    throw usage(
      `Nobody can listen at ${place.host}: Tor passes on to an address of this machine.`,
      "Leave --listen away, and name it with --announce.",
    );
  }
  // Of all loopback names, the one that every resolver knows.
  return { host: isLoopbackName(place.host) ? "localhost" : systemHost(place), port: place.port };
}

/** Of `::1` and the like: there are more colons than one in front of a port. */
function isBareIpv6(text: string): boolean {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) && parseAddress(`ws://[${text}]`) !== undefined;
}

function usage(message: string, hint: string): LairError {
  return new LairError("usage", message, { hint });
}
