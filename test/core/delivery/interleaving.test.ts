// Delivery over two real channels, under random interleaving with rekeys both ways (docs/PROTOCOL.md §7.1): everything
// arrives once and in order, and what is called delivered has arrived.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readU32, u32 } from "../../../src/core/bytes.ts";
import { Delivery } from "../../../src/core/delivery/delivery.ts";
import { directPair } from "../channel/direct-pair.ts";
import { FIRST_SEED } from "../channel/first-seed.ts";
import { opposite, type Side, SIDES } from "../channel/pair.ts";
import { SeededRandom } from "../channel/seeded-random.ts";

/** One random schedule of saying, taking, delivering and waiting, and then everything that is left. */
function play(seed: number): { rekeys: number; messages: number } {
  const random = new SeededRandom(seed);
  const { driver, other, clock } = directPair({ seed, rekey: { minMs: 1_000, maxMs: 2_000 } });
  const channels = { driver, other };
  const deliveries = { driver: new Delivery(driver), other: new Delivery(other) };
  const underWay: Record<Side, Uint8Array[]> = { driver: [], other: [] };
  const acknowledged: Record<Side, number> = { driver: 0, other: 0 };

  const say = (side: Side): void => {
    const delivery = deliveries[side];
    const number = delivery.sent;
    assert.equal(delivery.send(u32(number), clock.now), number);
  };
  const take = (side: Side, most: number): number => {
    channels[side].advance(clock.now);
    for (let count = 0; count < most; count++) {
      const frame = channels[side].nextFrame(clock.now);
      if (frame === undefined) return count;
      underWay[side].push(frame);
    }
    return most;
  };
  const deliver = (sender: Side): boolean => {
    const frame = underWay[sender].shift();
    if (frame === undefined) return false;
    const receiver = opposite(sender);
    for (const event of channels[receiver].receive(frame, clock.now)) {
      if (event.type !== "record") continue;
      const expected = deliveries[receiver].received;
      for (const result of deliveries[receiver].receive(event, clock.now)) {
        if (result.type === "arrived") {
          assert.equal(result.seq, expected);
          assert.equal(readU32(result.message, 0), expected);
        } else {
          assert.equal(result.seq, acknowledged[receiver]++);
          assert.ok(result.seq < deliveries[sender].received, "what is delivered has arrived");
        }
      }
    }
    for (const side of SIDES) {
      assert.equal(deliveries[side].undelivered, deliveries[side].sent - acknowledged[side]);
    }
    return true;
  };

  for (let step = 0; step < 60; step++) {
    const side = random.pick(SIDES);
    switch (random.below(5)) {
      case 0:
      case 1:
        for (let count = random.below(4); count >= 0; count--) say(side);
        break;
      case 2:
        take(side, random.between(1, 3));
        break;
      case 3:
        deliver(side);
        break;
      default:
        clock.pass(random.below(400));
    }
  }
  for (let moved = true; moved;) {
    moved = false;
    for (const side of SIDES) moved = take(side, 1) > 0 || deliver(side) || moved;
  }
  for (const side of SIDES) {
    assert.equal(deliveries[side].undelivered, 0);
    assert.equal(deliveries[opposite(side)].received, deliveries[side].sent);
  }
  return { rekeys: driver.epoch, messages: deliveries.driver.sent + deliveries.other.sent };
}

describe("delivery under any interleaving (§7.1)", () => {
  it(`brings every message once and in order (LAIR_TEST_SEED=${FIRST_SEED})`, () => {
    let rekeys = 0;
    let messages = 0;
    for (let index = 0; index < 500; index++) {
      const seed = FIRST_SEED + index;
      try {
        const played = play(seed);
        rekeys += played.rekeys;
        messages += played.messages;
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    // A schedule that exercises nothing would prove nothing.
    assert.ok(rekeys > 250, `${rekeys} rekeys`);
    assert.ok(messages > 10_000, `${messages} messages`);
  });
});
