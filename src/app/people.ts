// The people that a frontend knows of, and how a typed line names one of them. Pure.

import type { PeerView } from "../core/identity/peer-view.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import type { Command } from "./events.ts";

/** Somebody or something that a line can name. */
export type Nameable = Pick<PeerView, "name" | "fingerprint">;

/** Somebody that a text names at its beginning, and what follows the name. */
export interface Named<Person extends Nameable = PeerView> {
  readonly peer: Person;
  /** Without the blanks in front. */
  readonly rest: string;
  /** In quotation marks, or by a fingerprint's start: no other text begins so by chance. */
  readonly isMarked: boolean;
}

/** As in `which-peer.ts`: hard enough to match with another key. */
const LEAST_LETTERS = 8;

/** Arguments of commands: a name that is one of them needs quotation marks behind a command. So does one with a mark of ours. */
const LIKE_ARGUMENTS = /^(?:off|done|yes|\d+[a-z]?|@.*|--.*)$/iu;

/**
 * Whom a text names at its beginning: by the whole name, whatever its capitals, in quotation marks or without, or by a
 * fingerprint's start. Nobody if it could be several: people choose their own names, and what follows one must not turn it
 * into another. Quotation marks say where a name ends.
 */
export function namedAtStart<Person extends Nameable>(
  text: string,
  people: readonly Person[],
): Named<Person> | undefined {
  const found = foundAtStart(text, people);
  const meant = new Set(found.map(({ peer }) => peer));
  // Of names that differ in capitals only, the one that is written so.
  const isWritten = (peer: Person): boolean => spellingsOf(peer).some((spelling) => text.startsWith(spelling));
  const [written, ...more] = [...meant].filter(isWritten);
  const differInCapitals = [...meant].every(({ name }) => lowered(name) === lowered(written?.name ?? ""));
  const peer = meant.size === 1 ? [...meant][0] : differInCapitals && more.length === 0 ? written : undefined;
  const named = found.find((one) => one.peer === peer);
  if (peer === undefined || named === undefined) return undefined;
  return { peer, rest: text.slice(named.length).trimStart(), isMarked: named.isMarked };
}

/** Everybody whom the beginning of a text could name; more than one if it is not clear. */
export function meantAtStart<Person extends Nameable>(
  text: string,
  people: readonly Person[],
): readonly Named<Person>[] {
  const clear = namedAtStart(text, people);
  if (clear !== undefined) return [clear];
  const named = foundAtStart(text, people).map(({ peer, length, isMarked }) => {
    return { peer, rest: text.slice(length).trimStart(), isMarked };
  });
  return named.filter(({ peer }, index) => named.findIndex((other) => other.peer === peer) === index);
}

function foundAtStart<Person extends Nameable>(text: string, people: readonly Person[]) {
  const small = lowered(text);
  const [word = ""] = small.split(/\s/u, 1);
  const byName = people
    .flatMap((peer) => spellingsOf(peer).map((spelling) => ({ peer, spelling })))
    .filter(({ spelling }) => startsWithWord(small, lowered(spelling)))
    .map(({ peer, spelling }) => ({ peer, length: spelling.length, isMarked: spelling.startsWith('"') }));
  const byPrint = word.length < LEAST_LETTERS ? [] : people.filter((peer) => recipientOf(peer).startsWith(word));
  // A name that is all of the text is meant as a whole.
  const whole = byName.filter(({ length }) => length === text.length);
  return [
    ...(whole.length > 0 ? whole : byName),
    ...byPrint.map((peer) => ({ peer, length: word.length, isMarked: true })),
  ];
}

/** In small letters, each as long as the one that it is of: "İ" has none of its length, and stays. */
function lowered(text: string): string {
  const letters = Array.from(text, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  });
  return letters.join("");
}

/** A peer's name as a line may begin with it. It may not have one that can be shown. */
function spellingsOf({ name }: Nameable): readonly string[] {
  return name === "" ? [] : [name, quotedName(name)];
}

/**
 * How a line can name the peer, whatever follows: by the name; in quotation marks if it could be taken for somebody else's or
 * for an argument of a command; or by the fingerprint, if nothing else is clear.
 */
export function clearNameOf(peer: Nameable, people: readonly Nameable[]): string {
  return firstClear(peer, people, spellingsOf(peer).slice(LIKE_ARGUMENTS.test(peer.name) ? 1 : 0));
}

/** The same in a sentence of the program: in quotation marks too if it is more than a word. */
export function clearNameInSentence(peer: Nameable, people: readonly Nameable[]): string {
  const { name } = peer;
  const isPlain = nameInSentence(name) === name && !LIKE_ARGUMENTS.test(name);
  return firstClear(peer, people, spellingsOf(peer).slice(isPlain ? 0 : 1));
}

function firstClear(peer: Nameable, people: readonly Nameable[], spellings: readonly string[]): string {
  const print = recipientOf(peer);
  const everybody = people.some(({ fingerprint }) => fingerprint === peer.fingerprint) ? people : [...people, peer];
  const isClear = (spelling: string): boolean =>
    namedAtStart(`${spelling} …`, everybody)?.peer.fingerprint === peer.fingerprint;
  return [...spellings, print.slice(0, LEAST_LETTERS)].find(isClear) ?? print;
}

function startsWithWord(text: string, name: string): boolean {
  return text.startsWith(name) && /^(?:$|[\s:,])/u.test(text.slice(name.length));
}

/** The command for this recipient, unless it names one itself; one that concerns nobody stays as it is. */
export function forRecipient(command: Command, to: string | undefined): Command {
  switch (command.type) {
    case "say":
    case "status":
    case "verify":
    case "peers":
    case "rename":
    case "history":
    case "search":
    case "export":
    case "forget":
    case "timer":
    case "renumber":
      return command.to === undefined && to !== undefined ? { ...command, to } : command;
    default:
      return command;
  }
}

/** A recipient as a command carries it: the name may belong to somebody else when it is carried out. */
export function recipientOf({ fingerprint }: Nameable): string {
  return fingerprint.replaceAll(" ", "");
}
