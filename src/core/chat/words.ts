// The words of a text, as a search finds them: letter case and marks do not count, and the last word may go on. As close to
// the tokens of SQLite's FTS5 (unicode61) as is worth it, so that an index and a search without one find the same.

/** Ours: from this length on the last word also finds longer words; shorter ones match too many words to be fast. */
export const LEAST_PREFIX_LETTERS = 3;
/** Ours: nobody remembers more words of one line. */
export const MAX_WORDS = 32;

/**
 * Ours: this many different words of a line can be found. Each takes some 15 µs to delete, and a line is deleted in one
 * step, while nothing else runs.
 */
const MAX_WORDS_OF_LINE = 512;
/** A word of unicode61 begins with a letter or a digit; marks belong to the letter before them. */
export const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;

/** The start of a text with {@link MAX_WORDS_OF_LINE} different words; the whole text if there are no more. */
export function indexedPart(text: string): string {
  const seen = new Set<string>();
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (seen.size === MAX_WORDS_OF_LINE && !seen.has(word)) return text.slice(0, index);
    seen.add(word);
  }
  return text;
}

/** Whether a text has all the words, without an index; undefined if there is none. */
export function matcherOf(words: string): ((text: string) => boolean) | undefined {
  const wanted = [...plain(words).matchAll(WORD)].slice(0, MAX_WORDS).map(([word]) => word);
  const last = wanted.at(-1);
  if (last === undefined) return undefined;
  const isPrefix = Array.from(last).length >= LEAST_PREFIX_LETTERS;
  return (text) => {
    const found = new Set(plain(indexedPart(text)).match(WORD));
    if (!wanted.slice(0, -1).every((word) => found.has(word))) return false;
    return found.has(last) || (isPrefix && [...found].some((word) => word.startsWith(last)));
  };
}

function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
