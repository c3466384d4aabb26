// What a flood of strangers does to an open session: the time from saying a line to its acknowledgement, in turn without
// and with as many bogus handshakes as this process can make. Bounded in count and time; loopback only.

import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import { openPair } from "./programs.ts";

const ROUND_MS = 3_000;
const ROUNDS = 4;
const ATTACKERS = 24;
const MOST_HANDSHAKES = 20_000;
const GAP_MS = 5;

const pair = await openPair();
let said = 0;
const counts = { refused: 0, answered: 0 };

/** One stranger after the other, each with 96 random bytes for a first message, until `isOver`. */
async function attack(isOver: () => boolean): Promise<void> {
  for (let made = 0; made < MOST_HANDSHAKES && !isOver(); made++) {
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(pair.url, "lair.1", { perMessageDeflate: false });
      socket.on("open", () => socket.send(randomBytes(96)));
      socket.on("message", () => (counts.answered += 1));
      socket.on("error", () => {});
      socket.on("close", () => {
        counts.refused += 1;
        resolve();
      });
    });
  }
}

async function echoes(untilMs: number): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < untilMs) {
    const seq = said++;
    const delivered = pair.client.until((event) => event.event === "delivered" && event.seq === seq);
    const start = performance.now();
    pair.client.write({ send: "still there?" });
    await delivered;
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  }
  return times;
}

const quantile = (times: readonly number[], share: number): string =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1);

console.log("a line to its acknowledgement, client to server, through both programs (ms)");
for (let round = 0; round < ROUNDS; round++) {
  const isFlooded = round % 2 === 1;
  const untilMs = performance.now() + ROUND_MS;
  const before = counts.refused;
  const attackers = isFlooded
    ? Array.from({ length: ATTACKERS }, () => attack(() => performance.now() >= untilMs))
    : [];
  const times = await echoes(untilMs);
  await Promise.all(attackers);
  const rate = Math.round((counts.refused - before) / (ROUND_MS / 1000));
  const what = isFlooded ? `with ${rate} bogus handshakes/s` : "quiet";
  console.log(
    `  ${what.padEnd(34)} median ${quantile(times, 0.5)}  p99 ${quantile(times, 0.99)}  (${times.length} lines)`,
  );
}
console.log(`  bytes answered to strangers: ${counts.answered}`);
await pair.close();
