// The only sanitiser: everything from outside passes it on its way to the screen (docs/SECURITY.md). An allow-list by
// Unicode property. Control characters are removed with their sequences; invisible and reordering characters are shown
// as numbers. So nothing can move the cursor, hide, or imitate a line of the program. Knows no layout: the view
// indents.

import { fitColumns, graphemes } from "./columns.ts";
import { stripControls } from "./control-sequences.ts";
import { INVISIBLE, type Surroundings, hasRightToLeft, isNeeded, isSeen } from "./invisibles.ts";

/** A message of 16,384 bytes in short lines would scroll everything else away. */
const MAX_LINES = 500;
/** Numbers in place of invisible characters may make a text eight times as long. */
const MAX_LENGTH = 32_768;
/** Vietnamese needs 2 marks on a letter, Hebrew with cantillation 4; zalgo uses dozens. */
const MAX_MARKS = 5;
/** A family of four with skin tones has 19 units; a chain of a thousand people is not an emoji. */
const MAX_EMOJI = 24;
const MAX_NAME_COLUMNS = 64;

const LONE_SURROGATE = /\p{Cs}/gu;
// The flag of a part of a country, such as gbsct; any other run of tag characters is hidden text.
const TAG_FLAG = /^\u{1f3f4}[\u{e0061}-\u{e007a}]{2}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,3}\u{e007f}$/u;
// Code points reserved for future emoji are not assigned, and nobody knows their width.
const EMOJI = /^(?:(?!\p{Cn})\p{Extended_Pictographic}[\ufe0e\ufe0f]?\p{Emoji_Modifier}?(?:\u200d|$))+$/u;
const ENDS_IN_JOINER = /\u200d$/u;
// The common case.
const PLAIN = /^(?:[\t\n\x20-\x7e]|(?!\p{Default_Ignorable_Code_Point})\p{L})$/u;
const KEYCAP = /^[0-9#*]\ufe0f\u20e3$/u;
const ODD_BLANK = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800]/u;
const MARK = /\p{M}/u;
const SPACING_MARK = /\p{Mc}/u;
interface SanitiseOptions {
  /**
   * Whether the terminal understands UTF-8. If not, bytes of UTF-8 could be C1 controls to it, so only ASCII is shown.
   */
  readonly unicode?: boolean;
  readonly maxLines?: number;
  /** A message has its own limit (16,384 bytes), and is cut, if at all, when it is laid out. */
  readonly isBounded?: boolean;
  /** For output that is not a terminal: there a tab is part of the text. */
  readonly keepsTabs?: boolean;
}

/** A text of several lines, safe to show: printable characters and `\n` only, 500 lines and 32,768 units at most. */
export function sanitiseText(text: string, options: SanitiseOptions = {}): string {
  const { unicode = true, maxLines = MAX_LINES, keepsTabs = false, isBounded = false } = options;
  // Cut before the work, not after it: the sender chooses the length.
  const start = text.length > MAX_LENGTH && !isBounded ? text.slice(0, MAX_LENGTH) : text;
  const clean = stripControls(start)
    .replace(LONE_SURROGATE, "\ufffd")
    .replaceAll("\t", keepsTabs ? "\t" : "    ");
  const shown = /^[\t\n\x20-\x7e]*$/.test(clean) ? clean : showClusters(clean);
  const safe = unicode ? shown : toAscii(shown);
  return isBounded ? safe : capped(safe, maxLines, start.length < text.length);
}

/** A name, a reason, an address: one line, at most 64 columns by default. May be empty. */
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

/** One grapheme of a text, as shown between its neighbours. */
export function sanitiseCluster(clusters: readonly string[], index: number, options: SanitiseOptions = {}): string {
  const cluster = clusters[index] ?? "";
  if (/^[\x20-\x7e]$/.test(cluster)) return cluster;
  if (options.unicode === false || !INVISIBLE.test(cluster)) return sanitiseText(cluster, options);
  const isRightToLeft = hasRightToLeft(clusters.join(""));
  const before = clusters.slice(Math.max(0, index - 2), index).join("");
  // If nothing follows yet, a letter may follow.
  const isLast = clusters[index + 1] === undefined && /[\u00ad\u200c]/.test(cluster);
  const after = isLast ? before + cluster : clusters.slice(index + 1, index + 3).join("");
  return stripControls(showCluster(cluster, { before, after: Array.from(after), isRightToLeft }));
}

function showClusters(text: string): string {
  const clusters = graphemes(text);
  const isRightToLeft = hasRightToLeft(text);
  let shown = "";
  // The last part: whether an invisible character is needed depends on two characters on each side.
  let before = "";
  clusters.forEach((cluster, index) => {
    const isPlain = PLAIN.test(cluster) || !INVISIBLE.test(cluster);
    const after = isPlain ? [] : Array.from((clusters[index + 1] ?? "") + (clusters[index + 2] ?? ""));
    const part = showCluster(cluster, { before, after, isRightToLeft });
    shown += part;
    before = (before + part).slice(-4);
  });
  return shown;
}

/** One grapheme as shown. Its own code points are part of the context of each of them. */
function showCluster(cluster: string, { before, after, isRightToLeft }: Surroundings): string {
  if (PLAIN.test(cluster) || KEYCAP.test(cluster) || TAG_FLAG.test(cluster)) return cluster;
  if (cluster.length <= MAX_EMOJI && EMOJI.test(cluster) && !ENDS_IN_JOINER.test(cluster)) return cluster;
  const points = Array.from(cluster);
  let shown = "";
  let marks = 0;
  points.forEach((point, at) => {
    if (ODD_BLANK.test(point)) shown += " ";
    else if (isSeen(point)) shown += point;
    else if (INVISIBLE.test(point)) {
      const around = { before: before + shown, after: [...points.slice(at + 1), ...after], isRightToLeft };
      // It needs what follows: a mark that is one too many does not.
      const losesNext = MARK.test(points[at + 1] ?? "") && marks >= MAX_MARKS - (point === "\u034f" ? 1 : 0);
      const isKept = isNeeded(point, around) && !losesNext;
      if (isKept && point === "\u034f") marks += 1;
      shown += isKept ? point : codePointName(point);
    } else if (MARK.test(point)) {
      // Without a letter it would combine with whatever we print before it. Spacing marks (Burmese) stand alone.
      if (shown === "" && !SPACING_MARK.test(point)) shown = "◌";
      if (++marks <= MAX_MARKS) shown += point;
    } else shown += point;
  });
  return shown;
}

/** Letters lose their accents; everything else that is not ASCII is shown as a number. */
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
