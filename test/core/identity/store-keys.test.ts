import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { describe, it } from "node:test";
import { storeKeys } from "../../../src/core/identity/store-keys.ts";
import { BOTH_SUITES } from "./both-suites.ts";

const privateKey = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

for (const suite of BOTH_SUITES) {
  describe(`the keys of the store, ${suite.provider}`, () => {
    it("are HKDF-SHA256 of the private key, as node:crypto computes it", () => {
      const expected = (info: string): Uint8Array => new Uint8Array(hkdfSync("sha256", privateKey, "", info, 32));
      const { page, rows } = storeKeys(suite, privateKey);
      assert.deepEqual(page, expected("lair/1 store page"));
      assert.deepEqual(rows, expected("lair/1 store rows"));
    });

    it("refuse a key of another length", () => {
      assert.throws(() => storeKeys(suite, new Uint8Array(31)), RangeError);
    });
  });
}
