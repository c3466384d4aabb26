// The random delay before a rekey (docs/PROTOCOL.md §8.3): how it is drawn, and that the driver obeys it.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { u32 } from "../../../src/core/bytes.ts";
import { drawDelayMs } from "../../../src/core/channel/random-delay.ts";
import type { RandomSource } from "../../../src/core/noise/index.ts";
import { directPair } from "./direct-pair.ts";
import { LinkedPair, type Pair } from "./pair.ts";
import { SeededRandom } from "./seeded-random.ts";
import { effort } from "../../effort.ts";

const DRAWS = effort(50_000, 200_000);

/** Bytes of the CSPRNG, fetched in large pieces. */
function pooled(): RandomSource {
  let pool = Buffer.alloc(0);
  return (length) => {
    if (pool.length < length) pool = randomBytes(1 << 16);
    const taken = new Uint8Array(pool.subarray(0, length));
    pool = pool.subarray(length);
    return taken;
  };
}

/** Answers with these words in turn. */
function scripted(words: number[]): RandomSource {
  return (length) => {
    assert.equal(length, 4);
    return u32(words.shift()!);
  };
}

function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("drawDelayMs (§8.3)", () => {
  it("is uniform on the closed interval, both ends included", () => {
    const random = pooled();
    const counts = Array.from({ length: 91 }, () => 0);
    for (let draw = 0; draw < DRAWS; draw++) counts[drawDelayMs(30, 120, random) - 30]! += 1;
    assert.ok(counts.length === 91 && Math.min(...counts) > 0, `counts ${String(counts)}`);
    // 90 degrees of freedom: more than 190 comes once in about 10^8 runs.
    assert.ok(chiSquared(counts) < 190, `chi-squared ${chiSquared(counts)}`);
  });

  it("is uniform where a plain modulo would favour the lower third two to one", () => {
    const random = pooled();
    const counts = [0, 0, 0];
    for (let draw = 0; draw < DRAWS; draw++)
      counts[Math.floor(drawDelayMs(0, 3 * 2 ** 30 - 1, random) / 2 ** 30)]! += 1;
    // 2 degrees of freedom: more than 40 comes once in about 5 * 10^8 runs.
    assert.ok(chiSquared(counts) < 40, `chi-squared ${chiSquared(counts)}`);
  });

  it("draws again what lies above the last whole multiple of the interval", () => {
    const words = [0xffff_ffff, 0xc000_0000, 0xbfff_ffff];
    assert.equal(drawDelayMs(7, 7 + 3 * 2 ** 30 - 1, scripted(words)), 7 + 3 * 2 ** 30 - 1);
    assert.deepEqual(words, []);
  });

  it("takes the first word when every word will do", () => {
    assert.equal(drawDelayMs(0, 2 ** 32 - 1, scripted([0xffff_ffff])), 0xffff_ffff);
    assert.equal(drawDelayMs(5, 5, scripted([0xffff_fffe])), 5);
  });

  it("refuses what is no interval of whole milliseconds", () => {
    const bad: [number, number][] = [
      [2, 1],
      [0.5, 1.5],
      [1, 2.5],
      [0, 2 ** 32],
      [Number.NaN, 1],
    ];
    for (const [min, max] of bad) assert.throws(() => drawDelayMs(min, max, pooled()), RangeError);
  });
});

describe("the driver's delay (§8.3)", () => {
  const window = { minMs: 1_000, maxMs: 1_999 };

  /** A driver whose draws can be read. */
  function watchedDriver(): { session: LinkedPair; draws: number[] } {
    const seeded = new SeededRandom(11);
    const draws: number[] = [];
    const random: RandomSource = (length) => {
      if (length !== 4) return seeded.bytes(length);
      draws.push(seeded.word());
      return u32(draws.at(-1)!);
    };
    const session = new LinkedPair(directPair({ rekey: window }, random) as unknown as Pair);
    return { session, draws };
  }

  for (const [name, traffic] of [
    ["without traffic", false],
    ["with traffic", true],
  ] as const) {
    it(`passes to the millisecond, and is drawn anew after each DONE, ${name}`, () => {
      const { session, draws } = watchedDriver();
      const { pair } = session;
      let delayMs = 1_000 + (draws.at(-1)! % 1_000);
      const seen = new Set<number>();
      session.pass(0);
      for (let epoch = 0; epoch < 40; epoch++) {
        const drawn = draws.length;
        for (const stepMs of [500, delayMs - 501]) {
          if (traffic) pair.other.sendData(u32(epoch));
          session.pass(stepMs);
        }
        assert.deepEqual([pair.driver.epoch, pair.driver.state, draws.length], [epoch, "open", drawn]);
        assert.equal(pair.driver.deadlineMs, pair.clock.now.monotonicMs + 1);
        session.pass(1);
        assert.deepEqual([pair.driver.epoch, pair.driver.state, draws.length], [epoch + 1, "open", drawn + 1]);
        seen.add(delayMs);
        delayMs = 1_000 + (draws.at(-1)! % 1_000);
      }
      assert.ok(seen.size > 30, `${seen.size} delays`);
    });
  }

  it("runs from the sending of DONE, however long REPLY has taken", () => {
    const { session, draws } = watchedDriver();
    const { driver, clock } = session.pair;
    clock.pass(2_000);
    driver.advance(clock.now);
    session.take("driver");
    session.deliver("driver");
    session.take("other");
    clock.pass(5_000);
    session.pump();
    assert.equal(driver.deadlineMs, clock.now.monotonicMs + 1_000 + (draws.at(-1)! % 1_000));
  });
});
