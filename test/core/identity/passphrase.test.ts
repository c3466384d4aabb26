// A key pair under a passphrase: the published vectors of scrypt, the form of the seal, and that nothing else opens it.
// The cost is a small one but for one test: the real one takes half a second for each guess.

import assert from "node:assert/strict";
import { createDecipheriv, scryptSync } from "node:crypto";
import { describe, it } from "node:test";
import { concat, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import {
  isFairCost,
  MAX_PASSPHRASE_BYTES,
  normalPassphrase,
  openKeyPair,
  sealKeyPair,
  SCRYPT_COST,
  type SealedKeyPair,
} from "../../../src/core/identity/passphrase.ts";
import { generateIdentity, type Identity } from "../../../src/core/identity/identity.ts";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { effort } from "../../effort.ts";
import { BOTH_SUITES } from "./both-suites.ts";
import { SeededRandom } from "../channel/seeded-random.ts";
import { sealedBefore } from "./sealed-before.ts";

const SMALL = { N: 16, r: 8, p: 1 };
const PASSPHRASE = toUtf8("correct horse battery stäple");
const { bytes: random } = new SeededRandom(7);
const PAIR = generateIdentity(NOBLE_SUITE, random);

const seal = (passphrase = PASSPHRASE, pair = PAIR): SealedKeyPair =>
  sealKeyPair(NOBLE_SUITE, pair, passphrase, random, SMALL);
/** By both suites, which must agree. */
function open(sealed: SealedKeyPair, passphrase: Uint8Array): Identity | undefined {
  const [one, other] = BOTH_SUITES.map((suite) => openKeyPair(suite, sealed, passphrase));
  assert.deepEqual(one, other);
  return one;
}

describe("scrypt as it is used here", () => {
  // RFC 7914 §12, the first three; the fourth takes 1 GiB.
  const vectors: readonly (readonly [string, string, number, number, number, string])[] = [
    ["", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497"],
    ["password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe"],
    ["pleaseletmein", "SodiumChloride", 16_384, 8, 1, "7023bdcb3afd7348461c06cd81fd38eb"],
  ];
  for (const [passphrase, salt, N, r, p, start] of vectors) {
    it(`gives the vector of RFC 7914 §12 for "${passphrase}"`, () => {
      for (const { kdf } of BOTH_SUITES) {
        assert.equal(toHex(kdf.scrypt(toUtf8(passphrase), toUtf8(salt), { N, r, p }, 64)).slice(0, 32), start);
      }
    });
  }
});

describe("a sealed key pair", () => {
  it("is opened by its passphrase", () => {
    assert.deepEqual(open(seal(), PASSPHRASE), PAIR);
    const longest = new Uint8Array(MAX_PASSPHRASE_BYTES).fill(0x61);
    assert.deepEqual(open(seal(longest), longest), PAIR);
    assert.deepEqual(open(sealKeyPair(OPENSSL_SUITE, PAIR, PASSPHRASE, random, SMALL), PASSPHRASE), PAIR);
  });

  it("is made at the real cost when no other is asked for, as openssl makes it", () => {
    const sealed = sealKeyPair(effort(OPENSSL_SUITE, NOBLE_SUITE), PAIR, PASSPHRASE, random);
    const { cost, salt, nonce, sealedKey, publicKey } = sealed;
    assert.deepEqual(cost, { N: 131_072, r: 8, p: 1 });
    assert.deepEqual([salt.length, nonce.length, sealedKey.length], [16, 12, 48]);
    const key = scryptSync(PASSPHRASE, salt, 32, { ...cost, maxmem: 256 * 1_048_576 });
    const opener = createDecipheriv("aes-256-gcm", key, nonce);
    opener.setAAD(concat(toUtf8("lair identity 2"), publicKey)).setAuthTag(sealedKey.subarray(32));
    assert.deepEqual(new Uint8Array(opener.update(sealedKey.subarray(0, 32))), PAIR.privateKey);
    opener.final();
  });

  it("is not opened by any other passphrase", () => {
    const sealed = seal();
    const others = [
      "",
      "correct horse battery staple",
      "correct horse battery stäple ",
      "Correct horse battery stäple",
    ];
    for (const other of others) assert.equal(open(sealed, toUtf8(other)), undefined, other);
  });

  it("is not opened when one bit of any byte has changed", () => {
    const sealed = seal();
    for (const part of ["publicKey", "salt", "nonce", "sealedKey"] as const) {
      for (let at = 0; at < sealed[part].length; at++) {
        const changed = sealed[part].slice();
        changed[at]! ^= 1 << (at % 8);
        assert.equal(open({ ...sealed, [part]: changed }, PASSPHRASE), undefined, `byte ${at} of ${part}`);
      }
    }
    assert.equal(open({ ...sealed, cost: { ...SMALL, N: 32 } }, PASSPHRASE), undefined);
  });

  it("is not opened under the public key of another pair, nor as a pair that is none", () => {
    const other = generateIdentity(NOBLE_SUITE, random);
    assert.equal(open({ ...seal(), publicKey: other.publicKey }, PASSPHRASE), undefined);
    const none = { ...other, privateKey: PAIR.privateKey };
    assert.equal(open(seal(PASSPHRASE, none), PASSPHRASE), undefined);
  });

  it("differs in everything but the public key when it is sealed again", () => {
    const [one, other] = [seal(), seal()];
    assert.deepEqual(one.publicKey, other.publicKey);
    for (const part of ["salt", "nonce", "sealedKey"] as const) assert.notDeepEqual(one[part], other[part], part);
  });

  it("holds nothing of the private key in the clear, and leaves what is the caller's alone", () => {
    const [pair, passphrase] = [structuredClone(PAIR), PASSPHRASE.slice()];
    const sealed = seal(passphrase, pair);
    assert.deepEqual([pair, passphrase], [PAIR, PASSPHRASE]);
    const all = toHex(concat(sealed.publicKey, sealed.salt, sealed.nonce, sealed.sealedKey));
    assert.ok(!all.includes(toHex(PAIR.privateKey).slice(0, 12)), "a piece of the private key");
    open(sealed, passphrase);
    assert.deepEqual(passphrase, PASSPHRASE);
  });

  it("is not made of an empty passphrase, of one that is too long, or with a broken generator", () => {
    assert.throws(() => seal(new Uint8Array()), RangeError);
    assert.throws(() => seal(new Uint8Array(MAX_PASSPHRASE_BYTES + 1)), RangeError);
    assert.throws(() => sealKeyPair(NOBLE_SUITE, PAIR, PASSPHRASE, () => new Uint8Array(8), SMALL), RangeError);
  });

  const [composed, decomposed] = ["caf\u00e9 \uac00", "cafe\u0301 \u1100\u1161"];
  it("is of a text, in whatever form its letters come, and with or without a byte order mark", () => {
    assert.notEqual(composed, decomposed);
    for (const one of [composed, decomposed, `\ufeff${composed}`, `\ufeff${decomposed}`]) {
      const sealed = seal(toUtf8(one));
      for (const other of [composed, decomposed, `\ufeff${decomposed}`]) {
        assert.deepEqual(open(sealed, toUtf8(other)), PAIR, `${one} by ${other}`);
      }
      assert.equal(open(sealed, toUtf8("cafe \uac00")), undefined);
    }
    const sealed = seal(toUtf8("\ufeffplain"));
    assert.deepEqual(open(sealed, toUtf8("plain")), PAIR);
  });

  it("of an earlier program, which knew no normal form, is opened by the bytes that it was made of", () => {
    const asGiven = [toUtf8(decomposed), toUtf8(`\ufeff${composed}`), toUtf8("\ufeffplain"), Uint8Array.of(0x63, 0xe9)];
    for (const bytes of asGiven) {
      assert.deepEqual(open(sealedBefore(PAIR, bytes), bytes), PAIR);
      assert.equal(open(sealedBefore(PAIR, bytes), toUtf8("another")), undefined);
    }
    assert.deepEqual(open(sealedBefore(PAIR, toUtf8(decomposed)), toUtf8(`\ufeff${decomposed}`)), PAIR);
  });

  it("has a normal form that is a copy, and none of bytes that are no text", () => {
    const plain = toUtf8("plain");
    const normal = normalPassphrase(plain);
    assert.deepEqual(normal, plain);
    assert.notEqual(normal, plain);
    assert.equal(normalPassphrase(Uint8Array.of(0x63, 0xe9)), undefined);
    assert.throws(() => seal(Uint8Array.of(0x63, 0xe9)), RangeError);
    assert.throws(() => seal(toUtf8("\ufeff")), RangeError);
  });

  it("with a part of another length is a mistake of the program's", () => {
    const sealed = seal();
    for (const part of ["publicKey", "salt", "nonce", "sealedKey"] as const) {
      const shorter = { ...sealed, [part]: sealed[part].slice(1) };
      assert.throws(() => open(shorter, PASSPHRASE), RangeError, part);
    }
  });
});

describe("a cost that was read", () => {
  it("is fair from ours to a gigabyte", () => {
    for (const log of [17, 18, 19, 20]) assert.ok(isFairCost({ N: 2 ** log, r: 8, p: 1 }), `2^${log}`);
    assert.ok(isFairCost(SCRYPT_COST), "ours");
  });

  it("is not when it makes guessing cheap, eats the memory, or is none", () => {
    const unfair = [
      1,
      2,
      16,
      2 ** 16,
      2 ** 17 - 1,
      2 ** 17 + 1,
      3 * 2 ** 16,
      2 ** 21,
      2 ** 30,
      2 ** 32,
      2 ** 52,
    ].concat([0, -(2 ** 17), Number.NaN, Number.POSITIVE_INFINITY, 131_072.5]);
    for (const N of unfair) assert.ok(!isFairCost({ N, r: 8, p: 1 }), `N ${N}`);
    for (const r of [0, 1, 7, 9, 1_000_000, Number.NaN]) assert.ok(!isFairCost({ ...SCRYPT_COST, r }), `r ${r}`);
    for (const p of [0, 2, 1_000_000, Number.NaN]) assert.ok(!isFairCost({ ...SCRYPT_COST, p }), `p ${p}`);
  });

  it("may be told to be lower, never higher than all", () => {
    assert.ok(isFairCost(SMALL, 16), "a test's own");
    assert.ok(!isFairCost({ ...SMALL, N: 8 }, 16), "less than that");
    assert.ok(!isFairCost({ ...SMALL, N: 2 ** 21 }, 16), "too much");
    assert.ok(!isFairCost({ ...SMALL, N: 0 }, 0), "none");
  });
});
