// Bytes of input as text: UTF-8, or what else they seem to be, so that nothing is sent that nobody wrote. Pure.

/** What a line of input is that cannot be sent. */
export type MisreadKind =
  /** An old code page, as a rule. */
  | "not-utf8"
  | "utf-16"
  | "utf-32"
  /** Well-formed UTF-8, but no text. */
  | "nul"
  /** The terminal's line buffer was full: the rest was dropped before it came here. */
  | "cut";

/** A line of input that is not said; `line` counts from 1. */
export interface MisreadLine {
  readonly line: number;
  readonly kind: MisreadKind;
  /** All of the input is so, and nothing that follows is read. */
  readonly isRest: boolean;
}

type Wide = "utf-16" | "utf-32";
type Order = "le" | "be";

const UTF8_MARK = [0xef, 0xbb, 0xbf] as const;
const WIDE_MARKS: readonly (readonly [Wide, readonly number[]])[] = [
  // The longer ones first: one of UTF-16 is the beginning of one of UTF-32.
  ["utf-32", [0xff, 0xfe, 0, 0]],
  ["utf-32", [0, 0, 0xfe, 0xff]],
  ["utf-16", [0xff, 0xfe]],
  ["utf-16", [0xfe, 0xff]],
];
/** What is looked at of an input's beginning. */
const MAX_SNIFFED = 4096;
// Controls that no text has, what is not assigned, and private use.
// oxlint-disable-next-line no-control-regex
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\p{Cn}\p{Co}]/u;

/** How many bytes of a text are the byte order mark at its start (EF BB BF): 3 or 0. */
export function markLength(bytes: Uint8Array): number {
  return startsWith(bytes, UTF8_MARK) ? UTF8_MARK.length : 0;
}

/** Whether more bytes may be needed to tell whether an input begins with a mark. */
export function mayBecomeMark(bytes: Uint8Array): boolean {
  return [UTF8_MARK, ...WIDE_MARKS.map(([, mark]) => mark)].some(
    (mark) => bytes.length < mark.length && bytes.every((byte, index) => byte === mark[index]),
  );
}

/** Whether a whole input is UTF-16 or UTF-32, as far as its beginning shows: by a mark, or by looking like it. */
export function wideInput(beginning: Uint8Array): Wide | undefined {
  const marked = WIDE_MARKS.find(([, mark]) => startsWith(beginning, mark))?.[0];
  return marked ?? (beginning.includes(0) ? sniffed(beginning.subarray(0, MAX_SNIFFED)) : undefined);
}

/** Without a mark: read so it has line ends and is text throughout, and zeros stand where ASCII leaves them. */
function sniffed(bytes: Uint8Array): Wide | undefined {
  const even = bytes.subarray(0, bytes.length & ~1);
  for (const order of ["le", "be"] as const satisfies readonly Order[]) {
    const high = zerosAt(even, order === "le" ? 1 : 0);
    const low = zerosAt(even, order === "le" ? 0 : 1);
    if (high <= 2 * low || isMostlyAscii(even)) continue;
    const text = decodeWide(even, order);
    if (text !== undefined && text.includes("\n") && !NO_TEXT.test(text)) return "utf-16";
  }
  return undefined;
}

function zerosAt(bytes: Uint8Array, parity: 0 | 1): number {
  let zeros = 0;
  for (let at = parity; at < bytes.length; at += 2) if (bytes[at] === 0) zeros += 1;
  return zeros;
}

/** Two letters of ASCII make one Chinese character of UTF-16; there are few of which both bytes are such letters. */
function isMostlyAscii(even: Uint8Array): boolean {
  let pairs = 0;
  for (let at = 0; at < even.length; at += 2) if (isPrintable(even[at]!) && isPrintable(even[at + 1]!)) pairs += 1;
  return pairs * 4 > even.length;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** The text, without a letter that the end has cut in half; undefined where it is none. */
function decodeWide(bytes: Uint8Array, order: Order): string | undefined {
  const units: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    units.push(order === "le" ? first | (second << 8) : (first << 8) | second);
  }
  const text = String.fromCharCode(...units).replace(/[\ud800-\udbff]$/, "");
  return /\p{Cs}/u.test(text) ? undefined : text;
}

/** What is wrong with one line, without its end, that is well-formed UTF-8 or not; undefined for text. */
export function misreadKind(line: Uint8Array, isUtf8: boolean): MisreadKind | undefined {
  if (!line.includes(0)) return !isUtf8 ? "not-utf8" : hasOneHighByte(line) ? "utf-16" : undefined;
  if (line.length >= 4 && zerosAt(line, 0) + zerosAt(line, 1) > line.length * 0.6) return "utf-32";
  return isWideLine(line) ? "utf-16" : "nul";
}

/** A line of UTF-16 with a zero in it: in the old alphabets each second byte is one of the lowest. */
function isWideLine(line: Uint8Array): boolean {
  const [first, second] = [zerosAt(line, 0), zerosAt(line, 1)];
  if (Math.min(first, second) * 2 < Math.max(first, second) && Math.max(first, second) * 3 >= line.length) return true;
  return [0, 1].some((parity) => line.every((byte, index) => index % 2 !== parity || byte < 0x20));
}

/** Letters of one of the old alphabets in UTF-16: each second byte is the same control character. */
function hasOneHighByte(line: Uint8Array): boolean {
  if (line.length < 4 || line.length % 2 !== 0) return false;
  return [0, 1].some((parity) => {
    const high = line[parity]!;
    const isText = high >= 0x20 || high === 0x09 || high === 0x0d || high === 0x1b;
    return !isText && line.every((byte, index) => index % 2 !== parity || byte === high);
  });
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** What is told of a line that is not said: what it is, and what to do. */
export function misreadPhrases(
  misread: MisreadLine,
  outcome: string,
): { readonly message: string; readonly hint: string } {
  const line = `Line ${misread.line} of the input`;
  const rest = misread.isRest ? ", and so does the rest" : "";
  switch (misread.kind) {
    case "not-utf8":
      return {
        message: `${line} is not UTF-8; ${outcome}.`,
        hint: "Convert the input first, for example with iconv -f ISO-8859-1 -t UTF-8.",
      };
    case "utf-16":
    case "utf-32": {
      const name = misread.kind.toUpperCase();
      return {
        message: `${line} looks like ${name}, not UTF-8${rest}; ${outcome}.`,
        hint: `Convert the input first, for example with iconv -f ${name} -t UTF-8.`,
      };
    }
    case "nul":
      return {
        message: `${line} contains zero bytes, so it is not text; ${outcome}.`,
        hint: "Remove them first, for example with tr -d '\\000'.",
      };
    case "cut":
      return {
        message: `${line} fills the terminal's line buffer, so its end may be missing; ${outcome}.`,
        hint: "Send long lines through a pipe or from a file.",
      };
  }
}

/** A byte that is not UTF-8 stands in typed text as a lone surrogate, which no text from outside holds. */
const MISREAD_MARK = /\p{Cs}/u;

/** Whether a text holds something that was not UTF-8. */
export function hasMisread(text: string): boolean {
  return MISREAD_MARK.test(text);
}
