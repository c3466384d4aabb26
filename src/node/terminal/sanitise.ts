// The one sanitiser: everything that came from outside passes it on its way to the screen (docs/SECURITY.md).
// An allow-list by Unicode property. Controls vanish with their sequences, what is invisible or reorders text is shown by its number, so
// that nothing can move the cursor, hide, or pass for a line of ours. Knows no layout: indenting is the view's.

import { fitColumns, graphemes } from "./columns.ts";
import { stripControls } from "./control-sequences.ts";

/** A message of 16,384 bytes in short lines would scroll everything else away. */
const MAX_LINES = 500;
/** Numbers in place of invisible characters may make a text eight times as long. */
const MAX_LENGTH = 32_768;
/** Vietnamese needs 2 marks on a letter, Hebrew with cantillation 4; zalgo uses dozens. */
const MAX_MARKS = 5;
/** A family of four with skin tones has 19 units; a chain of a thousand people is no emoji. */
const MAX_EMOJI = 24;
const MAX_NAME_COLUMNS = 64;

const LONE_SURROGATE = /\p{Cs}/gu;
// The one flag sequences that are in use; any other run of tag characters is hidden text.
const TAG_FLAG =
  /^\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}$/u;
// Code points that are kept for emoji to come are not assigned, and nobody knows their width.
const EMOJI = /^(?:(?!\p{Cn})\p{Extended_Pictographic}[\ufe0e\ufe0f]?\p{Emoji_Modifier}?(?:\u200d|$))+$/u;
const ENDS_IN_JOINER = /\u200d$/u;
const KEYCAP = /^[0-9#*]\ufe0f\u20e3$/u;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}]/u;
const ODD_BLANK = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800]/u;
const MARK = /\p{M}/u;
const SPACING_MARK = /\p{Mc}/u;
// Between letters of these scripts the joiners change the shape of a word, and honest text holds them.
const JOINING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;

export interface SanitiseOptions {
  /** Whether the terminal understands UTF-8. If not, bytes of UTF-8 could be C1 controls to it: ASCII only. */
  readonly unicode?: boolean;
  readonly maxLines?: number;
  /** For output that is no terminal: there a tab is part of the text. */
  readonly keepsTabs?: boolean;
}

/** A text of several lines, safe to show: printable characters and `\n` only, 500 lines and 32,768 units at most. */
export function sanitiseText(text: string, options: SanitiseOptions = {}): string {
  const { unicode = true, maxLines = MAX_LINES, keepsTabs = false } = options;
  // Cut before the work, not after it: the sender chooses the length.
  const start = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  const clean = stripControls(start)
    .replace(LONE_SURROGATE, "\ufffd")
    .replaceAll("\t", keepsTabs ? "\t" : "    ");
  const shown = /^[\t\n\x20-\x7e]*$/.test(clean) ? clean : graphemes(clean).map(showCluster).join("");
  return capped(unicode ? shown : toAscii(shown), maxLines, start.length < text.length);
}

/** A name, a reason, an address: one line of 64 columns at most unless told otherwise. May be empty. */
export function sanitiseLine(text: string, maxColumns = MAX_NAME_COLUMNS, options: SanitiseOptions = {}): string {
  // Far more than can be shown, but never the megabyte that somebody may send.
  const line = sanitiseText(text.slice(0, 16 * maxColumns), options)
    .replace(/\s+/g, " ")
    .trim();
  return fitColumns(line, maxColumns, options.unicode === false ? "..." : "…");
}

function capped(text: string, maxLines: number, wasCut: boolean): string {
  const lines = text.split("\n");
  let kept = lines.length > maxLines ? lines.slice(0, maxLines).join("\n") : text;
  const tooLong = kept.length > MAX_LENGTH;
  if (tooLong) kept = kept.slice(0, MAX_LENGTH).replace(LONE_SURROGATE, "\ufffd");
  if (tooLong || wasCut) return `${kept}\n[the rest is too long to show]`;
  return lines.length > maxLines ? `${kept}\n[${lines.length - maxLines} more lines not shown]` : kept;
}

function showCluster(cluster: string, index: number, all: readonly string[]): string {
  if (/^[\t\n\x20-\x7e]$/.test(cluster) || KEYCAP.test(cluster) || TAG_FLAG.test(cluster)) return cluster;
  if (cluster.length <= MAX_EMOJI && EMOJI.test(cluster) && !ENDS_IN_JOINER.test(cluster)) return cluster;
  const points = Array.from(cluster);
  let shown = "";
  let marks = 0;
  points.forEach((point, at) => {
    if (isHonestJoiner(points, at, all[index + 1])) shown += point;
    else if (ODD_BLANK.test(point)) shown += " ";
    else if (INVISIBLE.test(point)) shown += codePointName(point);
    else if (MARK.test(point)) {
      // Without a letter it would sit on whatever we print before it. Spacing marks (Burmese) stand by themselves.
      if (shown === "" && !SPACING_MARK.test(point)) shown = "◌";
      if (++marks <= MAX_MARKS) shown += point;
    } else shown += point;
  });
  return shown;
}

function isHonestJoiner(points: readonly string[], at: number, nextCluster: string | undefined): boolean {
  if (points[at] !== "\u200c" && points[at] !== "\u200d") return false;
  const before = points[at - 1];
  const after = points[at + 1] ?? nextCluster;
  return (
    before !== undefined && after !== undefined && JOINING.test(before) && JOINING.test(Array.from(after)[0] ?? "")
  );
}

/** Letters lose their accents, everything else that is not ASCII is shown by its number. */
function toAscii(text: string): string {
  return text
    .normalize("NFD")
    .replace(/([A-Za-z])\p{M}+/gu, "$1")
    .normalize("NFC")
    .replace(/[…·›‘’“”–—]/g, (mark) => ASCII_MARKS[mark] ?? mark)
    .replace(/[^\t\n\x20-\x7e]/gu, codePointName);
}

const ASCII_MARKS: Readonly<Record<string, string>> = {
  "…": "...",
  "·": "-",
  "›": ">",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "–": "-",
  "—": "-",
};

function codePointName(point: string): string {
  return `<U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`;
}
