// Lines of a stream that is not a terminal: UTF-8, one at a time; anything else is reported, not guessed. A pause holds
// lines back, most of them in the pipe. If nothing is left, the end of the input is reported during a pause too.
//
//   the stream   untouched ---resume, or a taker of its lines---> open ---end or error---> ended
//
//   the text     beginning ---UTF-16 or UTF-32---> unreadable
//                    |
//                    +---anything else---> line ---a line of UTF-16 ends---> inside-line-end ---the next line---> line
//                                           +------over 1 MiB---> long-line ---its end: "too long" is told---> line

import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { LairError } from "../core/errors.ts";
import {
  type MisreadKind,
  type MisreadLine,
  mayBecomeMark,
  misreadKind,
  misreadPhrases,
  wideInput,
  markLength,
} from "../app/input-text.ts";
import { SYSTEM_CLOCK } from "./clock.ts";

/** Longer lines are dropped whole: the rest of one must not be taken for separate lines. */
const MAX_LINE_BYTES = 1024 * 1024;
/** How much is read ahead during a pause; without this, the end of the input would go unnoticed. */
const READ_AHEAD = 64 * 1024;
/** A pipe that yields nothing for this long is empty for now. */
const COUNT_PAUSE_MS = 20;
const LONGEST_COUNT_MS = 1_000;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

interface LineHandlers {
  /** Without its line ending. */
  line(text: string): void;
  /** A line was longer than 1,048,576 bytes; none of it is passed on. */
  tooLong(): void;
  /** A line is not text, or not all of it; none of it is passed on. */
  misread(misread: MisreadLine): void;
  end(): void;
}

interface LineReaderOptions {
  /** A line of this many bytes may have been cut by the terminal; see {@link terminalLineBytes}. */
  readonly cutBytes?: number | undefined;
}

/**
 * How many bytes of a line a terminal keeps that edits lines itself: it drops the rest silently. Linux termios(3):
 * 4,096 with the line end; elsewhere MAX_CANON, 1,024 on macOS. Undefined on Windows, which drops nothing.
 */
export function terminalLineBytes(platform: string): number | undefined {
  if (platform === "win32") return undefined;
  return platform === "linux" ? 4095 : 1023;
}

/** The position of the next byte in the text. */
type Place =
  /** A byte order mark may be incomplete. */
  | "beginning"
  | "line"
  /** A line of UTF-16 has ended in the middle of its line end: the other half, a zero, comes next. */
  | "inside-line-end"
  /** In a line that is too long: its rest is dropped. */
  | "long-line"
  /** In an input that is not UTF-8: all of it is dropped. */
  | "unreadable";

export class LineReader {
  readonly #stream: Readable;
  readonly #cutBytes: number;
  /** Read and not passed on yet; there is no line end before `#scanned`. */
  #bytes: Buffer = Buffer.alloc(0);
  #scanned = 0;
  #bytesSeen = 0;
  /** The number of lines passed on or reported. */
  #lines = 0;
  #source: "untouched" | "open" | "ended" = "untouched";
  #place: Place = "beginning";
  #isPaused = true;
  #isDelivering = false;
  #handlers: LineHandlers | undefined;

  /** Paused until {@link resume}. */
  constructor(stream: Readable, { cutBytes = Number.POSITIVE_INFINITY }: LineReaderOptions = {}) {
    this.#stream = stream;
    this.#cutBytes = cutBytes;
  }

  /** The receiver of the lines from now on. */
  set handlers(handlers: LineHandlers) {
    this.#handlers = handlers;
    this.#listen();
    // Not within this call: the caller may still be setting up other things.
    queueMicrotask(() => this.#deliver());
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#listen();
    this.#deliver();
    if (!this.#isPaused) this.#stream.resume();
  }

  pause(): void {
    this.#isPaused = true;
  }

  /**
   * The first line alone, or undefined if there is none; afterwards the reader is paused again. Throws LairError
   * input-malformed if the line is not UTF-8.
   */
  first(): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        this.pause();
        this.#handlers = undefined;
        action();
      };
      this.#handlers = {
        line: (text) => settle(() => resolve(text)),
        tooLong: () => {},
        misread: (misread) => {
          const { message, hint } = misreadPhrases(misread, "it cannot be an invite");
          settle(() => reject(new LairError("input-malformed", message, { hint })));
        },
        end: () => resolve(undefined),
      };
      this.resume();
    });
  }

  /**
   * How many lines can be read without waiting for their writer; they are dropped. For a conversation that ended before
   * its input.
   */
  async countRest(): Promise<number> {
    let count = 0;
    const add = (): void => void (count += 1);
    this.#handlers = { line: add, tooLong: add, misread: add, end: () => {} };
    let seen = -1;
    const untilMs = SYSTEM_CLOCK.now().monotonicMs + LONGEST_COUNT_MS;
    this.resume();
    // There are no handlers after the end.
    while (this.#handlers !== undefined && seen !== this.#bytesSeen && SYSTEM_CLOCK.now().monotonicMs < untilMs) {
      seen = this.#bytesSeen;
      await delay(COUNT_PAUSE_MS);
    }
    this.pause();
    return count;
  }

  /** Stops reading; the stream no longer keeps the program alive. */
  close(): void {
    this.#handlers = undefined;
    this.#stream.removeAllListeners("data");
    this.#stream.pause();
    this.#stream.destroy();
  }

  #listen(): void {
    if (this.#source !== "untouched") return;
    this.#source = "open";
    this.#stream.on("data", (chunk: Buffer) => {
      this.#bytesSeen += chunk.length;
      if (this.#place !== "unreadable") this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#deliver();
      if (this.#isPaused && this.#bytes.length > READ_AHEAD) this.#stream.pause();
    });
    const end = (): void => {
      if (this.#source === "ended") return;
      this.#source = "ended";
      this.#deliver();
    };
    this.#stream.on("end", end);
    // A closed terminal or a broken pipe ends the input like any other end.
    this.#stream.on("error", end);
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    if (this.#isBeginningSeen()) {
      let start = 0;
      while (!this.#isPaused && this.#place !== "unreadable") {
        const end = this.#bytes.indexOf(LINE_FEED, Math.max(start, this.#scanned));
        if (end < 0) break;
        const line = this.#bytes.subarray(start, end);
        start = end + 1;
        this.#tell(line);
      }
      this.#keep(start);
    }
    this.#isDelivering = false;
    if (this.#source === "ended" && (!this.#isPaused || this.#bytes.length === 0)) this.#deliverEnd();
  }

  /** Keeps the bytes from `start` on for later. */
  #keep(start: number): void {
    this.#bytes = this.#place === "unreadable" ? Buffer.alloc(0) : this.#bytes.subarray(start);
    const isLineUnfinished = !this.#isPaused || !this.#bytes.includes(LINE_FEED);
    this.#scanned = isLineUnfinished ? this.#bytes.length : 0;
    if (this.#bytes.length <= MAX_LINE_BYTES || !isLineUnfinished) return;
    // Its beginning is no longer needed, only the fact that there was one.
    this.#place = "long-line";
    this.#bytes = Buffer.alloc(0);
    this.#scanned = 0;
  }

  /**
   * Whether lines can be passed on yet. A byte order mark at the start of the input is removed, or decides about all of
   * it.
   */
  #isBeginningSeen(): boolean {
    if (this.#place !== "beginning") return true;
    if (this.#isPaused || this.#handlers === undefined) return false;
    if (this.#source !== "ended" && mayBecomeMark(this.#bytes)) return false;
    this.#place = "line";
    const kind = wideInput(this.#bytes);
    this.#bytes = this.#bytes.subarray(markLength(this.#bytes));
    if (kind !== undefined) this.#misread(kind, true);
    return true;
  }

  #tell(line: Buffer): void {
    const isTooLong = this.#place === "long-line" || line.length > MAX_LINE_BYTES;
    const isRestOfEnd = this.#place === "inside-line-end" && line[0] === 0;
    this.#place = "line";
    if (isTooLong) {
      this.#lines += 1;
      this.#handlers?.tooLong();
      return;
    }
    const kind = this.#kindOf(isRestOfEnd ? line.subarray(1) : line, isRestOfEnd);
    if (kind !== undefined) {
      if (kind === "utf-16" && line.at(-1)! < 0x20) this.#place = "inside-line-end";
      this.#misread(kind, false);
      return;
    }
    this.#lines += 1;
    const text = isRestOfEnd ? line.subarray(1) : line;
    this.#handlers?.line(text.toString("utf8", 0, text.at(-1) === CARRIAGE_RETURN ? text.length - 1 : text.length));
  }

  #kindOf(line: Buffer, isRestOfEnd: boolean): MisreadKind | undefined {
    if (isRestOfEnd && line.length === 0) return "utf-16";
    return misreadKind(line, isUtf8(line)) ?? (line.length >= this.#cutBytes ? "cut" : undefined);
  }

  #misread(kind: MisreadKind, isRest: boolean): void {
    this.#lines += 1;
    if (isRest) this.#place = "unreadable";
    this.#handlers?.misread({ line: this.#lines, kind, isRest });
  }

  #deliverEnd(): void {
    if (this.#handlers === undefined) return;
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    const isHalfLineEnd = this.#place === "inside-line-end" && rest.length === 1 && rest[0] === 0;
    if ((rest.length > 0 && !isHalfLineEnd) || this.#place === "long-line") this.#tell(rest);
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.end();
  }
}
