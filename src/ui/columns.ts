// The width of text on a screen, by graphemes. Measurements are cached.
// Knows no colours and no cursor; text must have passed the sanitiser.

import stringWidth from "string-width";

/** Each character of these texts is a grapheme, and takes one column: ASCII, and the marks of our own lines. */
const NARROW = /^[ -~·›…‘’“”–—]*$/;

let segmenter: Intl.Segmenter | undefined;

/** Making the segmenter takes longer than most texts: it waits for the first one that needs it. */
function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** The graphemes of a text: what a person counts as characters. */
export function graphemes(text: string): string[] {
  // A line feed is one as well, except that CR LF would be one; CR never gets this far.
  if (NARROW.test(text.replaceAll("\n", ""))) return text.split("");
  return Array.from(segmentsOf(text), (part) => part.segment);
}

/** The same one by one: the rest is not examined before it is needed. */
export function* eachGrapheme(text: string): Generator<string> {
  for (const { segment } of segmentsOf(text)) yield segment;
}

/** The columns that a text takes on a screen that draws every cluster correctly. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f-\x9f]/.test(text)) return stringWidth(text);
  return graphemes(text).reduce((sum, cluster) => sum + widthOf(cluster).drawn, 0);
}

/**
 * The columns that a text may take at most. A terminal without joined emoji draws the parts of a family one by one;
 * counted as two columns, the surplus would wrap to column 0 and could pass for a line of ours.
 */
export function columnsAtMost(text: string): number {
  if (NARROW.test(text)) return text.length;
  return graphemes(text).reduce((sum, cluster) => sum + widthOf(cluster).atMost, 0);
}

/** Whether a text takes at most `columns`. Examines no more than necessary. */
export function fitsColumns(text: string, columns: number): boolean {
  if (NARROW.test(text)) return text.length <= columns;
  let used = 0;
  for (const cluster of eachGrapheme(text)) {
    used += widthOf(cluster).atMost;
    if (used > columns) return false;
  }
  return true;
}

interface Width {
  readonly drawn: number;
  readonly atMost: number;
}

/** Measuring an emoji takes 20 microseconds, and 16 KB of them are one message. */
const widths = new Map<string, Width>();
const MAX_WIDTHS = 4096;
const MAX_REMEMBERED = 32;

/** One message may contain more of them than the cache. */
const IDEOGRAPH_OR_HANGUL = /^[\u4e00-\u9fff\uac00-\ud7a3]$/;
const WIDE: Width = { drawn: 2, atMost: 2 };

function widthOf(cluster: string): Width {
  if (IDEOGRAPH_OR_HANGUL.test(cluster)) return WIDE;
  const known = widths.get(cluster);
  if (known !== undefined) return known;
  const drawn = stringWidth(cluster);
  let apart = 0;
  for (const point of cluster) apart += pointAtMost(point);
  const width = { drawn, atMost: Math.max(apart, drawn) };
  if (cluster.length > MAX_REMEMBERED) return width;
  // New ones all the time gain nothing: the cache is cleared.
  if (widths.size >= MAX_WIDTHS) widths.clear();
  widths.set(cluster, width);
  return width;
}

// Drawn as a hyphen, a box or nothing; most count as 0.
const DRAWN_PERHAPS =
  // oxlint-disable-next-line no-misleading-character-class
  /[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b\u200e\u200f\u{110bd}\u{110cd}\u{e0100}-\u{e01ef}]/u;

function pointAtMost(point: string): number {
  // A letter of a flag counts 1 alone and 2 in most terminals.
  if (/\p{Regional_Indicator}/u.test(point)) return 2;
  return DRAWN_PERHAPS.test(point) ? 1 : stringWidth(point);
}

/** Cuts a text to at most `columns`, with `mark` in place of the missing part. */
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
