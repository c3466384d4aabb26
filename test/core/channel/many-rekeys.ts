// Rekey after rekey (docs/PROTOCOL.md §8.2), each with data on its way in both directions before, between and behind
// all three of its records.

import assert from "node:assert/strict";
import { readU32, u32 } from "../../../src/core/bytes.ts";
import type { CipherSuite, Role } from "../../../src/core/noise/index.ts";
import { LinkedPair, openPair, opposite, type Side, SIDES } from "./pair.ts";

/** Plays `count` rekeys; every message arrives once and in order, and no two rekeys overlap. */
export function playRekeys(count: number, suite: CipherSuite, driver: Role): void {
  const session = new LinkedPair(openPair({ suite, driver }));
  const { pair } = session;
  const sent: Record<Side, number> = { driver: 0, other: 0 };
  const received: Record<Side, number> = { driver: 0, other: 0 };
  const say = (side: Side): void => {
    pair[side].sendData(u32(sent[side]++));
    session.take(side);
  };
  const sayBoth = (): void => SIDES.forEach(say);

  for (let epoch = 1; epoch <= count; epoch++) {
    sayBoth();
    pair.clock.pass(2_000);
    pair.driver.advance(pair.clock.now);
    // Under way behind INIT, then REPLY, then DONE, while frames of the other direction are still to arrive.
    for (const marker of ["driver", "other", "driver"] as const) {
      say(marker);
      sayBoth();
      while (session.underWay[marker].length > 1) session.deliver(marker);
      say(opposite(marker));
      session.deliver(marker);
    }
    session.pump();
    assert.deepEqual([pair.driver.epoch, pair.other.epoch], [epoch, epoch]);
    for (const side of SIDES) {
      for (const body of session.received(side)) assert.equal(readU32(body, 0), received[side]++);
      assert.equal(received[side], sent[opposite(side)]);
      assert.equal(session.events[side].filter(({ type }) => type === "rekeyed").length, 1);
      session.events[side] = [];
    }
  }
}
