// The errors of a proxy, in words for a person: always named as the proxy's, with what to do. Touches no socket.

import { type Address, formatHost } from "../../core/address.ts";
import { LairError } from "../../core/errors.ts";
import { errorCode } from "../system-error.ts";
import { formatProxy, type Proxy } from "./proxy-address.ts";

/** How far it got: earlier failures are the proxy's own, later ones are the proxy's report on the rest of the way. */
export type ProxyStage = "proxy" | "way-on";

/** An answer to CONNECT that opens no tunnel. */
export class TunnelRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP status ${status}`);
    this.status = status;
  }
}

type Fault = "unreachable" | "unresolved" | "credentials" | "refused" | "way-on" | "no-proxy" | "closed";

/** Why there is no connection to `target` through `proxy`: LairError `unreachable`. */
export function proxyFailed(proxy: Proxy, target: Address, stage: ProxyStage, cause: unknown): LairError {
  const code = codeOf(cause);
  const { message, hint } = explain(stage === "proxy" ? faultOnTheWayTo(code) : faultOf(cause, code), proxy, target);
  return new LairError("unreachable", message, {
    hint: code === "" ? hint : `${hint} [${code}]`,
    ...(code === "" ? {} : { systemCode: code }),
    cause,
  });
}

function faultOnTheWayTo(code: string): Fault {
  return code === "ENOTFOUND" || code.startsWith("EAI_") ? "unresolved" : "unreachable";
}

/** The library reports causes only as text; the texts are in its file `constants`. */
function faultOf(cause: unknown, code: string): Fault {
  const words = cause instanceof Error ? cause.message : "";
  if (cause instanceof TunnelRefused) return faultOfStatus(cause.status);
  if (/no accepted authentication|authentication failed|unknown authentication/i.test(words)) return "credentials";
  if (words.endsWith("NotAllowed")) return "refused";
  if (/rejected connection/i.test(words)) return "way-on";
  if (/^socket (?:closed|hang up)/i.test(words) || code === "ECONNRESET" || code === "EPIPE") return "closed";
  return "no-proxy";
}

function faultOfStatus(status: number): Fault {
  if (status === 407) return "credentials";
  if (status === 403) return "refused";
  return status === 500 || (status >= 502 && status <= 504) ? "way-on" : "no-proxy";
}

function explain(fault: Fault, proxy: Proxy, target: Address): { message: string; hint: string } {
  const shown = formatProxy(proxy);
  const server = `${formatHost(target)}:${target.port}`;
  const where = proxy.from === "--proxy" ? "--proxy" : "ALL_PROXY, HTTPS_PROXY and HTTP_PROXY";
  switch (fault) {
    case "unreachable":
      return { message: `Nobody answers at the proxy ${shown}.`, hint: `Is it running there? See ${where}.` };
    case "unresolved":
      return { message: `The name of the proxy ${shown} does not resolve.`, hint: `Check its spelling in ${where}.` };
    case "credentials":
      return proxy.credentials === undefined
        ? {
            message: `The proxy ${shown} wants a name and a password.`,
            hint: `Put them into the environment: ALL_PROXY=${proxy.type}://NAME:PASSWORD@HOST:PORT`,
          }
        : {
            message: `The proxy ${shown} does not accept the name and the password.`,
            hint: "Check them in the environment: ALL_PROXY, HTTPS_PROXY and HTTP_PROXY.",
          };
    case "refused":
      return {
        message: `The proxy ${shown} does not allow connections to ${server}.`,
        hint: "Ask its operator, or use another one: many allow only port 443.",
      };
    case "way-on":
      return {
        message: `The proxy ${shown} cannot reach ${server}.`,
        hint: "Is lair-server running there, and does the proxy know that name?",
      };
    case "closed":
      return { message: `The proxy ${shown} hung up.`, hint: `Is it a proxy of this kind? See ${where}.` };
    case "no-proxy":
      return { message: `What answers at ${shown} is not a proxy of this kind.`, hint: `Check ${where}.` };
  }
}

/** A code that the user can look up: an errno, or the status of HTTP. */
function codeOf(cause: unknown): string {
  if (cause instanceof TunnelRefused) return `HTTP ${cause.status}`;
  return errorCode(cause) ?? "";
}
