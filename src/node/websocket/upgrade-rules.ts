// Which HTTP upgrades are accepted: protects this machine's listener from web pages in this machine's browser. RFC 6455
// sections 4.2 and 10.2; Host is checked because of DNS rebinding. Looks at headers, touches no socket.

import type { IncomingMessage } from "node:http";
import { isLoopbackName, parseHostAndPort, withoutFinalDot } from "../../core/address.ts";
import { isLoopbackAddress } from "./connection-limits.ts";
import { SUBPROTOCOL } from "./limits.ts";

export interface UpgradeRules {
  readonly allowOrigins: readonly string[];
  readonly allowHosts: readonly string[];
  /** Whether the listener is bound to a loopback address: then Host must be a loopback name, or an allowed one. */
  readonly loopback: boolean;
}

/** Why an upgrade is refused: the status for the stranger, the reason for the user on this side. */
interface Refusal {
  readonly status: 400 | 403;
  readonly reason: string;
}

/** Checks the head of an upgrade request; undefined if it is accepted. */
export function refusalOf(
  request: Pick<IncomingMessage, "httpVersion" | "url" | "headers" | "headersDistinct">,
  rules: UpgradeRules,
): Refusal | undefined {
  const { headers, headersDistinct } = request;
  // Several Origin headers arrive joined by commas and so never match. The second name is the one of version 8 drafts.
  const origin = headers.origin ?? headers["sec-websocket-origin"];
  if (origin !== undefined && !(typeof origin === "string" && rules.allowOrigins.includes(origin))) {
    return { status: 403, reason: "a web page asked (Origin not allowed)" };
  }
  const hosts = headersDistinct["host"] ?? [];
  if (rules.loopback && !(hosts.length === 1 && isAllowedHost(hosts[0]!, rules.allowHosts))) {
    return { status: 403, reason: "asked for under a foreign name (Host not allowed)" };
  }
  if (hosts.length !== 1) return { status: 400, reason: "not exactly one Host" };
  if (parseHostHeader(hosts[0]!) === undefined) return { status: 400, reason: "Host is not a name or an address" };
  // The absolute form is for proxies, and would name a second host besides Host.
  if (request.url?.startsWith("/") !== true) return { status: 400, reason: "the request target is not a path" };
  if (request.httpVersion !== "1.1") return { status: 400, reason: "not HTTP/1.1" };
  // The first frame begins where a body would, and an intermediary may interpret it differently.
  if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) {
    return { status: 400, reason: "an upgrade with a body" };
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) return { status: 400, reason: `subprotocol ${SUBPROTOCOL} not offered` };
  if (headers["sec-websocket-version"] !== "13") return { status: 400, reason: "not WebSocket version 13" };
  return undefined;
}

/** Whether a Host header names this machine, with any port, or is in the list (with or without its port). */
export function isAllowedHost(host: string, allowHosts: readonly string[]): boolean {
  const place = parseHostHeader(host);
  if (place === undefined) return false;
  if (isLoopbackName(place.host) || isLoopbackAddress(place.host)) return true;
  return allowHosts.some((allowed) => {
    const wanted = parseHostAndPort(allowed);
    if (wanted === undefined || withoutFinalDot(wanted.host) !== withoutFinalDot(place.host)) return false;
    return wanted.port === undefined || wanted.port === place.port;
  });
}

/**
 * Only in a client's spelling: a browser has already parsed the URL. How the URL standard would read `127.1` or
 * percent-encoded letters does not concern a Host header, and only a name is accepted here.
 */
function parseHostHeader(text: string): ReturnType<typeof parseHostAndPort> {
  const [, host = ""] = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i.exec(text) ?? [];
  if (!host.startsWith("[") && !isWellFormedName(host)) return undefined;
  const place = isOddIpv4(text) ? undefined : parseHostAndPort(text);
  return place?.port === 0 ? undefined : place;
}

/** RFC 1035 §2.3.4: labels of 1 to 63 letters, 253 in all. A dot may follow the last. */
function isWellFormedName(text: string): boolean {
  const name = withoutFinalDot(text);
  return name.length <= 253 && name.split(".").every((label) => label.length >= 1 && label.length <= 63);
}

/** What the URL standard reads as an IPv4 address although it is not written as one: `127.1`, `0x7f.0.0.1`. */
function isOddIpv4(text: string): boolean {
  const name = text.toLowerCase().replace(/:\d+$/, "");
  const host = parseHostAndPort(name)?.host;
  return host !== undefined && !host.includes(":") && host !== name;
}
