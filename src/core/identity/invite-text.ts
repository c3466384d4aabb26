// Finds invites in a text as chat programs, mails and shells deliver them, and removes what was inserted into them on
// the way (docs/PROTOCOL.md §9.1). It removes marks and undoes encodings, and never guesses a letter.

/** A possible invite. */
export interface InviteExcerpt {
  /** The part between `lair` and `#`, as the address of a WebSocket: `ws://...` or `wss://...`, decoded or not. */
  readonly addresses: readonly string[];
  /** The part after `#`; undefined if there is none. */
  readonly secret: InviteSecret | undefined;
}

/** The letters after `#`, and how far they form one piece. */
export interface InviteSecret {
  readonly letters: string;
  /**
   * - `whole`: as many as there are to be
   * - `other-count`: more or fewer, in one piece
   * - `in-pieces`: more or fewer, with white space between: words of a sentence may be among them
   * - `foreign`: a character that is no letter of an invite stands in the middle
   */
  readonly state: "whole" | "other-count" | "in-pieces" | "foreign";
}

/** At the start of a word, with white space anywhere, because programs wrap long lines. */
const SCHEME = /(?<![a-z0-9])l\s*a\s*i\s*r\s*(s?)\s*:\s*\/\s*\//giu;
/** The `#`, or its encoded form, encoded once or more; an address may also contain one. */
const HASH = /#|%(?:25)*23/g;
/** An invite by itself, in its original form. */
const EXACT = /^\s*lair(s?):\/\/([!-"$-~]+)#([\w-]+)\s*$/;
/** More levels of encoding than this have never been seen. */
const MOST_ENCODINGS = 3;
/** The first ones decide; a path contains few, and each takes time. */
const MOST_HASHES = 16;

/** After the letters of an invite another one may begin without a gap. */
const SCHEME_BEHIND_LETTERS = /(?<=[\w-])(?=l\s*a\s*i\s*r\s*s?\s*:\s*\/\s*\/)/giu;

/** Removes what was inserted into a text. */
type Cleaning = (text: string) => string;

/**
 * The simplest first. A later way removes more, which an address may need; it is for text that no earlier way can read.
 */
const CLEANINGS: readonly Cleaning[] = [
  unmarked,
  (text) => unwrapped(text),
  (text) => unwrapped(unquoted(text)),
  (text) => unwrapped(unquoted(fromQuotedPrintable(text))),
];

/**
 * Every piece of the text that may be an invite, in order, once for each way of reading the text, the simplest first;
 * `count` is the number of letters of a secret.
 */
export function invitesIn(text: string, count: number): InviteExcerpt[][] {
  const exact = EXACT.exec(text);
  // Nothing is undone in it: a path may contain something that looks like a mark.
  if (exact?.[3]?.length === count && !noAddress(count).test(exact[2]!)) {
    const address = `ws${exact[1]}://${exact[2]}`;
    return [[{ addresses: encodingsOf(address), secret: { letters: exact[3], state: "whole" } }]];
  }
  return CLEANINGS.map((clean) => invitesRead(text, count, clean));
}

function invitesRead(text: string, count: number, clean: Cleaning): InviteExcerpt[] {
  const plain = readableForm(text, clean);
  const starts = [...plain.matchAll(SCHEME)];
  const unfit = noAddress(count);
  return starts.map((start, index) => {
    const from = start.index + start[0].length;
    const piece = plain.slice(from, starts[index + 1]?.index);
    const scheme = start[1] === "" ? "ws" : "wss";
    const emphasis = underscoresBefore(plain, start.index);
    const cuts = [...piece.matchAll(HASH)].slice(0, MOST_HASHES).map((hash) => ({
      address: piece.slice(0, hash.index),
      secret: secretIn(clean(encodingsOf(piece.slice(hash.index + hash[0].length)).at(-1)!), count, emphasis),
    }));
    const { address, secret } = cuts.find((cut) => cut.secret.state === "whole") ??
      cuts[0] ?? { address: piece, secret: undefined };
    const forms = encodingsOf(address).map((form) => form.replaceAll(/\s/g, ""));
    return { addresses: forms.filter((form) => !unfit.test(form)).map((form) => `${scheme}://${form}`), secret };
  });
}

/** Characters that no URL contains unencoded, and a whole invite in front of another one. */
function noAddress(count: number): RegExp {
  return new RegExp(`[<>"]|[\\w-]{${count}}lairs?://`, "i");
}

/** Whether this was meant as an invite, complete or not, or as the beginning of one. */
export function mentionsInvite(text: string): boolean {
  return CLEANINGS.some((clean) => {
    const plain = readableForm(text, clean);
    return plain.search(SCHEME) >= 0 || /^lairs?:/i.test(plain.replaceAll(/\s/g, ""));
  });
}

/** The text without marks, and without the levels of encoding that hide the beginning of an invite. */
function readableForm(text: string, clean: Cleaning): string {
  const plain = clean(text);
  const forms = encodingsOf(plain).map((form) => (form === plain ? form : clean(form)));
  return forms.find((form) => form.search(SCHEME) >= 0) ?? plain;
}

function underscoresBefore(text: string, index: number): number {
  let start = index;
  while (text[start - 1] === "_") start -= 1;
  return index - start;
}

/**
 * The secret at the start of a cleaned text. A dash between letters counts as the two hyphens that some programs
 * replace by it, if that completes the secret; it never counts as one hyphen. `emphasis`: the number of underscores
 * that a chat program has put on both sides, which are also letters of invites.
 */
function secretIn(text: string, count: number, emphasis: number): InviteSecret {
  const read = lettersIn(text, count, emphasis);
  if (read.state !== "foreign") return read;
  const corrected = lettersIn(
    text.replaceAll(/(?<=[\w\u2013\u2014-])[\u2013\u2014](?=[\w\u2013\u2014-])/g, "--"),
    count,
    emphasis,
  );
  return corrected.state === "whole" ? corrected : read;
}

function lettersIn(decoded: string, count: number, emphasis: number): InviteSecret {
  let letters = "";
  let pieces = 0;
  let rest = "";
  for (const piece of decoded.split(/\s+/).filter((word) => word !== "")) {
    const run = /^[\w-]*/.exec(piece)![0];
    rest = piece.slice(run.length);
    letters += run;
    pieces += 1;
    if (letters.length >= count || rest !== "") break;
  }
  if (letters.length === count + emphasis && letters.endsWith("_".repeat(emphasis))) letters = letters.slice(0, count);
  if (letters.length === count) return { letters, state: "whole" };
  if (letters.length < count && /[\w-]/.test(rest)) return { letters, state: "foreign" };
  return { letters, state: pieces > 1 ? "in-pieces" : "other-count" };
}

/** A text and its result when each %XX is decoded, as often as that changes it. */
function encodingsOf(text: string): string[] {
  const forms = [text];
  while (forms.length <= MOST_ENCODINGS) {
    const decoded = forms.at(-1)!.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => decodedRun(run));
    if (decoded === forms.at(-1)) break;
    forms.push(decoded);
  }
  return forms;
}

function decodedRun(run: string, otherwise = run): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return otherwise;
  }
}

const ENTITIES: { readonly [name: string]: string } = {
  amp: "&",
  apos: "'",
  colon: ":",
  dash: "\u2010",
  ensp: " ",
  equals: "=",
  gt: ">",
  hyphen: "-",
  lowbar: "_",
  lt: "<",
  mdash: "\u2014",
  minus: "\u2212",
  nbsp: " ",
  ndash: "\u2013",
  num: "#",
  percnt: "%",
  period: ".",
  quot: '"',
  shy: "",
  sol: "/",
  thinsp: " ",
  underbar: "_",
  zwj: "",
  zwnj: "",
};

/**
 * Without the marks of mails and markup: entities, escapes, quoting at the start of lines, and invisible characters.
 */
function unmarked(text: string): string {
  const entity = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi;
  // An ampersand may itself have been encoded.
  let plain = text;
  for (let round = 0; round < 2; round++) plain = plain.replaceAll(entity, readEntity);
  return (
    plain
      // eslint-disable-next-line no-control-regex -- colours of a terminal, and the marks around what was pasted there
      .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
      .replaceAll(/\\u00([2-7][0-9a-f])/gi, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .replaceAll(/\\[nrt]/g, " ")
      .replaceAll(/\\(?=[!-/:-@[-`{-~])/g, "")
      .replaceAll(/=[ \t]*\r?\n(?:[ \t]*[>|\u2502])*(?:(?<=[>|\u2502])[ \t])?/g, "")
      .replaceAll(/^[ \t]*(?:[>|\u2502\u2503\u203a\u00bb][ \t]?)+/gm, "")
      // All invisible characters; white space stays, because it separates words.
      .replaceAll(/(?!\s)[\p{Cc}\p{Cf}]|\p{Default_Ignorable_Code_Point}/gu, "")
      // The wide forms of marks, except those that are letters of an invite.
      .replaceAll(
        /[\ufe50-\ufe62\ufe64-\ufe6b\uff01-\uff0c\uff0e\uff0f\uff1a-\uff20\uff3b-\uff3e\uff5b-\uff5e]/g,
        plainForm,
      )
      .replaceAll(
        /(?<=[\w\u2010-\u2012\u2212\ufe63\uff0d-])[\u2010-\u2012\u2212\ufe63\uff0d](?=[\w\u2010-\u2012\u2212\ufe63\uff0d-])/g,
        "-",
      )
      // The beginning of a name beyond ASCII, which has two hyphens.
      .replaceAll(/\bxn[\u2013\u2014](?=[a-z0-9])/gi, "xn--")
  );
}

/** Without tags and emphasis, each hyphen as the ASCII one, and with a gap between adjacent invites. */
function unwrapped(text: string): string {
  return (
    unmarked(text)
      .replaceAll(/<!--[^<]*?-->/g, "")
      .replaceAll(/<\/?(?:br|p|div|li|td|tr|pre|blockquote)\b(?:"[^"<]*"|'[^'<]*'|[^<>"'])*>/gi, "\n")
      // But not the brackets around an invite.
      .replaceAll(/<(?!\s*l\s*a\s*i\s*r\s*s?\s*:)\/?[a-z](?:"[^"<]*"|'[^'<]*'|[^<>"'])*>/gi, "")
      .replaceAll(/[*`]|~~|\|\|/g, "")
      .replaceAll(/[\u2010-\u2012\u2212\ufe63\uff0d]/g, "-")
      .replaceAll(/[\uff10-\uff19\uff21-\uff3a\uff3f\uff41-\uff5a]/g, plainForm)
      .replaceAll(SCHEME_BEHIND_LETTERS, "\n")
  );
}

/** Without the quotation marks that stood at the start of a line before its line end was lost. */
function unquoted(text: string): string {
  return text.replaceAll(/(?:&gt;|[>|\u2502\u2503\u203a\u00bb])+(?=[ \t])/gi, " ");
}

/** Decodes each =XX of a mail (RFC 2045, section 6.7). */
function fromQuotedPrintable(text: string): string {
  const lines = text.replaceAll(/=[ \t]*\r?\n/g, "");
  return lines.replaceAll(/(?:=[0-9a-f]{2})+/gi, (run) => decodedRun(run.replaceAll("=", "%"), run));
}

function plainForm(wide: string): string {
  return wide.normalize("NFKC");
}

function readEntity(all: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all;
  const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : all;
}
