// A table of routes as an HTTP application: how a request becomes the input of a route, and how an answer or a refusal
// leaves. Who may ask is decided by what is handed in. It opens no port: `listen.ts` does. No CORS.

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Problem, PROBLEM_JSON } from "./problem.ts";
import type { Answer, Asker, RawInput, Route } from "./route.ts";
import { BodyCutOff } from "./serve-fetch.ts";

interface RouteAppOptions {
  readonly routes: readonly Route[];
  /** On every answer, unless the answer has its own. */
  readonly headers: Readonly<Record<string, string>>;
  /** The longest body, in bytes, unless the route has its own. */
  readonly mostBodyBytes: number;
  /** Named to a program that has sent no token. */
  readonly realm: string;
  /** Throws Problem for a request that is refused wherever it leads. */
  readonly admit: (asker: Asker) => void;
  /** Throws Problem if the request lacks what the route needs. Undefined: nothing is at its address. */
  readonly requireAccess: (asker: Asker, route: Route | undefined) => void;
  /** What lies at an address without a route. */
  readonly fileAt?: (asker: Asker) => Response | undefined;
  /** The problem for an error that is none; undefined: a bug. */
  readonly problemOf: (error: unknown) => Problem | undefined;
  /** A bug of ours, or a failure of what stands behind the routes; the answer tells nothing of it. */
  readonly onFault: (error: unknown) => void;
}

interface Beside {
  readonly Bindings: { readonly onAccess?: (() => void) | undefined };
}
type RouteContext = Context<Beside>;

export interface RouteApp {
  /** `onAccess`: see {@link Asker}. */
  fetch(request: Request, onAccess?: () => void): Response | Promise<Response>;
}

export function createRouteApp(options: RouteAppOptions): RouteApp {
  const { routes, headers, mostBodyBytes } = options;
  const app = new Hono<Beside>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) {
      if (!context.res.headers.has(name)) context.header(name, value);
    }
  });
  app.use(async (context, next) => {
    options.admit(askerOf(context));
    await next();
  });
  for (const one of routes) {
    const address = [one.method.toUpperCase(), honoPath(one.path)] as const;
    // Before anything of a body is read.
    app.on(...address, async (context, next) => {
      options.requireAccess(askerOf(context), one);
      await next();
    });
    app.on(...address, limited(one.mostBodyBytes ?? mostBodyBytes), async (context) =>
      respond(context, await one.answer(await inputOf(context, one))),
    );
  }
  app.notFound((context) => {
    const asker = askerOf(context);
    const file = options.fileAt?.(asker);
    if (file !== undefined) return file;
    options.requireAccess(asker, undefined);
    const allowed = methodsOf(routes, asker.path);
    if (allowed.length === 0) return refuse(context, new Problem("not-found", "There is nothing at this address."));
    context.header("Allow", allowed.join(", "));
    return refuse(context, new Problem("method-not-allowed", `This address takes ${allowed.join(", ")}.`));
  });
  app.onError((error, context) => refuse(context, problemFor(error, options), options.realm));
  return { fetch: (request, onAccess) => app.fetch(request, { onAccess }) };
}

/** Refuses longer bodies. */
function limited(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem("body-too-large", `A body has at most ${maxSize} bytes.`);
    },
  });
}

function askerOf({ req, env }: RouteContext): Asker {
  const asker = { method: req.method, path: req.path, header: (name: string) => req.header(name) };
  return env.onAccess === undefined ? asker : { ...asker, onAccess: env.onAccess };
}

/** As Hono writes parameters. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  const fitting = routes.filter((one) => new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path));
  return fitting.map(({ method }) => method.toUpperCase());
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** Throws Problem for bytes that are not UTF-8: they would be taken for other characters than were meant. */
function textOf(bytes: ArrayBuffer): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new Problem("bad-request", "The body is not UTF-8.");
  }
}

/** Throws Problem for a body that is no JSON. */
async function inputOf(context: RouteContext, { body }: Route): Promise<RawInput> {
  const { req } = context;
  const input = { params: req.param(), query: req.query(), asker: askerOf(context) };
  if (body === undefined) return { ...input, body: undefined };
  const text = textOf(await req.arrayBuffer());
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

function respond(context: RouteContext, answer: Answer): Response {
  for (const [name, value] of Object.entries(answer.headers ?? {})) context.header(name, value);
  if (answer.status === 204) return context.body(null, 204);
  if ("json" in answer) return context.json(answer.json, answer.status);
  return context.body(answer.text, answer.status, { "Content-Type": answer.contentType });
}

function refuse(context: RouteContext, problem: Problem, realm = ""): Response {
  if (problem.code === "token-needed") context.header("WWW-Authenticate", `Bearer realm="${realm}"`);
  return context.body(JSON.stringify(problem.toJson()), problem.status, { "Content-Type": PROBLEM_JSON });
}

function problemFor(error: unknown, { problemOf, onFault }: RouteAppOptions): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BodyCutOff) return new Problem("bad-request", "The body ended too early.");
  const problem = problemOf(error);
  if (problem !== undefined) return problem;
  onFault(error);
  return new Problem("internal", "This is a bug in Lair: its log says more.");
}
