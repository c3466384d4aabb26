// SymmetricState against a second implementation by node:crypto (test/core/noise/reference.ts), in all eight suites.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { erase, isAllZero, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { NOBLE_SUITE, nobleSuite, SymmetricState } from "../../../src/core/noise/index.ts";
import { opensslSuite } from "../../../src/node/openssl-suite/suite.ts";
import { type CipherName, hash, type HashName, hkdf, ReferenceSymmetricState, seal } from "./reference.ts";
import { bufferSuite, erasedDuring, type Passed, spySuite } from "./spy-suite.ts";
import { bytesOf, EMPTY } from "./two-sides.ts";
import { effort } from "../../effort.ts";

const CIPHERS: readonly CipherName[] = ["AESGCM", "ChaChaPoly"];
const HASHES: readonly HashName[] = ["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"];
const SECRET = bytesOf("symmetric state");

const step = fc.record({
  name: fc.constantFrom("mixKey", "mixHash", "mixKeyAndHash", "encryptAndHash", "decryptAndHash"),
  data: fc.uint8Array({ maxLength: 150 }),
});

const startingHash = (name: string): string => toHex(new SymmetricState(NOBLE_SUITE, name).handshakeHash);

describe("SymmetricState (Noise §5.2)", () => {
  for (const cipher of CIPHERS) {
    for (const hashName of HASHES) {
      it(`does the same as node:crypto in any order of calls: ${cipher}, ${hashName}`, () => {
        fc.assert(
          fc.property(fc.string({ maxLength: 80 }), fc.array(step, { maxLength: 8 }), (protocolName, steps) => {
            const ours = new SymmetricState(nobleSuite(`25519_${cipher}_${hashName}`), protocolName);
            const peer = new SymmetricState(bufferSuite(nobleSuite(`25519_${cipher}_${hashName}`)), protocolName);
            const reference = new ReferenceSymmetricState(cipher, hashName, protocolName);
            for (const { name, data } of steps) {
              if (name === "encryptAndHash" || name === "decryptAndHash") {
                const ciphertext = reference.encryptAndHash(data);
                const [writer, reader] = name === "encryptAndHash" ? [ours, peer] : [peer, ours];
                assert.equal(toHex(writer.encryptAndHash(data)), toHex(ciphertext));
                assert.equal(toHex(reader.decryptAndHash(ciphertext)), toHex(data));
              } else {
                for (const state of [ours, peer, reference]) state[name](data);
              }
              assert.equal(toHex(ours.handshakeHash), toHex(reference.handshakeHash));
              assert.equal(toHex(peer.handshakeHash), toHex(reference.handshakeHash));
              assert.equal(ours.hasKey, reference.key !== undefined);
            }
            const [first, second, third] = reference.split();
            for (const state of [ours, peer]) {
              const keys = state.split();
              assert.equal(toHex(keys.exporterSecret), toHex(third));
              assert.equal(toHex(keys.first.encryptWithAd(SECRET, data)), toHex(seal(cipher, first, 0n, SECRET, data)));
              assert.equal(
                toHex(keys.second.encryptWithAd(SECRET, data)),
                toHex(seal(cipher, second, 0n, SECRET, data)),
              );
            }
          }),
          { numRuns: effort(15, 40) },
        );
      });
    }
  }

  const data = bytesOf("transport");

  it("starts from the name itself up to HASHLEN bytes, and from its hash beyond", () => {
    assert.equal(startingHash("a".repeat(31)), `${"61".repeat(31)}00`);
    assert.equal(startingHash("Noise_XXpsk2_25519_AESGCM_SHA256"), toHex(toUtf8("Noise_XXpsk2_25519_AESGCM_SHA256")));
    assert.equal(startingHash("a".repeat(33)), toHex(hash("SHA256", toUtf8("a".repeat(33)))));
  });

  it("gives its handshake hash away as a copy", () => {
    for (const suite of [NOBLE_SUITE, bufferSuite(NOBLE_SUITE)]) {
      const state = new SymmetricState(suite, "a name longer than the thirty-two bytes of a hash");
      const before = toHex(state.handshakeHash);
      state.handshakeHash.fill(0);
      assert.equal(toHex(state.handshakeHash), before);
    }
  });

  it("is dead after a ciphertext that does not authenticate", () => {
    const state = new SymmetricState(NOBLE_SUITE, "name");
    state.mixKey(SECRET);
    assert.throws(() => state.decryptAndHash(new Uint8Array(40)), { code: "noise-authentication" });
    assert.throws(() => state.encryptAndHash(EMPTY), { code: "noise-dead" });
  });

  it("is dead after split and after destroy: it makes no keys from an overwritten chaining key", () => {
    for (const end of ["split", "destroy"] as const) {
      const state = new SymmetricState(NOBLE_SUITE, "name");
      state.mixKey(SECRET);
      const handshakeHash = toHex(state.handshakeHash);
      state[end]();
      assert.throws(() => state.encryptAndHash(EMPTY), { code: "noise-dead" });
      assert.throws(() => state.decryptAndHash(EMPTY), { code: "noise-dead" });
      assert.throws(() => state.mixKey(SECRET), { code: "noise-dead" });
      assert.throws(() => state.mixKeyAndHash(SECRET), { code: "noise-dead" });
      assert.throws(() => state.split(), { code: "noise-dead" });
      assert.equal(state.hasKey, false);
      assert.equal(toHex(state.handshakeHash), handshakeHash, "the hash is public and stays");
    }
  });

  it("overwrites every chaining key, every key and what they were cut from", () => {
    for (const end of ["split", "destroy"] as const) {
      const passed: Passed[] = [];
      const state = new SymmetricState(spySuite(NOBLE_SUITE, passed), "name");
      state.mixKey(SECRET);
      state.encryptAndHash(SECRET);
      state.mixKeyAndHash(SECRET);
      state.encryptAndHash(SECRET);
      if (end === "destroy") state.destroy();
      else {
        const { first, second, exporterSecret } = state.split();
        // The last three outputs are the caller's from now on.
        for (const direction of [first, second]) direction.destroy();
        erase(exporterSecret);
      }
      const secrets = passed.filter(({ kind }) => kind !== "hmac input");
      assert.ok(secrets.length >= 6);
      for (const { kind, bytes, before } of secrets) {
        assert.ok(!isAllZero(before), `the ${kind} was something`);
        assert.ok(isAllZero(bytes), `the ${kind} is overwritten`);
      }
    }
  });

  it("overwrites what it has put together for the hash, when that is secret", () => {
    const hashed: Uint8Array[] = [];
    const spy = (data: Uint8Array): Uint8Array => {
      hashed.push(data);
      return NOBLE_SUITE.hash.hash(data);
    };
    const state = new SymmetricState({ ...NOBLE_SUITE, hash: { ...NOBLE_SUITE.hash, hash: spy } }, "name");
    state.mixKeyAndHash(SECRET);
    assert.equal(hashed.length, 1);
    assert.ok(isAllZero(hashed[0]!));
  });

  it("overwrites what HKDF gave beside the chaining key, all 64 bytes of it", () => {
    const start = hash("SHA512", toUtf8("a name that is longer than the sixty-four bytes of this larger hash"));
    const [, second, third] = hkdf("SHA512", start, SECRET);
    // Not noble's HMAC: it erases copies of its own, which would be taken for ours.
    const suite = opensslSuite("25519_AESGCM_SHA512");
    for (const [name, expected] of [
      ["mixKey", [second]],
      ["mixKeyAndHash", [second, third]],
    ] as const) {
      const state = new SymmetricState(suite, "a name that is longer than the sixty-four bytes of this larger hash");
      const erased = erasedDuring(() => {
        state[name](SECRET);
        // The last output is derived when it is needed.
        state.encryptAndHash(new Uint8Array(0));
      });
      assert.ok(erased.has(toHex(start)), `${name}: the old chaining key`);
      for (const output of expected) assert.ok(erased.has(toHex(output)), name);
    }
  });
});
