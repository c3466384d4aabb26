// The people that a frontend knows of, and how a typed line names one of them. Pure.

import type { PeerView } from "../core/identity/peer-view.ts";
import { quotedName } from "../core/identity/quoted-name.ts";
import type { Command } from "./events.ts";

/** Somebody that a text names at its beginning, and what follows the name. */
export interface Named {
  readonly peer: PeerView;
  /** Without the blanks in front. */
  readonly rest: string;
}

/** As in `which-peer.ts`: hard enough to match with another key. */
const LEAST_LETTERS = 8;

/**
 * Whom a text names at its beginning: by the whole name, whatever its capitals, in quotation marks or without, or by a
 * fingerprint's start. Nobody if it could be several: people choose their own names, and what follows one must not turn it
 * into another. Quotation marks say where a name ends.
 */
export function namedAtStart(text: string, people: readonly PeerView[]): Named | undefined {
  const lower = text.toLowerCase();
  const [word = ""] = lower.split(/\s/u, 1);
  const byName = people
    .flatMap((peer) => spellingsOf(peer).map((spelling) => ({ peer, spelling })))
    .filter(({ spelling }) => startsWithWord(lower, spelling.toLowerCase()));
  const byPrint = word.length < LEAST_LETTERS ? [] : people.filter((peer) => recipientOf(peer).startsWith(word));
  // A name that is all of the text is meant as a whole.
  const whole = byName.filter(({ spelling }) => spelling.length === text.length);
  const meant = new Set([...(whole.length > 0 ? whole : byName).map(({ peer }) => peer), ...byPrint]);
  // Of names that differ in capitals only, the one that is written so.
  const isWritten = (peer: PeerView): boolean => spellingsOf(peer).some((spelling) => text.startsWith(spelling));
  const [written, ...more] = [...meant].filter(isWritten);
  const differInCapitals = [...meant].every(({ name }) => name.toLowerCase() === written?.name.toLowerCase());
  const peer = meant.size === 1 ? [...meant][0] : differInCapitals && more.length === 0 ? written : undefined;
  if (peer === undefined) return undefined;
  const length = byName.find((named) => named.peer === peer)?.spelling.length ?? word.length;
  return { peer, rest: text.slice(length).trimStart() };
}

/** A peer's name as a line may begin with it. It may not have one that can be shown. */
function spellingsOf({ name }: PeerView): readonly string[] {
  return name === "" ? [] : [name, quotedName(name)];
}

/** The peer's name as a line can name it, whatever follows: in quotation marks if it could be taken for somebody else's. */
export function clearNameOf(peer: PeerView, people: readonly PeerView[]): string {
  const isClear = namedAtStart(`${peer.name} …`, people)?.peer.fingerprint === peer.fingerprint;
  return isClear ? peer.name : quotedName(peer.name);
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
export function recipientOf({ fingerprint }: PeerView): string {
  return fingerprint.replaceAll(" ", "");
}
