// A listener for the page and a fake API, with the headers of the real one: to try the page by hand, and for its tests.
//   node --import ./test/tsx.js test/web/serve.ts [PORT] [empty|server]

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import { buildPage } from "../../.ci/page.js";
import { ApiProblem } from "../../src/app/api/api.ts";
import { type CallName, CALLS } from "../../src/app/api/calls.ts";
import { Proofs } from "../../src/node/page-api/proofs.ts";
import { FakeApi } from "./fake-api.ts";

export const TOKEN = "t".repeat(43);
const KEY = "k".repeat(43);
const API = "/api/v1";

const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

export interface Served {
  readonly url: string;
  /** The address with the token. */
  readonly link: string;
  /** Cuts every connection of events, and takes no new one until `revive`. */
  cut(): void;
  revive(): void;
  /** The program was started again: nobody is signed in. */
  forget(): void;
  close(): Promise<void>;
}

/** Serves the page on a free port of 127.0.0.1. */
export async function servePage(api: FakeApi, port = 0): Promise<Served> {
  const { files } = buildPage();
  let isCut = false;
  let key = KEY;
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "lair-events" });
  const open = new Set<WebSocket>();
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = (request.url ?? "/").split("?")[0]!;
    const file = files.get(path);
    if (file !== undefined) return void response.setHeader("Content-Type", file.contentType).end(file.bytes);
    if (isCut) return void response.destroy();
    if (path.startsWith(`${API}/session`) && request.method === "POST") {
      const given = (await bodyOf(request)) as Parameters<Proofs["isProven"]>[0];
      if (!path.endsWith("/proof") && !proofs.isProven(given)) {
        return problem(response, 401, new ApiProblem("token-needed", "No."));
      }
      const said = path.endsWith("/proof") ? proofs.prove(given.pageNonce) : { key };
      return void response.setHeader("Content-Type", "application/json").end(JSON.stringify(said));
    }
    if (request.headers["lair-page"] !== key) return problem(response, 401, new ApiProblem("token-needed", "No."));
    await call(api, request, response);
  };
  server.on("upgrade", (request, socket, head) => {
    const isIn = (request.headers["sec-websocket-protocol"] ?? "").includes(`lair-key.${key}`);
    if (isCut || !isIn) return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (one) => {
      open.add(one);
      const since = new URL(request.url ?? "/", "http://localhost").searchParams.get("since") ?? undefined;
      const stop = api.listen((event) => one.send(JSON.stringify(event)), since);
      one.on("close", () => {
        open.delete(one);
        stop();
      });
    });
  });
  const cut = (): void => {
    isCut = true;
    for (const one of open) one.terminate();
  };
  const forget = (): void => {
    key = "of another run";
    proofs = new Proofs({ token: "of another run", port: bound, nowMs: () => performance.now() });
    for (const one of open) one.terminate();
  };
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as AddressInfo;
  let proofs = new Proofs({ token: TOKEN, port: bound, nowMs: () => performance.now() });
  const url = `http://127.0.0.1:${bound}/`;
  const revive = (): void => void (isCut = false);
  return { url, link: `${url}#${TOKEN}`, cut, revive, forget, close: () => closed(server, open) };
}

async function closed(server: Server, open: ReadonlySet<WebSocket>): Promise<void> {
  for (const one of open) one.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as object);
}

async function call(api: FakeApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const body = await bodyOf(request);
  for (const [name, { method, path }] of Object.entries(CALLS) as [CallName, (typeof CALLS)[CallName]][]) {
    const pattern = new RegExp(`^${API}${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
    const match = pattern.exec(url.pathname);
    if (request.method !== method || match === null) continue;
    const inPath = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    const query = [...url.searchParams].map(([key, value]) => [key, key === "limit" ? Number(value) : value]);
    const input = { ...Object.fromEntries(query), ...body, ...Object.fromEntries(inPath) } as never;
    const idempotencyKey = request.headers["idempotency-key"];
    const options = typeof idempotencyKey === "string" ? { idempotencyKey } : {};
    try {
      const output = JSON.stringify(await api.call(name, input, options));
      response.setHeader("Content-Type", "application/json").end(output);
    } catch (error) {
      problem(response, 400, error instanceof ApiProblem ? error : new ApiProblem("failed", String(error)));
    }
    return;
  }
  problem(response, 404, new ApiProblem("not-found", "There is nothing at this address."));
}

function problem(response: ServerResponse, status: number, { code, message, hint }: ApiProblem): void {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ status, code, detail: message, hint }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , port = "0", what = ""] = process.argv;
  const isEmpty = what !== "";
  const { link } = await servePage(
    new FakeApi({ isEmpty, program: what === "server" ? "lair-server" : "lair-client" }),
    Number(port),
  );
  console.log(link);
}
