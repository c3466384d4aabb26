// HandshakeState's options (Noise §5.3 Initialize, §9): psks that come at once or later, and what the constructor
// demands of its caller: a TypeError or RangeError that names the argument.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat } from "../../../src/core/bytes.ts";
import type { Role } from "../../../src/core/noise/index.ts";
import {
  assertDead,
  bytesOf,
  type Change,
  createSide,
  EMPTY,
  keyPairOf,
  ROLES,
  sideOptions,
  TwoSides,
} from "./two-sides.ts";

const notAsked = (): Uint8Array => assert.fail("random is not asked");

const withPsks = (pattern: string, psks: Uint8Array[]) => () => createSide(pattern, "initiator", { psks });

describe("HandshakeState's psks (Noise §9)", () => {
  it("may come later, before the first psk token", () => {
    const early = new TwoSides("XXpsk2");
    const late = new TwoSides("XXpsk2", { initiator: { psks: undefined }, responder: { psks: undefined } });
    const first = late.walk(1);
    for (const role of ROLES) late[role].providePsks([bytesOf("psk 0")]);
    assert.deepEqual([...first, ...late.walk(3, [], 1)], early.walk());
    assert.deepEqual(late.split().initiator.handshakeHash, early.split().initiator.handshakeHash);
  });

  it("are those given last", () => {
    const sides = new TwoSides("XXpsk2", { responder: { psks: [bytesOf("another")] } });
    sides.responder.providePsks([bytesOf("psk 0")]);
    sides.walk();
    sides.split();
  });

  it("end the handshake when their token comes first", () => {
    for (const [pattern, index] of [
      ["XXpsk0", 0],
      ["XXpsk2", 1],
    ] as const) {
      const sides = new TwoSides(pattern, { initiator: { psks: undefined }, responder: { psks: undefined } });
      sides.walk(index);
      const writer = index === 0 ? sides.initiator : sides.responder;
      assert.throws(() => writer.writeMessage(EMPTY), { name: "TypeError", message: /psk/ });
      assertDead(writer);
    }
  });

  it("must be as many as the pattern has, 32 bytes each", () => {
    const psk = bytesOf("psk 0");
    assert.throws(withPsks("XX", [psk]), { name: "TypeError", message: /XX takes 0 psks/ });
    assert.throws(withPsks("XXpsk2", []), { name: "TypeError", message: /XXpsk2 takes 1 psk/ });
    assert.throws(withPsks("XXpsk2", [psk, psk]), { name: "TypeError", message: /psks/ });
    assert.throws(withPsks("NNpsk0+psk2", [psk]), { name: "TypeError", message: /psks/ });
    for (const length of [0, 31, 33]) {
      assert.throws(withPsks("XXpsk2", [new Uint8Array(length)]), { name: "RangeError", message: /psk/ });
      assert.throws(withPsks("NNpsk0+psk2", [psk, new Uint8Array(length)]), { name: "RangeError", message: /psk/ });
    }
  });
});

function refused(pattern: string, role: Role, change: Change, expected: { name: string; message: RegExp }): void {
  assert.throws(() => createSide(pattern, role, change), expected, `${pattern} as ${role}`);
}

describe("HandshakeState's constructor", () => {
  it("demands staticKey where it is sent or known in advance, and names it", () => {
    for (const [pattern, role] of [
      ["XX", "initiator"],
      ["XX", "responder"],
      ["KK", "initiator"],
      ["NK", "responder"],
      ["X", "initiator"],
    ] as const) {
      const message = new RegExp(`${pattern} needs staticKey as ${role}`);
      refused(pattern, role, { staticKey: undefined }, { name: "TypeError", message });
    }
  });

  it("needs none where the pattern has none, and does not mind one", () => {
    for (const staticKey of [undefined, sideOptions("XX", "initiator").staticKey]) {
      assert.equal(createSide("NN", "initiator", { staticKey }).turn, "write");
      assert.equal(createSide("NK", "initiator", { staticKey }).turn, "write");
      assert.equal(createSide("N", "initiator", { staticKey }).turn, "write");
    }
  });

  it("demands remoteStaticKey exactly where it is known in advance, and names it", () => {
    const expected = { name: "TypeError", message: /remoteStaticKey/ };
    refused("KK", "initiator", { remoteStaticKey: undefined }, expected);
    refused("KK", "responder", { remoteStaticKey: undefined }, expected);
    refused("NK", "initiator", { remoteStaticKey: undefined }, expected);
    refused("K", "responder", { remoteStaticKey: undefined }, expected);
    for (const role of ROLES) refused("XX", role, { remoteStaticKey: bytesOf("key") }, expected);
  });

  it("demands keys of 32 bytes", () => {
    const [short, privateKey] = [new Uint8Array(31), bytesOf("initiator static")];
    const expected = { name: "RangeError", message: /key/ };
    refused("KK", "initiator", { staticKey: { privateKey, publicKey: short } }, expected);
    refused("KK", "initiator", { staticKey: { privateKey: short, publicKey: privateKey } }, expected);
    refused("KK", "initiator", { remoteStaticKey: short }, expected);
  });

  it("takes an ephemeral key that its caller has drawn, uses it once, and overwrites it", () => {
    const ephemeralKey = keyPairOf("initiator ephemeral");
    const sides = new TwoSides("XXpsk2", { initiator: { ephemeralKey, random: notAsked } });
    assert.deepEqual(sides.walk(), new TwoSides("XXpsk2").walk());
    sides.split();
    assert.deepEqual(ephemeralKey.privateKey, new Uint8Array(32));
    const unused = keyPairOf("initiator ephemeral");
    createSide("XX", "initiator", { ephemeralKey: unused }).destroy();
    assert.deepEqual(unused.privateKey, new Uint8Array(32));
    for (const part of ["publicKey", "privateKey"] as const) {
      const ephemeralKey = { ...keyPairOf("initiator ephemeral"), [part]: new Uint8Array(31) };
      refused("XX", "initiator", { ephemeralKey }, { name: "RangeError", message: /key/ });
    }
  });

  it("refuses a pattern that there is not", () => {
    assert.throws(() => createSide("XX", "initiator", { pattern: "XXfallback" }), { code: "noise-unknown-protocol" });
  });

  it("keeps its own remoteStaticKey: the caller may overwrite the one it gave", () => {
    for (const asCaller of [(bytes: Uint8Array) => concat(bytes), (bytes: Uint8Array) => Buffer.from(bytes)]) {
      const remoteStaticKey = asCaller(sideOptions("KK", "initiator").remoteStaticKey!);
      const sides = new TwoSides("KK", { initiator: { remoteStaticKey } });
      remoteStaticKey.fill(0);
      sides.walk();
      sides.split();
    }
  });
});
