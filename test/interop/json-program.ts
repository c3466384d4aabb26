// A program that speaks JSON, one object a line, both ways: lair-server, lair-client, and the peer in Go.
// Waits are for events and bounded; nothing here sleeps.

import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const LIMIT_MS = 30_000;

export interface ProgramEvent {
  readonly event: string;
  readonly [member: string]: unknown;
}

export class JsonProgram {
  /** The exit code, or the signal. */
  readonly exited: Promise<number | string>;
  readonly #events: ProgramEvent[] = [];
  readonly #byName = new Map<string, ProgramEvent[]>();
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #listeners = new Set<() => void>();
  #complaints = "";
  #hasEnded = false;

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    // A line that is written while the program leaves is lost, and no fault.
    this.#child.stdin.on("error", () => {});
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#complaints += text));
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as ProgramEvent;
      this.#events.push(event);
      const alike = this.#byName.get(event.event);
      if (alike === undefined) this.#byName.set(event.event, [event]);
      else alike.push(event);
      this.#notify();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      // "close" comes when all of the output has been read, "exit" may come before.
      this.#child.once("close", (code, signal) => {
        this.#hasEnded = true;
        this.#notify();
        resolve(code ?? signal ?? "unknown");
      });
    });
  }

  /** A line of its input. */
  write(line: object | string): void {
    this.#child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  }

  /** All events of this name so far. */
  all(event: string): readonly ProgramEvent[] {
    return this.#byName.get(event) ?? [];
  }

  /** Calls back after each event, and at the end, until `stop` is called. */
  watch(listener: () => void): { stop: () => void } {
    this.#listeners.add(listener);
    return { stop: () => this.#listeners.delete(listener) };
  }

  /** The `count`th event of this name (the first, unless told otherwise), when it is there. */
  async next(event: string, count = 1): Promise<ProgramEvent> {
    await until(`${count} times "${event}" from ${this.#name}`, [this], () => this.all(event).length >= count);
    return this.all(event)[count - 1]!;
  }

  /** Its exit code, in bounded time. */
  async end(): Promise<number | string> {
    await until(`the end of ${this.#name}`, [this], () => this.#hasEnded);
    return this.exited;
  }

  /** Takes it down if it is still there. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What it has said, for the message of a failure. */
  describe(): string {
    const last = this.#events.slice(-5).map((event) => JSON.stringify(event));
    return `${this.#name}${this.#hasEnded ? " (ended)" : ""}: ${last.join(" ")} ${this.#complaints}`;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Resolves once `condition` holds, which is looked at after each event. Fails after 30 s, or when a program has ended. */
export async function until(what: string, programs: readonly JsonProgram[], condition: () => boolean): Promise<void> {
  const watches: { stop: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        const said = programs.map((program) => program.describe()).join("\n");
        reject(new assert.AssertionError({ message: `${reason} while waiting for ${what}\n${said}` }));
      };
      const look = (): void => {
        if (condition()) resolve();
        else if (programs.some((program) => program.hasEnded)) fail("a program ended");
      };
      timer = setTimeout(() => fail("30 s passed"), LIMIT_MS);
      for (const program of programs) watches.push(program.watch(look));
      look();
    });
  } finally {
    clearTimeout(timer);
    for (const watch of watches) watch.stop();
  }
}
