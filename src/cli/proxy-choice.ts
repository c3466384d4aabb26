// The proxy that a client connects through, if any: the one of --proxy, or else the one in the usual environment
// variables. Knows no socket.

import { BlockList, isIP } from "node:net";
import {
  type Address,
  isLoopbackName,
  isOnionName,
  parseAddress,
  parseHostAndPort,
  withoutFinalDot,
} from "../core/address.ts";
import { LairError } from "../core/errors.ts";
import { isLoopbackAddress } from "../node/websocket/connection-limits.ts";
import type { Proxy } from "../node/websocket/proxy-address.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const TYPES: { readonly [scheme: string]: Proxy["type"] } = { socks5h: "socks5h", socks5: "socks5h", http: "http" };
const DEFAULT_PORTS = { socks5h: 1080, http: 80 };

/** Parses the value of --proxy. Throws LairError `usage`; a password is not repeated. */
export function parseProxyArgument(text: string): Proxy {
  if (text.includes("@")) {
    throw new LairError("usage", "--proxy takes no name and password, which every user of this machine could read.", {
      hint: "Put the whole address into the environment instead: ALL_PROXY=socks5h://NAME:PASSWORD@HOST:PORT",
    });
  }
  return parseProxy(text, "--proxy");
}

/**
 * The proxy for `url`; undefined for a direct connection. A proxy that only the environment names is never used for
 * loopback, nor for a Tor name if the proxy would ask a resolver for it. Throws LairError `usage` for a variable with
 * an invalid value.
 */
export function proxyFor(url: string, named: Proxy | undefined, environment: Environment): Proxy | undefined {
  if (named !== undefined) return named;
  const target = parseAddress(url);
  if (target === undefined || isLoopback(target) || isExempt(target, read(environment, "NO_PROXY") ?? ""))
    return undefined;
  const variables = [target.isTls ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"];
  const variable = variables.find((name) => read(environment, name) !== undefined);
  if (variable === undefined) return undefined;
  const proxy = parseProxy(read(environment, variable)!, variable);
  return isOnionName(target.host) && proxy.type === "http" ? undefined : proxy;
}

/** Lower case first, as curl does. */
function read(environment: Environment, name: string): string | undefined {
  return [environment[name.toLowerCase()], environment[name]].find((value) => value !== undefined && value !== "");
}

function parseProxy(text: string, from: string): Proxy {
  const [, scheme = "http", login, place = ""] = /^(?:([a-z0-9]+):\/\/)?(?:(.*)@)?([^@/]*)\/?$/i.exec(text) ?? [];
  const type = Object.hasOwn(TYPES, scheme.toLowerCase()) ? TYPES[scheme.toLowerCase()] : undefined;
  const at = parseHostAndPort(place);
  const credentials = login === undefined ? undefined : parseLogin(login);
  if (type === undefined || at === undefined || at.port === 0 || (login !== undefined && credentials === undefined)) {
    const why = /^socks4a?:/i.test(text)
      ? " SOCKS 4 is too old."
      : /^socks:/i.test(text)
        ? " Write socks5h, the version of SOCKS that Lair uses."
        : "";
    throw new LairError("usage", `${from} takes socks5h://HOST:PORT or http://HOST:PORT.${why}`, {
      hint: "For Tor: --proxy socks5h://127.0.0.1:9050",
    });
  }
  const { host, zone, port = DEFAULT_PORTS[type] } = at;
  return { type, host, zone, port, credentials, from: from === "--proxy" ? "--proxy" : "environment" };
}

function parseLogin(text: string): Proxy["credentials"] | undefined {
  const [name = "", ...rest] = text.split(":");
  try {
    return { name: decodeURIComponent(name), password: decodeURIComponent(rest.join(":")) };
  } catch {
    return undefined;
  }
}

function isLoopback({ host }: Address): boolean {
  return isLoopbackName(host) || isLoopbackAddress(host);
}

/**
 * NO_PROXY: names with their subdomains, addresses, networks such as 10.0.0.0/8, each with an optional port; or `*`.
 */
function isExempt(target: Address, list: string): boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.some((entry) => entry === "*" || isInNetwork(target.host, entry) || isNamed(target, entry));
}

function isNamed({ host, port }: Address, entry: string): boolean {
  const bare = entry.replace(/^\*?\./, "");
  const place = parseHostAndPort(isIP(bare) === 6 ? `[${bare}]` : bare);
  if (place === undefined || (place.port !== undefined && place.port !== port)) return false;
  const [name, wanted] = [withoutFinalDot(host), withoutFinalDot(place.host)];
  return name === wanted || (isIP(wanted) === 0 && name.endsWith(`.${wanted}`));
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const kind = isIP(network);
  if (kind === 0 || isIP(host) !== kind || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 4 ? 32 : 128))
    return false;
  const family = kind === 4 ? "ipv4" : "ipv6";
  const networks = new BlockList();
  networks.addSubnet(network, Number(bits), family);
  return networks.check(host, family);
}
