// What a program does without a connection, and leaves: show, search, export or forget what was kept (docs/history.md).
// The same as at the prompt, so it is done by the same commands; here it is told to whom, and asked before anything goes.

import { existsSync } from "node:fs";
import type { ProgramName } from "../app/commands.ts";
import { LairError } from "../core/errors.ts";
import { shortFingerprint } from "../core/identity/fingerprint.ts";
import { Chat } from "../core/chat/chat.ts";
import type { KeyPair } from "../core/identity/key-pair.ts";
import type { Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { defaultHome, type Home, openHome } from "../node/home/home.ts";
import { SYSTEM_CLOCK } from "../node/clock.ts";
import { askForget } from "../node/terminal/ask.ts";
import { chooseSuite } from "./crypto-choice.ts";
import type { Subcommand } from "./subcommand.ts";
import { HistoryCommands } from "../app/history-commands.ts";
import { deleteForgotten } from "../app/retention.ts";
import { exportHistory } from "./export-history.ts";
import { openPersistence } from "./persistence.ts";
import type { Persistence } from "../app/persistence.ts";
import { renumbered } from "../app/renumber.ts";
import { createReport, isInteractive, random } from "./start.ts";
import { openIdentity } from "./unlock.ts";
import { peerMeant } from "../app/which-peer.ts";

/** Returns the exit code. Throws LairError. */
export async function runSubcommand(program: ProgramName, args: Subcommand): Promise<number> {
  const directory = args.home ?? defaultHome(process.env);
  if (!existsSync(directory)) {
    throw new LairError("file-unreadable", `There is no ${directory}, so nothing is kept there.`, {
      hint: "Check that --home is right.",
    });
  }
  const home = openHome(directory, program === "lair-server" ? "server" : "client");
  const peer = choosePeer(home.peers(), args.peer);
  const identity = await openIdentity(home, { ...args, passphrase: false }, random);
  const persistence = await openStored(home, identity, args);
  const report = createReport(program, args);
  try {
    if (args.subcommand.type === "renumber") {
      const chat = new Chat(persistence.store, peer.publicKey);
      chat.beginAnew();
      chat.commit();
      report.show(renumbered(peer));
      return 0;
    }
    const history = new HistoryCommands({
      show: (event) => report.show(event),
      nowMs: () => SYSTEM_CLOCK.now().wallMs,
      exportHistory,
      history: persistence.history,
    });
    if (args.subcommand.type !== "forget") {
      history.carryOut(args.subcommand, peer);
      return 0;
    }
    if (!args.subcommand.confirmed && !(await isForgetMeant(history, peer, args))) return 1;
    history.carryOut({ type: "forget", confirmed: true }, peer);
    await deleteForgotten(persistence.history!, SYSTEM_CLOCK, (text) => report.show({ type: "notice", text }));
    return 0;
  } finally {
    report.close();
    persistence.close();
  }
}

/** Only two of them write, and a program that runs can do that better. */
async function openStored(home: Home, identity: KeyPair, { subcommand }: Subcommand): Promise<Persistence> {
  const mode = subcommand.type === "forget" || subcommand.type === "renumber" ? "write" : "read";
  try {
    return await openPersistence(home, identity, chooseSuite("auto"), { noStore: false, mode });
  } catch (error) {
    if (!(error instanceof LairError) || error.code !== "store-locked") throw error;
    throw new LairError(error.code, error.message, {
      hint: `Type ${subcommand.type} at its prompt, or stop it.`,
      cause: error,
    });
  }
}

async function isForgetMeant(history: HistoryCommands, peer: Peer, args: Subcommand): Promise<boolean> {
  if (args.json || !isInteractive()) {
    throw new LairError("usage", "There is nobody here to ask whether all of it may be removed.", {
      hint: "Add --yes.",
    });
  }
  return await askForget(peer.name, history.count(peer));
}

/** By name, or by the start of the fingerprint. */
function choosePeer(peers: readonly Peer[], who: string | undefined): Peer {
  if (peers.length === 0) throw new LairError("peer-unknown", "Nobody is paired here, so nothing is kept.");
  const hint = "Add --peer with a name, or with eight letters or more of a fingerprint's start.";
  if (who !== undefined) {
    return peerMeant(peers, who, "Give --peer one of these names, or eight letters or more of a fingerprint's start.");
  }
  const [only, ...others] = peers;
  if (only !== undefined && others.length === 0) return only;
  throw new LairError("peer-unknown", "Several peers are known here, and it was not said whose history.", {
    details: peers.map((peer) => `${nameInSentence(peer.name)}  ${shortFingerprint(peer.publicKey)}`),
    hint,
  });
}
