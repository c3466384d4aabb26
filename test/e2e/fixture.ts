// A fixture: temporary homes and files, and the programs in them, all gone when the test is over.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultOfEvent } from "../json-schema.ts";
import { ownPort } from "../own-port.ts";
import { type JsonEvent, Program, type ProgramOptions } from "./program.ts";

/** What `node:test` hands to a test, as far as it matters here. */
export interface Ending {
  after(action: () => Promise<void>): void;
}

export interface Start extends Partial<ProgramOptions> {
  /** A directory from {@link Fixture.home}; a new one when left out. */
  readonly home?: string;
  readonly args?: readonly string[];
  /** Whether to speak JSON; it does unless told otherwise. */
  readonly json?: boolean;
}

export class Fixture {
  readonly #place = mkdtempSync(join(tmpdir(), "lair-e2e-"));
  readonly #programs: Program[] = [];
  readonly #endings: (() => Promise<void> | void)[] = [];
  #count = 0;

  /** Everything is cleared away after the test `ending`, or by {@link clear}. */
  constructor(ending?: Ending) {
    ending?.after(() => this.clear());
  }

  /** Also holds what the programs have said in JSON against the schema. Throws for a line that it does not allow. */
  async clear(): Promise<void> {
    for (const program of this.#programs) program.kill();
    await Promise.all(this.#programs.map((program) => program.exited));
    for (const end of this.#endings) await end();
    rmSync(this.#place, { recursive: true, force: true });
    for (const program of this.#programs) assert.deepEqual(faultsOf(program), []);
  }

  /** Something else to be ended. */
  atEnd(action: () => Promise<void> | void): void {
    this.#endings.push(action);
  }

  /** A new directory, of a mode that is 0700 unless told otherwise. */
  home(mode = 0o700): string {
    const path = join(this.#place, `home${this.#count++}`);
    mkdirSync(path, { mode });
    return path;
  }

  /** A path at which nothing is. */
  path(name: string): string {
    return join(this.#place, `${this.#count++}-${name}`);
  }

  /** A new file. */
  file(content: string | Uint8Array, mode = 0o600): string {
    const path = this.path("file");
    writeFileSync(path, content, { mode });
    return path;
  }

  /** A port that nobody else gets: for what stops, and whose address still counts. */
  async ownPort(): Promise<number> {
    return await ownPort((end) => this.atEnd(end));
  }

  /** `--listen` with such a port. */
  async ownListen(): Promise<readonly string[]> {
    return ["--listen", `127.0.0.1:${await this.ownPort()}`];
  }

  server(start: Start = {}): Program {
    const args = start.args ?? [];
    const listen = args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
    return this.#start("lair-server", { ...start, args: [...listen, ...args] });
  }

  client(start: Start = {}): Program {
    return this.#start("lair-client", start);
  }

  /** Either program with these arguments and no other: one that is not to listen or to connect. */
  command(name: Program["name"], start: Start): Program {
    return this.#start(name, start);
  }

  #start(
    name: Program["name"],
    { home = this.home(), args = [], json = true, env, cwd, input, output, user }: Start,
  ): Program {
    const program = new Program(name, json ? ["--json", ...args] : args, {
      // HOME as well, so that nothing of the person who runs the tests is ever read.
      env: { HOME: this.#place, LAIR_HOME: home, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(input === undefined ? {} : { input }),
      ...(output === undefined ? {} : { output }),
      ...(user === undefined ? {} : { user }),
    });
    this.#programs.push(program);
    return program;
  }
}

/** A test in which a program says ten thousand lines need not look at all of them. */
const MOST_LINES = 1_000;

/** What docs/json.schema.json does not allow of what a program has said. */
function faultsOf(program: Program): readonly string[] {
  if (!program.isJson) return [];
  // A program that was killed may have left half a line; --help is no JSON.
  const whole = program.stdout.slice(0, program.stdout.lastIndexOf("\n") + 1);
  const lines = whole.split("\n", MOST_LINES).filter((line) => line.startsWith('{"event":'));
  return lines.flatMap((line) => faultOfEvent(JSON.parse(line) as JsonEvent) ?? []);
}

/** The address that a server has taken. */
export async function urlOf(server: Program): Promise<string> {
  const found = server.all("listening")[0] ?? (await server.next("listening"));
  return String(found["url"]);
}

export async function portOf(server: Program): Promise<number> {
  return Number(new URL(await urlOf(server)).port);
}

/** The invite that a server has printed. */
export async function inviteOf(server: Program): Promise<string> {
  const found = server.all("invite")[0] ?? (await server.next("invite"));
  return String(found["invite"]);
}

/** A server and a client of one account, connected and paired by the invite that was left. */
export async function pair(
  fixture: Fixture,
  { home = fixture.home(), server: serverStart = {}, client: clientStart = {} }: PairStart = {},
): Promise<{ readonly home: string; readonly server: Program; readonly client: Program }> {
  const server = fixture.server({ home, ...serverStart });
  await (server.isJson ? server.next("invite") : server.says(/Waiting/));
  const client = fixture.client({ home, ...clientStart });
  await connected(server, client);
  return { home, server, client };
}

export interface PairStart {
  readonly home?: string;
  readonly server?: Start;
  readonly client?: Start;
}

/** Waits until both say that they are connected. */
export async function connected(...programs: readonly Program[]): Promise<void> {
  await Promise.all(
    programs.map((program) => (program.isJson ? program.next("connected") : program.says(/Connected to/))),
  );
}
