// HandshakeState with itself (Noise §5.3): every pattern completes, calls out of turn end it, and the length
// limit holds. Beside it: handshake-options, handshake-attacks, handshake-low-order, handshake-erasure.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { concat, toHex } from "../../../src/core/bytes.ts";
import {
  type HandshakeOptions,
  handshakePattern,
  type HandshakeState,
  NOBLE_SUITE,
  type Role,
} from "../../../src/core/noise/index.ts";
import { hkdf, seal } from "./reference.ts";
import { bufferSuite, type Passed, spySuite } from "./spy-suite.ts";
import {
  assertDead,
  bytesOf,
  EMPTY,
  everyPatternName,
  otherRole,
  QUICK,
  ROLES,
  sideOptions,
  TwoSides,
} from "./two-sides.ts";
import { effort } from "../../effort.ts";

/** Walks `name` to its end and sends a text each way. */
function completes(name: string, payloads: readonly Uint8Array[], prologue: Uint8Array, text: Uint8Array): void {
  const { messages, isOneWay } = handshakePattern(name);
  const sides = new TwoSides(name, { initiator: { prologue }, responder: { prologue } });
  messages.forEach(({ sender }, index) => {
    assert.equal(sides[sender].turn, "write", name);
    assert.equal(sides[otherRole(sender)].turn, "read", name);
    const message = sides[sender].writeMessage(payloads[index]!);
    assert.deepEqual(sides[otherRole(sender)].readMessage(message), payloads[index], name);
  });
  for (const role of ROLES) assert.equal(sides[role].turn, "split", name);
  const { initiator, responder } = sides.split();
  for (const role of ROLES) assertDead(sides[role]);
  assert.deepEqual(initiator.handshakeHash, responder.handshakeHash, name);
  assert.deepEqual(initiator.exporterSecret, responder.exporterSecret, name);
  assert.equal(initiator.exporterSecret.length, 32);
  for (const role of ROLES) {
    const expected = role === "initiator" || !isOneWay;
    const [send, receive] =
      role === "initiator" ? [initiator.send, responder.receive] : [responder.send, initiator.receive];
    assert.deepEqual([send.hasKey, receive.hasKey], [expected, expected], name);
    if (expected) assert.deepEqual(receive.decryptWithAd(EMPTY, send.encryptWithAd(EMPTY, text)), text, name);
    else assert.throws(() => send.encryptWithAd(EMPTY, text), { code: "noise-dead" }, name);
  }
}

describe("HandshakeState with itself (Noise §5.3)", () => {
  it("completes every pattern with every set of psk modifiers, and both sides hold the same", () => {
    const payload = fc.uint8Array({ maxLength: 100 });
    // A failure prints fast-check's seed.
    fc.assert(
      fc.property(fc.array(payload, { minLength: 4, maxLength: 4 }), payload, payload, (payloads, prologue, text) => {
        for (const name of everyPatternName()) completes(name, payloads, prologue, text);
      }),
      { numRuns: effort(1, 5) },
    );
  });

  it("gives each side the other's keys, as copies", () => {
    const sides = new TwoSides("XXpsk2");
    assert.equal(sides.responder.remoteEphemeralKey, undefined);
    assert.equal(sides.responder.remoteStaticKey, undefined);
    sides.walk();
    for (const role of ROLES) {
      const state = sides[role];
      const theirs = (kind: string): string => toHex(QUICK.dh.publicKey(bytesOf(`${otherRole(role)} ${kind}`)));
      state.remoteStaticKey!.fill(0);
      state.remoteEphemeralKey!.fill(0);
      assert.equal(toHex(state.remoteStaticKey!), theirs("static"));
      assert.equal(toHex(state.remoteEphemeralKey!), theirs("ephemeral"));
    }
  });

  it("takes Buffers, and works with a suite that answers in them, as with plain arrays", () => {
    const prologue = Buffer.from("prologue");
    const buffers = (role: Role): HandshakeOptions => {
      const { psks, ...options } = sideOptions("XXpsk0+psk2", role, bufferSuite(NOBLE_SUITE));
      return { ...options, prologue, psks: psks!.map((psk) => Buffer.from(psk)) };
    };
    const plain = { initiator: { prologue }, responder: { prologue } };
    const expected = new TwoSides("XXpsk0+psk2", plain);
    const sides = new TwoSides("XXpsk0+psk2", { initiator: buffers("initiator"), responder: buffers("responder") });
    assert.deepEqual(sides.walk().map(toHex), expected.walk().map(toHex));
    const [ends, expectedEnds] = [sides.split(), expected.split()];
    assert.equal(toHex(ends.initiator.exporterSecret), toHex(expectedEnds.initiator.exporterSecret));
    const text = bytesOf("text");
    assert.equal(
      toHex(ends.responder.send.encryptWithAd(EMPTY, text)),
      toHex(expectedEnds.responder.send.encryptWithAd(EMPTY, text)),
    );
  });

  it("owns what it has taken from a message: the caller may reuse the buffer", () => {
    for (const asCaller of [(bytes: Uint8Array) => concat(bytes), (bytes: Uint8Array) => Buffer.from(bytes)]) {
      const sides = new TwoSides("XX");
      const first = asCaller(sides.initiator.writeMessage(bytesOf("payload")));
      const payload = sides.responder.readMessage(first);
      first.fill(0);
      assert.deepEqual(payload, bytesOf("payload"));
      sides.walk(3, [], 1);
      assert.deepEqual(sides.initiator.split().handshakeHash, sides.responder.split().handshakeHash);
    }
  });

  it("leaves the caller's keys and psks as they were", () => {
    for (const psk of [bytesOf("psk 0"), Buffer.from(bytesOf("psk 0"))]) {
      const staticKey = sideOptions("XXpsk2", "initiator").staticKey!;
      const sides = new TwoSides("XXpsk2", { initiator: { psks: [psk], staticKey } });
      sides.walk();
      sides.split();
      assert.equal(toHex(psk), toHex(bytesOf("psk 0")));
      assert.equal(toHex(staticKey.privateKey), toHex(bytesOf("initiator static")));
    }
  });
});

describe("the third output of Split (docs/PROTOCOL.md)", () => {
  for (const pattern of ["XXpsk2", "KKpsk2"]) {
    it(`is HKDF's third, beside Noise's own two, as node:crypto computes it: ${pattern}`, () => {
      const passed: Passed[] = [];
      const sides = new TwoSides(pattern, { initiator: { suite: spySuite(NOBLE_SUITE, passed) } });
      sides.walk();
      passed.length = 0;
      const { initiator, responder } = sides.split();
      const chainingKey = passed.find(({ kind }) => kind === "hmac key")!.before;
      assert.equal(passed.find(({ kind }) => kind === "hmac input")!.before.length, 0);
      const [first, second, third] = hkdf("SHA256", chainingKey, EMPTY);
      for (const { exporterSecret } of [initiator, responder]) assert.equal(toHex(exporterSecret), toHex(third));
      const text = bytesOf("text");
      assert.equal(toHex(initiator.send.encryptWithAd(EMPTY, text)), toHex(seal("AESGCM", first, 0n, EMPTY, text)));
      assert.equal(toHex(responder.send.encryptWithAd(EMPTY, text)), toHex(seal("AESGCM", second, 0n, EMPTY, text)));
    });
  }
});

describe("HandshakeState out of turn", () => {
  it("refuses every call but the one that is due, and is dead", () => {
    const calls: Record<string, (state: HandshakeState) => unknown> = {
      write: (state) => state.writeMessage(EMPTY),
      read: (state) => state.readMessage(new Uint8Array(200)),
      split: (state) => state.split(),
    };
    for (const pattern of ["XXpsk2", "KKpsk2", "N"]) {
      for (let done = 0; done <= handshakePattern(pattern).messages.length; done++) {
        for (const role of ROLES) {
          for (const [name, call] of Object.entries(calls)) {
            const sides = new TwoSides(pattern);
            sides.walk(done);
            const state = sides[role];
            if (state.turn === name) continue;
            assert.throws(
              () => call(state),
              { code: "noise-out-of-turn" },
              `${pattern}, ${role}, ${name} after ${done}`,
            );
            assertDead(state);
          }
        }
      }
    }
  });

  it("cannot be split twice, nor used after destroy", () => {
    const sides = new TwoSides("XXpsk2");
    sides.walk();
    sides.split();
    assertDead(sides.initiator);
    sides.responder.destroy();
    const destroyed = new TwoSides("XXpsk2").initiator;
    destroyed.destroy();
    destroyed.destroy();
    assertDead(destroyed);
  });
});

describe("HandshakeState and the length limit (Noise §3)", () => {
  const LIMIT = 65_535;

  it("writes and reads messages of 65,535 bytes", () => {
    for (const [pattern, overheads] of [
      ["XX", [32, 96, 64]],
      ["XXpsk2", [48, 96, 64]],
    ] as const) {
      const payloads = overheads.map((overhead) => new Uint8Array(LIMIT - overhead));
      const sides = new TwoSides(pattern);
      assert.deepEqual(
        sides.walk(3, payloads).map((message) => message.length),
        [LIMIT, LIMIT, LIMIT],
      );
      sides.split();
    }
  });

  it("refuses to write one byte more without harm: the handshake goes on, as if that had not been asked", () => {
    for (const [pattern, index, overhead] of [
      ["N", 0, 48],
      ["NN", 0, 32],
      ["NNpsk0", 0, 48],
      ["XK1", 2, 64],
      ["IX", 0, 64],
      ["XX", 0, 32],
      ["XXpsk2", 0, 48],
      ["XX", 1, 96],
      ["XXpsk2", 2, 64],
    ] as const) {
      const sides = new TwoSides(pattern);
      sides.walk(index);
      const writer = index === 1 ? sides.responder : sides.initiator;
      const { turn } = writer;
      assert.throws(() => writer.writeMessage(new Uint8Array(LIMIT - overhead + 1)), { code: "noise-message-length" });
      assert.equal(writer.turn, turn);
      const reader = writer === sides.initiator ? sides.responder : sides.initiator;
      const payload = new Uint8Array(LIMIT - overhead);
      const message = writer.writeMessage(payload);
      assert.equal(message.length, LIMIT);
      assert.deepEqual(reader.readMessage(message), payload);
    }
  });

  it("refuses to read one byte more, whatever is in it, and is dead", () => {
    const { responder } = new TwoSides("XX");
    assert.throws(() => responder.readMessage(new Uint8Array(LIMIT + 1)), { code: "noise-message-length" });
    assertDead(responder);
  });
});
