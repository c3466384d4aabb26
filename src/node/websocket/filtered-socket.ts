// A socket with a frame scanner: ws reads and writes through it as if it were the socket itself. A connection that
// breaks the rules of the scanner is dropped: no close frame, no byte. All it knows of HTTP is the first empty line.
//
//   a client's   response ---a head with status 101---> frames
//                    +-------any other head----------> other-response       passed as it is
//   a server's   frames

import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type { FrameScanner } from "./frame-scanner.ts";

interface FilterOptions {
  /** Bytes that were read together with the HTTP head: the beginning of the frames. */
  readonly first?: Buffer;
  /** Whether an HTTP response precedes the frames; it passes unchanged. Frames follow only after a status of 101. */
  readonly responseFirst?: boolean;
  /** Called with the reason why the peer was dropped. */
  readonly dropped?: (reason: string) => void;
}

/** Longer response heads are not read: the connection is dropped. */
const MAX_HEAD_BYTES = 8 * 1024;
/** Ours: so much of what waits is copied into one piece before it is written. */
const MAX_JOINED_BYTES = 4 * 1024;
/** One for all sockets. */
const EMPTY: Buffer = Buffer.alloc(0);

export class FilteredSocket extends Duplex {
  readonly #raw: Socket;
  readonly #scanner: FrameScanner;
  readonly #dropped: ((reason: string) => void) | undefined;
  #state: "response" | "other-response" | "frames";
  #head = EMPTY;

  /** Owns `raw` from now on: they end, fail and close together. */
  constructor(raw: Socket, scanner: FrameScanner, options: FilterOptions = {}) {
    super();
    this.#raw = raw;
    this.#scanner = scanner;
    this.#dropped = options.dropped;
    this.#state = options.responseFirst === true ? "response" : "frames";
    raw.setNoDelay(true);
    raw.on("data", (chunk: Buffer) => this.#take(chunk));
    raw.on("end", () => this.push(null));
    raw.on("error", (error) => this.destroy(error));
    raw.on("close", () => this.destroy());
    if (options.first !== undefined && options.first.length > 0) this.#take(options.first);
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    const frames = this.#state === "frames" ? chunk : this.#takeResponse(chunk);
    if (frames.length === 0) return;
    const violation = this.#scanner.take(frames, (whole) => this.#pass(whole));
    if (violation !== undefined) this.#drop(violation);
  }

  /** Passes HTTP through; returns the bytes after a head with status 101. */
  #takeResponse(chunk: Buffer): Buffer {
    if (this.#state === "other-response") {
      this.#pass(chunk);
      return EMPTY;
    }
    const before = this.#head.length;
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) {
      this.#pass(chunk);
      if (this.#head.length > MAX_HEAD_BYTES) this.#drop("HTTP head too long");
      return EMPTY;
    }
    const isUpgrade = this.#head.toString("latin1", 0, 13) === "HTTP/1.1 101 ";
    this.#head = EMPTY;
    this.#state = isUpgrade ? "frames" : "other-response";
    const headBytes = isUpgrade ? end + 4 - before : chunk.length;
    this.#pass(chunk.subarray(0, headBytes));
    return chunk.subarray(headBytes);
  }

  #pass(bytes: Buffer): void {
    if (!this.destroyed && !this.push(bytes)) this.#raw.pause();
  }

  #drop(reason: string): void {
    this.#dropped?.(reason);
    this.destroy();
  }

  override _read(): void {
    this.#raw.resume();
  }

  // A write counts as done when the operating system has accepted it, so `writableLength` is everything that is queued.
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done);
  }

  // The head and the content of a frame. The copy costs less than a write of two pieces.
  override _writev(items: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    let length = 0;
    for (const { chunk } of items) length += chunk.length;
    if (length <= MAX_JOINED_BYTES) {
      const chunks = items.map(({ chunk }) => chunk);
      this.#raw.write(Buffer.concat(chunks, length), done);
      return;
    }
    this.#raw.cork();
    for (const [index, { chunk }] of items.entries()) {
      if (index < items.length - 1) this.#raw.write(chunk);
      else this.#raw.write(chunk, done);
    }
    this.#raw.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }
}
