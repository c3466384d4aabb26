// What the store on the disk takes of the processor for a message of 100 bytes, in groups of 1, 64 and 500: said (stored, and
// acknowledged later) and heard (stored, and shown later). Unlike a rate it can be compared on a machine that does other things.
// Run: node --import ./test/tsx.js bench/store-cpu.ts [--history] [DIRECTORY]; in memory: /dev/shm.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readMessage, writeText } from "../src/core/chat/message.ts";
import { makeStamp } from "../src/core/delivery/stamp.ts";
import type { Change } from "../src/core/delivery/store.ts";
import { OPENSSL_SUITE } from "../src/node/openssl-suite/suite.ts";
import { openStore } from "../src/node/store/open-store.ts";
import { median } from "./measure.ts";

const ROUNDS = 9;
const NOW_MS = 1_800_000_000_000;
const PEER = new Uint8Array(32).fill(7);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { history: { type: "boolean", default: false } },
});
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const directory = mkdtempSync(join(positionals[0] ?? tmpdir(), "lair-bench-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
const privateKey = new Uint8Array(32).fill(1);
const store = openStore({ directory, privateKey, suite: OPENSSL_SUITE, random, read: readMessage });
if (values.history) store.setRetention(PEER, "forever");

const life = random(8);
const { bytes: message, content } = writeText("x".repeat(100), NOW_MS);
const messages = (type: "queued" | "arrived", first: number, count: number): Change[] =>
  Array.from({ length: count }, (_, index) => {
    const stamp = makeStamp({ life, index: first + index });
    return { type, seq: first + index, stamp, atMs: NOW_MS, message, content };
  });

const WAYS = {
  said(group: number): void {
    const first = store.load(PEER).next;
    const next = first + group;
    store.commit(PEER, [...messages("queued", first, group), { type: "released", next }]);
    store.commit(PEER, [{ type: "acknowledged", next, atMs: NOW_MS }]);
  },
  heard(group: number): void {
    const first = store.load(PEER).expected;
    store.commit(PEER, messages("arrived", first, group));
    store.commit(PEER, [{ type: "shown", next: first + group }]);
  },
};

function microsecondsOf(work: () => void, count: number): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

for (const group of [1, 64, 500]) {
  const groups = Math.ceil(Math.max(500, 8 * group) / group);
  const figures = Object.entries(WAYS).map(([name, commit]) => {
    const all = (): void => {
      for (let done = 0; done < groups; done++) commit(group);
    };
    all();
    const us = median(Array.from({ length: ROUNDS }, () => microsecondsOf(all, groups * group)));
    return `${name} ${us.toFixed(1)} µs`;
  });
  console.log(`in groups of ${String(group).padStart(3)}: ${figures.join(", ")} of the processor for each message`);
}
store.close();
