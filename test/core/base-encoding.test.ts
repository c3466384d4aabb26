import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fromBase64Url, fromHex, fromUtf8, toBase64Url, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { decodeBase64Url, decodeHex, encodeBase64Url } from "../../src/core/base-encoding.ts";
import { effort } from "../effort.ts";

const letters = fc.string({ unit: fc.constantFrom(...Array.from("AZaz09-_+/= \n\u{e9}fFgG")), maxLength: 12 });

describe("secret text", () => {
  it("is spelled as the strings of bytes.ts are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = encodeBase64Url(bytes);
        assert.equal(fromUtf8(text), toBase64Url(bytes));
        assert.deepEqual(decodeBase64Url(text), bytes);
        assert.deepEqual(decodeHex(toUtf8(toHex(bytes))), bytes);
        assert.deepEqual(decodeHex(toUtf8(toHex(bytes).toUpperCase())), bytes);
      }),
    );
  });

  it("refuses what the strings of bytes.ts refuse", () => {
    fc.assert(
      fc.property(letters, (text) => {
        assert.deepEqual(decodeBase64Url(toUtf8(text)), fromBase64Url(text));
        assert.deepEqual(decodeHex(toUtf8(text)), fromHex(text));
      }),
      { numRuns: effort(200, 2_000) },
    );
  });
});
