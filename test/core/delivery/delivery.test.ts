// Delivery in one session (docs/PROTOCOL.md §7.2): numbers without holes, one ACK a turn, cumulative, nothing before it is
// stored, and what breaks the rules is fatal. Over several sessions: `sessions.test.ts`.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, toUtf8, u64 } from "../../../src/core/bytes.ts";
import { Delivery } from "../../../src/core/delivery/delivery.ts";
import type { LairErrorCode } from "../../../src/core/errors.ts";
import { record, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { LastingStore, stampOf } from "./lasting-store.ts";
import { ack, data, numbersOf, ours, OURS, PEER, resume, RogueSession, THEIRS, withRogue } from "./rogue-session.ts";
import { SpyStore } from "./spy-store.ts";

describe("numbers (§7.2)", () => {
  it("begin at 0 and grow by one, in the order of sending, and a turn's messages leave in one frame", () => {
    const { delivery, session, peer } = withRogue();
    const say = (text: string): number => delivery.send(toUtf8(text), peer.clock.now);
    assert.deepEqual([say("a"), say("b"), say("c")], [0, 1, 2]);
    const atMs = peer.clock.now.wallMs;
    assert.deepEqual(
      session.turn(),
      ["a", "b", "c"].map((text, seq) => ({
        type: "sent",
        seq,
        stamp: stampOf(OURS, seq),
        atMs,
        message: toUtf8(text),
        content: undefined,
      })),
    );
    assert.deepEqual(peer.hear(), [[ours(0, "a"), ours(1, "b"), ours(2, "c")]]);
    assert.equal(delivery.sent, 3);
    assert.equal(say("d"), 3);
  });

  it("are those of what arrives, with the bytes as they were sent and the time at which they came", () => {
    const { session, delivery, peer } = withRogue();
    const atMs = peer.clock.now.wallMs;
    assert.deepEqual(session.hear(data(0, "a"), data(1, "")), [
      { type: "arrived", seq: 0, stamp: stampOf(THEIRS, 0), atMs, message: toUtf8("a"), content: undefined },
      { type: "arrived", seq: 1, stamp: stampOf(THEIRS, 1), atMs, message: new Uint8Array(0), content: undefined },
    ]);
    assert.deepEqual(session.hear(data(2, "c")), [
      { type: "arrived", seq: 2, stamp: stampOf(THEIRS, 2), atMs, message: toUtf8("c"), content: undefined },
    ]);
    assert.equal(delivery.received, 3);
  });

  it("below the one expected are acknowledged again in silence, at whatever time", () => {
    const { session, delivery, peer, store } = withRogue();
    session.hear(data(0, "a"), data(1, "b"));
    peer.hear();
    assert.deepEqual(session.hear(data(0, "z")), []);
    assert.deepEqual(session.records(), [ack(2)]);
    assert.deepEqual(session.hear(data(1), data(2, "c"), data(2, "z")).length, 1);
    assert.deepEqual(session.records(), [ack(3)]);
    assert.equal(delivery.received, 3);
    assert.deepEqual(
      store.load(PEER).inbox.map(({ message }) => message),
      ["a", "b", "c"].map(toUtf8),
    );
  });

  const wrong: Record<string, [LairErrorCode, RogueRecord]> = {
    "a number skipped": ["sequence", data(2)],
    "a number of 2^64 - 1": ["sequence", data(2n ** 64n - 1n)],
    // As a number it would be taken for 1.
    "a number that is 1 in its lower half": ["sequence", data(2n ** 32n + 1n)],
    "a DATA of 7 bytes": ["record-malformed", record(TYPE.data, new Uint8Array(7))],
    "a DATA without the whole of its stamp": [
      "record-malformed",
      record(TYPE.data, concat(u64(1n), new Uint8Array(11))),
    ],
    "a DATA without the whole of its stream": [
      "record-malformed",
      record(TYPE.data, concat(u64(1n), new Uint8Array(14))),
    ],
    "a DATA without the whole of its stamp, under a number that has come": [
      "record-malformed",
      record(TYPE.data, new Uint8Array(19)),
    ],
    "an empty DATA": ["record-malformed", record(TYPE.data)],
  };
  for (const [what, [code, bad]] of Object.entries(wrong)) {
    it(`are fatal with ${what}`, () => {
      const { session, delivery } = withRogue();
      session.hear(data(0));
      throwsLair(() => session.hear(bad), code);
      assert.equal(delivery.received, 1);
    });
  }

  it("are fatal when the first is not 0", () => {
    throwsLair(() => withRogue().session.hear(data(1)), "sequence");
  });
});

describe("acknowledging", () => {
  it("takes one ACK for all DATA of a turn", () => {
    const { session } = withRogue();
    session.hear(data(0), data(1), data(2));
    assert.deepEqual(session.records(), [ack(3)]);
    session.receive(data(3));
    session.receive(data(4));
    session.turn();
    assert.deepEqual(session.records(), [ack(5)]);
  });

  it("takes one ACK for all turns that came before it could leave", () => {
    const { session } = withRogue();
    for (let seq = 0; seq < 10; seq++) session.hear(data(seq));
    assert.deepEqual(numbersOf(session.records(), TYPE.ack), [10n]);
  });

  it("waits until what came is stored", () => {
    const { session, store } = withRogue();
    session.receive(data(0));
    session.delivery.sessionOn(session.peer.channel)?.transmit();
    assert.deepEqual(session.records(), []);
    assert.equal(store.load(PEER).expected, 0);
    session.turn();
    assert.equal(store.load(PEER).expected, 1);
    assert.deepEqual(session.records(), [ack(1)]);
  });

  it("leaves nothing to acknowledge without DATA", () => {
    const { session } = withRogue();
    session.send("a");
    session.records();
    session.hear(ack(1));
    assert.deepEqual(session.records(), []);
  });

  it("goes with what is sent, in one frame", () => {
    const { session, delivery, peer } = withRogue();
    session.receive(data(0));
    delivery.send(toUtf8("answer"), peer.clock.now);
    session.turn();
    assert.deepEqual(peer.hear(), [[ack(1), ours(0, "answer")]]);
  });
});

describe("what is said", () => {
  it("leaves when it is stored, and not before", () => {
    const { session, delivery, peer, store } = withRogue();
    delivery.send(toUtf8("a"), peer.clock.now);
    delivery.sessionOn(peer.channel)?.transmit();
    assert.deepEqual([session.records(), delivery.sent, delivery.undelivered], [[], 0, 1]);
    assert.equal(delivery.hasStaged, true);
    delivery.commit();
    assert.deepEqual(session.records(), []);
    assert.equal(store.load(PEER).outbox.length, 1);
    delivery.sessionOn(peer.channel)?.transmit();
    assert.deepEqual(session.records(), [ours(0, "a")]);
  });

  it("fits into a frame, or is refused before anything is staged", () => {
    const { session, delivery, peer } = withRogue();
    throwsLair(() => delivery.send(new Uint8Array(65_494), peer.clock.now), "message-too-long");
    assert.deepEqual([delivery.hasStaged, delivery.undelivered], [false, 0]);
    assert.equal(delivery.send(new Uint8Array(65_493), peer.clock.now), 0);
    session.turn();
    assert.equal(session.records()[0]?.body.length, 65_516);
  });

  it("is queued until both have said RESUME, and then released under the number it had", () => {
    const delivery = new Delivery(new LastingStore(OURS), PEER);
    const session = new RogueSession(delivery);
    const { peer } = session;
    const atMs = peer.clock.now.wallMs;
    delivery.send(toUtf8("a"), peer.clock.now);
    assert.deepEqual(session.turn(), [
      { type: "queued", seq: 0, stamp: stampOf(OURS, 0), atMs, message: toUtf8("a"), content: undefined },
    ]);
    assert.deepEqual([delivery.queued, delivery.waiting], [1, [0]]);
    assert.deepEqual(
      session.records().map(({ type }) => type),
      [TYPE.resume],
    );
    assert.deepEqual(session.hear(resume()), [{ type: "released", seq: 0, was: 0 }]);
    assert.deepEqual(session.records(), [ours(0, "a")]);
    assert.deepEqual([delivery.queued, delivery.undelivered], [0, 1]);
  });

  it("is sent at once where RESUME comes in its own turn", () => {
    const delivery = new Delivery(new LastingStore(OURS), PEER);
    const session = new RogueSession(delivery);
    session.receive(resume());
    delivery.send(toUtf8("a"), session.peer.clock.now);
    assert.deepEqual(
      session.turn().map(({ type }) => type),
      ["sent"],
    );
  });

  it("is given to the channel 256 KiB at a time; the rest waits where it is stored", () => {
    const { session, delivery, peer } = withRogue();
    for (let count = 0; count < 20; count++) delivery.send(new Uint8Array(60_000), peer.clock.now);
    session.turn();
    assert.equal(peer.channel.waitingBytes, 5 * 60_023);
    let frames = 0;
    for (let taken = peer.hear().length; taken > 0; taken = peer.hear().length) {
      frames += taken;
      delivery.sessionOn(peer.channel)?.transmit();
    }
    assert.equal(frames, 20);
  });
});

describe("an acknowledgement that arrives", () => {
  it("is cumulative: it delivers everything below it, oldest first", () => {
    const { session, delivery, store } = withRogue();
    for (const text of ["a", "b", "c", "d"]) session.send(text);
    assert.equal(delivery.undelivered, 4);
    assert.deepEqual(session.hear(ack(3)), [
      { type: "delivered", seq: 0 },
      { type: "delivered", seq: 1 },
      { type: "delivered", seq: 2 },
    ]);
    assert.deepEqual([delivery.undelivered, delivery.waiting], [1, [3]]);
    assert.deepEqual(session.hear(ack(4)), [{ type: "delivered", seq: 3 }]);
    assert.equal(delivery.undelivered, 0);
    assert.deepEqual(store.load(PEER).outbox, []);
  });

  it("that says nothing new delivers nothing and is charged, 32 in a row at most", () => {
    const { session } = withRogue();
    session.send("a");
    session.hear(ack(1));
    for (let count = 0; count < 32; count++) assert.deepEqual(session.hear(ack(1)), []);
    throwsLair(() => session.hear(ack(1)), "control-flood");
  });

  it("that says something new is not charged", () => {
    const { session } = withRogue();
    for (let next = 1; next <= 100; next++) {
      session.send("a");
      assert.equal(session.hear(ack(next)).length, 1);
    }
  });

  const wrong: Record<string, [LairErrorCode, RogueRecord]> = {
    "goes back": ["sequence", ack(1)],
    "goes back to 0": ["sequence", ack(0)],
    "goes beyond what was sent": ["sequence", ack(4)],
    "goes far beyond": ["sequence", ack(2n ** 64n - 1n)],
    "is right in its lower half only": ["sequence", ack(2n ** 32n + 3n)],
    "is empty": ["record-malformed", record(TYPE.ack)],
    "is 7 bytes long": ["record-malformed", record(TYPE.ack, new Uint8Array(7))],
    "is 9 bytes long": ["record-malformed", record(TYPE.ack, concat(u64(3n), new Uint8Array(1)))],
  };
  for (const [what, [code, bad]] of Object.entries(wrong)) {
    it(`is fatal when it ${what}`, () => {
      const { session, delivery } = withRogue();
      for (const text of ["a", "b", "c"]) session.send(text);
      session.hear(ack(2));
      throwsLair(() => session.hear(bad), code);
      assert.equal(delivery.undelivered, 1);
    });
  }

  it("is fatal when it is for what the channel has not been given yet", () => {
    const { session, delivery, peer } = withRogue();
    for (let count = 0; count < 20; count++) delivery.send(new Uint8Array(60_000), peer.clock.now);
    session.turn();
    peer.hear();
    throwsLair(() => session.hear(ack(6)), "sequence");
  });
});

describe("the round trip", () => {
  it("is unknown before the first delivery, and then that of one message at a time", () => {
    const { session, delivery, peer } = withRogue();
    assert.equal(delivery.roundTripMs, undefined);
    session.send("a");
    peer.clock.pass(30);
    session.send("b");
    peer.clock.pass(10);
    session.hear(ack(1));
    assert.equal(delivery.roundTripMs, 40);
    // "b" was not timed: "a" was under way when it was sent.
    peer.clock.pass(100);
    session.hear(ack(2));
    assert.equal(delivery.roundTripMs, 40);
    session.send("c");
    peer.clock.pass(7);
    session.hear(ack(3));
    assert.equal(delivery.roundTripMs, 7);
  });

  it("ends with a cumulative ACK, not with one that says nothing of the message", () => {
    const { session, delivery, peer } = withRogue();
    session.send("a");
    peer.clock.pass(10);
    session.hear(ack(0));
    assert.equal(delivery.roundTripMs, undefined);
    session.send("b");
    peer.clock.pass(5);
    session.hear(ack(2));
    assert.equal(delivery.roundTripMs, 15);
  });

  it("is measured by the monotonic clock", () => {
    const { session, delivery, peer } = withRogue();
    session.send("a");
    peer.clock.pass(5);
    peer.clock.setWall(-60_000);
    session.hear(ack(1));
    assert.equal(delivery.roundTripMs, 5);
  });

  it("is none of what waited for a link, or was sent over another", () => {
    const delivery = new Delivery(new LastingStore(OURS), PEER);
    const first = new RogueSession(delivery);
    first.send("queued");
    first.peer.clock.pass(1_000);
    first.hear(resume());
    first.hear(ack(1));
    assert.equal(delivery.roundTripMs, undefined);
    first.send("in flight");
    first.peer.clock.pass(1_000);
    const second = new RogueSession(delivery);
    second.hear(resume({ known: OURS, next: 2, last: stampOf(OURS, 1) }));
    second.hear(ack(2));
    assert.deepEqual([delivery.roundTripMs, delivery.undelivered], [undefined, 0]);
  });
});

describe("a store that fails while a session is on", () => {
  it("is the session's end, for its channel alone", () => {
    const store = new SpyStore();
    const delivery = new Delivery(store, PEER);
    const first = new RogueSession(delivery);
    first.hear(resume());
    delivery.requireIntact(first.peer.channel);
    delivery.send(toUtf8("a"), first.peer.clock.now);
    store.failsCommit = true;
    const error = throwsLair(() => delivery.commit(), "store-unwritable");
    store.failsCommit = false;
    const intact = (session: RogueSession) => () => delivery.requireIntact(session.peer.channel);
    assert.equal(throwsLair(intact(first), "store-unwritable"), error);
    assert.equal(delivery.sessionOn(first.peer.channel) !== undefined, false);
    const second = new RogueSession(delivery);
    second.hear(resume({ known: OURS }));
    intact(second)();
    assert.equal(throwsLair(intact(first), "store-unwritable"), error);
    assert.equal(second.send("b"), 0);
  });

  it("is nobody's where none is", () => {
    const store = new SpyStore();
    const delivery = new Delivery(store, PEER);
    const session = new RogueSession(delivery);
    session.hear(resume());
    delivery.detach(session.peer.channel);
    delivery.send(toUtf8("a"), session.peer.clock.now);
    store.failsCommit = true;
    throwsLair(() => delivery.commit(), "store-unwritable");
    delivery.requireIntact(session.peer.channel);
  });
});
