// Which invisible characters a text needs, and where: joiners, soft hyphens, direction marks, variation selectors
// (Unicode 15, chapters 9, 13 and 23). Each only where it affects the neighbouring characters, and one at a time, so
// that they cannot hide anything. Overrides, embeddings and isolates reorder other text, and are never kept.

/** Characters that are shown as numbers, unless {@link isNeeded} or {@link isSeen}. */
export const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}]/u;

// Between letters of these scripts the joiners change the shape of a word.
const JOINING = anyOf(
  "Arabic Syriac Nko Mongolian Mandaic Manichaean Adlam Hanifi_Rohingya Phags_Pa Sogdian",
  "Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Newa Tirhuta Grantha Kaithi Sharada",
  "Khmer Myanmar Tibetan Balinese Javanese Sundanese Tai_Tham Chakma Limbu Lepcha Meetei_Mayek Syloti_Nagri Saurashtra",
);
/** These scripts put no blanks between words; U+200B marks a possible word end. */
const WITHOUT_BLANKS = anyOf("Thai Lao Khmer Myanmar Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Tibetan Javanese Balinese");
const RIGHT_TO_LEFT = anyOf(
  "Hebrew Arabic Syriac Thaana Nko Samaritan Mandaic Adlam Hanifi_Rohingya Yezidi Mende_Kikakui",
);
const MONGOLIAN = /\p{Script=Mongolian}/u;
const LETTER = /\p{L}/u;
const OF_A_WORD = /[\p{L}\p{M}]/u;
const MARK = /\p{M}/u;
// Signs over the digits that follow, the end of a verse: format characters that are visible.
const SEEN = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;

/** What stands on both sides of a character. */
export interface Surroundings {
  /** The text before it, as shown. */
  readonly before: string;
  /** The text after it, as it came: two characters are enough. */
  readonly after: readonly string[];
  /** Whether the text contains right-to-left letters. */
  readonly isRightToLeft: boolean;
}

export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/** Whether a format character is visible by itself. */
export function isSeen(point: string): boolean {
  return SEEN.test(point);
}

/** Whether an invisible character has its intended effect here. */
export function isNeeded(point: string, { before: shown, after, isRightToLeft }: Surroundings): boolean {
  const before = lastPoint(shown);
  const [next = "", second = ""] = after;
  switch (point) {
    case "\u200c":
      return JOINING.test(before) && JOINING.test(next) && !INVISIBLE.test(next);
    case "\u200d":
      // Also at the end of a word: a letter may be shown as if another one followed.
      return JOINING.test(before) && !INVISIBLE.test(next);
    case "\u00ad":
      // No language ends a word after a single letter.
      return (
        OF_A_WORD.test(before) &&
        !INVISIBLE.test(before) &&
        OF_A_WORD.test(lastPoint(shown.slice(0, shown.length - before.length))) &&
        LETTER.test(next) &&
        OF_A_WORD.test(second) &&
        !INVISIBLE.test(second)
      );
    case "\u200b":
      return (
        !INVISIBLE.test(before) && (WITHOUT_BLANKS.test(before) || (LETTER.test(next) && WITHOUT_BLANKS.test(next)))
      );
    case "\u200e":
    case "\u200f":
    case "\u061c":
      // Between two letters it has no effect.
      return isRightToLeft && !INVISIBLE.test(before) && !(OF_A_WORD.test(before) && OF_A_WORD.test(next));
    case "\u034f":
      return OF_A_WORD.test(before) && !INVISIBLE.test(before) && MARK.test(next) && !INVISIBLE.test(next);
    case "\u180e":
      return MONGOLIAN.test(before) && MONGOLIAN.test(next) && LETTER.test(next);
    default:
      return isVariation(point, before);
  }
}

function isVariation(point: string, base: string): boolean {
  if (/[\u{e0100}-\u{e01ef}]/u.test(point)) return /\p{Ideographic}/u.test(base);
  if (/[\u180b-\u180d\u180f]/.test(point)) return MONGOLIAN.test(base) && LETTER.test(base);
  if (/[\ufe00-\ufe02]/.test(point) && /\p{Ideographic}/u.test(base)) return true;
  if (/[\ufe00\ufe01]/.test(point) && /[、。，．！？：；‘’“”]/.test(base)) return true;
  return point === "\ufe00" && /[\p{Sm}\p{Script=Myanmar}\p{Script=Phags_Pa}\p{Script=Manichaean}]/u.test(base);
}

function lastPoint(text: string): string {
  const point = text.slice(-2);
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(point) ? point : text.slice(-1);
}

function anyOf(...scripts: readonly string[]): RegExp {
  const names = scripts.flatMap((row) => row.split(" "));
  // A script has its own signs and format characters.
  return new RegExp(
    String.raw`(?=[\p{L}\p{M}])` + `[${names.map((name) => String.raw`\p{Script=${name}}`).join("")}]`,
    "u",
  );
}
