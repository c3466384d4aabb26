// What a name looks like, for telling names apart: the skeleton of UTS #39, coarser where a terminal is. Two names that
// share a skeleton must not be used together. A skeleton is never shown and never stored.

import { LOOK_ALIKES } from "./look-alikes.ts";

/**
 * Accents, points and other marks on letters of any script. The voicing marks of kana are not included: they make
 * another letter. In the scripts of India, Thailand and their neighbours, only marks that are drawn as a dot or a ring
 * are included.
 */
const ACCENTS = new RegExp(
  String.raw`(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}` +
    String.raw`\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\u0901\u0902\u093c\u0981\u09bc\u0a02\u0a3c\u0a81` +
    String.raw`\u0a82\u0abc\u0b01\u0b3c\u0b82\u0bcd\u0c00\u0c81\u0d01\u0e4d\u0ecd\u1036\u17c6\u17d3]`,
  "gu",
);
/** Tatweel, which only stretches a word, and hamzas that are encoded as letters but are drawn above one. */
const LENGTHENINGS = /[\u0640\u0674]/g;
/**
 * Characters at the ends of a name that do not make it a different name: punctuation, quotes that are letters, signs.
 */
const FRAME = String.raw`[\p{P}\p{Sk}\p{Sm}\p{Z}\s\u02b9-\u02bd\u02c8\u02ee]+`;
const FRAMES = new RegExp(`^${FRAME}|${FRAME}$`, "gu");
const ENCLOSED_ALPHABETS = [0x249c, 0x1f110, 0x1f130, 0x1f150, 0x1f170, 0x1f1e6];

/**
 * The skeletons of a name: as it is written and in lower case ("Η" looks like h, and "η" like n), each also without the
 * punctuation around it. Two names look alike if they have a skeleton in common.
 */
export function skeletons(name: string): readonly string[] {
  const plain = decomposed(name);
  const bare = plain.replaceAll(FRAMES, "");
  const forms = bare === "" || bare === plain ? [plain] : [plain, bare];
  return forms.flatMap((form) => [seen(form), seen(form.toLowerCase())]);
}

/** Says of other names whether they could be mistaken for this one, whose skeletons are made once. */
export function looksLike(name: string): (other: string) => boolean {
  const own = skeletons(name);
  return (other) => skeletons(other).some((skeleton) => own.includes(skeleton));
}

/** Removes invisible characters, and replaces other forms of letters with the plain ones. */
function decomposed(name: string): string {
  return (
    name
      .replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, "")
      .replaceAll(/[\u249c-\u24b5\u{1f110}-\u{1f129}\u{1f130}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu, enclosedLetter)
      .normalize("NFKD")
      .replaceAll(ACCENTS, "")
      .replaceAll(LENGTHENINGS, "")
      // The voicing marks of kana have forms of their own, which do not combine.
      .replaceAll(/ (?=[\u3099\u309a])/g, "")
  );
}

function seen(plain: string): string {
  const letters = Array.from(plain, (point) => LOOK_ALIKES.get(point) ?? lowerCase(point));
  return (
    letters
      .join("")
      // A mark of another script on a Latin letter is an accent.
      .replaceAll(/([a-z0-9])\p{M}+/gu, "$1")
      .replaceAll(/[\p{Pd}\u2212]/gu, "-")
      .replaceAll(/[`´‘’‛ʹʻʼʽˈ׳]/g, "'")
      .replaceAll(/[\s\p{Z}]+/gu, " ")
      .replaceAll("0", "o")
      .replaceAll(/[1|i]/g, "l")
      .replaceAll("rn", "m")
      .replaceAll("vv", "w")
      .trim()
  );
}

/** A capital I is drawn like a small l, so i and l count as the same. */
function lowerCase(point: string): string {
  const lower = point.toLowerCase();
  return LOOK_ALIKES.get(lower) ?? lower;
}

/** Letters in circles, squares and brackets that have no decomposition in Unicode, or one with brackets. */
function enclosedLetter(sign: string): string {
  const point = sign.codePointAt(0)!;
  const first = ENCLOSED_ALPHABETS.findLast((start) => start <= point) ?? point;
  return String.fromCodePoint(0x61 + Math.min(point - first, 25));
}
