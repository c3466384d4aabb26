// What somebody types or pastes where nothing is shown, byte for byte: it never becomes a string, which could not be
// overwritten. Knows which keys edit and end it, and no terminal. What a cursor key or a mark around a paste sends
// (ECMA-48 §5.4, xterm) is passed over.

import { erase } from "../../core/bytes.ts";

export type SecretAnswer =
  /** The caller's to erase; it may be empty. */
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
const ESCAPE = 0x1b;
const LETTER_O = 0x4f;
const LEFT_BRACKET = 0x5b;
const DELETE = 0x7f;

const isControl = (byte: number): boolean => byte < 0x20 || byte === DELETE;
/** All bytes of a character in UTF-8 but its first. */
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

export class SecretKeys {
  readonly #bytes: Uint8Array;
  #length = 0;
  #isTooLong = false;
  /** Where in an escape sequence we are: behind ESC, behind ESC [, behind ESC O, in a character that Alt was held with. */
  #sequence: "none" | "escape" | "csi" | "ss3" | "alt" = "none";

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  /** Takes a chunk in; the answer once one is given. What follows it in the chunk was meant for nobody, and is dropped. */
  press(chunk: Uint8Array): SecretAnswer | undefined {
    // The Esc at the end of the chunk before was a key by itself, unless its sequence goes on.
    if (this.#sequence === "escape" && chunk[0] !== LEFT_BRACKET && chunk[0] !== LETTER_O) this.#sequence = "none";
    for (const byte of chunk) {
      const answer = this.#pass(byte) ? undefined : this.#press(byte);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** Overwrites what was typed. */
  clear(): void {
    erase(this.#bytes);
    this.#length = 0;
    this.#isTooLong = false;
  }

  /** Whether a byte belongs to a sequence that means nothing here. */
  #pass(byte: number): boolean {
    const sequence = this.#sequence;
    this.#sequence = "none";
    // An Enter or Ctrl-C behind a lone Esc is one.
    if (isControl(byte)) {
      if (byte === ESCAPE) this.#sequence = "escape";
      return byte === ESCAPE;
    }
    switch (sequence) {
      case "none":
        return false;
      case "escape":
        if (byte === LEFT_BRACKET) this.#sequence = "csi";
        else if (byte === LETTER_O) this.#sequence = "ss3";
        else if (byte >= 0xc0) this.#sequence = "alt";
        return true;
      case "csi":
        // Ends with a byte from 0x40 on.
        if (byte < 0x40) this.#sequence = "csi";
        return true;
      case "ss3":
        return true;
      case "alt":
        if (isContinuation(byte)) this.#sequence = "alt";
        return isContinuation(byte);
    }
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
    if (isControl(byte)) return undefined;
    if (this.#length < this.#bytes.length) this.#bytes[this.#length++] = byte;
    else this.#isTooLong = true;
    return undefined;
  }

  #take(): SecretAnswer {
    const isTooLong = this.#isTooLong;
    const bytes = isTooLong ? new Uint8Array() : this.#bytes.slice(0, this.#length);
    this.clear();
    return isTooLong ? { type: "too-long" } : { type: "secret", bytes };
  }

  /** A whole character. */
  #eraseLast(): void {
    let byte: number | undefined;
    while (this.#length > 0 && (byte === undefined || isContinuation(byte))) {
      byte = this.#bytes[--this.#length]!;
      this.#bytes[this.#length] = 0;
    }
  }
}
