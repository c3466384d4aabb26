// Breaks text into rows: at its newlines, at blanks, and inside words that no row holds, by graphemes. What is there to be
// copied (a URL, a key, a path) stays in one piece, for the terminal to wrap: a hard line end would be copied as well.
// Text must have passed the sanitiser. Lays out no more than is asked for.

import { columnsAtMost, eachGrapheme, fitsColumns, graphemes } from "./columns.ts";

export interface Wrapped {
  readonly rows: readonly string[];
  /** What the rows asked for did not hold; empty if they held all. */
  readonly rest: string;
}

interface Row {
  readonly text: string;
  /** Where it ends in its line. */
  readonly end: number;
  /** How many rows of a screen it takes. */
  readonly height: number;
}

/**
 * Without blanks, so that no piece of it that stands at the start of a row can pass for a line of ours: each of these
 * has a blank. Text in a script without blanks is no such word, but for letters of it in a URL.
 */
const COPIABLE = /^(?:[\x21-\x7e]+|[!-/:-@[-\x60{-~]{0,2}[a-z][a-z\d+.-]*:\/\/[\x21-\x7e\p{L}\p{M}\p{N}]+)$/iu;
/** Blanks or a word; a URL that stands right behind a letter of a script without blanks is a word of its own. */
const TOKENS = / +|[^ ]*?[^\x20-\x7e](?=https?:\/\/)|[^ ]+/g;

/** Rows of `columns` at most, but for words that are left to the terminal; as many as fit into `maxRows` of a screen. */
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
    // The blanks at which a row is broken vanish, as on paper.
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
      // What follows begins a row of its own, indented: behind the end of the word it could pass for a line of ours.
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

/** The rows that a word takes which the terminal wraps; Infinity if it may not. */
function heightInOnePiece(word: string, columns: number): number {
  return COPIABLE.test(word) ? Math.ceil(columnsAtMost(word) / columns) : Number.POSITIVE_INFINITY;
}

/** The rows of a screen that a printed row takes, its colours aside; undefined where that depends on the terminal. */
export function heightOf(row: string, columns: number): number | undefined {
  // oxlint-disable-next-line no-control-regex
  const text = row.replaceAll(/\x1b\[[\d;]*m/g, "");
  const width = columnsAtMost(text);
  if (width <= columns) return 1;
  // A wide character that does not fit into the last column leaves it empty.
  return width === graphemes(text).length ? Math.ceil(width / columns) : undefined;
}
