// Which invisible characters a name keeps: only those that change how it looks where they stand. Joiners follow RFC
// 5892, appendix A (CONTEXTJ), in the scripts that use them; variation selectors and emoji joiners depend on the
// character before them. Direction marks, soft hyphens, fillers and all others are never needed in a name. The screen
// shows whatever is kept here.

/**
 * Characters that are invisible, or that reorder or move text: a name has them only where {@link keptInvisibles} allows
 * it.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** The letters of these scripts join their neighbours. */
const CURSIVE = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Mandaic}]/u;
const CURSIVE_BEYOND = /[\p{Script=Adlam}\p{Script=Manichaean}\p{Script=Hanifi_Rohingya}\p{Script=Phags_Pa}]/u;
/**
 * Letters of those scripts that never join the next one (Joining_Type R or U in Unicode's ArabicShaping.txt): after
 * them a non-joiner has no effect.
 */
const UNJOINED_AFTER = new RegExp(
  "[" +
    String.raw`\u0621-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf` +
    String.raw`\u06d2\u06d3\u06d5\u06ee\u06ef\u0759-\u075b\u076b\u076c\u0771\u0773\u0774\u0778\u0779\u0870-\u0888` +
    String.raw`\u088e\u08aa-\u08ae\u08b1\u08b2\u08b9\u0710\u0715-\u0719\u071e\u0728\u072a\u072c\u072f\u074d` +
    String.raw`\u0840\u0846\u0847\u0849\u0854\u0856-\u0858\u{10d22}\u{10ac5}\u{10ac7}\u{10ac9}\u{10aca}\u{10ace}-\u{10ad2}` +
    String.raw`\u{10add}\u{10ae1}\u{10ae4}\u{10aef}` +
    "]",
  "u",
);
/** Letters that nothing joins (Joining_Type U): before them a non-joiner has no effect either. */
const UNJOINED = /[\u0621\u0674\u06d5\u0856\u08ad]/u;
/** The sign that removes a letter's vowel (canonical combining class 9), in the scripts of {@link INDIC}. */
const VIRAMA = new RegExp(
  "[" +
    String.raw`\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0f84\u1039\u103a\u17d2\u1a60` +
    String.raw`\u1b44\u1baa\u1bab\ua806\ua8c4\ua9c0\uaaf6\uabed\u{110b9}\u{11133}\u{11134}\u{111c0}\u{1134d}\u{11442}\u{114c2}` +
    "]",
  "u",
);
const INDIC = new RegExp(
  `(?=[\\p{L}\\p{M}])[${[
    "Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Newa Tirhuta Grantha Kaithi",
    "Sharada Khmer Myanmar Tibetan Balinese Javanese Sundanese Tai_Tham Chakma Meetei_Mayek Syloti_Nagri Saurashtra",
  ]
    .join(" ")
    .split(" ")
    .map((script) => `\\p{Script=${script}}`)
    .join("")}]`,
  "u",
);
const LETTER = /\p{L}/u;
const MONGOLIAN = /(?=\p{L})\p{Script=Mongolian}/u;
const MARK = /\p{Mn}/u;
const PICTURE = /(?!\p{Cn})\p{Extended_Pictographic}/u;
// The flags of England, Scotland and Wales: a black flag, followed by letters as tags.
const FLAG_OF_A_PART = /\u{1f3f4}[\u{e0061}-\u{e007a}]{5}\u{e007f}/gu;

/** The text without invisible characters, except where they have an effect. */
export function keptInvisibles(text: string): string {
  const flags = new Set<number>();
  for (const { index, 0: flag } of text.matchAll(FLAG_OF_A_PART)) {
    for (let at = index; at < index + flag.length; at++) flags.add(at);
  }
  const kept: string[] = [];
  let at = 0;
  for (const point of text) {
    const next = String.fromCodePoint(text.codePointAt(at + point.length) ?? 0x20);
    if (!INVISIBLE.test(point) || flags.has(at) || isNeeded(point, kept, next)) kept.push(point);
    at += point.length;
  }
  return kept.join("");
}

function isNeeded(point: string, kept: readonly string[], next: string): boolean {
  const before = kept.at(-1) ?? "";
  switch (point) {
    case "\u200c":
      return (VIRAMA.test(before) && INDIC.test(next) && LETTER.test(next)) || partsLetters(kept, next);
    case "\u200d":
      // Also at the end of a word (old Malayalam spelling), and before the sign (Bengali "ra" and "ya").
      if (VIRAMA.test(before)) return !INVISIBLE.test(next);
      return (INDIC.test(before) && LETTER.test(before) && VIRAMA.test(next)) || joinsPictures(kept, next);
    case "\ufe0e":
    case "\ufe0f":
      return PICTURE.test(before) || (/[0-9#*]/.test(before) && next === "\u20e3");
    case "\u180e":
      return MONGOLIAN.test(before) && MONGOLIAN.test(next);
    default:
      if (/[\u180b-\u180d\u180f]/u.test(point)) return MONGOLIAN.test(before);
      return /[\ufe00-\ufe02\u{e0100}-\u{e01ef}]/u.test(point) && /\p{Ideographic}/u.test(before);
  }
}

/** Whether both neighbours are letters that would join, ignoring marks. */
function partsLetters(kept: readonly string[], next: string): boolean {
  const before = kept.findLast((point) => !MARK.test(point)) ?? "";
  return joins(before) && !UNJOINED_AFTER.test(before) && joins(next) && !UNJOINED.test(next);
}

function joins(point: string): boolean {
  return LETTER.test(point) && (CURSIVE.test(point) || CURSIVE_BEYOND.test(point));
}

function joinsPictures(kept: readonly string[], next: string): boolean {
  const before = kept.findLast((point) => !/[\ufe0e\ufe0f]|\p{Emoji_Modifier}/u.test(point)) ?? "";
  return PICTURE.test(before) && PICTURE.test(next);
}
