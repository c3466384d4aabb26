import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeStamp, splitStamp } from "../../../src/core/delivery/stamp.ts";

const LIFE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe("a stamp (PROTOCOL §7.2)", () => {
  it("is the life and the index, and comes apart again", () => {
    const stamp = makeStamp({ life: LIFE, index: 0x01020304 });
    assert.deepEqual(stamp, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4));
    assert.deepEqual(splitStamp(stamp), { life: LIFE, index: 0x01020304 });
    assert.equal(splitStamp(makeStamp({ life: LIFE, index: 2 ** 32 - 1 })).index, 2 ** 32 - 1);
  });

  it("is refused with other lengths, or an index beyond 32 bits", () => {
    assert.throws(() => makeStamp({ life: LIFE.subarray(1), index: 0 }), RangeError);
    assert.throws(() => makeStamp({ life: LIFE, index: 2 ** 32 }), RangeError);
    for (const length of [0, 11, 13]) assert.throws(() => splitStamp(new Uint8Array(length)), RangeError);
  });
});
