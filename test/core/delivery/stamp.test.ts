// Stamps (docs/PROTOCOL.md §7.2): a life of 8 bytes, and an index of 4.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeStamp, splitStamp } from "../../../src/core/delivery/stamp.ts";

const life = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe("a stamp (§7.2)", () => {
  it("is the life and the index, big-endian, 12 bytes", () => {
    const stamp = makeStamp({ life, index: 0x0a0b0c0d });
    assert.deepEqual(stamp, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13));
    assert.deepEqual(splitStamp(stamp), { life, index: 0x0a0b0c0d });
  });

  it("goes up to the last index of a u32, and shares no memory with what it was read from", () => {
    const stamp = makeStamp({ life, index: 2 ** 32 - 1 });
    const split = splitStamp(stamp);
    stamp.fill(0);
    assert.deepEqual(split, { life, index: 2 ** 32 - 1 });
  });

  it("is none of any other length", () => {
    for (const length of [0, 11, 13]) assert.throws(() => splitStamp(new Uint8Array(length)), RangeError);
  });
});
