// Bytes of input as text: UTF-8, or the encoding that they seem to have, so that no wrong text is sent. Pure.

/** Why a line of input cannot be sent. */
export type MisreadKind =
  /** Usually an old code page. */
  | "not-utf8"
  | "utf-16"
  | "utf-32"
  /** Well-formed UTF-8, but not text. */
  | "nul"
  /** The terminal's line buffer was full, and the terminal dropped the rest. */
  | "cut";

/** A line of input that is not sent; `line` counts from 1. */
export interface MisreadLine {
  readonly line: number;
  readonly kind: MisreadKind;
  /** The whole input is like this, and nothing more is read. */
  readonly isRest: boolean;
}

type Wide = "utf-16" | "utf-32";
type Order = "le" | "be";

const UTF8_MARK = [0xef, 0xbb, 0xbf] as const;
const WIDE_MARKS: readonly (readonly [Wide, readonly number[]])[] = [
  // The longer ones first: a UTF-16 mark is the beginning of a UTF-32 mark.
  ["utf-32", [0xff, 0xfe, 0, 0]],
  ["utf-32", [0, 0, 0xfe, 0xff]],
  ["utf-16", [0xff, 0xfe]],
  ["utf-16", [0xfe, 0xff]],
];
/** How much of the start of an input is examined. */
const MAX_SNIFFED = 4096;
// Control characters that no text contains, unassigned code points, and private use.
// oxlint-disable-next-line no-control-regex
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\p{Cn}\p{Co}]/u;

/** How many bytes of a text are the byte order mark at its start (EF BB BF): 3 or 0. */
export function markLength(bytes: Uint8Array): number {
  return startsWith(bytes, UTF8_MARK) ? UTF8_MARK.length : 0;
}

/** Whether more bytes may be needed to recognise a byte order mark. */
export function mayBecomeMark(bytes: Uint8Array): boolean {
  return [UTF8_MARK, ...WIDE_MARKS.map(([, mark]) => mark)].some(
    (mark) => bytes.length < mark.length && bytes.every((byte, index) => byte === mark[index]),
  );
}

/** Whether an input as a whole is UTF-16 or UTF-32, judging from its start: by a mark, or by its appearance. */
export function wideInput(beginning: Uint8Array): Wide | undefined {
  const marked = WIDE_MARKS.find(([, mark]) => startsWith(beginning, mark))?.[0];
  return marked ?? (beginning.includes(0) ? sniffed(beginning.subarray(0, MAX_SNIFFED)) : undefined);
}

/** Without a mark: read this way it has line ends and is text throughout, and zeros are where ASCII leaves them. */
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

/** Two ASCII letters make one Chinese character of UTF-16; there are few with two such bytes. */
function isMostlyAscii(even: Uint8Array): boolean {
  let pairs = 0;
  for (let at = 0; at < even.length; at += 2) if (isPrintable(even[at]!) && isPrintable(even[at + 1]!)) pairs += 1;
  return pairs * 4 > even.length;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** The text, without a letter that the end has cut in half; undefined if it is not text. */
function decodeWide(bytes: Uint8Array, order: Order): string | undefined {
  const units: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    units.push(order === "le" ? first | (second << 8) : (first << 8) | second);
  }
  const text = String.fromCharCode(...units).replace(/[\ud800-\udbff]$/, "");
  return /\p{Cs}/u.test(text) ? undefined : text;
}

/** What is wrong with one line, without its end, whether or not it is well-formed UTF-8; undefined for text. */
export function misreadKind(line: Uint8Array, isUtf8: boolean): MisreadKind | undefined {
  if (!line.includes(0)) return !isUtf8 ? "not-utf8" : hasOneHighByte(line) ? "utf-16" : undefined;
  if (line.length >= 4 && zerosAt(line, 0) + zerosAt(line, 1) > line.length * 0.6) return "utf-32";
  return isWideLine(line) ? "utf-16" : "nul";
}

/** A line of UTF-16 with a zero in it: in the old alphabets every second byte is one of the lowest. */
function isWideLine(line: Uint8Array): boolean {
  const [first, second] = [zerosAt(line, 0), zerosAt(line, 1)];
  if (Math.min(first, second) * 2 < Math.max(first, second) && Math.max(first, second) * 3 >= line.length) return true;
  return [0, 1].some((parity) => line.every((byte, index) => index % 2 !== parity || byte < 0x20));
}

/** Letters of one old alphabet in UTF-16: every second byte is the same control character. */
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

/** What the user is told about a line that is not sent: what it is, and what to do. */
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

/** In typed text, a byte that is not UTF-8 is a lone surrogate, which no text from outside contains. */
const MISREAD_MARK = /\p{Cs}/u;

/** Whether a text contains something that was not UTF-8. */
export function hasMisread(text: string): boolean {
  return MISREAD_MARK.test(text);
}
