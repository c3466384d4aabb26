// One lair-server with 2,000 paired people, all connected: the memory for each idle session, the processor's time for the
// rekeys of all of them at 30 to 120 s, the time between two rekeys of each, and the time from a line of one to its
// acknowledgement meanwhile. The server is the program as installed, and the people
// are sessions of the library in this process. Linux only (it reads /proc); loopback
// only; bounded in count and time. Run: node --import ./test/tsx.js bench/sessions.ts [SESSIONS] [SECONDS]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BIN } from "../test/e2e/build.ts";
import { connectAll, leaveAll, prepare, usage } from "./people.ts";
import { Program } from "./programs.ts";

const [sessions = 2_000, seconds = 150] = process.argv.slice(2).map(Number);
/** The longest time that lines are said. */
const TALK_S = 60;
const GAP_MS = 50;
/** One after the other, before those that are measured: until then, V8 interprets most of their way. */
const LINES_BEFORE = 3_000;
const inS = (ms: number): string => (ms / 1_000).toFixed(1);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const home = mkdtempSync(join(tmpdir(), "lair-bench-"));
try {
  const prepared = await prepare(home, sessions);
  const args = ["--home", home, "--listen", "127.0.0.1:0", "--max-peers", String(sessions)];
  const program = new Program("lair-server", args, BIN);
  const { url } = await program.until(({ event }) => event === "listening");
  const { pid } = program;
  await pause(1_000);
  const empty = usage(pid);
  const start = performance.now();
  const talkers = await connectAll(prepared, url!);
  const connectedMs = performance.now() - start;
  await pause(5_000);
  const full = usage(pid);
  console.log(`${sessions} paired people at one lair-server, rekeys every 30 to 120 s`);
  console.log(
    `  all connected after ${(connectedMs / 1_000).toFixed(1)} s, ${(((full.cpuS - empty.cpuS) * 1_000) / sessions).toFixed(1)} ms of the server's processor for each`,
  );
  console.log(
    `  memory: ${empty.mib.toFixed(0)} MiB before, ${full.mib.toFixed(0)} MiB after: ${(((full.mib - empty.mib) * 1_024) / sessions).toFixed(0)} KiB for each`,
  );
  const rekeys = (): number => talkers.reduce((sum, talker) => sum + talker.rekeys, 0);
  const rekeysBefore = rekeys();
  const before = usage(pid);
  await pause(seconds * 1_000);
  const cpuS = usage(pid).cpuS - before.cpuS;
  const renewed = rekeys() - rekeysBefore;
  console.log(
    `  ${seconds} s in which nobody says anything: ${renewed} rekeys, ${((cpuS / seconds) * 100).toFixed(1)} % of one core`,
  );
  const without = talkers.filter(({ rekeys }) => rekeys === 0).length;
  const [least, most] = [
    Math.min(...talkers.map(({ shortestGapMs }) => shortestGapMs)),
    Math.max(...talkers.map(({ longestGapMs }) => longestGapMs)),
  ];
  console.log(
    `  sessions without a rekey so far: ${without}; between two of one session: ${inS(least)} to ${inS(most)} s`,
  );
  for (let line = 0; line < LINES_BEFORE; line++) await talkers[0]!.echo();
  const times: number[] = [];
  const since = performance.now();
  while (performance.now() - since < Math.min(seconds, TALK_S) * 1_000) {
    times.push(await talkers[0]!.echo());
    await pause(GAP_MS);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number): string => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(1);
  console.log(
    `  echo of one of them, ${sorted.length} lines: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, worst ${quantile(1)} ms`,
  );
  await leaveAll(talkers);
  await program.quit();
} finally {
  rmSync(home, { recursive: true, force: true });
}
