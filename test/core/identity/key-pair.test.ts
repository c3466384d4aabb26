import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateKeyPair, keyPairFromPrivateKey } from "../../../src/core/identity/key-pair.ts";
import { BOTH_SUITES } from "./both-suites.ts";
import { bobPrivate, bobPublic } from "./known-keys.ts";

for (const suite of BOTH_SUITES) {
  describe(`key pair, ${suite.provider}`, () => {
    it("has the public key of RFC 7748 §6.1", () => {
      assert.deepEqual(keyPairFromPrivateKey(suite, bobPrivate).publicKey, bobPublic);
    });

    it("comes from the random bytes that were handed in, 32 of them", () => {
      const asked: number[] = [];
      const pair = generateKeyPair(suite, (length) => {
        asked.push(length);
        return bobPrivate.slice();
      });
      assert.deepEqual(asked, [32]);
      assert.deepEqual(pair, { publicKey: bobPublic, privateKey: bobPrivate });
    });

    it("keeps a copy of the private key, so that the caller can erase its own", () => {
      const own = bobPrivate.slice();
      const pair = keyPairFromPrivateKey(suite, own);
      own.fill(0);
      assert.deepEqual(pair.privateKey, bobPrivate);
    });

    it("refuses a broken generator and wrong lengths", () => {
      assert.throws(() => generateKeyPair(suite, (length) => new Uint8Array(length)), RangeError);
      assert.throws(() => generateKeyPair(suite, () => new Uint8Array(31).fill(7)), RangeError);
      assert.throws(() => keyPairFromPrivateKey(suite, new Uint8Array(33)), RangeError);
    });
  });
}
