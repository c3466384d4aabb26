// Five people who all talk with each other, over links that break and programs that are killed: each conversation arrives
// once and in order, and at the right person.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { effort } from "../effort.ts";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import { Network, Node } from "./node-in-memory.ts";

const NAMES = ["ada", "bob", "cyd", "dan", "eve"];
const SCHEDULES = effort(3, 1_000);
const STEPS = 60;

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** Returns how many lines were said. */
async function play(seed: number): Promise<number> {
  const random = new SeededRandom(seed);
  const clock = new ManualClock();
  const network = new Network(clock);
  const nodes = NAMES.map((name) => new Node(name, network, random));
  // One or both of the two know where the other is.
  for (const [index, one] of nodes.entries()) {
    for (const other of nodes.slice(index + 1)) {
      const psk = random.bytes(32);
      const who = random.below(3);
      one.pair(other, psk, who !== 1);
      other.pair(one, psk, who !== 0);
    }
  }
  for (const node of nodes) node.start();
  const said = new Map<string, string[]>();
  const sayOne = (): void => {
    const from = random.pick(nodes.filter(({ isRunning }) => isRunning));
    const to = random.pick(nodes.filter((node) => node !== from));
    const key = `${from.name} to ${to.name}`;
    const lines = said.get(key) ?? [];
    said.set(key, lines);
    const text = `${key}, ${lines.length}`;
    lines.push(text);
    from.say(to, text);
  };
  for (let step = 0; step < STEPS; step++) {
    const what = random.below(100);
    if (what < 60) sayOne();
    else if (what < 75) network.cutOne(random);
    else if (what < 80) {
      const node = random.pick(nodes);
      // What was said and shown in this turn is stored by its end.
      await turn();
      if (node.isRunning && nodes.filter(({ isRunning }) => isRunning).length > 2) node.kill();
      else if (!node.isRunning) node.start();
    } else await clock.passWith(random.below(3_000), turn);
    await turns(random.below(4));
  }
  for (const node of nodes) if (!node.isRunning) node.start();
  const count = (): number => nodes.flatMap(({ received }) => [...received.values()]).flat().length;
  // The longest pause between two attempts is 30 s. Two seconds more, in case a line arrives twice.
  for (let waited = 0; waited < 120 && count() < [...said.values()].flat().length; waited++) {
    await clock.passWith(2_000, turn);
  }
  await clock.passWith(2_000, turn);
  await turns(20);
  for (const from of nodes) {
    for (const to of nodes) {
      const key = `${from.name} to ${to.name}`;
      assert.deepEqual(to.received.get(from.name) ?? [], said.get(key) ?? [], `${key}, seed ${seed}`);
    }
  }
  for (const node of nodes) node.kill();
  return [...said.values()].flat().length;
}

describe(`five people, random schedules (seeds from ${FIRST_SEED})`, () => {
  it(`get every line once, in order, and only their own: ${SCHEDULES}`, async () => {
    let lines = 0;
    for (let index = 0; index < SCHEDULES; index++) lines += await play(FIRST_SEED + index);
    assert.ok(lines > SCHEDULES * 20, `only ${lines} lines`);
  });
});
