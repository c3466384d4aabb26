// Starts the two real programs for a benchmark, paired, in a home of their own.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Event {
  readonly event: string;
  readonly seq?: number;
  readonly url?: string;
}

export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  #listener: (event: Event) => void = () => {};

  constructor(program: string, args: readonly string[]) {
    const bin = fileURLToPath(new URL(`../bin/${program}.js`, import.meta.url));
    this.process = spawn(process.execPath, [bin, "--json", ...args]);
    this.process.stderr.pipe(process.stderr);
    createInterface({ input: this.process.stdout }).on("line", (line) => this.#listener(JSON.parse(line) as Event));
  }

  /** The next event that is the one; earlier ones are not looked at. */
  until(isIt: (event: Event) => boolean): Promise<Event> {
    return new Promise((resolve) => {
      this.#listener = (event) => {
        if (isIt(event)) resolve(event);
      };
    });
  }

  write(...objects: readonly object[]): void {
    this.process.stdin.write(objects.map((object) => `${JSON.stringify(object)}\n`).join(""));
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
export async function openPair(...args: readonly string[]): Promise<Pair> {
  const home = mkdtempSync(join(tmpdir(), "lair-bench-"));
  const server = new Program("lair-server", ["--home", home, "--listen", "127.0.0.1:0", ...args]);
  const { url } = await server.until(({ event }) => event === "listening");
  const client = new Program("lair-client", ["--home", home, url!, ...args]);
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
