// The operator's listener as an HTTP application: who may ask, and how an answer or a refusal leaves. It opens no port:
// `listen.ts` does. No CORS, no cookie, no page.

import { createHash, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { LairError } from "../../core/errors.ts";
import { createMetrics } from "./metrics.ts";
import type { Operator } from "./operator.ts";
import { Problem, PROBLEM_JSON } from "./problem.ts";
import type { Answer, RawInput, Route } from "./route.ts";
import { routesOf } from "./routes.ts";
import { BodyCutOff } from "./serve-fetch.ts";

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
export function createApp(options: AppOptions): Hono {
  const routes = routesOf(options.operator, createMetrics(options.operator, options.ofProcess));
  const isToken = tokenCheck(options.token);
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  });
  app.use(async (context, next) => {
    refuseForeign(context, options);
    await next();
  });
  const needsToken = ({ needs }: Pick<Route, "needs">): boolean =>
    needs === "token" || (needs === "open" && !options.isLoopback);
  const limited = bodyLimit({
    maxSize: MOST_BODY_BYTES,
    onError: () => {
      throw new Problem("body-too-large", `A body has at most ${MOST_BODY_BYTES} bytes.`);
    },
  });
  for (const one of routes) {
    const address = [one.method.toUpperCase(), honoPath(one.path)] as const;
    // Before anything of a body is read.
    app.on(...address, async (context, next) => {
      if (needsToken(one)) requireToken(context, isToken);
      await next();
    });
    app.on(...address, limited, async (context) => respond(context, await one.answer(await inputOf(context, one))));
  }
  app.notFound((context) => {
    // Who has no token learns nothing of what is here.
    if (!options.isLoopback || context.req.path.startsWith("/api/")) requireToken(context, isToken);
    const allowed = methodsOf(routes, context.req.path);
    if (allowed.length === 0) return refuse(context, new Problem("not-found", "There is nothing at this address."));
    context.header("Allow", allowed.join(", "));
    return refuse(context, new Problem("method-not-allowed", `This address takes ${allowed.join(", ")}.`));
  });
  app.onError((error, context) => refuse(context, problemOf(error, options.onFault)));
  return app;
}

/** As Hono writes parameters. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  const fitting = routes.filter((one) => new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path));
  return fitting.map(({ method }) => method.toUpperCase());
}

/**
 * Throws Problem for what a web page may have caused: a Host of a name that leads here (DNS rebinding), or any request
 * that a browser says comes from a page.
 */
function refuseForeign({ req }: Context, { isLoopback, isOwnHost }: AppOptions): void {
  if (isLoopback && !isOwnHost(req.header("Host") ?? "")) {
    throw new Problem("foreign-host", "This listener answers under a loopback name only.");
  }
  const site = req.header("Sec-Fetch-Site") ?? "none";
  if (req.header("Origin") !== undefined || (site !== "none" && site !== "same-origin")) {
    throw new Problem("foreign-page", "This listener is for programs, not for web pages.");
  }
}

/** Compares digests, in constant time: neither the length nor a part of the token shows. */
function tokenCheck(token: string): (given: string) => boolean {
  const expected = digestOf(token);
  return (given) => timingSafeEqual(digestOf(given), expected);
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** Throws Problem `token-needed`. */
function requireToken({ req }: Context, isToken: (given: string) => boolean): void {
  const [, given] = /^Bearer +([\w-]+) *$/i.exec(req.header("Authorization") ?? "") ?? [];
  if (given !== undefined && isToken(given)) return;
  throw new Problem("token-needed", "Send the operator's token: Authorization: Bearer TOKEN.");
}

/** Throws Problem for a body that is no JSON. */
async function inputOf(context: Context, { body }: Route): Promise<RawInput> {
  const { req } = context;
  const input = { params: req.param(), query: req.query() };
  if (body === undefined) return { ...input, body: undefined };
  const text = await req.text();
  if (text === "") return { ...input, body: undefined };
  if (!/^application\/json *(?:;|$)/i.test(req.header("Content-Type") ?? "")) {
    throw new Problem("not-json", "Send the body as application/json.");
  }
  try {
    return { ...input, body: JSON.parse(text) as unknown };
  } catch {
    throw new Problem("bad-request", "The body is not JSON.");
  }
}

function respond(context: Context, answer: Answer): Response {
  if (answer.status === 204) return context.body(null, 204);
  if ("json" in answer) return context.json(answer.json, answer.status);
  return context.body(answer.text, answer.status, { "Content-Type": answer.contentType });
}

function refuse(context: Context, problem: Problem): Response {
  if (problem.code === "token-needed") context.header("WWW-Authenticate", 'Bearer realm="lair-hub"');
  return context.body(JSON.stringify(problem.toJson()), problem.status, { "Content-Type": PROBLEM_JSON });
}

function problemOf(error: unknown, onFault: (error: unknown) => void): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BodyCutOff) return new Problem("bad-request", "The body ended too early.");
  onFault(error);
  if (error instanceof LairError && error.kind === "store") {
    return new Problem("store-failed", "The store has failed: see the log of the hub.");
  }
  return new Problem("internal", "The log of the hub says more.");
}
