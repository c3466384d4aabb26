// In place of the package string-width, whose tables are 3 KB of the page (.ci/page.js): about how many columns a text takes.
// A page cuts names by it, and knows the true width of nothing before it is drawn.

/** Drawn in two columns by most fonts of a terminal: East Asian letters and signs, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NONE = /\p{M}|\p{Cc}|\p{Default_Ignorable_Code_Point}/u;

// oxlint-disable-next-line import/no-default-export -- as the package has it
export default function stringWidth(text: string): number {
  let columns = 0;
  for (const point of text) if (!NONE.test(point)) columns += WIDE.test(point) ? 2 : 1;
  return columns;
}
