// Liveness (docs/PROTOCOL.md §10): PING at once and after a silence, PONG to it and to nothing else, the end after 45 s.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Liveness } from "../../../src/core/channel/liveness.ts";
import { FakeClock } from "./fake-clock.ts";
import { LinkedPair, openPair, SIDES } from "./pair.ts";
import { record, RoguePeer, TYPE } from "./rogue-peer.ts";
import { SeededRandom } from "./seeded-random.ts";
import { throwsLair } from "../../throws-lair.ts";

/** A window in which no rekey disturbs. */
const QUIET = { rekey: { minMs: 3_600_000, maxMs: 3_600_000 } };

/** A peer to whom the honest side has just sent its first PING. */
function pinged(): { peer: RoguePeer; token: Uint8Array } {
  const peer = new RoguePeer("other", QUIET);
  peer.channel.advance(peer.clock.now);
  return { peer, token: peer.hear().flat()[0]!.body };
}

describe("a PING (§10)", () => {
  it("goes out from each side at once when the session has opened", () => {
    for (const side of SIDES) {
      const peer = new RoguePeer(side, QUIET);
      assert.equal(peer.channel.deadlineMs, peer.clock.now.monotonicMs);
      peer.channel.advance(peer.clock.now);
      assert.deepEqual(
        peer.hear().map((records) => records.map(({ type, body }) => [type, body.length])),
        [[[TYPE.ping, 8]]],
      );
    }
  });

  it("goes out after 15 to 25 s of silence, each time after another while", () => {
    const { peer, token } = pinged();
    peer.say(record(TYPE.pong, token));
    const waits = new Set<number>();
    for (let round = 0; round < 120; round++) {
      const waitMs = peer.channel.deadlineMs - peer.clock.now.monotonicMs;
      assert.ok(waitMs >= 15_000 && waitMs <= 25_000, `${waitMs} ms`);
      waits.add(waitMs);
      peer.clock.pass(waitMs - 1);
      peer.channel.advance(peer.clock.now);
      assert.deepEqual(peer.hear(), []);
      peer.clock.pass(1);
      peer.channel.advance(peer.clock.now);
      const [ping] = peer.hear().flat();
      assert.equal(ping?.type, TYPE.ping);
      peer.say(record(TYPE.pong, ping.body));
    }
    assert.ok(waits.size > 90, `${waits.size} different waits`);
  });

  it("waits as long as anything is heard", () => {
    const { peer, token } = pinged();
    peer.say(record(TYPE.pong, token));
    for (let second = 0; second < 100; second++) {
      peer.clock.pass(1_000);
      peer.say(record(TYPE.data));
      peer.channel.advance(peer.clock.now);
      assert.deepEqual(peer.hear(), []);
    }
  });

  it("is not followed by another before it was answered", () => {
    const { peer } = pinged();
    peer.clock.pass(44_999);
    peer.channel.advance(peer.clock.now);
    assert.deepEqual(peer.hear(), []);
  });

  it("is answered with the same token, each time", () => {
    const peer = new RoguePeer("other", QUIET);
    const tokens = [1, 2, 2].map((byte) => new Uint8Array(8).fill(byte));
    peer.say(...tokens.map((token) => record(TYPE.ping, token)));
    assert.deepEqual(peer.hear(), [tokens.map((token) => record(TYPE.pong, token))]);
  });

  it("is fatal when its length is wrong", () => {
    for (const length of [0, 7, 9]) {
      const peer = new RoguePeer("other");
      throwsLair(() => peer.say(record(TYPE.ping, new Uint8Array(length))), "record-malformed");
    }
  });
});

describe("a PONG (§10)", () => {
  it("measures the round trip", () => {
    const { peer, token } = pinged();
    assert.equal(peer.channel.roundTripMs, undefined);
    peer.clock.pass(123);
    peer.say(record(TYPE.pong, token));
    assert.equal(peer.channel.roundTripMs, 123);
  });

  it("is fatal when no PING is outstanding", () => {
    const peer = new RoguePeer("other");
    throwsLair(() => peer.say(record(TYPE.pong, new Uint8Array(8))), "record-unexpected");
  });

  it("is fatal when it comes twice", () => {
    const { peer, token } = pinged();
    const pong = record(TYPE.pong, token);
    throwsLair(() => peer.say(pong, pong), "record-unexpected");
  });

  it("is fatal when its token is another, or of another length", () => {
    for (const change of [
      (token: Uint8Array) => token.map((byte, index) => (index === 7 ? byte ^ 1 : byte)),
      (token: Uint8Array) => token.slice(1),
      () => new Uint8Array(0),
    ]) {
      const { peer, token } = pinged();
      throwsLair(() => peer.say(record(TYPE.pong, change(token))), "record-unexpected");
    }
  });
});

describe("a peer of whom nothing is heard (§10)", () => {
  it("is dead after 45 s, whether a PING went out or not", () => {
    for (const advanceBefore of [true, false]) {
      const { peer } = pinged();
      peer.clock.pass(44_999);
      if (advanceBefore) peer.channel.advance(peer.clock.now);
      assert.equal(peer.channel.deadlineMs, peer.clock.now.monotonicMs + 1);
      peer.clock.pass(1);
      throwsLair(() => peer.channel.advance(peer.clock.now), "peer-silent");
      assert.equal(peer.channel.state, "closed");
    }
  });

  it("is alive again with any frame that authenticates, also an empty one", () => {
    const { peer } = pinged();
    peer.clock.pass(44_999);
    peer.say();
    peer.clock.pass(44_999);
    peer.channel.advance(peer.clock.now);
    assert.equal(peer.channel.state, "open");
  });

  it("is not dead because the wall clock was set", () => {
    const { peer } = pinged();
    peer.clock.setWall(60_000);
    peer.channel.advance(peer.clock.now);
    assert.equal(peer.channel.state, "open");
  });
});

describe("two honest sides (§10)", () => {
  it("keep each other alive through an hour of silence, by what their deadlines say", () => {
    const session = new LinkedPair(openPair({ rekey: { minMs: 30_000, maxMs: 120_000 } }));
    const { pair } = session;
    const endMs = pair.clock.now.monotonicMs + 3_600_000;
    while (pair.clock.now.monotonicMs < endMs) {
      pair.clock.passUntil(Math.min(pair.driver.deadlineMs, pair.other.deadlineMs));
      session.pass(0);
    }
    assert.deepEqual([pair.driver.state, pair.other.state], ["open", "open"]);
    assert.ok(pair.driver.epoch >= 30, `${pair.driver.epoch} rekeys`);
    assert.equal(pair.driver.roundTripMs, 0);
  });
});

describe("Liveness (§10)", () => {
  it("copies the token of a PING, so that a frame's buffer is not kept", () => {
    const clock = new FakeClock();
    const liveness = new Liveness(clock.now, new SeededRandom(1).bytes);
    const body = new Uint8Array(8).fill(4);
    const answer = liveness.ping(body);
    body.fill(0);
    assert.deepEqual(answer, new Uint8Array(8).fill(4));
  });
});
