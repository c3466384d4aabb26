// Delivery over several sessions, restarts and a store that fails (docs/PROTOCOL.md §7.1, §7.2).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { Delivery } from "../../../src/core/delivery/delivery.ts";
import type { LairErrorCode } from "../../../src/core/errors.ts";
import { record, TYPE } from "../channel/rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { stampOf } from "./lasting-store.ts";
import { ack, data, NO_STAMP, ours, OURS, PEER, resume, RogueSession, THEIRS } from "./rogue-session.ts";
import { SpyStore } from "./spy-store.ts";

/** A delivery over a store that is watched, in its first session. */
function met() {
  const store = new SpyStore();
  const delivery = new Delivery(store, PEER);
  const session = new RogueSession(delivery);
  session.peer.hear();
  session.hear(resume());
  store.commits.length = 0;
  return { store, delivery, session };
}

const types = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);

describe("RESUME of ours (§7.1)", () => {
  it("says who we are, whom we know, and where both directions stand", () => {
    const { store, delivery, session } = met();
    for (const text of ["a", "b", "c"]) session.send(text);
    session.hear(ack(1), data(0), data(1));
    const said = { store: OURS, known: THEIRS, next: 2, first: 1, sent: 3, last: stampOf(THEIRS, 1) };
    assert.deepEqual(new RogueSession(delivery).said(), said);
    // The same after a restart; what is only queued has not been sent.
    const restarted = new Delivery(store.reopen(), PEER);
    restarted.send(toUtf8("d"), session.peer.clock.now);
    restarted.commit();
    assert.deepEqual(new RogueSession(restarted).said(), said);
  });

  it("counts what came over an older link and was not stored yet: that is stored first", () => {
    const { store, delivery, session } = met();
    session.receive(data(0, "a"));
    const second = new RogueSession(delivery);
    assert.deepEqual(store.commits, [["arrived"]]);
    assert.equal(second.said().next, 1);
    assert.deepEqual(types(second.turn()), ["arrived"]);
  });

  it("is not said when the store fails, and the older session is over", () => {
    const { store, delivery, session } = met();
    session.receive(data(0, "a"));
    store.failsCommit = true;
    throwsLair(() => new RogueSession(delivery), "store-unwritable");
    assert.equal(delivery.sessionOn(session.peer.channel) !== undefined, false);
    store.failsCommit = false;
    const second = new RogueSession(delivery);
    assert.equal(second.said().next, 0);
    assert.deepEqual([second.turn(), delivery.received], [[], 0]);
  });
});

describe("RESUME of theirs (§7.1)", () => {
  const wrong: Record<string, [LairErrorCode, Uint8Array]> = {
    "is empty": ["resume-malformed", new Uint8Array(0)],
    "is cut short": ["resume-malformed", new Uint8Array(67)],
  };
  for (const [what, [code, body]] of Object.entries(wrong)) {
    it(`is fatal when it ${what}`, () => {
      const session = new RogueSession(new Delivery(new SpyStore(), PEER));
      throwsLair(() => session.hear(record(TYPE.resume, body)), code);
    });
  }

  it("trims what has arrived, and the rest is sent again, in order and with its numbers", () => {
    const { delivery, session } = met();
    for (const text of ["a", "b", "c", "d"]) session.send(text);
    const second = new RogueSession(delivery);
    second.records();
    assert.deepEqual(second.hear(resume({ known: OURS, next: 2, last: stampOf(OURS, 1) })), [
      { type: "delivered", seq: 0 },
      { type: "delivered", seq: 1 },
    ]);
    assert.deepEqual(second.records(), [ours(2, "c"), ours(3, "d")]);
  });

  it("may be followed at once by an ACK that says the same", () => {
    const { delivery, session } = met();
    for (const text of ["a", "b"]) session.send(text);
    const second = new RogueSession(delivery);
    const events = second.hear(resume({ known: OURS, next: 2, last: stampOf(OURS, 1) }), ack(2));
    assert.deepEqual(types(events), ["delivered", "delivered"]);
  });

  it("is stored, with whom it names", () => {
    const { store } = met();
    assert.deepEqual(store.load(PEER).peerStore, THEIRS);
  });

  it("trims nothing when the last that the peer took is not what we sent under that number", () => {
    for (const last of [NO_STAMP, stampOf(OURS, 0), stampOf(OURS, 1, 5), stampOf(THEIRS, 1)]) {
      const { store, delivery, session } = met();
      for (const text of ["a", "b", "c"]) session.send(text);
      const second = new RogueSession(delivery);
      second.records();
      delivery.send(toUtf8("queued"), second.peer.clock.now);
      delivery.commit();
      second.receive(resume({ known: OURS, next: 2, last }));
      delivery.sessionOn(second.peer.channel)?.transmit();
      assert.deepEqual(second.records(), [], "nothing leaves under a number that is not stored");
      assert.deepEqual(second.turn(), [
        { type: "memory", whose: "own", what: "older", missing: 0 },
        // The highest first: 2 is the new number of one and was the old one of another.
        { type: "released", seq: 5, was: 3 },
        { type: "released", seq: 4, was: 2 },
        { type: "released", seq: 3, was: 1 },
        { type: "released", seq: 2, was: 0 },
      ]);
      // The same messages under later numbers: the peer knows by the stamps what it has of them.
      const again = ["a", "b", "c", "queued"].map((text, index) => ours(2 + index, text, stampOf(OURS, index)));
      assert.deepEqual(second.records(), again);
      const { acknowledged, released, next } = store.load(PEER);
      assert.deepEqual([acknowledged, released, next], [2, 6, 6]);
      assert.equal(second.send("and on"), 6);
    }
  });

  it("is asked for the last only where something of ours is to be trimmed", () => {
    const { delivery, session } = met();
    for (const text of ["a", "b"]) session.send(text);
    session.hear(ack(1));
    const second = new RogueSession(delivery);
    second.records();
    assert.deepEqual(second.hear(resume({ known: OURS, next: 1, last: stampOf(OURS, 0, 5) })), []);
    assert.deepEqual(second.records(), [ours(1, "b")]);
  });

  it("gives what was said in its own turn its one number", () => {
    const { delivery, session } = met();
    session.send("a");
    const second = new RogueSession(delivery);
    delivery.send(toUtf8("just now"), second.peer.clock.now);
    const events = second.hear(resume({ known: OURS, next: 1, last: NO_STAMP }));
    assert.deepEqual(
      events.map((event) => [event.type, "seq" in event ? event.seq : undefined]),
      [
        ["sent", 2],
        ["memory", undefined],
        ["released", 1],
      ],
    );
  });
});

describe("a message that has come before under another number (§7.2)", () => {
  it("is passed over: neither shown nor stored, and acknowledged", () => {
    const { store, delivery, session } = met();
    session.hear(data(0, "a"), data(1, "b"));
    session.records();
    store.commits.length = 0;
    // An equal stamp, and an earlier one of its life.
    assert.deepEqual(session.hear(data(2, "b", stampOf(THEIRS, 1)), data(3, "a", stampOf(THEIRS, 0))), []);
    assert.deepEqual([session.records(), store.commits], [[ack(4)], [["skipped", "skipped"]]]);
    assert.deepEqual([delivery.received, store.load(PEER).expected, store.load(PEER).inbox.length], [2, 4, 2]);
    // The numbers go on, with the next index and with another life.
    const next = [data(4, "c", stampOf(THEIRS, 2)), data(5, "d", stampOf(THEIRS, 0, 1))];
    assert.deepEqual(types(session.hear(...next)), ["arrived", "arrived"]);
    assert.deepEqual(session.records(), [ack(6)]);
  });

  it("is known after a restart, and in the turn in which it came first", () => {
    const { store, session } = met();
    const restarted = session.hear(data(0, "a"), data(1, "a", stampOf(THEIRS, 0)));
    assert.deepEqual(types(restarted), ["arrived"]);
    const second = new RogueSession(new Delivery(store.reopen(), PEER));
    second.records();
    assert.deepEqual(second.hear(resume({ known: OURS, sent: 3, first: 2 }), data(2, "a", stampOf(THEIRS, 0))), []);
    assert.deepEqual(second.records(), [ack(3)]);
  });

  it("is not what we took last", () => {
    const { store, delivery, session } = met();
    session.hear(data(0, "a"), data(1, "b"), data(2, "a", stampOf(THEIRS, 0)));
    for (const one of [delivery, new Delivery(store.reopen(), PEER)]) {
      const { next, last } = new RogueSession(one).said();
      assert.deepEqual([next, last], [3, stampOf(THEIRS, 1)]);
    }
  });

  it("is acknowledged after the commit, and not before", () => {
    const { session, delivery, store } = met();
    session.hear(data(0, "a"));
    session.records();
    session.receive(data(1, "a", stampOf(THEIRS, 0)));
    delivery.sessionOn(session.peer.channel)?.transmit();
    assert.deepEqual([session.records(), store.load(PEER).expected], [[], 1]);
    store.failsCommit = true;
    throwsLair(() => session.turn(), "store-unwritable");
    assert.deepEqual([session.records(), store.load(PEER).expected], [[], 1]);
  });

  it("may leave indexes out: they were never stored there", () => {
    const { session, store } = met();
    const came = session.hear(data(0, "a", stampOf(THEIRS, 7)), data(1, "b", stampOf(THEIRS, 2 ** 32 - 1)));
    assert.deepEqual(types(came), ["arrived", "arrived"]);
    assert.deepEqual(
      store.load(PEER).lives.map(({ count }) => count),
      [2 ** 32],
    );
  });
});

describe("a session that another has replaced", () => {
  it("carries nothing any more: neither what it brings nor what it acknowledges counts", () => {
    const { delivery, session } = met();
    session.send("a");
    const second = new RogueSession(delivery);
    second.records();
    second.hear(resume({ known: OURS }));
    session.peer.hear();
    assert.deepEqual(session.hear(data(0, "stale"), ack(1)), []);
    assert.deepEqual(session.hear(data(7), record(TYPE.ack)), []);
    assert.deepEqual([delivery.received, delivery.undelivered], [0, 1]);
    assert.deepEqual(session.records(), []);
    delivery.detach(session.peer.channel);
    assert.deepEqual(
      [delivery.sessionOn(session.peer.channel) !== undefined, delivery.sessionOn(second.peer.channel) !== undefined],
      [false, true],
    );
  });

  it("leaves what came in its last turn to be stored, without an ACK", () => {
    const { delivery, session, store } = met();
    session.receive(data(0, "the last"));
    delivery.detach(session.peer.channel);
    assert.equal(delivery.hasStaged, true);
    assert.deepEqual(types(delivery.commit()), ["arrived"]);
    assert.equal(store.load(PEER).expected, 1);
    assert.deepEqual(session.records(), []);
  });
});

describe("a store that fails under a session", () => {
  it("tells nothing, sends nothing and acknowledges nothing, and the session is over", () => {
    const { delivery, session, store } = met();
    session.send("before");
    session.records();
    session.receive(data(0), ack(1));
    delivery.send(toUtf8("b"), session.peer.clock.now);
    store.failsCommit = true;
    const error = throwsLair(() => session.turn(), "store-unwritable");
    assert.match(error.details.join(), /The last message was not stored/);
    delivery.sessionOn(session.peer.channel)?.transmit();
    assert.deepEqual(session.records(), []);
    assert.deepEqual([delivery.sent, delivery.received, delivery.undelivered, delivery.waiting], [1, 0, 1, [0]]);
    assert.equal(delivery.sessionOn(session.peer.channel) !== undefined, false);
    // None of it has happened: it all comes again, and is told once.
    store.failsCommit = false;
    assert.deepEqual(delivery.commit(), []);
    const second = new RogueSession(delivery);
    assert.deepEqual(second.said(), {
      store: OURS,
      known: THEIRS,
      next: 0,
      first: 0,
      sent: 1,
      last: NO_STAMP,
    });
    assert.deepEqual(types(second.hear(resume({ known: OURS, next: 1, sent: 1, last: stampOf(OURS, 0) }), data(0))), [
      "delivered",
      "arrived",
    ]);
  });

  it("is read again by whoever needs it next", () => {
    for (const use of [
      (delivery: Delivery) => void delivery.send(toUtf8("c"), { monotonicMs: 0, wallMs: 0 }),
      (delivery: Delivery) => delivery.show(0),
      (delivery: Delivery) => void new RogueSession(delivery),
    ]) {
      const { delivery, session, store } = met();
      session.receive(data(0));
      store.failsCommit = true;
      store.failsLoad = true;
      throwsLair(() => session.turn(), "store-unwritable");
      throwsLair(() => use(delivery), "store-unwritable");
      store.failsCommit = false;
      store.failsLoad = false;
      use(delivery);
      delivery.commit();
      assert.equal(new RogueSession(delivery).said().next, 0);
    }
  });
});

describe("one transaction a turn", () => {
  it("takes a burst of ours, of theirs and of acknowledgements together", () => {
    const { delivery, session, store } = met();
    for (let count = 0; count < 500; count++) delivery.send(toUtf8("x"), session.peer.clock.now);
    session.turn();
    assert.equal(store.commits.length, 1);
    session.receive(...Array.from({ length: 500 }, (_, seq) => data(seq)), ack(500));
    for (let count = 0; count < 500; count++) delivery.send(toUtf8("x"), session.peer.clock.now);
    session.turn();
    assert.equal(store.commits.length, 2);
    assert.equal(store.commits[1]!.length, 500 + 1 + 500 + 1);
    assert.equal(session.records().filter(({ type }) => type === TYPE.ack).length, 1);
  });

  it("is none when nothing has happened, or nothing new", () => {
    const { session, store } = met();
    session.turn();
    session.hear(ack(0));
    session.hear(data(0));
    session.hear(data(0));
    assert.equal(store.commits.length, 1);
  });
});

describe("what arrived before the program began", () => {
  it("is handed over once, until it is shown", () => {
    const { session, store } = met();
    session.hear(data(0, "a"), data(1, "b"));
    session.delivery.show(1);
    session.turn();
    const restarted = new Delivery(store.reopen(), PEER);
    const unseen = restarted.takeUnseen();
    assert.deepEqual(
      unseen.map(({ seq, message }) => [seq, message]),
      [[1, toUtf8("b")]],
    );
    assert.deepEqual(restarted.takeUnseen(), []);
    assert.equal(restarted.received, 0);
    restarted.show(2);
    restarted.commit();
    assert.deepEqual(new Delivery(store.reopen(), PEER).takeUnseen(), []);
  });

  it("does not hold what arrives afterwards", () => {
    const { session, delivery } = met();
    session.hear(data(0, "a"));
    assert.deepEqual(delivery.takeUnseen(), []);
  });
});

describe("what waits", () => {
  it("is counted as queued until a link takes it, over restarts", () => {
    const { session, store } = met();
    session.send("a");
    const restarted = new Delivery(store.reopen(), PEER);
    restarted.send(toUtf8("b"), session.peer.clock.now);
    assert.deepEqual(types(restarted.commit()), ["queued"]);
    assert.deepEqual([restarted.undelivered, restarted.queued, restarted.waiting], [2, 1, [0, 1]]);
    const again = new Delivery(store.reopen(), PEER);
    assert.deepEqual([again.undelivered, again.queued, again.waiting], [2, 1, [0, 1]]);
    const second = new RogueSession(again);
    assert.deepEqual(second.hear(resume({ known: OURS })), [{ type: "released", seq: 1, was: 1 }]);
    assert.deepEqual([again.queued, again.sent], [0, 0]);
  });
});
