// Two thousand people at one lair-server, as installed: its memory and its processor's time while nobody says anything, the
// time between two renewals of the keys of each, and the way of a line of one of them. Linux: /proc says what it takes. The
// people are sessions of the library in this process.

import { existsSync } from "node:fs";
import { BIN } from "../../test/e2e/build.ts";
import { pause } from "../pause.ts";
import { connectAll, leaveAll, prepare, type Talker, usage } from "../people.ts";
import { Program } from "../programs.ts";
import { inNewDirectory, type Part, type Table } from "./part.ts";

const PEOPLE_COUNT = 2_000;
/** Longer than the longest time between two rekeys: each session has had one. */
const IDLE_S = 150;
const REST_MS = 5_000;
/** One after the other, before those that are measured: until then, V8 interprets most of their way. */
const LINES_BEFORE = 3_000;
/** In a round, with so much time between two of them. */
const LINES = 240;
const GAP_MS = 50;

export const PEOPLE: Part = {
  keys: ["people"],
  async run(table) {
    if (!existsSync("/proc/self/status")) {
      table.skip("people: there is no /proc here");
      return;
    }
    await inNewDirectory(table.disk, (home) => measurePeople(table, home));
  },
};

async function measurePeople(table: Table, home: string): Promise<void> {
  const prepared = await prepare(home, PEOPLE_COUNT);
  const args = ["--home", home, "--listen", "127.0.0.1:0", "--max-peers", String(PEOPLE_COUNT)];
  const program = new Program("lair-server", args, BIN);
  const { url } = await program.until(({ event }) => event === "listening");
  await pause(REST_MS);
  const before = usage(program.pid).mib;
  const talkers = await connectAll(prepared, url!);
  await pause(REST_MS);
  const kib = ((usage(program.pid).mib - before) * 1_024) / PEOPLE_COUNT;
  await table.measure({
    key: "people",
    figures: [
      {
        name: `memory of lair-server for each of ${PEOPLE_COUNT} sessions`,
        unit: "KiB",
        better: "less",
        goals: [{ bound: 40 }],
      },
      {
        name: `its processor in ${IDLE_S} s in which nobody says anything`,
        unit: "% of one core",
        better: "less",
        goals: [],
      },
      { name: "sessions that were not rekeyed in that time", unit: "sessions", better: "less", goals: [{ bound: 0 }] },
      {
        name: "the shortest time between two rekeys of one session",
        unit: "whole s",
        better: "more",
        goals: [{ bound: 30 }],
      },
      { name: "the longest", unit: "whole s", better: "less", goals: [{ bound: 120 }] },
    ],
    sides: [{ name: "Lair", run: async () => [kib, ...(await whileIdle(program.pid, talkers))] }],
    isWarmedUp: false,
    rounds: 1,
  });
  for (let line = 0; line < LINES_BEFORE; line++) await talkers[0]!.echo();
  await table.measure({
    key: "people",
    figures: [
      { name: "a line of one of them to its acknowledgement, on the disk, p50", unit: "ms", better: "less", goals: [] },
      { name: "the same, p99", unit: "ms", better: "less", goals: [{ bound: 5 }] },
    ],
    sides: [{ name: "Lair", run: () => wayOfALine(talkers[0]!) }],
    isWarmedUp: false,
  });
  await leaveAll(talkers);
  await program.quit();
}

async function whileIdle(pid: number, talkers: readonly Talker[]): Promise<readonly number[]> {
  const { cpuS } = usage(pid);
  await pause(IDLE_S * 1_000);
  const share = ((usage(pid).cpuS - cpuS) / IDLE_S) * 100;
  const without = talkers.filter(({ rekeys }) => rekeys === 0).length;
  const shortestMs = Math.min(...talkers.map(({ shortestGapMs }) => shortestGapMs));
  const longestMs = Math.max(...talkers.map(({ longestGapMs }) => longestGapMs));
  return [share, without, Math.round(shortestMs / 1_000), Math.round(longestMs / 1_000)];
}

async function wayOfALine(talker: Talker): Promise<readonly number[]> {
  const times: number[] = [];
  for (let line = 0; line < LINES; line++) {
    times.push(await talker.echo());
    await pause(GAP_MS);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return [0.5, 0.99].map((share) => sorted[Math.floor((LINES - 1) * share)]!);
}
