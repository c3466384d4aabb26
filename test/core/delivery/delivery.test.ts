// Delivery (docs/PROTOCOL.md §7.1): numbers without holes, one ACK a frame, cumulative, and what breaks the rules is fatal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, readU64, toUtf8, u64 } from "../../../src/core/bytes.ts";
import type { LairErrorCode } from "../../../src/core/errors.ts";
import { Delivery, type DeliveryEvent } from "../../../src/core/delivery/delivery.ts";
import { directPair } from "../channel/direct-pair.ts";
import { record, RoguePeer, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";
import { throwsLair } from "../channel/throws-lair.ts";

/** A delivery and a peer with the right keys who sends what records it likes. */
function withRogue() {
  const peer = new RoguePeer("driver", { rekey: { minMs: 600_000, maxMs: 600_000 } });
  const delivery = new Delivery(peer.channel);
  const hear = (...records: readonly RogueRecord[]): DeliveryEvent[] =>
    peer.say(...records).flatMap((event) => (event.type === "record" ? delivery.receive(event, peer.clock.now) : []));
  const send = (text: string): number => delivery.send(toUtf8(text), peer.clock.now);
  return { peer, delivery, hear, send };
}

const data = (seq: bigint | number, text = "x") => record(TYPE.data, concat(u64(BigInt(seq)), toUtf8(text)));
const ack = (next: bigint | number) => record(TYPE.ack, u64(BigInt(next)));
const numbersOf = (records: readonly RogueRecord[], type: number) =>
  records.filter((one) => one.type === type).map(({ body }) => readU64(body, 0));

describe("numbers (§7.1)", () => {
  it("begin at 0 and grow by one, in the order of sending", () => {
    const { send, peer, delivery } = withRogue();
    assert.deepEqual([send("a"), send("b"), send("c")], [0, 1, 2]);
    const [frame, ...others] = peer.hear();
    assert.deepEqual(frame, [data(0, "a"), data(1, "b"), data(2, "c")]);
    assert.deepEqual(others, []);
    assert.equal(delivery.sent, 3);
    assert.equal(send("d"), 3);
  });

  it("are those of what arrives, with the bytes as they were sent", () => {
    const { hear, delivery } = withRogue();
    assert.deepEqual(hear(data(0, "a"), data(1, "")), [
      { type: "arrived", seq: 0, message: toUtf8("a") },
      { type: "arrived", seq: 1, message: new Uint8Array(0) },
    ]);
    assert.deepEqual(hear(data(2, "c")), [{ type: "arrived", seq: 2, message: toUtf8("c") }]);
    assert.equal(delivery.received, 3);
  });

  const wrong: Record<string, [LairErrorCode, RogueRecord]> = {
    "a number skipped": ["sequence", data(2)],
    "a number repeated": ["sequence", data(0)],
    "a number of 2^64 - 1": ["sequence", data(2n ** 64n - 1n)],
    // As a number it would be taken for 1.
    "a number that is 1 in its lower half": ["sequence", data(2n ** 32n + 1n)],
    "a DATA of 7 bytes": ["record-malformed", record(TYPE.data, new Uint8Array(7))],
    "an empty DATA": ["record-malformed", record(TYPE.data)],
  };
  for (const [what, [code, bad]] of Object.entries(wrong)) {
    it(`are fatal with ${what}`, () => {
      const { hear, delivery } = withRogue();
      hear(data(0));
      throwsLair(() => hear(bad), code);
      assert.equal(delivery.received, 1);
    });
  }

  it("are fatal when the first is not 0", () => {
    throwsLair(() => withRogue().hear(data(1)), "sequence");
  });
});

describe("acknowledging", () => {
  it("takes one ACK for all DATA of a frame", () => {
    const { hear, peer } = withRogue();
    peer.hear();
    hear(data(0), data(1), data(2));
    assert.deepEqual(peer.hear(), [[ack(3)]]);
    hear(data(3));
    assert.deepEqual(peer.hear(), [[ack(4)]]);
  });

  it("takes one ACK for all frames that came before it could leave", () => {
    const { hear, peer } = withRogue();
    for (let seq = 0; seq < 10; seq++) hear(data(seq));
    assert.deepEqual(numbersOf(peer.hear().flat(), TYPE.ack), [10n]);
  });

  it("leaves nothing to acknowledge without DATA", () => {
    const { peer, hear, send } = withRogue();
    send("a");
    peer.hear();
    hear(ack(1));
    assert.deepEqual(peer.hear(), []);
  });

  it("goes with what is sent, in one frame", () => {
    const { peer, hear, send } = withRogue();
    peer.hear();
    hear(data(0));
    send("answer");
    assert.deepEqual(peer.hear(), [[ack(1), data(0, "answer")]]);
  });
});

describe("an acknowledgement that arrives", () => {
  it("is cumulative: it delivers everything below it, oldest first", () => {
    const { send, hear, delivery } = withRogue();
    for (const text of ["a", "b", "c", "d"]) send(text);
    assert.equal(delivery.undelivered, 4);
    assert.deepEqual(hear(ack(3)), [
      { type: "delivered", seq: 0 },
      { type: "delivered", seq: 1 },
      { type: "delivered", seq: 2 },
    ]);
    assert.equal(delivery.undelivered, 1);
    assert.deepEqual(hear(ack(4)), [{ type: "delivered", seq: 3 }]);
    assert.equal(delivery.undelivered, 0);
  });

  it("that says nothing new delivers nothing and is charged, 32 in a row at most", () => {
    const { send, hear } = withRogue();
    send("a");
    hear(ack(1));
    for (let count = 0; count < 32; count++) assert.deepEqual(hear(ack(1)), []);
    throwsLair(() => hear(ack(1)), "control-flood");
  });

  it("that says something new is not charged", () => {
    const { send, hear } = withRogue();
    for (let next = 1; next <= 100; next++) {
      send("a");
      assert.equal(hear(ack(next)).length, 1);
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
      const { send, hear, delivery } = withRogue();
      for (const text of ["a", "b", "c"]) send(text);
      hear(ack(2));
      throwsLair(() => hear(bad), code);
      assert.equal(delivery.undelivered, 1);
    });
  }
});

describe("the queue", () => {
  it("holds 10,000 messages and not one more, until one of them is delivered", () => {
    const { send, hear, delivery, peer } = withRogue();
    for (let seq = 0; seq < 10_000; seq++) assert.equal(send(""), seq);
    const error = throwsLair(() => send("one more"), "queue-full");
    assert.ok(error.hint);
    assert.deepEqual([delivery.sent, delivery.undelivered], [10_000, 10_000]);
    peer.hear();
    throwsLair(() => send("one more"), "queue-full");
    hear(ack(1));
    assert.equal(send("one more"), 10_000);
    throwsLair(() => send("and another"), "queue-full");
  });

  it("holds 64 MiB and not one byte more, until some of it is delivered", () => {
    const { delivery, hear, peer } = withRogue();
    const part = new Uint8Array(65_508);
    const whole = Math.floor((64 * 1024 * 1024) / part.length);
    const rest = 64 * 1024 * 1024 - whole * part.length;
    for (let count = 0; count < whole; count++) delivery.send(part, peer.clock.now);
    throwsLair(() => delivery.send(part.subarray(0, rest + 1), peer.clock.now), "queue-full");
    delivery.send(part.subarray(0, rest), peer.clock.now);
    throwsLair(() => delivery.send(new Uint8Array(1), peer.clock.now), "queue-full");
    assert.equal(delivery.sent, whole + 1);
    hear(ack(1));
    delivery.send(part, peer.clock.now);
    throwsLair(() => delivery.send(new Uint8Array(1), peer.clock.now), "queue-full");
  });

  it("does not count what fits into no frame", () => {
    const { delivery, peer } = withRogue();
    assert.throws(() => delivery.send(new Uint8Array(65_509), peer.clock.now), RangeError);
    assert.deepEqual([delivery.sent, delivery.undelivered], [0, 0]);
    assert.equal(delivery.send(new Uint8Array(65_508), peer.clock.now), 0);
  });
});

describe("the round trip", () => {
  it("is unknown before the first delivery, and then that of one message at a time", () => {
    const { send, hear, delivery, peer } = withRogue();
    assert.equal(delivery.roundTripMs, undefined);
    send("a");
    peer.clock.pass(30);
    send("b");
    peer.clock.pass(10);
    hear(ack(1));
    assert.equal(delivery.roundTripMs, 40);
    // "b" was not timed: "a" was under way when it was sent.
    peer.clock.pass(100);
    hear(ack(2));
    assert.equal(delivery.roundTripMs, 40);
    send("c");
    peer.clock.pass(7);
    hear(ack(3));
    assert.equal(delivery.roundTripMs, 7);
  });

  it("ends with a cumulative ACK, not with one that says nothing of the message", () => {
    const { send, hear, delivery, peer } = withRogue();
    send("a");
    peer.clock.pass(10);
    hear(ack(0));
    assert.equal(delivery.roundTripMs, undefined);
    send("b");
    peer.clock.pass(5);
    hear(ack(2));
    assert.equal(delivery.roundTripMs, 15);
  });

  it("is measured by the monotonic clock", () => {
    const { driver, clock } = directPair();
    const delivery = new Delivery(driver);
    delivery.send(toUtf8("a"), clock.now);
    clock.pass(5);
    clock.setWall(-60_000);
    delivery.receive({ type: "record", record: "ack", body: u64(1n) }, clock.now);
    assert.equal(delivery.roundTripMs, 5);
  });
});
