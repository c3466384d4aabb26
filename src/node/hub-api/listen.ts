// Opens the operator's listener: an HTTP server with limits, and the application behind it.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AppOptions, createApp } from "./app.ts";
import { serveFetch } from "./serve-fetch.ts";

interface OperatorListenOptions extends Omit<AppOptions, "isLoopback" | "ofProcess"> {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Whether an address is one of this machine alone. */
  readonly isLoopbackAddress: (address: string) => boolean;
  /** The error for an address that cannot be had. */
  readonly unusable: (host: string, port: number, error: Error) => Error;
}

export interface OperatorListener {
  /** http:// with the actual address and port. */
  readonly url: string;
  readonly isLoopback: boolean;
  /** Takes no more requests, and resolves when the last is answered; at once if that takes over a second. */
  close(): Promise<void>;
}

// Ours.
const HEAD_BYTES = 8 * 1_024;
const HEAD_MS = 5_000;
const REQUEST_MS = 10_000;
const IDLE_MS = 5_000;
const MOST_CONNECTIONS = 64;
const CLOSE_MS = 1_000;

/** Rejects with what `unusable` makes of the error. */
export async function listenForOperator(options: OperatorListenOptions): Promise<OperatorListener> {
  const server = createServer({
    maxHeaderSize: HEAD_BYTES,
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: IDLE_MS,
  });
  server.maxConnections = MOST_CONNECTIONS;
  const { address, family, port } = await bind(server, options);
  const isLoopback = options.isLoopbackAddress(address);
  const app = createApp({ ...options, isLoopback, ofProcess: true });
  // In the same turn as 'listening', so that no request came before.
  server.on(
    "request",
    serveFetch(async (request) => await app.fetch(request), options.onFault),
  );
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    isLoopback,
    close: async () => await close(server),
  };
}

function bind(server: Server, { host, port, unusable }: OperatorListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(unusable(host, port, error));
    server.once("error", fail);
    server.listen({ host, port }, () => {
      server.off("error", fail);
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
      // Unreachable: a string is for pipes, null for servers that do not listen.
      else reject(new TypeError("listenForOperator: no IP address"));
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
