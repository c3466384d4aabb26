// The words on the screen for everything that is kept: waiting messages, the history, the timer, and stores that have
// lost something. Pure; all arguments have passed the sanitiser.

import type { ProgramName } from "../app/command-table.ts";
import type { ProgramEvent } from "../app/events.ts";
import { MOST_COUNTED, type Retention } from "../core/chat/history.ts";
import { ordinal } from "./phrases.ts";

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

/** "1 message waits", "3 messages wait" */
export function waitingPhrase(count: number): string {
  return count === 1 ? "1 message waits" : `${count} messages wait`;
}

/** "1 line", "120 lines" */
export function lineCount(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}

/** "30 d", "90 min": exactly, in the largest unit that allows it. */
export function exactSpan(ms: number): string {
  const seconds = ms / 1000;
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** "history off", "history for 30 d" */
export function retentionPhrase(retention: Retention): string {
  if (retention === "off") return "history off";
  return retention === "forever" ? "history for ever" : `history for ${exactSpan(retention.ms)}`;
}

/** "256 MiB", "1 GiB": exactly, in the largest unit that allows it. */
export function exactSize(bytes: number): string {
  if (bytes % 2 ** 30 === 0) return `${bytes / 2 ** 30} GiB`;
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`;
}

export function historyLimitPhrase(limitBytes: number, name: string): string {
  return (
    `The history with ${name} has reached ${exactSize(limitBytes)}: its oldest lines are deleted. ` +
    "Change the limit with --history-limit."
  );
}

/** "Trying again in 4 s (5th try)." */
export function retryPhrase({ inMs, attempt }: Pick<EventOf<"reconnecting">, "inMs" | "attempt">): string {
  return `Trying again ${whenPhrase(inMs)}${attempt > 1 ? ` (${ordinal(attempt)} try)` : ""}.`;
}

/** "in 4 s", "now" */
export function whenPhrase(inMs: number): string {
  return inMs > 0 ? `in ${Math.ceil(inMs / 1000)} s` : "now";
}

/** "3 of 120 lines with "words"", "50 of more than 10,000 lines with "words"" */
export function foundPhrase(shown: number, total: number, words: string): string {
  if (total === 0) return `no line with "${words}"`;
  const lines = total > MOST_COUNTED ? `more than ${MOST_COUNTED.toLocaleString("en")} lines` : lineCount(total);
  return `${shown < total ? `${shown} of ` : ""}${lines} with "${words}"`;
}

/** How to turn on the history, if nothing was found because it is off. */
export function historyOffPhrase(program: string): string {
  return `The history is off: start ${program} with --history 30d, or with --history forever, to keep what is said.`;
}

/** The question that `forget` asks. */
export function forgetQuestion(count: number, name: string): string {
  if (count === 0) return `nothing is kept with ${name}`;
  const lines = count === 1 ? "the 1 line" : `all ${count} lines`;
  return `Type yes to remove ${lines} kept with ${name}, or no. Only on this side: what ${name} keeps stays.`;
}

export function forgottenPhrase(count: number, name: string): string {
  return count === 0 ? `nothing was kept with ${name}` : `${lineCount(count)} removed; what ${name} keeps stays`;
}

/** The question that `forget-peer` asks. */
export function forgetPeerQuestion(history: boolean, count: number, name: string): string {
  const lines = count === 0 ? "" : `${count === 1 ? "the 1 line" : `all ${count} lines`} kept with ${name} and `;
  const what = history
    ? `This also removes ${lines}what is waiting.`
    : "The history and what is waiting stay; --with-history removes them too.";
  return `Type yes to end the pairing with ${name}, or no. To talk again you need a new invite. ${what}`;
}

export function peerForgottenPhrase(history: boolean, name: string): string {
  const kept = history ? "the history was removed too" : "the history stays";
  return `${name} is forgotten, and a stranger from now on; ${kept}`;
}

export function timerPhrase(seconds: number, by: string): string {
  if (seconds === 0) return `messages no longer disappear, set by ${by}`;
  return `messages disappear ${exactSpan(seconds * 1000)} after they were delivered, set by ${by}`;
}

/** A store that has lost something is no alarm, but its meaning for the conversation must be reported. */
export function memoryPhrase(
  { whose, what, missing }: Pick<EventOf<"memory">, "whose" | "what" | "missing">,
  name: string,
): string {
  const store = whose === "own" ? "The store here" : `The store of ${name}`;
  const phrases = [`${store} ${what === "new" ? "is new" : "is an older copy"}.`];
  if (missing > 0) {
    const from = whose === "own" ? `from ${name}` : "of yours";
    // Numbers that were passed over count too.
    const were = missing === 1 ? `1 message ${from} had` : `Up to ${missing} messages ${from} had`;
    phrases.push(`${were} reached it and ${missing === 1 ? "is" : "are"} not in it now.`);
  }
  if (missing === 0) phrases.push("Nothing is missing.");
  return phrases.join(" ");
}

/** The question of `all`; `names` are those who would get the text. */
export function sayAllQuestion(names: readonly string[]): string {
  const list = names.length <= 5 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
  return `This goes to ${names.length === 1 ? "one person" : `${names.length} people`}: ${list}. Type yes to send it, or no.`;
}

/** A muted peer can still connect: a program that listens accepts everybody who is paired. */
export function mutedPhrase(isMuted: boolean, name: string, program: ProgramName): string {
  if (!isMuted) return `${name} is not muted any more`;
  const stillComes = program === "lair-server" ? `, but ${name} can still connect here` : "";
  return `${name} is muted: this program does not connect to ${name} by itself${stillComes}; unmute ${name} changes that`;
}
