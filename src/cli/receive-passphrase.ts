// Reads passphrases, typed twice or once, or from a file. The caller erases them. Knows the mistakes that a person may
// make while typing one, not its purpose.

import { equalInConstantTime, erase } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import { MAX_PASSPHRASE_BYTES, normalPassphrase } from "../core/identity/passphrase.ts";
import { readSecretFile } from "../node/home/home.ts";
import { askSecret, type SecretAnswer } from "../node/terminal/ask-secret.ts";
import { type NoText, noText, textOf } from "./file-text.ts";

/** Attempts for a person, as for the other questions. */
export const ATTEMPTS = 3;
const INTERRUPTED = 130;
export const NOT_UTF8 = "The terminal sent something that is not UTF-8: set it to UTF-8, or type ASCII only.";

/** What this needs from the process. */
export interface SecretIo {
  /** Undefined if there is nobody to ask. */
  readonly ask: ((question: string) => Promise<SecretAnswer>) | undefined;
  /** Shows a line to the user, if there is one. */
  readonly say: (text: string) => void;
  readonly readFile: (path: string, what: string) => Uint8Array;
  readonly leave: (code: number) => never;
}

/** The terminal of the program. A program that speaks JSON is never asked. */
export function systemSecretIo(json: boolean): SecretIo {
  const { stdin, stdout, stderr } = process;
  // Questions are not part of the conversation, so standard error comes first.
  const screen = [stderr, stdout].find((stream) => stream.isTTY);
  const canAsk = stdin.isTTY && screen !== undefined && !json;
  const place = canAsk ? screen : stderr;
  return {
    ask: canAsk ? (question) => askSecret(question, MAX_PASSPHRASE_BYTES, { input: stdin, output: place }) : undefined,
    say: (text) => {
      if (place.isTTY && !json) place.write(`${text}\n`);
    },
    readFile: readSecretFile,
    leave: (code) => process.exit(code),
  };
}

/**
 * The one line of a file, without its end and without a byte order mark. Throws LairError passphrase-needed, home-mode or
 * file-unreadable.
 */
function passphraseFromFile(path: string, io: SecretIo): Uint8Array {
  const file = oldPassphraseFromFile(path, io);
  if (file.fault === undefined) return file.passphrase;
  erase(file.passphrase);
  throw file.fault;
}

/**
 * The passphrase that earlier programs read from a file: its whole content except for a line end. `fault`: why it is
 * not a valid passphrase today. Throws LairError home-mode or file-unreadable.
 */
export function oldPassphraseFromFile(
  path: string,
  io: SecretIo,
): { readonly passphrase: Uint8Array; readonly fault: LairError | undefined } {
  const letters = io.readFile(path, "the passphrase file");
  const [last, lastButOne] = [letters.at(-1), letters.at(-2)];
  const lineEnd = last !== 0x0a ? 0 : lastButOne === 0x0d ? 2 : 1;
  const passphrase = letters.slice(0, letters.length - lineEnd);
  const found = noText(letters) ?? faultOfLine(textOf(passphrase));
  erase(letters);
  if (found === undefined) return { passphrase, fault: undefined };
  const message = `${path}, named as the passphrase file, ${found.what}.`;
  return { passphrase, fault: new LairError("passphrase-needed", message, { hint: found.hint }) };
}

/** Why text cannot be a passphrase from a file. */
function faultOfLine(text: Uint8Array): NoText | undefined {
  const hint = "Put the passphrase into it, on one line.";
  if (text.length === 0) return { what: "is empty", hint };
  if (text.length > MAX_PASSPHRASE_BYTES) return { what: `has more than ${MAX_PASSPHRASE_BYTES} bytes`, hint };
  // In a terminal both are Enter.
  const hasMoreLines = text.some((letter) => letter === 0x0a || letter === 0x0d);
  return hasMoreLines ? { what: "has more than one line, which nobody could type", hint } : undefined;
}

/** The answer of a person to one question; undefined if it is too long. Does not return after Ctrl-C. */
export async function typedPassphrase(
  question: string,
  io: SecretIo,
  ask: NonNullable<SecretIo["ask"]>,
): Promise<Uint8Array | undefined> {
  const answer = await ask(question);
  switch (answer.type) {
    case "secret":
      return answer.bytes;
    case "too-long":
      io.say(`A passphrase has ${MAX_PASSPHRASE_BYTES} bytes at most.`);
      return undefined;
    case "interrupted":
      return io.leave(INTERRUPTED);
    case "ended":
      throw new LairError("passphrase-needed", "No passphrase was given.", { hint: "Nothing was changed." });
  }
}

/** A new passphrase: from a file if one is named, else typed twice. Throws LairError passphrase-needed and as above. */
export async function newPassphrase(
  file: { readonly path: string | undefined; readonly option: string },
  io: SecretIo,
): Promise<Uint8Array> {
  if (file.path !== undefined) return passphraseFromFile(file.path, io);
  const { ask } = io;
  if (ask === undefined) {
    throw new LairError("passphrase-needed", "There is no terminal in which to ask for a new passphrase.", {
      hint: `Give it with ${file.option} FILE (mode 600).`,
    });
  }
  io.say("Several words that nobody would guess make a good one. If you forget it, the identity is lost.");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const passphrase = await typedPassphrase("new passphrase: ", io, ask);
    if (passphrase === undefined) continue;
    const fault = faultOfNew(passphrase);
    if (fault !== undefined) {
      erase(passphrase);
      io.say(fault);
      continue;
    }
    const again = await typedPassphrase("once more: ", io, ask);
    const isSame = again !== undefined && equalInConstantTime(passphrase, again);
    erase(again);
    if (isSame) return passphrase;
    erase(passphrase);
    io.say("Those two were not the same.");
  }
  throw new LairError("passphrase-needed", "No new passphrase was chosen.", { hint: "Nothing was changed." });
}

/** Why the typed text cannot be a new passphrase. */
function faultOfNew(passphrase: Uint8Array): string | undefined {
  if (textOf(passphrase).length === 0) return "An empty one protects nothing.";
  const normal = normalPassphrase(passphrase);
  erase(normal);
  return normal === undefined ? NOT_UTF8 : undefined;
}
