// Frames of a session (docs/PROTOCOL.md §4): what goes into one, in which order, and what is fatal about one.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, readU32, u32 } from "../../../src/core/bytes.ts";
import { LinkedPair, openPair } from "./pair.ts";
import { plaintextOf, record, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";

const numbers = (bodies: readonly Uint8Array[]): number[] => bodies.map((body) => readU32(body, 0));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a frame that is built (§4)", () => {
  it("holds everything that waits: 1,000 small records leave in one", () => {
    const session = new LinkedPair(openPair());
    for (const number of upTo(1_000)) session.pair.driver.sendData(u32(number));
    assert.equal(session.pair.driver.waitingBytes, 4_000);
    assert.equal(session.take("driver"), 1);
    assert.equal(session.pair.driver.waitingBytes, 0);
    session.pump();
    assert.deepEqual(numbers(session.received("other")), upTo(1_000));
  });

  it("has 272 bytes for a line of chat and never more than 65,535", () => {
    const session = new LinkedPair(openPair());
    session.pair.driver.sendData(new Uint8Array(200));
    session.take("driver");
    for (let count = 0; count < 10; count++) session.pair.driver.sendData(new Uint8Array(30_000));
    assert.equal(session.take("driver"), 5);
    session.pair.driver.sendData(new Uint8Array(65_516));
    session.take("driver");
    assert.deepEqual(
      session.underWay.driver.map(({ length }) => length),
      // 60,006 bytes of records are padded to a multiple of 2,048.
      [272, ...upTo(5).map(() => 61_440 + 16), 65_535],
    );
  });

  it("takes a body of 65,516 bytes and refuses a longer one", () => {
    const { channel } = new RoguePeer("other");
    channel.sendData(new Uint8Array(65_516));
    for (const send of ["sendData", "sendAck", "sendResume"] as const) {
      throwsLair(() => channel[send](new Uint8Array(65_517)), "message-too-long", send);
    }
    assert.equal(channel.state, "open");
    assert.equal(channel.waitingBytes, 65_516);
  });

  it("is not built when nothing waits", () => {
    const { channel, clock } = new RoguePeer("other");
    assert.equal(channel.nextFrame(clock.now), undefined);
  });

  it("has control in front of data: a REPLY does not wait behind a file", () => {
    const peer = new RoguePeer("other");
    peer.clock.pass(2_000);
    for (let count = 0; count < 3; count++) peer.channel.sendData(new Uint8Array(60_000));
    peer.say(record(TYPE.ping, new Uint8Array(8)), peer.init());
    assert.deepEqual(
      peer.hear().map((records) => records.map(({ type }) => type)),
      [[TYPE.pong, TYPE.reply], [TYPE.data], [TYPE.data], [TYPE.data]],
    );
  });

  it("keeps the order of data, and leaves out what no longer fits", () => {
    const peer = new RoguePeer("other");
    for (const length of [60_000, 60_000, 10, 20]) peer.channel.sendData(new Uint8Array(length));
    assert.deepEqual(
      peer.hear().map((records) => records.map(({ body }) => body.length)),
      [[60_000], [60_000, 10, 20]],
    );
  });

  it("makes room for control that no longer fits beside other control in the next frame", () => {
    const peer = new RoguePeer("other");
    peer.say(record(TYPE.ping, new Uint8Array(8)));
    peer.channel.sendAck(new Uint8Array(65_516));
    peer.channel.sendData(u32(1));
    assert.deepEqual(
      peer.hear().map((records) => records.map(({ type }) => type)),
      [[TYPE.pong], [TYPE.ack], [TYPE.data]],
    );
  });

  it("carries the newest ACK only", () => {
    const peer = new RoguePeer("other");
    for (const next of upTo(50)) peer.channel.sendAck(u32(next));
    assert.deepEqual(peer.hear(), [[record(TYPE.ack, u32(49))]]);
    peer.channel.sendAck(u32(50));
    assert.deepEqual(peer.hear(), [[record(TYPE.ack, u32(50))]]);
  });

  it("waits while the caller pulls none, and then brings everything in order", () => {
    const session = new LinkedPair(openPair());
    const { pair } = session;
    for (const number of upTo(5_000)) {
      pair.driver.sendData(concat(u32(number), new Uint8Array(96)));
      pair.other.sendData(u32(number));
      // The other side is read, ours is not: its frames arrive, ours wait.
      if (number % 500 === 0) {
        pair.clock.pass(100);
        session.take("other");
        while (session.deliver("other"));
      }
    }
    assert.equal(pair.driver.waitingBytes, 500_000);
    assert.equal(session.received("other").length, 0);
    session.pump();
    assert.deepEqual(numbers(session.received("other")), upTo(5_000));
    assert.deepEqual(numbers(session.received("driver")), upTo(5_000));
  });
});

describe("a frame that arrives (§4)", () => {
  const plaintexts: Record<string, Uint8Array> = {
    "a header that is cut short": Uint8Array.of(TYPE.data, 0),
    "a record that reaches beyond the end": Uint8Array.of(TYPE.data, 0, 2, 7),
    "padding that is not all zeros": concat(plaintextOf(), Uint8Array.of(1)),
    "a record behind padding": concat(Uint8Array.of(0), plaintextOf(record(TYPE.data))),
  };
  for (const [fault, plaintext] of Object.entries(plaintexts)) {
    it(`is fatal with ${fault}`, () => {
      const peer = new RoguePeer("other");
      throwsLair(() => peer.channel.receive(peer.seal(plaintext), peer.clock.now), "record-malformed");
      assert.equal(peer.channel.state, "closed");
    });
  }

  it("is fatal over 65,535 bytes, and when it is shorter than a tag", () => {
    for (const [length, code] of [
      [65_536, "frame-length"],
      [15, "noise-message-length"],
      [0, "noise-message-length"],
    ] as const) {
      const { channel, clock } = new RoguePeer("other");
      throwsLair(() => channel.receive(new Uint8Array(length), clock.now), code);
      assert.equal(channel.state, "closed");
    }
  });

  it("may have any padding, or none", () => {
    for (const plaintext of [
      Uint8Array.of(TYPE.data, 0, 1, 9),
      Uint8Array.of(TYPE.data, 0, 1, 9, 0),
      concat(Uint8Array.of(TYPE.data, 0, 1, 9), new Uint8Array(1_000)),
    ]) {
      const peer = new RoguePeer("other");
      const events = peer.channel.receive(peer.seal(plaintext), peer.clock.now);
      assert.deepEqual(events, [{ type: "record", record: "data", body: Uint8Array.of(9) }]);
    }
  });

  it("may be empty: padding only, or no plaintext at all", () => {
    for (const plaintext of [new Uint8Array(256), new Uint8Array(0)]) {
      const peer = new RoguePeer("other");
      assert.deepEqual(peer.channel.receive(peer.seal(plaintext), peer.clock.now), []);
      assert.equal(peer.channel.state, "open");
    }
  });

  it("is fatal when it comes twice, and when one was left out", () => {
    const replayed = new RoguePeer("other");
    const frame = replayed.seal(plaintextOf(record(TYPE.data)));
    replayed.channel.receive(frame, replayed.clock.now);
    throwsLair(() => replayed.channel.receive(frame, replayed.clock.now), "noise-authentication");

    const cut = new RoguePeer("other");
    cut.seal(plaintextOf(record(TYPE.data)));
    throwsLair(() => cut.say(record(TYPE.data)), "noise-authentication");
  });

  it("is fatal when it is one of our own", () => {
    const { channel, clock } = new RoguePeer("other");
    channel.sendData(u32(1));
    const own = channel.nextFrame(clock.now)!;
    throwsLair(() => channel.receive(own, clock.now), "noise-authentication");
  });
});
