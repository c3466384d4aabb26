// A conversation over two channels (docs/PROTOCOL.md §7): what is said arrives, and what breaks the rules ends it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, u64 } from "../../../src/core/bytes.ts";
import { ChatSession, type ChatSessionEvent } from "../../../src/core/chat/chat-session.ts";
import { Chat } from "../../../src/core/chat/chat.ts";
import type { Resume } from "../../../src/core/delivery/resume.ts";
import type { LairErrorCode } from "../../../src/core/errors.ts";
import { record, RoguePeer, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { data, idOf, OURS, PEER, resume } from "../delivery/rogue-session.ts";
import { SpyStore } from "../delivery/spy-store.ts";
import { chatOf, conversation } from "./two-talkers.ts";

describe("a conversation", () => {
  it("brings what each says to the other, numbered and with its time, and tells what was delivered", () => {
    const { run, say, events, sent, clock, chats } = conversation();
    const { driver, other } = chats;
    const atMs = clock.now.wallMs;
    assert.deepEqual([say("driver", "one"), say("driver", "two"), say("other", "three")], [0, 1, 0]);
    assert.deepEqual([driver.sent, driver.received, driver.undelivered, driver.queued], [0, 0, 2, 2]);
    run();
    assert.deepEqual(sent, {
      driver: [
        { type: "sent", seq: 0, atMs, text: "one" },
        { type: "sent", seq: 1, atMs, text: "two" },
      ],
      other: [{ type: "sent", seq: 0, atMs, text: "three" }],
    });
    assert.deepEqual(events.other, [
      { type: "message", seq: 0, atMs, text: "one" },
      { type: "message", seq: 1, atMs, text: "two" },
      { type: "delivered", seq: 0 },
    ]);
    assert.deepEqual(events.driver, [
      { type: "message", seq: 0, atMs, text: "three" },
      { type: "delivered", seq: 0 },
      { type: "delivered", seq: 1 },
    ]);
    assert.deepEqual([driver.sent, driver.received, driver.undelivered, driver.queued], [2, 1, 0, 0]);
    assert.deepEqual([other.sent, other.received, other.undelivered], [1, 2, 0]);
  });

  it("tells a renewal of the keys on both sides and goes on", () => {
    const { run, say, events, clock, texts } = conversation();
    clock.pass(30_000);
    run();
    assert.deepEqual([events.driver, events.other], [[{ type: "rekeyed", epoch: 1 }], [{ type: "rekeyed", epoch: 1 }]]);
    say("other", "still here");
    run();
    assert.deepEqual(texts("driver"), ["still here"]);
  });

  it("shows a round trip of its own once a message was delivered, and that of the PING before", () => {
    const { run, say, take, deliver, clock, driver } = conversation();
    assert.equal(driver.roundTripMs, 0);
    say("driver", "one");
    take("driver");
    deliver("driver");
    clock.pass(70);
    run();
    assert.equal(driver.roundTripMs, 70);
  });

  it("refuses a text that is too long, and nothing is sent or counted", () => {
    const { run, say, events, take, chats } = conversation();
    const { driver } = chats;
    throwsLair(() => say("driver", "x".repeat(16_385)), "message-too-long");
    assert.deepEqual([driver.sent, driver.undelivered, take("driver")], [0, 0, 0]);
    assert.equal(say("driver", "short"), 0);
    run();
    assert.deepEqual(events.driver, [{ type: "delivered", seq: 0 }]);
  });

  it("goes on from stores that do not fit in a turn of its own, and asks for that turn", () => {
    const { chatSession, hear, peer, say } = rogue();
    say("waiting");
    const ahead = resume({ known: idOf(2), next: 5 });
    assert.deepEqual(hear(ahead, record(TYPE.ack, u64(0n))), [
      { type: "memory", whose: "own", what: "older", missing: 0 },
    ]);
    assert.equal(chatSession.wantsTurn, true);
    assert.deepEqual(chatSession.advance(peer.clock.now), [{ type: "released", seq: 5, was: 0 }]);
    assert.equal(chatSession.wantsTurn, false, "it asks again");
    assert.ok(chatSession.deadlineMs > peer.clock.now.monotonicMs, "it asks by its deadline");
  });

  it("shows a message of an unknown kind as such, and acknowledges it", () => {
    const { peer, chat, hear } = withRogue();
    const reaction = data(0, '{"kind":"reaction","at":"x"}');
    assert.deepEqual(hear(reaction), [{ type: "unknown-message", seq: 0, kind: "reaction" }]);
    assert.deepEqual(peer.hear().flat().at(-1), record(TYPE.ack, u64(1n)));
    assert.equal(chat.received, 1);
  });
});

/** A conversation with a peer that has the right keys and says what it likes; it has said nothing yet. */
function rogue() {
  const peer = new RoguePeer("driver", { rekey: { minMs: 30_000, maxMs: 30_000 }, resumed: false });
  const chatSession = new ChatSession(peer.channel);
  const chat = chatOf(2);
  chatSession.begin(chat);
  /** What it says in one frame, and what has come of it when it is stored. */
  const hear = (...records: readonly RogueRecord[]): ChatSessionEvent[] => {
    const events = chatSession.receive(peer.seal(packed(records)), peer.clock.now);
    return [...events, ...chatSession.advance(peer.clock.now)];
  };
  const say = (text: string): void => {
    chat.say(text, peer.clock.now);
    chatSession.advance(peer.clock.now);
    chatSession.nextFrame(peer.clock.now);
  };
  return { peer, chatSession, chat, hear, say };
}

function withRogue() {
  const one = rogue();
  one.hear(resume());
  return one;
}

function packed(records: readonly RogueRecord[]): Uint8Array {
  const bytes = concat(...records.map(({ type, body }) => concat(Uint8Array.of(type, 0, body.length), body)));
  return concat(bytes, new Uint8Array(512 - bytes.length));
}

const textRecord = (seq: number, text: string) => data(seq, JSON.stringify({ kind: "text", at: 1, text }));

/** A conversation that has begun, over a store that failed when somebody else stored something. */
function failedElsewhere() {
  const store = new SpyStore();
  const chat = new Chat(store, PEER);
  const begin = (said: Partial<Resume> = {}) => {
    const peer = new RoguePeer("driver", { rekey: { minMs: 30_000, maxMs: 30_000 }, resumed: false });
    const chatSession = new ChatSession(peer.channel);
    chatSession.begin(chat);
    const hear = (...records: readonly RogueRecord[]): ChatSessionEvent[] =>
      chatSession.receive(peer.seal(packed(records)), peer.clock.now);
    hear(resume(said));
    const turn = (): ChatSessionEvent[] => chatSession.advance(peer.clock.now);
    turn();
    peer.hear();
    return { peer, chatSession, hear, turn };
  };
  const first = begin();
  chat.say("of the post", first.peer.clock.now);
  store.failsCommit = true;
  const error = throwsLair(() => chat.commit(), "store-unwritable");
  store.failsCommit = false;
  return { store, chat, begin, first, error };
}

describe("a store that fails while somebody else stores", () => {
  it("ends the conversation with that error, whatever it does next", () => {
    const ways: Record<string, (one: ReturnType<typeof failedElsewhere>["first"]) => unknown> = {
      "time passes": ({ turn }) => turn(),
      "it is asked when": ({ chatSession }) => chatSession.deadlineMs,
      "the peer closes": ({ hear }) => hear(record(TYPE.close, Uint8Array.of(0))),
      "it is to leave": ({ chatSession, peer, turn }) => {
        chatSession.leave(0, 1_000, peer.clock.now);
        return turn();
      },
    };
    for (const [what, way] of Object.entries(ways)) {
      const { first, error } = failedElsewhere();
      assert.equal(
        throwsLair(() => way(first), "store-unwritable"),
        error,
        what,
      );
      // And again: whoever asks is told.
      assert.equal(
        throwsLair(() => first.turn(), "store-unwritable"),
        error,
        what,
      );
    }
  });

  it("lets nothing more be said, taken or acknowledged over it, before that", () => {
    const { first, chat, store, error } = failedElsewhere();
    chat.say("later", first.peer.clock.now);
    assert.deepEqual(first.hear(textRecord(0, "into nothing")), []);
    assert.deepEqual(first.peer.hear(), []);
    assert.equal(
      throwsLair(() => first.turn(), "store-unwritable"),
      error,
    );
    assert.deepEqual([chat.received, store.load(PEER).expected], [0, 0]);
    // It waits for the next one.
    chat.commit();
    assert.equal(chat.undelivered, 1);
  });

  it("is nothing to the session that follows, nor that one's end to the old", () => {
    const { begin, chat, first, error } = failedElsewhere();
    const second = begin({ known: OURS });
    assert.deepEqual(second.turn(), []);
    chat.say("hello", second.peer.clock.now);
    assert.deepEqual(
      second.turn().map(({ type }) => type),
      ["sent"],
    );
    second.chatSession.nextFrame(second.peer.clock.now);
    assert.ok(Number.isFinite(second.chatSession.deadlineMs), "it has a next deadline");
    assert.equal(
      throwsLair(() => first.turn(), "store-unwritable"),
      error,
    );
    first.chatSession.end();
    assert.deepEqual(second.hear(record(TYPE.ack, u64(1n))), []);
    assert.deepEqual(second.turn(), [{ type: "delivered", seq: 0 }]);
  });
});

describe("a conversation with a peer of no manners", () => {
  it("shows what stands before a CLOSE in its frame", () => {
    const { hear, chatSession, chat } = withRogue();
    const close = record(TYPE.close, Uint8Array.of(0));
    assert.deepEqual(hear(textRecord(0, "a"), textRecord(1, "b"), close), [
      { type: "message", seq: 0, atMs: 1, text: "a" },
      { type: "message", seq: 1, atMs: 1, text: "b" },
      { type: "closed", reason: 0 },
    ]);
    assert.equal(chatSession.channel.state, "closed");
    assert.equal(chat.received, 2);
  });

  it("takes an acknowledgement that stands before a CLOSE in its frame", () => {
    const { hear, say, chat } = withRogue();
    say("hello");
    const events = hear(record(TYPE.ack, u64(1n)), record(TYPE.close, Uint8Array.of(1)));
    assert.deepEqual(events, [
      { type: "delivered", seq: 0 },
      { type: "closed", reason: 1 },
    ]);
    assert.equal(chat.undelivered, 0);
  });

  const fatal: Record<string, [LairErrorCode, RogueRecord]> = {
    "a message left out": ["sequence", textRecord(1, "b")],
    "a DATA cut short": ["record-malformed", record(TYPE.data, new Uint8Array(19))],
    "an ACK of a message never said": ["sequence", record(TYPE.ack, u64(2n))],
    "an ACK of a wrong length": ["record-malformed", record(TYPE.ack, new Uint8Array(9))],
    "a record of an unknown type": ["record-unknown", record(0x23)],
    "a call that was not agreed on": ["record-unknown", record(0x30)],
  };
  for (const [what, [code, bad]] of Object.entries(fatal)) {
    it(`ends with ${what}, and every key is gone`, () => {
      const { hear, chatSession, chat, peer } = withRogue();
      chat.say("waiting to go out", peer.clock.now);
      throwsLair(() => hear(bad), code);
      assert.equal(chatSession.channel.state, "closed");
      assert.equal(chatSession.nextFrame(peer.clock.now), undefined);
      assert.equal(chatSession.deadlineMs, Number.POSITIVE_INFINITY);
    });
  }

  it("ends when the peer acknowledges the same again and again", () => {
    const { hear, chatSession } = withRogue();
    const again = record(TYPE.ack, u64(0n));
    for (let count = 0; count < 32; count++) assert.deepEqual(hear(again), []);
    throwsLair(() => hear(again), "control-flood");
    assert.equal(chatSession.channel.state, "closed");
  });
});
