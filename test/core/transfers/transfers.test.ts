// Calls inside a session: only between a hub and its member, in pieces, in order, and beside the chat.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HUB, ROOMS } from "../../../src/core/channel/index.ts";
import { Chat } from "../../../src/core/chat/chat.ts";
import { ChatSession, type ChatSessionEvent } from "../../../src/core/chat/chat-session.ts";
import { type Transfer } from "../../../src/core/transfers/pieces.ts";
import { throwsLair } from "../../throws-lair.ts";
import { openPair, type Pair, type PairOptions, type Side, SIDES } from "../channel/pair.ts";
import { LastingStore } from "../delivery/lasting-store.ts";
import { idOf, PEER } from "../delivery/rogue-session.ts";

const AGREED: PairOptions = {
  resumed: false,
  rekey: { minMs: 600_000, maxMs: 600_000 },
  capabilities: { responder: [HUB], initiator: [ROOMS] },
};

/** A session between a hub ("driver") and a member ("other"). */
class Meeting {
  readonly pair: Pair;
  readonly sides: Record<Side, ChatSession>;
  readonly events: Record<Side, ChatSessionEvent[]> = { driver: [], other: [] };

  constructor(options: PairOptions = AGREED) {
    this.pair = openPair(options);
    this.sides = { driver: new ChatSession(this.pair.driver), other: new ChatSession(this.pair.other) };
    this.sides.driver.begin(new Chat(new LastingStore(idOf(1)), PEER));
    this.sides.other.begin(new Chat(new LastingStore(idOf(2)), PEER));
    this.carryAll();
  }

  send(side: Side, transfer: Transfer, onTaken?: () => void): void {
    this.sides[side].transfers!.send(transfer, onTaken);
  }

  transfers(side: Side): Transfer[] {
    return this.events[side].flatMap((event) => (event.type === "transfer" ? [event.transfer] : []));
  }

  /** Everything arrives. */
  carryAll(): void {
    const { now } = this.pair.clock;
    for (let moved = true; moved;) {
      moved = false;
      for (const side of SIDES) {
        const to = side === "driver" ? "other" : "driver";
        this.events[side].push(...this.sides[side].advance(now));
        for (let frame = this.sides[side].nextFrame(now); frame; frame = this.sides[side].nextFrame(now)) {
          this.events[to].push(...this.sides[to].receive(frame, now));
          while (this.sides[to].hasRest) this.events[to].push(...this.sides[to].advance(now));
          moved = true;
        }
      }
    }
  }
}

function call(number: number, length: number): Transfer {
  return { kind: "call", number, bytes: new Uint8Array(length).fill(number) };
}

describe("the transfers of a session", () => {
  it("arrive whole and in order, short ones and long ones", () => {
    const meeting = new Meeting();
    const sent = [call(1, 0), call(2, 400_000), call(3, 17), call(4, 1_000_000)];
    for (const transfer of sent) meeting.send("other", transfer);
    meeting.carryAll();
    assert.deepEqual(meeting.transfers("driver"), sent);
    const news: Transfer = { kind: "news", number: 0, bytes: Uint8Array.of(1) };
    meeting.send("driver", news);
    meeting.carryAll();
    assert.deepEqual(meeting.transfers("other"), [news]);
  });

  it("may be any number of long ones, one after the other", () => {
    const meeting = new Meeting();
    const sent = [call(1, 3_000_000), call(2, 3_000_000), call(3, 20_000)];
    for (const transfer of sent) {
      meeting.send("other", transfer);
      meeting.carryAll();
    }
    assert.deepEqual(meeting.transfers("driver"), sent);
  });

  it("go into the channel as it takes them, and a sender learns when the last piece is in it", () => {
    const meeting = new Meeting();
    const taken: number[] = [];
    meeting.send("other", call(1, 600_000), () => taken.push(1));
    meeting.send("other", call(2, 5), () => taken.push(2));
    const { other } = meeting.sides;
    other.transfers!.transmit();
    assert.deepEqual(taken, []);
    assert.equal(other.transfers!.waiting, 2);
    assert.ok(other.channel.waitingBytes < 300_000);
    meeting.carryAll();
    assert.deepEqual(taken, [1, 2]);
    assert.equal(other.transfers!.waiting, 0);
  });

  it("stand beside the chat, whose lines arrive too", () => {
    const meeting = new Meeting();
    meeting.send("other", call(1, 300_000));
    meeting.sides.other.chat!.say("hello", meeting.pair.clock.now);
    meeting.carryAll();
    assert.equal(meeting.transfers("driver").length, 1);
    const texts = meeting.events.driver.flatMap((event) => (event.type === "message" ? [event.text] : []));
    assert.deepEqual(texts, ["hello"]);
  });

  it("exist only if one side is a hub and the other a member", () => {
    for (const capabilities of [
      {},
      { responder: [HUB] },
      { initiator: [ROOMS] },
      { responder: [HUB], initiator: [HUB] },
      { responder: [ROOMS], initiator: [ROOMS] },
    ]) {
      const { sides, pair } = new Meeting({ ...AGREED, capabilities });
      assert.equal(sides.driver.transfers, undefined);
      assert.equal(sides.other.transfers, undefined);
      assert.throws(() => pair.other.sendCall(new Uint8Array(6)), TypeError);
    }
  });

  it("end the session if a piece cannot be read", () => {
    const meeting = new Meeting();
    meeting.pair.other.sendCall(Uint8Array.of(9, 0, 0, 0, 1, 1));
    const frame = meeting.sides.other.nextFrame(meeting.pair.clock.now)!;
    throwsLair(() => meeting.sides.driver.receive(frame, meeting.pair.clock.now), "call-malformed");
    assert.equal(meeting.pair.driver.state, "closed");
  });
});
