// A carrier over any WebSocket that has the interface of browsers: the global one of a page, of a worker and of Node 22,
// and the ones of the package ws. Knows no host and no subprotocol: who makes the socket chooses them.

import type { Carrier, Clock } from "./ports.ts";

/** The part of a WebSocket that is used. `pause`, `resume` and `terminate` exist in the package ws, not in browsers. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly wasClean: boolean }) => void): void;
  pause?(): void;
  resume?(): void;
  terminate?(): void;
}

// Ours. A SessionRunner sends nothing while 64 KiB are queued, and continues when it is told that there is space.
const FULL_BYTES = 64 * 1024;
const ROOM_BYTES = 16 * 1024;
/** A WebSocket does not report when its queue is empty, so it is polled. */
const ASK_AGAIN_MS = 50;

/**
 * A carrier over an open WebSocket with the subprotocol `lair.1`, without compression where that can be chosen. Frames
 * that come before a `SessionRunner` has the carrier are lost: make both in the turn in which the socket opens.
 *
 * @example
 * const socket = new WebSocket("ws://127.0.0.1:8080", "lair.1");
 * socket.addEventListener("open", () => {
 *   new SessionRunner({ session, carrier: webSocketCarrier(socket, clock), clock, onEvent, onEnd });
 * });
 */
export function webSocketCarrier(socket: WebSocketLike, clock: Pick<Clock, "setTimer">): Carrier {
  return new WebSocketCarrier(socket, clock);
}

type Handlers = Parameters<Carrier["attach"]>[0];

/** A class, since a closure for each function would be a KiB more for each session. */
class WebSocketCarrier implements Carrier {
  readonly #socket: WebSocketLike;
  readonly #clock: Pick<Clock, "setTimer">;
  #handlers: Handlers | undefined;
  #cancelAsking: (() => void) | undefined;

  constructor(socket: WebSocketLike, clock: Pick<Clock, "setTimer">) {
    this.#socket = socket;
    this.#clock = clock;
    // The package ws copies what it gives as an ArrayBuffer.
    socket.binaryType = socket.terminate === undefined ? "arraybuffer" : "nodebuffer";
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  attach(handlers: Handlers): void {
    this.#handlers = handlers;
    this.#socket.addEventListener("message", ({ data }) => {
      // A text message is not a frame of Lair's.
      if (data instanceof Uint8Array) handlers.frame(data);
      else if (data instanceof ArrayBuffer) handlers.frame(new Uint8Array(data));
      else this.terminate();
    });
    this.#socket.addEventListener("close", ({ wasClean }) => {
      this.#cancelAsking?.();
      handlers.closed({ clean: wasClean });
    });
  }

  pause(): void {
    this.#socket.pause?.();
  }

  resume(): void {
    this.#socket.resume?.();
  }

  send(frame: Uint8Array): void {
    this.#socket.send(isOfOneThread(frame) ? frame : frame.slice());
    if (this.#socket.bufferedAmount >= FULL_BYTES) this.#askLater();
  }

  close(code: 1000 | 1001 | 1011): void {
    // A browser accepts no other code. Lair's own CLOSE has the reason.
    this.#socket.close(this.#socket.terminate === undefined ? 1000 : code);
  }

  terminate(): void {
    if (this.#socket.terminate === undefined) this.#socket.close();
    else this.#socket.terminate();
  }

  #askLater(): void {
    this.#cancelAsking ??= this.#clock.setTimer(ASK_AGAIN_MS, () => {
      this.#cancelAsking = undefined;
      if (this.#socket.bufferedAmount < ROOM_BYTES) this.#handlers?.drained();
      else this.#askLater();
    });
  }
}

/** Memory shared between threads may change while it is sent, and browsers refuse it. */
function isOfOneThread(frame: Uint8Array): frame is Uint8Array<ArrayBuffer> {
  return frame.buffer instanceof ArrayBuffer;
}
