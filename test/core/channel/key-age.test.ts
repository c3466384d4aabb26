// How old a key may become (docs/PROTOCOL.md §8.4 "Age"): max + 60 s, by the clock that says more, at every use.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { u32 } from "../../../src/core/bytes.ts";
import { LinkedPair, openPair, SIDES } from "./pair.ts";
import { record, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";

/** The window of the tests is 1 to 2 s. */
const OLDEST_MS = 62_000;

/** A session whose driver stays away from rekeys, `ageMs` after its keys were made; heard of just now. */
function aged(ageMs: number): RoguePeer {
  const peer = new RoguePeer("other");
  for (let left = ageMs; left > 0; left -= 20_000) {
    peer.clock.pass(Math.min(left, 20_000));
    if (left > 20_000) peer.say(record(TYPE.data));
  }
  assert.equal(peer.channel.keyAgeMs(peer.clock.now), ageMs);
  return peer;
}

describe("a key at the end of its life (§8.4)", () => {
  const uses: Record<string, (peer: RoguePeer) => void> = {
    "seal a frame": (peer) => {
      peer.channel.sendData(u32(1));
      assert.equal(peer.hear().length, 1);
    },
    "open a frame": (peer) => assert.equal(peer.say(record(TYPE.data)).length, 1),
    "stay with advance()": (peer) => peer.channel.advance(peer.clock.now),
  };

  for (const [use, attempt] of Object.entries(uses)) {
    it(`may ${use} at exactly max + 60 s, and not a millisecond later`, () => {
      attempt(aged(OLDEST_MS));
      const peer = aged(OLDEST_MS + 1);
      throwsLair(() => attempt(peer), "key-expired");
      assert.equal(peer.channel.state, "closed");
    });

    it(`may not ${use} when only the wall clock has gone on: the machine slept`, () => {
      const young = aged(10_000);
      young.clock.setWall(OLDEST_MS - 10_000);
      attempt(young);
      const old = aged(10_000);
      old.clock.setWall(OLDEST_MS - 9_999);
      throwsLair(() => attempt(old), "key-expired");
    });

    it(`may not ${use} when the wall clock was set back`, () => {
      const young = aged(OLDEST_MS);
      young.clock.setWall(-1e9);
      attempt(young);
      const old = aged(OLDEST_MS + 1);
      old.clock.setWall(-1e9);
      throwsLair(() => attempt(old), "key-expired");
    });
  }

  it("never has a negative age", () => {
    const { channel, clock } = new RoguePeer("other");
    clock.setWall(-1e9);
    assert.equal(channel.keyAgeMs(clock.now), 0);
  });
});

describe("the age of the keys of an epoch (§8.4)", () => {
  it("starts when this side has derived them", () => {
    const session = new LinkedPair(openPair());
    session.pass(2_000);
    const { clock } = session.pair;
    for (const side of SIDES) assert.equal(session.pair[side].keyAgeMs(clock.now), 0);
  });

  it("ends a session that waits for DONE, at the age of the old receiving key", () => {
    const peer = aged(50_000);
    peer.say(peer.init());
    peer.hear();
    assert.equal(peer.channel.keyAgeMs(peer.clock.now), 0);
    peer.clock.pass(12_000);
    peer.channel.advance(peer.clock.now);
    peer.clock.pass(1);
    throwsLair(() => peer.channel.advance(peer.clock.now), "key-expired");
  });

  it("is among the deadlines, also while DONE is awaited", () => {
    const peer = aged(50_000);
    peer.say(peer.init(), record(TYPE.data));
    peer.channel.advance(peer.clock.now);
    peer.hear();
    assert.equal(peer.channel.deadlineMs, peer.clock.now.monotonicMs + 12_001);
  });
});

describe("deadlineMs (§8.4, §10)", () => {
  it("always lies ahead after advance(), so a timer that obeys it does not spin", () => {
    for (const side of SIDES) {
      const peer = new RoguePeer(side);
      const { channel, clock } = peer;
      const turns: number[] = [];
      // Until the key is too old, or until REPLY does not come.
      const error = throwsLair(() => {
        while (turns.length < 100) {
          peer.say(record(TYPE.data));
          clock.passUntil(channel.deadlineMs);
          turns.push(clock.now.monotonicMs);
          channel.advance(clock.now);
          for (const { type, body } of peer.hear().flat()) if (type === TYPE.ping) peer.say(record(TYPE.pong, body));
          assert.ok(channel.deadlineMs > clock.now.monotonicMs, `spins at ${String(turns)}`);
        }
      });
      assert.equal(error.code, side === "driver" ? "rekey-timeout" : "key-expired");
    }
  });

  it("is never for a channel that has ended", () => {
    const { channel } = new RoguePeer("other");
    channel.destroy();
    assert.equal(channel.deadlineMs, Number.POSITIVE_INFINITY);
  });
});
