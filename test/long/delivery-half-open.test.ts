// Connections that are alive for both programs and carry nothing, as when a cable is pulled: noticed within 45 s, and what
// was said meanwhile arrives over the next one. Each takes its 45 s, so all of them are tried at the same time.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import { DeliveryPair } from "./delivery-pair.ts";
import { checkAllHeard } from "./delivery-record.ts";
import type { Side } from "./delivery-side.ts";

/** docs/PROTOCOL.md §10. */
const NOTICED_WITHIN_MS = 45_000;
/** A busy machine. */
const SLACK_MS = 5_000;

interface Case {
  readonly what: string;
  readonly rekey: string;
  /** Said just before the line goes dead, so that it is cut in the middle of it. */
  readonly linesInFlight: number;
  /** Said on both sides while it is dead. */
  readonly linesMeanwhile: number;
}

const CASES: readonly Case[] = [
  { what: "while nothing is said", rekey: "600-600", linesInFlight: 0, linesMeanwhile: 0 },
  {
    what: "with lines in flight, and more of them all the while",
    rekey: "600-600",
    linesInFlight: 200,
    linesMeanwhile: 50,
  },
  { what: "with a renewal of the keys due", rekey: "5-10", linesInFlight: 0, linesMeanwhile: 5 },
];

describe(`a half-open connection (seed ${FIRST_SEED})`, { timeout: 180_000, concurrency: CASES.length }, () => {
  for (const [index, { what, rekey, linesInFlight, linesMeanwhile }] of CASES.entries()) {
    it(`is noticed within 45 s and loses nothing: ${what}`, async (t) => {
      const random = new SeededRandom(FIRST_SEED + index);
      const pair = await DeliveryPair.begin(new Fixture(t), random, { server: ["--rekey", rekey] });
      for (const side of pair.sides) pair.say(side, 10);
      await pair.until("that all is delivered", () => (pair.isQuiet ? true : undefined));

      const noticed = pair.sides.map((side) => disconnection(side));
      const wire = pair.proxy.wires[0]!;
      for (const side of pair.sides) pair.say(side, linesInFlight);
      wire.halfOpenAfter(linesInFlight === 0 ? 0 : random.between(1, 2_000));
      await pair.until("that nothing passes", () => (wire.isHalfOpen ? true : undefined));
      const deadAtMs = performance.now();
      for (const side of pair.sides) pair.say(side, linesMeanwhile);

      const [byServerAtMs, byClientAtMs] = await Promise.all(noticed);
      const tookMs = Math.max(byServerAtMs!, byClientAtMs!) - deadAtMs;
      t.diagnostic(
        `${what}: server after ${seconds(byServerAtMs! - deadAtMs)}, client after ${seconds(byClientAtMs! - deadAtMs)}`,
      );
      assert.ok(tookMs < NOTICED_WITHIN_MS + SLACK_MS, `it took ${seconds(tookMs)}`);

      await pair.settle();
      assert.equal(wire.isHalfOpen || wire.isOver, true, String(wire));
      await pair.quit();
      checkAllHeard(pair.server.record, pair.client.record);
      checkAllHeard(pair.client.record, pair.server.record);
    });
  }
});

/** When it says that the connection is over. */
async function disconnection(side: Side): Promise<number> {
  const before = side.record.count("disconnected");
  return await side.until(
    "that the connection is dead",
    () => (side.record.count("disconnected") > before ? performance.now() : undefined),
    2 * NOTICED_WITHIN_MS,
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
