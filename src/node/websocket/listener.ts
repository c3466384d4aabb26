// The running listener: it counts every connection from TCP accept on, whatever that does then (stay silent, send a
// head slowly, upgrade and say nothing), and treats it as a stranger's until the program calls authenticated(). Our own
// deadline ends all strangers; those of the HTTP server are the second line. Limits: docs/SECURITY.md, "Limits". Knows
// nothing of Noise.
//
//   a connection   silent ---an upgrade that is accepted---> upgraded ---its first message was good---> proven
//                    |                                          |                                          |
//                    +---any other request---> refused          +---authenticated()---> authenticated <----+
//
//   any state ---its socket has closed---> gone
//   silent, refused, upgraded, proven ---the deadline, or the draw when there are too many---> gone

import { randomInt } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Socket, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { formatAddress, fromSystemHost } from "../../core/address.ts";
import type { Clock } from "../../app/ports.ts";
import { SYSTEM_CLOCK } from "../clock.ts";
import { errorCode } from "../system-error.ts";
import { ConnectionLimits, isLoopbackAddress } from "./connection-limits.ts";
import { type FrameRules, FrameScanner } from "./frame-scanner.ts";
import { FilteredSocket } from "./filtered-socket.ts";
import { MAX_FRAME_BYTES, SUBPROTOCOL, type ServerLimits } from "./limits.ts";
import { type IncomingLink, Link, rethrow } from "./link.ts";
import { refusalOf, type UpgradeRules } from "./upgrade-rules.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** PEM; with it the listener only speaks TLS. */
  readonly tls?: { readonly cert: Buffer | string; readonly key: Buffer | string } | undefined;
  /** Origins whose web pages may connect, exactly as browsers send them. */
  readonly allowOrigins: readonly string[];
  /** Names besides the loopback ones that a loopback listener accepts as Host, with or without a port. */
  readonly allowHosts: readonly string[];
  readonly limits?: Partial<ServerLimits>;
  readonly clock?: Clock;
  /** Randomness for the random early drop: from 0 up to, but not including, 1. */
  readonly random?: () => number;
  /** A link has come in. It holds its frames until attach(), but its deadline runs. */
  onLink(link: IncomingLink): void;
  /** Why a connection was refused or dropped: one of a few sentences, which contain nothing that a stranger wrote. */
  onRefused?(reason: string, address: string | undefined): void;
  /** Receives errors thrown by the handlers of links and by onLink; by default they are thrown as uncaught ones. */
  onFault?(error: unknown): void;
}

export interface Listener {
  /** ws:// or wss:// with the actual address and port. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Accepts nobody any more, ends every link with 1001, and resolves when all are gone: in 2 s at most. */
  close(): Promise<void>;
}

/** Messages 1 and 3. */
const CLIENT_HANDSHAKE_MESSAGES = 2;

type ConnectionState =
  | { readonly name: "silent" | "gone" }
  /** An HTTP request has been answered on it: it is being closed, and later bytes are ignored. */
  | { readonly name: "refused" }
  | { readonly name: "upgraded" | "proven" | "authenticated"; readonly link: Link };

/** One TCP connection, from accept to close. */
interface Connection {
  readonly socket: Socket;
  readonly address: string;
  cancelDeadline: () => void;
  state: ConnectionState;
}

/** The candidates for dropping when there are too many, by their state. Each state has its own draw. */
type DrawnState = "stranger" | "proven";

const DRAWN: Partial<Record<ConnectionState["name"], DrawnState>> = {
  silent: "stranger",
  refused: "stranger",
  upgraded: "stranger",
  proven: "proven",
};

/** Takes over a server that has just started to listen, in the same turn of the event loop. */
export class WebSocketListener implements Listener {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  readonly #options: ListenOptions;
  readonly #limits: ServerLimits;
  readonly #clock: Clock;
  readonly #connections: ConnectionLimits;
  readonly #rules: UpgradeRules;
  readonly #frameRules: FrameRules;
  /** By the addresses and ports of both ends: a TLS socket does not reveal its raw socket, but has these in common. */
  readonly #accepted = new Map<string, Connection>();
  /** Strangers have proved nothing yet; the deadline applies to both. */
  readonly #drawn: Readonly<Record<DrawnState, Set<Connection>>> = { stranger: new Set(), proven: new Set() };
  #closing: Promise<void> | undefined;

  constructor(server: Server, address: AddressInfo, options: ListenOptions, limits: ServerLimits) {
    this.#server = server;
    this.#options = options;
    this.#limits = limits;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#connections = new ConnectionLimits(limits, this.#clock, options.random ?? secureRandom);
    this.#rules = { ...options, loopback: isLoopbackAddress(address.address) };
    this.#frameRules = {
      maxFrameBytes: MAX_FRAME_BYTES,
      controlFramesInARow: limits.controlFramesInARow,
      handshake: { messages: CLIENT_HANDSHAKE_MESSAGES, maxFrameBytes: limits.frameBytesBeforeAuthentication },
    };
    this.host = address.address;
    this.port = address.port;
    const place = fromSystemHost(address.address);
    this.url = formatAddress({ ...place, isTls: options.tls !== undefined, port: address.port, path: "/" });

    // A variable, because the types of ws do not know `closeTimeout` and `maxPendingAutoPongs` yet.
    const settings = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      handleProtocols: () => SUBPROTOCOL,
      // Behind the scanner these can hardly be reached: the scanner is the first line, they are the second. 64 is
      // chunks.
      maxPayload: MAX_FRAME_BYTES,
      maxFragments: 1,
      maxBufferedChunks: 64,
      // Pings of strangers never reach ws; others are answered, but not beyond what their sender reads.
      autoPong: true,
      maxPendingAutoPongs: limits.controlFramesInARow,
      closeTimeout: limits.closeMs,
    };
    this.#webSockets = new WebSocketServer(settings);
    this.#webSockets.on("wsClientError", (_error, socket) => refuse(socket, 400));

    server.on("connection", (socket: Socket) => this.#accept(socket));
    // For the last two Node would answer 100 and 417 by itself, and keep the connection.
    for (const event of ["request", "checkContinue", "checkExpectation"]) {
      server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        const connection = this.#accepted.get(keyOf(request.socket));
        if (connection?.state.name === "silent") this.#enter(connection, { name: "refused" });
        answerPlainHttp(response);
      });
    }
    server.on("upgrade", (request, socket, head) => {
      if (socket instanceof Socket) this.#upgrade(request, socket, head);
      else socket.destroy(); // unreachable: only TCP and TLS sockets come in
    });
    // The default would answer 400 or 408. Also covers TLS handshakes that fail.
    server.on("clientError", (_error: Error, socket: Duplex) => socket.destroy());
    // After listening, only accept() fails, for lack of file descriptors or memory: others must not suffer from it.
    server.on("error", (error) => this.#refused(`accept failed (${errorCode(error)})`, undefined));
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const cancel = this.#clock.setTimer(this.#limits.closeMs, () => {
        for (const connection of this.#accepted.values()) connection.socket.destroy();
      });
      this.#server.close(() => {
        cancel();
        resolve();
      });
      for (const connection of this.#accepted.values()) {
        if ("link" in connection.state && connection.state.name !== "upgraded") connection.state.link.close(1001);
        else connection.socket.destroy();
      }
    });
    return this.#closing;
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress;
    // Already gone again.
    if (address === undefined) return void socket.destroy();
    // Between HTTP server and scanner nobody listens for a moment; an error then would end the process.
    socket.on("error", ignore);
    if (!this.#connections.admits(address)) {
      this.#refused("too many connections from there", address);
      socket.destroy();
      return;
    }
    const connection: Connection = { socket, address, cancelDeadline: ignore, state: { name: "silent" } };
    connection.cancelDeadline = this.#clock.setTimer(this.#limits.handshakeMs, () =>
      this.#drop(connection, `not authenticated within ${this.#limits.handshakeMs / 1000} s`),
    );
    const key = keyOf(socket);
    this.#accepted.set(key, connection);
    this.#enter(connection, { name: "silent" });
    socket.on("close", () => {
      connection.cancelDeadline();
      this.#enter(connection, { name: "gone" });
      if (this.#accepted.get(key) === connection) this.#accepted.delete(key);
    });

    this.#draw("stranger", "dropped at random: too many unauthenticated");
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#accepted.get(keyOf(socket));
    // Of TLS; another one has this listener since it came. Each would keep room for seventeen listeners.
    if (socket !== connection?.socket) socket.on("error", ignore);
    // Closed or dropped while the request was on its way here.
    if (connection === undefined || connection.state.name === "gone") return void socket.destroy();
    if (connection.state.name === "refused") return this.#drop(connection, "an upgrade behind another request");
    const refusal = refusalOf(request, this.#rules);
    if (refusal !== undefined) {
      this.#enter(connection, { name: "refused" });
      this.#refused(refusal.reason, connection.address);
      refuse(socket, refusal.status);
      return;
    }
    const scanner = new FrameScanner(true, this.#frameRules);
    const gate = new FilteredSocket(socket, scanner, {
      first: head,
      dropped: (reason) => this.#refused(reason, connection.address),
    });
    this.#webSockets.handleUpgrade(request, gate, Buffer.alloc(0), (webSocket) =>
      this.#open(connection, scanner, webSocket),
    );
  }

  #open(connection: Connection, scanner: FrameScanner, webSocket: WebSocket): void {
    const onFault = this.#options.onFault?.bind(this.#options) ?? rethrow;
    const link = new Link(webSocket, {
      remoteAddress: connection.address,
      limits: this.#limits,
      clock: this.#clock,
      onFault,
      onProven: () => this.#prove(connection),
      onAuthenticated: () => {
        connection.cancelDeadline();
        connection.cancelDeadline = ignore;
        if (connection.state.name !== "gone") this.#enter(connection, { name: "authenticated", link });
        scanner.endHandshake();
      },
    });
    this.#enter(connection, { name: "upgraded", link });
    try {
      this.#options.onLink(link);
    } catch (error) {
      link.terminate();
      onFault(error);
    }
  }

  /** Connections that have proved a secret are no longer drawn with strangers; they have a separate draw. */
  #prove(connection: Connection): void {
    if (connection.state.name !== "upgraded") return;
    this.#enter(connection, { name: "proven", link: connection.state.link });
    this.#draw("proven", "dropped at random: too many in a handshake");
  }

  #draw(of: DrawnState, reason: string): void {
    const connections = this.#drawn[of];
    const unlucky = this.#connections.draw(connections.size);
    if (unlucky !== undefined) this.#drop([...connections][unlucky]!, reason);
  }

  #enter(connection: Connection, state: ConnectionState): void {
    const [before, after] = [DRAWN[connection.state.name], DRAWN[state.name]];
    connection.state = state;
    if (before !== undefined && before !== after) this.#drawn[before].delete(connection);
    if (after !== undefined) this.#drawn[after].add(connection);
  }

  #drop(connection: Connection, reason: string): void {
    this.#enter(connection, { name: "gone" });
    this.#refused(reason, connection.address);
    connection.socket.destroy();
  }

  #refused(reason: string, address: string | undefined): void {
    this.#options.onRefused?.(reason, address);
  }
}

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  // A listener on a wildcard address has several local addresses, and one remote port can hold a connection to each.
  return [localAddress, localPort, remoteAddress, remotePort].join("|");
}

/** Refuses an upgrade with only a status. */
function refuse(socket: Duplex, status: 400 | 403): void {
  const phrase = status === 400 ? "Bad Request" : "Forbidden";
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function answerPlainHttp(response: ServerResponse): void {
  const headers = { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" };
  response.writeHead(426, headers).end("Upgrade Required\n");
}

function secureRandom(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

function ignore(): void {}
