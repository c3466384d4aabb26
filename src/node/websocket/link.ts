// One WebSocket connection as the programs see it: whole frames in, whole frames out, and a word when it ends.
// Knows nothing of Noise. Slow readers are dropped here, since ws itself queues without bound (docs/SECURITY.md).

import { WebSocket } from "ws";
import type { Clock } from "../../app/ports.ts";
import { MAX_FRAME_BYTES, type LinkLimits } from "./limits.ts";

/**
 * What a link tells its owner. A handler that throws has its link terminated, and the error goes to `onFault` of
 * `listen` or `connect`; without one it is thrown again outside of ws, as an uncaught exception.
 */
export interface LinkHandlers {
  /** A message. The bytes may be a view of a larger buffer: copy what is to be kept for long. */
  frame(bytes: Uint8Array): void;
  /** The last call. `clean`: both sides said goodbye; otherwise `code` is 1006. */
  closed(how: { code: number; clean: boolean }): void;
  /** The queue is below 16 KiB again after it had been at 64 KiB or more. */
  drained(): void;
}

export interface WebSocketLink {
  /** For the person here only. */
  readonly remoteAddress: string;
  /** What ws and the socket have queued. Stop producing at 64 KiB, until `drained`. */
  readonly bufferedBytes: number;
  /** To be called once. Frames that come before it are held and none is lost; nothing is called before it returns. */
  attach(handlers: LinkHandlers): void;
  /**
   * Sends one binary message, and nothing when the link is closing or closed. The bytes must not be changed
   * afterwards. Throws TypeError over 65,535 bytes. Over 1 MiB queued, or 64 KiB for 10 s, terminates the link.
   */
  send(frame: Uint8Array): void;
  /** Reads no further, so that the other side's messages wait on the wire; what was read already still comes. */
  pause(): void;
  resume(): void;
  /** Says goodbye; terminates after 2 s without an answer. Before authentication the same as terminate(). */
  close(code: 1000 | 1001 | 1011): void;
  /** Drops the connection at once, without a close frame. */
  terminate(): void;
}

export interface IncomingLink extends WebSocketLink {
  /** The first message was good: no longer among those of whom one is dropped when there are too many. */
  proven(): void;
  /** Lifts what holds for strangers: the deadline, and the place among the unauthenticated. */
  authenticated(): void;
}

export interface LinkOptions {
  readonly remoteAddress: string;
  readonly limits: LinkLimits;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  readonly onProven?: () => void;
  /** Called at the first authenticated(). Absent: the link never was a stranger's. */
  readonly onAuthenticated?: () => void;
}

/** Throws an error where nobody but the process can catch it: the default for handlers that throw. */
export function rethrow(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

export class Link implements IncomingLink {
  readonly remoteAddress: string;
  readonly #socket: WebSocket;
  readonly #options: LinkOptions;
  #handlers: LinkHandlers | undefined;
  /** What happened before somebody listened; undefined afterwards. */
  #held: (() => void)[] | undefined = [];
  #isStranger: boolean;
  #isTerminated = false;
  #isPaused = false;
  #isFull = false;
  #cancelStuck: (() => void) | undefined;

  /** `socket` must be open and have delivered nothing yet. */
  constructor(socket: WebSocket, options: LinkOptions) {
    this.#socket = socket;
    this.#options = options;
    this.remoteAddress = options.remoteAddress;
    this.#isStranger = options.onAuthenticated !== undefined;
    socket.pause();
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on("close", (code: number) => this.#end(code));
    // What the scanner leaves to ws to judge, such as a close code that does not exist.
    socket.on("error", () => this.terminate());
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  attach(handlers: LinkHandlers): void {
    if (this.#handlers !== undefined) throw new TypeError("attach: handlers are attached already");
    this.#handlers = handlers;
    queueMicrotask(() => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const event of held) event();
      if (!this.#isPaused) this.#socket.resume();
    });
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    // Before attach() has delivered what was held, it is not to be overtaken.
    if (this.#held === undefined) this.#socket.resume();
  }

  proven(): void {
    if (this.#isStranger) this.#options.onProven?.();
  }

  authenticated(): void {
    if (!this.#isStranger) return;
    this.#isStranger = false;
    this.#options.onAuthenticated?.();
  }

  send(frame: Uint8Array): void {
    if (frame.length > MAX_FRAME_BYTES) throw new TypeError(`send: frame over ${MAX_FRAME_BYTES} bytes`);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(frame, { binary: true }, () => this.#flushed());
    this.#watchQueue();
  }

  close(code: 1000 | 1001 | 1011): void {
    if (this.#isStranger) this.terminate();
    else this.#socket.close(code);
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!isBinary) this.terminate();
    if (this.#isTerminated) return;
    // Not the Buffer itself: its slice() shares memory where Uint8Array's copies, a trap for code that expects the latter.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
    this.#tell((handlers) => {
      if (!this.#isTerminated) handlers.frame(bytes);
    });
  }

  #end(code: number): void {
    this.#cancelStuck?.();
    this.#cancelStuck = undefined;
    this.#tell((handlers) => handlers.closed({ code, clean: code !== 1006 }));
  }

  #watchQueue(): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const { limits, clock } = this.#options;
    const queued = this.bufferedBytes;
    if (queued > limits.maxQueuedBytes) return this.terminate();
    if (queued >= limits.pauseAtBytes) this.#isFull = true;
    if (queued > limits.pauseAtBytes) {
      this.#cancelStuck ??= clock.setTimer(limits.stuckMs, () => this.terminate());
    } else {
      this.#cancelStuck?.();
      this.#cancelStuck = undefined;
    }
  }

  // Only from here, so that drained() never runs inside a send() of its own caller.
  #flushed(): void {
    this.#watchQueue();
    if (!this.#isFull || this.#isTerminated || this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.bufferedBytes >= this.#options.limits.resumeBelowBytes) return;
    this.#isFull = false;
    this.#tell((handlers) => handlers.drained());
  }

  #tell(event: (handlers: LinkHandlers) => void): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.#tell(event));
      return;
    }
    try {
      event(this.#handlers!);
    } catch (error) {
      this.terminate();
      this.#options.onFault(error);
    }
  }
}
