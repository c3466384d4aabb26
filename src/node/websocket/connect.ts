// The client's connection: one WebSocket to a server, ws:// or wss://, or an error that says what is wrong and what to
// do. Knows nothing of Noise, invites or further attempts. TLS trusts what the system trusts, and is always verified.

import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from "node:tls";
import { WebSocket } from "ws";
import {
  type Address,
  formatAddress,
  isLoopbackName,
  isOnionName,
  parseAddress,
  systemHost,
  withoutFinalDot,
} from "../../core/address.ts";
import { LairError } from "../../core/errors.ts";
import type { Clock } from "../../app/ports.ts";
import { SYSTEM_CLOCK } from "../clock.ts";
import { FrameScanner } from "./frame-scanner.ts";
import { FilteredSocket } from "./filtered-socket.ts";
import { LINK_LIMITS, MAX_FRAME_BYTES, SUBPROTOCOL, type LinkLimits } from "./limits.ts";
import type { Proxy } from "./proxy-address.ts";
import { Link, rethrow, type WebSocketLink } from "./link.ts";
import { onionWithoutTor, UnexpectedStatus, unreachable } from "./network-errors.ts";

interface ConnectOptions {
  /** The limit for everything together: name, TCP, TLS, upgrade. 10 s by default. */
  readonly timeoutMs?: number;
  /** Gives up; the promise is then rejected with the signal's reason. No effect on an open link. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<LinkLimits>;
  readonly clock?: Clock;
  /** The proxy to connect through; it resolves the name. */
  readonly proxy?: Proxy | undefined;
  /** A certificate (PEM) to trust instead of the system's. For tests. */
  readonly ca?: string | Buffer;
  /** Where errors thrown by the link's handlers go; by default they are thrown as uncaught ones. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Connects to a server. Rejects with LairError `usage` if the address is not ws:// or wss://, otherwise `unreachable`
 * with the original in `cause`. The link holds its frames until attach().
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<WebSocketLink> {
  const target = parseTarget(url);
  options.signal?.throwIfAborted();
  const clock = options.clock ?? SYSTEM_CLOCK;
  const timeoutMs = options.timeoutMs ?? 10_000;
  // One deadline for all the steps: ws's own handshakeTimeout restarts with each byte, this one does not.
  const giveUp = new AbortController();
  const cancelTimeout = clock.setTimer(timeoutMs, () => giveUp.abort(unreachable(url, new TimedOut(timeoutMs))));
  const abort = (): void => giveUp.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", abort);
  try {
    const { proxy } = options;
    // Without a proxy nothing is awaited: an error may come in this very turn.
    const raw =
      proxy === undefined
        ? openSocket(target, options.ca)
        : await openThrough(proxy, target, { ca: options.ca, signal: giveUp.signal });
    return await upgrade(raw, target, url, { ...options, clock, signal: giveUp.signal });
  } finally {
    cancelTimeout();
    options.signal?.removeEventListener("abort", abort);
  }
}

/** Requests the WebSocket. */
function upgrade(
  raw: Socket,
  target: Address,
  url: string,
  options: ConnectOptions & { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<WebSocketLink> {
  const { clock, signal } = options;
  const limits = { ...LINK_LIMITS, ...options.limits };
  const scanner = new FrameScanner(false, {
    maxFrameBytes: MAX_FRAME_BYTES,
    controlFramesInARow: limits.controlFramesInARow,
  });
  return new Promise<WebSocketLink>((resolve, reject) => {
    const gate = new FilteredSocket(raw, scanner, { responseFirst: true });
    // A variable, because the types of ws do not know `closeTimeout` and `maxPendingAutoPongs` yet.
    const settings = {
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: MAX_FRAME_BYTES,
      maxFragments: 1,
      maxBufferedChunks: 64,
      maxPendingAutoPongs: limits.controlFramesInARow,
      closeTimeout: limits.closeMs,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- node:http takes any Duplex; the types do not
      createConnection: () => gate as unknown as Socket,
    };
    const socket = new WebSocket(requestUrl(target), [SUBPROTOCOL], settings);
    const fail = (error: unknown): void => {
      reject(error);
      socket.terminate();
      raw.destroy();
    };
    const abort = (): void => fail(signal.reason);
    signal.addEventListener("abort", abort);
    // Stays for good: terminate() reports its own error, after the promise was rejected.
    socket.on("error", (error) => fail(unreachable(url, error)));
    socket.once("unexpected-response", (_request, response) =>
      fail(unreachable(url, new UnexpectedStatus(response.statusCode ?? 0))),
    );
    socket.once("open", () => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners("error");
      const onFault = options.onFault ?? rethrow;
      resolve(new Link(socket, { remoteAddress: raw.remoteAddress ?? "", limits, clock, onFault }));
    });
  });
}

class TimedOut extends Error {
  readonly code = "ETIMEDOUT";

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

function parseTarget(text: string): Address {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new LairError("usage", "This is not the address of a server.", {
    hint: "It looks like ws://HOST:PORT or wss://HOST:PORT.",
  });
}

/** The Host of the request: a zone is meaningful only on this machine and never leaves it (RFC 6874 §3). */
function requestUrl(address: Address): URL {
  return new URL(formatAddress({ ...address, zone: undefined }));
}

/** Throws LairError `usage` for names that no resolver may be asked for. */
function openSocket(address: Address, ca: string | Buffer | undefined): Socket {
  if (isOnionName(address.host)) throw onionWithoutTor(address.host);
  const place = {
    host: systemHost(address),
    port: address.port,
    ...(isLoopbackName(address.host) ? { lookup: lookUpLoopback } : {}),
  };
  return address.isTls ? connectTls({ ...place, ...tlsFor(address, ca) }) : connectTcp(place);
}

/** Through a proxy, whose code is loaded only then. */
async function openThrough(
  proxy: Proxy,
  target: Address,
  { ca, signal }: { readonly ca: string | Buffer | undefined; readonly signal: AbortSignal },
): Promise<Socket> {
  const { connectThrough } = await import("./proxy.ts");
  signal.throwIfAborted();
  const raw = await connectThrough(proxy, target, signal);
  return target.isTls ? connectTls({ socket: raw, ...tlsFor(target, ca) }) : raw;
}

/** The requirements for TLS. */
function tlsFor({ host }: Address, ca: string | Buffer | undefined): ConnectionOptions {
  const name = withoutFinalDot(host);
  return {
    // None for addresses (RFC 6066 §3); the certificate is then checked against the address itself.
    servername: isIP(name) === 0 ? name : "",
    checkServerIdentity: (_name, certificate) => checkServerIdentity(name, certificate),
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Loopback names are never resolved: a resolver may not know them or may give another answer (RFC 6761 §6.3). */
const lookUpLoopback: LookupFunction = (_name, { all }, callback) => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (all === true) process.nextTick(callback, null, addresses);
  else process.nextTick(callback, null, "127.0.0.1", 4);
};
