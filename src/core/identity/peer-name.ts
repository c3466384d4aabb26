// Rules for names: at most 64 bytes of UTF-8 (docs/PROTOCOL.md §3.4) and nothing that could move a cursor, or hide or
// reorder the text next to it. A name comes from the other side; knows nothing about its owner.

import { toUtf8 } from "../bytes.ts";
import { keptInvisibles } from "./name-invisibles.ts";

/** The longest name, in bytes of UTF-8 (docs/PROTOCOL.md §3.4). */
export const MAX_NAME_BYTES = 64;

/** How much of a name is shown before a message, in columns of a terminal. */
export const SHOWN_COLUMNS = 24;

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
// Some keyboards insert these with a word. Where they have no effect they are removed, because the user has not seen
// them.
const UNSEEN_BY_HABIT = /[\u200c-\u200f\u061c]/g;

/**
 * The name without control characters, reordering characters, lone surrogates and invisible characters without an
 * effect; white space collapsed, and cut at a character so that it fits. May be empty if nothing remains: the caller
 * then shows something else.
 */
export function cleanName(text: string): string {
  // A braille blank is a blank too.
  const spaced = text.replaceAll(/[\s\p{Zs}\p{Zl}\p{Zp}\u2800]+/gu, " ");
  const visible = keptInvisibles(spaced).replaceAll(/ {2,}/g, " ").trim();
  // A character may lose its effect at the place of the cut.
  return keptInvisibles(cut(visible)).trimEnd();
}

/**
 * The name that a user has chosen, cleaned; undefined if it is empty, or if cleaning would change more than joiners and
 * direction marks that have no effect.
 */
export function chosenName(given: string): string | undefined {
  const name = cleanName(given);
  // Node replaces bytes that are not UTF-8 with U+FFFD.
  if (name === "" || name.includes("\ufffd")) return undefined;
  return withoutHabits(name) === withoutHabits(given) ? name : undefined;
}

function withoutHabits(text: string): string {
  return text.replaceAll(UNSEEN_BY_HABIT, "").trim();
}

/** The width of a cleaned name in a terminal, or a little less: at most one column for a letter, two for a wide one. */
export function columnsOfName(name: string): number {
  let columns = 0;
  for (const point of name) if (!/[\p{Mn}\p{Me}\p{Cf}]/u.test(point)) columns += WIDE.test(point) ? 2 : 1;
  return columns;
}

/** The part of a cleaned name that fits into {@link SHOWN_COLUMNS}; the mark of a cut takes one column. */
export function startOfName(name: string): string {
  if (columnsOfName(name) <= SHOWN_COLUMNS) return name;
  const letters = Array.from(name);
  while (columnsOfName(letters.join("")) >= SHOWN_COLUMNS) letters.pop();
  return letters.join("");
}

function cut(text: string): string {
  let name = "";
  let bytes = 0;
  for (const character of text) {
    bytes += toUtf8(character).length;
    if (bytes > MAX_NAME_BYTES) break;
    name += character;
  }
  return name;
}
