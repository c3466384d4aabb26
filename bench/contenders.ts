// The contenders of the table: two processes each, a server and its driver (bench/peers/end.ts). What cannot be started here is
// left out, and why is said.

import { type ChildProcessByStdio, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildPeer, missing } from "../test/interop/go-peer.ts";
import { compiledPeer } from "./compiled.ts";
import type { Answer, Command } from "./peers/end.ts";
import { profiling } from "./profiling.ts";

/** No command takes so long, on any machine. */
const PATIENCE_MS = 120_000;

type Argv = readonly [command: string, ...args: string[]];

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A program that answers each line of its input with one of its output, in order. */
class End {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(name: string, [command, ...args]: Argv) {
    this.#name = name;
    this.process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async nextLine(): Promise<string> {
    const timer = setTimeout(() => this.process.kill(), PATIENCE_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done === true) throw new Error(`${this.#name}: a process has ended before its answer`);
    return value;
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.stdin.end();
    const timer = setTimeout(() => this.process.kill(), 2_000);
    await exit;
    clearTimeout(timer);
  }
}

export class Contender {
  readonly name: string;
  readonly serverPid: number;
  readonly #server: End;
  readonly #driver: End;

  private constructor(name: string, server: End, driver: End) {
    this.name = name;
    this.#server = server;
    this.#driver = driver;
    this.serverPid = server.process.pid!;
  }

  /** `driver` is given the address of the server as its last argument but those after it. */
  static async start(name: string, server: Argv, driver: (address: string) => Argv): Promise<Contender> {
    const serving = new End(name, server);
    const address = await serving.nextLine();
    return new Contender(name, serving, new End(name, driver(address)));
  }

  async ask(command: Command): Promise<Answer> {
    this.#driver.process.stdin.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await this.#driver.nextLine()) as Answer;
  }

  async end(): Promise<void> {
    await this.#driver.end();
    await this.#server.end();
  }
}

const typescript = (name: string, what: string, ...args: readonly string[]): Argv => [
  process.execPath,
  ...profiling(`${name}-${what}`),
  compiledPeer(name),
  what,
  ...args,
];

export interface LairOptions {
  readonly suite: string;
  /** 0: every 30 to 120 s. */
  readonly rekeyS?: number;
  /** How many may come who stay and say nothing. */
  readonly idle?: number;
}

export function startLair({ suite, rekeyS = 0, idle = 0 }: LairOptions): Promise<Contender> {
  return Contender.start("Lair", typescript("lair", "serve", suite, String(rekeyS), String(idle)), (address) =>
    typescript("lair", "drive", address, suite),
  );
}

export function startWs(): Promise<Contender> {
  return Contender.start("ws", typescript("ws", "serve"), (address) => typescript("ws", "drive", address));
}

/** What Node allows: no contender of anybody's. */
export function startBare(): Promise<Contender> {
  return Contender.start("bare", typescript("bare", "serve"), (address) => typescript("bare", "drive", address));
}

/** With a certificate made in this folder. A string: why not. */
export async function startWss(folder: string): Promise<Contender | string> {
  if (spawnSync("openssl", ["version"]).status !== 0)
    return "wss: openssl is not installed, so there is no certificate";
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1"];
  await promisify(execFile)("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert]);
  return await Contender.start("wss", typescript("ws", "serve", cert, key), (address) =>
    typescript("ws", "drive", address, cert),
  );
}

/** Built in this folder. A string: why not. */
export async function startGo(folder: string): Promise<Contender | string> {
  if (missing !== false) return `Go: ${missing}`;
  const binary = await buildPeer(folder, path("peers/go"));
  return await Contender.start("Go", [binary, "serve"], (address) => [binary, "drive", address]);
}

/** Where it was installed: bench/peers/secret-stream. A string: why not. */
export async function startSecretStream(): Promise<Contender | string> {
  const folder = path("peers/secret-stream");
  if (!existsSync(join(folder, "node_modules"))) {
    return "secret-stream: not installed (npm ci --ignore-scripts --prefix bench/peers/secret-stream)";
  }
  return await Contender.start("secret-stream", typescript("secret-stream", "serve", folder), (address) =>
    typescript("secret-stream", "drive", address, folder),
  );
}
