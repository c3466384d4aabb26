// The page's listener as an HTTP application. It opens no port: `listen.ts` does.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Api } from "../../app/api/api.ts";
import { MAX_TEXT_BYTES } from "../../core/message-limits.ts";
import { createRouteApp } from "../http/app.ts";
import { Problem, PROBLEM_JSON } from "../http/problem.ts";
import type { Asker } from "../http/route.ts";
import { headersOf, isPlainTarget } from "../http/serve-fetch.ts";
import { Access, EVENTS_PATH } from "./access.ts";
import { fileAt, type PageFiles } from "./files.ts";
import { Readers } from "./readers.ts";
import { problemOf } from "./refusals.ts";
import { routesOf } from "./routes.ts";
import { WrongTokens } from "./wrong-tokens.ts";

export interface PageAppOptions {
  readonly api: Api;
  readonly files: PageFiles;
  readonly token: string;
  /** The port that it listens on. */
  readonly port: number;
  readonly version: string;
  /** Whether a Host header is a loopback name. */
  readonly isOwnHost: (host: string) => boolean;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Does something every half a minute, until the function that it returns is called. */
  readonly everyBeat: (action: () => void) => () => void;
  /** Somebody tries wrong tokens. Called once. */
  readonly onWrongTokens: () => void;
  /** A bug of ours; the answer tells nothing of it. */
  readonly onFault: (error: unknown) => void;
}

/** Ours: a text whose every byte is written as six, and as much again as anything else needs. */
export const MOST_BODY_BYTES = 64 * 1_024 + 6 * MAX_TEXT_BYTES;

const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

interface PageApp {
  /** `onAccess`: is called if who asks has access. */
  fetch(request: Request, onAccess?: () => void): Response | Promise<Response>;
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, onAccess?: () => void): void;
  end(): void;
}

/** The application: takes requests, and upgrades to a WebSocket. */
export function createPageApp(options: PageAppOptions): PageApp {
  const { api, files, token, port, version, isOwnHost, onFault } = options;
  const wrong = new WrongTokens(options.nowMs, options.onWrongTokens);
  const access = new Access({ token, port, isOwnHost, mayFail: () => wrong.count(), nowMs: options.nowMs });
  const readers = new Readers(api);
  const stopBeat = options.everyBeat(() => readers.beat());
  const app = createRouteApp({
    routes: routesOf({ api, version, access, readers }),
    headers: HEADERS,
    mostBodyBytes: MOST_BODY_BYTES,
    realm: "lair",
    admit: (asker) => access.admit(asker),
    requireAccess: (asker, route) => access.requireAccess(asker, route),
    fileAt: (asker) => fileAt(files, asker),
    problemOf,
    onFault,
  });
  return {
    fetch: (request, onAccess) => app.fetch(request, onAccess),
    upgrade(incoming, socket, head, onAccess) {
      // It may go at any moment: then there is nobody to answer.
      socket.on("error", () => {});
      try {
        readers.socket(incoming, socket, head, sinceOf(incoming, access));
        onAccess?.();
      } catch (error) {
        if (!(error instanceof Problem)) onFault(error);
        refuse(socket, error instanceof Problem ? error : new Problem("internal", "This is a bug in Lair."));
      }
    },
    end: () => {
      stopBeat();
      readers.end();
    },
  };
}

/** Throws Problem if this is no WebSocket of somebody who may follow the events. */
function sinceOf(incoming: IncomingMessage, access: Access): string | undefined {
  const { url = "", method = "" } = incoming;
  const headers = headersOf(incoming);
  const target = new URL(isPlainTarget(url) ? `http://localhost${url}` : "http://localhost");
  const asker: Asker = { method, path: target.pathname, header: (name) => headers.get(name) ?? undefined };
  access.admit(asker);
  access.requireUser(asker);
  if (asker.path !== EVENTS_PATH) throw new Problem("not-found", "There is no WebSocket at this address.");
  const since = target.searchParams.get("since");
  return since === null || since === "" ? undefined : since;
}

/** An answer instead of the upgrade. */
function refuse(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem.toJson());
  const headers = {
    ...HEADERS,
    Connection: "close",
    "Content-Type": PROBLEM_JSON,
    "Content-Length": String(Buffer.byteLength(body)),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${problem.status} Refused\r\n${head.join("")}\r\n${body}`);
}
