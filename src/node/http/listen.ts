// Opens a listener: an HTTP server with limits, and the application behind it.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { serveWithoutUpgrade, wishesForWebSocket } from "./other-protocols.ts";
import { serveFetch } from "./serve-fetch.ts";
import { Strangers } from "./strangers.ts";

interface HttpListenOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** How many connections there may be at the same time. */
  readonly mostConnections: number;
  /** How many of them may be of strangers: for one more, the oldest is closed. Absent: all. */
  readonly mostStrangers?: number;
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
  /** `onAccess`: to be called if who asks has access; no stranger takes its connection away then. */
  fetch(request: Request, onAccess: () => void): Response | Promise<Response>;
  /** Takes a wish for a WebSocket. Absent: that is no wish, as those for other protocols are none. */
  upgrade?(incoming: IncomingMessage, socket: Duplex, head: Buffer, onAccess: () => void): void;
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
  const strangers = new Strangers(options.mostStrangers ?? options.mostConnections);
  server.on("connection", (socket: Socket) => strangers.add(socket));
  server.on(
    "request",
    serveFetch(async (request, socket) => await app.fetch(request, () => strangers.know(socket)), options.onFault),
  );
  if (app.upgrade !== undefined) {
    server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      if (wishesForWebSocket(incoming)) app.upgrade?.(incoming, socket, head, () => strangers.know(socket));
      else serveWithoutUpgrade(server, incoming, socket, head);
    });
  }
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
