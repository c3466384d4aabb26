// RESUME is the first record of each side (docs/PROTOCOL.md §6, §7.1): nothing leaves before ours, and DATA waits for theirs.
// What may arrive before theirs is in `states.test.ts`.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { LinkedPair, openPair, SIDES } from "./pair.ts";
import { record, RoguePeer, TYPE } from "./rogue-peer.ts";

const BODY = Uint8Array.from({ length: 56 }, (_, index) => index);
const RESUME = record(TYPE.resume, BODY);
const unresumed = (side: (typeof SIDES)[number]): RoguePeer =>
  new RoguePeer(side, { rekey: { minMs: 1_000, maxMs: 1_000 }, resumed: false });
const types = (peer: RoguePeer): number[][] => peer.hear().map((records) => records.map(({ type }) => type));

describe("before our RESUME (§7.1)", () => {
  it("nothing leaves: no PING, no REKEY_INIT, however much time passes", () => {
    for (const side of SIDES) {
      const peer = unresumed(side);
      for (let second = 0; second < 40; second++) {
        peer.channel.advance(peer.clock.now);
        assert.deepEqual(peer.hear(), []);
        peer.clock.pass(1_000);
      }
      assert.equal(peer.channel.state, "resuming");
      peer.channel.sendResume(BODY);
      peer.channel.advance(peer.clock.now);
      assert.deepEqual(types(peer)[0]?.slice(0, 2), [TYPE.resume, TYPE.ping]);
    }
  });

  it("the keys age nonetheless", () => {
    const peer = unresumed("other");
    peer.clock.pass(61_001);
    assert.throws(() => peer.channel.advance(peer.clock.now), { code: "key-expired" });
  });

  it("no answer leaves to what comes meanwhile: it waits behind our RESUME", () => {
    const ping = record(TYPE.ping, new Uint8Array(8));
    const peer = unresumed("other");
    peer.clock.pass(1_000);
    assert.equal(peer.say(RESUME, ping, record(TYPE.data), peer.init()).length, 2);
    peer.channel.sendAck(new Uint8Array(8));
    assert.deepEqual(peer.hear(), []);
    peer.channel.sendResume(BODY);
    assert.deepEqual(types(peer), [[TYPE.resume, TYPE.pong, TYPE.reply], [TYPE.ack]]);
  });

  it("no answer leaves in front of a CLOSE, to which the other side would not listen then", () => {
    const peer = unresumed("other");
    peer.clock.pass(1_000);
    peer.say(RESUME, record(TYPE.ping, new Uint8Array(8)), peer.init());
    peer.channel.close(CLOSE_REASON.busy, peer.clock.now);
    assert.deepEqual(peer.hear(), [[record(TYPE.close, Uint8Array.of(CLOSE_REASON.busy))]]);
  });

  it("CLOSE may be the only thing that leaves", () => {
    for (const side of SIDES) {
      const peer = unresumed(side);
      peer.channel.close(CLOSE_REASON.unable, peer.clock.now);
      assert.deepEqual(peer.hear(), [[record(TYPE.close, Uint8Array.of(CLOSE_REASON.unable))]]);
      assert.equal(peer.channel.state, "closed");
    }
  });
});

describe("our RESUME (§7.1)", () => {
  it("leaves as it is, in front of everything", () => {
    for (const side of SIDES) {
      const peer = unresumed(side);
      peer.channel.sendResume(BODY);
      peer.channel.close(CLOSE_REASON.goodbye, peer.clock.now);
      assert.deepEqual(peer.hear(), [[RESUME, record(TYPE.close, Uint8Array.of(0))]]);
    }
  });

  it("is said once", () => {
    const { channel } = unresumed("other");
    channel.sendResume(BODY);
    assert.throws(() => channel.sendResume(BODY), TypeError);
  });

  it("is overwritten by nobody: an ACK that waits with it stands behind it", () => {
    const peer = unresumed("other");
    peer.channel.sendResume(BODY);
    peer.say(RESUME, record(TYPE.data));
    peer.channel.sendAck(new Uint8Array(8));
    assert.deepEqual(peer.hear(), [[RESUME, record(TYPE.ack, new Uint8Array(8))]]);
  });
});

describe("DATA (§7.1)", () => {
  it("is taken between their RESUME and our CLOSE, and at no other time", () => {
    for (const side of SIDES) {
      const peer = unresumed(side);
      const { channel, clock } = peer;
      assert.equal(channel.takesData, false);
      assert.throws(() => channel.sendData(BODY), TypeError);
      channel.sendResume(BODY);
      assert.throws(() => channel.sendData(BODY), TypeError);
      peer.say(RESUME);
      assert.equal(channel.takesData, true);
      channel.sendData(BODY);
      channel.close(CLOSE_REASON.goodbye, clock.now);
      assert.equal(channel.takesData, false);
      assert.throws(() => channel.sendData(BODY), TypeError);
      assert.deepEqual(types(peer), [[TYPE.resume, TYPE.data, TYPE.close]]);
    }
  });

  it("is not taken any more once their CLOSE has come", () => {
    const peer = unresumed("other");
    peer.say(RESUME, record(TYPE.close, Uint8Array.of(0)));
    assert.equal(peer.channel.takesData, false);
    assert.throws(() => peer.channel.sendData(BODY), TypeError);
  });
});

describe("two honest sides (§7.1)", () => {
  it("may rekey before one of them has heard the other's RESUME", () => {
    const session = new LinkedPair(openPair({ rekey: { minMs: 1_000, maxMs: 1_000 }, resumed: false }));
    const { pair } = session;
    pair.driver.sendResume(BODY);
    session.pass(1_000);
    assert.equal(pair.driver.state, "resuming");
    pair.other.sendResume(BODY);
    session.pump();
    assert.deepEqual([pair.driver.epoch, pair.other.epoch], [1, 1]);
    assert.deepEqual(
      SIDES.map((side) => session.events[side][0]),
      SIDES.map(() => ({ type: "record", record: "resume", body: BODY })),
    );
  });
});
