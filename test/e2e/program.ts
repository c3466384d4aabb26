// One of the two real programs, run as a child: what it said so far, and waiting for what it will say.
// Every wait is bounded, and one that fails shows all that the program said. Knows nothing of pairs and homes.

import assert from "node:assert/strict";
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { BIN } from "./build.ts";

/** An object of `--json`. */
export type JsonEvent = { readonly event: string } & { readonly [member: string]: unknown };

export interface ProgramOptions {
  /** The whole environment beside PATH. */
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd?: string;
  /** A pipe unless told otherwise; "ignore" is /dev/null. */
  readonly input?: "pipe" | "ignore";
  /** A pipe unless told otherwise; or a path that is opened for writing. */
  readonly output?: string;
  /** As whom to run; the user of the test when left out. */
  readonly user?: number;
}

export interface Exit {
  /** As a shell would say it: 128 + the signal's number for a program that a signal has ended. */
  readonly code: number;
}

/** Much more than anything takes on an idle machine; the waits of the programs themselves are 10 s at most. */
const PATIENCE_MS = 60_000;
const SIGNALS = new Map([
  ["SIGINT", 2],
  ["SIGKILL", 9],
  ["SIGTERM", 15],
]);

export class Program {
  readonly name: "lair-server" | "lair-client" | "lair-hub";
  readonly isJson: boolean;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessByStdio<Writable | null, Readable, Readable>;
  /** Where Node puts its own warnings, if there are any. */
  readonly #warnings: string;
  readonly #waiting = new Set<() => void>();
  #stdout = "";
  #stderr = "";
  #exit: Exit | undefined;
  /** Where {@link next} goes on. */
  #cursor = 0;
  /** What was read of standard output up to {@link #readTo}. */
  readonly #events: JsonEvent[] = [];
  #readTo = 0;

  constructor(name: "lair-server" | "lair-client" | "lair-hub", args: readonly string[], options: ProgramOptions) {
    this.name = name;
    this.isJson = args.includes("--json");
    const path = join(BIN, `${name}.js`);
    this.#warnings = join(tmpdir(), `lair-warnings-${randomUUID()}`);
    const output = options.output === undefined ? "pipe" : openSync(options.output, "w");
    const child: ChildProcess = spawn(process.execPath, [path, ...args], {
      env: { PATH: process.env["PATH"], NODE_REDIRECT_WARNINGS: this.#warnings, ...options.env },
      stdio: [options.input ?? "pipe", output, "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
    });
    // What it was asked for just above; the types do not follow that.
    this.#child = child as ChildProcessByStdio<Writable | null, Readable, Readable>;
    if (typeof output === "number") closeSync(output);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    // A program that has left does not read the rest of its input.
    this.#child.stdin?.on("error", () => {});
    this.exited = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        this.#exit = { code: code ?? 128 + (SIGNALS.get(signal ?? "") ?? 0) };
        resolve(this.#exit);
        this.#wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** What stands on standard output, line by line, as objects. Throws for a line that is none. */
  get events(): readonly JsonEvent[] {
    for (let end; (end = this.#stdout.indexOf("\n", this.#readTo)) >= 0; this.#readTo = end + 1) {
      this.#events.push(JSON.parse(this.#stdout.slice(this.#readTo, end)) as JsonEvent);
    }
    return this.#events;
  }

  /** The events of one kind. */
  all(event: string): readonly JsonEvent[] {
    return this.events.filter((candidate) => candidate.event === event);
  }

  /** The next event of a kind, after the one that was waited for last. */
  async next(event: string, where: (event: JsonEvent) => boolean = () => true): Promise<JsonEvent> {
    return await this.until(`the event "${event}"`, () => {
      const { events } = this;
      const at = events.findIndex(
        (candidate, index) => index >= this.#cursor && candidate.event === event && where(candidate),
      );
      if (at < 0) return undefined;
      this.#cursor = at + 1;
      return events[at];
    });
  }

  /** Waits until so many events of a kind have come. */
  async count(event: string, count: number): Promise<readonly JsonEvent[]> {
    return await this.until(`${count} times the event "${event}"`, () => {
      const found = this.all(event);
      return found.length >= count ? found : undefined;
    });
  }

  /** Waits until so many whole lines stand on standard output. */
  async lines(count: number): Promise<readonly string[]> {
    return await this.until(`${count} lines`, () => {
      const lines = this.#stdout.split("\n").slice(0, -1);
      return lines.length >= count ? lines : undefined;
    });
  }

  /** Waits for a line on standard error. */
  async says(pattern: RegExp): Promise<string> {
    return await this.until(`${pattern} on standard error`, () => pattern.exec(this.#stderr)?.[0]);
  }

  /** Waits until `look` finds something; it is asked whenever the program has said something or has left. */
  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const check = (): void => {
        let found: T | undefined;
        try {
          found = look();
        } catch (error) {
          settle();
          reject(error);
          return;
        }
        if (found !== undefined) {
          settle();
          resolve(found);
        } else if (this.#exit !== undefined) {
          settle();
          reject(new Error(`${this.name} left and never said ${what}.\n${this.#said()}`));
        }
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`${this.name} did not say ${what} within ${PATIENCE_MS} ms.\n${this.#said()}`));
      }, PATIENCE_MS);
      this.#waiting.add(check);
      check();
    });
  }

  /** Waits for its end, and checks its exit code and that no stack trace stands anywhere, and that Node had no warning. */
  async leaves(code: number): Promise<void> {
    const timer = setTimeout(() => this.kill(), PATIENCE_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    assert.equal(exit.code, code, this.#said());
    assert.doesNotMatch(this.#stdout + this.#stderr, /^\s+at .*[:(]\d+/m, this.#said());
    assert.equal(this.#takeWarnings(), "");
  }

  /** One object on standard input. */
  tell(value: object): void {
    void this.write(`${JSON.stringify(value)}\n`);
  }

  /** Resolves when the pipe has taken all of it. */
  async write(text: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#input.write(text, () => resolve()));
  }

  /** Writes, and ends standard input. */
  end(text: string | Uint8Array = ""): void {
    this.#input.end(text);
  }

  /** Reads no more of what it says, as `| head -1` does. */
  closeOutput(): void {
    this.#child.stdout.destroy();
  }

  signal(signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** At once, and it cannot object. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #takeWarnings(): string {
    if (!existsSync(this.#warnings)) return "";
    const warnings = readFileSync(this.#warnings, "utf8");
    rmSync(this.#warnings);
    return warnings;
  }

  get #input(): Writable {
    return this.#child.stdin ?? assert.fail("the program has no input");
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }

  #said(): string {
    const end = this.#exit === undefined ? "it runs" : `it left with ${this.#exit.code}`;
    return [`${this.name} (${end})`, "--- stdout", tail(this.#stdout), "--- stderr", tail(this.#stderr)].join("\n");
  }
}

function tail(text: string): string {
  return text.length > 4_000 ? `... ${text.slice(-4_000)}` : text;
}
