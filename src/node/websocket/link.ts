// One WebSocket connection as the programs see it: whole frames in, whole frames out, and an event when it ends. Knows
// nothing of Noise. Slow readers are dropped here, because ws itself queues without limit (docs/SECURITY.md).
//
//   the other side   stranger ---authenticated---> authenticated ---terminate---> terminated   only "closed" is told then
//                       +-----------terminate, close, a fault, a text message---------^
//
//   what comes       held ---attach---> attached ---a microtask later---> told    what was held comes first
//
//   what goes        free ---64 KiB queued---> full ---more---> stuck ---10 s, or 1 MiB---> terminated
//                     ^                         | ^               |
//                     +---under 16: "drained"---+ +---64 or less--+

import { WebSocket } from "ws";
import type { Clock } from "../../app/ports.ts";
import { MAX_FRAME_BYTES, type LinkLimits } from "./limits.ts";

/**
 * The events of a link. If a handler throws, its link is terminated, and the error goes to `onFault` of `listen` or
 * `connect`; without one it is thrown again outside of ws, as an uncaught exception.
 */
export interface LinkHandlers {
  /** A message. The bytes may be a view of a larger buffer: copy what you keep for long. */
  frame(bytes: Uint8Array): void;
  /** The last call. `clean`: both sides said goodbye; otherwise `code` is 1006. */
  closed(how: { code: number; clean: boolean }): void;
  /** The queue is below 16 KiB again after it had been at 64 KiB or more. */
  drained(): void;
}

export interface WebSocketLink {
  /** Only for the user on this side. */
  readonly remoteAddress: string;
  /** The bytes that ws and the socket have queued. Stop producing at 64 KiB, until `drained`. */
  readonly bufferedBytes: number;
  /** To be called once. Earlier frames are held and none is lost; no handler is called before it returns. */
  attach(handlers: LinkHandlers): void;
  /**
   * Sends one binary message, or nothing if the link is closing or closed. The bytes must not be changed afterwards.
   * Throws TypeError over 65,535 bytes. Over 1 MiB queued, or 64 KiB for 10 s, terminates the link.
   */
  send(frame: Uint8Array): void;
  /** Stops reading, so that the other side's messages wait on the network; what was already read still arrives. */
  pause(): void;
  resume(): void;
  /** Says goodbye; terminates after 2 s without an answer. Before authentication the same as terminate(). */
  close(code: 1000 | 1001 | 1011): void;
  /** Drops the connection at once, without a close frame. */
  terminate(): void;
}

export interface IncomingLink extends WebSocketLink {
  /** The first message was valid: the link is no longer among those that may be dropped if there are too many. */
  proven(): void;
  /** Lifts the limits for strangers: the deadline, and the place among the unauthenticated. */
  authenticated(): void;
}

interface LinkOptions {
  readonly remoteAddress: string;
  readonly limits: LinkLimits;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  readonly onProven?: () => void;
  /** Called at the first authenticated(). Absent: the link never belonged to a stranger. */
  readonly onAuthenticated?: () => void;
}

/** Throws an error where nobody but the process can catch it: the default for handlers that throw. */
export function rethrow(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

type Incoming =
  | { readonly name: "held"; readonly events: LinkEvent[] }
  | { readonly name: "attached"; readonly events: LinkEvent[]; readonly handlers: LinkHandlers }
  | { readonly name: "told"; readonly handlers: LinkHandlers };

type LinkEvent = (handlers: LinkHandlers) => void;

type Queue = { readonly name: "free" | "full" } | { readonly name: "stuck"; readonly cancelTimer: () => void };

export class Link implements IncomingLink {
  readonly remoteAddress: string;
  readonly #socket: WebSocket;
  readonly #options: LinkOptions;
  #otherSide: "stranger" | "authenticated" | "terminated";
  #incoming: Incoming = { name: "held", events: [] };
  #queue: Queue = { name: "free" };
  #isPaused = false;

  /** `socket` must be open and have delivered nothing yet. */
  constructor(socket: WebSocket, options: LinkOptions) {
    this.#socket = socket;
    this.#options = options;
    this.remoteAddress = options.remoteAddress;
    this.#otherSide = options.onAuthenticated === undefined ? "authenticated" : "stranger";
    socket.pause();
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on("close", (code: number) => this.#end(code));
    // The checks that the scanner leaves to ws, such as a close code that does not exist.
    socket.on("error", () => this.terminate());
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  attach(handlers: LinkHandlers): void {
    if (this.#incoming.name !== "held") throw new TypeError("attach: handlers are attached already");
    const { events } = this.#incoming;
    this.#incoming = { name: "attached", events, handlers };
    queueMicrotask(() => {
      this.#incoming = { name: "told", handlers };
      for (const event of events) this.#tell(event);
      if (!this.#isPaused) this.#socket.resume();
    });
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    // Until attach() has delivered the held frames, nothing may overtake them.
    if (this.#incoming.name === "told") this.#socket.resume();
  }

  proven(): void {
    if (this.#otherSide === "stranger") this.#options.onProven?.();
  }

  authenticated(): void {
    if (this.#otherSide !== "stranger") return;
    this.#otherSide = "authenticated";
    this.#options.onAuthenticated?.();
  }

  send(frame: Uint8Array): void {
    if (frame.length > MAX_FRAME_BYTES) throw new TypeError(`send: frame over ${MAX_FRAME_BYTES} bytes`);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(frame, { binary: true }, () => this.#flushed());
    this.#watchQueue();
  }

  close(code: 1000 | 1001 | 1011): void {
    if (this.#otherSide === "stranger") this.terminate();
    else this.#socket.close(code);
  }

  terminate(): void {
    this.#otherSide = "terminated";
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!isBinary) this.terminate();
    if (this.#otherSide === "terminated") return;
    // Not the Buffer itself: its slice() shares memory where Uint8Array's copies, a trap for code that expects a copy.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
    this.#tell((handlers) => {
      if (this.#otherSide !== "terminated") handlers.frame(bytes);
    });
  }

  #end(code: number): void {
    if (this.#queue.name === "stuck") this.#queue.cancelTimer();
    this.#queue = { name: "free" };
    this.#tell((handlers) => handlers.closed({ code, clean: code !== 1006 }));
  }

  #watchQueue(): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const { limits, clock } = this.#options;
    const queued = this.bufferedBytes;
    if (queued > limits.maxQueuedBytes) return this.terminate();
    if (queued > limits.pauseAtBytes) {
      if (this.#queue.name === "stuck") return;
      this.#queue = { name: "stuck", cancelTimer: clock.setTimer(limits.stuckMs, () => this.terminate()) };
    } else if (this.#queue.name === "stuck") {
      this.#queue.cancelTimer();
      this.#queue = { name: "full" };
    } else if (queued === limits.pauseAtBytes) this.#queue = { name: "full" };
  }

  // Only from here, so that drained() never runs inside its caller's own send().
  #flushed(): void {
    this.#watchQueue();
    if (this.#queue.name !== "full" || this.#otherSide === "terminated" || this.#socket.readyState !== WebSocket.OPEN)
      return;
    if (this.bufferedBytes >= this.#options.limits.resumeBelowBytes) return;
    this.#queue = { name: "free" };
    this.#tell((handlers) => handlers.drained());
  }

  #tell(event: LinkEvent): void {
    if (this.#incoming.name !== "told") {
      this.#incoming.events.push(event);
      return;
    }
    try {
      event(this.#incoming.handlers);
    } catch (error) {
      this.terminate();
      this.#options.onFault(error);
    }
  }
}
