// Opens a listener: binds an HTTP(S) server to an address and puts a listener on it that accepts links. The listener
// decides which connections it accepts and limits their cost. Knows nothing of Noise.

import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocketListener, type Listener, type ListenOptions } from "./listener.ts";
import { SERVER_LIMITS, type ServerLimits } from "./limits.ts";
import { unusableAddress, unusableCertificate } from "./network-errors.ts";

export type { Listener, ListenOptions } from "./listener.ts";

/** Opens a listener. Throws LairError `address-in-use`, `address-unusable`, or `usage` for an unusable certificate. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const server = createServer(options.tls, limits);
  const address = await bind(server, options);
  // In the same turn as 'listening', so that no connection was accepted before.
  return new WebSocketListener(server, address, options, limits);
}

function createServer(tls: ListenOptions["tls"], limits: ServerLimits): Server {
  const settings = {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.headMs,
    connectionsCheckingInterval: 500,
    keepAlive: false,
  };
  if (tls === undefined) return createHttpServer(settings);
  try {
    return createHttpsServer({ ...settings, ...tls, minVersion: "TLSv1.2", handshakeTimeout: limits.handshakeMs });
  } catch (error) {
    throw unusableCertificate(error);
  }
}

function bind(server: Server, { host, port }: ListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(unusableAddress(host, port, error));
    server.once("error", fail);
    server.listen({ host, port }, () => {
      server.off("error", fail);
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
      // Unreachable: a string is for pipes, null for servers that do not listen.
      else reject(new TypeError("listen: no IP address"));
    });
  });
}
