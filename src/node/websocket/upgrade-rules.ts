// Which HTTP upgrades are let in: the wall between this machine's listener and web pages in this machine's browser.
// RFC 6455 sections 4.2 and 10.2; Host is checked because of DNS rebinding. Looks at headers, touches no socket.

import type { IncomingMessage } from "node:http";
import { isLoopbackAddress } from "./connection-limits.ts";
import { SUBPROTOCOL } from "./limits.ts";

export interface UpgradeRules {
  readonly allowOrigins: readonly string[];
  readonly allowHosts: readonly string[];
  /** Whether the listener is bound to a loopback address: then Host must be a loopback name, or an allowed one. */
  readonly loopback: boolean;
}

/** Why an upgrade is turned away: the status for the stranger, the reason for the person here. */
export interface Refusal {
  readonly status: 400 | 403;
  readonly reason: string;
}

/** Judges the head of an upgrade request; undefined when it may go on. */
export function refusalOf(
  request: Pick<IncomingMessage, "headers" | "headersDistinct">,
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
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) return { status: 400, reason: `subprotocol ${SUBPROTOCOL} not offered` };
  if (headers["sec-websocket-version"] !== "13") return { status: 400, reason: "not WebSocket version 13" };
  return undefined;
}

/** Whether a Host header names this machine, with any port, or is in the list (with or without its port). */
export function isAllowedHost(host: string, allowHosts: readonly string[]): boolean {
  const parts = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::\d{1,5})?$/i.exec(host);
  if (parts === null) return false;
  const name = parts[1]!.toLowerCase();
  // 127.0.0.1.example.org is no address.
  const isLoopbackName =
    name === "localhost" || name.endsWith(".localhost") || isLoopbackAddress(name.replace(/^\[|\]$/g, ""));
  return (
    isLoopbackName ||
    allowHosts.some((allowed) => {
      const wanted = allowed.toLowerCase();
      return wanted === name || wanted === host.toLowerCase();
    })
  );
}
