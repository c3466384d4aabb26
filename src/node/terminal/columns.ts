// How wide text is on a screen, and how it is broken into rows: by graphemes, never inside one.
// Knows no colours and no cursor; text must have passed the sanitiser.

import stringWidth from "string-width";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The graphemes of a text: what a person counts as characters. */
export function graphemes(text: string): string[] {
  // ASCII is its own segmentation, except that CR LF would be one; CR never gets this far.
  if (/^[\n\x20-\x7e]*$/.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

/** The columns that a text takes on a screen that draws every cluster as it should. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/**
 * The columns that a text may take at most. A terminal without joined emoji draws the parts of a family one by one;
 * counted as two columns, the surplus would wrap to column 0 and could pass for a line of ours.
 */
export function columnsAtMost(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const cluster of graphemes(text)) {
    let apart = 0;
    for (const point of cluster) apart += pointAtMost(point);
    columns += Math.max(apart, stringWidth(cluster));
  }
  return columns;
}

// Drawn as a hyphen, a box or nothing; most are counted 0.
const DRAWN_PERHAPS =
  // oxlint-disable-next-line no-misleading-character-class
  /[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b\u200e\u200f\u{110bd}\u{110cd}\u{e0100}-\u{e01ef}]/u;

function pointAtMost(point: string): number {
  // A letter of a flag counts 1 alone and 2 in most terminals.
  if (/\p{Regional_Indicator}/u.test(point)) return 2;
  return DRAWN_PERHAPS.test(point) ? 1 : stringWidth(point);
}

/** Cuts a text to `columns` at most, with `mark` in the place of what is missing. */
export function fitColumns(text: string, columns: number, mark: string): string {
  if (columnsAtMost(text) <= columns) return text;
  const room = columns - columnsAtMost(mark);
  let kept = "";
  let used = 0;
  for (const cluster of graphemes(text)) {
    used += columnsAtMost(cluster);
    if (used > room) break;
    kept += cluster;
  }
  return kept.trimEnd() + mark;
}

/** Breaks a text into rows of `columns` at most: at its newlines, at blanks, and inside words that fit no row. */
export function wrapText(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, columns));
}

function wrapLine(line: string, columns: number): string[] {
  if (columnsAtMost(line) <= columns) return [line];
  const rows: string[] = [];
  let row = "";
  let used = 0;
  const finish = (): void => {
    rows.push(row.trimEnd());
    row = "";
    used = 0;
  };
  for (const token of line.match(/ +|[^ ]+/g) ?? []) {
    const width = columnsAtMost(token);
    if (used + width <= columns) {
      row += token;
      used += width;
      continue;
    }
    // The blanks at which a row is broken vanish, as on paper.
    if (token.startsWith(" ")) {
      if (used > 0) finish();
      continue;
    }
    if (row.trim() !== "" && width <= columns) finish();
    for (const cluster of graphemes(token)) {
      const clusterWidth = columnsAtMost(cluster);
      if (used > 0 && used + clusterWidth > columns) finish();
      row += cluster;
      used += clusterWidth;
    }
  }
  if (used > 0) finish();
  return rows.length === 0 ? [""] : rows;
}
