// The control budget (docs/PROTOCOL.md §5.2): how many records that carry nothing a peer may send.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ControlBudget } from "../../../src/core/channel/control-budget.ts";
import { FakeClock } from "./fake-clock.ts";
import { LinkedPair, openPair } from "./pair.ts";
import { record, type RogueRecord, RoguePeer, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";

const EMPTY_DATA = record(TYPE.data);
const ping = record(TYPE.ping, new Uint8Array(8));

describe("the control budget (§5.2)", () => {
  // What each of these costs: one.
  const charged: Record<string, (peer: RoguePeer) => void> = {
    "a PING": (peer) => void peer.say(ping),
    "a record of an optional type": (peer) => void peer.say(record(0xc0)),
    "a frame without any record": (peer) => void peer.say(),
    "what the layer above has called empty": (peer) => peer.channel.chargeControl(peer.clock.now),
  };
  for (const [what, spend] of Object.entries(charged)) {
    it(`lets ${what} come 32 times in a row; the 33rd is fatal`, () => {
      const peer = new RoguePeer("other");
      for (let count = 0; count < 32; count++) spend(peer);
      throwsLair(() => spend(peer), "control-flood");
      assert.equal(peer.channel.state, "closed");
    });
  }

  it("is not spent by DATA, ACK and CLOSE", () => {
    const peer = new RoguePeer("other");
    for (let count = 0; count < 32; count++) peer.say(ping);
    peer.hear();
    assert.equal(peer.say(record(TYPE.ack, new Uint8Array(8)), record(TYPE.close, Uint8Array.of(0))).length, 2);
  });

  it("grows by one for each second", () => {
    const peer = new RoguePeer("other");
    for (let count = 0; count < 32; count++) peer.say(ping);
    peer.hear();
    for (let second = 0; second < 40; second++) {
      peer.clock.pass(1_000);
      peer.say(ping);
    }
    peer.clock.pass(999);
    throwsLair(() => peer.say(ping), "control-flood");
  });

  it("grows to 32 and no further", () => {
    const budget = new ControlBudget({ monotonicMs: 0, wallMs: 0 });
    const later = { monotonicMs: 1e9, wallMs: 0 };
    for (let count = 0; count < 32; count++) budget.spend(later);
    throwsLair(() => budget.spend(later), "control-flood");
  });

  it("does not mind a clock that goes back", () => {
    const clock = new FakeClock();
    const budget = new ControlBudget(clock.now);
    budget.spend(clock.now);
    clock.pass(-1e6);
    for (let count = 0; count < 31; count++) budget.spend(clock.now);
    throwsLair(() => budget.spend(clock.now), "control-flood");
  });

  it("is filled by DATA", () => {
    const peer = new RoguePeer("other");
    for (let round = 0; round < 5; round++) {
      for (let count = 0; count < 32; count++) peer.say(ping);
      peer.say(EMPTY_DATA);
      peer.hear();
    }
    for (let count = 0; count < 32; count++) peer.say(ping);
    throwsLair(() => peer.say(ping), "control-flood");
  });

  it("lets no honest session run dry, however often it rekeys and however little is said", () => {
    const session = new LinkedPair(openPair({ rekey: { minMs: 1_000, maxMs: 1_000 } }));
    for (let second = 0; second < 300; second++) session.pass(1_000);
    assert.deepEqual([session.pair.driver.epoch, session.pair.other.epoch], [300, 300]);
  });
});

const pairs = (count: number): RogueRecord[] => Array.from({ length: count }, () => [EMPTY_DATA, ping]).flat();

describe("answers that wait (§5.2)", () => {
  it("may be 64, and not more: DATA fills the budget, but somebody who reads nothing may not pile them up", () => {
    const patient = new RoguePeer("other");
    patient.say(...pairs(64));
    assert.equal(patient.hear().flat().length, 64);
    patient.say(...pairs(64));

    const hoarder = new RoguePeer("other");
    hoarder.say(...pairs(64));
    throwsLair(() => hoarder.say(ping), "control-flood");
    assert.equal(hoarder.channel.state, "closed");
  });
});
