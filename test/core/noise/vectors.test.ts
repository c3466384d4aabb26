// Every published Noise vector, by both suites, in both roles at once: each side must write exactly the vector's messages and read the
// other's. The schema is described in ../shared/vectors/README.md; our own vectors (test/vectors) follow it too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fromHex, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import {
  type CipherSuite,
  HandshakeState,
  type KeyPair,
  nobleSuite,
  parseProtocolName,
  suiteName,
  type Transport,
} from "../../../src/core/noise/index.ts";
import { opensslSuite } from "../../../src/node/openssl-suite/suite.ts";
import { sharedVectors } from "../../shared.ts";
import { effort } from "../../effort.ts";

interface NoiseVector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly resp_prologue: string;
  readonly init_psks?: readonly string[];
  readonly resp_psks?: readonly string[];
  readonly init_static?: string;
  readonly resp_static?: string;
  readonly init_ephemeral?: string;
  readonly resp_ephemeral?: string;
  readonly init_remote_static?: string;
  readonly resp_remote_static?: string;
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  assert.ok(bytes, "the vector holds hex");
  return bytes;
};

type SuiteNamed = (name: string) => CipherSuite;
const PROVIDERS: readonly (readonly [string, SuiteNamed])[] = [
  ["noble", nobleSuite],
  ["openssl", opensslSuite],
];

function side(vector: NoiseVector, role: "initiator" | "responder", suiteNamed: SuiteNamed): HandshakeState {
  const { pattern, suite } = parseProtocolName(vector.protocol_name, suiteNamed);
  const prefix = role === "initiator" ? "init" : "resp";
  const privateKey = vector[`${prefix}_static`];
  const ephemeral = vector[`${prefix}_ephemeral`];
  const remoteStatic = vector[`${prefix}_remote_static`];
  const staticKey: KeyPair | undefined =
    privateKey === undefined
      ? undefined
      : { privateKey: hex(privateKey), publicKey: suite.dh.publicKey(hex(privateKey)) };
  return new HandshakeState({
    pattern: pattern.name,
    suite,
    role,
    random: () => hex(ephemeral ?? assert.fail("this side has no ephemeral in the vector")),
    prologue: hex(vector[`${prefix}_prologue`]),
    psks: (vector[`${prefix}_psks`] ?? []).map(hex),
    ...(staticKey === undefined ? {} : { staticKey }),
    ...(remoteStatic === undefined ? {} : { remoteStaticKey: hex(remoteStatic) }),
  });
}

function run(vector: NoiseVector, suiteNamed: SuiteNamed): void {
  const { pattern } = parseProtocolName(vector.protocol_name);
  const initiator = side(vector, "initiator", suiteNamed);
  const responder = side(vector, "responder", suiteNamed);
  const empty = new Uint8Array(0);
  const ends: { initiator?: Transport; responder?: Transport } = {};

  vector.messages.forEach(({ payload, ciphertext }, index) => {
    const fromInitiator = pattern.isOneWay || index % 2 === 0;
    if (index < pattern.messages.length) {
      const [writer, reader] = fromInitiator ? [initiator, responder] : [responder, initiator];
      assert.equal(toHex(writer.writeMessage(hex(payload))), ciphertext, `message ${index} as written`);
      assert.equal(toHex(reader.readMessage(hex(ciphertext))), payload, `message ${index} as read`);
      return;
    }
    ends.initiator ??= initiator.split();
    ends.responder ??= responder.split();
    const [writer, reader] = fromInitiator ? [ends.initiator, ends.responder] : [ends.responder, ends.initiator];
    assert.equal(toHex(writer.send.encryptWithAd(empty, hex(payload))), ciphertext, `transport ${index} as sealed`);
    assert.equal(toHex(reader.receive.decryptWithAd(empty, hex(ciphertext))), payload, `transport ${index} as opened`);
  });

  ends.initiator ??= initiator.split();
  ends.responder ??= responder.split();
  assert.deepEqual(ends.initiator.handshakeHash, ends.responder.handshakeHash);
  assert.deepEqual(ends.initiator.exporterSecret, ends.responder.exporterSecret);
  if (vector.handshake_hash !== undefined) {
    assert.equal(toHex(ends.initiator.handshakeHash), vector.handshake_hash);
  }
}

function runAll(title: string, vectors: readonly NoiseVector[], expectedCount: number): void {
  for (const [provider, suiteNamed] of PROVIDERS) {
    // Of many vectors `npm test` takes a part, of the slow noble a smaller one.
    const step = vectors.length > 100 ? effort(provider === "noble" ? 60 : 8, 1) : 1;
    const tried = vectors.filter((_, index) => index % step === 0);
    it(`${title}: ${provider} passes ${tried.length} of ${vectors.length} vectors in both roles`, () => {
      assert.ok(vectors.length >= expectedCount, `only ${vectors.length} vectors were found`);
      for (const vector of tried) {
        try {
          run(vector, suiteNamed);
        } catch (cause) {
          throw new Error(`${vector.protocol_name} failed`, { cause });
        }
      }
    });
  }
}

describe("the Noise Protocol Framework against published vectors", () => {
  for (const [file, count] of [
    ["flynn.json", 344],
    ["cacophony.json", 472],
  ] as const) {
    const found = sharedVectors(file) as { vectors: NoiseVector[] } | undefined;
    if (found !== undefined) runAll(file, found.vectors, count);
  }
});

describe("the Noise Protocol Framework against vectors of our own", () => {
  // Made by another implementation: test/vectors/generate.go. Never skipped.
  const file = new URL("../../vectors/noise.json", import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: NoiseVector[] };
  runAll("test/vectors/noise.json", vectors, 27);

  it("test/vectors/noise.json: holds every suite, several psks, all lengths and both transport directions", () => {
    const protocols = new Set(vectors.map((vector) => vector.protocol_name));
    for (const pattern of ["XXpsk2", "KKpsk2"]) {
      for (const cipher of ["AESGCM", "ChaChaPoly"]) {
        for (const hash of ["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"]) {
          assert.ok(protocols.has(`Noise_${pattern}_25519_${cipher}_${hash}`), `${pattern} with ${cipher} and ${hash}`);
        }
      }
    }
    for (const vector of vectors) {
      const { pattern, suite } = parseProtocolName(vector.protocol_name);
      assert.equal(new Set(vector.init_psks).size, pattern.pskCount, "every psk is another");
      assert.ok(vector.messages.length - pattern.messages.length >= 6);
      assert.equal(vector.handshake_hash?.length, 2 * suite.hash.length);
      const lengths = new Set(vector.messages.map(({ payload }) => payload.length / 2));
      for (const length of [0, 1, 32, 255, 1000]) assert.ok(lengths.has(length), `a payload of ${length} bytes`);
    }
    assert.ok(vectors.some((vector) => vector.init_prologue === toHex(toUtf8("lair/1"))));
    assert.ok(vectors.some((vector) => (vector.init_psks?.length ?? 0) >= 3));
  });
});

interface WycheproofGroup<T> {
  readonly testGroups: readonly { readonly tests: readonly T[]; readonly ivSize?: number; readonly tagSize?: number }[];
}

for (const [provider, suiteNamed] of PROVIDERS)
  describe(`the ${provider} suite against Wycheproof`, () => {
    const suite = suiteNamed("25519_AESGCM_SHA256");
    assert.equal(suiteName(suite), "25519_AESGCM_SHA256");

    interface X25519Test {
      readonly tcId: number;
      readonly public: string;
      readonly private: string;
      readonly shared: string;
      readonly result: string;
    }
    const x25519 = sharedVectors("wycheproof/x25519_test.json") as WycheproofGroup<X25519Test> | undefined;
    if (x25519 !== undefined) {
      it("computes every X25519 result and refuses exactly the all-zero ones", () => {
        const tests = x25519.testGroups.flatMap((group) => group.tests);
        assert.equal(tests.length, 518);
        let refused = 0;
        // noble is slow: `npm test` takes a part, beside those that are to be refused.
        const step = provider === "noble" ? effort(20, 1) : 1;
        for (const [index, test] of tests.entries()) {
          if (index % step !== 0 && !/^0*$/.test(test.shared)) continue;
          const compute = (): string => toHex(suite.dh.dh(hex(test.private), hex(test.public)));
          if (/^0*$/.test(test.shared)) {
            assert.throws(compute, { code: "noise-all-zero-dh" }, `test ${test.tcId}`);
            refused++;
          } else {
            assert.equal(compute(), test.shared, `test ${test.tcId}`);
          }
        }
        assert.equal(refused, 31);
      });
    }

    interface GcmTest {
      readonly tcId: number;
      readonly key: string;
      readonly iv: string;
      readonly aad: string;
      readonly msg: string;
      readonly ct: string;
      readonly tag: string;
      readonly result: "valid" | "invalid";
    }
    const gcm = sharedVectors("wycheproof/aes_gcm_256_test.json") as WycheproofGroup<GcmTest> | undefined;
    if (gcm !== undefined) {
      it("seals and opens every AES-256-GCM vector with the 96-bit nonce that Noise uses", () => {
        const groups = gcm.testGroups.filter((group) => group.ivSize === 96 && group.tagSize === 128);
        const tests = groups.flatMap((group) => group.tests);
        assert.equal(tests.length, 66);
        for (const test of tests) checkGcm(test);
      });
    }

    function checkGcm(test: GcmTest): void {
      const sealed = test.ct + test.tag;
      const open = (): string => toHex(suite.cipher.decrypt(hex(test.key), hex(test.iv), hex(test.aad), hex(sealed)));
      if (test.result === "invalid") {
        assert.throws(open, { code: "noise-authentication" }, `test ${test.tcId}`);
        return;
      }
      assert.equal(open(), test.msg, `test ${test.tcId}`);
      assert.equal(toHex(suite.cipher.encrypt(hex(test.key), hex(test.iv), hex(test.aad), hex(test.msg))), sealed);
    }
  });
