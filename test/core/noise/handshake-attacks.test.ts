// HandshakeState against hostile messages: every flipped bit, every truncation, wrong secrets. Each must be
// a typed error, and nothing may be left that could go on. Points of low order: handshake-low-order.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { handshakePattern, type HandshakeState, NoiseError, type Role } from "../../../src/core/noise/index.ts";
import { bytesOf, type Change, type Changes, EMPTY, otherRole, QUICK, ROLES, TwoSides } from "./two-sides.ts";
import { effort } from "../../effort.ts";

/** Runs what must fail on `state`: a NoiseError with one of `codes`, and afterwards the state is dead. */
function assertFatal(state: HandshakeState, action: () => unknown, what: string, codes: readonly string[]): void {
  assert.throws(action, (error) => error instanceof NoiseError && codes.includes(error.code), what);
  assert.equal(state.turn, "dead", what);
  assert.throws(() => state.split(), { code: "noise-dead" }, what);
  assert.throws(() => state.readMessage(EMPTY), { code: "noise-dead" }, what);
  assert.throws(() => state.writeMessage(EMPTY), { code: "noise-dead" }, what);
}

const PROLOGUE = bytesOf("prologue").slice(0, 6);
const BOUND: Changes = { initiator: { prologue: PROLOGUE }, responder: { prologue: PROLOGUE } };
// Message 1 carries a proof of 32 bytes in Lair. An empty payload has its tag, too.
const PAYLOADS = [[], [bytesOf("proof"), bytesOf("two").slice(0, 3), bytesOf("three").slice(0, 3)]];

type Check = (message: Uint8Array, reader: () => HandshakeState, recorded: readonly Uint8Array[]) => void;

/** Calls `check` for each message of a recorded handshake; `reader()` is a new state that waits for exactly this one. */
function eachMessage(pattern: string, check: Check): void {
  for (const payloads of PAYLOADS) {
    const recorded = new TwoSides(pattern, BOUND).walk(Number.POSITIVE_INFINITY, payloads);
    recorded.forEach((message, index) => {
      const reader = (): HandshakeState => {
        const sides = new TwoSides(pattern, BOUND);
        sides.walk(index, payloads);
        return sides[otherRole(handshakePattern(pattern).messages[index]!.sender)];
      };
      check(message, reader, recorded);
    });
  }
}

/** Two sides of which the initiator differs in `change` fail to authenticate. */
function assertDisagreement(pattern: string, change: Change, what: string): void {
  const initiator = { ...BOUND.initiator, ...change };
  const sides = new TwoSides(pattern, { initiator, responder: BOUND.responder! });
  assert.throws(() => sides.walk(), { code: "noise-authentication" }, what);
  assert.ok(sides.initiator.turn === "dead" || sides.responder.turn === "dead", what);
}

for (const pattern of ["XXpsk2", "KKpsk2"]) {
  describe(`${pattern}: a message that was changed`, () => {
    it("is read while nothing is changed", () => {
      eachMessage(pattern, (message, reader) => assert.ok(reader().readMessage(message)));
    });

    it("is refused for any bit, and ends the handshake", () => {
      let flips = 0;
      eachMessage(pattern, (message, reader) => {
        for (let bit = 0; bit < 8 * message.length; bit += effort(11, 1), flips++) {
          const changed = message.slice();
          changed[bit >> 3]! ^= 1 << (bit & 7);
          const state = reader();
          assertFatal(state, () => state.readMessage(changed), `bit ${bit}`, ["noise-authentication"]);
        }
      });
      assert.ok(flips > effort(130, 1_500), `${flips} flips`);
    });

    it("is refused at every length below its own, and ends the handshake", () => {
      eachMessage(pattern, (message, reader) => {
        for (let length = 0; length < message.length; length++) {
          const state = reader();
          const codes = ["noise-message-length", "noise-authentication"];
          assertFatal(state, () => state.readMessage(message.subarray(0, length)), `${length} bytes`, codes);
        }
      });
    });

    it("is refused with one byte more, before or after", () => {
      eachMessage(pattern, (message, reader) => {
        for (const at of [0, 1]) {
          const changed = new Uint8Array(message.length + 1);
          changed.set(message, at);
          const state = reader();
          assertFatal(state, () => state.readMessage(changed), "one byte more", ["noise-authentication"]);
        }
      });
    });

    it("is refused when it is another message of the same handshake, replayed or reflected", () => {
      eachMessage(pattern, (message, reader, recorded) => {
        for (const other of recorded) {
          if (other === message) continue;
          const state = reader();
          const codes = ["noise-message-length", "noise-authentication"];
          assertFatal(state, () => state.readMessage(other), "another message", codes);
        }
      });
    });
  });

  describe(`${pattern}: two sides that do not agree`, () => {
    it("fail over the psk: any bit of it", () => {
      for (let bit = 0; bit < 256; bit++) {
        const psk = bytesOf("psk 0");
        psk[bit >> 3]! ^= 1 << (bit & 7);
        assertDisagreement(pattern, { psks: [psk] }, `bit ${bit} of the psk`);
      }
    });

    it("fail over the prologue: another, longer, shorter, none", () => {
      for (const other of [
        bytesOf("another").slice(0, 6),
        Buffer.concat([PROLOGUE, Buffer.alloc(1)]),
        PROLOGUE.slice(1),
        EMPTY,
      ]) {
        assertDisagreement(pattern, { prologue: other }, "another prologue");
      }
    });

    it("fail over the pattern's name", () => {
      assertDisagreement(pattern, { pattern: pattern.replace("psk2", "psk1") }, "another pattern");
    });
  });
}

const stranger = (role: Role): Changes => {
  const privateKey = bytesOf("stranger");
  return { [role]: { staticKey: { privateKey, publicKey: QUICK.dh.publicKey(privateKey) } } };
};

describe("KKpsk2: a static key that is not the pinned one", () => {
  for (const role of ROLES) {
    it(`fails when the ${role} has another than the other side knows`, () => {
      assert.throws(() => new TwoSides("KKpsk2", stranger(role)).walk(), { code: "noise-authentication" });
    });

    it(`fails when the ${role} claims the other's public key without its private key`, () => {
      const claimed = { privateKey: bytesOf("stranger"), publicKey: QUICK.dh.publicKey(bytesOf(`${role} static`)) };
      assert.throws(() => new TwoSides("KKpsk2", { [role]: { staticKey: claimed } }).walk(), {
        code: "noise-authentication",
      });
      assert.throws(() => new TwoSides("XXpsk2", { [role]: { staticKey: claimed } }).walk(), {
        code: "noise-authentication",
      });
    });
  }

  it("completes in XXpsk2, where nobody knows it in advance: there a pin must be checked afterwards", () => {
    const sides = new TwoSides("XXpsk2", stranger("initiator"));
    sides.walk();
    assert.deepEqual(sides.responder.remoteStaticKey, QUICK.dh.publicKey(bytesOf("stranger")));
  });
});

describe("several psks in one handshake (Noise §9.4)", () => {
  const [first, second] = [bytesOf("psk 0"), bytesOf("psk 1")];

  for (const pattern of ["NNpsk0+psk2", "XXpsk0+psk3", "KKpsk1+psk2"]) {
    it(`${pattern}: each counts, at its place`, () => {
      new TwoSides(pattern, { initiator: { psks: [first, second] } }).walk();
      for (const psks of [
        [second, first],
        [first, first],
        [second, second],
        [first, bytesOf("wrong")],
        [bytesOf("wrong"), second],
      ]) {
        assert.throws(() => new TwoSides(pattern, { initiator: { psks } }).walk(), { code: "noise-authentication" });
      }
    });
  }
});
