// A hub as it is started, and people at it with the programs, in JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fixture, Start } from "./fixture.ts";
import type { JsonEvent, Program } from "./program.ts";

export class HubPeople {
  program: Program;
  /** Of its members' listener. */
  readonly port: number;
  readonly #fixture: Fixture;
  readonly #home: string;
  #admin = "";
  #invite = "";

  private constructor(fixture: Fixture, port: number) {
    this.#fixture = fixture;
    this.port = port;
    this.#home = fixture.home();
    this.program = this.#start();
  }

  #start(): Program {
    const listen = ["--listen", `127.0.0.1:${this.port}`, "--admin-listen", "127.0.0.1:0"];
    const args = ["--home", this.#home, ...listen, "--log-json"];
    return this.#fixture.command("lair-hub", { args, input: "ignore" });
  }

  /** It dies, and `meanwhile` is done; then it is there again. */
  async dies(meanwhile: () => Promise<void>): Promise<void> {
    this.program.kill();
    await this.program.exited;
    await meanwhile();
    this.program = this.#start();
    this.#admin = String((await this.program.next("listening"))["admin"]);
  }

  /** A hub that listens. */
  static async begin(fixture: Fixture): Promise<HubPeople> {
    const hub = new HubPeople(fixture, await fixture.ownPort());
    const listening = await hub.program.next("listening");
    hub.#admin = String(listening["admin"]);
    hub.#invite = String((await hub.program.next("invite"))["invite"]);
    return hub;
  }

  /** Somebody new at the hub, connected. The first is its operator. `start`: with `args` beside the name. */
  async enter(name: string, { args = [], ...start }: Start = {}): Promise<Program> {
    const invite = await this.invite();
    const file = ["--name", name, "--invite-file", this.#fixture.file(invite)];
    const client = this.#fixture.client({ ...start, args: [...args, ...file] });
    await (client.isJson ? client.next("connected") : client.says(/Connected to/));
    return client;
  }

  /** The operator suspends a member, or lets her in again. */
  async setStanding(handle: string, standing: "suspended" | "active"): Promise<void> {
    const init = { method: "PATCH", headers: this.#headers, body: JSON.stringify({ standing }) };
    assert.equal((await fetch(`${this.#admin}/api/v1/members/${handle}`, init)).status, 200);
  }

  /** The operator's, once; then one for another person each time. `lair-hub invite` asks for it in the same way. */
  async invite(): Promise<string> {
    const operator = this.#invite;
    this.#invite = "";
    if (operator !== "") return operator;
    const made = await fetch(`${this.#admin}/api/v1/invites`, { method: "POST", headers: this.#headers, body: "{}" });
    return ((await made.json()) as { readonly invite: string }).invite;
  }

  /** How many calls of this name its members have made. */
  async calls(name: string): Promise<number> {
    const metrics = await (await fetch(`${this.#admin}/metrics`)).text();
    return Number(new RegExp(`^lair_hub_calls_total\\{call="${name}"\\} (\\d+)$`, "m").exec(metrics)?.[1] ?? 0);
  }

  /** Of a call of the operator's. */
  get #headers(): Readonly<Record<string, string>> {
    const token = readFileSync(join(this.#home, "hub", "operator.token"), "utf8").trim();
    return { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  }

  /** Waits for the next who comes, or goes. */
  async says(event: "member-arrived" | "member-left", handle: string): Promise<void> {
    await this.program.says(new RegExp(`"event":"${event}"[^\\n]*"handle":"${handle}"`));
  }
}

/** The name of a person in an event. */
export function nameIn(event: JsonEvent, member: "by" | "from" | "who"): unknown {
  return (event[member] as { readonly name?: string } | undefined)?.name;
}

/** Somebody makes a room; its id. */
export async function created(program: Program, name: string, options: object = {}): Promise<string> {
  program.tell({ command: "create", name, ...options });
  return String((await program.next("room-created"))["room"]);
}

/** A link to a room. */
export async function linkTo(program: Program, room: string): Promise<string> {
  program.tell({ command: "room-link", room });
  return String((await program.next("room-link"))["link"]);
}

/** Somebody at the hub goes into a room by a link. */
export async function joined(program: Program, link: string): Promise<void> {
  program.tell({ command: "join", link });
  await program.next("joined", (event) => nameIn(event, "who") === undefined);
}

/** Somebody is asked into a room, and accepts. */
export async function invited(by: Program, room: string, who: string, program: Program): Promise<JsonEvent> {
  by.tell({ command: "invite-to", room, who });
  const event = await program.next("invited", (one) => one["room"] === room);
  program.tell({ command: "accept", room });
  await program.next("joined", (one) => one["room"] === room && nameIn(one, "who") === undefined);
  return event;
}
