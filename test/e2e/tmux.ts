// Real terminals to run the programs in: a tmux server of the test's own, on a socket of its own, gone when the test is.
// Each terminal holds a shell, in which lair-server and lair-client are commands. Waiting means looking at the screen
// again until it shows what is waited for; every wait is bounded and shows the screen when it fails.

import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { BIN } from "./build.ts";
import type { Fixture } from "./fixture.ts";

const run = promisify(execFile);

/** Ends a test that hangs; much more than anything takes on an idle machine. */
const PATIENCE_MS = 60_000;
/** Between two looks at a screen, since tmux tells nobody when it changes: at first, and at most. */
const FIRST_PAUSE_MS = 25;
const LAST_PAUSE_MS = 100;

/** For `describe`: why its tests can't run here, or false. */
export const WITHOUT_TMUX: string | false = findTmux();

function findTmux(): string | false {
  try {
    execFileSync("tmux", ["-V"], { stdio: "pipe" });
    return false;
  } catch {
    return "tmux is not installed";
  }
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** LAIR_HOME; a new one when left out. */
  readonly home?: string;
  /** On top of what every terminal has; undefined takes a variable away. */
  readonly env?: { readonly [name: string]: string | undefined };
}

export interface Recording {
  /** Waits until what was printed matches, and returns all of it. */
  until(pattern: RegExp): Promise<string>;
}

export class Tmux {
  readonly #fixture: Fixture;
  readonly #place: string;
  readonly #socket = `lair-${process.pid}-${randomBytes(4).toString("hex")}`;
  readonly #terminals: Terminal[] = [];

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
    this.#place = fixture.path("tmux");
    mkdirSync(this.#place, { mode: 0o700 });
    fixture.atEnd(async () => {
      // By its socket: no other server can be meant. Without one there is nothing to end.
      await this.command("kill-server").catch(() => {});
      // The programs hear of it by SIGHUP; their homes are not cleared away under them.
      await Promise.all(this.#terminals.map((terminal) => terminal.hasEnded().catch(() => {})));
    });
    for (const name of ["lair-server", "lair-client"]) {
      const path = join(BIN, `${name}.js`);
      const launcher = join(this.#place, name);
      // exec: the process whose number is kept is the program itself.
      writeFileSync(launcher, `#!/bin/sh\necho $$ > "$PID_FILE"\nexec "${process.execPath}" "${path}" "$@"\n`);
      chmodSync(launcher, 0o700);
    }
  }

  /** A new terminal of 80 by 24 with a shell in it, whose prompt is "$ ". */
  async terminal({ columns = 80, rows = 24, home, env = {} }: TerminalOptions = {}): Promise<Terminal> {
    const name = `t${this.#terminals.length}`;
    const pidFile = join(this.#place, `${name}.pid`);
    const variables = {
      ...this.#env,
      TERM: "screen-256color",
      LAIR_HOME: home ?? this.#fixture.home(),
      PS1: "$ ",
      PID_FILE: pidFile,
      ...env,
    };
    const given = Object.entries(variables).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
    const size = ["-x", String(columns), "-y", String(rows)];
    // TMUX says inside which tmux one is; a shell of sh reads no file of the person who runs the tests.
    const shell = ["env", "-i", `TMUX=${name}`, ...given, "sh"];
    const terminal = new Terminal(this, name, pidFile);
    this.#terminals.push(terminal);
    await this.command("new-session", "-d", "-s", name, ...size, ...shell);
    await terminal.shows(/^\$/m);
    return terminal;
  }

  /** Runs several tmux commands one right after the other. */
  async commands(...commands: readonly (readonly string[])[]): Promise<void> {
    await this.command(...commands.flatMap((command, index) => (index === 0 ? command : [";", ...command])));
  }

  /** Runs a tmux command and returns what it prints. */
  async command(...args: readonly string[]): Promise<string> {
    const { stdout } = await run("tmux", ["-L", this.#socket, "-f", "/dev/null", "-u", ...args], { env: this.#env });
    return stdout;
  }

  /** The text of all paste buffers, where OSC 52 would put something. */
  async clipboard(): Promise<string> {
    return await this.command("list-buffers", "-F", "#{buffer_sample}");
  }

  /** Lets programs reach the clipboard and the title as far as tmux can, so that a leak is seen. */
  async trustPrograms(): Promise<void> {
    await this.commands(
      ["set-option", "-s", "set-clipboard", "on"],
      ["set-option", "-g", "allow-rename", "on"],
      ["set-option", "-g", "automatic-rename", "off"],
    );
  }

  /** A new file with this text. */
  file(text: string): string {
    return this.#fixture.file(text);
  }

  get #env(): { readonly [name: string]: string } {
    return {
      PATH: `${this.#place}:${process.env["PATH"] ?? ""}`,
      HOME: this.#place,
      TMUX_TMPDIR: this.#place,
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
    };
  }
}

export class Terminal {
  readonly #tmux: Tmux;
  readonly #name: string;
  readonly #pidFile: string;

  constructor(tmux: Tmux, name: string, pidFile: string) {
    this.#tmux = tmux;
    this.#name = name;
    this.#pidFile = pidFile;
  }

  /** The number of the program that was started last. */
  get pid(): number {
    return Number(readFileSync(this.#pidFile, "utf8"));
  }

  /** Waits until the program that was started last is gone. */
  async hasEnded(): Promise<void> {
    await hasGone(this.pid);
  }

  /** Types text and presses Enter. */
  async enter(text: string): Promise<void> {
    await this.#tmux.commands(
      ["send-keys", "-t", this.#name, "-l", "--", text],
      ["send-keys", "-t", this.#name, "Enter"],
    );
  }

  async type(text: string): Promise<void> {
    await this.#tmux.command("send-keys", "-t", this.#name, "-l", "--", text);
  }

  /** Presses keys by their names: "C-c", "Up", "Enter". */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux.command("send-keys", "-t", this.#name, ...keys);
  }

  /** As a person pastes: marked, if the program has asked the terminal for that. */
  async paste(text: string): Promise<void> {
    // From a file: a command of tmux holds 16 kB at most.
    await this.#tmux.commands(
      ["load-buffer", "-b", "pasted", this.#tmux.file(text)],
      ["paste-buffer", "-p", "-r", "-d", "-b", "pasted", "-t", this.#name],
    );
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux.command("resize-window", "-t", this.#name, "-x", String(columns), "-y", String(rows));
  }

  /** The rows that are in sight, without blanks at their ends and empty rows at the end. */
  async screen(): Promise<string> {
    return (await this.#capture()).trimEnd();
  }

  /** All rows since the terminal was opened; those that the terminal itself has wrapped are joined. */
  async history(): Promise<string> {
    return (await this.#capture("-J", "-S", "-")).replace(/ +$/gm, "").trimEnd();
  }

  /** The screen with the escape sequences that would paint it. */
  async painted(): Promise<string> {
    return await this.#capture("-e");
  }

  /** What tmux knows about the terminal, by the name of a format: "pane_title", "cursor_x", "cursor_flag". */
  async property(format: string): Promise<string> {
    return (await this.#tmux.command("display-message", "-p", "-t", this.#name, `#{${format}}`)).replace(/\n$/, "");
  }

  /** Keeps every byte that is printed from now on. */
  async record(): Promise<Recording> {
    const path = this.#tmux.file("");
    await this.#tmux.command("pipe-pane", "-o", "-t", this.#name, `cat > '${path}'`);
    const read = (): string => readFileSync(path, "utf8");
    return {
      until: async (pattern) =>
        await this.until(`has printed ${pattern}`, async () => (pattern.test(read()) ? read() : undefined)),
    };
  }

  /** Closes the window: the kernel tells the program inside by SIGHUP. */
  async close(): Promise<void> {
    await this.#tmux.command("kill-session", "-t", this.#name);
  }

  /** Waits until the screen matches, and returns it. */
  async shows(pattern: RegExp): Promise<string> {
    return await this.until(`shows ${pattern}`, async () => {
      const screen = await this.screen();
      return pattern.test(screen) ? screen : undefined;
    });
  }

  /** Waits until so many looks, one after the other, show the same. */
  async rests(looks = 5): Promise<void> {
    let before: string | undefined;
    let same = 0;
    await this.until("rests", async () => {
      const now = await this.screen();
      same = now === before ? same + 1 : 1;
      before = now;
      return same >= looks ? true : undefined;
    });
  }

  /** Waits until the whole history matches, and returns it. */
  async showed(pattern: RegExp): Promise<string> {
    return await this.until(`has shown ${pattern}`, async () => {
      const history = await this.history();
      return pattern.test(history) ? history : undefined;
    });
  }

  async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(1.5 * pauseMs, LAST_PAUSE_MS)) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) {
        throw new Error(`It did not come to pass within ${PATIENCE_MS} ms that it ${what}:\n${await this.history()}`);
      }
      await delay(pauseMs);
    }
  }

  async #capture(...args: readonly string[]): Promise<string> {
    const rows = await this.#tmux.command("capture-pane", "-p", "-t", this.#name, ...args);
    return rows.replace(/[ ]+$/gm, "");
  }
}

/** Waits until a process is gone. */
export async function hasGone(pid: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`The program still runs after ${PATIENCE_MS} ms.`);
    await delay(FIRST_PAUSE_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // One that has ended keeps its number until its parent asks for it, and some systems take a second for orphans.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}
