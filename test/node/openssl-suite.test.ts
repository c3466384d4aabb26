// OpenSSL's suite beside noble's: the same names, the same results for random inputs, and the same refusals. The published
// vectors pass both in test/core/noise/vectors.test.ts. More inputs: test/long/two-suites.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nobleSuite, scryptBytes, suiteName } from "../../src/core/noise/index.ts";
import { ANSWERS, answersOf, faultOf, QUESTION } from "../../src/node/openssl-suite/self-test.ts";
import { OPENSSL_SUITE, opensslSuite } from "../../src/node/openssl-suite/suite.ts";
import { toHex } from "../../src/core/bytes.ts";
import { chooseSuite } from "../../src/cli/crypto-choice.ts";
import { effort } from "../effort.ts";
import { compareSuites } from "./two-suites.ts";

const NAMES = ["AESGCM", "ChaChaPoly"].flatMap((cipher) =>
  ["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"].map((hash) => `25519_${cipher}_${hash}`),
);

const EMPTY = new Uint8Array(0);
const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, index) => (index === 7 ? byte ^ 1 : byte));
const missing = (): never => {
  throw new Error("digital envelope routines::unsupported");
};

describe("opensslSuite", () => {
  it("knows the same names as noble's, and says who computes", () => {
    for (const name of NAMES) assert.equal(suiteName(opensslSuite(name)), name);
    assert.equal(suiteName(OPENSSL_SUITE), "25519_AESGCM_SHA256");
    assert.deepEqual([OPENSSL_SUITE.provider, nobleSuite(NAMES[0]!).provider], ["openssl", "noble"]);
  });

  it("refuses every other name", () => {
    for (const name of ["", "25519", "448_AESGCM_SHA256", "25519_AESGCM_MD5", "25519_AESGCM_SHA256_SHA256"]) {
      assert.throws(() => opensslSuite(name), { name: "NoiseError", code: "noise-unknown-protocol" }, name);
    }
  });

  for (const name of NAMES) {
    it(`${name}: computes what noble computes, and refuses what noble refuses`, () => {
      compareSuites(opensslSuite(name), nobleSuite(name), effort(10, 40));
    });
  }

  it("answers in arrays of their own, which are no Buffers", () => {
    for (const answer of Object.values(answersOf(OPENSSL_SUITE))) {
      const bytes = answer();
      assert.equal(bytes.constructor, Uint8Array);
      assert.notEqual(bytes.slice().buffer, bytes.buffer);
      // So that nothing else goes with it if somebody sends its `buffer` by mistake.
      assert.equal(bytes.buffer.byteLength, bytes.length);
    }
  });

  it("reads a private key anew once its array was erased", () => {
    const key = QUESTION.privateKey.slice();
    const before = toHex(OPENSSL_SUITE.dh.publicKey(key));
    key.fill(0);
    assert.notEqual(toHex(OPENSSL_SUITE.dh.publicKey(key)), before);
    key.set(QUESTION.privateKey);
    assert.equal(toHex(OPENSSL_SUITE.dh.publicKey(key)), before);
  });

  it("refuses the costs of scrypt that noble refuses, up to the memory that both take", () => {
    const costs = [
      { N: 2 ** 20, r: 8, p: 2 },
      { N: 2 ** 21, r: 8, p: 1 },
      { N: 2 ** 16, r: 1, p: 1 },
      { N: 2, r: 2 ** 15, p: 2 ** 15 },
      ...[0, 1, 3, 2.5, -2, Number.NaN, Number.POSITIVE_INFINITY].map((N) => ({ N, r: 8, p: 1 })),
      ...[0, -1, 1.5].flatMap((part) => [
        { N: 2, r: part, p: 1 },
        { N: 2, r: 1, p: part },
      ]),
    ];
    for (const { kdf } of [OPENSSL_SUITE, nobleSuite(NAMES[0]!)]) {
      for (const cost of costs)
        assert.throws(() => kdf.scrypt(EMPTY, EMPTY, cost, 32), RangeError, JSON.stringify(cost));
      for (const length of [0, -1, 1.5]) {
        assert.throws(() => kdf.scrypt(EMPTY, EMPTY, { N: 2, r: 1, p: 1 }, length), RangeError);
      }
    }
    assert.equal(scryptBytes({ N: 2 ** 20, r: 8, p: 1 }, 32), 2 ** 30 + 2 ** 11);
  });

  it("refuses keys of another length with a RangeError", () => {
    const key = QUESTION.privateKey;
    for (const length of [0, 31, 33, 64]) {
      assert.throws(() => OPENSSL_SUITE.dh.publicKey(new Uint8Array(length).fill(1)), RangeError);
      assert.throws(() => OPENSSL_SUITE.dh.dh(key, new Uint8Array(length).fill(1)), RangeError);
      assert.throws(() => OPENSSL_SUITE.dh.dh(new Uint8Array(length).fill(1), key), RangeError);
      assert.throws(() => OPENSSL_SUITE.signature.publicKey(new Uint8Array(length).fill(1)), RangeError);
      assert.throws(() => OPENSSL_SUITE.signature.sign(new Uint8Array(length).fill(1), key), RangeError);
    }
  });
});

describe("who computes", () => {
  const broken = { ...OPENSSL_SUITE, hash: { ...OPENSSL_SUITE.hash, hash: () => new Uint8Array(32) } };

  it("is OpenSSL by itself, and noble where it errs or is asked for", async () => {
    assert.equal((await chooseSuite("auto")).provider, "openssl");
    assert.equal((await chooseSuite("openssl")).provider, "openssl");
    assert.equal((await chooseSuite("noble")).provider, "noble");
    assert.equal((await chooseSuite("auto", broken)).provider, "noble");
  });

  it("is nobody where OpenSSL was asked for and errs", async () => {
    await assert.rejects(chooseSuite("openssl", broken), { code: "crypto-unusable", message: /hash is wrong/ });
  });
});

describe("the self-test of OpenSSL's suite", () => {
  it("has the answers that noble gives", () => {
    const answers = answersOf(nobleSuite("25519_AESGCM_SHA256"));
    for (const [name, answer] of Object.entries(answers)) {
      assert.equal(toHex(answer()), ANSWERS[name as keyof typeof ANSWERS], name);
    }
  });

  it("finds no fault in either suite", () => {
    assert.equal(faultOf(OPENSSL_SUITE), undefined);
    assert.equal(faultOf(nobleSuite("25519_AESGCM_SHA256")), undefined);
  });

  it("names the function that errs, that is missing, or that accepts what it must not", () => {
    const { dh, cipher, hash, kdf, signature } = OPENSSL_SUITE;
    const broken = [
      ["publicKey is wrong", { dh: { ...dh, publicKey: missing } }],
      ["dh is wrong", { dh: { ...dh, dh: () => new Uint8Array(32) } }],
      [
        "sealed is wrong",
        {
          cipher: {
            ...cipher,
            encrypt: (...input: Parameters<typeof cipher.encrypt>) => flip(cipher.encrypt(...input)),
          },
        },
      ],
      ["hash is wrong", { hash: { ...hash, hash: (data: Uint8Array) => flip(hash.hash(data)) } }],
      ["hmac is wrong", { hash: { ...hash, hmac: missing } }],
      ["hkdf is wrong", { hash: { ...hash, hkdf: missing } }],
      ["scrypt is wrong", { kdf: { ...kdf, scrypt: () => new Uint8Array(32) } }],
      ["signatureKey is wrong", { signature: { ...signature, publicKey: () => new Uint8Array(32) } }],
      ["signature is wrong", { signature: { ...signature, sign: missing } }],
      ["verify is wrong", { signature: { ...signature, verify: missing } }],
      ["verify accepts a forgery", { signature: { ...signature, verify: () => true } }],
      ["decrypt is wrong", { cipher: { ...cipher, decrypt: missing } }],
      ["decrypt accepts a forgery", { cipher: { ...cipher, decrypt: () => QUESTION.text } }],
      [
        "dh accepts a point of low order",
        {
          dh: {
            ...dh,
            dh: (key: Uint8Array, remote: Uint8Array) =>
              remote.every((byte) => byte === 0) ? remote : dh.dh(key, remote),
          },
        },
      ],
    ] as const;
    for (const [fault, change] of broken) assert.equal(faultOf({ ...OPENSSL_SUITE, ...change }), fault);
  });
});
