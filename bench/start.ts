// How long the programs take to start, as they are published, beside `node -e 0`: to the end of --help and --version, and to
// the first thing that they show, which is where the prompt comes. Run: npm run bench

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BIN } from "../test/e2e/build.ts";
import { compare } from "./measure.ts";
import { toItsEnd, toItsEvent } from "./starting.ts";

const home = mkdtempSync(join(tmpdir(), "lair-bench-"));
const ROUNDS = 15;

/** They are ended outside of what is timed. */
const ends: Promise<unknown>[] = [];
const toItsFirstEvent = async (program: string, ...args: readonly string[]): Promise<void> => {
  ends.push((await toItsEvent("hello", program, "--home", home, ...args)).closed);
};

const bare = { name: "node -e 0", work: () => toItsEnd("-e", "0") };
const programs = ["lair-server", "lair-client"] as const;
for (const program of programs) {
  for (const option of ["--help", "--version"]) {
    const work = (): Promise<void> => toItsEnd(join(BIN, `${program}.js`), option);
    await compare(`${program} ${option}`, 1, { name: "Lair", work }, bare, ROUNDS);
  }
}
const server = (): Promise<void> => toItsFirstEvent("lair-server", "--listen", "127.0.0.1:0");
await compare("lair-server to its first event", 1, { name: "Lair", work: server }, bare, ROUNDS);
// Nobody listens there; that it is about to connect is what it shows first.
const client = (): Promise<void> => toItsFirstEvent("lair-client", "ws://127.0.0.1:9");
await Promise.all(ends);
await compare("lair-client to its first event", 1, { name: "Lair", work: client }, bare, ROUNDS);
await Promise.all(ends);
rmSync(home, { recursive: true });
