// A server's address, parsed and printed: `ws://host:port/path` and its parts. The only file that knows the form of a
// host, a zone and a port. Host names are normalised as in the URL standard, so names beyond ASCII are in punycode
// everywhere: stored, shown, sent in an invite and resolved.

/** The address of a server. */
export interface Address {
  /** Whether there is outer TLS: `wss://`. */
  readonly isTls: boolean;
  /** A name or an IP address, lower case and ASCII; an IPv6 address without its brackets and its zone. */
  readonly host: string;
  /** Of an IPv6 address: the interface through which it is reached (RFC 4007 §11), such as `eth0`. */
  readonly zone: string | undefined;
  /** 1 to 65,535. */
  readonly port: number;
  /** Begins with `/`; with the query, if there is one. */
  readonly path: string;
}

/** The ports to take where an address names none. */
interface DefaultPorts {
  readonly ws: number;
  readonly wss: number;
}

/** RFC 6455 §3: what a URL without a port means. */
const STANDARD_PORTS: DefaultPorts = { ws: 80, wss: 443 };

/** Ours: a stored address may have 2,000 characters, and nobody types more. */
const MAX_LENGTH = 1_000;
const MAX_PORT = 65_535;

const SCHEME = /^(wss?):\/\/([^/?#\\]*)([/?][^#\\]*)?$/i;
const AUTHORITY = /^(\[[^[\]]*\]|[^[\]:@/?#\\]+)(?::([0-9]{1,5}))?$/;
/** The zone behind `%25` (RFC 6874) or, as people type it, behind `%`. */
const BRACKETED = /^\[([0-9a-f:.]+)(?:%(?:25)?([a-z0-9._~-]{1,64}))?\]$/i;
const NAME = /^[a-z0-9_](?:[a-z0-9._-]{0,252}[a-z0-9_.])?$/;

/**
 * Parses `ws://HOST[:PORT][/PATH]` or `wss://...`; undefined for anything else. A name or password, a part after `#`
 * and white space are refused, although the URL standard accepts them.
 */
export function parseAddress(text: string, defaultPorts: DefaultPorts = STANDARD_PORTS): Address | undefined {
  const [, scheme = "", authority = "", rest = ""] = (text.length <= MAX_LENGTH ? SCHEME.exec(text) : null) ?? [];
  const isTls = scheme.toLowerCase() === "wss";
  const place = parseHostAndPort(authority);
  if (place === undefined || /\s/.test(text)) return undefined;
  const port = place.port ?? (isTls ? defaultPorts.wss : defaultPorts.ws);
  if (port < 1) return undefined;
  const { pathname, search } = new URL(`ws://host${rest}`);
  return { isTls, host: place.host, zone: place.zone, port, path: pathname + search };
}

/** Reads `HOST[:PORT]`, an IPv6 address in brackets; undefined for anything else. The port may be 0. */
export function parseHostAndPort(
  text: string,
): (Pick<Address, "host" | "zone"> & { readonly port: number | undefined }) | undefined {
  const match = /\s/.test(text) ? null : AUTHORITY.exec(text);
  if (match === null) return undefined;
  const place = parseHost(match[1]!);
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (place === undefined || (port !== undefined && port > MAX_PORT)) return undefined;
  return { ...place, port };
}

function parseHost(text: string): Pick<Address, "host" | "zone"> | undefined {
  const [, ipv6, zone] = BRACKETED.exec(text) ?? [];
  if (text.startsWith("[") && ipv6 === undefined) return undefined;
  const url = `ws://${ipv6 === undefined ? text : `[${ipv6}]`}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  if (ipv6 !== undefined) return { host: hostname.slice(1, -1), zone };
  return NAME.test(hostname) ? { host: hostname, zone: undefined } : undefined;
}

/** The address as it is shown, stored and parsed again; always with the port, with the path only if it is not `/`. */
export function formatAddress({ isTls, port, path, ...place }: Address): string {
  return `${isTls ? "wss" : "ws"}://${formatHost(place)}:${port}${path === "/" ? "" : path}`;
}

/** The host as in a URL: an IPv6 address in brackets, with its zone after `%25` (RFC 6874). */
export function formatHost({ host, zone }: Pick<Address, "host" | "zone">): string {
  if (!host.includes(":")) return host;
  return zone === undefined ? `[${host}]` : `[${host}%25${zone}]`;
}

/** The host for the operating system: without brackets, with the zone after `%`. */
export function systemHost({ host, zone }: Pick<Address, "host" | "zone">): string {
  return zone === undefined ? host : `${host}%${zone}`;
}

/** An IP address from the operating system, such as `fe80::1%eth0`, or a name. */
export function fromSystemHost(text: string): Pick<Address, "host" | "zone"> {
  const [host = "", zone] = text.split("%", 2);
  return { host, zone };
}

/** `localhost` and all names below it, which always mean this machine (RFC 6761 §6.3). */
export function isLoopbackName(host: string): boolean {
  return isBelow(host, "localhost");
}

/** A name of Tor's, which no resolver may be asked for (RFC 7686 §2). */
export function isOnionName(host: string): boolean {
  return isBelow(host, "onion");
}

/** A name without the dot at its end, which TLS and certificates do not accept (RFC 6066 §3). */
export function withoutFinalDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

function isBelow(host: string, domain: string): boolean {
  const name = withoutFinalDot(host.toLowerCase());
  return name === domain || name.endsWith(`.${domain}`);
}
