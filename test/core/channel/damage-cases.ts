// Damaged messages (docs/PROTOCOL.md §1 "Fatal", §3, §4, §8.4): whatever changes on the wire ends the session.
// What a peer with the right keys changes inside a rekey record is in rekey-records.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Channel, InitiatorHandshake, ResponderHandshake } from "../../../src/core/channel/index.ts";
import { quickSuite } from "../noise/spy-suite.ts";
import { damaged } from "./damage.ts";
import { directPair, FRAMES, recordFrames } from "./direct-pair.ts";
import { FakeClock } from "./fake-clock.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { admissionOf, HOUR, NOW, openPair, opposite, partyOf, pskOf } from "./pair.ts";
import { throwsLair } from "../../throws-lair.ts";

/** Real cryptography, each Diffie-Hellman computed once: the keys of a seed are the same each time. */
const suite = quickSuite(OPENSSL_SUITE);
const psk = pskOf();
const { now } = new FakeClock();

function beginClient(): InitiatorHandshake {
  return new InitiatorHandshake(partyOf("initiator", { suite }), psk, HOUR);
}

function beginServer(): ResponderHandshake<{ readonly psk: Uint8Array }> {
  return new ResponderHandshake(partyOf("responder", { suite }), admissionOf(suite, psk));
}

function isOver(channel: Channel): void {
  assert.equal(channel.state, "closed");
  assert.equal(channel.nextFrame(now), undefined);
  assert.throws(() => channel.receive(new Uint8Array(272), now), TypeError);
}

/** Declares the tests; see {@link damaged} for the step. */
export function describeDamage(step: number): void {
  describe("a damaged handshake message (§3)", () => {
    const [message1, message2, message3] = openPair({ suite }).messages as [Uint8Array, Uint8Array, Uint8Array];

    it("opens a session when it is not damaged", () => {
      const server = beginServer();
      assert.deepEqual(server.answer(message1, NOW)!.message2, message2);
      const client = beginClient();
      client.readMessage2(message2);
      assert.deepEqual(client.finish(now).message3, message3);
      assert.equal(server.finish(message3, now).channel.state, "resuming");
    });

    it("ends the handshake as message 1", () => {
      for (const bad of damaged(message1, step)) {
        const server = beginServer();
        throwsLair(() => server.answer(bad, NOW));
        throwsLair(() => server.answer(message1, NOW), "noise-dead");
      }
    });

    it("ends the handshake as message 2", () => {
      for (const bad of damaged(message2, step)) {
        const client = beginClient();
        throwsLair(() => client.readMessage2(bad));
        throwsLair(() => client.readMessage2(message2), "noise-dead");
      }
    });

    it("ends the handshake as message 3", () => {
      for (const bad of damaged(message3, step)) {
        const server = beginServer();
        server.answer(message1, NOW);
        throwsLair(() => server.finish(bad, now));
        throwsLair(() => server.finish(message3, now), "noise-dead");
      }
    });
  });

  describe("a damaged frame (§4)", () => {
    const recorded = recordFrames({ suite });

    for (const name of ["DATA", "REKEY_INIT", "REKEY_REPLY", "REKEY_DONE"] as const) {
      const { sender, ready } = FRAMES[name];
      const frame = recorded[name];

      it(`is taken when it carries ${name} and is not damaged`, () => {
        const pair = directPair({ suite });
        ready(pair, recorded);
        pair[opposite(sender)].receive(frame, pair.clock.now);
        assert.notEqual(pair[opposite(sender)].state, "closed");
      });

      it(`ends the session when it carries ${name}`, () => {
        for (const bad of damaged(frame, step)) {
          const pair = directPair({ suite });
          ready(pair, recorded);
          const receiver = pair[opposite(sender)];
          throwsLair(() => receiver.receive(bad, pair.clock.now));
          isOver(receiver);
        }
      });
    }
  });
}
