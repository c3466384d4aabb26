// The memory and the time of a program with 64 MiB waiting for one peer: after it has opened its store, while all of it is
// read as it is when it is sent, and after all of it was renumbered. In a temporary directory that is removed. Run: node --expose-gc --import
// ./test/tsx.js bench/outbox.ts

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readMessage } from "../src/core/chat/message.ts";
import { Delivery } from "../src/core/delivery/delivery.ts";
import { NOBLE_SUITE } from "../src/core/noise/index.ts";
import { openStore } from "../src/node/store/open-store.ts";

const MESSAGES = 1_024;
const BYTES = 64 * 1_024 - 64;
const PEER = new Uint8Array(32).fill(7);
const MIB = 1_024 * 1_024;
const now = { monotonicMs: 0, wallMs: 1_800_000_000_000 };

const openIn = (directory: string) =>
  openStore({
    directory,
    privateKey: new Uint8Array(32).fill(1),
    suite: NOBLE_SUITE,
    random: (length) => new Uint8Array(randomBytes(length)),
    read: readMessage,
  });

/** What is alive, and what the process holds. */
function show(what: string): void {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const [alive, held] = [heapUsed + arrayBuffers, rss].map((bytes) => (bytes / MIB).toFixed(1).padStart(6));
  console.log(`  ${what.padEnd(44)} ${alive} MiB alive, ${held} MiB RSS`);
}

const place = process.argv[2];
if (place === undefined) {
  const fresh = mkdtempSync(join(tmpdir(), "lair-bench-"));
  try {
    const filling = openIn(fresh);
    const delivery = new Delivery(filling, PEER);
    for (let count = 0; count < MESSAGES; count++) {
      delivery.send(new Uint8Array(BYTES).fill(count), now);
      if (count % 16 === 15) delivery.commit();
    }
    filling.close();
    // Another program, which has only opened it.
    const args = ["--expose-gc", "--import", "./test/tsx.js", fileURLToPath(import.meta.url), fresh];
    spawnSync(process.execPath, args, { stdio: "inherit" });
  } finally {
    rmSync(fresh, { recursive: true });
  }
} else {
  show("before the store is opened");
  const store = openIn(place);
  show("the store is open");
  let start = performance.now();
  const delivery = new Delivery(store, PEER);
  console.log(
    `  ${delivery.undelivered} messages wait, ${((MESSAGES * BYTES) / MIB).toFixed(1)} MiB, read in ${(performance.now() - start).toFixed(0)} ms`,
  );
  show("what waits is known");
  start = performance.now();
  for (let from = 0; from < MESSAGES;) from += store.readOutbox(PEER, from, 256 * 1_024).length;
  console.log(`  read window by window in ${(performance.now() - start).toFixed(0)} ms`);
  show("all was read");
  // One is delivered, so that each of the others gets another number.
  store.commit(PEER, [{ type: "acknowledged", next: 1, atMs: now.wallMs }]);
  start = performance.now();
  store.commit(PEER, [{ type: "begun-anew" }]);
  console.log(`  numbered anew in ${(performance.now() - start).toFixed(0)} ms`);
  show("all is numbered anew");
  store.close();
}
