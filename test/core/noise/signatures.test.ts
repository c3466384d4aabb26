// Ed25519 in both suites: the vectors of RFC 8032, §7.1, what must be refused, and which bytes may be a key. Random
// inputs are in test/node/openssl-suite.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { isSignatureKey } from "../../../src/core/noise/index.ts";
import { BOTH_SUITES } from "../identity/both-suites.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail("not hex");
const little = (value: bigint): Uint8Array => hex(value.toString(16).padStart(64, "0")).toReversed();

/** RFC 8032, §7.1: TEST 1, 2, 3 and SHA(abc). */
const VECTORS = [
  {
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
  {
    seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    key: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    signature:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  },
] as const;

/** The order of the group (RFC 8032, §5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;

for (const { provider, signature } of BOTH_SUITES) {
  describe(`Ed25519 of ${provider} (RFC 8032)`, () => {
    it("computes the keys and signatures of §7.1, and accepts them", () => {
      for (const { seed, key, message, signature: expected } of VECTORS) {
        assert.equal(toHex(signature.publicKey(hex(seed))), key);
        assert.equal(toHex(signature.sign(hex(seed), hex(message))), expected);
        assert.equal(signature.verify(hex(key), hex(message), hex(expected)), true);
      }
    });

    it("refuses another message, another key, every changed byte, and another length", () => {
      const [, vector, other] = VECTORS;
      const [key, message, good] = [hex(vector.key), hex(vector.message), hex(vector.signature)];
      assert.equal(signature.verify(key, hex("73"), good), false);
      assert.equal(signature.verify(hex(other.key), message, good), false);
      for (let at = 0; at < good.length; at++) {
        assert.equal(signature.verify(key, message, good.with(at, good[at]! ^ 0x40)), false, `byte ${at}`);
      }
      for (const length of [0, 63, 65]) assert.equal(signature.verify(key, message, new Uint8Array(length)), false);
      for (const length of [0, 31, 33]) assert.equal(signature.verify(new Uint8Array(length), message, good), false);
      for (const length of [0, 31, 33]) assert.throws(() => signature.sign(new Uint8Array(length), message));
    });

    it("refuses S of the group's order or above: a signature has one form (§8.4)", () => {
      const [{ key, message, signature: good }] = VECTORS;
      const s = BigInt(`0x${toHex(hex(good).slice(32).toReversed())}`);
      const twin = Uint8Array.of(...hex(good).slice(0, 32), ...little(s + ORDER));
      assert.equal(signature.verify(hex(key), hex(message), twin), false);
    });

    it("accepts nothing under a key of low order, and nothing under bytes that are no point", () => {
      // With a key of order 1 and S = 0, R = 1 would fit every message.
      const one = little(1n);
      const forged = Uint8Array.of(...one, ...new Uint8Array(32));
      assert.equal(signature.verify(one, hex("72"), forged), false);
      assert.equal(signature.verify(little(2n), hex("72"), forged), false);
    });
  });
}

describe("isSignatureKey", () => {
  it("takes honest keys, whatever their sign", () => {
    for (const { key } of VECTORS) assert.equal(isSignatureKey(hex(key)), true);
  });

  it("refuses other lengths, points of low order, and what is not written canonically", () => {
    const order8 = hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    const y8 = BigInt(`0x${toHex(order8.toReversed())}`);
    const bad = [0n, 1n, y8, FIELD - y8, FIELD - 1n, FIELD, FIELD + 1n, FIELD + 2n, 2n ** 255n - 1n];
    for (const y of bad) {
      assert.equal(isSignatureKey(little(y)), false, y.toString(16));
      assert.equal(isSignatureKey(little(y + 2n ** 255n)), false, `${y.toString(16)}, negative`);
    }
    for (const length of [0, 31, 33, 64]) assert.equal(isSignatureKey(new Uint8Array(length).fill(9)), false);
    assert.equal(isSignatureKey(little(FIELD - 3n)), true);
  });
});
