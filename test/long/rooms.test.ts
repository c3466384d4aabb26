// A hub and twelve members as real programs, and one room: ten thousand lines, while connections are cut, the hub is killed,
// and members are. In the end each member's list is the same, none is lost and none is there twice.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import { effort } from "../effort.ts";
import { type Member, RoomPeople } from "./room-people.ts";

interface Plan {
  readonly isClassic: boolean;
  readonly members: number;
  readonly lines: number;
  readonly cuts: number;
  readonly hubKills: number;
  readonly memberKills: number;
}

type Trouble = "cut" | "hub" | "member";

/** Lines that nobody may have yet, when more are said. */
const MOST_BEHIND = 400;
/** A cut comes within so many bytes: in a handshake, a call, an answer. */
const CUT_BYTES = 6_000;
const PATIENCE_MS = 120_000;

/** Plays one trouble after the other under a talk. */
class Talk {
  readonly #people: RoomPeople;
  readonly #random: SeededRandom;
  #lines = 0;
  /** Starts of a program that found no hub. */
  unreached = 0;

  constructor(people: RoomPeople, random: SeededRandom) {
    this.#people = people;
    this.#random = random;
    for (const member of people.members) {
      member.side.onExit = (code) => {
        // Without a terminal, a first connection that fails is the end: the hub may be dead just then, or the line cut.
        const isExpected = (code === 3 || code === 4) && member.side.seen("connected") === undefined;
        assert.ok(isExpected, `${member.name} left with ${code}\n${member.side.describe()}`);
        this.unreached += 1;
        member.start();
      };
    }
  }

  /** How many lines the member has that has most. */
  get heard(): number {
    return Math.max(...this.#people.members.map(({ record }) => record.lines.size));
  }

  /** So many lines, of members in turn. */
  say(count: number): void {
    const { members } = this.#people;
    for (let left = count; left > 0; left--) {
      const member = this.#random.pick(members);
      member.say("#ops", `${member.name} ${this.#lines++}`);
    }
  }

  async play(trouble: Trouble): Promise<void> {
    const people = this.#people;
    switch (trouble) {
      case "cut":
        return await this.#cut();
      case "hub":
        await delay(this.#random.below(25));
        await people.restartHub();
        return;
      case "member": {
        const member: Member = this.#random.pick(people.members);
        await delay(this.#random.below(25));
        if (!member.side.isRunning) return;
        await member.side.kill();
        member.start();
      }
    }
  }

  async #cut(): Promise<void> {
    const { proxy } = this.#people;
    for (;;) {
      const open = await this.#people.until("a connection", () => {
        const wires = proxy.wires.filter((wire) => !wire.isOver && !wire.wasCut);
        return wires.length > 0 ? wires : undefined;
      });
      const wire = this.#random.pick(open);
      const how = this.#random.chance(50) ? "reset" : "end";
      wire.cutAfter(this.#random.below(CUT_BYTES), how);
      await this.#people.until("a cut", () => {
        // All that was to be said has arrived, and it did not take that many bytes.
        if (this.#unheard === 0) wire.cutAfter(0, how);
        return wire.wasCut || wire.isOver ? true : undefined;
      });
      if (wire.wasCut) return;
    }
  }

  /** Lines that were said and not heard, of programs that run. */
  get #unheard(): number {
    const { members } = this.#people;
    return members.reduce((sum, { record, side }) => (side.isRunning ? sum + record.unheard : sum), 0);
  }

  /** Waits until no more than so many of the lines that were said are still to come. */
  async catchUp(most: number): Promise<void> {
    await this.#people.until("that the lines come", () => (this.#unheard <= most ? true : undefined), PATIENCE_MS);
  }

  /** Each says one last line, and everybody has them all. */
  async settle(): Promise<void> {
    const { members } = this.#people;
    await this.#people.until("that all are connected", () =>
      members.every(({ side }) => side.seen("connected") !== undefined) ? true : undefined,
    );
    for (const member of members) member.say("#ops", `${member.name} has said everything`);
    await this.#people.until(
      "that everybody has the last lines",
      () => {
        return this.#unheard === 0 && members.every(({ record }) => record.lines.size === this.heard)
          ? true
          : undefined;
      },
      PATIENCE_MS,
    );
  }
}

async function run(plan: Plan, fixture: Fixture): Promise<string> {
  const random = new SeededRandom(FIRST_SEED);
  const people = await RoomPeople.begin(fixture, random, "person0", { classic: plan.isClassic });
  const link = await people.link(plan.members);
  for (let at = 1; at < plan.members; at++) await people.join(`person${at}`, link);
  const troubles: Trouble[] = [
    ...Array.from({ length: plan.cuts }, () => "cut" as const),
    ...Array.from({ length: plan.hubKills }, () => "hub" as const),
    ...Array.from({ length: plan.memberKills }, () => "member" as const),
  ];
  const talk = new Talk(people, random);
  const each = Math.ceil(plan.lines / troubles.length);
  while (troubles.length > 0) {
    const [trouble] = troubles.splice(random.below(troubles.length), 1);
    talk.say(each);
    await talk.play(trouble!);
    await talk.catchUp(MOST_BEHIND);
  }
  await talk.catchUp(0);
  // What was lost with a program that had not read it is made up for.
  for (let missing = plan.lines - talk.heard; missing > 0; missing = plan.lines - talk.heard) {
    talk.say(Math.min(missing, MOST_BEHIND));
    await talk.catchUp(0);
  }
  await talk.settle();
  const count = await people.checkAgreement();
  assert.ok(count >= plan.lines, `${count} lines`);
  const repeats = people.members.reduce((sum, { record }) => sum + record.repeats, 0);
  for (const { side } of people.members) assert.equal(await side.quit(), 0, side.describe());
  return `${count} lines; shown again: ${repeats}; starts without a hub: ${talk.unreached}`;
}

describe(`a room under cuts and kills (seed ${FIRST_SEED})`, () => {
  it("classic: has each line once and in the same order at each member", { timeout: 1_500_000 }, async (t) => {
    const plan = effort(
      { isClassic: true, members: 4, lines: 300, cuts: 6, hubKills: 2, memberKills: 4 },
      { isClassic: true, members: 12, lines: 10_000, cuts: 100, hubKills: 30, memberKills: 60 },
    );
    t.diagnostic(await run(plan, new Fixture(t)));
  });

  it("hybrid: the same", { timeout: 600_000 }, async (t) => {
    const plan = effort(
      { isClassic: false, members: 3, lines: 100, cuts: 3, hubKills: 1, memberKills: 2 },
      { isClassic: false, members: 6, lines: 1_000, cuts: 10, hubKills: 5, memberKills: 10 },
    );
    t.diagnostic(await run(plan, new Fixture(t)));
  });
});
