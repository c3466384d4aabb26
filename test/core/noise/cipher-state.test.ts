// CipherState: nonces, the length limit, Rekey() and death (Noise §5.1, §11.3), against node:crypto.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { isAllZero, toHex } from "../../../src/core/bytes.ts";
import { type CipherFunctions, CipherState, MAX_MESSAGE_BYTES, nobleSuite } from "../../../src/core/noise/index.ts";
import { rekeyed, seal } from "./reference.ts";
import { bytesOf, EMPTY } from "./two-sides.ts";

const KEY = bytesOf("cipher state");
const LAST_NONCE = 2n ** 64n - 2n;
const CIPHERS: readonly CipherFunctions[] = ["AESGCM", "ChaChaPoly"].map(
  (name) => nobleSuite(`25519_${name}_SHA256`).cipher,
);
const gcm = CIPHERS[0]!;

function assertDead(state: CipherState): void {
  assert.equal(state.hasKey, false);
  assert.throws(() => state.encryptWithAd(EMPTY, EMPTY), { code: "noise-dead" });
  assert.throws(() => state.decryptWithAd(EMPTY, new Uint8Array(16)), { code: "noise-dead" });
  assert.throws(() => state.rekey(), { code: "noise-dead" });
}

const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

for (const cipher of CIPHERS) {
  describe(`CipherState with ${cipher.name} (Noise §5.1)`, () => {
    it("opens what it has sealed, and node:crypto seals the same under the same nonce", () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 300 }),
          fc.uint8Array({ maxLength: 40 }),
          fc.bigInt({ min: 0n, max: LAST_NONCE }),
          (plaintext, ad, nonce) => {
            const [sender, receiver] = [new CipherState(cipher, KEY.slice()), new CipherState(cipher, KEY.slice())];
            sender.setNonce(nonce);
            receiver.setNonce(nonce);
            const ciphertext = sender.encryptWithAd(ad, plaintext);
            assert.equal(toHex(ciphertext), toHex(seal(cipher.name, KEY, nonce, ad, plaintext)));
            assert.deepEqual(receiver.decryptWithAd(ad, ciphertext), plaintext);
            assert.equal(sender.nonce, nonce + 1n);
            assert.equal(receiver.nonce, nonce + 1n);
          },
        ),
      );
    });

    it("opens nothing in which one bit differs, in the ciphertext or in the associated data", () => {
      const [ad, plaintext] = [bytesOf("ad").slice(0, 5), bytesOf("plaintext").slice(0, 9)];
      const ciphertext = new CipherState(cipher, KEY.slice()).encryptWithAd(ad, plaintext);
      for (let bit = 0; bit < 8 * (ad.length + ciphertext.length); bit++) {
        const state = new CipherState(cipher, KEY.slice());
        const adBits = 8 * ad.length;
        assert.throws(
          () =>
            bit < adBits
              ? state.decryptWithAd(flipped(ad, bit), ciphertext)
              : state.decryptWithAd(ad, flipped(ciphertext, bit - adBits)),
          { code: "noise-authentication" },
        );
        assertDead(state);
      }
    });

    it("rekeys as §4.2 defines REKEY, and its nonce goes on", () => {
      const state = new CipherState(cipher, KEY.slice());
      let key: Uint8Array = KEY;
      for (let n = 0n; n < 5n; n++) {
        assert.equal(state.nonce, n);
        assert.equal(toHex(state.encryptWithAd(EMPTY, KEY)), toHex(seal(cipher.name, key, n, EMPTY, KEY)));
        state.rekey();
        key = rekeyed(cipher.name, key);
      }
    });
  });
}

describe("CipherState (Noise §5.1)", () => {
  it("counts each message, and only messages that were sealed or opened", () => {
    const [sender, receiver] = [new CipherState(gcm, KEY.slice()), new CipherState(gcm, KEY.slice())];
    for (let n = 0n; n < 20n; n++) {
      assert.deepEqual([sender.nonce, receiver.nonce], [n, n]);
      receiver.decryptWithAd(EMPTY, sender.encryptWithAd(EMPTY, EMPTY));
    }
    sender.encryptWithAd(EMPTY, EMPTY);
    const skipped = sender.encryptWithAd(EMPTY, EMPTY);
    assert.throws(() => receiver.decryptWithAd(EMPTY, skipped), { code: "noise-authentication" });
    assert.equal(receiver.nonce, 20n);
  });

  it("sends under 2^64-2 and never under 2^64-1, nor from the beginning again", () => {
    const [sender, receiver] = [new CipherState(gcm, KEY.slice()), new CipherState(gcm, KEY.slice())];
    sender.setNonce(LAST_NONCE);
    receiver.setNonce(LAST_NONCE);
    const last = sender.encryptWithAd(EMPTY, KEY);
    assert.deepEqual(receiver.decryptWithAd(EMPTY, last), KEY);
    assert.equal(sender.nonce, LAST_NONCE + 1n);
    assert.throws(() => sender.encryptWithAd(EMPTY, KEY), { code: "noise-nonce-exhausted" });
    assert.throws(() => receiver.decryptWithAd(EMPTY, last), { code: "noise-nonce-exhausted" });
    assertDead(sender);
    assertDead(receiver);
  });

  it("does not let setNonce wake a dead state", () => {
    const state = new CipherState(gcm, new Uint8Array(32).fill(7));
    state.destroy();
    assert.throws(() => state.setNonce(9n), { code: "noise-dead" });
  });

  it("does not let setNonce go back or past the reserved nonce, and survives the attempt", () => {
    const state = new CipherState(gcm, KEY.slice());
    state.setNonce(7n);
    state.setNonce(7n);
    for (const nonce of [6n, 0n, -1n, 2n ** 64n]) {
      assert.throws(() => state.setNonce(nonce), { name: "RangeError", message: /nonce/ });
    }
    assert.equal(state.nonce, 7n);
    assert.equal(toHex(state.encryptWithAd(EMPTY, KEY)), toHex(seal("AESGCM", KEY, 7n, EMPTY, KEY)));
    state.setNonce(2n ** 64n - 1n);
    assert.throws(() => state.encryptWithAd(EMPTY, KEY), { code: "noise-nonce-exhausted" });
  });

  it("seals up to 65,535 bytes in all, and opens no more", () => {
    const largest = new Uint8Array(MAX_MESSAGE_BYTES - 16);
    const [sender, receiver] = [new CipherState(gcm, KEY.slice()), new CipherState(gcm, KEY.slice())];
    const ciphertext = sender.encryptWithAd(EMPTY, largest);
    assert.equal(ciphertext.length, 65_535);
    assert.deepEqual(receiver.decryptWithAd(EMPTY, ciphertext), largest);
    assert.throws(() => receiver.decryptWithAd(EMPTY, new Uint8Array(65_536)), { code: "noise-message-length" });
    assertDead(receiver);
  });

  it("refuses a plaintext that is too long without harm: no nonce is used, and the key goes on", () => {
    const sender = new CipherState(gcm, KEY.slice());
    sender.encryptWithAd(EMPTY, KEY);
    for (const length of [65_520, 65_536, 1_000_000]) {
      assert.throws(() => sender.encryptWithAd(EMPTY, new Uint8Array(length)), {
        name: "NoiseError",
        code: "noise-message-length",
      });
    }
    assert.equal(sender.nonce, 1n);
    assert.equal(toHex(sender.encryptWithAd(EMPTY, KEY)), toHex(seal("AESGCM", KEY, 1n, EMPTY, KEY)));
    sender.destroy();
    assert.throws(() => sender.encryptWithAd(EMPTY, new Uint8Array(65_520)), { code: "noise-dead" });
  });

  it("refuses what is shorter than a tag, and dies of it", () => {
    for (let length = 0; length < 16; length++) {
      const state = new CipherState(gcm, KEY.slice());
      assert.throws(() => state.decryptWithAd(EMPTY, new Uint8Array(length)), { code: "noise-message-length" });
      assertDead(state);
    }
  });

  it("passes copies through while it has no key, and counts nothing", () => {
    const state = new CipherState(gcm);
    assert.equal(state.hasKey, false);
    // A Buffer too: its slice() would share memory with the caller.
    for (const bytes of [KEY.slice(), Buffer.from(KEY)]) {
      const passed = [state.encryptWithAd(EMPTY, bytes), state.decryptWithAd(EMPTY, bytes)];
      bytes.fill(0);
      assert.deepEqual(passed, [KEY, KEY]);
    }
    assert.equal(state.nonce, 0n);
  });

  it("takes a key of 32 bytes or none", () => {
    for (const length of [0, 16, 31, 33]) {
      assert.throws(() => new CipherState(gcm, new Uint8Array(length)), { name: "RangeError", message: /key/ });
    }
  });

  it("cannot rekey without a key", () => {
    assert.throws(() => new CipherState(gcm).rekey(), { name: "TypeError", message: /key/ });
  });
});

describe("CipherState and the bytes of its key", () => {
  it("overwrites the key when a tag fails, and is dead", () => {
    const key = KEY.slice();
    const state = new CipherState(gcm, key);
    assert.throws(() => state.decryptWithAd(EMPTY, new Uint8Array(16)), { code: "noise-authentication" });
    assert.ok(isAllZero(key));
    assertDead(state);
  });

  it("overwrites the key on destroy, as often as it is called, and is dead", () => {
    const key = KEY.slice();
    const state = new CipherState(gcm, key);
    state.destroy();
    state.destroy();
    assert.ok(isAllZero(key));
    assertDead(state);
    const keyless = new CipherState(gcm);
    keyless.destroy();
    assertDead(keyless);
  });

  it("overwrites the old key on rekey, and every array that held the new one once that is destroyed", () => {
    const seen: Uint8Array[] = [];
    const spy: CipherFunctions = {
      ...gcm,
      encrypt(key, nonce, ad, plaintext) {
        const ciphertext = gcm.encrypt(key, nonce, ad, plaintext);
        seen.push(key, ciphertext);
        return ciphertext;
      },
    };
    const state = new CipherState(spy, KEY.slice());
    state.rekey();
    state.rekey();
    state.destroy();
    assert.equal(seen.length, 4);
    // Of a ciphertext that became a key only the tag, which is no secret, may be left.
    for (const bytes of seen) assert.ok(isAllZero(bytes.subarray(0, 32)));
  });

  it("keeps its new key when the cipher answers in a Buffer", () => {
    const buffers: CipherFunctions = { ...gcm, encrypt: (...input) => Buffer.from(gcm.encrypt(...input)) };
    const state = new CipherState(buffers, KEY.slice());
    state.rekey();
    const expected = seal("AESGCM", rekeyed("AESGCM", KEY), 0n, EMPTY, KEY);
    assert.equal(toHex(state.encryptWithAd(EMPTY, KEY)), toHex(expected));
  });
});
