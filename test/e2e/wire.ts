// One connection through the faulty proxy: two streams, and how it comes to its end. What is planned counts the bytes of
// both directions together, so that it falls anywhere: within a frame, between two, in a handshake.

import { connect as connectTcp, type Socket } from "node:net";
import type { SeededRandom } from "../core/channel/seeded-random.ts";
import { ShapedStream } from "./shaped-stream.ts";

/** With a RST to both, as from a machine that knows of no connection, or with a FIN, as if both had hung up. */
export type CutHow = "reset" | "end";

type Fault = { readonly type: "cut"; readonly how: CutHow } | { readonly type: "half-open" };

export class Wire {
  readonly #sockets: readonly [client: Socket, server: Socket];
  readonly #onChange: () => void;
  #state: "open" | "half-open" | "cut" | "over" = "open";
  #planned: { readonly fault: Fault; leftBytes: number } | undefined;
  #passedBytes = 0;
  #swallowedBytes = 0;
  #wasCut = false;
  /** Both sockets are gone. */
  readonly over: Promise<void>;

  constructor(client: Socket, target: number, random: SeededRandom, onChange: () => void) {
    const server = connectTcp({ host: "127.0.0.1", port: target, allowHalfOpen: true });
    this.#sockets = [client, server];
    this.#onChange = onChange;
    const sink = {
      room: (wanted: number) => this.#room(wanted),
      passed: (count: number) => this.#passed(count),
      swallowed: (count: number) => {
        this.#swallowedBytes += count;
        onChange();
      },
      isCarrying: () => this.#state === "open",
    };
    void new ShapedStream(client, server, random, sink);
    void new ShapedStream(server, client, random, sink);
    const gone = this.#sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    this.over = Promise.all(gone).then(() => {
      this.#state = "over";
      onChange();
    });
  }

  /** Both directions together. */
  get passedBytes(): number {
    return this.#passedBytes;
  }

  /** What came and was not passed on, both directions together. */
  get swallowedBytes(): number {
    return this.#swallowedBytes;
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  get isHalfOpen(): boolean {
    return this.#state === "half-open";
  }

  /** The proxy has ended it, not one of the programs. */
  get wasCut(): boolean {
    return this.#wasCut;
  }

  /** Ends it once so many more bytes have passed, and passes on none behind them; 0 is now. */
  cutAfter(bytes: number, how: CutHow): void {
    this.#plan({ type: "cut", how }, bytes);
  }

  /**
   * Once so many more bytes have passed nothing gets through any more, and neither side hears of it, not even that the
   * other one has hung up. What comes is taken and thrown away. {@link destroy} ends that too.
   */
  halfOpenAfter(bytes: number): void {
    this.#plan({ type: "half-open" }, bytes);
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  toString(): string {
    const planned = this.#planned === undefined ? "nothing planned" : `${this.#planned.leftBytes} bytes to its fault`;
    return `a wire (${this.#state}): ${this.#passedBytes} bytes passed, ${this.#swallowedBytes} swallowed, ${planned}`;
  }

  #plan(fault: Fault, bytes: number): void {
    if (this.#state !== "open") return;
    this.#planned = { fault, leftBytes: bytes };
    if (bytes === 0) this.#strike(fault);
  }

  /** How many of so many bytes may pass. */
  #room(wanted: number): number {
    if (this.#state !== "open") return 0;
    return Math.min(wanted, this.#planned?.leftBytes ?? wanted);
  }

  #passed(count: number): void {
    this.#passedBytes += count;
    if (this.#planned !== undefined) {
      this.#planned.leftBytes -= count;
      if (this.#planned.leftBytes === 0) this.#strike(this.#planned.fault);
    }
    this.#onChange();
  }

  #strike(fault: Fault): void {
    this.#planned = undefined;
    if (fault.type === "half-open") {
      this.#state = "half-open";
      this.#onChange();
      return;
    }
    this.#state = "cut";
    this.#wasCut = true;
    for (const socket of this.#sockets) {
      if (fault.how === "reset") socket.resetAndDestroy();
      // What was passed on arrives before the end does; nobody waits for an answer to it.
      else socket.end(() => socket.destroySoon());
    }
    this.#onChange();
  }
}
