// Standard output for the programs: counts what the system has accepted, keeps the first error, and never throws.
// Nothing counts as written before the system has confirmed it. Short texts of one turn of the event loop can be gathered into
// few writes. Knows nothing of the content.
//
//   open ---close---> closed          what waited for the system goes on waiting
//    |                  |
//    +--the first error-+---> failed  nothing is written any more, and what waited is told so

import { closeSync, writeSync } from "node:fs";
import { Socket } from "node:net";

/** The destination of the output. */
export interface Sink {
  /** Calls `done` once the system has accepted the whole text, or can never accept it; perhaps at once. */
  write(text: string, done: (error?: Error | null) => void): void;
  /** Whether so much is queued that no more should be written. */
  readonly isFull: boolean;
  /** Calls back if it fails, whether or not something is being written. */
  onError(listener: (error: Error) => void): void;
  /** Nothing more will be written. Throws an error that the system reports only now. */
  close(): void;
}

/** The size of a terminal, and a callback when it changes. */
interface Sized {
  readonly columns?: number;
  readonly rows?: number;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** Ours: as much as a pipe of Linux takes at once. */
const PIECE_LENGTH = 64 * 1024;

type State = { readonly name: "open" | "closed" } | { readonly name: "failed"; readonly error: unknown };

export class ConfirmedOutput {
  readonly #sink: Sink;
  readonly #terminal: Sized | undefined;
  /** Writes so far, and how many of them the system has accepted. */
  #given = 0;
  #taken = 0;
  /** What is to be written in one piece before this turn is over. */
  #gathered = "";
  #state: State = { name: "open" };
  /** In order of `upTo`. */
  #waiting: { readonly upTo: number; readonly action: (isTaken: boolean) => void }[] = [];
  readonly #onFailure: (() => void)[] = [];

  constructor(sink: Sink, terminal?: Sized) {
    this.#sink = sink;
    this.#terminal = terminal;
    sink.onError((error) => this.#fail(error));
  }

  get columns(): number | undefined {
    return this.#terminal?.columns;
  }

  get rows(): number | undefined {
    return this.#terminal?.rows;
  }

  on(event: "resize", listener: () => void): void {
    this.#terminal?.on(event, listener);
  }

  off(event: "resize", listener: () => void): void {
    this.#terminal?.off(event, listener);
  }

  /** The first error; from then on nothing is written any more. Undefined if there was none. */
  get failure(): unknown {
    return this.#state.name === "failed" ? this.#state.error : undefined;
  }

  /** Whether so much waits for the reader that no more should be written. */
  get isFull(): boolean {
    return this.#state.name !== "failed" && this.#sink.isFull;
  }

  /** Writes at once; before it what was gathered. */
  write(text: string): void {
    this.#writeGathered();
    this.#write(text);
  }

  /** Writes before this turn of the event loop is over, in one piece with what else is gathered in it. */
  gather(text: string): void {
    if (this.#state.name !== "open") return;
    if (this.#gathered === "") queueMicrotask(() => this.#writeGathered());
    this.#gathered += text;
    if (this.#gathered.length >= PIECE_LENGTH) this.#writeGathered();
  }

  #writeGathered(): void {
    const text = this.#gathered;
    this.#gathered = "";
    if (text !== "") this.#write(text);
  }

  #write(text: string): void {
    if (this.#state.name !== "open") return;
    this.#given += 1;
    try {
      this.#sink.write(text, (error) => this.#onDone(error ?? undefined));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Calls back once every write so far has been accepted (perhaps at once), or one of them can never be. */
  whenTaken(action: (isTaken: boolean) => void): void {
    this.#writeGathered();
    if (this.#state.name === "failed") action(false);
    else if (this.#taken === this.#given) action(true);
    else this.#waiting.push({ upTo: this.#given, action });
  }

  /** Calls back after the first error, in a later turn; once for each listener. */
  onFailure(listener: () => void): void {
    if (this.#state.name === "failed") queueMicrotask(listener);
    else this.#onFailure.push(listener);
  }

  /**
   * Nothing more is written. Some file systems report only now that they could not keep what they accepted (NFS,
   * quotas).
   */
  close(): void {
    this.#writeGathered();
    if (this.#state.name !== "open") return;
    this.#state = { name: "closed" };
    try {
      this.#sink.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  #onDone(error: Error | undefined): void {
    if (this.#state.name === "failed") return;
    if (error !== undefined) {
      this.#fail(error);
      return;
    }
    this.#taken += 1;
    while (this.#waiting[0] !== undefined && this.#waiting[0].upTo <= this.#taken) this.#waiting.shift()!.action(true);
  }

  #fail(error: unknown): void {
    if (this.#state.name === "failed") return;
    this.#state = { name: "failed", error };
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { action } of waiting) action(false);
    // Not within a write: the caller is in the middle of something.
    for (const listener of this.#onFailure) queueMicrotask(listener);
  }
}

/** The output for a standard stream of this process. */
export function confirmedOutput(stream: NodeJS.WriteStream & { readonly fd: number }): ConfirmedOutput {
  // The types say that each stream is a terminal.
  const isStream: boolean = stream instanceof Socket;
  return isStream ? new ConfirmedOutput(streamSink(stream), stream) : new ConfirmedOutput(fileSink(stream.fd));
}

/** A pipe, a socket or a terminal: its callbacks are reliable. */
export function streamSink(stream: NodeJS.WritableStream & { readonly writableNeedDrain: boolean }): Sink {
  return {
    // Node writes a text that was put together from many more slowly than it encodes it.
    write: (text, done) => void stream.write(Buffer.from(text), done),
    get isFull() {
      return stream.writableNeedDrain;
    },
    // Stays for good: an error may come long after the last write, and would be thrown if nothing listened.
    onError: (listener) => void stream.on("error", listener),
    close() {},
  };
}

/**
 * A file, a device or anything else. Node's own stream for files counts a partial write as complete (a full disk, a
 * limit), and its stream for unknown types (a directory, a datagram socket) silently drops everything.
 */
export function fileSink(fd: number, write: typeof writeSync = writeSync): Sink {
  return {
    write(text, done) {
      const bytes = Buffer.from(text);
      let at = 0;
      while (at < bytes.length) {
        const taken = write(fd, bytes, at);
        // No file does this; without a limit the loop would never end.
        if (taken === 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" });
        at += taken;
      }
      done();
    },
    isFull: false,
    onError() {},
    close: () => closeSync(fd),
  };
}
