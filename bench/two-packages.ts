// How two installed packages of Lair start, in turn: to the end of --help and --version, and to the first event, without --http.
// By the processor's time, which a busy machine does not change much, and by the clock.
// Run: node --import ./test/tsx.js bench/two-packages.ts BEFORE NOW [ROUNDS], each a folder with node_modules/lair-chat

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Says on descriptor 3 how much of the processor's time a program has had when it ends. */
const AT_END =
  'data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>{const{user,system}=process.cpuUsage();writeSync(3,String(user+system))})';

async function toItsEnd(file: string, option: string): Promise<Cost> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, ["--import", AT_END, file, option], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  let micros = "";
  child.stdio[3]?.on("data", (part: Buffer) => (micros += part.toString()));
  await once(child, "close");
  return { cpuMs: Number(micros) / 1_000, wallMs: performance.now() - beganMs };
}

/** To an event, such as hello, which comes where the prompt does; then it is ended. */
async function toItsEvent(event: string, file: string, args: readonly string[]): Promise<Cost> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, [file, "--json", ...args], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  while (!printed.includes(`{"event":"${event}"`)) printed += String((await once(child.stdout, "data"))[0]);
  const wallMs = performance.now() - beganMs;
  const tasks = `/proc/${child.pid}/task`;
  const nanos = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  child.kill("SIGKILL");
  await once(child, "close");
  return { cpuMs: nanos.reduce((sum, one) => sum + one, 0) / 1e6, wallMs };
}

function median(values: readonly number[]): string {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!.toFixed(0);
}

const [, , before = "", now = "", rounds = "15"] = process.argv;
const homes = new Map([before, now].map((root) => [root, mkdtempSync(join(tmpdir(), "lair-bench-"))]));
const measures: readonly (readonly [string, (root: string) => Promise<Cost>])[] = [
  ["lair-client --help", async (root) => await toItsEnd(binOf(root, "client"), "--help")],
  ["lair-client --version", async (root) => await toItsEnd(binOf(root, "client"), "--version")],
  [
    "lair-server to its first event",
    async (root) =>
      await toItsEvent("hello", binOf(root, "server"), ["--home", homes.get(root)!, "--listen", "127.0.0.1:0"]),
  ],
  [
    "lair-client to its first event",
    async (root) => await toItsEvent("hello", binOf(root, "client"), ["--home", homes.get(root)!, "ws://127.0.0.1:9"]),
  ],
];

function binOf(root: string, program: "client" | "server"): string {
  return join(root, "node_modules", ".bin", `lair-${program}`);
}

// For the client: an invite of somebody who does not answer.
for (const [root, home] of homes) {
  await toItsEvent("invite", binOf(root, "server"), ["--home", home, "--listen", "127.0.0.1:0"]);
}
for (const [name, work] of measures) {
  const costs: readonly [Cost[], Cost[]] = [[], []];
  for (let round = -1; round < Number(rounds); round++) {
    for (const [index, root] of [before, now].entries()) {
      const cost = await work(root);
      if (round >= 0) costs[index]!.push(cost);
    }
  }
  const row = costs.map(
    (all) => `${median(all.map(({ cpuMs }) => cpuMs))} / ${median(all.map(({ wallMs }) => wallMs))}`,
  );
  console.log(`${name}: before ${row[0]}, now ${row[1]} ms (processor / clock)`);
}
for (const home of homes.values()) rmSync(home, { recursive: true });
