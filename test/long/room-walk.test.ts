// Five programs in one room that do whatever comes into their minds, are cut and killed at any step of their stores: in the end
// all who are in the room have the same members, roles, name and lines, and nobody has been told a line twice.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RoomCommand } from "../../src/app/rooms/room-commands.ts";
import { openGroup } from "../../src/app/rooms/room-ground.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { type Program, RoomsWorld } from "../app/rooms/rooms-world.ts";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";

const NAMES = ["ada", "bob", "cyd", "dan", "eve"] as const;
const STEPS = 200;
const WALKS = 12;
const OFTEN = { atOnce: 10_000, everyMs: 1 };
/** What no order of commands and kills brings about. */
const NEVER = /^(internal|group-identity|store|call-malformed)/u;

class Walk {
  readonly #random: SeededRandom;
  readonly #world: RoomsWorld;
  readonly #all: readonly Program[];
  readonly #room: string;

  private constructor(random: SeededRandom, world: RoomsWorld, all: readonly Program[], room: string) {
    this.#random = random;
    this.#world = world;
    this.#all = all;
    this.#room = room;
  }

  static async begin(seed: number): Promise<Walk> {
    const quotas = { seatsOfOne: OFTEN, takesOfOne: OFTEN, takes: OFTEN, commits: OFTEN, calls: OFTEN };
    const world = new RoomsWorld({ quotas });
    const all: Program[] = [];
    for (const name of NAMES) all.push(await world.connected(name));
    const [first, ...others] = all;
    return new Walk(new SeededRandom(seed), world, all, await world.room("ops", first!, ...others.slice(0, 3)));
  }

  async step(number: number): Promise<void> {
    const who = this.#random.pick(this.#all);
    const command = this.#command(number);
    switch (this.#random.below(9)) {
      case 0:
        who.cut();
        await who.connect();
        break;
      case 1:
        await who.restart();
        await who.connect();
        break;
      case 2: {
        let left = this.#random.below(4);
        who.diesAfter = () => left-- <= 0;
        break;
      }
      default:
        if (command !== undefined) who.do(command);
    }
    for (const one of this.#all.filter(({ isDead }) => isDead)) {
      await one.restart();
      await one.connect();
    }
    if (this.#random.below(3) === 0) await this.#world.quiet();
    if (this.#random.below(12) === 0) await this.#world.pass(5_000);
  }

  #command(number: number): RoomCommand | undefined {
    const room = this.#room;
    const who = this.#random.pick(NAMES);
    const link = this.#all.flatMap((one) => one.told("room-link")).at(-1)?.link;
    const say: RoomCommand = { type: "say", room, text: `line ${number}` };
    return this.#random.pick<RoomCommand | undefined>([
      say,
      say,
      say,
      { type: "topic", room, topic: `topic ${number}` },
      { type: "rename", room, name: `name ${number}` },
      { type: "role", room, who, role: this.#random.pick(["admin", "moderator", "member"]) },
      { type: this.#random.pick(["remove", "ban", "unban"]), room, who },
      { type: "invite", room, who },
      { type: "invite", room, who },
      { type: "answer", room, isAccepted: this.#random.below(4) > 0 },
      { type: "leave", room },
      { type: "link", room },
      link === undefined ? undefined : { type: "join-link", link },
    ]);
  }

  /** Everything that was begun is done. */
  async end(): Promise<void> {
    for (const one of this.#all) {
      one.diesAfter = () => false;
      await one.restart();
      await one.connect();
    }
    for (let minutes = 0; minutes < 12; minutes++) {
      await this.#world.quiet();
      await this.#world.pass(61_000);
    }
  }

  async check(): Promise<void> {
    const id = fromHex(this.#room)!;
    const seats = (await this.#world.hub.store.rooms.room(id))?.seats ?? [];
    const seen: { readonly view: object; readonly lines: readonly string[] }[] = [];
    for (const program of this.#all) {
      const { name, identity, store, rooms } = program;
      assert.deepEqual(
        program.errors.filter((one) => NEVER.test(one)),
        [],
        name,
      );
      for (const type of ["log-differs", "key-changed", "missing"] as const) assert.deepEqual(program.told(type), []);
      const ids = program.told("message").flatMap((line) => (line.again === true ? [] : [line.id]));
      assert.equal(new Set(ids).size, ids.length, `${name} is told a line twice`);
      const stored = await store.room(id);
      if (stored?.standing !== "joined") continue;
      assert.ok(
        seats.some(({ key }) => toHex(key) === toHex(identity.publicKey)),
        `${name} has a seat`,
      );
      assert.deepEqual([stored.lost, stored.pending, rooms.undelivered], [undefined, undefined, 0], name);
      const { epoch, context, view } = await openGroup(this.#world.groups, stored.state!);
      const lines = await store.lines(id, Number.MAX_SAFE_INTEGER, STEPS);
      seen.push({
        view: { epoch, context, roster: view.roster },
        lines: lines.filter(({ seq }) => seq >= stored.first).map(({ seq, words }) => `${seq} ${words}`),
      });
    }
    const [longest] = seen.toSorted((one, other) => other.lines.length - one.lines.length);
    for (const { view, lines } of seen) {
      assert.deepEqual(view, longest?.view);
      assert.deepEqual(lines, longest?.lines.slice(longest.lines.length - lines.length));
    }
  }

  async close(): Promise<void> {
    await this.#world.close();
  }
}

describe("a room of people who do anything", () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + WALKS; seed++) {
    it(`is the same for all of them: seed ${seed}`, { timeout: 120_000 }, async () => {
      const walk = await Walk.begin(seed);
      try {
        for (let number = 0; number < STEPS; number++) await walk.step(number);
        await walk.end();
        await walk.check();
      } finally {
        await walk.close();
      }
    });
  }
});
