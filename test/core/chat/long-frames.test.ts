// A long frame is stored in parts (docs/PROTOCOL.md §7.2): what a part costs is bounded, each is acknowledged by itself, and
// what is left when the session ends has not arrived.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatSession, type ChatSessionEvent } from "../../../src/core/chat/chat-session.ts";
import { Chat } from "../../../src/core/chat/chat.ts";
import type { Resume } from "../../../src/core/delivery/resume.ts";
import { plaintextOf, record, RoguePeer, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";
import { ack, data, numbersOf, PEER, resume } from "../delivery/rogue-session.ts";
import { SpyStore } from "../delivery/spy-store.ts";
import { throwsLair } from "../../throws-lair.ts";

/** As many as fit into a frame. */
const LINES = 1_000;
const AT_ONCE = 64;
const lines = (from = 0, count = LINES): RogueRecord[] =>
  Array.from({ length: count }, (_, index) => data(from + index, '{"kind":"text","at":1,"text":"x"}'));

/** A person whose peer may say what it likes, over any number of sessions. */
function person() {
  let store = new SpyStore();
  let chat = new Chat(store, PEER);
  const numbers: number[] = [];
  const note = (events: readonly ChatSessionEvent[]): readonly ChatSessionEvent[] => {
    for (const event of events) if (event.type === "message") numbers.push(event.seq);
    return events;
  };
  const session = (said: Partial<Resume> = {}) => {
    const peer = new RoguePeer("driver", { rekey: { minMs: 600_000, maxMs: 600_000 }, resumed: false });
    const chatSession = new ChatSession(peer.channel);
    chatSession.begin(chat);
    const frame = (...records: readonly RogueRecord[]) =>
      note(chatSession.receive(peer.seal(plaintextOf(...records)), peer.clock.now));
    const advance = (takesMore?: boolean) => note(chatSession.advance(peer.clock.now, takesMore));
    /** What leaves, by the numbers of its ACKs; and its RESUME. */
    const sent = () => {
      while (chatSession.nextFrame(peer.clock.now) !== undefined);
    };
    frame(resume(said));
    advance();
    /** Every turn that the session wants. */
    const finish = () => {
      do advance();
      while (chatSession.wantsTurn);
    };
    return { peer, chatSession, frame, advance, finish, sent };
  };
  /** Only what was stored is there. */
  const restart = (): void => {
    store = store.reopen();
    chat = new Chat(store, PEER);
  };
  const expected = (): number => store.load(PEER).expected;
  return { store, session, restart, numbers, expected, chat: () => chat };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a frame with a thousand lines", () => {
  it("is stored in parts of 64, and asks for a turn for each", () => {
    const { store, session, numbers } = person();
    const { chatSession, frame, advance } = session();
    const before = store.commits.length;
    assert.deepEqual(frame(...lines()), []);
    assert.equal(store.commits.length, before, "nothing is stored before the turn");
    for (let part = 1; chatSession.wantsTurn; part++) {
      advance();
      assert.equal(numbers.length, Math.min(part * AT_ONCE, LINES));
    }
    const commits = store.commits.slice(before);
    assert.deepEqual([commits.length, Math.max(...commits.map(({ length }) => length))], [16, AT_ONCE]);
    assert.deepEqual(numbers, upTo(LINES));
    assert.deepEqual([advance(), chatSession.hasRest], [[], false]);
  });

  it("is stored in longer parts if the store says so", () => {
    const { store, session, numbers } = person();
    const { frame, finish } = session();
    store.mostAtOnce = () => 512;
    const before = store.commits.length;
    frame(...lines());
    finish();
    assert.deepEqual(
      store.commits.slice(before).map(({ length }) => length),
      [512, LINES - 512],
    );
    assert.deepEqual(numbers, upTo(LINES));
  });

  it("is acknowledged part by part, and never beyond what is stored", () => {
    const { session, expected } = person();
    const { peer, chatSession, frame, advance } = session();
    peer.hear();
    frame(...lines());
    const acknowledged: bigint[] = [];
    while (chatSession.wantsTurn) {
      advance();
      const acks = numbersOf(peer.hear().flat(), TYPE.ack);
      assert.deepEqual(acks, [BigInt(expected())]);
      acknowledged.push(...acks);
    }
    assert.deepEqual([acknowledged[0], acknowledged.at(-1)], [BigInt(AT_ONCE), BigInt(LINES)]);
  });

  it("counts with what came before it and is not stored yet", () => {
    const { store, session } = person();
    const { frame, finish } = session();
    const before = store.commits.length;
    for (let seq = 0; seq < 300; seq += 30) frame(...lines(seq, 30));
    finish();
    assert.ok(store.commits.slice(before).every(({ length }) => length <= AT_ONCE));
  });

  it("loses and doubles nothing when the program ends between two parts", () => {
    for (const parts of [0, 1, 5, 15]) {
      const { session, restart, numbers, expected } = person();
      const first = session();
      first.frame(...lines());
      for (let part = 0; part < parts; part++) first.advance();
      restart();
      assert.equal(expected(), parts * AT_ONCE);
      // The peer begins where RESUME says, or repeats what it has no acknowledgement of.
      const second = session({ sent: LINES });
      second.frame(...lines(Math.max(0, expected() - 10), LINES - Math.max(0, expected() - 10)));
      second.finish();
      assert.deepEqual(numbers, upTo(LINES), `${parts} parts`);
    }
  });

  it("loses and doubles nothing when a newer session takes over between two parts", () => {
    const { session, numbers, expected } = person();
    const older = session();
    older.frame(...lines());
    older.advance();
    const newer = session({ sent: LINES });
    while (older.chatSession.hasRest) assert.deepEqual(older.advance(), []);
    assert.equal(expected(), AT_ONCE);
    newer.frame(...lines(AT_ONCE, LINES - AT_ONCE));
    newer.finish();
    assert.deepEqual(numbers, upTo(LINES));
  });

  it("ends with the CLOSE behind it, after the last part", () => {
    const { session, numbers } = person();
    const { chatSession, frame, advance } = session();
    frame(...lines(), record(TYPE.close, Uint8Array.of(0)));
    assert.equal(chatSession.channel.state, "closed");
    let last: readonly ChatSessionEvent[] = [];
    while (chatSession.wantsTurn) last = advance();
    assert.deepEqual(numbers, upTo(LINES));
    assert.deepEqual(last.at(-1), { type: "closed", reason: 0 });
  });

  it("keeps the parts before what breaks the rules, and ends the session there", () => {
    const { session, numbers, expected } = person();
    const { chatSession, frame, advance } = session();
    frame(...lines(0, 200), data(999), ...lines(200, 50));
    for (let part = 0; part < 3; part++) advance();
    throwsLair(() => advance(), "sequence");
    assert.deepEqual([chatSession.channel.state, numbers.length, expected()], ["closed", 192, 192]);
  });

  it("goes on in the next frame if nobody gave it its turns", () => {
    const { store, session, numbers } = person();
    const { frame, finish } = session();
    const before = store.commits.length;
    frame(...lines());
    frame(...lines(LINES, 10));
    finish();
    assert.deepEqual(numbers, upTo(LINES + 10));
    assert.ok(store.commits.slice(before).every(({ length }) => length <= AT_ONCE));
  });

  it("waits, while what this side says is stored", () => {
    const { store, session, chat } = person();
    const { peer, chatSession, frame, advance } = session();
    frame(...lines());
    advance();
    chat().say("between", peer.clock.now);
    assert.equal(advance().at(-1)?.type, "sent");
    assert.deepEqual(store.commits.at(-1), ["queued", "released"]);
    assert.deepEqual([advance(false), chatSession.hasRest], [[], true], "a turn that is to take nothing more");
  });

  it("is taken whole before this side's CLOSE", () => {
    const { session, numbers } = person();
    const { peer, chatSession, frame, finish } = session();
    peer.hear();
    frame(...lines());
    chatSession.leave(0, 0, peer.clock.now);
    finish();
    assert.equal(numbers.length, LINES);
    const said = peer.hear().flat();
    assert.deepEqual(numbersOf(said, TYPE.ack), [BigInt(LINES)]);
    assert.equal(said.at(-1)!.type, TYPE.close);
  });
});

describe("a frame with a thousand acknowledgements", () => {
  it("is taken in parts of 64 too, however many messages the store takes", () => {
    const { store, session, chat } = person();
    store.mostAtOnce = () => 512;
    const { peer, chatSession, frame, advance, sent } = session();
    for (let index = 0; index < LINES; index++) chat().say("x", peer.clock.now);
    advance();
    sent();
    const before = store.commits.length;
    frame(...Array.from({ length: LINES }, (_, index) => ack(index + 1)));
    const told = [];
    while (chatSession.wantsTurn) told.push(...advance());
    assert.ok(store.commits.slice(before).every(({ length }) => length <= AT_ONCE));
    assert.deepEqual(
      told.map((event) => (event.type === "delivered" ? event.seq : event.type)),
      upTo(LINES),
    );
  });
});
