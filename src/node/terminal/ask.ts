// Visible questions, asked in a terminal before any connection exists, because readline-sync blocks the event loop. It
// is imported only when needed. Ctrl-C ends the program, unless SIGINT already has a handler.

import { readHubLink } from "../../app/hub-link.ts";
import { erase } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import { looksLikeInvite } from "../../core/identity/invite.ts";
import { nameInSentence } from "../../core/identity/quoted-name.ts";
import { typedText } from "./key-decoder.ts";
import { forgetPeerQuestion } from "../../ui/retention-phrases.ts";
import { sanitiseLine, sanitiseText } from "../../ui/sanitise.ts";

/** Asks a question; the answer is undefined if the input has ended (Ctrl-D). */
type PutQuestion = (question: string) => string | undefined;

const ATTEMPTS = 3;
/** How many lines of a paste are read. */
const MOST_LINES = 12;

/** A member that readline-sync has and its types lack: the raw input, in which the end of input is a NUL. */
interface RawInput {
  getRawInput(): string;
}

async function readlineSyncQuestion(): Promise<PutQuestion> {
  const { default: readlineSync } = await import("readline-sync");
  const raw = readlineSync as typeof readlineSync & RawInput;
  return (question) => {
    // "$<" begins a placeholder of readline-sync, so a peer's name must not contain one. Without a history, "!" has no
    // special meaning either.
    const answer = raw.question(question.replaceAll("$<", "$ <"), { history: false });
    return raw.getRawInput().endsWith("\0") && answer === "" ? undefined : typedText(answer);
  };
}

/**
 * Asks for an invite, and asks again if the pasted text is not one. Undefined: nothing was entered three times, or
 * Ctrl-D was pressed. After three wrong pastes it returns the last one, for the caller to refuse.
 */
export async function askInvite(put?: PutQuestion): Promise<string | undefined> {
  const ask = put ?? (await readlineSyncQuestion());
  let question =
    "No server is known here yet. Paste the invite that lair-server or lair-hub printed,\nor a link to a room; it begins with lair://\ninvite: ";
  // A paste of several lines arrives as several answers: the invite may be in one of them, or be split over them.
  const lines: string[] = [];
  let wrong = 0;
  while (wrong < ATTEMPTS && lines.length < MOST_LINES) {
    const answer = ask(question)?.trim();
    if (answer === undefined) return undefined;
    const isMoreOfOne = answer !== "" && !looksLikeInvite(answer) && looksLikeInvite(lines.join("\n"));
    lines.push(answer);
    const found = [answer, lines.join("\n")].find((text) => problemOfInvite(text) === undefined);
    if (found !== undefined) return found;
    if (!isMoreOfOne) wrong += 1;
    const read = isMoreOfOne ? lines.join("\n") : answer;
    // It may have been typed before the question, as a message for the peer.
    const isSentence = answer !== "" && !looksLikeInvite(read);
    const problem = `${problemOfInvite(read)}${isSentence ? " It was sent to nobody." : ""} Paste the whole invite`;
    question = `${answer === "" ? "Paste the invite" : problem}, or leave with Ctrl-C.\ninvite: `;
  }
  return lines.findLast((line) => line !== "");
}

/** What is wrong with an invite or a link to a room, if anything. */
function problemOfInvite(text: string): string | undefined {
  try {
    const { invite } = readHubLink(text, []);
    erase(invite.psk);
    return undefined;
  } catch (error) {
    if (error instanceof LairError) return error.message;
    throw error;
  }
}

/** Asks which of several servers is meant. Returns the index into `names`; undefined as above. */
export async function askWhich(names: readonly string[], put?: PutQuestion): Promise<number | undefined> {
  const ask = put ?? (await readlineSyncQuestion());
  const list = names.map((name, index) => `  ${index + 1}  ${sanitiseLine(name, 120)}`).join("\n");
  let question = `Several servers are known here:\n${list}\nNumber of the one to connect to: `;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = ask(question)?.trim();
    if (answer === undefined) return undefined;
    const chosen = /^[0-9]{1,9}$/.test(answer) ? Number(answer) : 0;
    if (chosen >= 1 && chosen <= names.length) return chosen - 1;
    question = `A number from 1 to ${names.length}, or Ctrl-C to leave: `;
  }
  return undefined;
}

/** Asks whether to delete all lines that are kept with a peer. Only a whole "yes" means yes. */
export async function askForget(name: string, count: number, put?: PutQuestion): Promise<boolean> {
  const ask = put ?? (await readlineSyncQuestion());
  const lines = count === 1 ? "the 1 line" : `all ${count} lines`;
  return (
    ask(`Remove ${lines} kept with ${nameInSentence(sanitiseLine(name, 80))}, here only? (yes or no) `)?.trim() ===
    "yes"
  );
}

/** Asks whether to forget a pairing. Only a whole "yes" means yes. */
export async function askForgetPeer(
  name: string,
  history: boolean,
  count: number,
  put?: PutQuestion,
): Promise<boolean> {
  const ask = put ?? (await readlineSyncQuestion());
  const question = forgetPeerQuestion(history, count, nameInSentence(sanitiseLine(name, 80)));
  return ask(`${question}\n(yes or no) `)?.trim() === "yes";
}

/** Asks whether a new key is the right one. Only a whole "yes" means yes. */
export async function askTrust(fingerprint: string, words: readonly string[], put?: PutQuestion): Promise<boolean> {
  const ask = put ?? (await readlineSyncQuestion());
  const safeWords = sanitiseText(words.join(" ")).replaceAll("\n", " ");
  let question =
    "This peer is new here. Compare with the other person, through another channel than this one:\n" +
    `  fingerprint   ${sanitiseLine(fingerprint)}\n  words         ${safeWords}\n` +
    "Are they the same there? (yes or no) ";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = ask(question)?.trim().toLowerCase();
    if (answer === undefined || answer === "no" || answer === "n") return false;
    if (answer === "yes") return true;
    question = 'Please write "yes" or "no": ';
  }
  return false;
}
