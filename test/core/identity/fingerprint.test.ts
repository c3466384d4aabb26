import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fingerprint, shortFingerprint } from "../../../src/core/identity/fingerprint.ts";
import { alicePublic, bobPublic } from "./known-keys.ts";
import { BOTH_SUITES } from "./both-suites.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

for (const suite of BOTH_SUITES) {
  describe(`fingerprint (docs/PROTOCOL.md §9), ${suite.provider}`, () => {
    it("is what Python computes", () => {
      // t = base64.b32encode(hashlib.sha256(key).digest()[:20]).decode().lower()
      // " ".join(t[i:i+4] for i in range(0, 32, 4))
      assert.equal(fingerprint(suite, alicePublic), "gagj zfqd xeve wopn hfml 7esa cfea jw2p");
      assert.equal(fingerprint(suite, bobPublic), "6npf mfqw biyl 6pdo ph5h hrlw 2qba l2h4");
    });

    it("is eight groups of four letters for any key", () => {
      fc.assert(fc.property(key, (k) => /^(?:[a-z2-7]{4} ){7}[a-z2-7]{4}$/.test(fingerprint(suite, k))));
    });

    it("has a short form of four groups", () => {
      assert.equal(shortFingerprint(suite, alicePublic), "gagj zfqd xeve wopn …");
    });

    it("refuses what is no key", () => {
      assert.throws(() => fingerprint(suite, new Uint8Array(31)), RangeError);
    });
  });
}
