// One of the two real programs over all its lives: started, told to say things, killed, started again on its home. Reads
// what it prints as a stream, since that is a hundred thousand lines. What it must not do ends every wait at once.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { BIN } from "../e2e/build.ts";
import type { JsonEvent } from "../e2e/program.ts";
import type { Fixture } from "../e2e/fixture.ts";
import { Watch } from "../e2e/watch.ts";
import { DeliveryRecord } from "./delivery-record.ts";

export type Role = "server" | "client";

const PATIENCE_MS = 60_000;
/** The last lines of its output, for when something is wrong. */
const TAIL_LINES = 40;

export interface Life {
  /** In front of the program's own command line, as in `strace -f node ...`. */
  readonly wrapper?: readonly string[];
  readonly args?: readonly string[];
}

export class Side {
  readonly role: Role;
  readonly home: string;
  readonly record = new DeliveryRecord();
  readonly #watch: Watch;
  readonly #tail: string[] = [];
  #child: ChildProcess | undefined;
  #exit: Promise<number> = Promise.resolve(0);
  #startedAt: Life = {};
  #fault: Error | undefined;
  /** Events of this life, by kind. */
  #seen = new Map<string, JsonEvent>();
  /** For each event, whenever it comes. */
  onEvent: (event: JsonEvent) => void = () => {};
  /** Told when it has left by itself; by default that is a fault. */
  onExit: (code: number) => void = (code) => this.#fail(new Error(`lair-${this.role} left by itself with ${code}`));

  /** The watch is woken whenever it has printed something or has left. */
  constructor(fixture: Fixture, role: Role, home: string, watch: Watch) {
    this.#watch = watch;
    this.role = role;
    this.home = home;
    fixture.atEnd(() => this.kill());
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** The last event of a kind in this life. */
  seen(event: string): JsonEvent | undefined {
    return this.#seen.get(event);
  }

  /** What it was started with is what it is started with again. */
  start(life: Life = this.#startedAt): void {
    assert.equal(this.#child, undefined, `lair-${this.role} runs already`);
    this.#startedAt = life;
    this.#seen = new Map();
    this.record.begin();
    this.#tail.push(`--- life ${this.record.life}`);
    const own = [process.execPath, join(BIN, `lair-${this.role}.js`), "--json", "--home", this.home];
    const [command, ...args] = [...(life.wrapper ?? []), ...own, ...(life.args ?? [])];
    const child = spawn(command!, args, {
      env: { PATH: process.env["PATH"], HOME: this.home },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own, so that whatever wraps it is killed together with it.
      detached: life.wrapper !== undefined,
    });
    this.#child = child;
    // It may be dead before it has read what it was told.
    child.stdin.on("error", () => {});
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      // A line that was cut short by a kill is never looked at.
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
      this.#watch.wake();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => this.#note(`stderr: ${text.trimEnd()}`));
    this.#exit = new Promise((resolve) => {
      child.on("error", (error) => this.#fail(error));
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

  /** One line of the conversation; it is only wishful while the program does not run. */
  say(text: string): void {
    if (this.#child === undefined) return;
    this.record.told(text);
    this.tell({ send: text });
  }

  /** One object on standard input. */
  tell(value: object): void {
    this.#child?.stdin?.write(`${JSON.stringify(value)}\n`);
  }

  /** SIGKILL; resolves when it is gone and everything that it printed has been read. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid !== undefined) {
      try {
        process.kill(this.#startedAt.wrapper === undefined ? child.pid : -child.pid, "SIGKILL");
      } catch (error) {
        // It has just left by itself.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await this.#exit;
  }

  /** Asks it to leave; its exit code. */
  async quit(): Promise<number> {
    this.tell({ command: "quit" });
    return await this.left();
  }

  /** Its exit code, once it has left, which is no fault from here on. */
  async left(): Promise<number> {
    this.onExit = () => {};
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
    return await this.#watch.until(`lair-${this.role}: ${what}`, checked, patienceMs, () => this.describe());
  }

  /** Asks for the status, and waits for it. */
  async status(): Promise<JsonEvent> {
    this.#seen.delete("status");
    this.tell({ command: "status" });
    return await this.until("its status", () => this.seen("status"));
  }

  describe(): string {
    const { heard, promised, delivered, life } = this.record;
    const said = this.record.said.flat().length;
    const state = `said ${said}, promised ${promised.size}, delivered ${delivered}, heard ${heard.length}`;
    return [`lair-${this.role}, life ${life}: ${state}`, ...this.#tail.slice(-TAIL_LINES)].join("\n");
  }

  #take(line: string): void {
    this.#note(line);
    if (this.#fault !== undefined) return;
    try {
      const event = JSON.parse(line) as JsonEvent;
      this.record.take(event);
      this.#seen.set(event.event, event);
      this.onEvent(event);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #note(line: string): void {
    this.#tail.push(line.slice(0, 300));
    if (this.#tail.length > 4 * TAIL_LINES) this.#tail.splice(0, 3 * TAIL_LINES);
  }

  #fail(error: Error): void {
    this.#fault ??= new Error(`${error.message}\n${this.describe()}`, { cause: error });
    this.#watch.wake();
  }
}
