// The parts of a text: words that were sought, and addresses that can be opened. Pure; the text has passed the sanitiser.

import { createHighlight } from "../../ui/highlight.ts";

interface TextPart {
  readonly kind: "text" | "mark" | "link";
  readonly text: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`“”‘’]+/giu;
/** Ends a sentence, and no address. */
const TRAILING = /[.,;:!?…)\]}]+$/u;
/** The sanitiser has removed these from the text. */
const BEGIN = "\u0001";
const END = "\u0002";

interface TextBlock {
  readonly isCode: boolean;
  readonly text: string;
}

const FENCE = "```";
const FEW_EMOJI = new RegExp(String.raw`^(?:\p{RGI_Emoji} ?){1,3}$`, "v");

/** A text in pieces of prose and of code, whose columns matter: rows between two of ```, and indented ones. */
export function textBlocks(text: string): readonly TextBlock[] {
  const rows = text.split("\n");
  const codes = codeRows(rows);
  const blocks: TextBlock[] = [];
  rows.forEach((row, index) => {
    const last = blocks.at(-1);
    const isCode = codes[index] === true;
    if (last?.isCode === isCode) blocks[blocks.length - 1] = { isCode, text: `${last.text}\n${row}` };
    else blocks.push({ isCode, text: row });
  });
  return blocks;
}

/** Of each row, whether it is code; an empty one is what the row before it is. */
function codeRows(rows: readonly string[]): readonly boolean[] {
  const lastFence = rows.lastIndexOf(FENCE);
  let isFenced = false;
  let isCode = false;
  return rows.map((row, at) => {
    const isEnd = isFenced && row === FENCE;
    const begins = !isFenced && /^```[^`]*$/.test(row) && at < lastFence;
    if (row.trim() !== "") isCode = isFenced || begins || /^(?:\t| {4})/.test(row);
    isFenced = begins || (isFenced && !isEnd);
    return isCode;
  });
}

/** Whether a text is one to three emoji and nothing else. */
export function isFewEmoji(text: string): boolean {
  return text.length < 100 && FEW_EMOJI.test(text);
}

/** A text in parts; with `words`, those are marked. */
export function textParts(text: string, words = ""): readonly TextPart[] {
  if (words !== "") return markedParts(text, words);
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmedAddress(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > at) parts.push({ kind: "text", text: text.slice(at, match.index) });
    parts.push({ kind: "link", text: address });
    at = match.index + address.length;
  }
  if (at < text.length || parts.length === 0) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}

/** Without the end of the sentence; a bracket that was opened in it belongs to it. */
function trimmedAddress(address: string): string {
  const without = address.replace(TRAILING, "");
  const rest = address.slice(without.length);
  return rest.startsWith(")") && without.includes("(") ? `${without})` : without;
}

function markedParts(text: string, words: string): readonly TextPart[] {
  const marked = createHighlight(words, (word) => BEGIN + word + END)(text);
  return marked
    .split(BEGIN)
    .flatMap((piece, index): TextPart[] => {
      if (index === 0) return [{ kind: "text", text: piece }];
      const [word = "", rest = ""] = piece.split(END, 2);
      return [
        { kind: "mark", text: word },
        { kind: "text", text: rest },
      ];
    })
    .filter((part) => part.text !== "");
}

/** Some text around the first word that was sought, in one row. */
export function excerpt(row: string, words: string, length = 90): string {
  const parts = markedParts(row, words);
  const first = parts.findIndex(({ kind }) => kind === "mark");
  const before = parts.slice(0, first).reduce((sum, part) => sum + part.text.length, 0);
  if (first === -1 || before < length / 2) return row;
  const from = row.indexOf(" ", before - Math.floor(length / 3));
  return `…${row.slice(from === -1 || from > before ? before : from)}`;
}
