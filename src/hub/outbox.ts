// The news that one connection has not received yet. While it takes some, other news is merged, not listed: a room has one
// `entries`, however many entries came. So a slow member costs one number for each of its rooms. Entries themselves go
// only to a connection that takes them at once. If too many signals wait, the oldest are dropped: their delivery is not promised.
//
//   idle ── something is to be told ──> gathering ── the end of the turn ──> sending ── nothing is left ──> idle
//    └───────────────────────────────────── end, from anywhere ──> ended

import { toHex } from "../core/bytes.ts";
import { encodeNews } from "../core/hub/calls.ts";
import { SparseMap } from "../core/sparse-map.ts";

/** Ours: as many as a member may send at once. */
const MOST_SIGNALS = 32;
/** Ours: news with an entry that go to one connection at once, and their bytes together: with the head of each, a frame. */
const MOST_PUSHED = 64;
const MOST_PUSHED_BYTES = 61_440;

interface Signal {
  readonly room: Uint8Array;
  readonly from: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Resolves once more may be sent. Without a promise the next may follow at once. */
interface Connection {
  news(bytes: Uint8Array): Promise<void> | void;
}

/** One for all connections. */
const NO_SIGNALS: readonly Signal[] = [];

export class Outbox {
  readonly #connection: Connection;
  readonly #sent: () => void;
  #state: "idle" | "gathering" | "sending" | "ended" = "idle";
  #letter: "none" | "there" = "none";
  /** By room in hex. */
  readonly #closed = new SparseMap<string, Uint8Array>();
  /** News with an entry, in their order; `room` in hex. */
  #pushed: { readonly room: string; readonly news: Uint8Array }[] = [];
  #pushedBytes = 0;
  readonly #entries = new SparseMap<string, { readonly room: Uint8Array; readonly next: number }>();
  /** By key in hex. */
  readonly #presence = new SparseMap<string, { readonly key: Uint8Array; readonly isOnline: boolean }>();
  #signals: readonly Signal[] = NO_SIGNALS;

  /** If the connection's `news` throws or rejects, nothing is sent any more. `sent` counts. */
  constructor(connection: Connection, sent: () => void) {
    this.#connection = connection;
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

  /** Tells the next entry of a room, as encoded news. False: the connection is busy, and nothing is told. */
  push(room: string, news: Uint8Array): boolean {
    if (this.#state !== "idle" && this.#state !== "gathering") return false;
    const bytes = this.#pushedBytes + news.length;
    if (this.#pushed.length >= MOST_PUSHED || bytes > MOST_PUSHED_BYTES) return false;
    this.#pushed.push({ room, news });
    this.#pushedBytes = bytes;
    this.#wake();
    return true;
  }

  /** The room is closed to this member: it has no seat there any more. Nothing else of that room is told. */
  closed(room: Uint8Array): void {
    const name = toHex(room);
    this.#entries.delete(name);
    this.#pushed = this.#pushed.filter((one) => one.room !== name);
    this.#pushedBytes = this.#pushed.reduce((sum, one) => sum + one.news.length, 0);
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
    this.#state = "gathering";
    // At the end of the turn: what else it brings goes together.
    queueMicrotask(() => this.#sendNext());
  }

  #sendNext(): void {
    try {
      while (this.#state !== "ended") {
        const news = this.#take();
        if (news.length === 0) {
          this.#state = "idle";
          return;
        }
        this.#state = "sending";
        const taken = this.#sendAll(news);
        if (taken !== undefined) {
          taken.then(
            () => this.#sendNext(),
            () => this.end(),
          );
          return;
        }
      }
    } catch {
      this.end();
    }
  }

  /** Undefined: more may follow at once. */
  #sendAll(news: readonly Uint8Array[]): Promise<unknown> | undefined {
    const busy: Promise<void>[] = [];
    for (const one of news) {
      const taken = this.#sendOne(one);
      if (taken !== undefined) busy.push(taken);
    }
    return busy.length > 1 ? Promise.all(busy) : busy[0];
  }

  /** What is thrown comes as a rejection: nobody would hear those of the news before it in the same turn. */
  #sendOne(news: Uint8Array): Promise<void> | undefined {
    this.#sent();
    try {
      return this.#connection.news(news) ?? undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The next news: what is shortest and rarest first, and entries together. */
  #take(): readonly Uint8Array[] {
    const first = this.#takeUrgent();
    if (first !== undefined) return [first];
    if (this.#pushed.length > 0) {
      const pushed = this.#pushed.map(({ news }) => news);
      this.#pushed = [];
      this.#pushedBytes = 0;
      return pushed;
    }
    const next = this.#takeOther();
    return next === undefined ? [] : [next];
  }

  #takeUrgent(): Uint8Array | undefined {
    if (this.#letter === "there") {
      this.#letter = "none";
      return encodeNews("letter", {});
    }
    const room = takeFirst(this.#closed);
    return room === undefined ? undefined : encodeNews("room-closed", { room });
  }

  #takeOther(): Uint8Array | undefined {
    const entries = takeFirst(this.#entries);
    if (entries !== undefined) return encodeNews("entries", entries);
    const presence = takeFirst(this.#presence);
    if (presence !== undefined) return encodeNews("presence", presence);
    const [signal] = this.#signals;
    if (signal === undefined) return undefined;
    this.#signals = this.#signals.slice(1);
    return encodeNews("signal", signal);
  }
}

function takeFirst<Value>(from: SparseMap<string, Value>): Value | undefined {
  for (const [name, value] of from) {
    from.delete(name);
    return value;
  }
  return undefined;
}
