// Two programs like `lair-server --dial` that connect to each other: both keep the same one session, and one of them that
// is dead does not keep the other side out.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { effort } from "../effort.ts";
import { reasons, talk, times, two } from "./two-nodes.ts";

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
    for (let afterMs = 1; afterMs <= 1_500; afterMs += effort(400, 100)) {
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
