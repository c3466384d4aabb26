// Splits a terminal's input, byte by byte, into text, control characters, and the sequences of keys and answers
// (ECMA-48 §5.4 and §5.6, xterm). A sequence that is not a key is swallowed whole, up to its end or a limit, however it
// is split in time: a control string must never get into a line as text. Knows no key and no timer.

/** What comes out, in the order in which it was typed. */
export interface SequenceSink {
  /** A byte of text: from 0x20 on, without DEL. */
  text(byte: number): void;
  /** A byte below 0x20 but ESC, or DEL. */
  control(byte: number): void;
  /** ESC, or Alt held, with a control character, a letter, or the first byte of one. */
  alt(byte: number): void;
  /** CSI: parameter and intermediate bytes, such as "1;5", and the final byte. */
  csi(parameters: string, final: string): void;
  ss3(final: string): void;
}

interface ScannerOptions {
  /** Whether a single byte of C1 (0x80 to 0x9f) begins a sequence, where UTF-8 does not need it. */
  readonly rawC1: boolean;
}

/**
 * ground: between sequences. escape: behind ESC. resting: behind an ESC for so long that it was a key by itself, most
 * likely. alt: inside the character that Alt was held with. csi, ss3: behind their introducers. letter: one more byte
 * follows (function keys of the Linux console, ESC [ [ A). mouse: the three bytes of X10's mouse (ESC [ M). string: inside
 * OSC, DCS, SOS, PM or APC. string-escape: there, behind an ESC, which is the first half of the end, or the end itself.
 */
type State = "ground" | "escape" | "resting" | "alt" | "csi" | "ss3" | "letter" | "mouse" | "string" | "string-escape";

const BEL = 0x07;
const ESC = 0x1b;
const DEL = 0x7f;
/** The first byte of C1 controls in UTF-8. */
const C1_LEAD = 0xc2;
const STRING_END = 0x9c;

/** What stands behind ESC, and what a byte of C1 stands for. */
const INTRODUCERS: ReadonlyMap<number, State> = new Map([
  ...Array.from("[", (letter): [number, State] => [letter.charCodeAt(0), "csi"]),
  ...Array.from("O", (letter): [number, State] => [letter.charCodeAt(0), "ss3"]),
  ...Array.from("P]X^_", (letter): [number, State] => [letter.charCodeAt(0), "string"]),
]);
/** A C1 control is 0x40 above the letter that stands behind ESC for it. */
const C1_OFFSET = 0x40;
/** No text begins with these, so they go on with an ESC of any age. Others are the first letter of somebody's sentence. */
const ONLY_INTRODUCERS: ReadonlySet<number> = new Set([0x5b, 0x5d]);

/** Keys and answers have a few dozen bytes; what is longer is noise. */
const MAX_SEQUENCE = 256;
/** An answer with a clipboard or a font's name in it is long; but a string that never ends must not take all that follows. */
const MAX_STRING = 65_536;

const isControl = (byte: number): boolean => byte < 0x20 || byte === DEL;
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
const isFinal = (byte: number): boolean => byte >= 0x40 && byte < DEL;

export class SequenceScanner {
  readonly #sink: SequenceSink;
  readonly #rawC1: boolean;
  #state: State = "ground";
  #parameters = "";
  /** Bytes of the sequence or string so far, or that are still to come of the mouse's three. */
  #count = 0;
  /** The first byte of the character under way, and how many bytes of it are to come. */
  #lead = 0;
  #toCome = 0;
  /** The single C1 byte that began the sequence, if one did. */
  #rawIntroducer: number | undefined;

  constructor(sink: SequenceSink, { rawC1 }: ScannerOptions) {
    this.#sink = sink;
    this.#rawC1 = rawC1;
  }

  /** Whether an ESC was the last byte, and may be a key by itself. */
  get isBehindEscape(): boolean {
    return this.#state === "escape";
  }

  /** Whether no sequence is under way; a character may be. */
  get isBetween(): boolean {
    return this.#state === "ground";
  }

  /** So long nothing has come behind an ESC that it was pressed, most likely: what follows was typed, unless it can't be. */
  rest(): void {
    if (this.#state === "escape") this.#state = "resting";
  }

  /** The ESC was a key by itself. */
  forgetEscape(): void {
    if (this.#state === "escape" || this.#state === "resting") this.#state = "ground";
  }

  /** Whether a byte behind an ESC goes on with a sequence, as against Alt with a letter. */
  static isIntroducer(byte: number | undefined): boolean {
    return byte !== undefined && INTRODUCERS.has(byte);
  }

  /** The next byte; `isAlone` if nothing else came with it and behind it, as when a key was pressed. */
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
      // It is kept back: what follows tells whether it is text.
      if (this.#lead !== C1_LEAD || this.#toCome === 0) this.#sink.text(byte);
    }
  }

  /** Whether a C1 control begins a sequence; then it has. */
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

  /** Something else came than the rest of a character. */
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
    // A person who is at a loss presses Enter or Ctrl-C; no answer of a terminal has these.
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

  /** Whatever was under way is none, or has lost its end. */
  #breakOff(byte: number): void {
    // A letter of an old code page, then, and not the beginning of a sequence.
    if (this.#rawIntroducer !== undefined) this.#sink.text(this.#rawIntroducer);
    this.#takeAnew(byte);
  }

  #takeAnew(byte: number): void {
    this.#begin("ground");
    this.#takePlain(byte);
  }
}
