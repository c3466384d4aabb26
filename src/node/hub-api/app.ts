// The operator's listener as an HTTP application: who may ask. It opens no port: `listen.ts` does. No CORS, no cookie, no
// page.

import { LairError } from "../../core/errors.ts";
import { createRouteApp, type RouteApp } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import type { Asker, Route } from "../http/route.ts";
import { bearerIn, secretCheck } from "../http/token.ts";
import { createMetrics } from "./metrics.ts";
import type { Operator } from "./operator.ts";
import { routesOf } from "./routes.ts";

export interface AppOptions {
  readonly operator: Operator;
  /** The operator's. */
  readonly token: string;
  /** Whether the listener is bound to a loopback address: then a monitor needs no token. */
  readonly isLoopback: boolean;
  /** Whether a Host header names this listener. Asked on loopback only: elsewhere everything needs the token. */
  readonly isOwnHost: (host: string) => boolean;
  /** A bug of ours, or a failure of the store; the answer tells nothing of it. */
  readonly onFault: (error: unknown) => void;
  /** Whether /metrics has those of the process too. */
  readonly ofProcess: boolean;
}

/** Ours: the longest body is that of a new invite. */
const MOST_BODY_BYTES = 16 * 1_024;

const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** The application: `fetch` of the result takes a request. */
export function createApp(options: AppOptions): RouteApp {
  const { operator, isLoopback, onFault } = options;
  const isToken = secretCheck(options.token);
  /** Who has no token learns nothing of what is here. */
  const needsToken = (route: Route | undefined, path: string): boolean => {
    if (route === undefined) return !isLoopback || path.startsWith("/api/");
    return route.needs === "token" || (route.needs === "open" && !isLoopback);
  };
  return createRouteApp({
    routes: routesOf(operator, createMetrics(operator, options.ofProcess)),
    headers: HEADERS,
    mostBodyBytes: MOST_BODY_BYTES,
    realm: "lair-hub",
    admit: (asker) => refuseForeign(asker, options),
    requireAccess: (asker, route) => {
      if (needsToken(route, asker.path)) requireToken(asker, isToken);
    },
    problemOf: (error) => {
      if (!(error instanceof LairError && error.kind === "store")) return undefined;
      onFault(error);
      return new Problem("store-failed", "The store has failed: see the log of the hub.");
    },
    onFault,
  });
}

/**
 * Throws Problem for what a web page may have caused: a Host of a name that leads here (DNS rebinding), or any request
 * that a browser says comes from a page.
 */
function refuseForeign(asker: Asker, { isLoopback, isOwnHost }: AppOptions): void {
  if (isLoopback && !isOwnHost(asker.header("host") ?? "")) {
    throw new Problem("foreign-host", "This listener answers under a loopback name only.");
  }
  const site = asker.header("sec-fetch-site") ?? "none";
  if (asker.header("origin") !== undefined || (site !== "none" && site !== "same-origin")) {
    throw new Problem("foreign-page", "This listener is for programs, not for web pages.");
  }
}

/** Throws Problem `token-needed`. */
function requireToken(asker: Asker, isToken: (given: string) => boolean): void {
  const given = bearerIn(asker.header("authorization"));
  if (given !== undefined && isToken(given)) return;
  throw new Problem("token-needed", "Send the operator's token: Authorization: Bearer TOKEN.");
}
