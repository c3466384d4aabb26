// How many frames a key may serve (docs/PROTOCOL.md §8.3, §8.4 "Wear"), with limits that a test can reach.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { u32 } from "../../../src/core/bytes.ts";
import { CHANNEL_LIMITS } from "../../../src/core/channel/index.ts";
import { LinkedPair, openPair, SIDES } from "./pair.ts";
import { record, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";

const WINDOW = { rekey: { minMs: 10_000, maxMs: 10_000 } };

describe("the limits of a session (§8.4, §13)", () => {
  it("are those of the document unless a test lowers them", () => {
    assert.deepEqual(CHANNEL_LIMITS, {
      rekeyAfterFrames: 2 ** 20,
      maxFramesPerKey: 2 ** 22,
      floodFrames: 2 ** 19,
      keyGraceMs: 60_000,
      replyTimeoutMs: 10_000,
      closeTimeoutMs: 3_000,
    });
  });
});

describe("the number of frames under a key (§8.4)", () => {
  const limits = { rekeyAfterFrames: 10, floodFrames: 5 };

  it("brings a rekey at once, which deadlineMs foretells", () => {
    for (const talker of SIDES) {
      const session = new LinkedPair(openPair({ ...WINDOW, limits }));
      const { pair } = session;
      // One more was RESUME.
      for (let frame = 0; frame < 8; frame++) {
        pair[talker].sendData(u32(frame));
        session.pump();
      }
      pair.driver.advance(pair.clock.now);
      assert.ok(pair.driver.deadlineMs > pair.clock.now.monotonicMs, "nothing is due");
      session.pump();
      assert.equal(pair.driver.epoch, 0);
      pair[talker].sendData(u32(8));
      session.pump();
      assert.ok(pair.driver.deadlineMs <= pair.clock.now.monotonicMs, "a rekey is due");
      pair.driver.advance(pair.clock.now);
      session.pump();
      assert.deepEqual([pair.driver.epoch, pair.other.epoch], [1, 1]);
      assert.ok(pair.driver.deadlineMs > pair.clock.now.monotonicMs, "nothing is due");
    }
  });

  it("is limited for the sender and for the receiver", () => {
    // One of them is RESUME.
    const wornOut = { limits: { maxFramesPerKey: 4 } };
    const sender = new RoguePeer("other", wornOut);
    const sendOne = (): void => {
      sender.channel.sendData(u32(0));
      sender.hear();
    };
    for (let frame = 0; frame < 3; frame++) sendOne();
    throwsLair(sendOne, "key-worn-out");

    const receiver = new RoguePeer("other", wornOut);
    for (let frame = 0; frame < 3; frame++) receiver.say(record(TYPE.data));
    throwsLair(() => receiver.say(record(TYPE.data)), "key-worn-out");
    assert.equal(receiver.channel.state, "closed");
  });

  it("starts anew with each key", () => {
    const session = new LinkedPair(openPair({ limits: { maxFramesPerKey: 6 } }));
    for (let epoch = 0; epoch < 20; epoch++) {
      session.pair.other.sendData(u32(epoch));
      session.pass(2_000);
      assert.equal(session.pair.driver.epoch, epoch + 1);
    }
  });
});
