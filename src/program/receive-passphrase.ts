// Passphrases as they come in, typed twice or once, or from a file. They are the caller's to erase. Knows what a person
// may get wrong while typing one, not what it is for.

import { equalInConstantTime, erase } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import { MAX_PASSPHRASE_BYTES } from "../core/identity/passphrase.ts";
import { readSecretFile } from "../node/home/home.ts";
import { askSecret, type SecretAnswer } from "../node/terminal/ask-secret.ts";

/** Tries of a person, as for the other questions. */
export const ATTEMPTS = 3;
const INTERRUPTED = 130;

/** What this needs of the process. */
export interface SecretIo {
  /** Undefined where nobody can be asked. */
  readonly ask: ((question: string) => Promise<SecretAnswer>) | undefined;
  /** A line for the person, where there is one. */
  readonly say: (text: string) => void;
  readonly readFile: (path: string, what: string) => Uint8Array;
  readonly leave: (code: number) => never;
}

/** The terminal that the program runs in. A program that speaks JSON is never asked. */
export function systemSecretIo(json: boolean): SecretIo {
  const { stdin, stdout, stderr } = process;
  // Questions are no part of the conversation, so standard error comes first.
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

/** A file's whole content but for a line end. Throws LairError passphrase-needed, home-mode or file-unreadable. */
export function passphraseFromFile(path: string, io: SecretIo): Uint8Array {
  const letters = io.readFile(path, "the passphrase file");
  const [last, lastButOne] = [letters.at(-1), letters.at(-2)];
  const lineEnd = last !== 0x0a ? 0 : lastButOne === 0x0d ? 2 : 1;
  const passphrase = letters.slice(0, letters.length - lineEnd);
  erase(letters);
  if (passphrase.length > 0 && passphrase.length <= MAX_PASSPHRASE_BYTES) return passphrase;
  erase(passphrase);
  const what = passphrase.length === 0 ? "is empty" : `holds more than ${MAX_PASSPHRASE_BYTES} bytes`;
  throw new LairError("passphrase-needed", `${path}, named as the passphrase file, ${what}.`, {
    hint: "Put the passphrase into it, on one line.",
  });
}

/** What a person types at one question; undefined when it is too long to be one. Does not return after Ctrl-C. */
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

/** A new one: from a file if one is named, else typed twice. Throws LairError passphrase-needed and as above. */
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
  io.say("Several words that nobody would guess make a good one. Whoever forgets it has lost the identity.");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const passphrase = await typedPassphrase("new passphrase: ", io, ask);
    if (passphrase?.length === 0) io.say("An empty one protects nothing.");
    if (passphrase === undefined || passphrase.length === 0) continue;
    const again = await typedPassphrase("once more: ", io, ask);
    const isSame = again !== undefined && equalInConstantTime(passphrase, again);
    erase(again);
    if (isSame) return passphrase;
    erase(passphrase);
    io.say("Those two were not the same.");
  }
  throw new LairError("passphrase-needed", "No new passphrase was chosen.", { hint: "Nothing was changed." });
}
