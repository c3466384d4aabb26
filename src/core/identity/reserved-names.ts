// Names that could be mistaken for words or lines of the program: "you", a time, a mark. They are shown with a question
// mark in front. Look-alike letters count too.

import { skeletons } from "./skeleton.ts";

/** Words that the program shows in place of a name. */
const OWN_WORDS: ReadonlySet<string> = new Set(["you", "nobody", "offline", "peer"].flatMap(skeletons));

/** Characters that look like the marks in front of the program's lines: a dot, a bar, an arrow, "!". */
const LIKE_MARKS = /^[\u01c0-\u01c3\u1427\u1433\u1438\u16eb\u318d\ua78f]/u;
/** A time in skeleton form: there, 0 and 1 are letters, and an Arabic 0 is a full stop. A colon has look-alikes too. */
const TIME = /^[\p{Nd}lo.]{1,2} ?[:\u02d0\u02f8\u05c3\u0703\u0704\u2236\ua789] ?[\p{Nd}lo.]{2}/u;

/** Whether a sanitised name could look like output of the program. */
export function passesForOurs(name: string): boolean {
  if (!/^[\p{L}\p{N}]/u.test(name) || LIKE_MARKS.test(name)) return true;
  if (/^\p{Nd}{1,2}[^\p{L}\p{N}]\p{Nd}{2}/u.test(name)) return true;
  return isOwnWord(name) || skeletons(name).some((skeleton) => TIME.test(skeleton));
}

/** Whether a name begins with a word of the program, or with one that looks like it. */
export function isOwnWord(name: string): boolean {
  return skeletons(name).some((skeleton) => OWN_WORDS.has(/^[\p{L}\p{N}]*/u.exec(skeleton)?.[0] ?? ""));
}
