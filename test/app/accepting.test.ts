// Two programs like `lair-server --dial` that connect to each other: both keep the same one session, and one of them that
// is dead does not keep the other side out. Programs over a network in memory, under a clock that the test moves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import { Network, Node } from "./node-in-memory.ts";

/** Two who are paired; the one with the lower key first. */
function two({ seed = 1, higherKnowsUrl = true } = {}) {
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

const times = (node: Node, type: string): number => node.told.filter((event) => event.type === type).length;

/** Why the node's sessions ended. */
const reasons = (node: Node): readonly string[] =>
  node.told.flatMap((event) => (event.type === "disconnected" ? [event.reason] : []));

async function talk(one: Node, other: Node, pass: (ms: number) => Promise<void>): Promise<void> {
  one.say(other, "hello");
  other.say(one, "hello");
  await pass(500);
  assert.deepEqual([one.received.get(other.name), other.received.get(one.name)], [["hello"], ["hello"]]);
}

describe("two who connect to each other at the same time", () => {
  it("keep the session that the one with the lower key has made", async () => {
    const { network, lower, higher, pass } = two();
    lower.start();
    higher.start();
    await pass(20_000);
    assert.deepEqual(
      network.up.map(({ by }) => by),
      [lower.url],
    );
    assert.deepEqual([times(lower, "connected"), times(higher, "connected")], [1, 1]);
    await talk(lower, higher, pass);
  });

  it("keep one and the same, whoever is how much faster", async () => {
    for (let afterMs = 1; afterMs <= 1_500; afterMs += 100) {
      for (const isLowerSlow of [false, true]) {
        const { network, lower, higher, pass } = two({ seed: afterMs });
        (isLowerSlow ? lower : higher).connectsAfterMs = () => afterMs;
        lower.start();
        higher.start();
        await pass(5_000);
        assert.equal(network.up.length, 1);
        assert.ok(network.made <= 3, `${network.made} connections, ${afterMs} ms`);
        await talk(lower, higher, pass);
      }
    }
  });
});

/** The lower has made a session, which has been up for so long when the other's machine is started anew. */
async function dead(afterMs: number) {
  const { network, lower, higher, pass, psk } = two({ higherKnowsUrl: false });
  higher.start();
  lower.start();
  await pass(1_000);
  assert.deepEqual([times(lower, "connected"), times(higher, "connected")], [1, 1]);
  await pass(afterMs);
  for (const { joined } of network.up) joined.sever();
  higher.kill();
  higher.pair(lower, psk, true);
  higher.start();
  return { lower, higher, pass };
}

describe("a session of one's own that is dead", () => {
  it("gives way to one that comes later than ten seconds after it", async () => {
    const { lower, higher, pass } = await dead(10_000);
    await pass(1_000);
    assert.deepEqual(reasons(lower), ["replaced"]);
    assert.deepEqual([times(lower, "connected"), times(higher, "connected")], [2, 2]);
    await talk(lower, higher, pass);
  });

  it("keeps out whatever comes within ten seconds, and nothing after them", async () => {
    const { lower, higher, pass } = await dead(5_000);
    await pass(3_000);
    assert.deepEqual([times(lower, "connected"), times(higher, "connected")], [1, 1]);
    await pass(10_000);
    assert.deepEqual([times(lower, "connected"), times(higher, "connected")], [2, 2]);
    await talk(lower, higher, pass);
  });
});

describe("a muted peer", () => {
  it("loses the session that this side has made, and may connect to this side all the same", async () => {
    const { network, lower, higher, pass } = two();
    for (const node of [lower, higher]) node.start();
    await pass(2_000);
    lower.command({ type: "mute", who: higher.name, isMuted: true });
    await pass(500);
    assert.deepEqual([reasons(lower), reasons(higher)], [["left"], ["closed"]]);
    // The other side is not muted, and connects by itself after a goodbye.
    await pass(5_000);
    assert.deepEqual(
      network.up.map(({ by }) => by),
      [higher.url],
    );
    await talk(lower, higher, pass);
    // Nothing more ends: this session is of the other side's making.
    lower.command({ type: "mute", who: higher.name, isMuted: true });
    await pass(60_000);
    assert.deepEqual([times(lower, "connected"), reasons(lower).length], [2, 1]);
  });

  it("that has made the session itself keeps it", async () => {
    const { network, lower, higher, pass } = two();
    for (const node of [lower, higher]) node.start();
    await pass(2_000);
    higher.command({ type: "mute", who: lower.name, isMuted: true });
    await pass(60_000);
    assert.deepEqual([times(lower, "disconnected"), times(higher, "disconnected"), network.up.length], [0, 0, 1]);
    await talk(lower, higher, pass);
    // But once it has ended, the other side has to connect.
    for (const { joined } of network.up) joined.cut();
    await pass(60_000);
    assert.deepEqual(
      network.up.map(({ by }) => by),
      [lower.url],
    );
  });
});
