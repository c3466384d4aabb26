import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EndReason, PeerView, ProgramEvent } from "../../../src/core/chat/events.ts";
import { PromptState } from "../../../src/node/terminal/prompt-state.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq", pairedAtMs: 0, comparedAtMs: undefined };
const CONNECTED: ProgramEvent = { type: "connected", peer: ADA, pairedNow: false };

function sent(seq: number): ProgramEvent {
  return { type: "sent", seq, atMs: 0, text: "x" };
}

function ended(reason: EndReason, undelivered = 0): ProgramEvent {
  return { type: "disconnected", reason, peer: ADA, undelivered };
}

function stateAfter(...events: ProgramEvent[]): PromptState {
  const state = new PromptState();
  for (const event of events) state.learn(event, "ada", 0);
  return state;
}

describe("PromptState", () => {
  it("says nobody at first, and the peer's name once connected", () => {
    assert.equal(stateAfter().text(0), "nobody");
    assert.equal(stateAfter(CONNECTED).text(0), "ada");
  });

  it("says offline when the link was lost, nobody when the peer has gone", () => {
    assert.equal(stateAfter(CONNECTED, ended("cut")).text(0), "offline");
    assert.equal(stateAfter(CONNECTED, ended("silent")).text(0), "offline");
    assert.equal(stateAfter(CONNECTED, ended("closed")).text(0), "nobody");
  });

  it("counts what is not delivered after two seconds, and only that", () => {
    const state = stateAfter(CONNECTED, sent(0), sent(1));
    assert.equal(state.text(1_999), "ada");
    assert.equal(state.changesInMs(1_999), 1);
    assert.equal(state.text(2_000), "ada, 2 waiting");
    assert.equal(state.changesInMs(2_000), undefined);
    state.learn({ type: "delivered", seq: 0 }, "ada", 2_100);
    assert.equal(state.text(2_100), "ada, 1 waiting");
    state.learn({ type: "delivered", seq: 1 }, "ada", 2_100);
    assert.equal(state.text(9_000), "ada");
  });

  it("takes a delivery for all before it", () => {
    assert.equal(stateAfter(CONNECTED, sent(0), sent(1), sent(2), { type: "delivered", seq: 1 }).waiting(9_000), 1);
  });

  it("keeps what waits while offline, and counts anew with a new session", () => {
    const state = stateAfter(CONNECTED, sent(0), sent(1), sent(2), ended("cut", 3));
    assert.equal(state.text(5_000), "offline, 3 waiting");
    state.learn(CONNECTED, "ada", 5_000);
    assert.equal(state.text(9_000), "ada");
  });
});
