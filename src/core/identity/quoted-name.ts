// A name in a sentence of the program. The other side has chosen it, so it may contain our words. In quotation marks
// that it cannot close, nobody takes it for more than a name. Knows nothing about its owner.

/** Characters that may look like a double quotation mark: Unicode's own, and letters and primes of the same shape. */
const QUOTATION_MARKS =
  /(?!['‘’‚‛‹›])[\p{Quotation_Mark}\u02ba\u02dd\u02ee\u02f5\u02f6\u05f4\u1cd3\u2033\u2036\u275b-\u2760\u3003]/gu;
/** Letters and digits, with the marks and joiners in them. */
const ONE_WORD = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_-]|\u200c|\u200d)*$/u;

/** The cleaned name in quotation marks; its own ones become single. */
export function quotedName(name: string): string {
  return `"${name.replaceAll(QUOTATION_MARKS, "'")}"`;
}

/** The name as it is if it is one word, which says nothing by itself; otherwise in quotation marks. */
export function nameInSentence(name: string): string {
  return ONE_WORD.test(name) ? name : quotedName(name);
}
