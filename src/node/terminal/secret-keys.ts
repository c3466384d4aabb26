// Hidden typed or pasted input, byte by byte: it never becomes a string, which could not be overwritten. Knows which
// keys edit and end it, and no terminal. Skips the bytes of cursor keys, paste marks and answers of the terminal.

import { erase } from "../../core/bytes.ts";
import { type SequenceSink, SequenceScanner } from "./sequence-scanner.ts";

export type SecretAnswer =
  /** The caller erases it; may be empty. */
  | { readonly type: "secret"; readonly bytes: Uint8Array }
  | { readonly type: "too-long" }
  /** Ctrl-C. */
  | { readonly type: "interrupted" }
  /** Ctrl-D on an empty line, or the terminal is gone. */
  | { readonly type: "ended" };

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const ENTER = 0x0d;
const CTRL_U = 0x15;
const DELETE = 0x7f;

const isControl = (byte: number): boolean => byte < 0x20 || byte === DELETE;
/** The bytes of a UTF-8 character after its first one. */
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

export class SecretKeys implements SequenceSink {
  readonly #bytes: Uint8Array;
  #length = 0;
  #isTooLong = false;
  /** Single C1 bytes are not controls here: a passphrase may have any bytes, for example of an old code page. */
  readonly #scanner = new SequenceScanner(this, { rawC1: false });
  #answer: SecretAnswer | undefined;

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  /** Whether a lone ESC waits for the rest of a sequence; call {@link rest} if nothing follows in time. */
  get isHolding(): boolean {
    return this.#scanner.isBehindEscape;
  }

  /** The Esc was a key by itself, unless what follows cannot be typed. */
  rest(): void {
    this.#scanner.rest();
  }

  /** Takes in a chunk; returns the answer once it is complete. The rest of that chunk is dropped. */
  press(chunk: Uint8Array): SecretAnswer | undefined {
    // The Esc at the end of the previous chunk was a key by itself, unless its sequence continues.
    if (!SequenceScanner.isIntroducer(chunk[0])) this.#scanner.forgetEscape();
    this.#answer = undefined;
    for (const byte of chunk) {
      this.#scanner.take(byte, chunk.length === 1);
      if (this.#answer !== undefined) return this.#answer;
    }
    return undefined;
  }

  text(byte: number): void {
    if (this.#length < this.#bytes.length) this.#bytes[this.#length++] = byte;
    else this.#isTooLong = true;
  }

  control(byte: number): void {
    this.#answer = this.#press(byte);
  }

  /** Alt with a letter does nothing; Enter or Ctrl-C after an Esc works as usual. */
  alt(byte: number): void {
    if (isControl(byte)) this.control(byte);
  }

  /** A cursor key, or a mark around a paste. */
  csi(): void {}

  ss3(): void {}

  /** Overwrites what was typed. */
  clear(): void {
    erase(this.#bytes);
    this.#length = 0;
    this.#isTooLong = false;
  }

  #press(byte: number): SecretAnswer | undefined {
    switch (byte) {
      case ENTER:
      case LINE_FEED:
        return this.#take();
      case CTRL_C:
        this.clear();
        return { type: "interrupted" };
      case CTRL_D:
        return this.#length === 0 ? { type: "ended" } : undefined;
      case BACKSPACE:
      case DELETE:
        this.#eraseLast();
        return undefined;
      case CTRL_U:
        this.clear();
        return undefined;
    }
    return undefined;
  }

  #take(): SecretAnswer {
    const isTooLong = this.#isTooLong;
    const bytes = isTooLong ? new Uint8Array() : this.#bytes.slice(0, this.#length);
    this.clear();
    return isTooLong ? { type: "too-long" } : { type: "secret", bytes };
  }

  /** Removes a whole character. */
  #eraseLast(): void {
    let byte: number | undefined;
    while (this.#length > 0 && (byte === undefined || isContinuation(byte))) {
      byte = this.#bytes[--this.#length]!;
      this.#bytes[this.#length] = 0;
    }
  }
}
