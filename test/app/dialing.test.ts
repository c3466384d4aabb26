// Whom a program connects to by itself: not to a muted peer, to the address that was given last, and not for ever against
// another program of the same identity.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import { effort } from "../effort.ts";
import { Network, Node } from "./node-in-memory.ts";
import { reasons, talk, times, two } from "./two-nodes.ts";

describe("a muted peer", () => {
  it("loses the session that this side has made, and may connect to this side all the same", async () => {
    const { network, lower, higher, pass } = two();
    for (const node of [lower, higher]) node.start();
    await pass(2_000);
    lower.command({ type: "mute", who: higher.name, isMuted: true });
    await pass(500);
    assert.deepEqual([reasons(lower), reasons(higher)], [["muted"], ["closed"]]);
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

describe("a peer that is muted and at once not muted any more", () => {
  it("is connected again", async () => {
    const { lower, higher, pass } = two({ higherKnowsUrl: false });
    for (const node of [lower, higher]) node.start();
    await pass(2_000);
    for (const isMuted of [true, false]) lower.command({ type: "mute", who: higher.name, isMuted });
    await pass(5_000);
    await talk(lower, higher, pass);
    assert.equal(times(lower, "connected"), 2);
  });
});

describe("two that connect to each other at the same time", () => {
  it("tell of an end only where they have told of a beginning", async () => {
    for (let seed = 1; seed <= effort(8, 20); seed++) {
      const { lower, higher, pass, network } = two({ seed });
      for (const node of [lower, higher]) node.connectsAfterMs = () => 1 + ((seed * 7) % 4);
      for (const node of [lower, higher]) node.start();
      await pass(1_500);
      for (const { joined } of network.up) joined.cut();
      await pass(3_000);
      for (const node of [lower, higher]) {
        let isConnected = false;
        for (const { type } of node.told) {
          if (type !== "connected" && type !== "disconnected") continue;
          assert.equal(
            isConnected,
            type === "disconnected",
            `${seed}, ${node.name}: ${node.told.map((one) => one.type).join()}`,
          );
          isConnected = type === "connected";
        }
      }
    }
  });
});

describe("an address that is corrected twice in a row", () => {
  for (const [when, connectsAfterMs, beforeMs] of [
    ["during an attempt", 3_000, 1_000],
    ["between two attempts", 1, 10_000],
  ] as const) {
    it(`is the last one, ${when}`, async () => {
      const { network, lower, higher, pass } = two({ higherKnowsUrl: false });
      lower.connectsAfterMs = () => connectsAfterMs;
      lower.start();
      lower.command({ type: "address", who: higher.name, url: "ws://nowhere.example" });
      lower.kill();
      for (const node of [higher, lower]) node.start();
      await pass(beforeMs);
      assert.equal(times(lower, "connected"), 0);
      for (const url of ["ws://elsewhere.example", higher.url]) {
        lower.command({ type: "address", who: higher.name, url });
      }
      await pass(2 * connectsAfterMs + 2_000);
      await talk(lower, higher, pass);
      assert.deepEqual([times(lower, "connected"), network.made], [1, 1]);
      // Also after the end of a session. The longest pause is 30 s.
      for (const { joined } of network.up) joined.cut();
      await pass(40_000);
      assert.deepEqual([times(lower, "connected"), lower.peers[0]!.url], [2, higher.url]);
    });
  }
});

describe("two programs of one identity", () => {
  it("replace each other at a server some ten times, and then one of them gives up", async () => {
    const random = new SeededRandom(1);
    const clock = new ManualClock();
    const network = new Network(clock);
    const hub = new Node("hub", network, random);
    const one = new Node("one", network, random);
    const copy = new Node("copy", network, random, one.identity);
    const psk = random.bytes(32);
    hub.pair(one, psk, false);
    for (const node of [one, copy]) node.pair(hub, psk, true);
    for (const node of [hub, one, copy]) node.start();
    const minutes = async (count: number): Promise<void> => {
      for (let passed = 0; passed < count * 60; passed += 2) {
        await clock.passWith(2_000, turn);
        for (let turns = 0; turns < 8; turns++) await turn();
      }
    };
    await minutes(15);
    const { made } = network;
    assert.ok(made > 10 && made <= 24, `${made} connections`);
    const replaced = [one, copy].flatMap(({ told }) => told.filter((event) => event.type === "error"));
    assert.deepEqual(
      replaced.map(({ code }) => code),
      ["replaced"],
    );
    await minutes(effort(15, 60));
    assert.deepEqual([network.made, network.up.length], [made, 1]);
    assert.equal(reasons(one).at(-1) === "replaced" ? times(copy, "connected") - reasons(copy).length : 1, 1);
  });
});
