// What a name may be: at most 64 bytes of UTF-8 (docs/PROTOCOL.md §3.4) and nothing that could move a cursor, hide or
// reorder what stands beside it. A name comes from the other side; knows nothing of who bears it.

import { toUtf8 } from "../bytes.ts";
import { keptInvisibles } from "./name-invisibles.ts";

/** The longest name, in bytes of UTF-8 (docs/PROTOCOL.md §3.4). */
export const MAX_NAME_BYTES = 64;

/** How much of a name stands in front of what its bearer says, in columns of a terminal. */
export const SHOWN_COLUMNS = 24;

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
// Typed with a word by some keyboards; where they do nothing they are left out, and nobody has seen them.
const UNSEEN_BY_HABIT = /[\u200c-\u200f\u061c]/g;

/**
 * The name without controls, reordering characters, lone surrogates and what is invisible and does nothing; white space
 * collapsed, cut at a character so that it fits. May be empty, when nothing of it is left: the caller then says something
 * else.
 */
export function cleanName(text: string): string {
  // A blank of braille is a blank too.
  const spaced = text.replaceAll(/[\s\p{Zs}\p{Zl}\p{Zp}\u2800]+/gu, " ");
  const visible = keptInvisibles(spaced).replaceAll(/ {2,}/g, " ").trim();
  // What did something may do nothing any more at the place of the cut.
  return keptInvisibles(cut(visible)).trimEnd();
}

/**
 * The name that somebody has chosen, cleaned; undefined when it is empty, or when cleaning would change more than joiners
 * and marks of direction that do nothing where they stand.
 */
export function chosenName(given: string): string | undefined {
  const name = cleanName(given);
  // Node makes U+FFFD of what is not UTF-8.
  if (name === "" || name.includes("\ufffd")) return undefined;
  return withoutHabits(name) === withoutHabits(given) ? name : undefined;
}

function withoutHabits(text: string): string {
  return text.replaceAll(UNSEEN_BY_HABIT, "").trim();
}

/** How wide a cleaned name stands in a terminal, or a little less: never wider than a column for a letter, two for a wide one. */
export function columnsOfName(name: string): number {
  let columns = 0;
  for (const point of name) if (!/[\p{Mn}\p{Me}\p{Cf}]/u.test(point)) columns += WIDE.test(point) ? 2 : 1;
  return columns;
}

/** As much of a cleaned name as {@link SHOWN_COLUMNS} show of it; a cut takes a column. */
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
