// Lair's ear: binds an HTTP(S) server to an address and puts a door on it, through which links come in.
// What may come in, and what it may cost, is the door's business. Knows nothing of Noise.

import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock } from "./clock.ts";
import { Door } from "./door.ts";
import { SERVER_LIMITS, type ServerLimits } from "./limits.ts";
import type { IncomingLink } from "./link.ts";
import { unusableAddress, unusableCertificate } from "./network-errors.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM; with it the listener speaks TLS only. */
  readonly tls?: { readonly cert: Buffer | string; readonly key: Buffer | string } | undefined;
  /** Origins whose web pages may connect, exactly as browsers send them. */
  readonly allowOrigins: readonly string[];
  /** Names beside the loopback ones under which a loopback listener may be asked for, with or without a port. */
  readonly allowHosts: readonly string[];
  readonly limits?: Partial<ServerLimits>;
  readonly clock?: Clock;
  /** Chance for the random early drop: from 0 up to, but not including, 1. */
  readonly random?: () => number;
  /** A link has come in. It is held until attach(), but its deadline runs. */
  onLink(link: IncomingLink): void;
  /** Why somebody was turned away or dropped, for --verbose. Holds nothing that a stranger wrote. */
  onRefused?(reason: string): void;
  /** Where errors thrown by the handlers of links and by onLink go; by default they are thrown as uncaught ones. */
  onFault?(error: unknown): void;
}

export interface Listener {
  /** ws:// or wss:// with the address and the port that were really taken. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Takes nobody in any more, ends every link with 1001, and resolves when all are gone: in 2 s at most. */
  close(): Promise<void>;
}

/** Opens a listener. Throws LairError `address-in-use`, `address-unusable`, or `usage` for an unusable certificate. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const server = createServer(options.tls, limits);
  const address = await bind(server, options);
  // In the same turn as 'listening', so that no connection was accepted before.
  return new Door(server, address, options, limits);
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
