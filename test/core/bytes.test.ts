// Numbers as bytes, at the limits of what a double holds exactly.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex, readU32, readU64, toHex, u32, u64, writeU32, writeU64 } from "../../src/core/bytes.ts";

const NUMBERS_OF_8_BYTES: readonly (readonly [value: bigint, hex: string])[] = [
  [0n, "0000000000000000"],
  [0x0102_0304n, "0000000001020304"],
  [0xffff_ffffn, "00000000ffffffff"],
  [0x1_0000_0000n, "0000000100000000"],
  [0x0001_0203_0405_0607n, "0001020304050607"],
  [0x1f_ffff_ffff_ffffn, "001fffffffffffff"],
  [0x20_0000_0000_0000n, "0020000000000000"],
  [0x20_0000_0000_0001n, "0020000000000001"],
  [0x8090_a0b0_c0d0_e0f1n, "8090a0b0c0d0e0f1"],
  [0xffff_ffff_ffff_ffffn, "ffffffffffffffff"],
];

describe("numbers as bytes", () => {
  it("have the most significant byte first, whatever they are", () => {
    for (const [value, hex] of NUMBERS_OF_8_BYTES) {
      assert.equal(toHex(u64(value)), hex);
      assert.equal(readU64(fromHex(`ff${hex}ff`)!, 1), value);
    }
    for (const [value, hex] of [
      [0, "00000000"],
      [0x0102_0304, "01020304"],
      [0x8090_a0b0, "8090a0b0"],
      [0xffff_ffff, "ffffffff"],
    ] as const) {
      assert.equal(toHex(u32(value)), hex);
      assert.equal(readU32(fromHex(`ff${hex}ff`)!, 1), value);
    }
  });

  it("are written where they belong, and change nothing around them", () => {
    const bytes = new Uint8Array(14).fill(0xaa);
    writeU32(bytes, 1, 0x0102_0304);
    writeU64(bytes, 5, 0x1112_1314_1516_1718n);
    assert.equal(toHex(bytes), "aa010203041112131415161718aa");
  });

  it("are refused when they do not fit", () => {
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) {
      assert.throws(() => u32(value), RangeError);
      assert.throws(() => writeU32(new Uint8Array(4), 0, value), RangeError);
    }
    for (const value of [-1n, 2n ** 64n]) {
      assert.throws(() => u64(value), RangeError);
      assert.throws(() => writeU64(new Uint8Array(8), 0, value), RangeError);
    }
    assert.throws(() => readU64(new Uint8Array(8), 1), RangeError);
  });
});
