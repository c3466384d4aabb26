import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { safetyWords } from "../../../src/core/identity/safety-words.ts";
import { alicePublic, bobPublic } from "./known-keys.ts";
import { BOTH_SUITES } from "./both-suites.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

for (const suite of BOTH_SUITES) {
  describe(`safety words (docs/PROTOCOL.md §9), ${suite.provider}`, () => {
    it("are what Python computes", () => {
      // prk = hmac.new(b"", min(a, b) + max(a, b), hashlib.sha256).digest()
      // n = int.from_bytes(hmac.new(prk, b"lair/1 safety words\x01", hashlib.sha256).digest()[:17], "big") >> 4
      // [words[n >> (11 * (11 - i)) & 2047] for i in range(12)], words = the BIP-39 English list
      const expected = "panic drop update domain chuckle wrestle absorb original imitate park long board";
      assert.equal(safetyWords(suite, alicePublic, bobPublic).join(" "), expected);
    });

    it("are the same on both sides", () => {
      fc.assert(fc.property(key, key, (a, b) => assert.deepEqual(safetyWords(suite, a, b), safetyWords(suite, b, a))));
    });

    it("are sorted bytewise, to the last byte", () => {
      const other = alicePublic.slice();
      other[31]! ^= 1;
      assert.deepEqual(safetyWords(suite, alicePublic, other), safetyWords(suite, other, alicePublic));
      assert.notDeepEqual(safetyWords(suite, alicePublic, other), safetyWords(suite, alicePublic, alicePublic));
    });

    it("are twelve, and others for another key", () => {
      fc.assert(
        fc.property(key, key, fc.nat(255), (a, b, bit) => {
          const words = safetyWords(suite, a, b);
          assert.equal(words.length, 12);
          const changed = b.slice();
          changed[bit >> 3]! ^= 1 << (bit & 7);
          assert.notDeepEqual(safetyWords(suite, a, changed), words);
        }),
      );
    });

    it("refuses what is no key", () => {
      assert.throws(() => safetyWords(suite, alicePublic, new Uint8Array(33)), RangeError);
      assert.throws(() => safetyWords(suite, new Uint8Array(0), bobPublic), RangeError);
    });
  });
}
