// Starts the two real programs for a benchmark, paired, in a home of their own.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { profiling } from "./profiling.ts";

export interface Event {
  readonly event: string;
  readonly seq?: number;
  readonly url?: string;
}

/** Where the launchers are: of this clone, or of the programs as installed. */
const CLONE = fileURLToPath(new URL("../bin", import.meta.url));

interface Awaited {
  readonly needle: string;
  readonly isIt: (event: Event) => boolean;
  readonly resolve: (event: Event) => void;
}

/** The bytes that say these commands to a program. */
export function commands(objects: readonly object[]): Uint8Array {
  return Buffer.from(objects.map((object) => `${JSON.stringify(object)}\n`).join(""));
}

export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  /** The start of a line whose end has not come yet. */
  #rest = "";
  #awaited: Awaited | undefined;

  constructor(program: string, args: readonly string[], bin = CLONE) {
    const profile = bin === CLONE ? [] : profiling(program);
    this.process = spawn(process.execPath, [...profile, join(bin, `${program}.js`), "--json", ...args]);
    this.process.stderr.pipe(process.stderr);
    this.process.stdout.setEncoding("utf8").on("data", (chunk: string) => this.#take(chunk));
  }

  get pid(): number {
    return this.process.pid!;
  }

  /**
   * The next event that is the one; rejects if the program ends before. Earlier ones are not looked at, nor is a line without
   * `needle`, which costs little.
   */
  until(isIt: (event: Event) => boolean, needle = ""): Promise<Event> {
    return new Promise((resolve, reject) => {
      const end = (): void => reject(new Error("a program has ended"));
      this.process.once("exit", end);
      this.#awaited = {
        needle,
        isIt,
        resolve: (event) => {
          this.process.off("exit", end);
          resolve(event);
        },
      };
    });
  }

  #take(chunk: string): void {
    const text = this.#rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    const awaited = this.#awaited;
    if (awaited === undefined || end === 0) return;
    if (!text.includes(awaited.needle)) return;
    for (const line of text.slice(0, end - 1).split("\n")) {
      if (!line.includes(awaited.needle)) continue;
      const event = JSON.parse(line) as Event;
      if (!awaited.isIt(event)) continue;
      this.#awaited = undefined;
      awaited.resolve(event);
      return;
    }
  }

  write(...objects: readonly object[]): void {
    this.feed(commands(objects));
  }

  /** Writes what {@link commands} has made: for commands that are made before the clock starts. */
  feed(input: Uint8Array): void {
    this.process.stdin.write(input);
  }

  async quit(): Promise<void> {
    this.write({ command: "quit" });
    await once(this.process, "exit");
  }
}

export interface Pair {
  readonly server: Program;
  readonly client: Program;
  readonly url: string;
  close(): Promise<void>;
}

/** `args` for both programs. */
export function openPair(...args: readonly string[]): Promise<Pair> {
  return openPairOf(CLONE, tmpdir(), args);
}

/** The programs of the launchers in `bin`, with their home on the disk of this directory. */
export async function openPairOf(bin: string, disk: string, args: readonly string[]): Promise<Pair> {
  const home = mkdtempSync(join(disk, "lair-bench-"));
  const server = new Program("lair-server", ["--home", home, "--listen", "127.0.0.1:0", ...args], bin);
  const { url } = await server.until(({ event }) => event === "listening");
  const client = new Program("lair-client", ["--home", home, url!, ...args], bin);
  await client.until(({ event }) => event === "connected");
  return {
    server,
    client,
    url: url!,
    async close() {
      await client.quit();
      await server.quit();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
