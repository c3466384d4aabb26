// Removes terminal control from a text, in complete units: control sequences, control strings and shifts (ECMA-48 §5.3
// to §5.6, ISO 2022, xterm, the Linux console), in seven and in eight bits. Their effect on the row is kept as a line
// end or a blank. Pure; knows nothing of letters.

// It searches for control characters.
/* oxlint-disable no-control-regex */

/** The maximum length of a real sequence; the rest of a longer one is text. */
const SEQUENCE_BYTES = 256;
/** A string may contain a picture or a clipboard; one longer than a message is nothing that anybody wants to read. */
const STRING_BYTES = 32_768;

// No control but these is in a string (ECMA-48 §5.6), so that none goes on over the beginning of another.
const IN_STRING = String.raw`[^\x01-\x07\x0e-\x1f\x7f-\x9f]`;
const IN_STRING_LINE = String.raw`[^\x01-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]`;
// OSC, DCS, SOS, PM, APC, and the title of screen.
const STRING = String.raw`(?:\x1b[\]PX^_k]|[\x90\x98\x9d-\x9f])`;

/**
 * In this order: the Linux console's palette, which has no end of its own; a string with its end (BEL or ST), or else
 * up to the end of the line; CSI with or without its final byte; a single shift with its character; other escapes, with
 * the intermediates of character sets; any other control character. So nothing that remains can begin a sequence.
 */
const SEQUENCES = new RegExp(
  [
    String.raw`\x1b\](?:P[0-9A-Fa-f]{7}|R)`,
    String.raw`${STRING}${IN_STRING}{0,${STRING_BYTES}}(?:\x07|\x1b\\|\x9c)`,
    String.raw`${STRING}${IN_STRING_LINE}{0,${STRING_BYTES}}`,
    String.raw`(?:\x1b\[|\x9b)[0-?]{0,${SEQUENCE_BYTES}}[ -/]{0,${SEQUENCE_BYTES}}[@-~]?`,
    String.raw`(?:\x1b[NO]|[\x8e\x8f])[ -~]?`,
    String.raw`\x1b[ -/]{0,3}[0-~]?`,
    String.raw`[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f]`,
  ].join("|"),
  "g",
);

/** The final bytes of CSI that move elsewhere, and so begin a row: cursor movements except to the right, restoring. */
const MOVES = /^(?:\x1b\[|\x9b).*[ABDEFGHZ`defju]$/;
const TO_THE_RIGHT = /^(?:\x1b\[|\x9b).*[CIa]$/;
/** IND and NEL, VT and FF. */
const LINE_FEEDS: ReadonlySet<string> = new Set(["\x1bD", "\x84", "\x1bE", "\x85", "\x0b", "\x0c"]);

// How nroff underlines and prints bold: it overprints. For a wide character it goes back by two.
const OVERSTRIKES: readonly [RegExp, string][] = [
  [/_\x08(?=[^\x08\r\n])/g, ""],
  [/([^\x08\r\n])(?:\x08{1,2}\1)+/gu, "$1"],
  [/([^\x08\r\n])\x08_/gu, "$1"],
];

/**
 * The text without control characters except newlines and tabs, and without the sequences that they begin. Where a
 * terminal would have continued in another row, or at the start of the same one (CR, BS, a cursor movement: a counter),
 * the row ends; a row without text is dropped.
 */
export function stripControls(text: string): string {
  if (/^[\t\n\x20-\x7e\xa0-\u2027\u202a-\uffff]*$/.test(text)) return text;
  let rows = text.replace(SEQUENCES, standIn);
  for (const [pattern, kept] of OVERSTRIKES) rows = rows.replace(pattern, kept);
  return rows.replace(/[\u2028\u2029]/g, "\n").replace(/[\r\x08]+/g, (run, at: number, whole: string) => {
    const isEmptyRow = at === 0 || whole[at - 1] === "\n";
    const next = whole[at + run.length];
    return isEmptyRow || next === undefined || next === "\n" ? "" : "\n";
  });
}

/** The replacement for a sequence: a CR for now if it moves elsewhere. */
function standIn(sequence: string): string {
  if (LINE_FEEDS.has(sequence)) return "\n";
  if (TO_THE_RIGHT.test(sequence)) return " ";
  return MOVES.test(sequence) ? "\r" : "";
}
