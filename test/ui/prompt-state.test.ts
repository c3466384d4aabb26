import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EndReason, ProgramEvent } from "../../src/app/events.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { PromptState } from "../../src/ui/prompt-state.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq", pairedAtMs: 0, comparedAtMs: undefined };
const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm" };
const CONNECTED: ProgramEvent = { type: "connected", peer: ADA, pairedNow: false };
const RETRY: ProgramEvent = { type: "reconnecting", url: "", attempt: 1, inMs: 500, message: "", code: "" };

function sent(seq: number): ProgramEvent {
  return { type: "sent", seq, atMs: 0, text: "x" };
}

function queued(seq: number): ProgramEvent {
  return { type: "queued", seq, atMs: 0, text: "x" };
}

function released(seq: number, was = seq): ProgramEvent {
  return { type: "released", seq, was };
}

function delivered(seq: number): ProgramEvent {
  return { type: "delivered", seq };
}

function backlog(...seqs: number[]): ProgramEvent {
  return { type: "backlog", peer: ADA, seqs };
}

function ended(reason: EndReason, undelivered = 0, peer: PeerView | undefined = ADA): ProgramEvent {
  return { type: "disconnected", reason, peer, undelivered };
}

function stateAfter(...events: ProgramEvent[]): PromptState {
  const state = new PromptState();
  for (const event of events) state.learn(event, "ada", 0);
  return state;
}

/** What the prompt says right after these events, when nothing has had time to wait. */
function textAfter(...events: ProgramEvent[]): string {
  return stateAfter(...events).text(0);
}

describe("PromptState", () => {
  it("says nobody at first, and the peer's name once connected", () => {
    assert.equal(textAfter(), "nobody");
    assert.equal(textAfter(CONNECTED), "ada");
  });

  it("says offline while there is somebody to write to, and nobody otherwise", () => {
    for (const reason of ["cut", "silent", "closed", "shutting-down", "busy", "key-expired", "protocol"] as const) {
      assert.equal(textAfter(CONNECTED, ended(reason)), "offline", reason);
    }
    for (const reason of ["not-trusted", "unable", "forgotten"] as const) {
      assert.equal(textAfter(CONNECTED, sent(0), ended(reason, 1)), "nobody", reason);
    }
    assert.equal(textAfter({ type: "disconnected", reason: "cut", peer: undefined, undelivered: 0 }), "nobody");
    assert.equal(textAfter(backlog()), "offline");
    assert.equal(textAfter(RETRY), "offline");
    assert.equal(textAfter(backlog(), ended("busy", 0)), "offline");
  });

  it("counts what is not delivered after two seconds, and only that", () => {
    const state = stateAfter(CONNECTED, sent(0), sent(1));
    assert.equal(state.text(1_999), "ada");
    assert.equal(state.changesInMs(1_999), 1);
    assert.equal(state.text(2_000), "ada, 2 waiting");
    assert.equal(state.changesInMs(2_000), undefined);
    state.learn(delivered(0), "ada", 2_100);
    assert.equal(state.text(2_100), "ada, 1 waiting");
    state.learn(delivered(1), "ada", 2_100);
    assert.equal(state.text(9_000), "ada");
  });

  it("takes a delivery for all before it", () => {
    assert.equal(stateAfter(CONNECTED, sent(0), sent(1), sent(2), delivered(1)).waiting(9_000), 1);
  });

  it("counts at once what no link takes, and goes on until it is delivered", () => {
    const state = stateAfter(CONNECTED, sent(0), ended("cut", 1));
    assert.equal(state.text(0), "offline, 1 waiting");
    state.learn(queued(1), "ada", 0);
    assert.equal(state.text(0), "offline, 2 waiting");
    for (const event of [RETRY, CONNECTED, released(1)]) state.learn(event, "ada", 0);
    assert.equal(state.text(0), "ada, 2 waiting");
    state.learn(delivered(1), "ada", 0);
    assert.equal(state.text(9_000), "ada");
  });

  it("knows from the first queued line that there is somebody to write to", () => {
    assert.equal(textAfter(queued(0)), "offline, 1 waiting");
  });

  it("takes a backlog for all that waits, at once", () => {
    assert.equal(textAfter(backlog(4, 5, 6)), "offline, 3 waiting");
    const state = stateAfter(CONNECTED, sent(0), sent(1), backlog(7));
    assert.equal(state.text(0), "ada, 1 waiting");
    state.learn(delivered(6), "ada", 0);
    assert.equal(state.text(0), "ada, 1 waiting");
    state.learn(delivered(7), "ada", 0);
    assert.equal(state.text(9_000), "ada");
    assert.equal(textAfter(backlog(4), backlog()), "offline");
  });

  it("follows what was queued to its new numbers, whether a backlog has told them before or not", () => {
    const renumbered = [released(5, 3), released(6, 4), released(7, 5)];
    for (const told of [[], [backlog(5, 6, 7)]]) {
      const state = stateAfter(queued(3), queued(4), queued(5), CONNECTED, ...told, ...renumbered);
      assert.equal(state.text(0), "ada, 3 waiting");
      state.learn(delivered(7), "ada", 0);
      assert.equal(state.text(0), "ada");
    }
  });

  it("counts for the peer who is there", () => {
    assert.equal(textAfter(backlog(1, 2), { ...CONNECTED, peer: BOB }), "ada");
    assert.equal(textAfter({ ...CONNECTED, peer: BOB }, backlog(1, 2)), "ada");
    assert.equal(textAfter(backlog(1, 2), CONNECTED), "ada, 2 waiting");
  });
});
