// The client's way out: one WebSocket to a server, ws:// or wss://, or an error that says what is wrong and what to do.
// Knows nothing of Noise, of invites, or of trying again. TLS trusts what the system trusts, and is always verified.

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import { LairError } from "../../core/errors.ts";
import { systemClock, type Clock } from "./clock.ts";
import { FrameScanner } from "./frame-scanner.ts";
import { GatedSocket } from "./gated-socket.ts";
import { LINK_LIMITS, MAX_FRAME_BYTES, SUBPROTOCOL, type LinkLimits } from "./limits.ts";
import { Link, rethrow, type WebSocketLink } from "./link.ts";
import { UnexpectedStatus, unreachable } from "./network-errors.ts";

export interface ConnectOptions {
  /** For everything together: name, TCP, TLS, upgrade. 10 s unless told otherwise. */
  readonly timeoutMs?: number;
  /** Gives up; the promise is then rejected with the signal's reason. Of no effect on an open link. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<LinkLimits>;
  readonly clock?: Clock;
  /** A certificate (PEM) to trust instead of the system's. For tests. */
  readonly ca?: string | Buffer;
  /** Where errors thrown by the link's handlers go; by default they are thrown as uncaught ones. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Connects to a server. Rejects with LairError `usage` for what is no ws:// or wss:// address, otherwise `unreachable`
 * with the original in `cause`. The link is held until attach().
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<WebSocketLink> {
  const target = parseTarget(url);
  options.signal?.throwIfAborted();
  const limits = { ...LINK_LIMITS, ...options.limits };
  const clock = options.clock ?? systemClock;
  const scanner = new FrameScanner(false, {
    maxFrameBytes: MAX_FRAME_BYTES,
    controlFramesInARow: limits.controlFramesInARow,
  });

  return await new Promise<WebSocketLink>((resolve, reject) => {
    const raw = openSocket(target, options.ca);
    const gate = new GatedSocket(raw, scanner, { responseFirst: true });
    // A variable, since the types of ws do not know `closeTimeout` and `maxPendingAutoPongs` yet.
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
    const socket = new WebSocket(target, [SUBPROTOCOL], settings);
    const timeoutMs = options.timeoutMs ?? 10_000;
    // ws's own handshakeTimeout begins anew with each byte; this one does not.
    const cancelTimeout = clock.after(timeoutMs, () => fail(unreachable(url, new TimedOut(timeoutMs))));
    const abort = (): void => fail(options.signal?.reason);
    const settle = (): void => {
      cancelTimeout();
      options.signal?.removeEventListener("abort", abort);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
      socket.terminate();
      raw.destroy();
    };
    options.signal?.addEventListener("abort", abort);
    // Stays for good: terminate() reports an error of its own, after the promise was rejected.
    socket.on("error", (error) => fail(unreachable(url, error)));
    socket.once("unexpected-response", (_request, response) =>
      fail(unreachable(url, new UnexpectedStatus(response.statusCode ?? 0))),
    );
    socket.once("open", () => {
      settle();
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

function parseTarget(text: string): URL {
  if (!URL.canParse(text)) throw notAnAddress("it is not a URL");
  const url = new URL(text);
  if (url.protocol !== "ws:" && url.protocol !== "wss:") throw notAnAddress("it does not begin with ws:// or wss://");
  if (url.username !== "" || url.password !== "") throw notAnAddress("it holds a user name or a password");
  if (text.includes("#")) throw notAnAddress("it has a part after #");
  return url;
}

function notAnAddress(why: string): LairError {
  return new LairError("usage", `This is not the address of a server: ${why}.`, {
    hint: "It looks like ws://HOST:PORT or wss://HOST:PORT.",
  });
}

function openSocket(target: URL, ca: string | Buffer | undefined): Socket {
  const host = target.hostname.startsWith("[") ? target.hostname.slice(1, -1) : target.hostname;
  if (target.protocol === "ws:") return connectTcp({ host, port: Number(target.port) || 80 });
  const port = Number(target.port) || 443;
  const trust = ca === undefined ? {} : { ca };
  // No server name for addresses (RFC 6066 §3); the certificate is then checked against the address itself.
  return connectTls({ host, port, servername: isIP(host) === 0 ? host : "", minVersion: "TLSv1.2", ...trust });
}
