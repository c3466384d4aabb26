// The crypto functions by noble: names, known answers that the published vectors do not give, and how they fail.
// Wycheproof's files pass in vectors.test.ts.

import assert from "node:assert/strict";
import { createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { NOBLE_SUITE, nobleSuite, suiteName } from "../../../src/core/noise/index.ts";
import { hash as referenceHash, hkdf as referenceHkdf, seal } from "./reference.ts";
import { bytesOf, EMPTY } from "./two-sides.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail("not hex");
/** An X25519 private key as node:crypto wants it: RFC 8410's frame around the 32 bytes. */
const nodeKey = (privateKey: Uint8Array): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([hex("302e020100300506032b656e04220420"), privateKey]),
    format: "der",
    type: "pkcs8",
  });
const HASHES = ["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"] as const;

describe("nobleSuite", () => {
  it("knows 25519 with two ciphers and four hashes, by the names that the specification gives them", () => {
    for (const cipher of ["AESGCM", "ChaChaPoly"]) {
      for (const hash of HASHES)
        assert.equal(suiteName(nobleSuite(`25519_${cipher}_${hash}`)), `25519_${cipher}_${hash}`);
    }
    assert.equal(suiteName(NOBLE_SUITE), "25519_AESGCM_SHA256");
  });

  it("refuses every other name", () => {
    const names = ["", "25519", "25519_AESGCM", "448_AESGCM_SHA256", "25519_AESGCM_SHA256_SHA256", "25519_AESGCM_MD5"];
    for (const name of [...names, "25519_aesgcm_SHA256", "25519_XChaChaPoly_SHA256", "25519 AESGCM SHA256"]) {
      assert.throws(() => nobleSuite(name), { name: "NoiseError", code: "noise-unknown-protocol" }, name);
    }
  });
});

describe("the hashes of the noble suite (Noise §4.3, §12.5 to §12.8)", () => {
  for (const name of HASHES) {
    it(`${name}: hash, hmac and hkdf are node:crypto's`, () => {
      const { hash } = nobleSuite(`25519_AESGCM_${name}`);
      const [salt, ikm, info] = [bytesOf("salt"), bytesOf("ikm"), bytesOf("info")];
      const node = { SHA256: "sha256", SHA512: "sha512", BLAKE2s: "blake2s256", BLAKE2b: "blake2b512" }[name];
      assert.equal(hash.length, referenceHash(name, ikm).length);
      assert.equal(toHex(hash.hash(ikm)), toHex(referenceHash(name, ikm)));
      assert.equal(toHex(hash.hmac(salt, ikm)), createHmac(node, salt).update(ikm).digest("hex"));
      assert.equal(toHex(hash.hkdf(salt, ikm, info, 77)), toHex(new Uint8Array(hkdfSync(node, ikm, salt, info, 77))));
      const noise = Buffer.concat(referenceHkdf(name, salt, ikm));
      assert.equal(toHex(hash.hkdf(salt, ikm, EMPTY, 3 * hash.length)), toHex(noise));
    });
  }
});

describe("the ciphers of the noble suite (Noise §12.3, §12.4)", () => {
  for (const name of ["AESGCM", "ChaChaPoly"] as const) {
    const { cipher } = nobleSuite(`25519_${name}_SHA256`);
    const [key, nonce, ad] = [bytesOf("key"), new Uint8Array(12), bytesOf("ad")];

    it(`${name}: seals what node:crypto seals, and opens it`, () => {
      for (const length of [0, 1, 15, 16, 17, 65_519]) {
        const plaintext = new Uint8Array(length).fill(0x5a);
        const ciphertext = cipher.encrypt(key, nonce, ad, plaintext);
        assert.equal(toHex(ciphertext), toHex(seal(name, key, 0n, ad, plaintext)));
        assert.deepEqual(cipher.decrypt(key, nonce, ad, ciphertext), plaintext);
      }
    });

    it(`${name}: a tag that does not verify is noise-authentication, without the plaintext`, () => {
      const ciphertext = cipher.encrypt(key, nonce, ad, bytesOf("secret"));
      for (const wrong of [
        ciphertext.map((byte) => byte ^ 1),
        ciphertext.subarray(1),
        ciphertext.subarray(0, 15),
        EMPTY,
      ]) {
        assert.throws(() => cipher.decrypt(key, nonce, ad, wrong), {
          name: "NoiseError",
          code: "noise-authentication",
        });
      }
    });

    it(`${name}: does not seal under a key of a wrong length`, () => {
      assert.throws(() => cipher.encrypt(new Uint8Array(31), nonce, ad, EMPTY), /key/);
    });
  }
});

describe("X25519 of the noble suite (Noise §12.1)", () => {
  const { dh } = NOBLE_SUITE;

  it("computes node:crypto's public keys and shared secrets, the same on both sides", () => {
    for (let i = 0; i < 10; i++) {
      const [alice, bob] = [bytesOf(`alice ${i}`), bytesOf(`bob ${i}`)];
      const [alicePublic, bobPublic] = [dh.publicKey(alice), dh.publicKey(bob)];
      assert.equal(
        toHex(bobPublic),
        createPublicKey(nodeKey(bob)).export({ format: "der", type: "spki" }).toString("hex", 12),
      );
      const shared = diffieHellman({ privateKey: nodeKey(alice), publicKey: createPublicKey(nodeKey(bob)) });
      assert.equal(toHex(dh.dh(alice, bobPublic)), toHex(shared));
      assert.equal(toHex(dh.dh(bob, alicePublic)), toHex(shared));
    }
  });

  it("calls an all-zero result noise-all-zero-dh", () => {
    for (const point of [new Uint8Array(32), hex(`01${"00".repeat(31)}`)]) {
      assert.throws(() => dh.dh(bytesOf("private"), point), { name: "NoiseError", code: "noise-all-zero-dh" });
    }
  });

  it("does not call a key of a wrong length that", () => {
    for (const run of [
      () => dh.dh(bytesOf("private"), new Uint8Array(31)),
      () => dh.dh(new Uint8Array(31), bytesOf("public")),
      () => dh.publicKey(new Uint8Array(33)),
    ]) {
      assert.throws(run, (error: Error) => error.name !== "NoiseError");
    }
  });
});
