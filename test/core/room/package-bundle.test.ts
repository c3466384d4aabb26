// Bundles of key packages (docs/ROOMS.md §5).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { decodeBundle, encodeBundle } from "../../../src/core/room/package-bundle.ts";
import { throwsLair } from "../../throws-lair.ts";

const packages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 });

describe("a bundle of key packages", () => {
  it("comes back as it was written", () => {
    fc.assert(fc.property(packages, (written) => assert.deepEqual(decodeBundle(encodeBundle(written)), written)));
    assert.deepEqual([...encodeBundle([Uint8Array.of(7, 8)])], [1, 0, 2, 7, 8]);
  });

  it("is read whole or not at all", () => {
    const bytes = encodeBundle([Uint8Array.of(1), Uint8Array.of(2, 3)]);
    for (let length = 0; length < bytes.length; length++) {
      throwsLair(() => decodeBundle(bytes.slice(0, length)), "key-package-unusable");
    }
    throwsLair(() => decodeBundle(Uint8Array.of(...bytes, 0)), "key-package-unusable");
    throwsLair(() => decodeBundle(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), "key-package-unusable");
  });

  it("has one to four, each of at most 65,535 bytes", () => {
    assert.throws(() => encodeBundle([]), RangeError);
    assert.throws(() => encodeBundle(Array.from({ length: 5 }, () => new Uint8Array(1))), RangeError);
    assert.throws(() => encodeBundle([new Uint8Array(65_536)]), RangeError);
  });
});
