// A home of lair-hub in a folder of its own, and the programs that were started in it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatInvite, parseInvite } from "../../src/core/identity/invite.ts";
import { Program } from "./program.ts";

/** A hub that listens. */
export interface RunningHub {
  readonly program: Program;
  /** Of its members' listener, ws: or wss:. */
  readonly url: string;
  /** Of the operator's listener, http:; empty if it has none. */
  readonly admin: string;
  /** The operator's, at the first start. */
  readonly invite: string | undefined;
}

export class HubHome {
  readonly folder = mkdtempSync(join(tmpdir(), "lair-hub-"));
  readonly path = join(this.folder, "home");
  readonly #programs: Program[] = [];

  /** Starts lair-hub here on free ports, unless `args` say others; it may refuse to start. */
  launch(...args: readonly string[]): Program {
    const ports = [
      "--listen",
      "127.0.0.1:0",
      ...(args.includes("--admin-listen") ? [] : ["--admin-listen", "127.0.0.1:0"]),
    ];
    const program = new Program("lair-hub", ["--home", this.path, ...ports, "--json", "--log-json", ...args], {
      env: {},
      input: "ignore",
    });
    this.#programs.push(program);
    return program;
  }

  /** Resolves once it listens. The first hub of a home prints the operator's invite. */
  async start(...args: readonly string[]): Promise<RunningHub> {
    const isFirst = this.#programs.length === 0;
    const program = this.launch(...args);
    const listening = await program.next("listening");
    const invite = isFirst ? String((await program.next("invite"))["invite"]) : undefined;
    return {
      program,
      url: String(listening["url"]),
      admin: "admin" in listening ? String(listening["admin"]) : "",
      invite,
    };
  }

  /** Of the operator's API. */
  get token(): string {
    return readFileSync(join(this.path, "hub", "operator.token"), "utf8").trim();
  }

  /** Ends what still runs, and removes the folder. */
  end(): void {
    for (const { isRunning, pid } of this.#programs) if (isRunning) process.kill(pid, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An invite with another address, or with another psk: as a link to a room has it. */
export function inviteFor(invite: string, change: { readonly url?: string; readonly psk?: Uint8Array }): string {
  return formatInvite({ ...parseInvite(invite), ...change });
}

/** Ends a hub in order. */
export async function stopped({ program }: RunningHub): Promise<void> {
  process.kill(program.pid, "SIGTERM");
  assert.equal((await program.exited).code, 143, program.stderr);
}

/** The status of an answer to GET. */
export async function statusOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return await new Promise((resolve, reject) => {
    const asking = request(url, { headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.on("error", reject);
    asking.end();
  });
}

/** A line of the log. */
interface Log {
  readonly event: string;
  readonly [member: string]: unknown;
}

/** What stands in the log of a hub. */
export function logOf(hub: Program): readonly Log[] {
  return hub.stderr
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Log);
}
