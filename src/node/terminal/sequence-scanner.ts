// Splits a terminal's input, byte by byte, into text, control characters, and the sequences of keys and answers
// (ECMA-48 §5.4 and §5.6, xterm). A sequence that is not a key is dropped as a whole, up to its end or a limit, however
// it is split in time: a control string must never become text in a line. Knows no keys and no timer.

/** Receives the parts, in the order in which they were typed. */
export interface SequenceSink {
  /** A byte of text: from 0x20 on, without DEL. */
  text(byte: number): void;
  /** A byte below 0x20 except ESC, or DEL. */
  control(byte: number): void;
  /** ESC or Alt together with a control character, a letter, or the first byte of one. */
  alt(byte: number): void;
  /** CSI: parameter and intermediate bytes, such as "1;5", and the final byte. */
  csi(parameters: string, final: string): void;
  ss3(final: string): void;
}

interface ScannerOptions {
  /** Whether a single C1 byte (0x80 to 0x9f) begins a sequence where UTF-8 does not need it. */
  readonly rawC1: boolean;
}

/**
 * ground: between sequences. escape: after ESC. resting: after an ESC that was probably a key by itself, because
 * nothing followed for a while. alt: inside the character that was typed with Alt. csi, ss3: after their introducers.
 * letter: one more byte follows (function keys of the Linux console, ESC [ [ A). mouse: the three bytes of X10's mouse
 * (ESC [ M). string: inside OSC, DCS, SOS, PM or APC. string-escape: in a string, after an ESC, which is the first half
 * of its end or the end itself.
 */
type State = "ground" | "escape" | "resting" | "alt" | "csi" | "ss3" | "letter" | "mouse" | "string" | "string-escape";

const BEL = 0x07;
const ESC = 0x1b;
const DEL = 0x7f;
/** The first byte of C1 controls in UTF-8. */
const C1_LEAD = 0xc2;
const STRING_END = 0x9c;

/** The letters after ESC that begin a sequence, and the state that follows. */
const INTRODUCERS: ReadonlyMap<number, State> = new Map([
  ...Array.from("[", (letter): [number, State] => [letter.charCodeAt(0), "csi"]),
  ...Array.from("O", (letter): [number, State] => [letter.charCodeAt(0), "ss3"]),
  ...Array.from("P]X^_", (letter): [number, State] => [letter.charCodeAt(0), "string"]),
]);
/** A C1 control is 0x40 above the letter that follows ESC for the same control. */
const C1_OFFSET = 0x40;
/**
 * Text does not begin with these, so they complete an ESC of any age. Other introducers may be the first letter of a
 * sentence.
 */
const ONLY_INTRODUCERS: ReadonlySet<number> = new Set([0x5b, 0x5d]);

/** Keys and answers have at most a few dozen bytes; anything longer is noise. */
const MAX_SEQUENCE = 256;
/** An answer with a clipboard or a font name is long; but a string that never ends must not take all further input. */
const MAX_STRING = 65_536;

const isControl = (byte: number): boolean => byte < 0x20 || byte === DEL;
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
const isFinal = (byte: number): boolean => byte >= 0x40 && byte < DEL;

export class SequenceScanner {
  readonly #sink: SequenceSink;
  readonly #rawC1: boolean;
  #state: State = "ground";
  #parameters = "";
  /** The bytes of the sequence or string so far, or those still missing of the mouse's three. */
  #count = 0;
  /** The first byte of the current character, and how many bytes are missing. */
  #lead = 0;
  #toCome = 0;
  /** The single C1 byte that began the sequence, if any. */
  #rawIntroducer: number | undefined;

  constructor(sink: SequenceSink, { rawC1 }: ScannerOptions) {
    this.#sink = sink;
    this.#rawC1 = rawC1;
  }

  /** Whether an ESC was the last byte, and may be a key by itself. */
  get isBehindEscape(): boolean {
    return this.#state === "escape";
  }

  /** Whether there is no unfinished sequence; a character may be unfinished. */
  get isBetween(): boolean {
    return this.#state === "ground";
  }

  /**
   * Nothing has followed an ESC for so long that it was probably a key by itself: further bytes are typed text, unless
   * they cannot be.
   */
  rest(): void {
    if (this.#state === "escape") this.#state = "resting";
  }

  /** The ESC was a key by itself. */
  forgetEscape(): void {
    if (this.#state === "escape" || this.#state === "resting") this.#state = "ground";
  }

  /** Whether this byte after an ESC continues a sequence; otherwise it is Alt with a letter. */
  static isIntroducer(byte: number | undefined): boolean {
    return byte !== undefined && INTRODUCERS.has(byte);
  }

  /** Takes the next byte; `isAlone` if nothing else came with it or after it, as for a key press. */
  take(byte: number, isAlone: boolean): void {
    switch (this.#state) {
      case "ground":
        return this.#takePlain(byte);
      case "resting":
        this.#state = ONLY_INTRODUCERS.has(byte) || (INTRODUCERS.has(byte) && !isAlone) ? "escape" : "ground";
        return this.take(byte, isAlone);
      case "escape":
        return this.#takeEscaped(byte);
      case "alt":
        this.#toCome -= 1;
        if (!isContinuation(byte)) return this.#takeAnew(byte);
        if (this.#toCome === 0) this.#state = "ground";
        return;
      case "csi":
        return this.#takeOfCsi(byte);
      case "ss3":
        if (isFinal(byte)) {
          this.#state = "ground";
          return this.#sink.ss3(String.fromCharCode(byte));
        }
        return byte >= 0x30 && byte < 0x40 && this.#counts(MAX_SEQUENCE) ? undefined : this.#breakOff(byte);
      case "letter":
        this.#state = "ground";
        return isControl(byte) ? this.#takeAnew(byte) : undefined;
      case "mouse":
        // DEL is a coordinate here: column 95.
        if (isControl(byte) && byte !== DEL) return this.#breakOff(byte);
        this.#count -= 1;
        if (this.#count === 0) this.#state = "ground";
        return;
      case "string":
        return this.#takeOfString(byte);
      case "string-escape":
        this.#state = byte === 0x5c ? "ground" : "escape";
        return byte === 0x5c ? undefined : this.take(byte, isAlone);
    }
  }

  #takePlain(byte: number): void {
    if (this.#toCome > 0 && isContinuation(byte)) {
      this.#toCome -= 1;
      if (this.#lead !== C1_LEAD) return this.#sink.text(byte);
      if (this.#begins(byte)) return;
      this.#sink.text(C1_LEAD);
      return this.#sink.text(byte);
    }
    this.#endCharacter();
    if (byte === ESC) this.#state = "escape";
    else if (isControl(byte)) this.#sink.control(byte);
    else if (byte < 0x80) this.#sink.text(byte);
    else if (this.#rawC1 && this.#begins(byte)) this.#rawIntroducer = byte;
    else {
      this.#beginCharacter(byte);
      // It is held back: the next byte shows whether it is text.
      if (this.#lead !== C1_LEAD || this.#toCome === 0) this.#sink.text(byte);
    }
  }

  /** Whether a C1 control begins a sequence; if so, the sequence has begun. */
  #begins(c1: number): boolean {
    const state = INTRODUCERS.get(c1 - C1_OFFSET);
    if (state === undefined) return false;
    this.#begin(state);
    return true;
  }

  #begin(state: State): void {
    this.#state = state;
    this.#parameters = "";
    this.#count = 0;
    this.#toCome = 0;
    this.#rawIntroducer = undefined;
  }

  #beginCharacter(byte: number): void {
    this.#lead = byte;
    this.#toCome =
      byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0;
  }

  /** Something other than the rest of a character came. */
  #endCharacter(): void {
    const isKeptBack = this.#toCome > 0 && this.#lead === C1_LEAD;
    this.#toCome = 0;
    if (isKeptBack) this.#sink.text(C1_LEAD);
  }

  #takeEscaped(byte: number): void {
    if (byte === ESC) return;
    const state = INTRODUCERS.get(byte);
    if (state !== undefined) return this.#begin(state);
    this.#beginCharacter(byte);
    this.#state = this.#toCome > 0 ? "alt" : "ground";
    this.#sink.alt(byte);
  }

  #takeOfCsi(byte: number): void {
    if (byte >= 0x20 && byte < 0x40) {
      this.#parameters += String.fromCharCode(byte);
      if (!this.#counts(MAX_SEQUENCE)) this.#state = "ground";
      return;
    }
    if (!isFinal(byte)) return this.#breakOff(byte);
    this.#state = "ground";
    const final = String.fromCharCode(byte);
    if (this.#parameters === "" && final === "[") this.#state = "letter";
    else if (this.#parameters === "" && final === "M") {
      this.#state = "mouse";
      this.#count = 3;
    } else this.#sink.csi(this.#parameters, final);
  }

  #takeOfString(byte: number): void {
    if (byte === BEL) this.#state = "ground";
    else if (byte === ESC) this.#state = "string-escape";
    // A confused person presses Enter or Ctrl-C; no answer of a terminal contains these.
    else if (byte < 0x20 && byte !== 0) this.#breakOff(byte);
    else if (this.#toCome > 0 && isContinuation(byte)) {
      this.#toCome -= 1;
      if (this.#lead === C1_LEAD && byte === STRING_END) this.#state = "ground";
    } else if (byte === STRING_END) this.#state = "ground";
    else this.#beginCharacter(byte);
    if (this.#state === "ground") this.#toCome = 0;
    else if (this.#state === "string" && !this.#counts(MAX_STRING)) this.#state = "ground";
  }

  #counts(most: number): boolean {
    this.#count += 1;
    return this.#count < most;
  }

  /** The current sequence or character is invalid, or has lost its end. */
  #breakOff(byte: number): void {
    // Then it is a letter of an old code page, and not the beginning of a sequence.
    if (this.#rawIntroducer !== undefined) this.#sink.text(this.#rawIntroducer);
    this.#takeAnew(byte);
  }

  #takeAnew(byte: number): void {
    this.#begin("ground");
    this.#takePlain(byte);
  }
}
