// Turns what a terminal in raw mode sends into keys: UTF-8, control characters, escape sequences (ECMA-48 §5.4, xterm),
// and bracketed paste. Pure: it holds what is incomplete and says so; the caller owns the timer for a lone ESC.

import { StringDecoder } from "node:string_decoder";

export type KeyName =
  | "enter"
  | "newline"
  | "backspace"
  | "delete"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "home"
  | "end"
  | "up"
  | "down"
  | "erase-word"
  | "erase-word-forward"
  | "erase-to-start"
  | "erase-to-end"
  | "yank"
  | "swap"
  | "redraw"
  | "interrupt"
  | "end-or-delete"
  | "suspend";

export type Key =
  | { readonly type: "key"; readonly name: KeyName }
  | { readonly type: "text"; readonly text: string }
  /** Pasted text; its line ends are `\n`. */
  | { readonly type: "paste"; readonly text: string };

const CONTROL_KEYS: Readonly<Record<string, KeyName>> = {
  "\x01": "home",
  "\x02": "left",
  "\x03": "interrupt",
  "\x04": "end-or-delete",
  "\x05": "end",
  "\x06": "right",
  "\x08": "backspace",
  "\n": "newline",
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

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** A sequence of ours is a dozen characters long; what is longer is noise, and must not swallow what follows. */
const MAX_SEQUENCE = 32;
/** Without a limit a terminal that never ends its paste would fill the memory. */
const MAX_PASTE = 1_048_576;

export class KeyDecoder {
  readonly #utf8 = new StringDecoder("utf8");
  #held = "";
  #paste: string | undefined;
  /** Whether the terminal marks pastes: then it marks all of them, and unmarked lines were typed. */
  #marksPastes: boolean;

  /** `marksPastes`: what is known of the terminal before it has marked one. */
  constructor(marksPastes = false) {
    this.#marksPastes = marksPastes;
  }

  /** Whether something incomplete waits that {@link flush} would give out: a lone ESC, most likely. */
  get isHolding(): boolean {
    return this.#held !== "" && this.#paste === undefined;
  }

  /** The keys in one chunk of input, with what was held from the chunks before. */
  decode(chunk: Uint8Array): Key[] {
    const text = this.#held + this.#utf8.write(chunk);
    this.#held = "";
    if (this.#paste !== undefined || this.#marksPastes) return this.#scan(text);
    // An Enter at the start belongs to what was typed before this chunk.
    const typed = /^\r*/.exec(text)![0];
    const rest = text.slice(typed.length);
    return isUnmarkedPaste(rest) ? [...this.#scan(typed), ...unmarkedPaste(rest)] : this.#scan(text);
  }

  /** Gives up waiting for the rest of a sequence: nothing that we know begins so. */
  flush(): Key[] {
    if (this.#paste !== undefined) return [];
    const rest = this.#held.slice(1);
    this.#held = "";
    return rest === "" ? [] : this.#scan(rest);
  }

  #scan(input: string): Key[] {
    const keys: Key[] = [];
    let rest = input;
    while (rest !== "") {
      if (this.#paste !== undefined) rest = this.#scanPaste(rest, keys);
      else if (rest.startsWith("\x1b")) rest = this.#scanEscape(rest, keys);
      else rest = scanPlain(rest, keys);
    }
    return keys;
  }

  #scanPaste(input: string, keys: Key[]): string {
    const end = input.indexOf(PASTE_END);
    if (end >= 0) {
      keys.push(pasteKey(this.#paste + input.slice(0, end)));
      this.#paste = undefined;
      return input.slice(end + PASTE_END.length);
    }
    // The end mark may be cut by the end of the chunk.
    const cut = partialSuffix(input, PASTE_END);
    this.#held = input.slice(input.length - cut);
    this.#paste += input.slice(0, input.length - cut);
    if (this.#paste!.length > MAX_PASTE) {
      keys.push(pasteKey(this.#paste!));
      this.#paste = "";
    }
    return "";
  }

  #scanEscape(input: string, keys: Key[]): string {
    if (input.startsWith(PASTE_START)) {
      this.#paste = "";
      this.#marksPastes = true;
      return input.slice(PASTE_START.length);
    }
    const second = input[1];
    if (second === "[" || second === "O") {
      // oxlint-disable-next-line no-control-regex
      const match = (second === "[" ? /^\x1b\[([0-?]*)[ -/]*([@-~])/ : /^\x1bO([0-9;]*)([@-~])/).exec(input);
      if (match !== null) {
        const name = sequenceKey(match[1]!, match[2]!);
        if (name !== undefined) keys.push({ type: "key", name });
        return input.slice(match[0].length);
      }
      // oxlint-disable-next-line no-control-regex
      if (input.length < MAX_SEQUENCE && /^\x1b[[O][ -?]*$/.test(input)) return this.#hold(input);
      return input.slice(2);
    }
    if (second === undefined) return this.#hold(input);
    if (second === "\x1b") return input.slice(1);
    const name = ESCAPE_KEYS[second];
    if (name !== undefined) keys.push({ type: "key", name });
    // ESC and an unknown character is Alt with it: nothing here, and surely not something to say.
    return input.slice(1 + String.fromCodePoint(input.codePointAt(1)!).length);
  }

  #hold(input: string): string {
    this.#held = input;
    return "";
  }
}

function scanPlain(input: string, keys: Key[]): string {
  // oxlint-disable-next-line no-control-regex
  const text = /^[^\x00-\x1f\x7f]+/.exec(input)?.[0];
  if (text !== undefined) {
    keys.push({ type: "text", text });
    return input.slice(text.length);
  }
  const name = CONTROL_KEYS[input[0]!];
  if (name !== undefined) keys.push({ type: "key", name });
  return input.slice(1);
}

/** Parameters and final letter; a second parameter above 1 means that a modifier was held. */
function sequenceKey(parameters: string, final: string): KeyName | undefined {
  const [first = "", modifier = "1"] = parameters.split(";");
  const name = final === "~" ? TILDE_KEYS[first] : LETTER_KEYS[final];
  if (modifier === "1" || modifier === "2") return name;
  if (name === "left") return "word-left";
  if (name === "right") return "word-right";
  return name === "delete" ? "erase-word-forward" : name;
}

/**
 * Lines that arrive in one chunk, in a terminal that does not mark a paste, are one paste all the same. Somebody who
 * types has one Enter in a chunk, at its end.
 */
function isUnmarkedPaste(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) && /\r[^]*[^\r\n]/.test(text);
}

/** An Enter at the end stays one: who sent it wanted the message sent. */
function unmarkedPaste(text: string): Key[] {
  const body = text.replace(/[\r\n]+$/, "");
  const enter: Key[] = text.length > body.length ? [{ type: "key", name: "enter" }] : [];
  return [pasteKey(body), ...enter];
}

function pasteKey(text: string): Key {
  return { type: "paste", text: text.replace(/\r\n?/g, "\n") };
}

/** How many characters at the end of `text` may be the beginning of `mark`. */
function partialSuffix(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/**
 * Whether a terminal that was asked to mark pastes does so; nearly all do. There, lines that arrive together were typed
 * while the network or we were slow, and a command among them must not be said to the peer.
 */
export function terminalMarksPastes(env: Readonly<Record<string, string | undefined>>): boolean {
  const name = env["TERM"] ?? "";
  return name !== "" && !/^(?:linux|ansi|cons25|cygwin|vt[0-9]+)/.test(name);
}
