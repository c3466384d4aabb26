// A wire of the test's own between the two programs: it records what passes, splits it, glues it, delays it, stops it,
// or cuts it. Knows TCP only; what the bytes mean is in `recording.ts`.

import { type AddressInfo, createServer, connect as connectTcp, type Server, type Socket } from "node:net";
import type { SeededRandom } from "../core/channel/seeded-random.ts";
import type { Fixture } from "./fixture.ts";

export type Way = "toServer" | "toClient";

export interface ProxyOptions {
  /** Splits into single bytes now and then, glues what comes meanwhile, and waits a few ms in between. */
  readonly shake?: SeededRandom;
  /** Ends the connection after so many bytes both ways together, counted from its beginning. */
  readonly cutAfterBytes?: number;
  /** Ends the connection as soon as it has passed on what makes this true. */
  readonly cutWhen?: (passed: Passed) => boolean;
  /** Passes nothing on any more once it has passed on what makes this true. */
  readonly stallWhen?: (passed: Passed) => boolean;
}

/** What one connection has carried. */
export interface Passed {
  readonly toServer: Buffer[];
  readonly toClient: Buffer[];
}

export class Proxy {
  readonly #sockets = new Set<Socket>();
  readonly #stalled = new Set<Way>();
  readonly #server: Server;
  #options: ProxyOptions;
  /** One for each connection, the first first. */
  readonly connections: Passed[] = [];

  private constructor(server: Server, port: number, options: ProxyOptions) {
    this.#server = server;
    this.#options = options;
    server.on("connection", (client) => this.#carry(client, port));
  }

  /** A proxy to a port of 127.0.0.1; it ends with the fixture. */
  static async to(fixture: Fixture, port: number, options: ProxyOptions = {}): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, port, options);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    fixture.atEnd(() => {
      proxy.cut();
      server.close();
    });
    return proxy;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** For connections from now on. */
  set options(options: ProxyOptions) {
    this.#options = options;
  }

  /** Passes nothing on any more, one way or both. */
  stall(...ways: readonly Way[]): void {
    for (const way of ways) this.#stalled.add(way);
  }

  /** Ends what was stalled; connections from now on are carried again. */
  resume(): void {
    this.cut();
    this.#stalled.clear();
  }

  /** Ends every connection at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(client: Socket, port: number): void {
    const server = connectTcp({ host: "127.0.0.1", port });
    const passed: Passed = { toServer: [], toClient: [] };
    this.connections.push(passed);
    const options = this.#options;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    let carried = 0;
    const pass: Pass = (way, bytes) => {
      const to = way === "toServer" ? server : client;
      if (this.#stalled.has(way) || to.destroyed) return;
      if (bytes === "end") return void to.end();
      const left = (options.cutAfterBytes ?? Number.POSITIVE_INFINITY) - carried;
      const part = bytes.subarray(0, Math.max(0, left));
      carried += part.length;
      passed[way].push(part);
      if (options.stallWhen?.(passed) === true) this.stall("toServer", "toClient");
      const isLast = bytes.length >= left || options.cutWhen?.(passed) === true;
      // Its callback: what was passed on must arrive before the end does.
      to.write(part, () => {
        if (isLast) cut();
      });
    };
    const forward = options.shake === undefined ? pass : shaken(options.shake, pass);
    for (const [from, way] of [
      [client, "toServer"],
      [server, "toClient"],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (bytes: Buffer) => forward(way, bytes));
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        forward(way, "end");
      });
    }
  }
}

type Pass = (way: Way, bytes: Buffer | "end") => void;

/** Passes bytes on in pieces of one byte, of a few, or of all that has come meanwhile, a few ms apart. */
function shaken(random: SeededRandom, pass: Pass): Pass {
  const waiting: Record<Way, Buffer> = { toServer: Buffer.alloc(0), toClient: Buffer.alloc(0) };
  const running = new Set<Way>();
  const ended = new Set<Way>();
  const turn = (way: Way): void => {
    const bytes = waiting[way];
    // Single bytes for short bursts only: a turn of the event loop each would take minutes for everything.
    const single = random.chance(40) ? Math.min(bytes.length, random.between(1, 24)) : 0;
    for (let at = 0; at < single; at++) pass(way, bytes.subarray(at, at + 1));
    const more = random.chance(70) ? bytes.length : Math.min(bytes.length, single + random.between(1, 700));
    if (more > single) pass(way, bytes.subarray(single, more));
    waiting[way] = bytes.subarray(Math.max(single, more));
    if (waiting[way].length > 0) {
      setTimeout(turn, random.below(4), way);
      return;
    }
    running.delete(way);
    if (ended.has(way)) pass(way, "end");
  };
  return (way, bytes) => {
    if (bytes === "end") {
      ended.add(way);
      if (!running.has(way)) pass(way, "end");
      return;
    }
    waiting[way] = Buffer.concat([waiting[way], bytes]);
    if (running.has(way)) return;
    running.add(way);
    setTimeout(turn, random.below(4), way);
  };
}
