// Recognises lines that were probably meant as a command about somebody, although whom they name is not clear: a name that
// begins another's, or one with a typing error. Such a line is not sent without a question.

import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { commandFrom, commandRow, type PromptSpelling, usageOf } from "./command-table.ts";
import { isNear, isObject } from "./near-commands.ts";
import { clearNameInSentence, meantAtStart, type Nameable, type Named, namedAtStart } from "./people.ts";

interface Known {
  readonly people: readonly PeerView[];
  /** Those who were introduced and wait for an answer. */
  readonly introduced: readonly PeerView[];
}

/** Below this length one slip makes another word. */
const SHORTEST_SLIP = 4;
const WEB_SOCKET = /^wss?:\/\//iu;

/** What to tell somebody who named more than one behind this command. */
export function unclearName(word: string, rest: string, known: Known): string | undefined {
  const among = whomItNames(word, known);
  const meant = among === undefined ? [] : meantAtStart(unmarked(rest), among);
  if (among === undefined || meant.length < 2) return undefined;
  const lines = meant.map(({ peer, rest: behind }) =>
    [word, clearNameInSentence(peer, among), behind].join(" ").trim(),
  );
  return `More than one could be meant. Type ${lines.join(", or ")}.`;
}

/** What to tell somebody whose line begins as a command about somebody, and is none. */
export function doubtAboutName(word: string, rest: string, known: Known): string | undefined {
  const among = whomItNames(word, known);
  const row = commandRow(word, "prompt");
  if (among === undefined || row === undefined) return undefined;
  const text = unmarked(rest);
  const [named] = meantAtStart(text, among);
  // Between two, the line goes to the one whom it names.
  if (named !== undefined && known.people.length > 1 && !/[.!?]$/u.test(rest)) {
    const usage = row.prompt.usage === undefined ? "" : ` ${usageOf(row, row.prompt)}`;
    return `Was that a command about ${nameInSentence(named.peer.name)}?${usage}`;
  }
  const takes = (behind: string): boolean => isTaken(word, behind, known);
  const near = nearlyNamed(text, among).find((one) => takes(one.rest));
  if (near !== undefined)
    return `Did you mean ${[word, clearNameInSentence(near.peer, among), near.rest].join(" ").trim()}?`;
  const [first = "", ...behind] = text.split(/\s+/u);
  const isUrl = row.prompt.needsPeer === true && WEB_SOCKET.test(behind.at(-1) ?? "");
  const isOwn = behind.length === 1 && !isObject(first) && row.prompt.isOwn?.(behind[0]!) === true;
  const name = text.slice(0, text.length - (behind.at(-1)?.length ?? 0)).trim();
  return among.length > 0 && (isUrl || isOwn) ? `Nobody here is called ${name}; who lists the people.` : undefined;
}

/** Whom the words behind a command may name; undefined if it is about nobody. What is searched for is not a name. */
function whomItNames(word: string, { people, introduced }: Known): readonly PeerView[] | undefined {
  const spelling: PromptSpelling | undefined = commandRow(word, "prompt")?.prompt;
  if (spelling === undefined || spelling.aboutPeer === "told") return undefined;
  if (spelling.needsPeer === "introduced") return introduced;
  const { aboutPeer, needsPeer, needsTwo } = spelling;
  return aboutPeer !== undefined || needsPeer !== undefined || needsTwo === true ? people : undefined;
}

/** Whether the command takes this text behind a name. */
function isTaken(word: string, behind: string, { people }: Known): boolean {
  const row = commandRow(word, "prompt");
  if (row === undefined || row.prompt.aboutPeer === "marked") return false;
  if (row.prompt.needsTwo === true) return namedAtStart(unmarked(behind), people)?.rest === "";
  const words = behind.split(/\s+/u).filter((one) => one !== "");
  return commandFrom(row, row.prompt, { words, text: behind }, { who: "somebody" }) !== undefined;
}

/** Those whose name a text begins with but for one slip. */
export function nearlyNamed<Person extends Nameable>(
  text: string,
  people: readonly Person[],
): readonly Named<Person>[] {
  const words = text.replaceAll('"', "").split(/\s+/u);
  if (isObject(words[0] ?? "")) return [];
  return people.flatMap((peer): Named<Person>[] => {
    const count = peer.name.split(/\s+/u).length;
    const [typed, rest] = [words.slice(0, count).join(" "), words.slice(count).join(" ")];
    // A short one is a name where something follows that only the command takes.
    const isLong = peer.name.length >= SHORTEST_SLIP || rest !== "";
    return isLong && isNear(typed, peer.name.toLowerCase()) ? [{ peer, rest, isMarked: false }] : [];
  });
}

function unmarked(text: string): string {
  return text.replace(/^@/u, "");
}
