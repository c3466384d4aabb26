// A bad network between the two programs, on loopback: it splits and delays what passes, cuts a connection at a byte, and
// leaves one half open. It keeps nothing of what passes: `proxy.ts` is the one that records. Knows TCP only.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { SeededRandom } from "../core/channel/seeded-random.ts";
import { Watch } from "./watch.ts";
import { type CutHow, Wire } from "./wire.ts";

export type { CutHow, Wire };

const PATIENCE_MS = 60_000;

/** Ends things when a test is over; a Fixture does. */
export interface Endings {
  atEnd(action: () => Promise<void> | void): void;
}

export class FaultyProxy {
  readonly #server: Server;
  readonly #random: SeededRandom;
  readonly #watch: Watch;
  /** One for each connection that was carried, the first first. */
  readonly wires: Wire[] = [];
  /** The port of 127.0.0.1 to which it leads; without one everybody is hung up on, as where no program listens. */
  target: number | undefined;
  /** Told of each connection before anything of it has passed: the time to plan its end. */
  onWire: (wire: Wire) => void = () => {};

  private constructor(server: Server, random: SeededRandom, watch: Watch) {
    this.#server = server;
    this.#random = random;
    this.#watch = watch;
    server.on("connection", (client) => this.#carry(client));
  }

  /** It leads nowhere until it has a target. The watch is woken whenever something has come, passed or ended. */
  static async open(endings: Endings, random: SeededRandom, watch: Watch = new Watch()): Promise<FaultyProxy> {
    // Each direction ends by itself: a FIN is passed on, and does not close the way back.
    const server = createServer({ allowHalfOpen: true });
    const proxy = new FaultyProxy(server, random, watch);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endings.atEnd(() => proxy.close());
    return proxy;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits until `look` finds something. */
  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    return await this.#watch.until(what, look, PATIENCE_MS, () => this.describe());
  }

  /** The last few connections. */
  describe(): string {
    return this.wires.slice(-3).map(String).join("\n");
  }

  /** Ends everything; resolves when no socket is left. */
  async close(): Promise<void> {
    this.target = undefined;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const wire of this.wires) wire.destroy();
    await Promise.all([closed, ...this.wires.map((wire) => wire.over)]);
  }

  #carry(client: Socket): void {
    if (this.target === undefined) {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const wire = new Wire(client, this.target, this.#random, () => this.#watch.wake());
    this.wires.push(wire);
    this.onWire(wire);
    this.#watch.wake();
  }
}
