// The commands of a program without a connection: show, search, export or forget the history (docs/history.md). The
// same commands as at the prompt execute them; this file chooses the peer, and asks before anything is deleted.

import { existsSync } from "node:fs";
import type { ProgramName, StoreCommand } from "../app/command-table.ts";
import { LairError } from "../core/errors.ts";
import { shortFingerprint } from "../core/identity/fingerprint.ts";
import { Chat } from "../core/chat/chat.ts";
import type { Identity } from "../core/identity/identity.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import { type Peer, peopleAmong } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { defaultHome, type Home, openHome } from "../node/home/home.ts";
import { SYSTEM_CLOCK, wallMs } from "../node/clock.ts";
import { askForget, askForgetPeer } from "../node/terminal/ask.ts";
import { chooseSuite } from "./crypto-choice.ts";
import type { Subcommand } from "./subcommand.ts";
import type { Report } from "../app/frontend.ts";
import { HistoryCommands } from "../app/history-commands.ts";
import { historyLimitEvent } from "../app/history-limit.ts";
import { deleteForgotten } from "../app/retention.ts";
import { exportHistory } from "./export-history.ts";
import { openPersistence } from "./persistence.ts";
import type { Persistence } from "../app/persistence.ts";
import { renumbered } from "../app/renumber.ts";
import { createReport, isInteractive, random } from "./start.ts";
import { openIdentity } from "./unlock.ts";
import { peerMeant } from "../app/which-peer.ts";

const WRITING: ReadonlySet<Subcommand["subcommand"]["type"]> = new Set(["forget", "forget-peer", "renumber"]);

/** Returns the exit code. Throws LairError. */
export async function runSubcommand(program: ProgramName, args: Subcommand): Promise<number> {
  const directory = args.home ?? defaultHome(process.env);
  if (!existsSync(directory)) {
    throw new LairError("file-unreadable", `There is no ${directory}, so nothing is kept there.`, {
      hint: "Check that --home is right.",
    });
  }
  const suite = await chooseSuite("auto");
  const home = openHome(directory, program === "lair-server" ? "server" : "client", { suite });
  const { subcommand } = args;
  // Without an identity there are no pairings, and none is created for this.
  if (home.identityState === "none") throw nobodyPaired();
  if (subcommand.type === "forget-peer") return await forgetOne(program, home, suite, { ...args, subcommand });
  const identity = await openIdentity(home, { ...args, passphrase: false }, { suite, random });
  const persistence = await openStored(home, identity, suite, args);
  const report = createReport(program, args);
  try {
    persistence.onNotice((text) => report.show({ type: "notice", text }));
    if (subcommand.type === "room") {
      const { runRoomCommand } = await import("./room-subcommands.ts");
      await runRoomCommand({ identity, suite, persistence, report }, subcommand.command);
      return 0;
    }
    const peers = persistence.pairings.peers();
    if (peopleAmong(peers).length === 0 && peers.length > 0) throw onlyHubs(subcommand.type);
    const peer = choosePeer(suite, peopleAmong(peers), args.peer);
    if (subcommand.type === "renumber") {
      const chat = new Chat(persistence.store, peer.publicKey);
      chat.beginAnew();
      chat.commit();
      report.show(renumbered(suite, peer));
      return 0;
    }
    const history = new HistoryCommands({
      suite,
      show: (event) => report.show(event),
      nowMs: wallMs,
      exportHistory,
      history: persistence.history,
    });
    if (subcommand.type !== "forget") {
      history.carryOut(subcommand, peer);
      return 0;
    }
    if (!subcommand.confirmed && !(await isMeant(args, () => askForget(peer.name, history.count(peer))))) return 1;
    history.carryOut({ type: "forget", confirmed: true }, peer);
    await deleteAll(suite, persistence, report);
    return 0;
  } finally {
    report.close();
    persistence.close();
  }
}

/** Ends a pairing. The store is locked for it: a running program would write the peer again. */
async function forgetOne(
  program: ProgramName,
  home: Home,
  suite: CipherSuite,
  args: Subcommand & { readonly subcommand: Extract<StoreCommand, { type: "forget-peer" }> },
): Promise<number> {
  const { who, history, confirmed } = args.subcommand;
  const identity = await openIdentity(home, { ...args, passphrase: false }, { suite, random });
  const persistence = await openStored(home, identity, suite, args);
  const report = createReport(program, args);
  try {
    persistence.onNotice((text) => report.show({ type: "notice", text }));
    const peers = persistence.pairings.peers();
    if (peers.length === 0) throw nobodyPaired();
    const peer = peerMeant(
      suite,
      peers,
      who,
      "Write one of these names, or the first eight or more characters of a fingerprint.",
    );
    const count = persistence.history?.count(peer.publicKey, wallMs()) ?? 0;
    if (!confirmed && !(await isMeant(args, () => askForgetPeer(peer.name, history, count)))) return 1;
    if (history && peer.isHub === true) await forgetRooms(persistence, peer);
    if (history) persistence.store.forgetPeer(peer.publicKey);
    persistence.pairings.forgetPeer(peer.publicKey);
    report.show({ type: "peer-forgotten", peer: viewPeer(suite, peer), history });
    if (history) await deleteAll(suite, persistence, report);
    return 0;
  } finally {
    report.close();
    persistence.close();
  }
}

/** What is kept of the rooms at a hub. The hub still knows that one is in them. */
async function forgetRooms({ rooms }: Persistence, { publicKey }: Peer): Promise<void> {
  const store = await rooms?.();
  if (store === undefined) return;
  for (const { id } of await store.rooms(publicKey)) await store.change({ forget: id });
  const packages = await store.packages(publicKey);
  await store.change({ dropPackages: packages.map(({ ref }) => ref) });
}

/** Deletes what is forgotten now, and what else is due. */
async function deleteAll(suite: CipherSuite, { history, pairings }: Persistence, report: Report): Promise<void> {
  if (history === undefined) return;
  await deleteForgotten(history, SYSTEM_CLOCK, (text) => report.show({ type: "notice", text }));
  const peers = pairings.peers();
  for (const key of history.deletedByLimit) report.show(historyLimitEvent({ suite, history, peers }, key));
}

/** Only three of them write, and a running program can do that better. */
async function openStored(
  home: Home,
  identity: Identity,
  suite: CipherSuite,
  { subcommand }: Subcommand,
): Promise<Persistence> {
  const mode = WRITING.has(subcommand.type) ? "write" : "read";
  try {
    return await openPersistence(home, identity, suite, { noStore: false, mode });
  } catch (error) {
    if (!(error instanceof LairError) || error.code !== "store-locked") throw error;
    throw new LairError(error.code, error.message, {
      hint: `Type ${subcommand.type} at its prompt, or stop it.`,
      cause: error,
    });
  }
}

async function isMeant(args: Subcommand, ask: () => Promise<boolean>): Promise<boolean> {
  if (args.json || !isInteractive()) {
    throw new LairError("usage", "There is no terminal to ask whether this may be deleted.", {
      hint: "Add --yes.",
    });
  }
  return await ask();
}

function nobodyPaired(): LairError {
  return new LairError("peer-unknown", "Nobody is paired here, so nothing is kept.");
}

function onlyHubs(word: string): LairError {
  return new LairError("peer-unknown", "Only hubs are paired here, and a hub itself has no history.", {
    hint: `For the history of a room, name it: ${word} "#ops". The command rooms lists them.`,
  });
}

/** By name, or by the start of the fingerprint. */
function choosePeer(suite: CipherSuite, peers: readonly Peer[], who: string | undefined): Peer {
  if (peers.length === 0) throw nobodyPaired();
  const hint = "Add --peer with a name, or with the first eight or more characters of a fingerprint.";
  if (who !== undefined) {
    return peerMeant(
      suite,
      peers,
      who,
      "Give --peer one of these names, or the first eight or more characters of a fingerprint.",
    );
  }
  const [only, ...others] = peers;
  if (only !== undefined && others.length === 0) return only;
  throw new LairError("peer-unknown", "Several peers are known here, so it is not clear whose history you mean.", {
    details: peers.map((peer) => `${nameInSentence(peer.name)}  ${shortFingerprint(suite, peer)}`),
    hint,
  });
}
