// Keys that have served are overwritten (docs/PROTOCOL.md §8.2): at the switch, at the end, and after every failure.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, toHex, toUtf8, u32 } from "../../../src/core/bytes.ts";
import { InitiatorHandshake, ResponderHandshake } from "../../../src/core/channel/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { admissionOf, HOUR, LinkedPair, NOW, openPair, partyOf, pskOf, SIDES } from "./pair.ts";
import { record, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "./toy-suite.ts";
import { Tracker } from "./tracking.ts";

/** A session whose secrets are watched, and what is left of them. */
function watched(): { session: LinkedPair; secrets: () => string[] } {
  const tracker = new Tracker();
  const session = new LinkedPair(openPair({ tracker }));
  return { session, secrets: () => secretsOf(tracker) };
}

/**
 * Every place in memory that still holds a secret. An Admission keeps the key of the proof: so many places with it are
 * left out as there are Admissions, and no more, for the other side has to erase its own.
 */
function secretsOf(tracker: Tracker, admissions = 1): string[] {
  const proofKey = toHex(TOY_SUITE.hash.hkdf(new Uint8Array(0), pskOf(), toUtf8("lair/1 proof"), 32));
  const left = tracker.live();
  for (let kept = 0; kept < admissions; kept++) {
    const place = left.indexOf(proofKey);
    assert.notEqual(place, -1, "the Admission keeps the key of the proof");
    left.splice(place, 1);
  }
  return left;
}

describe("erasing keys (§8.2)", () => {
  it("leaves each side two keys, the exporter secret and the psk of the session at the end of the handshake", () => {
    const { secrets } = watched();
    assert.equal(secrets().length, 8);
    assert.equal(new Set(secrets()).size, 4);
  });

  it("leaves as much after each rekey, and all but the psk is new", () => {
    const { session, secrets } = watched();
    let before = secrets();
    for (let epoch = 1; epoch < 5; epoch++) {
      session.pass(2_000);
      assert.equal(session.pair.driver.epoch, epoch);
      const after = secrets();
      assert.equal(after.length, 8);
      assert.deepEqual(new Set(after.filter((hex) => before.includes(hex))), new Set([toHex(pskOf())]));
      before = after;
    }
  });

  it("leaves nothing after a goodbye", () => {
    const { session, secrets } = watched();
    session.pass(2_000);
    session.pair.other.close(0, session.pair.clock.now);
    session.pump();
    assert.deepEqual(secrets(), []);
  });

  // The steps of a rekey at which a session can end: how far both sides have come.
  const steps: Record<string, (session: LinkedPair) => void> = {
    "while INIT is queued": ({ pair }) => pair.driver.advance(pair.clock.now),
    "while REPLY is awaited": (session) => {
      session.pair.driver.advance(session.pair.clock.now);
      session.take("driver");
    },
    "while REPLY is queued": (session) => {
      session.pair.driver.advance(session.pair.clock.now);
      session.take("driver");
      session.deliver("driver");
    },
    "while DONE is awaited": (session) => {
      session.pair.driver.advance(session.pair.clock.now);
      session.take("driver");
      session.deliver("driver");
      session.take("other");
    },
    "while DONE is queued": (session) => {
      session.pair.driver.advance(session.pair.clock.now);
      session.take("driver");
      session.deliver("driver");
      session.take("other");
      session.deliver("other");
    },
  };
  for (const [when, reach] of Object.entries(steps)) {
    it(`leaves nothing when the session is destroyed ${when}`, () => {
      const { session, secrets } = watched();
      session.pair.clock.pass(2_000);
      reach(session);
      assert.ok(secrets().length > 8, "the rekey has secrets of its own");
      for (const side of SIDES) session.pair[side].destroy();
      assert.deepEqual(secrets(), []);
    });
  }

  // What is wrong with an INIT, each found at another depth.
  const badInits: Record<string, (peer: RoguePeer) => Uint8Array> = {
    "a wrong epoch": (peer) => concat(u32(2), peer.init().body.subarray(4)),
    "a wrong length": (peer) => peer.init().body.subarray(1),
    "a wrong tag": (peer) => concat(peer.init().body.subarray(0, 51), Uint8Array.of(0)),
    "a low-order key": () => concat(u32(1), new Uint8Array(48)),
    "an ephemeral key that was used before": (peer) => {
      const again = partyOf("responder");
      peer.random = () => again.random(32);
      return peer.init().body;
    },
  };
  for (const [fault, bodyOf] of Object.entries(badInits)) {
    it(`leaves nothing after a REKEY_INIT with ${fault}`, () => {
      const tracker = new Tracker();
      const peer = new RoguePeer("other", { tracker });
      // The honest side is the initiator and has no Admission.
      assert.equal(secretsOf(tracker, 0).length, 4);
      peer.clock.pass(2_000);
      const body = bodyOf(peer);
      throwsLair(() => peer.say(record(TYPE.init, body)));
      assert.deepEqual(secretsOf(tracker, 0), []);
    });
  }
});

/** Two sides that have come to message 2, watched; the psk is the caller's, and so is the key of the proof. */
function atMessage2(): {
  client: InitiatorHandshake;
  server: ResponderHandshake<{ readonly psk: Uint8Array }>;
  message2: Uint8Array;
  secrets: () => string[];
} {
  const tracker = new Tracker();
  const psk = tracker.track(pskOf());
  const client = new InitiatorHandshake(partyOf("initiator", { tracker }), psk, HOUR);
  const party = partyOf("responder", { tracker });
  const server = new ResponderHandshake(party, admissionOf(party.suite, psk));
  const { message2 } = server.answer(client.message1, NOW)!;
  tracker.forget(psk);
  return { client, server, message2, secrets: () => secretsOf(tracker) };
}

describe("erasing what a handshake has held (§3)", () => {
  it("leaves nothing when both sides give it up after message 2", () => {
    const { client, server, message2, secrets } = atMessage2();
    client.readMessage2(message2);
    assert.ok(secrets().length > 2, "a handshake has secrets");
    client.destroy();
    server.destroy();
    assert.deepEqual(secrets(), []);
  });

  it("leaves nothing when message 2 and message 3 are damaged", () => {
    const { client, server, message2, secrets } = atMessage2();
    message2[message2.length - 1]! ^= 1;
    throwsLair(() => client.readMessage2(message2), "noise-authentication");
    throwsLair(() => server.finish(new Uint8Array(320), new FakeClock().now), "noise-authentication");
    assert.deepEqual(secrets(), []);
  });
});
