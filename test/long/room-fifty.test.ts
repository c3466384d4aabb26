// Fifty programs in one room: all come by a link, each says a line, and all have all lines. Also how long that takes, and the
// memory of a program.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import { effort } from "../effort.ts";
import { RoomPeople } from "./room-people.ts";

const MEMBERS = effort(10, 50);
/** A bundle of Node alone has some 45. */
const MOST_MIB = 160;
const PATIENCE_MS = 120_000;

describe(`${MEMBERS} programs in one room (seed ${FIRST_SEED})`, () => {
  it("come by a link, and have what each of them says", { timeout: 400_000 }, async (t) => {
    const people = await RoomPeople.begin(new Fixture(t), new SeededRandom(FIRST_SEED), "person0");
    const link = await people.link(MEMBERS);
    const startedAtMs = performance.now();
    for (let at = 1; at < MEMBERS; at++) await people.join(`person${at}`, link);
    const joinedAtMs = performance.now();
    for (const member of people.members) member.say(people.room, `${member.name} says this`);
    await people.until(
      "that everybody has all lines",
      () => (people.members.every(({ record }) => record.lines.size === MEMBERS) ? true : undefined),
      PATIENCE_MS,
    );
    const heardAtMs = performance.now();
    assert.equal(await people.checkAgreement(), MEMBERS);
    const memory = people.members.map(({ side }) => side.residentMiB).toSorted((one, other) => one - other);
    t.diagnostic(
      [
        `${MEMBERS - 1} came within ${Math.round(joinedAtMs - startedAtMs)} ms`,
        `${MEMBERS} lines reached all within ${Math.round(heardAtMs - joinedAtMs)} ms`,
        `CPU of all programs: ${people.usedMs} ms`,
        `memory of a program: ${memory[0]} to ${memory.at(-1)} MiB, of the hub ${people.hub.residentMiB} MiB`,
      ].join("; "),
    );
    assert.ok(memory.at(-1)! <= MOST_MIB, `${memory.at(-1)} MiB`);
    for (const { record, side } of people.members) assert.equal(record.count("error"), 0, side.describe());
  });
});
