// What each side does with a record that arrives (docs/PROTOCOL.md §6, the table there): every state and every type.
// The table below is written from the document, not from the source.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, toUtf8, u32 } from "../../../src/core/bytes.ts";
import { type ChannelEvent, CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { record, type RogueRecord, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { effort } from "../../effort.ts";

/** Taken in every state. */
const ALWAYS: readonly number[] = [TYPE.close, TYPE.ping, TYPE.pong, TYPE.data, TYPE.ack];
const OPTIONAL = Array.from({ length: 0x80 }, (_, index) => 0x80 + index);

interface Situation {
  readonly peer: RoguePeer;
  /** The token of the PING that the honest side has sent. */
  readonly token: Uint8Array;
  /** A right REKEY_INIT or REKEY_REPLY, where there can be one. */
  readonly init?: RogueRecord;
  readonly reply?: RogueRecord;
}

/** `resumed`: whether the peer has said RESUME; the honest side has. */
function meet(side: "driver" | "other", resumed = true): Situation {
  const peer = new RoguePeer(side, { rekey: { minMs: 1_000, maxMs: 1_000 }, resumed });
  if (!resumed) peer.channel.sendResume(new Uint8Array(56));
  peer.channel.advance(peer.clock.now);
  const ping = peer.hear().flat().at(-1);
  assert.equal(ping?.type, TYPE.ping);
  peer.clock.pass(1_000);
  return { peer, token: ping.body };
}

function initQueued(resumed = true): Situation {
  const situation = meet("driver", resumed);
  situation.peer.channel.advance(situation.peer.clock.now);
  return situation;
}

function awaitingReply(resumed = true): Situation & { readonly init: RogueRecord } {
  const situation = initQueued(resumed);
  const [init] = situation.peer.hear().flat();
  assert.equal(init?.type, TYPE.init);
  return { ...situation, init };
}

function replyQueued(): Situation {
  const situation = meet("other");
  situation.peer.say(situation.peer.init());
  return situation;
}

const STATES: Record<string, { reach: () => Situation; taken: readonly number[] }> = {
  "the driver, idle": { reach: () => meet("driver"), taken: [] },
  "the driver, INIT queued": { reach: () => initQueued(), taken: [] },
  "the driver, awaiting REPLY": {
    reach: () => {
      const { init, ...situation } = awaitingReply();
      return { ...situation, reply: situation.peer.reply(init) };
    },
    taken: [TYPE.reply],
  },
  "the driver, DONE queued": {
    reach: () => {
      const { init, ...situation } = awaitingReply();
      situation.peer.say(situation.peer.reply(init));
      situation.peer.switchSend();
      return situation;
    },
    taken: [],
  },
  "the other, idle": {
    reach: () => {
      const situation = meet("other");
      return { ...situation, init: situation.peer.init() };
    },
    taken: [TYPE.init],
  },
  "the other, REPLY queued": { reach: replyQueued, taken: [] },
  "the other, awaiting DONE": {
    reach: () => {
      const situation = replyQueued();
      situation.peer.hear();
      return situation;
    },
    taken: [TYPE.done],
  },
};

/** A record of a type with a body as it should be. */
function wellFormed(type: number, { peer, token, init, reply }: Situation): RogueRecord {
  const next = u32(peer.channel.epoch + 1);
  const rekeyMessage = record(type, concat(next, new Uint8Array(48).fill(9)));
  const bodies: Record<number, Uint8Array> = {
    [TYPE.hello]: toUtf8('{"v":1,"name":"eve","agent":"rogue/1","caps":[]}'),
    [TYPE.close]: Uint8Array.of(0),
    [TYPE.ping]: new Uint8Array(8).fill(3),
    [TYPE.pong]: token,
    [TYPE.done]: next,
    [TYPE.data]: new Uint8Array(10).fill(1),
    [TYPE.ack]: new Uint8Array(8),
    [TYPE.resume]: new Uint8Array(56),
  };
  if (type === TYPE.init) return init ?? rekeyMessage;
  if (type === TYPE.reply) return reply ?? rekeyMessage;
  return record(type, bodies[type] ?? new Uint8Array(4).fill(5));
}

/** That a record was not only let through but acted upon. */
function wasHandled(type: number, situation: Situation, sent: RogueRecord, events: ChannelEvent[]): void {
  const { peer } = situation;
  const answers = (): number[] => peer.hear().flatMap((records) => records.map((answer) => answer.type));
  switch (type) {
    case TYPE.close:
      assert.deepEqual(events, [{ type: "closed", reason: CLOSE_REASON.goodbye }]);
      assert.equal(peer.channel.state, "closed");
      break;
    case TYPE.pong:
      assert.equal(peer.channel.roundTripMs, 1_000);
      break;
    case TYPE.data:
    case TYPE.ack:
      assert.deepEqual(events, [{ type: "record", record: type === TYPE.data ? "data" : "ack", body: sent.body }]);
      break;
    case TYPE.ping:
      assert.ok(answers().includes(TYPE.pong), "no PONG");
      break;
    case TYPE.init:
      assert.ok(answers().includes(TYPE.reply), "no REPLY");
      break;
    case TYPE.reply:
      assert.deepEqual(events, [{ type: "rekeyed", epoch: 1 }]);
      assert.ok(answers().includes(TYPE.done), "no DONE");
      break;
    case TYPE.done:
      assert.deepEqual(events, [{ type: "rekeyed", epoch: 1 }]);
      peer.switchSend();
      peer.say(record(TYPE.data));
      break;
    default:
      assert.deepEqual(events, []);
  }
}

function situationOf(reach: () => Situation, closing: boolean): Situation {
  const situation = reach();
  if (closing) situation.peer.channel.close(CLOSE_REASON.goodbye, situation.peer.clock.now);
  return situation;
}

/** Every known type, and of those that mean nothing yet the first, the last, and some between. */
function isTried(type: number): boolean {
  const isKnown = (Object.values(TYPE) as number[]).includes(type);
  return isKnown || [0x7f, 0x80, 0xff].includes(type) || type % effort(37, 1) === 0;
}

for (const [name, { reach, taken }] of Object.entries(STATES)) {
  for (const closing of [false, true]) {
    describe(`a record that reaches ${name}${closing ? ", closing" : ""} (§6)`, () => {
      const handled = [...ALWAYS, ...taken, ...OPTIONAL];
      const handledAndTried = handled.filter((type) => isTried(type));

      it("is handled when it may come, and skipped from 0x80 on", () => {
        for (const type of handledAndTried) {
          const situation = situationOf(reach, closing);
          const sent = wellFormed(type, situation);
          const { state } = situation.peer.channel;
          const events = situation.peer.say(sent);
          wasHandled(type, situation, sent, events);
          if (type >= 0x80) assert.equal(situation.peer.channel.state, state);
        }
      });

      it("is fatal otherwise", () => {
        for (let type = 1; type < 0x80; type++) {
          if (handled.includes(type) || !isTried(type)) continue;
          const situation = situationOf(reach, closing);
          const { peer } = situation;
          const isKnown = (Object.values(TYPE) as number[]).includes(type);
          const error = throwsLair(() => peer.say(wellFormed(type, situation)), undefined, `type ${type}`);
          assert.ok(
            isKnown ? ["record-unexpected", "rekey-protocol"].includes(error.code) : error.code === "record-unknown",
            `type ${type}: ${error.code}`,
          );
          assert.equal(peer.channel.state, "closed");
          assert.deepEqual(peer.hear(), []);
        }
      });

      it("has no type 0x00, which begins the padding", () => {
        const { peer } = situationOf(reach, closing);
        throwsLair(() => peer.say(record(0x00, Uint8Array.of(1))), "record-malformed");
      });
    });
  }
}

/** Where the honest side can be before the peer has said RESUME. */
const BEFORE_RESUME: Record<string, () => Situation> = {
  "the driver, idle": () => meet("driver", false),
  "the driver, INIT queued": () => initQueued(false),
  "the driver, awaiting REPLY": () => {
    const { init, ...situation } = awaitingReply(false);
    return { ...situation, reply: situation.peer.reply(init) };
  },
  "the other, idle": () => {
    const situation = meet("other", false);
    return { ...situation, init: situation.peer.init() };
  },
};

for (const [name, reach] of Object.entries(BEFORE_RESUME)) {
  for (const closing of [false, true]) {
    describe(`the first record that reaches ${name}${closing ? ", closing" : ""} (§6, §7.1)`, () => {
      it("may be RESUME, once, and then the table above holds", () => {
        for (const type of ALWAYS.filter((type) => type !== TYPE.pong)) {
          const situation = situationOf(reach, closing);
          const resume = wellFormed(TYPE.resume, situation);
          const sent = wellFormed(type, situation);
          const [event, ...events] = situation.peer.say(resume, sent);
          assert.deepEqual(event, { type: "record", record: "resume", body: resume.body });
          if (type !== TYPE.ping || !closing) wasHandled(type, situation, sent, events);
        }
        const again = situationOf(reach, closing);
        const resume = wellFormed(TYPE.resume, again);
        throwsLair(() => again.peer.say(resume, resume), "record-unexpected");
        assert.equal(again.peer.channel.state, "closed");
      });

      it("may be CLOSE", () => {
        const situation = situationOf(reach, closing);
        const close = wellFormed(TYPE.close, situation);
        wasHandled(TYPE.close, situation, close, situation.peer.say(close));
      });

      it("is fatal when it is anything else, of an optional type too", () => {
        for (let type = 1; type < 0x100; type++) {
          if (type === TYPE.resume || type === TYPE.close || !isTried(type)) continue;
          const situation = situationOf(reach, closing);
          const isKnown = type >= 0x80 || (Object.values(TYPE) as number[]).includes(type);
          const code = isKnown ? "record-unexpected" : "record-unknown";
          throwsLair(() => situation.peer.say(wellFormed(type, situation)), code, `type ${type}`);
          assert.equal(situation.peer.channel.state, "closed");
          assert.deepEqual(situation.peer.hear(), []);
        }
      });
    });
  }
}

describe("a record of an optional type (§5.2)", () => {
  it("is charged to the control budget, whichever it is", () => {
    for (const type of OPTIONAL) {
      const { peer } = meet("other");
      assert.deepEqual(peer.say(...Array.from({ length: 32 }, () => record(type))), []);
      throwsLair(() => peer.say(record(type)), "control-flood");
    }
  });
});
