// A hub or a member of it as a real program, over all its lives: started, told to do things, killed, started again on its
// home. Reads what it prints as a stream, since that is a hundred thousand lines. What it must not do ends every wait at once.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BIN } from "../e2e/build.ts";
import type { JsonEvent } from "../e2e/program.ts";
import type { Fixture } from "../e2e/fixture.ts";
import type { Watch } from "../e2e/watch.ts";

const PATIENCE_MS = 60_000;
/** The last lines of its output, for when something is wrong. */
const TAIL_LINES = 30;

export class RoomSide {
  readonly program: "lair-hub" | "lair-client";
  readonly name: string;
  readonly home: string;
  readonly #watch: Watch;
  readonly #tail: string[] = [];
  #child: ChildProcess | undefined;
  #exit: Promise<number> = Promise.resolve(0);
  #args: readonly string[] = [];
  #fault: Error | undefined;
  /** Events of this life, by kind: the last of each. */
  #seen = new Map<string, JsonEvent>();
  lives = 0;
  /** For each event, whenever it comes. It may throw: that is a fault. */
  onEvent: (event: JsonEvent) => void = () => {};
  /** Told when it has left by itself; by default that is a fault. */
  onExit: (code: number) => void = (code) => this.fail(new Error(`${this.name} left by itself with ${code}`));

  /** The watch is woken whenever it has printed something or has left. */
  constructor(fixture: Fixture, program: "lair-hub" | "lair-client", name: string, watch: Watch) {
    this.program = program;
    this.name = name;
    this.home = fixture.home();
    this.#watch = watch;
    fixture.atEnd(() => this.kill());
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number {
    return this.#child?.pid ?? assert.fail(`${this.name} does not run`);
  }

  /** Memory in MiB, of Linux; 0 elsewhere. */
  get residentMiB(): number {
    try {
      const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"));
      return Math.round(Number(found?.[1] ?? 0) / 1024);
    } catch {
      return 0;
    }
  }

  /** CPU used in this life, in milliseconds, of Linux; Infinity elsewhere. */
  get usedMs(): number {
    try {
      // Of what stands behind the name: user and system, in hundredths of a second.
      const fields = readFileSync(`/proc/${this.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return 10 * (Number(fields[11]) + Number(fields[12]));
    } catch {
      return Infinity;
    }
  }

  /** The last event of a kind in this life. */
  seen(event: string): JsonEvent | undefined {
    return this.#seen.get(event);
  }

  /** Waits for an event of a kind that comes from now on. */
  async next(event: string, action: () => void, patienceMs = PATIENCE_MS): Promise<JsonEvent> {
    this.#seen.delete(event);
    action();
    return await this.until(`the event "${event}"`, () => this.seen(event), patienceMs);
  }

  /** What it was started with is what it is started with again. */
  start(...args: readonly string[]): void {
    assert.equal(this.#child, undefined, `${this.name} runs already`);
    if (args.length > 0) this.#args = args;
    this.#seen = new Map();
    this.lives += 1;
    this.#tail.push(`--- life ${this.lives}`);
    const own = [join(BIN, `${this.program}.js`), "--json", "--home", this.home];
    const child = spawn(process.execPath, [...own, ...this.#args], {
      env: { PATH: process.env["PATH"], HOME: this.home },
      stdio: [this.program === "lair-hub" ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.#child = child;
    // It may be dead before it has read what it was told.
    child.stdin?.on("error", () => {});
    let rest = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      // A line that was cut short by a kill is never looked at.
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
      this.#watch.wake();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#note(`stderr: ${text.trimEnd()}`));
    this.#exit = new Promise((resolve) => {
      child.on("error", (error) => this.fail(error));
      child.on("close", (code) => {
        const isExpected = this.#child !== child;
        this.#child = undefined;
        this.#note(`left with ${code ?? "a signal"}`);
        resolve(code ?? 128);
        if (!isExpected) this.onExit(code ?? 128);
        this.#watch.wake();
      });
    });
  }

  /** What it is started with from its next life on. */
  startsWith(...args: readonly string[]): void {
    this.#args = args;
  }

  /** One object on standard input. */
  tell(value: object): void {
    this.#child?.stdin?.write(`${JSON.stringify(value)}\n`);
  }

  /** SIGKILL; resolves when it is gone and everything that it printed has been read. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    await this.#exit;
  }

  /** Asks it to leave; its exit code. */
  async quit(): Promise<number> {
    this.onExit = () => {};
    this.tell({ command: "quit" });
    await this.until("that it leaves", () => (this.isRunning ? undefined : true));
    return await this.#exit;
  }

  /** Throws what it must not have done, if it has. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Waits until `look` finds something. */
  async until<T>(what: string, look: () => T | undefined, patienceMs = PATIENCE_MS): Promise<T> {
    const checked = (): T | undefined => {
      this.check();
      return look();
    };
    return await this.#watch.until(`${this.name}: ${what}`, checked, patienceMs, () => this.describe());
  }

  describe(): string {
    return [`${this.name}, life ${this.lives}`, ...this.#tail.slice(-TAIL_LINES)].join("\n");
  }

  fail(error: Error): void {
    this.#fault ??= new Error(`${error.message}\n${this.describe()}`, { cause: error });
    this.#watch.wake();
  }

  #take(line: string): void {
    this.#note(line);
    if (this.#fault !== undefined) return;
    try {
      const event = JSON.parse(line) as JsonEvent;
      this.#seen.set(event.event, event);
      this.onEvent(event);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #note(line: string): void {
    this.#tail.push(line.slice(0, 300));
    if (this.#tail.length > 4 * TAIL_LINES) this.#tail.splice(0, 3 * TAIL_LINES);
  }
}
