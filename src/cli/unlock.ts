// The identity at the start of a program: created, read, or opened with its passphrase. Any question comes before the
// frontend takes over the terminal and before any other question.

import { isUtf8 } from "node:buffer";
import { erase } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import { generateIdentity, type Identity } from "../core/identity/identity.ts";
import type { CipherSuite, RandomSource } from "../core/noise/index.ts";
import type { Home } from "../node/home/home.ts";
import type { CommonArguments } from "./arguments.ts";
import {
  ATTEMPTS,
  newPassphrase,
  NOT_UTF8,
  oldPassphraseFromFile,
  type SecretIo,
  systemSecretIo,
  typedPassphrase,
} from "./receive-passphrase.ts";

/** What a new key pair is made with. */
interface KeySource {
  readonly suite: CipherSuite;
  readonly random: RandomSource;
}

/**
 * The caller owns the pair. Throws LairError passphrase-needed, passphrase-wrong, usage when a passphrase is offered to an
 * identity without one, and home-* as {@link Home} does; nothing was changed then.
 */
export async function openIdentity(
  home: Home,
  args: Pick<CommonArguments, "passphrase" | "passphraseFile" | "json">,
  { suite, random }: KeySource,
  io: SecretIo = systemSecretIo(args.json),
): Promise<Identity> {
  // A user who names a file wants it to be used, and must not be left with an identity that anybody can open.
  const isAsked = args.passphrase || args.passphraseFile !== undefined;
  switch (home.identityState) {
    case "locked":
      return await unlockIdentity(home, args.passphraseFile, io);
    case "open":
      if (isAsked) throw openAlready(home);
      return home.identity(() => generateIdentity(suite, random));
    case "none":
      if (!isAsked) return home.identity(() => generateIdentity(suite, random));
      return await makeLocked(home, args.passphraseFile, () => generateIdentity(suite, random), io);
  }
}

/**
 * The key pair of an identity under a passphrase: one attempt from a file, three from a person. `mayBeOld`: the
 * passphrase is about to be replaced, so a file is accepted whose content was a valid passphrase once and is not today.
 * Throws LairError passphrase-needed or passphrase-wrong.
 */
export async function unlockIdentity(
  home: Home,
  file: string | undefined,
  io: SecretIo,
  mayBeOld = false,
): Promise<Identity> {
  if (file !== undefined) return unlockByFile(home, file, io, mayBeOld);
  const { ask } = io;
  if (ask === undefined) {
    throw new LairError("passphrase-needed", "The identity has a passphrase, and there is no terminal to ask for it.", {
      hint: "Start in a terminal and without --json, or give it with --passphrase-file FILE (mode 600).",
    });
  }
  io.say("The identity is under a passphrase.");
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const passphrase = await typedPassphrase("passphrase: ", io, ask);
    if (passphrase === undefined) continue;
    const isText = isUtf8(passphrase);
    const pair = tryToUnlock(home, passphrase, io);
    if (pair !== undefined) return pair;
    if (attempt < ATTEMPTS) io.say("That is not the passphrase.");
    if (!isText) io.say(NOT_UTF8);
  }
  return refuse(home);
}

function unlockByFile(home: Home, path: string, io: SecretIo, mayBeOld: boolean): Identity {
  const { passphrase, fault } = oldPassphraseFromFile(path, io);
  if (fault === undefined) return tryToUnlock(home, passphrase, io) ?? refuse(home);
  const isTried = mayBeOld && passphrase.length > 0;
  const pair = isTried ? tryToUnlock(home, passphrase, io) : undefined;
  erase(passphrase);
  if (pair !== undefined) return pair;
  const wayOut = `If this really is the passphrase: lair-${home.role} passphrase change --passphrase-file FILE`;
  throw new LairError(fault.code, fault.message, {
    hint: mayBeOld ? "It does not open the identity either. Nothing was changed." : `${fault.hint} ${wayOut}`,
  });
}

/** Erases the passphrase. */
function tryToUnlock(home: Home, passphrase: Uint8Array, io: SecretIo): Identity | undefined {
  // Half a second or more, during which nothing else runs.
  io.say("Opening the identity, which takes a moment.");
  try {
    return home.unlock(passphrase);
  } finally {
    erase(passphrase);
  }
}

function refuse(home: Home): never {
  throw new LairError("passphrase-wrong", "That is not the passphrase. Nothing was changed.", {
    hint:
      `If you are sure that it is, somebody has changed ${home.identityPath}: restore it from a backup. ` +
      "There is no way around a forgotten passphrase.",
  });
}

async function makeLocked(
  home: Home,
  file: string | undefined,
  create: () => Identity,
  io: SecretIo,
): Promise<Identity> {
  const passphrase = await newPassphrase({ path: file, option: "--passphrase-file" }, io);
  const pair = create();
  try {
    home.saveIdentity(pair, passphrase);
    return pair;
  } finally {
    erase(passphrase);
  }
}

function openAlready(home: Home): LairError {
  return new LairError("usage", "There is already an identity, and it has no passphrase.", {
    hint: `To add one: lair-${home.role} passphrase add`,
  });
}
