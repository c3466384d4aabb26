// Opens a listener: an HTTP server with limits, and the application behind it.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { serveFetch } from "./serve-fetch.ts";

interface HttpListenOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** How many connections there may be at the same time. */
  readonly mostConnections: number;
  /** The error for an address that cannot be had. */
  readonly unusable: (host: string, port: number, error: Error) => Error;
  readonly onFault: (error: unknown) => void;
}

/** Where it listens. */
interface Bound {
  /** The actual one. */
  readonly address: string;
  readonly port: number;
  /** http:// with both. */
  readonly url: string;
}

/** What answers. */
interface HttpApp {
  fetch(request: Request): Response | Promise<Response>;
  /** Without it, a wish for another protocol is no wish. */
  upgrade?(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The listener closes: ends what goes on by itself. */
  end?(): void;
}

export interface HttpListener extends Bound {
  /** Takes no more requests, and resolves when the last is answered; at once if that takes over a second. */
  close(): Promise<void>;
}

// Ours.
const HEAD_BYTES = 8 * 1_024;
const HEAD_MS = 5_000;
const REQUEST_MS = 10_000;
const IDLE_MS = 5_000;
const CLOSE_MS = 1_000;

/** Rejects with what `unusable` makes of the error. */
export async function listenHttp(options: HttpListenOptions, appAt: (bound: Bound) => HttpApp): Promise<HttpListener> {
  const server = createServer({
    maxHeaderSize: HEAD_BYTES,
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: IDLE_MS,
  });
  server.maxConnections = options.mostConnections;
  const { address, family, port } = await bind(server, options);
  const bound = { address, port, url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}` };
  // In the same turn as 'listening', so that no request came before.
  const app = appAt(bound);
  server.on(
    "request",
    serveFetch(async (request) => await app.fetch(request), options.onFault),
  );
  if (app.upgrade !== undefined) server.on("upgrade", app.upgrade.bind(app));
  return {
    ...bound,
    close: async () => {
      const closed = close(server);
      app.end?.();
      await closed;
    },
  };
}

function bind(server: Server, { host, port, unusable }: HttpListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(unusable(host, port, error));
    server.once("error", fail);
    server.listen({ host, port }, () => {
      server.off("error", fail);
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
      // Unreachable: a string is for pipes, null for servers that do not listen.
      else reject(new TypeError("listenHttp: no IP address"));
    });
  });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
