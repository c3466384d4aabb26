import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { safetyWords } from "../../../src/core/identity/safety-words.ts";
import { alicePublic, bobPublic } from "./known-keys.ts";
import { BOTH_SUITES } from "./both-suites.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const identity = fc.record({ publicKey: key, signatureKey: key });
const ALICE = { publicKey: alicePublic, signatureKey: new Uint8Array(32).fill(1) };
const BOB = { publicKey: bobPublic, signatureKey: new Uint8Array(32).fill(2) };
const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

for (const suite of BOTH_SUITES) {
  describe(`safety words (docs/PROTOCOL.md §9), ${suite.provider}`, () => {
    it("are what Python computes", () => {
      // a, b = the two keys of each, one behind the other
      // prk = hmac.new(b"", min(a, b) + max(a, b), hashlib.sha256).digest()
      // n = int.from_bytes(hmac.new(prk, b"lair/1 safety words\x01", hashlib.sha256).digest()[:17], "big") >> 4
      // [words[n >> (11 * (11 - i)) & 2047] for i in range(12)], words = the BIP-39 English list
      assert.equal(
        safetyWords(suite, ALICE, BOB).join(" "),
        "walnut buddy lizard letter arrow leisure sock warm spray toss install decide",
      );
    });

    it("are the same on both sides", () => {
      fc.assert(
        fc.property(identity, identity, (a, b) => assert.deepEqual(safetyWords(suite, a, b), safetyWords(suite, b, a))),
      );
    });

    it("are sorted bytewise, to the last byte", () => {
      const other = { ...ALICE, signatureKey: flipped(ALICE.signatureKey, 255) };
      assert.deepEqual(safetyWords(suite, ALICE, other), safetyWords(suite, other, ALICE));
      assert.notDeepEqual(safetyWords(suite, ALICE, other), safetyWords(suite, ALICE, ALICE));
    });

    it("are twelve, and others when a bit of any key is", () => {
      fc.assert(
        fc.property(identity, identity, fc.nat(255), (a, b, bit) => {
          const words = safetyWords(suite, a, b);
          assert.equal(words.length, 12);
          for (const member of ["publicKey", "signatureKey"] as const) {
            assert.notDeepEqual(safetyWords(suite, a, { ...b, [member]: flipped(b[member], bit) }), words, member);
          }
        }),
      );
    });

    it("refuses what is no key", () => {
      for (const member of ["publicKey", "signatureKey"] as const) {
        assert.throws(() => safetyWords(suite, ALICE, { ...BOB, [member]: new Uint8Array(33) }), RangeError);
        assert.throws(() => safetyWords(suite, { ...ALICE, [member]: new Uint8Array(0) }, BOB), RangeError);
      }
    });
  });
}
