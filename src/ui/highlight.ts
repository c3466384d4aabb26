// Marks the search words in a text, by the rules of the search: without accents and case, the last word by its
// beginning. Pure; the text has passed the sanitiser.

import type { Paint } from "./style.ts";

/** A function that paints every word of a text that is one of `words`. */
export function createHighlight(words: string, paint: Paint): (text: string) => string {
  const sought = wordsOf(fold(words));
  const begun = sought.at(-1);
  if (begun === undefined) return (text) => text;
  const whole = new Set(sought);
  return (text) =>
    text.replaceAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu, (word) => {
      const folded = fold(word);
      return whole.has(folded) || folded.startsWith(begun) ? paint(word) : word;
    });
}

/** Folds like the index: "Größe" and "große" differ only by an accent, which is dropped. */
function fold(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}
