// The end of a session (docs/PROTOCOL.md §11): what waits goes out, then CLOSE, then nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { u32 } from "../../../src/core/bytes.ts";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { LinkedPair, openPair, type Side, SIDES } from "./pair.ts";
import { record, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";

const big = (): Uint8Array => new Uint8Array(60_000);

describe("close() (§11)", () => {
  it("sends what waits, and CLOSE as the last record of the last frame", () => {
    for (const side of SIDES) {
      const peer = new RoguePeer(side);
      for (let count = 0; count < 3; count++) peer.channel.sendData(big());
      peer.channel.close(CLOSE_REASON.goodbye, peer.clock.now);
      assert.equal(peer.channel.state, "closing");
      const types = peer.hear().map((records) => records.map(({ type }) => type));
      assert.deepEqual(types, [[TYPE.data], [TYPE.data], [TYPE.data, TYPE.close]]);
      assert.equal(peer.channel.state, "closed");
      assert.deepEqual(peer.hear(), []);
    }
  });

  it("tells the reason", () => {
    assert.deepEqual(CLOSE_REASON, { goodbye: 0, shuttingDown: 1, busy: 2, replaced: 3, notTrusted: 4, unable: 6 });
    for (const reason of Object.values(CLOSE_REASON)) {
      const session = new LinkedPair(openPair());
      session.pair.driver.close(reason, session.pair.clock.now);
      session.pump();
      assert.deepEqual(session.events.other, [{ type: "closed", reason }]);
      assert.deepEqual([session.pair.driver.state, session.pair.other.state], ["closed", "closed"]);
    }
  });

  it("counts once: a later one changes neither reason nor deadline", () => {
    const peer = new RoguePeer("other");
    const { channel, clock } = peer;
    channel.close(CLOSE_REASON.busy, clock.now);
    clock.pass(1_000);
    channel.close(CLOSE_REASON.goodbye, clock.now);
    assert.equal(channel.deadlineMs, clock.now.monotonicMs + 2_000);
    assert.deepEqual(peer.hear(), [[record(TYPE.close, Uint8Array.of(CLOSE_REASON.busy))]]);
    channel.close(CLOSE_REASON.goodbye, clock.now);
    assert.equal(channel.state, "closed");
  });

  it("takes no more data", () => {
    const { channel, clock } = new RoguePeer("other");
    channel.close(CLOSE_REASON.goodbye, clock.now);
    assert.throws(() => channel.sendData(u32(1)), TypeError);
  });

  it("still acknowledges what arrives before CLOSE has left, and not after", () => {
    const peer = new RoguePeer("other");
    peer.channel.close(CLOSE_REASON.goodbye, peer.clock.now);
    assert.equal(peer.say(record(TYPE.data)).length, 1);
    peer.channel.sendAck(u32(1));
    assert.deepEqual(
      peer
        .hear()
        .flat()
        .map(({ type }) => type),
      [TYPE.ack, TYPE.close],
    );
    peer.channel.sendAck(u32(2));
    assert.deepEqual(peer.hear(), []);
  });

  it("drops after 3 s what has not been taken, by either clock, and sends CLOSE", () => {
    const waits: Record<string, (peer: RoguePeer, ms: number) => void> = {
      monotonic: (peer, ms) => peer.clock.pass(ms),
      wall: (peer, ms) => peer.clock.setWall(ms),
    };
    for (const [clock, wait] of Object.entries(waits)) {
      for (const [ms, expected] of [
        [2_999, [TYPE.data, TYPE.close]],
        [3_000, [TYPE.close]],
      ] as const) {
        const peer = new RoguePeer("other");
        peer.channel.sendData(big());
        peer.channel.close(CLOSE_REASON.goodbye, peer.clock.now);
        assert.equal(peer.channel.deadlineMs, peer.clock.now.monotonicMs + 3_000);
        wait(peer, ms);
        peer.channel.advance(peer.clock.now);
        const types = peer.hear().flatMap((records) => records.map(({ type }) => type));
        assert.deepEqual(types, expected, `${ms} ms by the ${clock} clock`);
        assert.equal(peer.channel.waitingBytes, 0);
      }
    }
  });

  it("starts no rekey and no PING", () => {
    const peer = new RoguePeer("driver");
    peer.channel.close(CLOSE_REASON.goodbye, peer.clock.now);
    peer.clock.pass(2_000);
    peer.channel.advance(peer.clock.now);
    assert.deepEqual(peer.hear().flat(), [record(TYPE.close, Uint8Array.of(0))]);
  });

  it("lets a rekey that is under way go on, in front of CLOSE", () => {
    const peer = new RoguePeer("other");
    peer.clock.pass(2_000);
    peer.say(peer.init());
    peer.channel.sendData(u32(1));
    peer.channel.close(CLOSE_REASON.goodbye, peer.clock.now);
    // hear() opens the second frame under the new key.
    assert.deepEqual(
      peer.hear().map((records) => records.map(({ type }) => type)),
      [[TYPE.reply], [TYPE.data, TYPE.close]],
    );
  });
});

describe("a CLOSE that arrives (§11)", () => {
  it("ends both directions: what waits here is not sent, nothing more is read", () => {
    const peer = new RoguePeer("other");
    peer.channel.sendData(u32(1));
    assert.deepEqual(peer.say(record(TYPE.close, Uint8Array.of(1))), [
      { type: "closed", reason: CLOSE_REASON.shuttingDown },
    ]);
    assert.equal(peer.channel.state, "closed");
    assert.deepEqual([peer.hear(), peer.channel.waitingBytes], [[], 0]);
    assert.throws(() => peer.say(record(TYPE.data)), TypeError);
    assert.throws(() => peer.channel.sendData(u32(1)), TypeError);
    peer.channel.advance(peer.clock.now);
  });

  it("comes after the data in front of it in its frame", () => {
    const events = new RoguePeer("other").say(record(TYPE.data), record(TYPE.close, Uint8Array.of(0)));
    assert.deepEqual(
      events.map(({ type }) => type),
      ["record", "closed"],
    );
  });

  it("is a goodbye when its reason is unknown", () => {
    for (const reason of [5, 7, 0xff]) {
      assert.deepEqual(new RoguePeer("other").say(record(TYPE.close, Uint8Array.of(reason))), [
        { type: "closed", reason: CLOSE_REASON.goodbye },
      ]);
    }
  });

  it("is fatal when its length is wrong", () => {
    for (const length of [0, 2]) {
      const peer = new RoguePeer("other");
      throwsLair(() => peer.say(record(TYPE.close, new Uint8Array(length))), "record-malformed");
    }
  });

  it("is fatal when anything stands behind it in its frame, even of an optional type", () => {
    for (const type of [TYPE.data, TYPE.close, TYPE.ping, 0x80]) {
      const peer = new RoguePeer("other");
      throwsLair(() => peer.say(record(TYPE.close, Uint8Array.of(0)), record(type)), "record-unexpected");
    }
  });

  it("crosses one of ours without harm", () => {
    const session = new LinkedPair(openPair());
    const { pair } = session;
    for (const side of SIDES) pair[side].close(CLOSE_REASON.goodbye, pair.clock.now);
    for (const side of ["driver", "other"] satisfies Side[]) session.take(side);
    // Each has sent its own, and a channel that has ended reads nothing: the LinkedPair, like a program, throws the rest away.
    session.pump();
    assert.deepEqual([pair.driver.state, pair.other.state], ["closed", "closed"]);
    assert.deepEqual(session.events, { driver: [], other: [] });
  });
});
