// What is resident (Linux: /proc says so): a program at rest, as installed, and an idle session, in the library, in
// lair-server, and in lair-hub with members who have just paired. A session's is the difference between many sessions and
// few, so that what is compiled once does not count.

import { existsSync } from "node:fs";
import { BIN } from "../../test/e2e/build.ts";
import { startLair } from "../contenders.ts";
import { HubProcess, Person } from "../hub-people.ts";
import { pause } from "../pause.ts";
import { connectAll, leaveAll, type Prepared, prepare, usage } from "../people.ts";
import { openPairOf, Program } from "../programs.ts";
import { inNewDirectory, type Part, type Table } from "./part.ts";

/** Come first, and are in no figure. */
const FEW = 50;
const REST_MS = 2_000;

export const MEMORY: Part = {
  keys: ["rest", "session"],
  async run(table) {
    if (!existsSync("/proc/self/status")) {
      table.skip("memory: there is no /proc here");
      return;
    }
    const goals = [{ bound: 75 }];
    await table.measure({
      key: "rest",
      figures: [
        { name: "lair-server at rest, one peer connected, the page off", unit: "MB", better: "less", goals },
        { name: "lair-client at rest, connected", unit: "MB", better: "less", goals },
      ],
      sides: [{ name: "Lair", run: () => atRest(table.disk) }],
      isWarmedUp: false,
    });
    await table.measure({
      key: "session",
      figures: [{ name: figureOf(table, "the library"), unit: "KiB", better: "less", goals: [{ bound: 20 }] }],
      sides: [{ name: "Lair", run: () => inLibrary(table) }],
      isWarmedUp: false,
    });
    await table.measure({
      key: "session",
      figures: [{ name: figureOf(table, "lair-server"), unit: "KiB", better: "less", goals: [{ bound: 40 }] }],
      sides: [{ name: "Lair", run: () => inNewDirectory(table.disk, (home) => inServer(home, table)) }],
      isWarmedUp: false,
    });
    await table.measure({
      key: "session",
      figures: [{ name: figureOf(table, "lair-hub"), unit: "KiB", better: "less", goals: [{ bound: 40 }] }],
      sides: [{ name: "Lair", run: () => inNewDirectory(table.disk, (home) => inHub(home, table)) }],
      isWarmedUp: false,
    });
  },
};

const figureOf = ({ sessions }: Table, where: string): string => `an idle session of ${sessions} in ${where}`;

async function atRest(disk: string): Promise<readonly number[]> {
  const pair = await openPairOf(BIN, disk, []);
  await pause(REST_MS);
  const resident = [pair.server.pid, pair.client.pid].map((pid) => (usage(pid).mib * 2 ** 20) / 1e6);
  await pair.close();
  return resident;
}

async function inLibrary({ suite, sessions }: Table): Promise<readonly number[]> {
  const lair = await startLair({ suite, idle: FEW + sessions });
  const resident = async (count: number): Promise<number> => {
    await lair.ask({ do: "idle", count });
    await pause(REST_MS);
    return usage(lair.serverPid).mib;
  };
  const few = await resident(FEW);
  const many = await resident(sessions);
  await lair.end();
  return [((many - few) * 1_024) / sessions];
}

async function inServer(home: string, { sessions }: Table): Promise<readonly number[]> {
  const prepared = await prepare(home, FEW + sessions);
  const args = ["--home", home, "--listen", "127.0.0.1:0", "--max-peers", String(FEW + sessions)];
  const program = new Program("lair-server", args, BIN);
  const { url } = await program.until(({ event }) => event === "listening");
  const talkers: Awaited<ReturnType<typeof connectAll>>[number][] = [];
  const resident = async (people: Prepared["people"]): Promise<number> => {
    talkers.push(...(await connectAll({ ...prepared, people }, url!)));
    await pause(REST_MS);
    return usage(program.pid).mib;
  };
  const few = await resident(prepared.people.slice(0, FEW));
  const many = await resident(prepared.people.slice(FEW));
  await leaveAll(talkers);
  await program.quit();
  return [((many - few) * 1_024) / sessions];
}

async function inHub(home: string, { sessions }: Table): Promise<readonly number[]> {
  const hub = await HubProcess.start(home, 0, FEW + sessions);
  const resident = async (count: number): Promise<number> => {
    for (const person of Array.from({ length: count }, () => new Person())) await person.enter(hub);
    await pause(REST_MS);
    return usage(hub.pid).mib;
  };
  const few = await resident(FEW);
  const many = await resident(sessions);
  await hub.end();
  return [((many - few) * 1_024) / sessions];
}
