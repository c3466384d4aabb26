// Kinds and streams (docs/PROTOCOL.md §7.2): one sequence of numbers, a quota for each stream, and kinds that nobody reads.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { CHAT_KIND } from "../../../src/core/delivery/data.ts";
import { Delivery, type Kinds } from "../../../src/core/delivery/delivery.ts";
import type { MessageContent } from "../../../src/core/delivery/store.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TYPE } from "../channel/rogue-peer.ts";
import { LastingStore, stampOf } from "./lasting-store.ts";
import { ack, data, numbersOf, OURS, PEER, resume, RogueSession, THEIRS } from "./rogue-session.ts";

const KIND = 2;
const KINDS: Kinds = new Map([
  [CHAT_KIND, {}],
  [KIND, { decode: (message: Uint8Array): MessageContent => ({ kind: "unknown", name: `${message.length}` }) }],
]);
const KIB = 1_024;
/** With its head of 23 bytes it takes a quarter of a stream's quota. */
const QUARTER = new Uint8Array(16 * KIB - 23);

function begin(kinds = KINDS) {
  const store = new LastingStore(OURS);
  const delivery = new Delivery(store, PEER, kinds);
  const session = new RogueSession(delivery);
  session.hear(resume());
  session.records();
  const { now } = session.peer.clock;
  return {
    store,
    delivery,
    session,
    say: (text: string): number => delivery.send(toUtf8(text), now),
    pour: (stream: number, part: Uint8Array = QUARTER): number =>
      delivery.send(part, now, undefined, { kind: KIND, stream }),
  };
}

const ours = (seq: number, text: string, route?: readonly [number, number]) =>
  data(seq, text, stampOf(OURS, seq), route);

describe("streams (§7.2)", () => {
  it("share one sequence of numbers, and each keeps its order", () => {
    const { session, say, pour, delivery } = begin();
    assert.deepEqual([say("a"), pour(3, toUtf8("x")), say("b"), pour(9, toUtf8("y"))], [0, 1, 2, 3]);
    assert.deepEqual(
      session.turn().map((event) => [event.type, "route" in event ? event.route : undefined]),
      [
        ["sent", undefined],
        ["sent", { kind: KIND, stream: 3 }],
        ["sent", undefined],
        ["sent", { kind: KIND, stream: 9 }],
      ],
    );
    const all = [ours(0, "a"), ours(1, "x", [KIND, 3]), ours(2, "b"), ours(3, "y", [KIND, 9])];
    assert.deepEqual(session.records(), all);
    assert.equal(delivery.undelivered, 4);
    session.hear(ack(4));
    assert.equal(delivery.undelivered, 0);
  });

  it("come with their kind and stream, decoded once, also after a restart", () => {
    const { session, store } = begin();
    const stamp = stampOf(THEIRS, 0);
    const [event] = session.hear(data(0, "xyz", stamp, [KIND, 7]));
    const atMs = session.peer.clock.now.wallMs;
    const stored = { seq: 0, stamp, atMs, message: toUtf8("xyz"), route: { kind: KIND, stream: 7 } };
    assert.deepEqual(event, { type: "arrived", ...stored, content: { kind: "unknown", name: "3" } });
    assert.deepEqual(new Delivery(store.reopen(), PEER, KINDS).takeUnseen(), [stored]);
  });

  it("have 64 KiB each, heads included, until some of it is acknowledged: then they are told, once", () => {
    const { session, delivery, say, pour } = begin();
    assert.equal(delivery.room(3), 65_493);
    for (let count = 0; count < 4; count++) pour(3);
    assert.equal(delivery.room(3), 0);
    throwsLair(() => pour(3, new Uint8Array(0)), "stream-full");
    assert.equal(delivery.undelivered, 4);
    say("not kept waiting");
    pour(4);
    session.turn();
    assert.deepEqual(session.hear(ack(1)), [
      { type: "delivered", seq: 0, stream: 3 },
      { type: "room", stream: 3 },
    ]);
    assert.equal(delivery.room(3), QUARTER.length);
    assert.deepEqual(session.hear(ack(2)), [{ type: "delivered", seq: 1, stream: 3 }]);
  });

  it("are told when there is room for the message that was refused, and not before", () => {
    const { session, pour } = begin();
    for (let count = 0; count < 4; count++) pour(3);
    throwsLair(() => pour(3, new Uint8Array(20 * KIB)), "stream-full");
    session.turn();
    assert.deepEqual(session.hear(ack(1)), [{ type: "delivered", seq: 0, stream: 3 }]);
    assert.deepEqual(session.hear(ack(2)), [
      { type: "delivered", seq: 1, stream: 3 },
      { type: "room", stream: 3 },
    ]);
  });

  it("have 256 KiB together, so that a line of chat never waits behind more", () => {
    const { delivery, session, say, pour } = begin();
    for (const stream of [1, 2, 3, 4]) for (let count = 0; count < 4; count++) pour(stream);
    assert.equal(delivery.room(5), 0);
    throwsLair(() => pour(5), "stream-full");
    throwsLair(() => pour(6), "stream-full");
    assert.equal(say("a line"), 16);
    session.turn();
    let frames = 0;
    for (let records = session.peer.hear(); records.length > 0; records = session.peer.hear()) {
      frames += records.length;
      if (numbersOf(records.flat(), TYPE.data).includes(16n)) break;
      delivery.sessionOn(session.peer.channel)?.transmit();
    }
    assert.ok(frames <= 7, `the line is in frame ${frames}`);
    assert.deepEqual(session.hear(ack(1)).slice(1), [
      { type: "room", stream: 5 },
      { type: "room", stream: 6 },
    ]);
    // The one that is refused again stands behind the other.
    pour(6);
    throwsLair(() => pour(5), "stream-full");
    session.turn();
    assert.deepEqual(session.hear(ack(2)).slice(1), [{ type: "room", stream: 5 }]);
  });

  it("leave the quota of the chat alone, and the chat theirs", () => {
    const { delivery, say, pour } = begin();
    for (let count = 0; count < 10_000; count++) say("x");
    throwsLair(() => say("x"), "queue-full");
    assert.equal(delivery.room(0), 0);
    pour(3);
  });

  it("are as full after a restart", () => {
    const { delivery, store, pour } = begin();
    for (let count = 0; count < 4; count++) pour(3);
    delivery.commit();
    const restarted = new Delivery(store.reopen(), PEER, KINDS);
    assert.deepEqual([restarted.room(3), restarted.room(4)], [0, 65_493]);
  });

  it("refuse the chat's kind and the chat's stream", () => {
    const { delivery, session } = begin();
    for (const route of [
      { kind: CHAT_KIND, stream: 3 },
      { kind: KIND, stream: 0 },
      { kind: 256, stream: 3 },
    ]) {
      assert.throws(() => delivery.send(QUARTER, session.peer.clock.now, undefined, route), RangeError);
    }
    assert.equal(delivery.hasStaged, false);
  });
});

describe("a message that no layer reads (§7.2)", () => {
  for (const [what, route] of Object.entries({
    "of a kind that is not known": [9, 3],
    "of kind 0": [0, 3],
    "of chat on another stream": [CHAT_KIND, 3],
    "of another kind on the chat's stream": [KIND, 0],
  } as const)) {
    it(`${what} is acknowledged and ignored, and the next one arrives`, () => {
      const { session, delivery, store } = begin();
      const events = session.hear(data(0, "x", stampOf(THEIRS, 0), route), data(1, "hello"));
      assert.deepEqual(
        events.map((event) => [event.type, "seq" in event ? event.seq : undefined]),
        [["arrived", 1]],
      );
      assert.deepEqual(session.records(), [ack(2)]);
      assert.equal(delivery.received, 1);
      assert.deepEqual(
        store.load(PEER).inbox.map(({ seq }) => seq),
        [1],
      );
    });
  }

  it("counts in RESUME, so that a cut before its ACK looks like any other", () => {
    const { session, store } = begin();
    session.hear(data(0, "hello"), data(1, "x", stampOf(THEIRS, 1), [9, 3]));
    const restarted = new RogueSession(new Delivery(store.reopen(), PEER, KINDS));
    const said = restarted.said();
    assert.deepEqual([said.next, said.last], [2, stampOf(THEIRS, 1)]);
  });

  it("is passed over when an older copy of the peer's store sends it again", () => {
    const { session } = begin();
    session.hear(data(0, "x", stampOf(THEIRS, 0), [9, 3]));
    assert.deepEqual(session.hear(data(1, "x", stampOf(THEIRS, 0), [KIND, 3])), []);
    assert.deepEqual(session.records(), [ack(2)]);
  });

  it("leaves nothing to be shown", () => {
    const { session, store, delivery } = begin();
    session.hear(data(0, "x", stampOf(THEIRS, 0), [9, 3]));
    assert.deepEqual([store.load(PEER).shown, store.load(PEER).expected], [1, 1]);
    delivery.detach(session.peer.channel);
    delivery.beginAnew();
  });
});
