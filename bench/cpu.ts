// What the two programs as installed, with --json, take of the processor for a message of 100 bytes one way (Linux: /proc says so).
// Unlike a rate it means something on a machine that does other things too. Run:
// node --import ./test/tsx.js bench/cpu.ts [ROUNDS] [ARGUMENTS OF THE PROGRAMS]

import { tmpdir } from "node:os";
import { BIN } from "../test/e2e/build.ts";
import { median } from "./measure.ts";
import { usage } from "./people.ts";
import { commands, openPairOf } from "./programs.ts";

const COUNT = 50_000;
const input = commands(Array.from({ length: COUNT }, () => ({ send: "x".repeat(100) })));

const [rounds = "5", ...args] = process.argv.slice(2);
const pair = await openPairOf(BIN, tmpdir(), args.length === 0 ? ["--no-store"] : args);
const { server, client } = pair;

async function flood(last: number): Promise<void> {
  const delivered = client.until(({ event, seq }) => event === "delivered" && seq === last, `"seq":${last}`);
  client.feed(input);
  await delivered;
}

const taken: (readonly [clientUs: number, serverUs: number])[] = [];
for (let round = 0; round <= Number(rounds); round++) {
  const before = [usage(client.pid).cpuS, usage(server.pid).cpuS] as const;
  const startMs = performance.now();
  await flood((round + 1) * COUNT - 1);
  const ms = performance.now() - startMs;
  const us = ([client, server] as const).map(({ pid }, index) => ((usage(pid).cpuS - before[index]!) * 1e6) / COUNT);
  const [clientUs, serverUs] = us as [number, number];
  console.log(
    `${round === 0 ? "warming up" : `round ${round}`}: client ${clientUs.toFixed(1)} µs, server ${serverUs.toFixed(1)} µs a message; ` +
      `${Math.round(COUNT / (ms / 1_000)).toLocaleString("en")}/s on this machine now`,
  );
  if (round > 0) taken.push([clientUs, serverUs]);
}
await pair.close();
const of = (side: 0 | 1): string => median(taken.map((us) => us[side])).toFixed(1);
console.log(`medians: client ${of(0)} µs, server ${of(1)} µs`);
