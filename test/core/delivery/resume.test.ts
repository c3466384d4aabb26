// RESUME (docs/PROTOCOL.md §7.1): its bytes, and what two sides follow from both.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, toUtf8, u64 } from "../../../src/core/bytes.ts";
import { Delivery } from "../../../src/core/delivery/delivery.ts";
import { agree, type Agreement, decodeResume, encodeResume, type Resume } from "../../../src/core/delivery/resume.ts";
import { FIRST_SEED } from "../channel/first-seed.ts";
import { SeededRandom } from "../channel/seeded-random.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TYPE } from "../channel/rogue-peer.ts";
import { LastingStore, stampOf } from "./lasting-store.ts";
import { ack, data, idOf, NO_STAMP, numbersOf, OURS, PEER, resume, RogueSession, THEIRS } from "./rogue-session.ts";
import { effort } from "../../effort.ts";

const NONE = idOf(0);
const ANNA = idOf(1);
const BERT = idOf(2);
const MOST = 2 ** 52;
const LAST = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 9);

describe("the body of RESUME (§7.1)", () => {
  const some: Resume = { store: ANNA, known: BERT, next: 0x0102, first: 0x0304, sent: 0x010203040506, last: LAST };

  it("is store, known, next, first, sent and last, 68 bytes", () => {
    const body = concat(ANNA, BERT, u64(0x0102n), u64(0x0304n), u64(0x010203040506n), LAST);
    assert.deepEqual(encodeResume(some), body);
    assert.equal(body.length, 68);
    assert.deepEqual(decodeResume(body), some);
  });

  it("is read wherever it lies, and shares no memory with its frame", () => {
    const frame = concat(new Uint8Array(3), encodeResume(some), new Uint8Array(5));
    const read = decodeResume(frame.subarray(3, 71));
    frame.fill(0);
    assert.deepEqual(read, some);
  });

  it("takes numbers up to 2^52, and `first` as high as `sent`", () => {
    const high = { ...some, next: MOST, first: MOST, sent: MOST };
    assert.deepEqual(decodeResume(encodeResume(high)), high);
  });

  const body = encodeResume(some);
  const withNumbers = (next: bigint, first: bigint, sent: bigint): Uint8Array =>
    concat(ANNA, BERT, u64(next), u64(first), u64(sent), LAST);
  const above = BigInt(MOST) + 1n;
  const malformed: Record<string, Uint8Array> = {
    "is empty": new Uint8Array(0),
    "is cut short": body.subarray(0, 67),
    "is too long": concat(body, new Uint8Array(1)),
    "is that of an earlier draft": body.subarray(0, 56),
    "expects more than 2^52": withNumbers(above, 0n, 0n),
    "has sent more than 2^52": withNumbers(0n, 0n, above),
    "has sent 2^64 - 1": withNumbers(0n, 0n, 2n ** 64n - 1n),
    "can send from above what it has sent": withNumbers(0n, 5n, 4n),
    "can send from far above what it has sent": withNumbers(0n, 2n ** 64n - 1n, 2n ** 52n),
  };
  for (const [what, bytes] of Object.entries(malformed)) {
    it(`is refused when it ${what}`, () => {
      const error = throwsLair(() => decodeResume(bytes), "resume-malformed");
      assert.match(error.message, /RESUME cannot be read/);
    });
  }
});

/** A side as it stands before RESUME. */
interface Standing {
  readonly store: Uint8Array;
  readonly known: Uint8Array;
  readonly acknowledged: number;
  readonly released: number;
  readonly queued?: number;
  readonly expected: number;
  /** When it is not what the other has under the number before `expected`. */
  readonly last?: Uint8Array;
}

const resumeOf = ({ store, known, acknowledged, released, expected, last }: Standing, other: Standing): Resume => ({
  store,
  known,
  next: expected,
  first: acknowledged,
  sent: released,
  last: last ?? (expected === 0 ? NO_STAMP : stampOf(other.store, expected - 1)),
});
/** Each message has the index of its number. */
const stampsOf =
  ({ store, acknowledged, released }: Standing) =>
  (seq: number): Uint8Array => {
    assert.ok(seq >= acknowledged && seq < released, `${seq} does not wait, or was not sent`);
    return stampOf(store, seq);
  };
const conclude = (own: Standing, theirs: Standing): Agreement =>
  agree(resumeOf(own, theirs), resumeOf(theirs, own), own, stampsOf(own));

/** Two who have exchanged ten messages each way, all acknowledged. */
const anna: Standing = { store: ANNA, known: BERT, acknowledged: 10, released: 10, expected: 10 };
const bert: Standing = { store: BERT, known: ANNA, acknowledged: 10, released: 10, expected: 10 };
const fresh = (store: Uint8Array): Standing => ({
  store,
  known: NONE,
  acknowledged: 0,
  released: 0,
  expected: 0,
});

interface Case {
  readonly own: Standing;
  readonly theirs: Standing;
  readonly goesOn: Omit<Agreement, "notices">;
  readonly notices?: Agreement["notices"];
}

const on = (acknowledged: number, firstToSend: number, expected: number) => ({
  acknowledged,
  firstToSend,
  expected,
  hasDiverged: false,
});
/** Only once both have been told. */
const later = (...numbers: Parameters<typeof on>) => ({ ...on(...numbers), hasDiverged: true });
/** What another copy of this store has sent since. */
const OTHER_COPY = stampOf(ANNA, 5, 1);

const CASES: Record<string, Case> = {
  "have never met": { own: fresh(ANNA), theirs: fresh(BERT), goesOn: on(0, 0, 0) },
  "know all of each other": { own: anna, theirs: bert, goesOn: on(10, 10, 10) },
  "have lost our last messages on the way": {
    own: { ...anna, released: 14 },
    theirs: bert,
    goesOn: on(10, 10, 10),
  },
  "have lost the acknowledgement of our last messages": {
    own: { ...anna, released: 14 },
    theirs: { ...bert, expected: 13 },
    goesOn: on(13, 13, 10),
  },
  "have lost the peer's last messages, or our acknowledgement": {
    own: { ...anna, expected: 12 },
    theirs: { ...bert, acknowledged: 10, released: 15 },
    goesOn: on(10, 10, 12),
  },
  "meet again, and the peer's store is an older copy that lacks three of ours": {
    own: anna,
    theirs: { ...bert, expected: 7 },
    goesOn: later(10, 10, 10),
    notices: [{ whose: "peer", what: "older", missing: 3 }],
  },
  "meet again, and the peer's store is an older copy that has forgotten what it said": {
    own: anna,
    theirs: { ...bert, acknowledged: 6, released: 6 },
    goesOn: later(10, 10, 10),
    notices: [{ whose: "peer", what: "older", missing: 0 }],
  },
  "meet again, and the peer's store is new": {
    own: anna,
    theirs: fresh(idOf(9)),
    goesOn: later(10, 10, 10),
    notices: [{ whose: "peer", what: "new", missing: 10 }],
  },
  "meet again, and our store is an older copy that lacks three of theirs": {
    own: { ...anna, expected: 7 },
    theirs: bert,
    goesOn: later(10, 10, 10),
    notices: [{ whose: "own", what: "older", missing: 3 }],
  },
  "meet again, and our store is an older copy that has forgotten what we said": {
    own: { ...anna, acknowledged: 6, released: 6 },
    theirs: bert,
    goesOn: later(6, 10, 10),
    notices: [{ whose: "own", what: "older", missing: 0 }],
  },
  "meet again, and our older copy has two in flight": {
    own: { ...anna, acknowledged: 4, released: 6 },
    theirs: bert,
    goesOn: later(4, 10, 10),
    notices: [{ whose: "own", what: "older", missing: 0 }],
  },
  "meet again, and our older copy has three queued, two of which were sent in its other life": {
    own: { ...anna, acknowledged: 8, released: 8, queued: 3 },
    theirs: bert,
    goesOn: later(8, 10, 10),
    notices: [{ whose: "own", what: "older", missing: 0 }],
  },
  "meet again, and our older copy has sent other messages under the numbers that the peer has taken": {
    own: { ...anna, released: 14 },
    theirs: { ...bert, expected: 13, last: OTHER_COPY },
    goesOn: on(10, 13, 10),
    notices: [{ whose: "own", what: "older", missing: 0 }],
  },
  "meet again, and our older copy has sent others, of which the peer has taken all": {
    own: { ...anna, released: 14 },
    theirs: { ...bert, expected: 14, last: OTHER_COPY },
    goesOn: on(10, 14, 10),
    notices: [{ whose: "own", what: "older", missing: 0 }],
  },
  "meet again, and our older copy has nothing to send under numbers that the peer took from another": {
    own: anna,
    theirs: { ...bert, last: OTHER_COPY },
    goesOn: on(10, 10, 10),
  },
  "meet again, and our store is new": {
    own: fresh(idOf(9)),
    theirs: bert,
    goesOn: later(0, 10, 10),
    notices: [{ whose: "own", what: "new", missing: 10 }],
  },
  "meet again, and both stores are older copies": {
    own: { ...anna, acknowledged: 6, released: 6, expected: 5 },
    theirs: { ...bert, acknowledged: 7, released: 7, expected: 8 },
    goesOn: later(6, 8, 7),
    notices: [{ whose: "own", what: "older", missing: 2 }],
  },
  "meet again, and both stores were begun anew": { own: fresh(idOf(8)), theirs: fresh(idOf(9)), goesOn: on(0, 0, 0) },
  "meet again, and we have no store this time": {
    own: fresh(NONE),
    theirs: bert,
    goesOn: later(0, 10, 10),
  },
  "meet again, and the peer has no store this time": {
    own: anna,
    theirs: fresh(NONE),
    goesOn: later(10, 10, 10),
  },
  "meet again with our store, after we had none for three messages each way": {
    own: anna,
    theirs: { ...bert, known: NONE, acknowledged: 13, released: 13, expected: 13 },
    goesOn: later(10, 13, 13),
  },
  "meet again with the peer's store, after that had none for three messages each way": {
    own: { ...anna, known: NONE, acknowledged: 13, released: 13, expected: 13 },
    theirs: bert,
    goesOn: later(13, 13, 13),
  },
  "meet again with our store, after we had none, under two of its numbers": {
    own: { ...anna, released: 12 },
    theirs: { ...bert, known: NONE, expected: 12, last: OTHER_COPY },
    goesOn: on(10, 12, 10),
  },
  "meet again with our store, after we had none and the peer took nothing from that": {
    own: { ...anna, released: 12 },
    theirs: { ...bert, known: NONE, expected: 12 },
    goesOn: on(12, 12, 10),
  },
  "meet again with an old store of ours, after another one, under one of its numbers": {
    own: { ...anna, released: 12 },
    theirs: { ...bert, known: idOf(9), expected: 11, last: OTHER_COPY, acknowledged: 12, released: 12 },
    goesOn: later(10, 11, 12),
    notices: [{ whose: "own", what: "new", missing: 2 }],
  },
  "meet for the first time with our store, in which two wait, after we had none": {
    own: { ...fresh(ANNA), queued: 2 },
    theirs: { ...bert, known: NONE },
    goesOn: later(0, 10, 10),
  },
  "meet for the first time as far as our older copy knows, in which two wait that were sent in its other life": {
    own: { ...fresh(ANNA), queued: 2 },
    theirs: bert,
    goesOn: later(0, 10, 10),
    notices: [{ whose: "own", what: "older", missing: 10 }],
  },
  "have no store, both": { own: fresh(NONE), theirs: fresh(NONE), goesOn: on(0, 0, 0) },
  "meet in one program without a store, which does not forget": {
    own: { ...anna, store: NONE, released: 12 },
    theirs: { ...bert, known: NONE, expected: 11 },
    goesOn: on(11, 11, 10),
  },
};

describe("two sides that", () => {
  for (const [what, { own, theirs, goesOn, notices = [] }] of Object.entries(CASES)) {
    it(`${what} go on where they can`, () => {
      assert.deepEqual(conclude(own, theirs), { ...goesOn, notices });
    });
  }
});

function mirrored(own: Standing, theirs: Standing): void {
  const [ours, their] = [conclude(own, theirs), conclude(theirs, own)];
  assert.equal(ours.firstToSend, their.expected);
  assert.equal(their.firstToSend, ours.expected);
  // Or one of them would wait for an ACK for ever.
  assert.equal(ours.hasDiverged, their.hasDiverged);
  for (const [one, other, isAhead] of [
    [ours, their, theirs.expected > own.released],
    [their, ours, own.expected > theirs.released],
  ] as const) {
    // Where only the stamps do not fit, the other side lacks nothing, and cannot see it.
    const own = one.notices.filter(
      ({ whose, what, missing }) => whose === "own" && (what === "new" || missing > 0 || isAhead),
    );
    const peer = other.notices.filter(({ whose }) => whose === "peer");
    assert.deepEqual(
      own.map(({ what, missing }) => ({ what, missing })),
      peer.map(({ what, missing }) => ({ what, missing })),
    );
    // What leaves a hole is told before it does.
    for (const { missing } of one.notices) assert.ok(missing === 0 || one.hasDiverged, `${missing} are missing`);
  }
}

describe("the conclusions of two sides", () => {
  it("mirror each other for the cases above", () => {
    for (const { own, theirs } of Object.values(CASES)) mirrored(own, theirs);
  });

  it(`mirror each other for any two states, and take nothing back (LAIR_TEST_SEED=${FIRST_SEED})`, () => {
    const random = new SeededRandom(FIRST_SEED);
    const standing = (store: Uint8Array, other: Uint8Array): Standing => {
      const acknowledged = random.below(6);
      return {
        store: random.chance(20) ? NONE : store,
        known: random.pick([NONE, other, other, idOf(9)]),
        acknowledged,
        released: acknowledged + random.below(4),
        expected: random.below(9),
        queued: random.below(3),
        ...(random.chance(30) ? { last: OTHER_COPY } : {}),
      };
    };
    let notices = 0;
    const count = effort(1_500, 20_000);
    for (let tried = 0; tried < count; tried++) {
      const [own, theirs] = [standing(ANNA, BERT), standing(BERT, ANNA)];
      mirrored(own, theirs);
      const agreement = conclude(own, theirs);
      const isTaken =
        theirs.last === undefined && theirs.expected <= own.released && theirs.expected > own.acknowledged;
      assert.equal(agreement.acknowledged, isTaken ? theirs.expected : own.acknowledged, "nothing but what they took");
      assert.ok(agreement.firstToSend >= agreement.acknowledged, "what is sent again was not delivered");
      // Nothing that the peer has is sent under a number that it has.
      assert.ok(agreement.firstToSend >= theirs.expected && agreement.expected >= own.expected, "expected");
      for (const { missing } of agreement.notices) assert.ok(missing >= 0, "a count");
      notices += agreement.notices.length;
    }
    assert.ok(notices > count / 2, `${notices} notices`);
  });
});

describe("a RESUME that is far ahead (§7.1)", () => {
  const FAR = 2 ** 32;
  const own = resumeOf(anna, bert);
  const cases: readonly (readonly [string, Partial<Resume>, Partial<Resume>])[] = [
    ["expects", { next: own.sent + FAR }, { next: own.sent + FAR + 1 }],
    ["has sent", { sent: own.next + FAR }, { sent: own.next + FAR + 1 }],
    [
      "can only send from",
      { first: own.next + FAR, sent: own.next + FAR },
      { first: own.next + FAR + 1, sent: own.next + FAR + 1 },
    ],
  ];
  for (const [what, within, beyond] of cases) {
    it(`is refused when it ${what} more than 2^32 beyond what was said or heard, and taken below`, () => {
      const theirs = resumeOf(bert, anna);
      agree(own, { ...theirs, ...within }, anna, stampsOf(anna));
      throwsLair(() => agree(own, { ...theirs, ...beyond }, anna, stampsOf(anna)), "resume-jump");
    });
  }

  it("is refused before anything of it is stored or told", () => {
    const store = new LastingStore(OURS);
    const delivery = new Delivery(store, PEER);
    const before = store.load(PEER);
    const session = new RogueSession(delivery);
    throwsLair(() => session.receive(resume({ next: FAR + 1 })), "resume-jump");
    assert.deepEqual(delivery.commit(), []);
    assert.deepEqual(store.load(PEER), before);
  });
});

describe("numbers that begin anew (§7.1)", () => {
  it("fit those of a peer who has begun anew, and take nothing twice", () => {
    const store = new LastingStore(OURS);
    const delivery = new Delivery(store, PEER);
    // A peer that lies its numbers up, says something, and is gone.
    const liar = new RogueSession(delivery);
    liar.receive(resume({ next: 2 ** 31, first: 2 ** 31, sent: 2 ** 31 }), ack(0));
    liar.turn();
    liar.receive(data(2 ** 31, "once", stampOf(THEIRS, 0)));
    liar.turn();
    delivery.show(2 ** 31 + 1);
    delivery.send(toUtf8("waits"), liar.peer.clock.now);
    delivery.commit();
    delivery.detach(liar.peer.channel);
    assert.deepEqual(delivery.waiting, [2 ** 31]);

    delivery.beginAnew();
    delivery.commit();
    assert.deepEqual(delivery.waiting, [0]);
    const again = new Delivery(store, PEER);
    assert.deepEqual(again.waiting, [0]);

    const honest = new RogueSession(again);
    honest.receive(resume());
    const told = honest.turn();
    assert.deepEqual(
      told.filter(({ type }) => type === "memory"),
      [],
    );
    assert.deepEqual(numbersOf(honest.records(), TYPE.data), [0n]);
    honest.receive(data(0, "once", stampOf(THEIRS, 0)), data(1, "new", stampOf(THEIRS, 1)));
    const arrived = honest.turn().filter((event) => event.type === "arrived");
    assert.deepEqual(
      arrived.map(({ seq }) => seq),
      [1],
    );
  });

  it("wait for the end of a session, and for what has not been shown", () => {
    const store = new LastingStore(OURS);
    const delivery = new Delivery(store, PEER);
    const session = new RogueSession(delivery);
    throwsLair(() => delivery.beginAnew(), "usage");
    session.receive(resume({ sent: 1 }), data(0, "not seen"));
    session.turn();
    delivery.detach(session.peer.channel);
    throwsLair(() => delivery.beginAnew(), "usage");
    delivery.show(1);
    delivery.beginAnew();
    delivery.commit();
    assert.equal(store.load(PEER).expected, 0);
  });
});
