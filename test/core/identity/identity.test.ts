import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { generateIdentity, identityFromPrivateKey, signatureSeed } from "../../../src/core/identity/identity.ts";
import { BOTH_SUITES } from "./both-suites.ts";
import { isSignatureKey } from "../../../src/core/noise/index.ts";
import { erasedDuring } from "../noise/spy-suite.ts";
import { bobPrivate, bobPublic } from "./known-keys.ts";

/** By Go's crypto/ed25519. */
const bobSignatureKey = fromHex("d37a4f2e66b91375f3cd42268881a2f5a22ef71e461c51b62662acefca361c2a")!;

for (const suite of BOTH_SUITES) {
  describe(`identity, ${suite.provider}`, () => {
    it("has the public key of RFC 7748 §6.1", () => {
      assert.deepEqual(identityFromPrivateKey(suite, bobPrivate).publicKey, bobPublic);
    });

    it("comes from the random bytes that were handed in, 32 of them", () => {
      const asked: number[] = [];
      const pair = generateIdentity(suite, (length) => {
        asked.push(length);
        return bobPrivate.slice();
      });
      assert.deepEqual(asked, [32]);
      assert.deepEqual(pair, { publicKey: bobPublic, signatureKey: bobSignatureKey, privateKey: bobPrivate });
    });

    it("has a signature key, of the seed that Python computes", () => {
      // prk = hmac.new(b"", private, hashlib.sha256).digest()
      // hmac.new(prk, b"lair/1 signature key\x01", hashlib.sha256).digest()
      const seed = signatureSeed(suite, bobPrivate);
      assert.equal(toHex(seed), "d3a3400a0ed2c38e598ac9582052fb90e34b237e0cca3a1c660776b7db08f39d");
      assert.deepEqual(suite.signature.publicKey(seed), bobSignatureKey);
      assert.deepEqual(identityFromPrivateKey(suite, bobPrivate).signatureKey, bobSignatureKey);
      assert.equal(isSignatureKey(bobSignatureKey), true);
    });

    it("leaves no copy of the seed behind", () => {
      const erased = erasedDuring(() => identityFromPrivateKey(suite, bobPrivate));
      assert.ok(erased.has(toHex(signatureSeed(suite, bobPrivate))));
    });

    it("keeps a copy of the private key, so that the caller can erase its own", () => {
      const own = bobPrivate.slice();
      const pair = identityFromPrivateKey(suite, own);
      own.fill(0);
      assert.deepEqual(pair.privateKey, bobPrivate);
    });

    it("refuses a broken generator and wrong lengths", () => {
      assert.throws(() => generateIdentity(suite, (length) => new Uint8Array(length)), RangeError);
      assert.throws(() => generateIdentity(suite, () => new Uint8Array(31).fill(7)), RangeError);
      assert.throws(() => identityFromPrivateKey(suite, new Uint8Array(33)), RangeError);
      assert.throws(() => signatureSeed(suite, new Uint8Array(31)), RangeError);
    });
  });
}
