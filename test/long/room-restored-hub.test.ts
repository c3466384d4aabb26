// A hub whose home was put back from an old copy, with real programs: it has forgotten lines, or changes of the room as well. The
// members are told, the room goes on, and what is said from then on reaches everybody.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import type { JsonEvent } from "../e2e/program.ts";
import { RoomPeople } from "./room-people.ts";

describe(`a hub from an old copy (seed ${FIRST_SEED})`, () => {
  for (const hasChanged of [false, true]) {
    const what = hasChanged ? "lines and a change of the room" : "lines";
    it(`has forgotten ${what}: the members are told, and go on`, { timeout: 180_000 }, async (t) => {
      const fixture = new Fixture(t);
      const people = await RoomPeople.begin(fixture, new SeededRandom(FIRST_SEED), "ada");
      const link = await people.link(5);
      for (const name of ["bob", "cleo"]) await people.join(name, link);
      const texts = new Map(people.members.map(({ name }) => [name, new Set<string>()]));
      const told = new Set<string>();
      for (const { name, side, record } of people.members) {
        for (const event of ["missing", "came-back", "log-differs", "hub-lost-entries"]) record.expected.add(event);
        side.onEvent = (event: JsonEvent) => {
          record.take(event);
          if (event.event === "message") texts.get(name)!.add(String(event["text"]));
          if (event["code"] === "hub-lost-entries") told.add(name);
        };
      }
      const heard = async (text: string, by: string): Promise<void> => {
        await people.until(`that all hear "${text}"`, () =>
          [...texts].every(([name, heardTexts]) => name === by || heardTexts.has(text)) ? true : undefined,
        );
      };
      const [ada, bob] = people.members;
      ada!.say(people.room, "in the copy");
      await heard("in the copy", "ada");
      people.proxy.target = undefined;
      await people.hub.kill();
      const copy = fixture.path("copy");
      cpSync(people.hub.home, copy, { recursive: true });
      await people.restartHub();
      for (const at of [1, 2, 3]) {
        bob!.say(people.room, `forgotten ${at}`);
        await heard(`forgotten ${at}`, "bob");
      }
      if (hasChanged) {
        ada!.side.tell({ command: "topic", room: people.room, topic: "forgotten" });
        await people.until("that all see the topic", () =>
          people.members.every(({ record }) => record.count("topic-changed") === 1) ? true : undefined,
        );
      }
      people.proxy.target = undefined;
      await people.hub.kill();
      rmSync(people.hub.home, { recursive: true, force: true });
      cpSync(copy, people.hub.home, { recursive: true });
      await people.restartHub();
      // They come back one after the other, and talk at once.
      for (const round of [1, 2, 3]) {
        for (const { name, side } of people.members) side.tell({ send: `${name} ${round}`, to: people.room });
        for (const { name } of people.members) await heard(`${name} ${round}`, name);
      }
      assert.deepEqual([...told].toSorted(), ["ada", "bob", "cleo"], "all who had more are told");
    });
  }
});
