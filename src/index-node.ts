// Lair as a library in Node: `import { ... } from "lair-chat/node"`. What the programs have of the machine: OpenSSL's cryptography,
// the clock, random bytes, and WebSockets that limit what strangers can do. The sessions themselves are in "lair-chat".
// docs/library.md has a program.

import { randomBytes } from "node:crypto";
import type { Carrier, Clock } from "./app/ports.ts";
import { type CipherSuite, NOBLE_SUITE, type RandomSource } from "./core/noise/index.ts";
import { SYSTEM_CLOCK } from "./node/clock.ts";
import { faultOf } from "./node/openssl-suite/self-test.ts";
import { OPENSSL_SUITE } from "./node/openssl-suite/suite.ts";

export { OPENSSL_SUITE, opensslSuite } from "./node/openssl-suite/suite.ts";

/**
 * The suite of the programs: OpenSSL's if it passes its self-test, which takes a few milliseconds, and otherwise noble's. Call
 * it once.
 *
 * @example
 * const suite = nodeSuite();
 * const identity = generateIdentity(suite, systemRandom);
 */
export function nodeSuite(): CipherSuite {
  return faultOf(OPENSSL_SUITE) === undefined ? OPENSSL_SUITE : NOBLE_SUITE;
}

/** Random bytes of the system. */
export const systemRandom: RandomSource = (length) => new Uint8Array(randomBytes(length));

/** The machine's clock and timers. */
export const systemClock: Clock = SYSTEM_CLOCK;

/** What {@link connect} may be told. */
export interface ConnectOptions {
  /** For the name, TCP, TLS and the upgrade together, in milliseconds. 10,000 by default. */
  readonly timeoutMs?: number;
  /** Gives up; the promise is then rejected with its reason. No effect on an open connection. */
  readonly signal?: AbortSignal;
}

/**
 * A carrier to a server at ws:// or wss://, for a `SessionRunner` with a `ClientSession`. It holds what comes until the runner has
 * it. Rejects with LairError `usage` for another address, and `unreachable`.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Carrier> {
  const websocket = await import("./node/websocket/connect.ts");
  return await websocket.connect(url, options);
}

/** What {@link listen} is told. */
export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** PEM; with it the listener only speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Origins whose web pages may connect, exactly as browsers send them. None by default. */
  readonly allowOrigins?: readonly string[];
  /** Names, besides those of this machine, under which a listener on a loopback address may be reached. None by default. */
  readonly allowHosts?: readonly string[];
  /**
   * Somebody has connected: give the carrier to a `SessionRunner` with a session of your `Server`. It holds what comes until
   * then, and is dropped if nobody authenticates over it within 5 s.
   */
  readonly onCarrier: (carrier: Carrier) => void;
  /** Why somebody was refused or dropped: a sentence that contains nothing that a stranger wrote. */
  readonly onRefused?: (reason: string) => void;
}

/** What waits for connections. */
export interface Listener {
  /** ws:// or wss:// with the actual address and port. */
  readonly url: string;
  readonly port: number;
  /** Accepts nobody any more, ends every connection, and resolves when all are gone: in 2 s at most. */
  close(): Promise<void>;
}

/**
 * Waits for connections, with the limits for strangers that docs/SECURITY.md lists. Rejects with LairError `address-in-use`,
 * `address-unusable`, and `usage` for an unusable certificate.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { allowOrigins = [], allowHosts = [], onCarrier, onRefused, ...place } = options;
  const websocket = await import("./node/websocket/listen.ts");
  return await websocket.listen({
    ...place,
    allowOrigins,
    allowHosts,
    onLink: onCarrier,
    onRefused: (reason) => onRefused?.(reason),
  });
}
