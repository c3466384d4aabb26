// Breaks text into rows: at its newlines, at blanks, and inside words that are wider than a row, by graphemes. Text for
// copying (a URL, a key, a path) stays in one piece, for the terminal to wrap: a hard line end would be copied as well.
// Text must have passed the sanitiser. Lays out no more than necessary.

import { columnsAtMost, columnsOf, eachGrapheme, fitsColumns, graphemes } from "./columns.ts";

interface Wrapped {
  readonly rows: readonly string[];
  /** What the requested rows did not contain; empty if they contain everything. */
  readonly rest: string;
}

interface Row {
  readonly text: string;
  /** Its end in the line. */
  readonly end: number;
  /** The number of screen rows that it takes. */
  readonly height: number;
}

/**
 * Without blanks, so that no piece of it at the start of a row can imitate a line of the program: each of these has a
 * blank. Text in a script without blanks is not such a word, except for its letters in a URL.
 */
const COPIABLE = /^(?:[\x21-\x7e]+|[!-/:-@[-\x60{-~]{0,2}[a-z][a-z\d+.-]*:\/\/[\x21-\x7e\p{L}\p{M}\p{N}]+)$/iu;
/** Blanks or a word; a URL directly after a letter of a script without blanks is a word of its own. */
const TOKENS = / +|[^ ]*?[^\x20-\x7e](?=https?:\/\/)|[^ ]+/g;

/** Rows of at most `columns`, except for words that the terminal wraps; as many as fit into `maxRows` of a screen. */
export function wrapText(text: string, columns: number, maxRows = Number.POSITIVE_INFINITY): Wrapped {
  const rows: string[] = [];
  let height = 0;
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    let at = start;
    for (const row of rowsOf(text.slice(start, end), columns, maxRows - height)) {
      if (height >= maxRows) return { rows, rest: text.slice(at) };
      rows.push(row.text);
      height += row.height;
      at = start + row.end;
    }
    start = end + 1;
    if (height >= maxRows && start <= text.length) return { rows, rest: text.slice(start) };
  }
  return { rows, rest: "" };
}

function* rowsOf(line: string, columns: number, room: number): Generator<Row> {
  if (fitsColumns(line, columns)) {
    yield { text: line, end: line.length, height: 1 };
    return;
  }
  let row = "";
  let used = 0;
  const finished = (end: number): Row => {
    const text = row.trimEnd();
    row = "";
    used = 0;
    return { text, end, height: 1 };
  };
  for (const { 0: token, index } of line.matchAll(TOKENS)) {
    const isBlank = token.startsWith(" ");
    // The blanks at a row break are dropped, as on paper.
    if (isBlank && used === 0 && index > 0) continue;
    if (fitsColumns(token, columns - used)) {
      row += token;
      used += columnsAtMost(token);
      continue;
    }
    if (isBlank) {
      if (used > 0) yield finished(index);
      continue;
    }
    const fits = fitsColumns(token, columns);
    const height = fits ? 1 : heightInOnePiece(token, columns);
    const isInOnePiece = !fits && Number.isFinite(height) && height <= room;
    if (row.trim() !== "" && (fits || isInOnePiece)) yield finished(index);
    if (isInOnePiece) {
      row = "";
      used = 0;
      // The following text begins an indented row: after the end of the word it could imitate a line of the program.
      yield { text: token, end: index + token.length, height };
      continue;
    }
    let at = index;
    for (const cluster of eachGrapheme(token)) {
      const width = columnsAtMost(cluster);
      if (used > 0 && used + width > columns) yield finished(at);
      row += cluster;
      used += width;
      at += cluster.length;
    }
  }
  if (used > 0) yield finished(line.length);
  else if (line.trim() === "") yield { text: "", end: line.length, height: 1 };
}

/** The rows that a word takes if the terminal wraps it; Infinity if it may not. */
function heightInOnePiece(word: string, columns: number): number {
  return COPIABLE.test(word) ? Math.ceil(columnsAtMost(word) / columns) : Number.POSITIVE_INFINITY;
}

function withoutColours(row: string): string {
  // oxlint-disable-next-line no-control-regex
  return row.replaceAll(/\x1b\[[\d;]*m/g, "");
}

/**
 * The screen row, from 0, of the cell at `column` of a printed row that the terminal wraps at `columns`; that of the last cell,
 * if the row has fewer. Ignores colours.
 */
export function screenRowOf(row: string, column: number, columns: number): number {
  let [at, used, screenRow] = [0, 0, 0];
  for (const cluster of eachGrapheme(withoutColours(row))) {
    const width = columnsOf(cluster);
    // A wide character that does not fit into the last column goes to the next row as a whole.
    if (used + width > columns) {
      screenRow += 1;
      used = 0;
    }
    if (at >= column) break;
    at += width;
    used += width;
  }
  return screenRow;
}

/** The screen rows that a printed row takes, ignoring colours; undefined if that depends on the terminal. */
export function heightOf(row: string, columns: number): number | undefined {
  const text = withoutColours(row);
  const width = columnsAtMost(text);
  if (width <= columns) return 1;
  // If a wide character does not fit into the last column, that column stays empty.
  return width === graphemes(text).length ? Math.ceil(width / columns) : undefined;
}
