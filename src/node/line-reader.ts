// Lines of a stream that is not a terminal: UTF-8, one at a time. A pause holds them back, most of them in the pipe; the
// end of an input that has nothing left is told during a pause too, since nobody needs to come for it.

import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as delay } from "node:timers/promises";

/** Of a line that is longer nothing is kept: its rest must not be taken for lines of its own. */
const MAX_LINE_LENGTH = 1024 * 1024;
/** What is read ahead during a pause; without it the end of the input would not be seen. */
const READ_AHEAD = 64 * 1024;
/** A pipe that yields nothing for so long is empty for now. */
const COUNT_PAUSE_MS = 20;
const LONGEST_COUNT_MS = 1_000;

export interface LineHandlers {
  /** Without its line ending. */
  line(text: string): void;
  /** A line was over 1,048,576 characters long; nothing of it comes. */
  tooLong(): void;
  end(): void;
}

export class LineReader {
  readonly #stream: Readable;
  readonly #decoder = new StringDecoder("utf8");
  #text = "";
  #bytesSeen = 0;
  #hasEnded = false;
  #isPaused = true;
  #isDelivering = false;
  /** The line under way has exceeded the limit, and its beginning was thrown away. */
  #isTooLong = false;
  #handlers: LineHandlers | undefined;

  /** Paused until {@link resume}. */
  constructor(stream: Readable) {
    this.#stream = stream;
  }

  /** Who gets the lines from now on. */
  set handlers(handlers: LineHandlers) {
    this.#handlers = handlers;
    this.#listen();
    // Not from within: whoever sets them may still be setting other things up.
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

  /** The first line alone, or undefined when there is none; the reader is paused again afterwards. */
  first(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#handlers = {
        line: (text) => {
          this.pause();
          this.#handlers = undefined;
          resolve(text);
        },
        tooLong: () => {},
        end: () => resolve(undefined),
      };
      this.resume();
    });
  }

  /**
   * How many lines can be had without waiting for whoever writes them; they are gone then. For a
   * conversation that has ended before its input did.
   */
  async countRest(): Promise<number> {
    let count = 0;
    this.#handlers = {
      line: () => (count += 1),
      tooLong: () => (count += 1),
      end: () => {},
    };
    let seen = -1;
    const untilMs = Date.now() + LONGEST_COUNT_MS;
    this.resume();
    // The handlers are gone once the end has come.
    while (this.#handlers !== undefined && seen !== this.#bytesSeen && Date.now() < untilMs) {
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

  #isListening = false;

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#stream.on("data", (chunk: Buffer) => {
      this.#bytesSeen += chunk.length;
      this.#text += this.#decoder.write(chunk);
      this.#deliver();
      if (this.#isPaused && this.#text.length > READ_AHEAD) this.#stream.pause();
    });
    const end = (): void => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      this.#text += this.#decoder.end();
      this.#deliver();
    };
    this.#stream.on("end", end);
    // A closed terminal or a broken pipe ends the input like any other end.
    this.#stream.on("error", end);
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    let start = 0;
    while (!this.#isPaused) {
      const newline = this.#text.indexOf("\n", start);
      if (newline < 0) break;
      this.#tell(this.#text.slice(start, newline));
      start = newline + 1;
    }
    this.#text = this.#text.slice(start);
    if (this.#text.length > MAX_LINE_LENGTH && !this.#text.includes("\n")) {
      // Its beginning is not needed any more, only that there was one.
      this.#isTooLong = true;
      this.#text = "";
    }
    this.#isDelivering = false;
    if (this.#hasEnded && (!this.#isPaused || this.#text === "")) this.#deliverEnd();
  }

  #tell(line: string): void {
    const isTooLong = this.#isTooLong || line.length > MAX_LINE_LENGTH;
    this.#isTooLong = false;
    if (isTooLong) this.#handlers?.tooLong();
    else this.#handlers?.line(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  #deliverEnd(): void {
    if (this.#handlers === undefined) return;
    const rest = this.#text;
    this.#text = "";
    if (rest !== "" || this.#isTooLong) this.#tell(rest);
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.end();
  }
}
