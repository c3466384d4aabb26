// What stands beside the message of an error whose words the core does not have.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detailsOf, hintOf } from "../../src/app/error-words.ts";
import { errorEvent } from "../../src/app/frontend.ts";
import { LairError } from "../../src/core/errors.ts";
import { keysOf } from "../core/identity/keys-of.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { parseInvite } from "../../src/core/identity/invite.ts";
import { pairedPeer } from "../../src/core/identity/peer.ts";
import { parsePsk } from "../../src/core/identity/psk.ts";
import { UntrustedKeyError } from "../../src/core/pairing/client-session.ts";
import { KeyChangedError } from "../../src/core/pairing/key-changed.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";

const KEYS = [keysOf(1), keysOf(2)] as const;

function hintAfter(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return errorEvent(error).hint;
  }
  return assert.fail("nothing was thrown");
}

describe("the words beside an error", () => {
  it("say what to do where the core does not", () => {
    const make = "Make one with: openssl rand -hex 32";
    assert.equal(
      hintAfter(() => parsePsk(OPENSSL_SUITE, "short")),
      make,
    );
    assert.equal(
      hintAfter(() => parsePsk(OPENSSL_SUITE, "0".repeat(64))),
      make,
    );
    const ask = "Ask the other side for one: lair-server shows it, and its command invite makes a new one.";
    for (const text of ["", "no invite"]) {
      assert.equal(
        hintAfter(() => parseInvite(text)),
        ask,
      );
    }
    assert.match(hintOf(new LairError("resume-jump", "x"))!, /use renumber there, at the prompt or as a command/);
    assert.match(hintOf(new UntrustedKeyError(KEYS[0], "anna"))!, /start once in a terminal, or with --trust-first/);
  });

  it("leave the error's own", () => {
    const error = new LairError("psk-malformed", "x", { hint: "Look again.", details: ["a"] });
    assert.deepEqual([hintOf(error), detailsOf(error)], ["Look again.", ["a"]]);
    assert.equal(hintOf(new LairError("not-trusted", "x")), undefined);
  });

  it("show both keys of a peer that has another one than it had", () => {
    const peer = pairedPeer(OPENSSL_SUITE, { ...KEYS[0], claimedName: "anna", atMs: 1 }, []);
    const now = `now      ${fingerprint(OPENSSL_SUITE, KEYS[1])}`;
    assert.deepEqual(errorEvent(new KeyChangedError(OPENSSL_SUITE, peer, KEYS[1])).details, [
      `paired   ${fingerprint(OPENSSL_SUITE, KEYS[0])}`,
      now,
    ]);
    // An invite has only one of the keys, so there is no fingerprint of it.
    assert.deepEqual(errorEvent(new KeyChangedError(OPENSSL_SUITE, KEYS[0].publicKey, KEYS[1])).details, [now]);
  });

  it("say that the pairing must be forgotten first when only the signature key is another one", () => {
    const peer = pairedPeer(OPENSSL_SUITE, { ...KEYS[0], claimedName: "anna", atMs: 1 }, []);
    const now = { publicKey: KEYS[0].publicKey, signatureKey: KEYS[1].signatureKey };
    const { hint, details } = errorEvent(new KeyChangedError(OPENSSL_SUITE, peer, now));
    assert.match(hint!, /then forget anna here \(forget-peer\), and pair again with a new invite\.$/);
    assert.deepEqual(details, [
      `paired   ${fingerprint(OPENSSL_SUITE, KEYS[0])}`,
      `now      ${fingerprint(OPENSSL_SUITE, now)}`,
    ]);
  });
});
