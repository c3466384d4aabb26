// The ports of the application: what it needs from the machine that it runs on. Node, a browser and the tests each
// provide their own.

import type { HistoryEntry } from "../core/chat/history.ts";
import type { Instant } from "../core/clock.ts";

/** Something that moves frames, in order and whole. A WebSocket is one: see `webSocketCarrier`. */
export interface Carrier {
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Called once. Nothing is reported before it returns, and nothing after `closed`. */
  attach(handlers: {
    frame(bytes: Uint8Array): void;
    closed(how: { readonly clean: boolean }): void;
    drained(): void;
  }): void;
  /** The first message of a handshake was valid; a server's carrier no longer drops this connection at random. */
  proven?(): void;
  /** The other side has authenticated; a server's carrier lifts its limits for strangers. */
  authenticated?(): void;
  /** Stops reading for now. */
  pause?(): void;
  resume?(): void;
  send(frame: Uint8Array): void;
  close(code: 1000 | 1001 | 1011): void;
  terminate(): void;
}

/**
 * The time and the timers of the machine.
 *
 * @example
 * const clock: Clock = {
 *   now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
 *   setTimer: (delayMs, action) => {
 *     const timer = setTimeout(action, delayMs);
 *     return () => clearTimeout(timer);
 *   },
 *   soon: (action) => void setTimeout(action, 0),
 * };
 */
export interface Clock {
  now(): Instant;
  /** Calls back once; returns how to cancel it. */
  setTimer(delayMs: number, action: () => void): () => void;
  /**
   * Calls back once, in the next turn of the event loop: key presses and signals come first. What comes late here is
   * acknowledged late: a browser delays the timers of a hidden page.
   */
  soon(action: () => void): void;
}

/** Writes a new file with these lines of a history and returns how many there are. Throws LairError file-*, store-*. */
export type ExportHistory = (file: string, entries: Iterable<HistoryEntry>) => number;
