// How much fits into one answer: a list of bodies of known sizes, each with a header of known length.

import { MAX_TRANSFER_BYTES } from "../core/transfers/pieces.ts";

/** The answer's code and the length of its list. */
const AROUND_BYTES = 5;
/** Of an entry in an answer, beside its body (docs/HUB.md §3): 8 + 1 + 16 + 8 + 32 + 8 + 4. */
const ENTRY_HEAD_BYTES = 77;
/** Of a letter: 16 + 1 + 4 + 8. */
const LETTER_HEAD_BYTES = 29;

interface WithBody {
  readonly bytes: Uint8Array;
}

/** The first entries, as many as one answer carries. */
export function fittingEntries<Entry extends WithBody>(entries: readonly Entry[], most: number): readonly Entry[] {
  return fitting(entries, most, ENTRY_HEAD_BYTES);
}

/** The first letters, as many as one answer carries. */
export function fittingLetters<Letter extends WithBody>(letters: readonly Letter[], most: number): readonly Letter[] {
  return fitting(letters, most, LETTER_HEAD_BYTES);
}

function fitting<Item extends WithBody>(items: readonly Item[], most: number, headBytes: number): readonly Item[] {
  let bytes = AROUND_BYTES;
  const tooMuch = items.findIndex((item) => (bytes += headBytes + item.bytes.length) > MAX_TRANSFER_BYTES);
  return items.slice(0, Math.min(most, tooMuch < 0 ? items.length : tooMuch));
}
