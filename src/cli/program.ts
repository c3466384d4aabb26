// What both programs do around a conversation: read the arguments, answer those that need no conversation, open the
// home's data, and close it again; and what both report and do in the meantime.

import { errorEvent, type Frontend } from "../app/frontend.ts";
import { clockNotice } from "../app/clock-notice.ts";
import type { ProgramName } from "../app/command-table.ts";
import { historyLimitEvent } from "../app/history-limit.ts";
import type { Messenger } from "../app/messenger.ts";
import type { Persistence } from "../app/persistence.ts";
import { startPurging } from "../app/retention.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { Identity } from "../core/identity/identity.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { machineMs, SYSTEM_CLOCK, wallMs } from "../node/clock.ts";
import { defaultHome, type Home, openHome } from "../node/home/home.ts";
import type { Asked, PassphraseArguments } from "./argument-reader.ts";
import type { CommonArguments } from "./arguments.ts";
import { answer } from "./asked.ts";
import { chooseSuite } from "./crypto-choice.ts";
import { runPassphraseCommand } from "./passphrase-command.ts";
import { openPersistence } from "./persistence.ts";
import { printed } from "./standard-output.ts";
import { random, run } from "./start.ts";
import type { Subcommand } from "./subcommand.ts";
import { runSubcommand } from "./subcommands.ts";
import { openIdentity } from "./unlock.ts";
import { version } from "./version.ts";

/** What a program has when its conversation starts. */
export interface ProgramParts<Args> {
  readonly args: Args;
  readonly home: Home;
  readonly identity: Identity;
  /** Closed when the program ends. */
  readonly persistence: Persistence;
  readonly suite: CipherSuite;
}

/** Runs a program to its end, and with it this process. `converse` resolves with the exit code. */
export async function runProgram<Args extends CommonArguments>(
  program: ProgramName,
  parse: (argv: readonly string[]) => Args | Asked | PassphraseArguments | Subcommand,
  converse: (parts: ProgramParts<Args>) => Promise<number>,
): Promise<void> {
  const role = program === "lair-server" ? "server" : "client";
  await run(process.argv.slice(2), async (argv) => {
    const args = parse(argv);
    if ("asked" in args) return await printed(0, answer(program, args.asked));
    if ("command" in args) return await printed(runPassphraseCommand(args, role));
    if ("subcommand" in args) return await printed(runSubcommand(program, args));
    const suite = await chooseSuite(args.crypto);
    const home = openHome(args.home ?? defaultHome(process.env), role, { suite });
    const identity = await openIdentity(home, args, { suite, random });
    const persistence = await openPersistence(home, identity, suite, args);
    try {
      return await converse({ args, home, identity, persistence, suite });
    } finally {
      persistence.close();
    }
  });
}

/** Reports the start of the program, and anything odd about its clock and its store. */
export function tellStart(
  program: ProgramName,
  frontend: Frontend,
  { suite, identity, persistence }: Pick<ProgramParts<unknown>, "suite" | "identity" | "persistence">,
): void {
  const own = fingerprint(suite, identity);
  frontend.show({ type: "started", program, version: version(), fingerprint: own });
  const clock = clockNotice(machineMs());
  if (clock !== undefined) frontend.show(clock);
  persistence.onNotice((text) => frontend.show({ type: "notice", text }));
}

/** Ours: how often it is looked for lines of rooms whose time is over. */
const EXPIRING_MS = 5_000;

/** Deletes lines that are due as long as the program runs; returns a function that stops it. */
export function purgeHistory(
  { suite, persistence }: Pick<ProgramParts<unknown>, "suite" | "persistence">,
  frontend: Frontend,
  messenger: Pick<Messenger, "expireRooms">,
): () => void {
  const { history, pairings } = persistence;
  if (history === undefined) return expireByWallClock(messenger);
  return startPurging(history, SYSTEM_CLOCK, {
    trusts: (nowMs) => messenger.expireRooms(nowMs),
    failed: (error) => frontend.show(errorEvent(error)),
    notice: (text) => frontend.show({ type: "notice", text }),
    reachedLimit: (key) => frontend.show(historyLimitEvent({ suite, history, peers: pairings.peers() }, key)),
  });
}

/** Without a store nothing outlives the program, and the clock of its start is as good as any. */
function expireByWallClock(messenger: Pick<Messenger, "expireRooms">): () => void {
  let cancel: (() => void) | undefined;
  const turn = (): void => {
    messenger.expireRooms(wallMs());
    cancel = SYSTEM_CLOCK.setTimer(EXPIRING_MS, turn);
  };
  turn();
  return () => cancel?.();
}
