// Handles: by which people find each other in a hub's directory. Made from the name that somebody claims, without what a
// command line reads as something else. Pure.

import { toHex, toUtf8 } from "../core/bytes.ts";
import { cleanName } from "../core/identity/peer-name.ts";
import { passesForOurs } from "../core/identity/reserved-names.ts";

/** Leaves room for a number behind it: a handle has 64 bytes of UTF-8 at most. */
const MAX_STEM_BYTES = 40;
/** Ours: after so many the key is used, which nobody else has. */
const MOST_NUMBERS = 20;
const NO_NAME = "member";

/**
 * Handles to try, one after the other: "ada", "ada-2", ... and at last one with the key in it, 16 digits of hex. In lower
 * case and with "-" for a space, so that it is one word.
 */
export function* handlesFor(name: string, key: Uint8Array): Generator<string> {
  const stem = stemOf(name);
  yield stem;
  for (let number = 2; number <= MOST_NUMBERS; number++) yield `${stem}-${number}`;
  yield `${stem}-${toHex(key.subarray(0, 8))}`;
}

function stemOf(name: string): string {
  const plain = cleanName(name.normalize("NFKC")).toLowerCase();
  const word = plain.replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, "-").replaceAll(/^[-._]+|[-._]+$/g, "");
  const stem = cut(word).replaceAll(/[-._]+$/g, "");
  return stem === "" || passesForOurs(stem) ? NO_NAME : stem;
}

function cut(word: string): string {
  let stem = "";
  for (const letter of word) {
    if (toUtf8(stem + letter).length > MAX_STEM_BYTES) break;
    stem += letter;
  }
  return stem;
}
