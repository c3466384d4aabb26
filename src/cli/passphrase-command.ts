// lair-server passphrase add|change|remove, and the same for the other programs: adds, changes or removes the passphrase of an
// identity; the key pair stays. Nothing changes before all required input was given and is valid.

import { erase } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import type { Identity } from "../core/identity/identity.ts";
import { defaultHome, type Home, openHome, type Role } from "../node/home/home.ts";
import { JsonReport } from "../ui/json-lines.ts";
import type { PassphraseAction, PassphraseArguments } from "./argument-reader.ts";
import { chooseSuite } from "./crypto-choice.ts";
import { newPassphrase, type SecretIo, systemSecretIo } from "./receive-passphrase.ts";
import { standardOutput } from "./standard-output.ts";
import { unlockIdentity } from "./unlock.ts";

const DONE: { readonly [Action in PassphraseAction]: string } = {
  add: "A passphrase protects the identity from now on. Earlier copies, such as backups, still need none.",
  change: "The passphrase was changed. Earlier copies, such as backups, still open with the old one.",
  remove: "No passphrase protects the identity any more: anybody who can read the file can use it.",
};

/** Executes the command, and reports it on standard output. Returns the exit code; throws LairError. */
export async function runPassphraseCommand(args: PassphraseArguments, role: Role): Promise<number> {
  const home = openHome(args.home ?? defaultHome(process.env), role, { suite: await chooseSuite("auto") });
  const text = await changePassphrase(home, args);
  const output = standardOutput();
  if (args.json) new JsonReport(output).show({ type: "notice", text });
  else output.write(`${text}\n`);
  return 0;
}

/** What was done, in a sentence. Throws LairError usage, passphrase-needed, passphrase-wrong, home-*. */
export async function changePassphrase(
  home: Home,
  args: PassphraseArguments,
  io: SecretIo = systemSecretIo(args.json),
): Promise<string> {
  refuseSenseless(home, args.action);
  const pair = await openPair(home, args, io);
  try {
    const passphrase =
      args.action === "remove"
        ? undefined
        : await newPassphrase({ path: args.newPassphraseFile, option: "--new-passphrase-file" }, io);
    try {
      home.protectIdentity(pair, passphrase);
    } finally {
      erase(passphrase);
    }
  } finally {
    erase(pair.privateKey);
  }
  return DONE[args.action];
}

async function openPair(home: Home, args: PassphraseArguments, io: SecretIo): Promise<Identity> {
  if (args.action !== "add") return await unlockIdentity(home, args.passphraseFile, io, true);
  // It existed a moment ago.
  return home.loadIdentity() ?? refuseNone(home);
}

function refuseSenseless(home: Home, action: PassphraseAction): void {
  const { identityState } = home;
  if (identityState === "none") refuseNone(home);
  if (identityState === "locked" && action === "add") {
    throw new LairError("usage", "The identity already has a passphrase.", {
      hint: `To change it: lair-${home.role} passphrase change`,
    });
  }
  if (identityState === "open" && action !== "add") {
    throw new LairError("usage", "The identity has no passphrase.", {
      hint: `To add one: lair-${home.role} passphrase add`,
    });
  }
}

function refuseNone(home: Home): never {
  throw new LairError("usage", `There is no identity in ${home.directory} yet.`, {
    hint: `To make one with a passphrase: lair-${home.role} --passphrase`,
  });
}
