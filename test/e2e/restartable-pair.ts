// Two programs of a home each that part and meet again: either can be stopped, killed and started anew, at the same
// address. Knows how they find each other again, nothing of what they say.

import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "./program.ts";
import { connected, inviteOf, type Fixture, type Start } from "./fixture.ts";

export type Role = "server" | "client";

export class RestartablePair {
  readonly fixture: Fixture;
  readonly homes: Readonly<Record<Role, string>>;
  /** The address of the server. */
  readonly #listen: readonly string[];
  server: Program;
  client: Program;

  private constructor(
    fixture: Fixture,
    homes: Readonly<Record<Role, string>>,
    server: Program,
    client: Program,
    listen: readonly string[],
  ) {
    this.fixture = fixture;
    this.homes = homes;
    this.server = server;
    this.client = client;
    this.#listen = listen;
  }

  /** Two that have just been paired, and are connected. */
  static async begin(
    fixture: Fixture,
    start: { readonly server?: Start; readonly client?: Start } = {},
  ): Promise<RestartablePair> {
    const homes = { server: fixture.home(), client: fixture.home() };
    const listen = await fixture.ownListen();
    const server = fixture.server({
      home: homes.server,
      ...start.server,
      args: [...listen, ...(start.server?.args ?? [])],
    });
    const inviteFile = fixture.file(await inviteOf(server));
    const args = ["--invite-file", inviteFile, ...(start.client?.args ?? [])];
    const client = fixture.client({ home: homes.client, ...start.client, args });
    await connected(server, client);
    return new RestartablePair(fixture, homes, server, client, listen);
  }

  /** Ends a program at once, when nothing is left to be marked. The other one, if it speaks JSON, has noticed. */
  async kill(role: Role): Promise<void> {
    const [program, other] = [this[role], this[role === "server" ? "client" : "server"]];
    if (program.isJson) await settled(program);
    program.kill();
    await program.exited;
    if (other.isJson && other.isRunning) await other.next("disconnected");
  }

  /** Ends a program in order, with nothing that waits. */
  async quit(role: Role): Promise<void> {
    this[role].tell({ command: "quit" });
    await this[role].leaves(0);
  }

  async startServer(start: Start = {}): Promise<Program> {
    const args = [...this.#listen, ...(start.args ?? [])];
    this.server = this.fixture.server({ home: this.homes.server, ...start, args });
    await (this.server.isJson ? this.server.next("listening") : this.server.says(/lair-server/));
    return this.server;
  }

  startClient(start: Start = {}): Program {
    this.client = this.fixture.client({ home: this.homes.client, ...start });
    return this.client;
  }

  /** Starts both, which speak JSON, and waits until they are connected. */
  async meet(start: { readonly server?: Start; readonly client?: Start } = {}): Promise<void> {
    await this.startServer(start.server);
    this.startClient(start.client);
    await connected(this.server, this.client);
  }

  /** As {@link meet}, by a new invite: one of them has lost its pairings. */
  async pairAnew(): Promise<void> {
    await this.startServer({ args: ["--invite"] });
    this.startClient({ args: ["--invite-file", this.fixture.file(await inviteOf(this.server))] });
    await connected(this.server, this.client);
  }

  /** Waits until a client that speaks JSON has come back by itself: it is told something at each pause, and tries. */
  async comesBack(): Promise<void> {
    const { client, server } = this;
    let pauses = 0;
    await client.until("that it has come back", () => {
      if (client.all("connected").length > client.all("disconnected").length) return true;
      const seen = client.all("reconnecting").length;
      if (seen > pauses) client.tell({ command: "peers" });
      pauses = seen;
      return undefined;
    });
    await server.next("connected");
  }

  /** The files of a role's store. */
  storeFiles(role: Role): readonly string[] {
    const directory = join(this.homes[role], role);
    return readdirSync(directory)
      .filter((name) => name.startsWith("store"))
      .map((name) => join(directory, name));
  }

  /** Keeps a copy of all that a role has on the disk; its program has ended. Returns what puts it back. */
  backUp(role: Role): () => void {
    const [place, copy] = [join(this.homes[role], role), this.fixture.path(`copy-of-${role}`)];
    cpSync(place, copy, { recursive: true });
    return () => {
      rmSync(place, { recursive: true });
      cpSync(copy, place, { recursive: true });
    };
  }
}

/** That what a program has shown is marked as shown: otherwise it may be shown again after a kill. */
export async function settled(program: Program): Promise<void> {
  const before = program.all("peers").length;
  program.tell({ command: "peers" });
  await program.count("peers", before + 1);
}

/** The texts that a program has received, in order. */
export function textsOf(program: Program): readonly unknown[] {
  return program.all("message").map(({ text }) => text);
}

/** Waits until a program has told of as many messages as these, and returns their texts. */
export async function heard(program: Program, count: number): Promise<readonly unknown[]> {
  await program.count("message", count);
  return textsOf(program);
}
