// Two programs like `lair-server --dial` that are paired, over a network in memory, under a clock that the test moves.

import assert from "node:assert/strict";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import { Network, Node } from "./node-in-memory.ts";

/** Two who are paired; the one with the lower key first. */
export function two({ seed = 1, higherKnowsUrl = true } = {}) {
  const random = new SeededRandom(seed);
  const clock = new ManualClock();
  const network = new Network(clock);
  const nodes = ["ada", "bob"].map((name) => new Node(name, network, random));
  const [lower, higher] = nodes.toSorted(({ identity: one }, { identity: other }) =>
    Buffer.compare(one.publicKey, other.publicKey),
  ) as [Node, Node];
  const psk = random.bytes(32);
  lower.pair(higher, psk, true);
  higher.pair(lower, psk, higherKnowsUrl);
  // Both listen before either connects.
  for (const node of nodes) node.connectsAfterMs = () => 1;
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await clock.passWith(500, turn);
      for (let turns = 0; turns < 8; turns++) await turn();
    }
  };
  return { network, lower, higher, pass, psk };
}

export const times = (node: Node, type: string): number => node.told.filter((event) => event.type === type).length;

/** Why the node's sessions ended. */
export const reasons = (node: Node): readonly string[] =>
  node.told.flatMap((event) => (event.type === "disconnected" ? [event.reason] : []));

export async function talk(one: Node, other: Node, pass: (ms: number) => Promise<void>): Promise<void> {
  one.say(other, "hello");
  other.say(one, "hello");
  await pass(500);
  assert.deepEqual([one.received.get(other.name), other.received.get(one.name)], [["hello"], ["hello"]]);
}
