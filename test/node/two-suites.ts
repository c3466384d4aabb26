// Two suites of one name, given the same random inputs: whatever one returns or refuses, the other must too.

import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { type CipherSuite, NoiseError } from "../../src/core/noise/index.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
/** Mostly the right length, sometimes the shortest and longest that a caller could get wrong. */
const length = (right: number): number => (randomInt(8) === 0 ? [0, right - 1, right + 1][randomInt(3)]! : right);
const anyLength = (): number => [0, 1, 15, 16, 17, 63, 64, 65, randomInt(300), randomInt(4_096)][randomInt(10)]!;

type Result = { readonly bytes: string } | { readonly refused: string };

function resultOf(compute: () => Uint8Array): Result {
  try {
    return { bytes: Buffer.from(compute()).toString("hex") };
  } catch (error) {
    // A programmer's mistake, such as a wrong length, has no code: that both refuse it is what counts.
    return { refused: error instanceof NoiseError ? error.code : "another error" };
  }
}

/** Fails with the inputs at the first difference. Runs each function `rounds` times. */
export function compareSuites(one: CipherSuite, other: CipherSuite, rounds: number): void {
  const same = (what: string, inputs: readonly Uint8Array[], compute: (suite: CipherSuite) => Uint8Array): void => {
    const [a, b] = [resultOf(() => compute(one)), resultOf(() => compute(other))];
    assert.deepEqual(
      a,
      b,
      `${what} of ${inputs.map((input) => Buffer.from(input).toString("hex") || "nothing").join(", ")}`,
    );
  };
  for (let round = 0; round < rounds; round++) {
    const [privateKey, publicKey] = [random(length(32)), random(length(32))];
    // One in some rounds is a point of low order.
    if (publicKey.length === 32 && randomInt(8) === 0) publicKey.fill(0).set([randomInt(2)]);
    same("publicKey", [privateKey], ({ dh }) => dh.publicKey(privateKey));
    same("dh", [privateKey, publicKey], ({ dh }) => dh.dh(privateKey, publicKey));
    compareCiphers(same, other);
    // Noble takes some 10 ms for these.
    if (round % 10 === 0) compareSignatures(same, other);
    const [key, data, info] = [random(anyLength()), random(anyLength()), random(randomInt(40))];
    same("hash", [data], ({ hash }) => hash.hash(data));
    same("hmac", [key, data], ({ hash }) => hash.hmac(key, data));
    const outputs = randomInt(1, 200);
    same("hkdf", [key, data, info], ({ hash }) => hash.hkdf(key, data, info, outputs));
    // Costs that a test can pay, and some that none may.
    const cost = { N: 2 ** randomInt(6), r: randomInt(4), p: randomInt(4) };
    same(`scrypt at ${JSON.stringify(cost)}`, [key, data], ({ kdf }) => kdf.scrypt(key, data, cost, outputs));
  }
}

/** With one bit changed. */
function flipped(bytes: Uint8Array): Uint8Array {
  const at = randomInt(bytes.length);
  return bytes.map((byte, index) => (index === at ? byte ^ (1 << randomInt(8)) : byte));
}

function compareSignatures(
  same: (what: string, inputs: readonly Uint8Array[], compute: (suite: CipherSuite) => Uint8Array) => void,
  signer: CipherSuite,
): void {
  const [seed, message] = [random(length(32)), random(anyLength())];
  same("signature.publicKey", [seed], ({ signature }) => signature.publicKey(seed));
  same("sign", [seed, message], ({ signature }) => signature.sign(seed, message));
  if (seed.length !== 32) return;
  const [key, signature] = [signer.signature.publicKey(seed), signer.signature.sign(seed, message)];
  const cases = [
    [key, message, signature],
    [flipped(key), message, signature],
    [key, message, flipped(signature)],
    [key, random(anyLength()), signature],
    [random(length(32)), message, signature],
    [key, message, random(length(64))],
  ] as const;
  for (const one of cases) {
    same("verify", one, (suite) => Uint8Array.of(Number(suite.signature.verify(...one))));
  }
}

function compareCiphers(
  same: (what: string, inputs: readonly Uint8Array[], compute: (suite: CipherSuite) => Uint8Array) => void,
  sealer: CipherSuite,
): void {
  const [key, nonce, ad, text] = [random(length(32)), random(12), random(anyLength()), random(anyLength())];
  same("encrypt", [key, nonce, ad, text], ({ cipher }) => cipher.encrypt(key, nonce, ad, text));
  if (key.length !== 32) return;
  const sealed = sealer.cipher.encrypt(key, nonce, ad, text);
  const at = randomInt(sealed.length);
  const cases = [
    sealed,
    sealed.map((byte, index) => (index === at ? byte ^ (1 << randomInt(8)) : byte)),
    sealed.slice(0, at),
  ];
  for (const bytes of cases) {
    same("decrypt", [key, nonce, ad, bytes], ({ cipher }) => cipher.decrypt(key, nonce, ad, bytes));
  }
}
