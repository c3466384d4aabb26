// The news that one connection has not received yet. A connection takes one piece of news at a time; meanwhile news is
// merged, not listed: a room has one `entries`, however many entries came. So a slow member costs one number for each
// of its rooms. If too many signals wait, the oldest are dropped: their delivery is not promised.
//
//   idle ── something is to be told ──> sending ── nothing is left ──> idle
//    └──────────────── end ───────────────┴──> ended

import { toHex } from "../core/bytes.ts";
import { encodeNews } from "../core/hub/calls.ts";

/** Ours: as many as a member may send at once. */
const MOST_SIGNALS = 32;

interface Signal {
  readonly room: Uint8Array;
  readonly from: Uint8Array;
  readonly bytes: Uint8Array;
}

export class Outbox {
  readonly #send: (news: Uint8Array) => Promise<void> | void;
  readonly #sent: () => void;
  #state: "idle" | "sending" | "ended" = "idle";
  #letter: "none" | "there" = "none";
  /** By room in hex. */
  readonly #closed = new Map<string, Uint8Array>();
  readonly #entries = new Map<string, { readonly room: Uint8Array; readonly next: number }>();
  /** By key in hex. */
  readonly #presence = new Map<string, { readonly key: Uint8Array; readonly isOnline: boolean }>();
  #signals: readonly Signal[] = [];

  /** `send` resolves once more may be sent; if it throws or rejects, nothing is sent any more. `sent` counts. */
  constructor(send: (news: Uint8Array) => Promise<void> | void, sent: () => void) {
    this.#send = send;
    this.#sent = sent;
  }

  letter(): void {
    this.#letter = "there";
    this.#wake();
  }

  /** The room has entries before `next`. */
  entries(room: Uint8Array, next: number): void {
    const name = toHex(room);
    this.#entries.set(name, { room, next: Math.max(next, this.#entries.get(name)?.next ?? 0) });
    this.#wake();
  }

  /** The room is closed to this member: it has no seat there any more. Nothing else of that room is told. */
  closed(room: Uint8Array): void {
    const name = toHex(room);
    this.#entries.delete(name);
    this.#signals = this.#signals.filter((signal) => toHex(signal.room) !== name);
    this.#closed.set(name, room);
    this.#wake();
  }

  presence(key: Uint8Array, isOnline: boolean): void {
    this.#presence.set(toHex(key), { key, isOnline });
    this.#wake();
  }

  signal(signal: Signal): void {
    this.#signals = [...this.#signals, signal].slice(-MOST_SIGNALS);
    this.#wake();
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#state = "ended";
  }

  #wake(): void {
    if (this.#state !== "idle") return;
    this.#state = "sending";
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      // At the end of the turn: what else it brings goes together.
      await Promise.resolve();
      while (this.#state === "sending") {
        const news = this.#take();
        if (news === undefined) {
          this.#state = "idle";
          return;
        }
        this.#sent();
        await this.#send(news);
      }
    } catch {
      this.#state = "ended";
    }
  }

  /** The next piece of news: what is shortest and rarest first. */
  #take(): Uint8Array | undefined {
    if (this.#letter === "there") {
      this.#letter = "none";
      return encodeNews("letter", {});
    }
    const room = takeFirst(this.#closed);
    if (room !== undefined) return encodeNews("room-closed", { room });
    const entries = takeFirst(this.#entries);
    if (entries !== undefined) return encodeNews("entries", entries);
    const presence = takeFirst(this.#presence);
    if (presence !== undefined) return encodeNews("presence", presence);
    const [signal, ...rest] = this.#signals;
    this.#signals = rest;
    return signal === undefined ? undefined : encodeNews("signal", signal);
  }
}

function takeFirst<Value>(from: Map<string, Value>): Value | undefined {
  for (const [name, value] of from) {
    from.delete(name);
    return value;
  }
  return undefined;
}
