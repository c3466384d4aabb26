// HandshakeState against public keys of low order: every shared secret with one is zero, whoever has the other key, so
// that an attacker could choose the session's keys (Noise §12.1 leaves the check open; we require it).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex } from "../../../src/core/bytes.ts";
import {
  type CipherSuite,
  handshakePattern,
  NOBLE_SUITE,
  PATTERN_NAMES,
  type Role,
} from "../../../src/core/noise/index.ts";
import { quickSuite } from "./spy-suite.ts";
import { bytesOf, otherRole, QUICK, ROLES, TwoSides } from "./two-sides.ts";

/** RFC 7748's curve and its twist have these points of small order, as 255-bit strings that need not be reduced. */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].flatMap((text) => {
  const point = fromHex(text)!;
  // X25519 ignores the highest bit.
  return [point, point.map((byte, at) => (at === 31 ? byte | 0x80 : byte))];
});

/** An attacker's suite: its key `kind` is `point`, and it knows that all its products are zero. */
function attackerSuite(privateKey: Uint8Array, point: Uint8Array): CipherSuite {
  const isOurs = (key: Uint8Array): boolean => Buffer.compare(key, privateKey) === 0;
  const { provider, dh, cipher, hash, kdf, signature } = QUICK;
  return {
    provider,
    dh: {
      name: dh.name,
      publicKey: (key) => (isOurs(key) ? point.slice() : dh.publicKey(key)),
      dh: (key, remote) => (isOurs(key) ? new Uint8Array(32) : dh.dh(key, remote)),
    },
    cipher,
    hash,
    kdf,
    signature,
  };
}

/** The token at which an honest side first computes with the attacker's key `kind`, if the pattern has one. */
function firstToken(pattern: string, attacker: Role, kind: "e" | "s"): string | undefined {
  const at = attacker === "initiator" ? 0 : 1;
  return handshakePattern(pattern)
    .messages.flatMap(({ tokens }) => tokens)
    .find((token) => token.length === 2 && token[at] === kind);
}

/** `attacker` sends `point` as its key `kind`: the other side must end at it, and not before. */
function attack(pattern: string, attacker: Role, kind: "e" | "s", point: Uint8Array): void {
  const privateKey = bytesOf(`${attacker} ${kind === "e" ? "ephemeral" : "static"}`);
  const suite = attackerSuite(privateKey, point);
  const honest = otherRole(attacker);
  const isKnown = kind === "s" && handshakePattern(pattern).preMessages.includes(attacker);
  const sides = new TwoSides(pattern, {
    [attacker]: { suite, ...(kind === "s" ? { staticKey: { privateKey, publicKey: point } } : {}) },
    [honest]: { suite: quickSuite(NOBLE_SUITE), ...(isKnown ? { remoteStaticKey: point } : {}) },
  });
  const what = `${pattern}: the ${attacker}'s ${kind}`;
  assert.throws(() => sides.walk(), { name: "NoiseError", code: "noise-all-zero-dh" }, what);
  assert.equal(sides[honest].turn, "dead", what);
  assert.notEqual(sides[attacker].turn, "dead", what);
  assert.throws(() => sides[honest].split(), { code: "noise-dead" }, what);
}

describe("points of low order (Noise §12.1)", () => {
  it("end every pattern, as either side's ephemeral or static key, at each DH token that can meet one first", () => {
    const met = new Set<string>();
    for (const pattern of PATTERN_NAMES) {
      for (const attacker of ROLES) {
        for (const kind of ["e", "s"] as const) {
          const token = firstToken(pattern, attacker, kind);
          if (token === undefined) continue;
          attack(pattern, attacker, kind, LOW_ORDER[0]!);
          met.add(`${otherRole(attacker)} at ${token}`);
        }
      }
    }
    // An initiator meets a responder's ephemeral at ee before se, and its static key at es before ss, in every pattern.
    const expected = ["ee", "es", "se", "ss"].map((token) => `responder at ${token}`);
    assert.deepEqual(met, new Set(["initiator at ee", "initiator at es", ...expected]));
  });

  it("end XXpsk2 and KKpsk2, whichever point it is", () => {
    assert.equal(LOW_ORDER.length, 14);
    for (const pattern of ["XXpsk2", "KKpsk2"]) {
      for (const attacker of ROLES) {
        for (const point of LOW_ORDER) {
          attack(pattern, attacker, "e", point);
          attack(pattern, attacker, "s", point);
        }
      }
    }
  });
});
