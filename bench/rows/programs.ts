// The two programs as installed, with --json: messages one way beside ws alone, without a store and with it, and the way of one
// line to its acknowledgement beside what the disk takes.

import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BIN } from "../../test/e2e/build.ts";
import { startWs } from "../contenders.ts";
import { median } from "../measure.ts";
import type { Side } from "../measures.ts";
import { commands, openPairOf, type Pair } from "../programs.ts";
import type { Part, Table } from "./part.ts";

/** So many that the time in which the first and the last one are alone under way counts for little. */
const MESSAGES = { count: 50_000, bytes: 100 };
/** As often, before they are measured beside ws, which is given the same: V8 compiles for longer than with the library. */
const FLOODS_BEFORE = 4;
const LINES = 60;
/** Of its own, one at a time, before the way of a line is measured: until then, V8 interprets most of it. */
const LINES_BEFORE = 3_000;
const text = "x".repeat(MESSAGES.bytes);

/** Says lines at the client of one pair. */
class Speaker {
  readonly #pair: Pair;
  #said = 0;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** Resolves when all of them are delivered; in ms. */
  async say(count: number): Promise<number> {
    const { client } = this.#pair;
    this.#said += count;
    const last = this.#said - 1;
    const input = commands(Array.from({ length: count }, () => ({ send: text })));
    const startMs = performance.now();
    const delivered = client.until(({ event, seq }) => event === "delivered" && seq === last, `"seq":${last}`);
    client.feed(input);
    await delivered;
    return performance.now() - startMs;
  }
}

export const PROGRAMS: Part = {
  keys: ["programs", "store", "disk"],
  async run(table) {
    const withoutStore = await openPairOf(BIN, table.disk, ["--no-store"]);
    const withStore = await openPairOf(BIN, table.disk, []);
    try {
      const [without, stored] = [new Speaker(withoutStore), new Speaker(withStore)];
      const flood = (name: string, speaker: Speaker): Side => ({
        name,
        run: async () => [MESSAGES.count / ((await speaker.say(MESSAGES.count)) / 1_000)],
      });
      if (table.isWanted("programs")) await measureBesideWs(table, flood("Lair", without));
      await table.measure({
        key: "store",
        figures: [
          {
            name: "the same with the store",
            unit: "1/s",
            better: "more",
            goals: [{ beside: "without", times: 0.5 }],
          },
        ],
        sides: [flood("Lair", stored), flood("without", without)],
      });
      await measureDisk(table, stored);
    } finally {
      await withoutStore.close();
      await withStore.close();
    }
  },
};

async function measureBesideWs(table: Table, ours: Side): Promise<void> {
  const ws = await startWs();
  const run = async (): Promise<readonly number[]> => {
    const { ms } = await ws.ask({ do: "flood", count: MESSAGES.count, bytes: MESSAGES.bytes });
    return [MESSAGES.count / (ms! / 1_000)];
  };
  try {
    for (let flood = 0; flood < FLOODS_BEFORE; flood++) {
      await ours.run();
      await run();
    }
    await table.measure({
      key: "programs",
      figures: [
        {
          name: "100-byte messages one way through the two programs with --json, acknowledged, no store",
          unit: "1/s",
          better: "more",
          goals: [{ beside: "ws", times: 1 }],
        },
      ],
      sides: [ours, { name: "ws", run }],
    });
  } finally {
    await ws.end();
  }
}

async function measureDisk(table: Table, stored: Speaker): Promise<void> {
  for (let line = 0; table.isWanted("disk") && line < LINES_BEFORE; line++) await stored.say(1);
  const lines = async (): Promise<readonly number[]> => {
    const times: number[] = [];
    for (let line = 0; line < LINES; line++) times.push(await stored.say(1));
    return [median(times)];
  };
  await table.measure({
    key: "disk",
    figures: [
      {
        name: "a line to its acknowledgement through the two programs with the store, p50",
        unit: "ms",
        better: "less",
        goals: [{ beside: "fsync", times: 2 }],
      },
    ],
    sides: [
      { name: "Lair", run: lines },
      { name: "fsync", run: () => Promise.resolve([median(syncs(table.disk, LINES))]) },
    ],
  });
}

/** How long the disk takes to make 4 KiB durable at the end of a file, so often, in ms. */
function syncs(disk: string, count: number): readonly number[] {
  const directory = mkdtempSync(join(disk, "lair-bench-"));
  const file = openSync(join(directory, "file"), "w");
  const times = Array.from({ length: count }, () => {
    writeSync(file, new Uint8Array(4_096));
    const startMs = performance.now();
    fsyncSync(file);
    return performance.now() - startMs;
  });
  closeSync(file);
  rmSync(directory, { recursive: true });
  return times;
}
