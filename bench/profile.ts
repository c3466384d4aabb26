// Where the time of a process went: the functions that took most of it themselves, and those with all that they called, of the
// time in which it did something. Run: node --import ./test/tsx.js bench/profile.ts FILE.cpuprofile...

import { readFileSync } from "node:fs";
import { basename } from "node:path";

const LINES = 20;

interface Node {
  readonly id: number;
  readonly callFrame: Readonly<{ functionName: string; url: string; lineNumber: number }>;
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  /** In µs, one for each sample. */
  readonly timeDeltas: readonly number[];
}

const IDLE = "(idle)";

function nameOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
  const where = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`;
  return `${functionName === "" ? "(anonymous)" : functionName}${where}`;
}

type Times = Map<string, number>;

const add = (times: Times, name: string, us: number): Times => times.set(name, (times.get(name) ?? 0) + us);

/** A function that calls itself counts once. */
function timesOf({ nodes, samples, timeDeltas }: Profile): { readonly own: Times; readonly whole: Times } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  const [own, whole]: [Times, Times] = [new Map<string, number>(), new Map<string, number>()];
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index]!;
    add(own, nameOf(byId.get(id)!), us);
    const stack = new Set<string>();
    for (let node = byId.get(id); node !== undefined; node = callers.get(node.id)) stack.add(nameOf(node));
    for (const name of stack) add(whole, name, us);
  }
  return { own, whole };
}

function show(title: string, times: Times, busyUs: number): void {
  console.log(`  ${title}`);
  const sorted = [...times].filter(([name]) => name !== IDLE && name !== "(root)").toSorted(([, a], [, b]) => b - a);
  for (const [name, us] of sorted.slice(0, LINES)) {
    console.log(
      `    ${((us / busyUs) * 100).toFixed(1).padStart(5)} %  ${(us / 1_000).toFixed(0).padStart(6)} ms  ${name}`,
    );
  }
}

for (const file of process.argv.slice(2)) {
  const profile = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const { own, whole } = timesOf(profile);
  const allUs = profile.timeDeltas.reduce((sum, us) => sum + us, 0);
  const busyUs = allUs - (own.get(IDLE) ?? 0);
  console.log(`${basename(file)}: ${(busyUs / 1_000).toFixed(0)} ms of ${(allUs / 1_000).toFixed(0)} ms busy`);
  show("itself", own, busyUs);
  show("with what it called", whole, busyUs);
}
