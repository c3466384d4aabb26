// The rules of a rekey, one by one (docs/PROTOCOL.md §8.4), as a peer with the right keys tries to break them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, fromHex, u32 } from "../../../src/core/bytes.ts";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { type PairOptions, partyOf } from "./pair.ts";
import { record, type RogueRecord, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";

const WINDOW = { rekey: { minMs: 10_000, maxMs: 10_000 } };

/** A peer whose honest side drives and has sent INIT. */
function askedForReply(options: PairOptions = {}): { peer: RoguePeer; init: RogueRecord } {
  const peer = new RoguePeer("driver", options);
  peer.clock.pass(10_000);
  peer.channel.advance(peer.clock.now);
  return { peer, init: peer.hear().flat().at(-1)! };
}

/** A peer that drives, when its next rekey is due. */
function mayRekey(options: PairOptions = {}): RoguePeer {
  const peer = new RoguePeer("other", options);
  peer.clock.pass(10_000);
  return peer;
}

describe("the deadline of REPLY (§8.4)", () => {
  it("ends the session 10 s after INIT has left", () => {
    const { peer } = askedForReply(WINDOW);
    assert.equal(peer.channel.deadlineMs, peer.clock.now.monotonicMs + 10_000);
    peer.clock.pass(9_999);
    peer.channel.advance(peer.clock.now);
    peer.clock.pass(1);
    throwsLair(() => peer.channel.advance(peer.clock.now), "rekey-timeout");
    assert.equal(peer.channel.state, "closed");
  });

  it("counts by the wall clock too, for the machine may have slept", () => {
    const { peer } = askedForReply(WINDOW);
    peer.clock.setWall(10_000);
    throwsLair(() => peer.channel.advance(peer.clock.now), "rekey-timeout");
  });

  it("does not run while INIT still waits to be sent", () => {
    const peer = new RoguePeer("driver", WINDOW);
    peer.clock.pass(10_000);
    peer.channel.advance(peer.clock.now);
    peer.clock.pass(10_000);
    peer.channel.advance(peer.clock.now);
    assert.equal(peer.channel.state, "rekeying");
  });

  it("takes a REPLY at its last millisecond", () => {
    const { peer, init } = askedForReply(WINDOW);
    peer.clock.pass(9_999);
    assert.deepEqual(peer.say(peer.reply(init)), [{ type: "rekeyed", epoch: 1 }]);
  });
});

function sendFrames(peer: RoguePeer, count: number): void {
  for (let frame = 0; frame < count; frame++) peer.say(record(TYPE.data));
}

describe("a driver whose wall clock jumps (§8.4)", () => {
  it("does not begin before three quarters of the minimum, which the other side could take for a flood", () => {
    const peer = new RoguePeer("driver", WINDOW);
    peer.hear();
    peer.clock.setWall(40_000);
    peer.clock.pass(7_499);
    peer.channel.advance(peer.clock.now);
    assert.equal(peer.channel.state, "open");
    peer.clock.pass(1);
    peer.channel.advance(peer.clock.now);
    assert.equal(peer.channel.state, "rekeying");
  });

  it("begins on time when the clock is set back", () => {
    const peer = new RoguePeer("driver", WINDOW);
    peer.hear();
    peer.clock.setWall(-40_000);
    peer.clock.pass(10_000);
    peer.channel.advance(peer.clock.now);
    assert.equal(peer.channel.state, "rekeying");
  });
});

describe("the rule against a rekey flood (§8.4)", () => {
  it("is fatal before half of the announced minimum", () => {
    const peer = new RoguePeer("other", WINDOW);
    peer.clock.pass(4_999);
    throwsLair(() => peer.say(peer.init()), "rekey-storm");
    assert.equal(peer.channel.state, "closed");
  });

  it("is content with half of the announced minimum", () => {
    const peer = new RoguePeer("other", WINDOW);
    peer.clock.pass(5_000);
    peer.say(peer.init());
    assert.equal(peer.hear().flat()[0]?.type, TYPE.reply);
  });

  it("counts from the sending of the last REPLY, not from DONE", () => {
    for (const [afterReplyMs, code] of [
      [4_999, "rekey-storm"],
      [5_000, undefined],
    ] as const) {
      const peer = mayRekey(WINDOW);
      peer.say(peer.init());
      peer.hear();
      peer.clock.pass(4_000);
      peer.say(peer.done());
      peer.switchSend();
      peer.clock.pass(afterReplyMs - 4_000);
      if (code === undefined) assert.deepEqual(peer.say(peer.init()), []);
      else throwsLair(() => peer.say(peer.init()), code);
    }
  });

  it("lets an early INIT pass after enough frames in either direction", () => {
    // One of them is RESUME.
    const limits = { floodFrames: 6 };
    const tooFew = new RoguePeer("other", { ...WINDOW, limits });
    sendFrames(tooFew, 3);
    throwsLair(() => tooFew.say(tooFew.init()), "rekey-storm");

    const received = new RoguePeer("other", { ...WINDOW, limits });
    sendFrames(received, 4);
    assert.deepEqual(received.say(received.init()), []);

    const sent = new RoguePeer("other", { ...WINDOW, limits });
    for (let frame = 0; frame < 5; frame++) {
      sent.channel.sendData(u32(frame));
      sent.hear();
    }
    assert.deepEqual(sent.say(sent.init()), []);
  });

  it("counts 2^19 frames unless a test lowers them", () => {
    const peer = new RoguePeer("other", WINDOW);
    sendFrames(peer, 100);
    throwsLair(() => peer.say(peer.init()), "rekey-storm");
  });
});

describe("one rekey at a time (§8.4)", () => {
  it("refuses the same INIT twice, in one frame and in two", () => {
    const inOne = mayRekey();
    const init = inOne.init();
    throwsLair(() => inOne.say(init, init), "record-unexpected");

    const inTwo = mayRekey();
    const again = inTwo.init();
    inTwo.say(again);
    inTwo.hear();
    throwsLair(() => inTwo.say(again), "record-unexpected");
  });

  it("refuses the same REPLY twice", () => {
    const { peer, init } = askedForReply();
    const reply = peer.reply(init);
    peer.say(reply);
    peer.switchSend();
    throwsLair(() => peer.say(reply), "record-unexpected");
  });

  it("refuses the same DONE twice", () => {
    const peer = mayRekey();
    peer.say(peer.init());
    peer.hear();
    const done = peer.done();
    peer.say(done);
    peer.switchSend();
    throwsLair(() => peer.say(done), "record-unexpected");
  });

  it("refuses anything behind REPLY and DONE in their frame, even of an optional type", () => {
    for (const behind of [TYPE.data, TYPE.ack, 0x80]) {
      const { peer, init } = askedForReply();
      throwsLair(() => peer.say(peer.reply(init), record(behind)), "record-unexpected");

      const driver = mayRekey();
      driver.say(driver.init());
      driver.hear();
      throwsLair(() => driver.say(driver.done(), record(behind)), "record-unexpected");
    }
  });

  it("takes what stands before REPLY and DONE, and behind INIT", () => {
    const data = record(TYPE.data, Uint8Array.of(1));
    const { peer, init } = askedForReply();
    assert.deepEqual(
      peer.say(data, peer.reply(init)).map(({ type }) => type),
      ["record", "rekeyed"],
    );
    const driver = mayRekey();
    assert.equal(driver.say(driver.init(), data).length, 1);
    driver.hear();
    assert.equal(driver.say(data, driver.done()).length, 2);
  });
});

describe("the switch of keys (§8.2)", () => {
  it("makes a frame under the old key fatal after the sender's mark, and one under the new key before it", () => {
    const late = mayRekey();
    late.say(late.init());
    late.hear();
    late.say(late.done());
    // Not switched: this is still the old key.
    throwsLair(() => late.say(record(TYPE.data)), "noise-authentication");

    const early = mayRekey();
    early.say(early.init());
    early.hear();
    early.switchSend();
    throwsLair(() => early.say(early.done()), "noise-authentication");
  });
});

describe("fresh ephemeral keys (§8.4)", () => {
  it("are required in INIT: not that of the handshake, not that of the rekey before", () => {
    const first = mayRekey();
    first.random = partyOf("responder").random;
    throwsLair(() => first.say(first.init()), "rekey-protocol");

    const second = mayRekey();
    const same = new Uint8Array(32).fill(6);
    second.random = () => same.slice();
    second.say(second.init());
    second.hear();
    second.say(second.done());
    second.switchSend();
    second.clock.pass(10_000);
    throwsLair(() => second.say(second.init()), "rekey-protocol");
  });

  it("are required in REPLY", () => {
    const { peer, init } = askedForReply();
    peer.random = partyOf("initiator").random;
    throwsLair(() => peer.say(peer.reply(init)), "rekey-protocol");
  });
});

/** All points of low order that a receiver can meet, as u-coordinates (Curve25519: 0, 1, two of order 8, p-1, p, p+1). */
const LOW_ORDER = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
].map((hex) => fromHex(hex)!);

const bodyOf = (point: Uint8Array): Uint8Array => concat(u32(1), point, new Uint8Array(16));

describe("a low-order ephemeral key (§8.4)", () => {
  for (const [name, suite] of Object.entries({ NOBLE_SUITE, OPENSSL_SUITE })) {
    it(`is fatal in INIT, under ${name}`, () => {
      for (const point of LOW_ORDER) {
        const peer = mayRekey({ suite });
        throwsLair(() => peer.say(record(TYPE.init, bodyOf(point))), "noise-all-zero-dh");
      }
    });

    it(`is fatal in REPLY, under ${name}`, () => {
      for (const point of LOW_ORDER) {
        const { peer } = askedForReply({ suite });
        throwsLair(() => peer.say(record(TYPE.reply, bodyOf(point))), "noise-all-zero-dh");
      }
    });
  }
});

describe("a payload in a rekey message (§8.1)", () => {
  it("is fatal even when it authenticates", () => {
    const peer = mayRekey();
    throwsLair(() => peer.say(peer.init(Uint8Array.of(1))), "rekey-protocol");
    const { peer: other, init } = askedForReply();
    throwsLair(() => other.say(other.reply(init, Uint8Array.of(1))), "rekey-protocol");
  });
});

describe("another session's secrets (§8.1)", () => {
  it("make no INIT that is taken: the rekey is bound to the epoch before it", () => {
    const elsewhere = mayRekey({ seed: 2 });
    const peer = mayRekey();
    throwsLair(() => peer.say(elsewhere.init()), "noise-authentication");
  });
});
