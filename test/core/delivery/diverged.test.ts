// Two stores that do not fit (docs/PROTOCOL.md §7.1): both people are told before either side goes on, wherever the link is
// cut and whichever program dies.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readU64, toUtf8, u64 } from "../../../src/core/bytes.ts";
import type { Channel } from "../../../src/core/channel/index.ts";
import { Delivery, type DeliveryEvent } from "../../../src/core/delivery/delivery.ts";
import type { Change } from "../../../src/core/delivery/store.ts";
import type { LairErrorCode } from "../../../src/core/errors.ts";
import { directPair } from "../channel/direct-pair.ts";
import { opposite, type Side, SIDES } from "../channel/pair.ts";
import { record, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { LastingStore, stampOf } from "./lasting-store.ts";
import { ack, data, idOf, ours, OURS, PEER, resume, RogueSession, THEIRS } from "./rogue-session.ts";
import { SpyStore } from "./spy-store.ts";

/** One message in flight and one queued, and a peer that says it has forty of ours. */
function diverged() {
  const store = new SpyStore();
  const delivery = new Delivery(store, PEER);
  const first = new RogueSession(delivery);
  first.hear(resume());
  first.send("in flight");
  const session = new RogueSession(delivery);
  session.records();
  delivery.send(toUtf8("queued"), session.peer.clock.now);
  delivery.commit();
  const before = store.load(PEER);
  const ahead = resume({ known: OURS, next: 40, last: stampOf(OURS, 39, 9), first: 3, sent: 3 });
  return { store, delivery, session, before, ahead };
}

const told = [{ type: "memory", whose: "own", what: "older", missing: 3 }];
const RENUMBERED = [
  { type: "released", seq: 41, was: 1 },
  { type: "released", seq: 40, was: 0 },
];

describe("stores that have diverged (§7.1)", () => {
  it("is told and confirmed with one ACK, and nothing of it is carried out before the peer's", () => {
    const { store, delivery, session, before, ahead } = diverged();
    assert.deepEqual(session.hear(ahead), told);
    assert.deepEqual(session.records(), [ack(0)]);
    const seq = delivery.send(toUtf8("meanwhile"), session.peer.clock.now);
    assert.deepEqual(
      session.turn().map(({ type }) => type),
      ["queued"],
    );
    assert.deepEqual([session.records(), seq, delivery.waiting], [[], 2, [0, 1, 2]]);
    const { outbox, next, ...rest } = store.load(PEER);
    const { outbox: _outbox, next: _next, ...unchanged } = before;
    assert.deepEqual([outbox.length, next], [3, 3]);
    assert.deepEqual(rest, unchanged);
  });

  for (const next of [0n, 1n, 40n, 2n ** 64n - 1n]) {
    it(`is over with the peer's ACK, though that says ${next}`, () => {
      const { store, session, ahead } = diverged();
      session.hear(ahead);
      session.records();
      // The highest first, also what had been sent: no new number is another's old one then.
      assert.deepEqual(session.hear(ack(next)), RENUMBERED);
      assert.deepEqual(session.records(), [
        ours(40, "in flight", stampOf(OURS, 0)),
        ours(41, "queued", stampOf(OURS, 1)),
      ]);
      const { acknowledged, released, next: free, expected } = store.load(PEER);
      assert.deepEqual([acknowledged, released, free, expected], [40, 42, 42, 3]);
      assert.equal(session.send("and on"), 42);
      assert.deepEqual(session.records(), [ours(42, "and on", stampOf(OURS, 2))]);
      // From now on an ACK means what it says.
      throwsLair(() => session.hear(ack(44)), "sequence");
    });
  }

  it("gives what was said in the turn that goes on its one number", () => {
    const { delivery, session, ahead } = diverged();
    session.hear(ahead);
    delivery.send(toUtf8("just now"), session.peer.clock.now);
    const events = session.hear(ack(0));
    assert.deepEqual(
      events.map((event) => [event.type, "seq" in event ? event.seq : undefined]),
      [
        ["sent", 42],
        ["released", 41],
        ["released", 40],
      ],
    );
  });

  it("skips what the peer no longer has", () => {
    const { store, session, ahead } = diverged();
    session.hear(ahead);
    assert.deepEqual(
      session.hear(ack(0), data(3, "d")).map(({ type }) => type),
      ["released", "released", "arrived"],
    );
    assert.deepEqual(
      store.load(PEER).inbox.map(({ seq }) => seq),
      [3],
    );
  });

  it("trims what the peer has, if it is ours, no earlier than the rest", () => {
    const store = new SpyStore();
    const delivery = new Delivery(store, PEER);
    const first = new RogueSession(delivery);
    first.hear(resume());
    for (const text of ["a", "b"]) first.send(text);
    const session = new RogueSession(delivery);
    session.records();
    session.hear(resume({ known: OURS, next: 1, last: stampOf(OURS, 0), first: 7, sent: 7 }));
    assert.deepEqual(delivery.waiting, [0, 1]);
    assert.deepEqual(session.hear(ack(0)), [{ type: "delivered", seq: 0 }]);
    assert.deepEqual(session.records(), [ack(0), ours(1, "b")]);
    assert.equal(store.load(PEER).expected, 7);
  });

  it("of a store that is new is told, and the pair goes on", () => {
    const delivery = new Delivery(new LastingStore(OURS), PEER);
    const first = new RogueSession(delivery);
    first.hear(resume());
    first.send("a");
    first.hear(ack(1));
    const session = new RogueSession(delivery);
    session.records();
    const events = session.hear(resume({ store: idOf(9) }));
    assert.deepEqual(events, [{ type: "memory", whose: "peer", what: "new", missing: 1 }]);
    session.hear(ack(0));
    assert.deepEqual([session.send("b"), session.records()], [1, [ack(0), ours(1, "b")]]);
  });
});

describe("before the peer's ACK", () => {
  const wrong: Record<string, [LairErrorCode, RogueRecord]> = {
    "a DATA": ["sequence", data(3)],
    "a DATA that came before": ["sequence", data(0)],
    "an ACK of a wrong length": ["record-malformed", record(TYPE.ack, new Uint8Array(7))],
  };
  for (const [what, [code, bad]] of Object.entries(wrong)) {
    it(`${what} is fatal`, () => {
      const { session, store, before, ahead } = diverged();
      session.hear(ahead);
      throwsLair(() => session.hear(bad), code);
      assert.deepEqual(store.load(PEER), before);
    });
  }

  it("a DATA is fatal also behind an ACK, as long as ours has not gone out", () => {
    const { session, ahead } = diverged();
    throwsLair(() => session.hear(ahead, ack(0), data(3)), "sequence");
  });

  it("more than one of its ACKs is charged", () => {
    const { session, ahead } = diverged();
    session.receive(ahead, ack(0));
    for (let count = 0; count < 32; count++) session.receive(ack(0));
    throwsLair(() => session.receive(ack(0)), "control-flood");
  });
});

/** Whether both know that the stores have diverged, and nothing has been carried out yet. */
function isAgreed(delivery: Delivery, { peer }: RogueSession): boolean {
  return delivery.sessionOn(peer.channel)?.agreed !== undefined;
}

describe("an ACK that comes with its RESUME", () => {
  it("changes nothing before it was told here: the next turn goes on", () => {
    const { store, delivery, session, before, ahead } = diverged();
    session.receive(ahead, ack(0));
    assert.deepEqual([isAgreed(delivery, session), session.records()], [false, []]);
    assert.deepEqual(session.turn(), told);
    assert.deepEqual([store.load(PEER), session.records()], [before, [ack(0)]]);
    assert.deepEqual([isAgreed(delivery, session), delivery.hasStaged], [true, true]);
    assert.deepEqual(session.turn(), RENUMBERED);
    assert.deepEqual([isAgreed(delivery, session), delivery.hasStaged], [false, false]);
    assert.equal(store.load(PEER).expected, 3);
  });

  it("goes on with the peer's first DATA, if that is earlier", () => {
    const { delivery, session, ahead } = diverged();
    session.hear(ahead, ack(0));
    assert.deepEqual(
      session.hear(data(3, "d")).map(({ type }) => type),
      ["released", "released", "arrived"],
    );
    assert.equal(isAgreed(delivery, session), false);
  });

  it("says nothing, and is told again, when the program dies or the store fails before it was told", () => {
    const { store, delivery, session, before, ahead } = diverged();
    session.receive(ahead, ack(0));
    delivery.send(toUtf8("lost"), session.peer.clock.now);
    store.failsCommit = true;
    throwsLair(() => session.turn(), "store-unwritable");
    store.failsCommit = false;
    assert.deepEqual([session.records(), delivery.commit(), store.load(PEER)], [[], [], before]);
    for (const next of [delivery, new Delivery(store.reopen(), PEER)]) {
      const again = new RogueSession(next);
      again.records();
      assert.deepEqual(again.hear(ahead), told);
    }
  });
});

const message = (seq: number) => ({ seq, stamp: stampOf(OURS, seq), atMs: 1, message: u64(BigInt(seq)) });

/** What each of two has been told, whose stores do not fit, and their links. */
class Two {
  readonly told: Record<Side, DeliveryEvent[]> = { driver: [], other: [] };
  readonly arrived: number[] = [];
  readonly stores: Record<Side, LastingStore>;
  people: Record<Side, Delivery>;
  frames = 0;

  /** The other's store has everything up to 5, and has acknowledged it; or an older copy lacks three of those. */
  constructor() {
    const { told } = this;
    const check = (side: Side, changes: readonly Change[]): void => {
      if (!changes.some(({ type }) => type === "peer-store-seen" || type === "skipped" || type === "renumbered"))
        return;
      for (const one of SIDES) assert.ok(told[one].length > 0, `${side} goes on, and ${one} does not know`);
    };
    class Checked extends LastingStore {
      side: Side | undefined;
      override commit(peer: Uint8Array, changes: readonly Change[]): void {
        if (this.side !== undefined) check(this.side, changes);
        super.commit(peer, changes);
      }
    }
    const [driver, other] = [new Checked(OURS), new Checked(THEIRS)];
    const said = Array.from({ length: 7 }, (_, seq): Change => ({ type: "queued", ...message(seq) }));
    const known: Change[] = [
      { type: "peer-store-seen", peerStore: THEIRS },
      { type: "released", next: 6 },
    ];
    driver.commit(PEER, [...said, ...known, { type: "acknowledged", next: 5, atMs: 1 }]);
    const got = [0, 1].map((seq): Change => ({ type: "arrived", ...message(seq) }));
    other.commit(PEER, [{ type: "peer-store-seen", peerStore: OURS }, ...got, { type: "shown", next: 2 }]);
    [driver.side, other.side] = SIDES;
    this.stores = { driver, other };
    this.people = this.restart();
  }

  restart(): Record<Side, Delivery> {
    this.people = {
      driver: new Delivery(this.stores.driver.reopen(), PEER),
      other: new Delivery(this.stores.other.reopen(), PEER),
    };
    return this.people;
  }

  /** A session that is cut when so many frames have arrived. */
  meet(most = Number.POSITIVE_INFINITY): void {
    const { clock, ...channels } = directPair({ resumed: false });
    for (const side of SIDES) this.people[side].attach(channels[side]);
    let left = most;
    for (let moved = true; moved && left > 0;) {
      moved = false;
      for (const side of SIDES) {
        this.#turn(side, channels[side]);
        const frame = channels[side].nextFrame(clock.now);
        if (frame === undefined || left-- <= 0) continue;
        moved = true;
        this.frames += 1;
        const peer = opposite(side);
        for (const event of channels[peer].receive(frame, clock.now)) {
          if (event.type === "record") this.people[peer].receive(channels[peer], event, clock.now);
        }
      }
    }
    for (const side of SIDES) this.people[side].detach(channels[side]);
  }

  #turn(side: Side, channel: Channel): void {
    for (const event of this.people[side].commit()) {
      if (event.type === "memory") this.told[side].push(event);
      if (event.type === "arrived") this.arrived.push(Number(readU64(event.message, 0)));
    }
    this.people[side].sessionOn(channel)?.transmit();
  }
}

describe("a cut between two stores that do not fit", () => {
  const whole = new Two();
  whole.meet();
  for (let cut = 0; cut <= whole.frames; cut++) {
    for (const dies of [false, true]) {
      it(`after ${cut} frames leaves both told in the end${dies ? ", though both programs die" : ""}`, () => {
        const two = new Two();
        two.meet(cut);
        if (dies) two.restart();
        two.meet();
        const lost = { type: "memory", what: "older", missing: 3 };
        assert.deepEqual(two.told.driver[0], { ...lost, whose: "peer" });
        assert.deepEqual(two.told.other[0], { ...lost, whose: "own" });
        assert.deepEqual([two.arrived, two.people.driver.undelivered], [[5, 6], 0]);
      });
    }
  }

  it("is tried after each frame of a session that has some", () => {
    assert.ok(whole.frames >= 5, `${whole.frames} frames`);
  });
});
