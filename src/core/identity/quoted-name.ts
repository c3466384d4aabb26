// Puts a name into a sentence of the program. The other side has chosen the name, so it may contain words of ours. In
// quotation marks that it cannot close, it cannot be mistaken for anything but a name. Knows nothing about its owner.

/** Characters that may look like a double quotation mark: Unicode's own, and letters and primes of the same shape. */
const QUOTATION_MARKS =
  /(?!['‘’‚‛‹›])[\p{Quotation_Mark}\u02ba\u02dd\u02ee\u02f5\u02f6\u05f4\u1cd3\u2033\u2036\u275b-\u2760\u3003]/gu;
/** Letters and digits, with their marks and joiners. */
const ONE_WORD = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_-]|\u200c|\u200d)*$/u;

/** The cleaned name in double quotation marks; those inside it become single ones. */
export function quotedName(name: string): string {
  return `"${name.replaceAll(QUOTATION_MARKS, "'")}"`;
}

/** The name itself if it is a single word, which cannot form a sentence; otherwise in quotation marks. */
export function nameInSentence(name: string): string {
  return ONE_WORD.test(name) ? name : quotedName(name);
}
