// What a name looks like, for telling names apart: after the skeleton of UTS #39, coarser where a terminal is. Two names
// with a skeleton in common must not stand beside each other. It is never shown and never stored.

import { LOOK_ALIKES } from "./look-alikes.ts";

/** Accents and what lies on letters of any script. The sounds of kana are none: they make another letter. */
const ACCENTS =
  /(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/gu;
const ENCLOSED_ALPHABETS = [0x1f130, 0x1f150, 0x1f170, 0x1f1e6];

/**
 * What a name looks like as it is written, and in lower case: "Η" is seen as h, and "η" as n. Names are look-alikes when
 * they have one of these in common.
 */
export function skeletons(name: string): readonly [string, string] {
  const plain = decomposed(name);
  return [seen(plain), seen(plain.toLowerCase())];
}

/** Whether one of two names could be taken for the other. */
export function looksAlike(one: string, other: string): boolean {
  const others = skeletons(other);
  return skeletons(one).some((skeleton) => others.includes(skeleton));
}

/** Without what nobody sees; letters of another form as the plain ones. */
function decomposed(name: string): string {
  return name
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, "")
    .normalize("NFKD")
    .replaceAll(ACCENTS, "")
    .replaceAll(/[\u{1f130}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu, enclosedLetter);
}

function seen(plain: string): string {
  const letters = Array.from(plain, (point) => LOOK_ALIKES.get(point) ?? lowerCase(point));
  return (
    letters
      .join("")
      // A mark of another script on a Latin letter is an accent.
      .replaceAll(/([a-z0-9])\p{M}+/gu, "$1")
      .replaceAll(/[\p{Pd}\u2212]/gu, "-")
      .replaceAll(/[`´‘’‚‛ʹʻʼʽˈ׳]/g, "'")
      .replaceAll(/[\s\p{Z}]+/gu, " ")
      .replaceAll("0", "o")
      .replaceAll(/[1|i]/g, "l")
      .replaceAll("rn", "m")
      .replaceAll("vv", "w")
      .trim()
  );
}

/** A capital I is drawn like a small l, which is why an i is told from neither. */
function lowerCase(point: string): string {
  const lower = point.toLowerCase();
  return LOOK_ALIKES.get(lower) ?? lower;
}

/** Letters in circles and squares, which have no decomposition in Unicode. */
function enclosedLetter(sign: string): string {
  const point = sign.codePointAt(0)!;
  const first = ENCLOSED_ALPHABETS.findLast((start) => start <= point) ?? point;
  return String.fromCodePoint(0x61 + Math.min(point - first, 25));
}
