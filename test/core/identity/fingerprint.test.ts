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
      // t = base64.b32encode(hashlib.sha256(key + signature_key).digest()[:20]).decode().lower()
      // " ".join(t[i:i+4] for i in range(0, 32, 4))
      assert.equal(
        fingerprint(suite, { publicKey: alicePublic, signatureKey: bobPublic }),
        "tfrf wuou 7veq 4s2g 45al 4pm4 llpy 33us",
      );
      assert.equal(
        fingerprint(suite, { publicKey: bobPublic, signatureKey: alicePublic }),
        "d6ia pd27 q253 q5a2 prkb tget szis qigi",
      );
    });

    it("is that of the one key, as before there were signature keys, where the other is not known", () => {
      assert.equal(fingerprint(suite, { publicKey: alicePublic }), "gagj zfqd xeve wopn hfml 7esa cfea jw2p");
      assert.equal(
        fingerprint(suite, { publicKey: bobPublic, signatureKey: undefined }),
        "6npf mfqw biyl 6pdo ph5h hrlw 2qba l2h4",
      );
    });

    it("is another one when a bit of either key is", () => {
      fc.assert(
        fc.property(key, key, fc.nat(255), (publicKey, signatureKey, bit) => {
          const flipped = (bytes: Uint8Array): Uint8Array =>
            bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
          const print = fingerprint(suite, { publicKey, signatureKey });
          assert.notEqual(fingerprint(suite, { publicKey: flipped(publicKey), signatureKey }), print);
          assert.notEqual(fingerprint(suite, { publicKey, signatureKey: flipped(signatureKey) }), print);
        }),
      );
    });

    it("is eight groups of four letters for any key", () => {
      fc.assert(
        fc.property(key, key, (publicKey, signatureKey) =>
          /^(?:[a-z2-7]{4} ){7}[a-z2-7]{4}$/.test(fingerprint(suite, { publicKey, signatureKey })),
        ),
      );
    });

    it("has a short form of four groups", () => {
      assert.equal(shortFingerprint(suite, { publicKey: alicePublic }), "gagj zfqd xeve wopn …");
    });

    it("refuses what is no key", () => {
      const short = new Uint8Array(31);
      assert.throws(() => fingerprint(suite, { publicKey: short }), RangeError);
      assert.throws(() => fingerprint(suite, { publicKey: alicePublic, signatureKey: short }), RangeError);
    });
  });
}
