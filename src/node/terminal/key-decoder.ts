// Converts the bytes of a terminal in raw mode to keys: UTF-8, control characters, escape sequences (xterm, kitty's CSI
// u), and bracketed paste. Pure: it keeps incomplete input and says so; the caller owns the timer for a lone ESC.

import type { Key, KeyName } from "../../ui/keys.ts";
import { type SequenceSink, SequenceScanner } from "./sequence-scanner.ts";
import { decodeTyped, unfinishedLength } from "./typed-text.ts";

const ENTER = 0x0d;
const LINE_FEED = 0x0a;

const CONTROL_KEYS: Readonly<Record<string, KeyName>> = {
  "\x01": "home",
  "\x02": "left",
  "\x03": "interrupt",
  "\x04": "end-or-delete",
  "\x05": "end",
  "\x06": "right",
  "\x08": "backspace",
  "\t": "complete",
  "\x0b": "erase-to-end",
  "\x0c": "redraw",
  "\r": "enter",
  "\x0e": "down",
  "\x10": "up",
  "\x14": "swap",
  "\x15": "erase-to-start",
  "\x17": "erase-word",
  "\x19": "yank",
  "\x1a": "suspend",
  "\x7f": "backspace",
};

const ESCAPE_KEYS: Readonly<Record<string, KeyName>> = {
  "\r": "newline",
  "\n": "newline",
  b: "word-left",
  f: "word-right",
  d: "erase-word-forward",
  "\x7f": "erase-word",
  "\x08": "erase-word",
};

/** Final letters of CSI and SS3 sequences. */
const LETTER_KEYS: Readonly<Record<string, KeyName>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
};

/** First parameter of CSI sequences that end in `~`. */
const TILDE_KEYS: Readonly<Record<string, KeyName>> = {
  "1": "home",
  "3": "delete",
  "4": "end",
  "7": "home",
  "8": "end",
};

// CSI; control strings with their end; other escape sequences. Each begins with ESC or a C1 control.
const SEQUENCE =
  // oxlint-disable-next-line no-control-regex
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]/g;
const PASTE_END = Buffer.from("\x1b[201~");
/** Without a limit, a terminal that never ends its paste would fill the memory. */
const MAX_PASTE = 1_048_576;
/** The bit for Ctrl among CSI's modifiers, which are sent plus 1. */
const CTRL = 4;

interface DecoderOptions {
  /** What is known about the terminal before it has marked a paste. */
  readonly marksPastes?: boolean;
  /** Whether it uses UTF-8: then single C1 bytes are controls, and not letters of an old code page. */
  readonly unicode?: boolean;
  /** Whether Tab is a key; otherwise it does nothing. */
  readonly completes?: boolean;
  /** The meaning of Ctrl-J; programs that drive a terminal end their lines with it. */
  readonly lineFeed?: "newline" | "enter";
}

export class KeyDecoder implements SequenceSink {
  readonly #scanner: SequenceScanner;
  readonly #lineFeed: "newline" | "enter";
  readonly #completes: boolean;
  #keys: Key[] = [];
  /** Text that has not been passed on yet. */
  #typed: number[] = [];
  /** The part of a paste that has arrived, without its end. */
  #paste: Buffer | undefined;
  /** Whether the terminal marks pastes: then it marks all of them, and unmarked lines were typed. */
  #marksPastes: boolean;

  constructor({ marksPastes = false, unicode = true, completes = false, lineFeed = "newline" }: DecoderOptions = {}) {
    this.#marksPastes = marksPastes;
    this.#lineFeed = lineFeed;
    this.#completes = completes;
    this.#scanner = new SequenceScanner(this, { rawC1: unicode });
  }

  /** Whether a lone ESC waits for the rest of a sequence; call {@link rest} if nothing follows in time. */
  get isHolding(): boolean {
    return this.#scanner.isBehindEscape;
  }

  /** The keys in one chunk of input, including what was held back from earlier chunks. */
  decode(chunk: Uint8Array): Key[] {
    this.#keys = [];
    this.#scan(this.#takeUnmarkedPaste(chunk));
    if (this.#paste === undefined) this.#give(unfinishedLength(Uint8Array.from(this.#typed)));
    return this.#keys.filter((key, index) => !isTab(key) || this.#isPressed(index));
  }

  /**
   * The ESC was a key by itself, which means nothing. Bytes that can only be the rest of a sequence still complete it.
   */
  rest(): void {
    this.#scanner.rest();
  }

  text(byte: number): void {
    this.#typed.push(byte);
  }

  control(byte: number): void {
    this.#press(byte === LINE_FEED ? this.#lineFeed : CONTROL_KEYS[String.fromCharCode(byte)]);
  }

  alt(byte: number): void {
    const letter = String.fromCharCode(byte);
    // Alt with an unknown letter does nothing, and is not text to send. Ctrl-C after an Esc is still Ctrl-C.
    this.#press(ESCAPE_KEYS[letter] ?? CONTROL_KEYS[letter]);
  }

  csi(parameters: string, final: string): void {
    this.#give();
    if (final === "~" && parameters === "200") {
      this.#paste = Buffer.alloc(0);
      this.#marksPastes = true;
    } else this.#press(sequenceKey(parameters, final));
  }

  ss3(final: string): void {
    this.#press(LETTER_KEYS[final]);
  }

  /** Whether a Tab was pressed. Text behind it in one chunk may be an unmarked paste. */
  #isPressed(index: number): boolean {
    if (!this.#completes) return false;
    return this.#marksPastes || this.#keys.slice(index).every(({ type }) => type === "key");
  }

  #scan(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#paste !== undefined) {
        const rest = this.#scanPaste(Buffer.from(bytes.subarray(at)));
        at = bytes.length - rest.length - 1;
      } else this.#scanner.take(bytes[at]!, bytes.length === 1);
    }
  }

  /** Returns the rest of the chunk after the paste. */
  #scanPaste(bytes: Buffer): Buffer {
    // The end mark may have begun in the previous chunk.
    const from = Math.max(0, this.#paste!.length - PASTE_END.length + 1);
    const paste = Buffer.concat([this.#paste!, bytes]);
    const end = paste.indexOf(PASTE_END, from);
    this.#paste = end >= 0 || paste.length > MAX_PASTE ? undefined : paste;
    if (end >= 0) {
      this.#keys.push(pasteKey(paste.subarray(0, end)));
      return paste.subarray(end + PASTE_END.length);
    }
    if (this.#paste === undefined) {
      const kept = Math.max(unfinishedLength(paste), partialSuffix(paste, PASTE_END));
      this.#keys.push(pasteKey(paste.subarray(0, paste.length - kept)));
      this.#paste = paste.subarray(paste.length - kept);
    }
    return Buffer.alloc(0);
  }

  /** Returns the bytes to treat as typed. */
  #takeUnmarkedPaste(chunk: Uint8Array): Uint8Array {
    if (this.#paste !== undefined || this.#marksPastes || !this.#scanner.isBetween) return chunk;
    // The rest of a character, or an Enter at the start, belongs to the previous chunk.
    let start = 0;
    if (this.#typed.length > 0) while (isContinuation(chunk[start])) start += 1;
    else while (chunk[start] === ENTER) start += 1;
    const lines = chunk.subarray(start);
    if (!isUnmarkedPaste(Buffer.from(lines).toString("latin1"))) return chunk;
    this.#scan(chunk.subarray(0, start));
    this.#give();
    let end = lines.length;
    while (end > 0 && (lines[end - 1] === ENTER || lines[end - 1] === LINE_FEED)) end -= 1;
    const unfinished = end < lines.length ? 0 : unfinishedLength(lines);
    this.#keys.push(pasteKey(lines.subarray(0, end - unfinished)));
    // An Enter at the end stays an Enter: it was meant to send the message.
    if (end < lines.length) this.#press("enter");
    return lines.subarray(lines.length - unfinished);
  }

  #press(name: KeyName | undefined): void {
    this.#give();
    if (name !== undefined) this.#keys.push({ type: "key", name });
  }

  /** Passes on the typed text, except for this many bytes at its end. */
  #give(kept = 0): void {
    const bytes = Uint8Array.from(this.#typed);
    const length = bytes.length - kept;
    if (length <= 0) return;
    this.#typed = this.#typed.slice(length);
    this.#keys.push({ type: "text", text: decodeTyped(bytes.subarray(0, length)) });
  }
}

/** A line that the terminal has edited itself, without the remains of cursor keys and of the terminal's answers. */
export function typedText(line: string): string {
  const pieces = line.split("\t").map((piece) => new KeyDecoder({ marksPastes: true }).decode(Buffer.from(piece)));
  return pieces.map((keys) => keys.map((key) => (key.type === "key" ? "" : key.text)).join("")).join("\t");
}

/** Parameters and final letter; a second parameter above 1 means that a modifier key was held. */
function sequenceKey(parameters: string, final: string): KeyName | undefined {
  // Answers (?, >, <) and sequences with blanks, $ and the like are not keys, whatever their final letter.
  if (!/^[\d;:]*$/.test(parameters)) return undefined;
  const [first = "", second = "", third = ""] = parameters.split(";");
  const [modifier = "", kind = "1"] = second.split(":");
  // A key was released.
  if (kind === "3") return undefined;
  if (final === "u") return unicodeKey(Number(first.split(":")[0]), Number(modifier || "1") - 1);
  // modifyOtherKeys of xterm.
  if (final === "~" && first === "27") return unicodeKey(Number(third), Number(modifier || "1") - 1);
  const name = final === "~" ? TILDE_KEYS[first] : LETTER_KEYS[final];
  if (modifier === "" || modifier === "1" || modifier === "2") return name;
  if (name === "left") return "word-left";
  if (name === "right") return "word-right";
  return name === "delete" ? "erase-word-forward" : name;
}

/**
 * A key given by its character (kitty's protocol, which an earlier program may have left on): used only for controls.
 */
function unicodeKey(codePoint: number, modifiers: number): KeyName | undefined {
  if ((modifiers & CTRL) !== 0 && codePoint >= 0x40 && codePoint < 0x80) {
    return CONTROL_KEYS[String.fromCharCode(codePoint & 0x1f)];
  }
  if (codePoint === ENTER && modifiers !== 0) return "newline";
  return codePoint < 0x80 ? CONTROL_KEYS[String.fromCharCode(codePoint)] : undefined;
}

/**
 * Lines that arrive in one chunk, in a terminal that does not mark pastes, count as one paste. A person who types has
 * only one Enter in a chunk, at its end.
 */
function isUnmarkedPaste(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) && /\r[^]*[^\r\n]/.test(text);
}

/**
 * Whole sequences, such as colours, are removed. Of a string that never ends, only the beginning is removed, because a
 * paste is text.
 */
function pasteKey(bytes: Uint8Array): Key {
  return { type: "paste", text: decodeTyped(bytes).replace(SEQUENCE, "").replace(/\r\n?/g, "\n") };
}

function isTab(key: Key): boolean {
  return key.type === "key" && key.name === "complete";
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** How many bytes at the end may be the beginning of `mark`. */
function partialSuffix(bytes: Buffer, mark: Buffer): number {
  for (let length = Math.min(bytes.length, mark.length - 1); length > 0; length--) {
    if (bytes.subarray(-length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}

/**
 * Whether a terminal marks pastes if asked; nearly all do. There, lines that arrive together were typed while the
 * network or the program was slow, and a command among them must not be sent to the peer.
 */
export function terminalMarksPastes(env: Readonly<Record<string, string | undefined>>): boolean {
  const name = env["TERM"] ?? "";
  return name !== "" && !/^(?:linux|ansi|cons25|cygwin|vt[0-9]+)/.test(name);
}
