// The table: Lair beside programs that people could use instead, in the same run, with the goal of each measure and whether it
// is met. Two processes for each contender, over loopback; some minutes, bounded. What cannot be measured here is left out, and
// why is said. Run: npm run bench, or node --import ./test/tsx.js bench/table.ts --help.

import { statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { type Measure, type Row, rowsOf } from "./measures.ts";
import { LIBRARY } from "./rows/library.ts";
import { MEMORY } from "./rows/memory.ts";
import type { Part, Table } from "./rows/part.ts";
import { PEOPLE } from "./rows/people.ts";
import { PROGRAMS } from "./rows/programs.ts";
import { ROOMS } from "./rows/rooms.ts";
import { START } from "./rows/start.ts";

const PARTS: readonly Part[] = [LIBRARY, PROGRAMS, START, MEMORY, PEOPLE, ROOMS];

const LIFE_MS = 1_800_000;

const keys = [...new Set(PARTS.flatMap(({ keys }) => keys))];
const USAGE = `npm run bench -- [--json] [--rounds N] [--sessions N] [--suite openssl|noble] [--disk DIRECTORY] [MEASURE...]

  --json       one object instead of the table (npm run -s leaves out what npm says itself)
  --rounds     how often each is measured, in turn (5)
  --sessions   how many idle sessions are measured (2000)
  --suite      whose primitives the library uses (openssl)
  --disk       where the stores lie (the temporary directory)

The measures, all of them if none is named: ${keys.join(", ")}.`;
const options = {
  help: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  rounds: { type: "string", default: "5" },
  sessions: { type: "string", default: "2000" },
  suite: { type: "string", default: "openssl" },
  disk: { type: "string", default: tmpdir() },
} as const;

/** The arguments. Ends the process: with the usage if that is asked for, with 2 and one line if something is wrong with them. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const unknown = positionals.filter((word) => !keys.includes(word));
    if (unknown.length > 0) throw new RangeError(`There is no measure ${unknown.join(", ")}.`);
    for (const name of ["rounds", "sessions"] as const)
      if (!/^[1-9]\d{0,4}$/.test(values[name])) throw new RangeError(`--${name} is a number from 1 to 99999.`);
    if (!["openssl", "noble"].includes(values.suite)) throw new RangeError("--suite is openssl or noble.");
    if (!statSync(values.disk, { throwIfNoEntry: false })?.isDirectory())
      throw new RangeError(`--disk: there is no directory ${values.disk}.`);
    if (!values.help) return { values, positionals };
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    // Without the advice of parseArgs, which is about other things.
    console.error(`${(error as Error).message.split(". ")[0]!.replace(/\.$/, "")}. See: npm run bench -- --help`);
    process.exit(2);
  }
}

const { values, positionals } = readArguments();
const rounds = Number(values.rounds);
const isWanted = (key: string): boolean => positionals.length === 0 || positionals.includes(key);

// It ends by itself, and what it has started ends with its input.
setTimeout(() => process.exit(1), LIFE_MS).unref();
const rows: Row[] = [];
const skipped: string[] = [];
const loads = [loadavg()[0]!];
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

const table: Table = {
  suite: values.suite,
  disk: values.disk,
  sessions: Number(values.sessions),
  isWanted,
  skip(reason) {
    skipped.push(reason);
    say(`left out: ${reason}`);
  },
  async measure(measure: Measure) {
    if (!isWanted(measure.key)) return;
    for (const row of await rowsOf(measure, rounds)) {
      rows.push(row);
      say(textOf(row));
    }
    loads.push(loadavg()[0]!);
  },
};

function textOf({ key, measure, unit, sides, goals }: Row): string {
  const figures = sides.map(({ name, median }) => `${name} ${shown(median)}`);
  const judged = goals.map(({ goal, spread, isMet }) => {
    const [least, middle, most] = spread.map(shown);
    return `${isMet ? "met" : "NOT"}  ${goal}: ${middle} (${least} to ${most})`;
  });
  return [`${key.padEnd(10)} ${measure}, ${unit}`, figures.join("   "), ...judged].join("\n             ");
}

/** Three digits, and all of the whole number. */
function shown(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))));
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

say(`medians of ${rounds} rounds in turn; node ${process.version}; load ${loads[0]!.toFixed(1)}`);
for (const part of PARTS) if (part.keys.some(isWanted)) await part.run(table);
const most = Math.max(...loads);
if (values.json) {
  const machine = { node: process.version, load: { before: loads[0], most } };
  console.log(JSON.stringify({ rounds, suite: values.suite, ...machine, rows, skipped }));
} else {
  const goals = rows.flatMap((row) => row.goals);
  say(
    `${goals.filter(({ isMet }) => isMet).length} of ${goals.length} goals met; the load was up to ${most.toFixed(1)}`,
  );
}
