// Lines through lair-hub to many members, and through a plain ws server that passes the same bytes on. The members are sessions
// in this process that make the calls of a member, with bytes that nobody has sealed.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { WebSocket } from "ws";
import { Broadcast, receiveAll, sendAll } from "./broadcast.ts";
import { HubProcess, Person, random, Reader, usageOf } from "./hub-people.ts";

/** Nearly all lines of chat have this length at a hub. */
const LINE_BYTES = 512;

/** A room of lair-hub, with a member who posts and some who read. */
export class HubRoom {
  readonly #hub: HubProcess;
  readonly #home: string;
  readonly #poster = new Person();
  readonly #room = random(16);
  #readers: readonly Reader[] = [];
  #posted = 1;

  private constructor(hub: HubProcess, home: string) {
    this.#hub = hub;
    this.#home = home;
  }

  static async open(disk: string, readers: number): Promise<HubRoom> {
    const home = mkdtempSync(join(disk, "lair-bench-"));
    const room = new HubRoom(await HubProcess.start(home, 0, 2 * readers), home);
    await room.#fill(Array.from({ length: readers }, () => new Person()));
    return room;
  }

  async #fill(persons: readonly Person[]): Promise<void> {
    await this.#poster.enter(this.#hub);
    for (const person of persons) await person.enter(this.#hub);
    const room = this.#room;
    await this.#poster.answer("create", { room, listedName: undefined });
    await this.#poster.answer("commit", {
      room,
      id: random(16),
      epoch: 0,
      commits: 0,
      bytes: random(4_096),
      seats: persons.map(({ key }) => ({ key, role: "member" as const })),
      removed: [],
      listing: undefined,
      groupInfo: random(16_384),
      welcome: undefined,
      link: undefined,
    });
    this.#readers = persons.map((person) => new Reader(person, room));
  }

  /** Posts lines, each when all have the one before. Returns the hub's processor time for one, in µs. */
  async say(count: number): Promise<number> {
    const before = usageOf(this.#hub.pid).cpuMs;
    for (let at = 0; at < count; at++) {
      this.#posted += 1;
      const read = Promise.all(this.#readers.map((reader) => reader.has(this.#posted)));
      const bytes = random(LINE_BYTES);
      await this.#poster.answer("post", { room: this.#room, type: "message", id: random(16), epoch: 1, bytes });
      await read;
    }
    return ((usageOf(this.#hub.pid).cpuMs - before) * 1_000) / count;
  }

  async close(): Promise<void> {
    await this.#hub.end();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** The same with a plain ws server. */
export class PlainRoom {
  readonly #plain: Broadcast;
  readonly #poster: WebSocket;
  readonly #readers: readonly WebSocket[];

  private constructor(plain: Broadcast, poster: WebSocket, readers: readonly WebSocket[]) {
    this.#plain = plain;
    this.#poster = poster;
    this.#readers = readers;
  }

  static async open(readers: number): Promise<PlainRoom> {
    const plain = await Broadcast.start();
    const poster = await plain.connect("posts");
    return new PlainRoom(
      plain,
      poster,
      await Promise.all(Array.from({ length: readers }, () => plain.connect("reads"))),
    );
  }

  /** As {@link HubRoom.say}. */
  async say(count: number): Promise<number> {
    const before = usageOf(this.#plain.pid).cpuMs;
    for (let at = 0; at < count; at++) {
      const read = Promise.all(this.#readers.map((socket) => receiveAll(socket, 1)));
      await sendAll(this.#poster, 1, 1, random(LINE_BYTES));
      await read;
    }
    return ((usageOf(this.#plain.pid).cpuMs - before) * 1_000) / count;
  }

  async close(): Promise<void> {
    await this.#plain.end();
  }
}
