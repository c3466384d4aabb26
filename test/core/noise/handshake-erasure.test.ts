// What HandshakeState leaves behind in memory: nothing. A suite that keeps hold of every array that passed through it
// looks at them afterwards. (Copies made inside noble or by the engine are out of anybody's reach.)

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { erase, isAllZero, toHex } from "../../../src/core/bytes.ts";
import { handshakePattern, type HandshakeState, NOBLE_SUITE, type Role } from "../../../src/core/noise/index.ts";
import { erasedDuring, type Passed, type SecretKind, spySuite } from "./spy-suite.ts";
import { bytesOf, EMPTY, otherRole, QUICK, ROLES, TwoSides } from "./two-sides.ts";

/** Two sides of which `role` is watched. */
function watched(pattern: string, role: Role): { sides: TwoSides; state: HandshakeState; passed: Passed[] } {
  const passed: Passed[] = [];
  const sides = new TwoSides(pattern, { [role]: { suite: spySuite(QUICK, passed) } });
  return { sides, state: sides[role], passed };
}

/** Everything secret that passed, but for what is not the handshake's: static keys, and public keys mixed in by §9.2. */
function secretsOf(passed: readonly Passed[]): Passed[] {
  const kept = new Set(
    ROLES.flatMap((role) => [
      toHex(bytesOf(`${role} static`)),
      toHex(QUICK.dh.publicKey(bytesOf(`${role} ephemeral`))),
      toHex(EMPTY),
    ]),
  );
  return passed.filter(({ before }) => !kept.has(toHex(before)));
}

function assertErased(passed: readonly Passed[], kinds: readonly SecretKind[], what: string): void {
  const secrets = secretsOf(passed);
  for (const kind of kinds)
    assert.ok(
      secrets.some((one) => one.kind === kind),
      `${what}: a ${kind} passed`,
    );
  for (const { kind, bytes, before } of secrets) {
    assert.ok(!isAllZero(before), `${what}: the ${kind} was something`);
    assert.ok(isAllZero(bytes), `${what}: the ${kind} is overwritten`);
  }
}

const ALL: readonly SecretKind[] = ["private key", "dh result", "hmac key", "hmac input", "hmac output", "cipher key"];

describe("HandshakeState's secrets", () => {
  for (const pattern of ["XXpsk2", "KKpsk2", "XXpsk0+psk1+psk3", "IKpsk1"]) {
    for (const role of ROLES) {
      it(`are overwritten after split: ${pattern}, ${role}`, () => {
        const { sides, state, passed } = watched(pattern, role);
        sides.walk();
        assert.ok(!secretsOf(passed).every(({ bytes }) => isAllZero(bytes)), "before the split some are needed");
        const { send, receive, exporterSecret } = state.split();
        // The last three outputs are the caller's from now on.
        for (const direction of [send, receive]) direction.destroy();
        erase(exporterSecret);
        assertErased(passed, ALL, pattern);
        const psks = secretsOf(passed).filter(({ before }) => toHex(before) === toHex(bytesOf("psk 0")));
        assert.equal(psks.length, 1, "the psk passed once");
      });

      it(`are overwritten after destroy, at every step: ${pattern}, ${role}`, () => {
        for (let done = 1; done <= handshakePattern(pattern).messages.length; done++) {
          const { sides, state, passed } = watched(pattern, role);
          sides.walk(done);
          state.destroy();
          assertErased(passed, ["hmac key", "hmac output"], `${pattern} after ${done}`);
        }
      });

      it(`are overwritten after a message that does not authenticate: ${pattern}, ${role}`, () => {
        const { messages } = handshakePattern(pattern);
        messages.forEach(({ sender }, index) => {
          if (sender === role) return;
          const { sides, state, passed } = watched(pattern, role);
          sides.walk(index);
          const message = sides[otherRole(role)].writeMessage(EMPTY);
          message[message.length - 1]! ^= 1;
          assert.throws(() => state.readMessage(message), { code: "noise-authentication" });
          assertErased(passed, ["hmac key", "cipher key"], `${pattern}, message ${index}`);
        });
      });

      it(`are overwritten after a call out of turn: ${pattern}, ${role}`, () => {
        const { sides, state, passed } = watched(pattern, role);
        sides.walk(1);
        assert.throws(() => state.split(), { code: "noise-out-of-turn" });
        assertErased(passed, ["hmac key"], pattern);
      });
    }
  }

  it("are overwritten after an all-zero Diffie-Hellman result", () => {
    const passed: Passed[] = [];
    // noble itself: the quick suite of the others has been asked for this product by nobody.
    const sides = new TwoSides("NNpsk0", { responder: { suite: spySuite(NOBLE_SUITE, passed) } });
    const evil = new TwoSides("NNpsk0", {
      initiator: { suite: { ...QUICK, dh: { ...QUICK.dh, publicKey: () => new Uint8Array(32) } } },
    });
    sides.responder.readMessage(evil.initiator.writeMessage(EMPTY));
    assert.throws(() => sides.responder.writeMessage(EMPTY), { code: "noise-all-zero-dh" });
    const secrets = secretsOf(passed).filter(({ before }) => !isAllZero(before));
    assertErased(secrets, ["private key", "hmac key", "cipher key"], "NNpsk0");
  });
});

describe("HandshakeState's copies of the psks", () => {
  it("are overwritten when they were never used", () => {
    const { initiator } = new TwoSides("XXpsk0+psk2");
    const erased = erasedDuring(() => initiator.destroy());
    for (const psk of ["psk 0", "psk 1"]) assert.ok(erased.has(toHex(bytesOf(psk))), psk);
  });

  it("are overwritten when others are provided in their place", () => {
    const { initiator } = new TwoSides("XXpsk2");
    const erased = erasedDuring(() => initiator.providePsks([bytesOf("another")]));
    assert.ok(erased.has(toHex(bytesOf("psk 0"))));
  });

  it("are not taken by a handshake that has ended, where nothing would overwrite them", () => {
    const { initiator } = new TwoSides("XXpsk2");
    initiator.destroy();
    assert.throws(() => initiator.providePsks([bytesOf("psk 0")]), { code: "noise-dead" });
  });
});
