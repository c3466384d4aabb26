// The padding rule (docs/PROTOCOL.md §4): 256, and above that Padmé, up to 65,519.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_PLAINTEXT_BYTES, paddedLength } from "../../../src/core/channel/padding.ts";

const every = Array.from({ length: 65_520 }, (_, length) => length);

/** Padmé by bit operations, as in the paper's appendix rather than as in the source. */
function padme(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const bits = 32 - Math.clz32(exponent);
  const mask = (1 << (exponent - bits)) - 1;
  return (length + mask) & ~mask;
}

describe("paddedLength (§4)", () => {
  it("agrees with a table worked out by hand", () => {
    const table: [length: number, padded: number][] = [
      [0, 256],
      [1, 256],
      [255, 256],
      [256, 256],
      [257, 272],
      [272, 272],
      [273, 288],
      [511, 512],
      [512, 512],
      [513, 544],
      [1_024, 1_024],
      [1_025, 1_088],
      [10_000, 10_240],
      [16_384, 16_384],
      [16_500, 17_408],
      [63_488, 63_488],
      [63_489, 65_519],
      [65_000, 65_519],
      [65_519, 65_519],
    ];
    for (const [length, padded] of table) assert.equal(paddedLength(length), padded, `of ${length}`);
  });

  it("agrees with Padmé by bit operations, at every length", () => {
    for (const length of every) {
      const expected = length <= 256 ? 256 : Math.min(padme(length), 65_519);
      assert.equal(paddedLength(length), expected, `of ${length}`);
    }
  });

  it("never shortens, never shrinks as the length grows, and leaves its own results alone", () => {
    let previous = 0;
    for (const length of every) {
      const padded = paddedLength(length);
      assert.ok(padded >= length && padded >= previous && padded <= 65_519, `${length} to ${padded}`);
      assert.equal(paddedLength(padded), padded);
      previous = padded;
    }
  });

  it("adds at most 6.25 % above 256, which is within Padmé's 11.6 %", () => {
    for (const length of every.slice(257)) {
      assert.ok(paddedLength(length) / length <= 1.0625, `${length} to ${paddedLength(length)}`);
    }
  });

  it("has 129 results", () => {
    assert.equal(new Set(every.map(paddedLength)).size, 129);
  });

  it("refuses what fits into no frame", () => {
    assert.equal(MAX_PLAINTEXT_BYTES, 65_519);
    for (const bad of [65_520, -1, 0.5, Number.NaN]) assert.throws(() => paddedLength(bad), RangeError);
  });
});
