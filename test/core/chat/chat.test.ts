// A chat over several sessions (docs/PROTOCOL.md §7.3): texts, the timer on which both agree, and what cannot be
// read.

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { fromUtf8, toUtf8, u64 } from "../../../src/core/bytes.ts";
import { Chat } from "../../../src/core/chat/chat.ts";
import { decodeMessage } from "../../../src/core/chat/message.ts";
import type { Store } from "../../../src/core/delivery/store.ts";
import { directPair } from "../channel/direct-pair.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { type Side, SIDES } from "../channel/pair.ts";
import { record, TYPE } from "../channel/rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { LastingStore } from "../delivery/lasting-store.ts";
import { CarriedSession, data, idOf, PEER, resume } from "../delivery/rogue-session.ts";
import { SpyStore } from "../delivery/spy-store.ts";
import { Two } from "./two.ts";
import { outboxOf } from "../delivery/whole-outbox.ts";

/** The last moment that a Date can hold, and how far ahead of our clock a peer's may be: a hundred years. */
const AT_LONG_AGO = 1_795_132_981_234;
const LAST_MS = 8.64e15;
const FARTHEST_MS = 36_525 * 86_400_000;

/** What the store was given of each message beside its bytes. */
class ContentStore extends LastingStore {
  readonly contents: unknown[] = [];

  override commit(...[peer, changes]: Parameters<Store["commit"]>): void {
    super.commit(peer, changes);
    for (const change of changes) {
      if (change.type === "queued" || change.type === "arrived") this.contents.push([change.type, change.content]);
    }
  }
}

/** The messages that wait in a store, as JSON. */
const written = (store: Store): unknown[] =>
  outboxOf(store, PEER).map(({ message }) => JSON.parse(fromUtf8(message)!) as unknown);

describe("a chat", () => {
  it("keeps what is said without a link for the next one, over restarts", () => {
    const two = new Two();
    const atMs = two.clock.now.wallMs;
    assert.equal(two.people.driver.say("while you were out", two.clock.now), 0);
    two.commit("driver");
    assert.deepEqual(two.events.driver, [{ type: "queued", seq: 0, atMs, text: "while you were out" }]);
    two.restart("driver");
    two.clock.pass(60_000);
    two.meet();
    assert.deepEqual(two.events.driver.slice(1), [
      { type: "released", seq: 0, was: 0 },
      { type: "delivered", seq: 0 },
    ]);
    // At the time at which it was said.
    assert.deepEqual(two.events.other, [{ type: "message", seq: 0, atMs, text: "while you were out" }]);
  });

  it("hands over what was not shown as such after a restart, once", () => {
    const two = new Two();
    const atMs = two.clock.now.wallMs;
    two.people.driver.say("seen", two.clock.now);
    two.people.driver.say("unseen", two.clock.now);
    two.meet();
    two.people.other.show(1);
    two.commit("other");
    two.restart("other");
    assert.deepEqual(two.people.other.takeUnseen(), [{ type: "message", seq: 1, atMs, text: "unseen", again: true }]);
    assert.deepEqual(two.people.other.takeUnseen(), []);
  });
});

describe("the timer (§7.3)", () => {
  it("holds on both sides, is told on both, and stands in what is said from then on", () => {
    const two = new Two();
    two.people.driver.say("before", two.clock.now);
    assert.equal(two.people.driver.setTimer(600, two.clock.now), 1);
    two.people.driver.say("after", two.clock.now);
    two.commit("driver");
    assert.deepEqual(
      written(two.stores.driver).map((message) => (message as { ttl?: number }).ttl),
      [undefined, undefined, 600],
    );
    two.meet();
    assert.deepEqual(two.timers, [600, 600]);
    assert.deepEqual(two.events.driver[1], { type: "timer", seq: 1, seconds: 600, by: "you" });
    assert.deepEqual(two.events.other[1], { type: "timer", seq: 1, seconds: 600, by: "peer" });
    two.people.other.say("answer", two.clock.now);
    two.commit("other");
    assert.deepEqual(written(two.stores.other), [{ kind: "text", at: two.clock.now.wallMs, ttl: 600, text: "answer" }]);
  });

  it("is switched off by either side", () => {
    const two = new Two();
    two.people.driver.setTimer(600, two.clock.now);
    two.meet();
    two.people.other.setTimer(0, two.clock.now);
    two.meet();
    assert.deepEqual(two.timers, [0, 0]);
    two.people.driver.say("for ever", two.clock.now);
    two.commit("driver");
    assert.deepEqual(written(two.stores.driver), [{ kind: "text", at: two.clock.now.wallMs, text: "for ever" }]);
  });

  it("survives a restart on both sides", () => {
    const two = new Two();
    two.people.driver.setTimer(3_600, two.clock.now);
    two.meet();
    for (const side of SIDES) two.restart(side);
    assert.deepEqual(two.timers, [3_600, 3_600]);
  });

  it("is the later one when both set it, and the shorter one when both do so at once", () => {
    for (const [driverS, otherS, laterMs, expected] of [
      [60, 3_600, 0, 60],
      [3_600, 60, 0, 60],
      [60, 0, 0, 0],
      [0, 60, 0, 0],
      [60, 60, 0, 60],
      [60, 3_600, 1, 3_600],
      [3_600, 60, 1, 60],
    ] as const) {
      const two = new Two();
      two.people.driver.setTimer(driverS, two.clock.now);
      two.commit("driver");
      two.clock.pass(laterMs);
      two.people.other.setTimer(otherS, two.clock.now);
      two.commit("other");
      two.meet();
      assert.deepEqual(two.timers, [expected, expected], `${driverS}, ${otherS} ${laterMs} ms later`);
      for (const side of SIDES) two.restart(side);
      assert.deepEqual(two.timers, [expected, expected], "after a restart");
    }
  });

  it("is the one that was set last, though its setter's clock is behind", () => {
    const two = new Two();
    two.people.driver.setTimer(600, two.clock.now);
    two.meet();
    two.clock.setWall(-3_600_000);
    two.people.other.setTimer(60, two.clock.now);
    two.meet();
    assert.deepEqual(two.timers, [60, 60]);
    two.people.other.setTimer(30, two.clock.now);
    two.meet();
    assert.deepEqual(two.timers, [30, 30]);
  });

  it("is taken back when it cannot be stored, by whoever set it", () => {
    const store = new SpyStore();
    const clock = new FakeClock();
    const chat = new Chat(store, PEER);
    chat.setTimer(600, clock.now);
    chat.commit();
    for (const fail of [() => chat.commit(), () => chat.attach(directPair({ resumed: false }).driver)]) {
      chat.setTimer(60, clock.now);
      assert.equal(chat.timerS, 60);
      store.failsCommit = true;
      throwsLair(fail, "store-unwritable");
      store.failsCommit = false;
      assert.equal(chat.timerS, 600);
      assert.deepEqual([chat.hasStaged, chat.undelivered], [false, 1]);
    }
  });

  it("is none where what is kept cannot be read", () => {
    for (const setting of [
      "",
      "{}",
      '{"timer":null}',
      '{"timer":{"atMs":"1","seconds":5}}',
      '{"timer":{"atMs":1}}',
      "[",
    ]) {
      const store = new LastingStore(idOf(1));
      store.commit(PEER, [{ type: "setting", value: toUtf8(setting) }]);
      assert.equal(new Chat(store, PEER).timerS, 0, setting);
    }
  });
});

/** A chat and its peer, who says what it likes in DATA. */
function withRogue() {
  const chat = new Chat(new LastingStore(idOf(1)), PEER);
  const session = new CarriedSession(chat);
  session.records();
  session.hear(resume());
  return { chat, session };
}

const said = (seq: number, message: Uint8Array) => data(seq, message);
const timerOf = (seconds: unknown, at = 5): Uint8Array => toUtf8(JSON.stringify({ kind: "timer", at, seconds }));

describe("a waiting text of an earlier version", () => {
  it("is sent though it is too long for the DATA of this one", () => {
    const store = new LastingStore(idOf(1));
    const text = `${"\u0001".repeat(10_900)}${"x".repeat(52)}`;
    const message = toUtf8(JSON.stringify({ kind: "text", at: AT_LONG_AGO, text }));
    assert.equal(message.length, 65_496);
    store.commit(PEER, [{ type: "queued", seq: 0, stamp: new Uint8Array(12), atMs: 0, message }]);
    const session = new CarriedSession(new Chat(store, PEER));
    session.hear(resume());
    const sent = session.records().find(({ type }) => type === TYPE.data);
    assert.deepEqual(decodeMessage(sent!.body.subarray(23)), { kind: "text", atMs: 1_795_133_000_000, text });
  });
});

describe("a message that cannot be read", () => {
  it("is told as such and acknowledged, and the next one arrives", () => {
    const { session } = withRogue();
    const text = toUtf8('{"kind":"text","at":1,"text":"hello"}');
    const events = session.hear(
      said(0, toUtf8("{}")),
      said(1, Uint8Array.of(0xff)),
      said(2, toUtf8('{"kind":"wave"}')),
      said(3, text),
    );
    assert.deepEqual(events, [
      { type: "unreadable-message", seq: 0 },
      { type: "unreadable-message", seq: 1 },
      { type: "unknown-message", seq: 2, kind: "wave" },
      { type: "message", seq: 3, atMs: 1, text: "hello" },
    ]);
    assert.deepEqual(session.records(), [record(TYPE.ack, u64(4n))]);
  });

  it("does not change the timer, and neither does one that is none", () => {
    const { session, chat } = withRogue();
    session.hear(said(0, timerOf(60)), said(1, timerOf(-1)), said(2, timerOf("1")), said(3, timerOf(1e12)));
    assert.equal(chat.timerS, 60);
  });

  it("is a timer, too, of a time that no Date can hold", () => {
    const { session, chat } = withRogue();
    const events = session.hear(said(0, timerOf(60)), said(1, timerOf(7, LAST_MS + 1)));
    assert.deepEqual(events[1], { type: "unreadable-message", seq: 1 });
    assert.equal(chat.timerS, 60);
    // Whatever the peer says, a later one can be set.
    chat.setTimer(30, session.peer.clock.now);
    session.turn();
    assert.equal(chat.timerS, 30);
  });
});

const setAt = (at: number) => {
  const { session, chat } = withRogue();
  const now = session.peer.clock.now;
  assert.deepEqual(session.hear(said(0, timerOf(60, at))), [{ type: "timer", seq: 0, seconds: 60, by: "peer" }]);
  assert.equal(chat.timerS, 60);
  session.records();
  chat.setTimer(30, now);
  session.turn();
  const [mine] = session.records();
  const { at: mineAt } = JSON.parse(fromUtf8(mine!.body.subarray(23))!) as { at: number };
  return { session, chat, mineAt, farthest: now.wallMs + FARTHEST_MS };
};

describe("a peer's timer of the end of time", () => {
  it("counts as one in a hundred years, so that one of ours can follow and holds here", () => {
    for (const at of [LAST_MS, LAST_MS - 1]) {
      const { session, chat, mineAt, farthest } = setAt(at);
      assert.deepEqual([chat.timerS, mineAt], [30, farthest + 1]);
      // The same claim again is outdone, however late it is said to be.
      assert.deepEqual(session.hear(said(1, timerOf(60, at))), [{ type: "timer-held", seq: 1, seconds: 30 }]);
      assert.equal(chat.timerS, 30);
    }
  });

  it("is told as the one that holds, when it was not shown before a restart", () => {
    const store = new LastingStore(idOf(1));
    const session = new CarriedSession(new Chat(store, PEER));
    session.hear(resume());
    session.hear(said(0, timerOf(60, LAST_MS)));
    session.peer.clock.pass(60_000);
    const restarted = new Chat(store.reopen(), PEER);
    assert.deepEqual(restarted.takeUnseen(), [{ type: "timer", seq: 0, seconds: 60, by: "peer" }]);
  });

  it("is taken as it is up to then", () => {
    const { wallMs } = new FakeClock().now;
    for (const [at, mine] of [
      [wallMs + FARTHEST_MS, wallMs + FARTHEST_MS + 1],
      [wallMs + FARTHEST_MS - 1, wallMs + FARTHEST_MS],
      [wallMs - 1, wallMs],
    ] as const) {
      assert.equal(setAt(at).mineAt, mine);
    }
  });
});

/** Two people who have each set a timer before they met; the other's is the later one. */
function twoTimers(): Two {
  const two = new Two();
  two.people.driver.setTimer(60, two.clock.now);
  two.commit("driver");
  two.clock.pass(1);
  two.people.other.setTimer(3_600, two.clock.now);
  two.meet();
  return two;
}

describe("a timer of the peer's that does not hold", () => {
  it("is told with the one that does, whoever's arrives first", () => {
    const two = twoTimers();
    const timers = (side: Side): unknown[] => two.events[side].filter(({ type }) => type.startsWith("timer"));
    assert.deepEqual(timers("driver"), [
      { type: "timer", seq: 0, seconds: 60, by: "you" },
      { type: "timer", seq: 0, seconds: 3_600, by: "peer" },
    ]);
    assert.deepEqual(timers("other"), [
      { type: "timer", seq: 0, seconds: 3_600, by: "you" },
      { type: "timer-held", seq: 0, seconds: 3_600 },
    ]);
  });

  it("is told where the earlier one comes after the later", () => {
    const { session, chat } = withRogue();
    assert.deepEqual(session.hear(said(0, timerOf(60, 7)), said(1, timerOf(30, 6)), said(2, timerOf(20, 8))), [
      { type: "timer", seq: 0, seconds: 60, by: "peer" },
      { type: "timer-held", seq: 1, seconds: 60 },
      { type: "timer", seq: 2, seconds: 20, by: "peer" },
    ]);
    assert.equal(chat.timerS, 20);
  });

  it("is told so as well when it was not shown before a restart", () => {
    const two = twoTimers();
    for (const side of SIDES) two.restart(side);
    assert.deepEqual(two.people.other.takeUnseen(), [{ type: "timer-held", seq: 0, seconds: 3_600 }]);
    assert.deepEqual(two.people.driver.takeUnseen(), [{ type: "timer", seq: 0, seconds: 3_600, by: "peer" }]);
  });

  it("holds after all when what outdid it could not be stored, and is told so", () => {
    const store = new SpyStore();
    const chat = new Chat(store, PEER);
    const first = new CarriedSession(chat);
    first.hear(resume());
    chat.setTimer(30, first.peer.clock.now);
    first.receive(said(0, timerOf(60)));
    store.failsCommit = true;
    throwsLair(() => first.turn(), "store-unwritable");
    store.failsCommit = false;
    const second = new CarriedSession(chat);
    second.hear(resume({ known: idOf(1), sent: 1 }));
    assert.deepEqual(second.hear(said(0, timerOf(60))), [{ type: "timer", seq: 0, seconds: 60, by: "peer" }]);
    assert.equal(chat.timerS, 60);
  });
});

describe("what a message says", () => {
  it("is written once and read once, and the store and who is told get what was read", () => {
    const two = new Two();
    two.meet();
    const stores = { driver: new ContentStore(idOf(3)), other: new ContentStore(idOf(4)) };
    for (const side of SIDES) two.people[side] = new Chat(stores[side], PEER);
    const parse = mock.method(JSON, "parse");
    try {
      two.people.driver.setTimer(60, two.clock.now);
      two.people.driver.say('"half a pair": \ud83d', two.clock.now);
      two.commit("driver");
      assert.equal(parse.mock.callCount(), 0);
      two.meet();
      assert.equal(parse.mock.callCount(), 2);
    } finally {
      parse.mock.restore();
    }
    const said = [
      { kind: "timer", atMs: two.clock.now.wallMs, seconds: 60 },
      { kind: "text", atMs: two.clock.now.wallMs, text: '"half a pair": \ufffd', ttlS: 60 },
    ];
    assert.deepEqual(
      stores.driver.contents,
      said.map((content) => ["queued", content]),
    );
    assert.deepEqual(
      stores.other.contents,
      said.map((content) => ["arrived", content]),
    );
  });

  it("is told to the store as unreadable where it is no chat message", () => {
    const store = new ContentStore(idOf(3));
    const session = new CarriedSession(new Chat(store, PEER));
    session.hear(resume({}), data(0, toUtf8("no JSON")));
    assert.deepEqual(store.contents, [["arrived", { kind: "unreadable" }]]);
  });
});
