// Invites in a text, as chat programs, mails and shells hand them over: found among what surrounds them, and freed of what
// was put into them on the way (docs/PROTOCOL.md §9.1). Takes away marks and undoes encodings, and never guesses a letter.

/** What may be an invite. */
export interface InviteExcerpt {
  /** What stands between `lair` and `#`, as the address of a WebSocket: `ws://...` or `wss://...`, decoded or not. */
  readonly addresses: readonly string[];
  /** What stands behind `#`; undefined when there is none. */
  readonly secret: InviteSecret | undefined;
}

/** The letters behind `#`, and how far they can be read as one piece. */
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

/** At the start of a word, with white space anywhere, since programs wrap long lines. */
const SCHEME = /(?<![a-z0-9])l\s*a\s*i\s*r\s*(s?)\s*:\s*\/\s*\//giu;
/** The `#`, or what encoding it once or more has made of it; an address may hold such a one as well. */
const HASH = /#|%(?:25)*23/g;
/** An invite by itself, as it was made. */
const EXACT = /^\s*lair(s?):\/\/([!-"$-~]+)#([\w-]+)\s*$/;
/** Encoding once more than this has never been seen. */
const MOST_ENCODINGS = 3;

/** Every piece of the text that may be an invite, in order; `count` is how many letters a secret has. */
export function invitesIn(text: string, count: number): InviteExcerpt[] {
  const exact = EXACT.exec(text);
  // Nothing is undone in it: a path may hold what looks like a mark.
  if (exact?.[3]?.length === count) {
    const address = `ws${exact[1]}://${exact[2]}`;
    return [{ addresses: encodingsOf(address), secret: { letters: exact[3], state: "whole" } }];
  }
  const plain = readableForm(text);
  const starts = [...plain.matchAll(SCHEME)];
  return starts.map((start, index) => {
    const from = start.index + start[0].length;
    const piece = plain.slice(from, starts[index + 1]?.index);
    const scheme = start[1] === "" ? "ws" : "wss";
    const cuts = [...piece.matchAll(HASH)].map((hash) => ({
      address: piece.slice(0, hash.index),
      secret: secretIn(piece.slice(hash.index + hash[0].length), count, underscoresBefore(plain, start.index)),
    }));
    const { address, secret } = cuts.find((cut) => cut.secret.state === "whole") ??
      cuts[0] ?? { address: piece, secret: undefined };
    return { addresses: encodingsOf(address).map((form) => `${scheme}://${form.replaceAll(/\s/g, "")}`), secret };
  });
}

/** Whether somebody meant this as an invite, whole or not, or as the beginning of one. */
export function mentionsInvite(text: string): boolean {
  const plain = readableForm(text);
  return plain.search(SCHEME) >= 0 || /^lairs?:/i.test(plain.replaceAll(/\s/g, ""));
}

/** The text without marks, and without as many encodings of all of it as hide the beginning of an invite. */
function readableForm(text: string): string {
  const plain = unmarked(text);
  const forms = encodingsOf(plain).map((form) => (form === plain ? form : unmarked(form)));
  return forms.find((form) => form.search(SCHEME) >= 0) ?? plain;
}

function underscoresBefore(text: string, index: number): number {
  let start = index;
  while (text[start - 1] === "_") start -= 1;
  return index - start;
}

/** `emphasis`: so many underscores a chat program has put on both sides, which are letters of invites too. */
function secretIn(text: string, count: number, emphasis: number): InviteSecret {
  const decoded = unmarked(encodingsOf(text).at(-1)!);
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

/** A text and what it is when each %XX is read as a letter, as often as that changes it. */
function encodingsOf(text: string): string[] {
  const forms = [text];
  while (forms.length <= MOST_ENCODINGS) {
    const decoded = forms.at(-1)!.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => decodedRun(run));
    if (decoded === forms.at(-1)) break;
    forms.push(decoded);
  }
  return forms;
}

function decodedRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}

const ENTITIES: { readonly [name: string]: string } = {
  amp: "&",
  apos: "'",
  colon: ":",
  gt: ">",
  hyphen: "-",
  lowbar: "_",
  lt: "<",
  nbsp: " ",
  num: "#",
  percnt: "%",
  period: ".",
  quot: '"',
  shy: "",
  sol: "/",
};

/** Without the marks of mails and markup: entities, escapes, quoting at the start of lines, and all that is not seen. */
function unmarked(text: string): string {
  const entity = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi;
  // An ampersand may have been encoded in its turn.
  let plain = text;
  for (let round = 0; round < 2; round++) plain = plain.replaceAll(entity, readEntity);
  return (
    plain
      // eslint-disable-next-line no-control-regex -- colours of a terminal, and the marks around what was pasted there
      .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
      .replaceAll(/\\u00([2-7][0-9a-f])/gi, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .replaceAll(/\\[nrt]/g, " ")
      .replaceAll(/\\(?=[!-/:-@[-`{-~])/g, "")
      .replaceAll(/=\r?\n/g, "")
      .replaceAll(/^[ \t]*(?:[>|\u2502][ \t]?)+/gm, "")
      // All that is not seen: white space stays, since it parts words.
      .replaceAll(/(?!\s)[\p{Cc}\p{Cf}]|\p{Default_Ignorable_Code_Point}/gu, "")
  );
}

function readEntity(all: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all;
  const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : all;
}
