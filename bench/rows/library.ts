// The library beside ws, wss, Go and secret-stream: handshakes, messages one way, round trips.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Contender, startBare, startGo, startLair, startSecretStream, startWs, startWss } from "../contenders.ts";
import type { Side } from "../measures.ts";
import type { Answer, Command } from "../peers/end.ts";
import type { Part, Table } from "./part.ts";

const HANDSHAKES = 200;
/** With 100, V8 would interpret most of what is measured. */
const CONNECTIONS = 500;
const SMALL = { count: 50_000, bytes: 100 };
/** 16 KB: the longest text. */
const LARGE = { count: 6_000, bytes: 16_384 };
const ECHOES = { forMs: 500, bytes: 100 };
/** Some rekeys fall into it. */
const REKEYED = { forMs: 2_500, bytes: 100 };

type Reads = (answer: Answer) => readonly number[];

const connectionsASecond: Reads = ({ ms }) => [CONNECTIONS / (ms! / 1_000)];
const p99Only: Reads = ({ p99 }) => [p99!];

const sideOf = (contender: Contender, command: Command, reads: Reads, name = contender.name): Side => ({
  name,
  run: async () => reads(await contender.ask(command)),
});

export const LIBRARY: Part = {
  keys: ["handshake", "connect", "oneway", "large", "echo", "rekey"],
  async run(table) {
    const folder = mkdtempSync(join(tmpdir(), "lair-bench-"));
    const started: Contender[] = [];
    const start = async (starting: Promise<Contender | string>): Promise<readonly Contender[]> => {
      const contender = await starting;
      if (typeof contender !== "string") started.push(contender);
      else table.skip(contender);
      return typeof contender === "string" ? [] : [contender];
    };
    try {
      const [lair] = await start(startLair({ suite: table.suite }));
      const [ws] = await start(startWs());
      const wss = await start(startWss(folder));
      const go = await start(startGo(folder));
      const others = [...go, ws!, ...wss, ...(await start(startSecretStream()))];
      await measureHandshakes(table, [lair!, ...go], [lair!, ...others]);
      const isAboutMessages = ["oneway", "large", "echo"].some((key) => table.isWanted(key));
      const bare = isAboutMessages ? await start(startBare()) : [];
      await measureMessages(table, [lair!, ...others, ...bare]);
      if (table.isWanted("rekey")) {
        const [rekeyed] = await start(startLair({ suite: table.suite, rekeyS: 1 }));
        const [without] = await start(startLair({ suite: table.suite }));
        // Alike: what a process has done before, its garbage collector and its code still have.
        for (const one of [rekeyed!, without!]) await one.ask({ do: "flood", ...SMALL });
        await measureRekeys(table, rekeyed!, without!);
      }
    } finally {
      await Promise.all(started.map((contender) => contender.end()));
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureHandshakes(table: Table, noise: readonly Contender[], all: readonly Contender[]): Promise<void> {
  const goals = [{ beside: "Go", times: 1 }];
  await table.measure({
    key: "handshake",
    figures: [
      { name: "responder's processor for one XXpsk2, with hint, proof and HELLO", unit: "µs", better: "less", goals },
      { name: "the same, the Noise handshake alone", unit: "µs", better: "less", goals },
    ],
    sides: noise.map((one) => sideOf(one, { do: "handshakes", count: HANDSHAKES }, ({ us, bareUs }) => [us!, bareUs!])),
  });
  await table.measure({
    key: "connect",
    figures: [{ name: "connect, handshake, first echo, one after the other", unit: "1/s", better: "more", goals }],
    sides: all.map((one) =>
      sideOf(one, { do: "connects", count: CONNECTIONS, bytes: SMALL.bytes }, connectionsASecond),
    ),
  });
}

async function measureMessages(table: Table, all: readonly Contender[]): Promise<void> {
  await table.measure({
    key: "oneway",
    figures: [
      {
        name: "100-byte messages one way, application to application, acknowledged, no disk",
        unit: "1/s",
        better: "more",
        goals: [
          { beside: "Go", times: 4 },
          { beside: "wss", times: 1 },
        ],
      },
    ],
    sides: all.map((one) => sideOf(one, { do: "flood", ...SMALL }, ({ ms }) => [SMALL.count / (ms! / 1_000)])),
  });
  const megabytes = (LARGE.count * LARGE.bytes) / 1e6;
  await table.measure({
    key: "large",
    figures: [{ name: "16 KB messages one way", unit: "MB/s", better: "more", goals: [{ beside: "wss", times: 1 }] }],
    sides: all.map((one) => sideOf(one, { do: "flood", ...LARGE }, ({ ms }) => [megabytes / (ms! / 1_000)])),
  });
  const goals = [{ beside: "ws", times: 1.15 }];
  await table.measure({
    key: "echo",
    figures: [
      { name: "round trip of 100 bytes, p50", unit: "µs", better: "less", goals },
      { name: "round trip of 100 bytes, p99", unit: "µs", better: "less", goals },
    ],
    sides: all.map((one) => sideOf(one, { do: "echoes", ...ECHOES }, ({ p50, p99 }) => [p50!, p99!])),
  });
}

async function measureRekeys(table: Table, rekeyed: Contender, without: Contender): Promise<void> {
  const goals = [{ beside: "without", times: 1.25 }];
  await table.measure({
    key: "rekey",
    figures: [{ name: "round trip of 100 bytes with a rekey every second, p99", unit: "µs", better: "less", goals }],
    sides: [
      sideOf(rekeyed, { do: "echoes", ...REKEYED }, p99Only),
      sideOf(without, { do: "echoes", ...REKEYED }, p99Only, "without"),
    ],
  });
}
