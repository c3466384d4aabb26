import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EndReason, ProgramEvent } from "../../src/app/events.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { PromptState } from "../../src/ui/prompt-state.ts";
import { Selection } from "../../src/ui/selection.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq", pairedAtMs: 0, comparedAtMs: undefined };
const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm" };
const AT_ADA: ProgramEvent = { type: "selected", peer: ADA, by: "start" };
const CONNECTED: ProgramEvent = { type: "connected", peer: ADA, pairedNow: false };
const RETRY: ProgramEvent = { type: "reconnecting", peer: ADA, url: "", attempt: 1, inMs: 500, message: "", code: "" };

function sent(seq: number): ProgramEvent {
  return { type: "sent", peer: ADA, seq, atMs: 0, text: "x" };
}

function queued(seq: number): ProgramEvent {
  return { type: "queued", peer: ADA, seq, atMs: 0, text: "x" };
}

function released(seq: number, was = seq): ProgramEvent {
  return { type: "released", peer: ADA, seq, was };
}

function delivered(seq: number): ProgramEvent {
  return { type: "delivered", peer: ADA, seq };
}

function backlog(...seqs: number[]): ProgramEvent {
  return { type: "backlog", peer: ADA, seqs };
}

function ended(reason: EndReason, undelivered = 0, peer: PeerView | undefined = ADA): ProgramEvent {
  return { type: "disconnected", reason, peer, undelivered };
}

/** A prompt and its selection, each of which gets every event. */
class Prompt {
  readonly selection = new Selection();
  readonly #state = new PromptState(this.selection);

  learn(event: ProgramEvent, nowMs: number): void {
    this.selection.learn(event);
    this.#state.learn(event, nowMs);
  }

  text(nowMs: number): string {
    return this.#state.text(this.selection.peer?.name ?? "peer", nowMs);
  }

  waiting(nowMs: number): number {
    return this.#state.waiting(nowMs);
  }

  changesInMs(nowMs: number): number | undefined {
    return this.#state.changesInMs(nowMs);
  }
}

function stateAfter(...events: ProgramEvent[]): Prompt {
  const state = new Prompt();
  for (const event of events) state.learn(event, 0);
  return state;
}

/** What the prompt says right after these events, when nothing has had time to wait. */
function textAfter(...events: ProgramEvent[]): string {
  return stateAfter(...events).text(0);
}

describe("PromptState", () => {
  it("keeps what it knows of a peer whose fingerprint changes", () => {
    const now = { ...ADA, fingerprint: "zzzz" };
    const connected: ProgramEvent = { ...CONNECTED, peer: now, formerFingerprint: ADA.fingerprint };
    assert.equal(textAfter(AT_ADA, queued(0), connected), "ada, 1 waiting");
  });

  it("says nobody at first, and the peer's name once connected", () => {
    assert.equal(textAfter(), "nobody");
    assert.equal(textAfter(CONNECTED), "ada");
  });

  it("says offline while there is somebody to write to, and nobody otherwise", () => {
    for (const reason of ["cut", "silent", "closed", "shutting-down", "busy", "key-expired", "protocol"] as const) {
      assert.equal(textAfter(CONNECTED, ended(reason)), "ada, offline", reason);
    }
    for (const reason of ["not-trusted", "unable", "forgotten"] as const) {
      assert.equal(textAfter(CONNECTED, sent(0), ended(reason, 1)), "nobody", reason);
    }
    assert.equal(textAfter({ type: "disconnected", reason: "cut", peer: undefined, undelivered: 0 }), "nobody");
    assert.equal(textAfter(AT_ADA, backlog()), "ada, offline");
    assert.equal(textAfter(AT_ADA, RETRY), "ada, offline");
    assert.equal(textAfter(AT_ADA, backlog(), ended("busy", 0)), "ada, offline");
  });

  it("counts what is not delivered after two seconds, and only that", () => {
    const state = stateAfter(CONNECTED, sent(0), sent(1));
    assert.equal(state.text(1_999), "ada");
    assert.equal(state.changesInMs(1_999), 1);
    assert.equal(state.text(2_000), "ada, 2 waiting");
    assert.equal(state.changesInMs(2_000), undefined);
    state.learn(delivered(0), 2_100);
    assert.equal(state.text(2_100), "ada, 1 waiting");
    state.learn(delivered(1), 2_100);
    assert.equal(state.text(9_000), "ada");
  });

  it("takes a delivery for all before it", () => {
    assert.equal(stateAfter(CONNECTED, sent(0), sent(1), sent(2), delivered(1)).waiting(9_000), 1);
  });

  it("counts at once what no link takes, and goes on until it is delivered", () => {
    const state = stateAfter(CONNECTED, sent(0), ended("cut", 1));
    assert.equal(state.text(0), "ada, offline, 1 waiting");
    state.learn(queued(1), 0);
    assert.equal(state.text(0), "ada, offline, 2 waiting");
    for (const event of [RETRY, CONNECTED, released(1)]) state.learn(event, 0);
    assert.equal(state.text(0), "ada, 2 waiting");
    state.learn(delivered(1), 0);
    assert.equal(state.text(9_000), "ada");
  });

  it("knows from the first queued line that there is somebody to write to", () => {
    assert.equal(textAfter(AT_ADA, queued(0)), "ada, offline, 1 waiting");
  });

  it("takes a backlog for all that waits, at once", () => {
    assert.equal(textAfter(AT_ADA, backlog(4, 5, 6)), "ada, offline, 3 waiting");
    const state = stateAfter(CONNECTED, sent(0), sent(1), backlog(7));
    assert.equal(state.text(0), "ada, 1 waiting");
    state.learn(delivered(6), 0);
    assert.equal(state.text(0), "ada, 1 waiting");
    state.learn(delivered(7), 0);
    assert.equal(state.text(9_000), "ada");
    assert.equal(textAfter(AT_ADA, backlog(4), backlog()), "ada, offline");
  });

  it("follows what was queued to its new numbers, whether a backlog has told them before or not", () => {
    const renumbered = [released(5, 3), released(6, 4), released(7, 5)];
    for (const told of [[], [backlog(5, 6, 7)]]) {
      const state = stateAfter(AT_ADA, queued(3), queued(4), queued(5), CONNECTED, ...told, ...renumbered);
      assert.equal(state.text(0), "ada, 3 waiting");
      state.learn(delivered(7), 0);
      assert.equal(state.text(0), "ada");
    }
  });

  it("counts for the peer that it is at, and keeps the count of every other", () => {
    const bobConnected: ProgramEvent = { ...CONNECTED, peer: BOB };
    assert.equal(textAfter(backlog(1, 2), bobConnected), "bob");
    assert.equal(textAfter(bobConnected, backlog(1, 2)), "bob");
    assert.equal(textAfter(backlog(1, 2), CONNECTED), "ada, 2 waiting");
    const state = stateAfter(bobConnected, backlog(1, 2), { ...queued(0), peer: BOB } as ProgramEvent);
    assert.equal(state.text(0), "bob, 1 waiting");
    state.learn(delivered(9), 0);
    assert.equal(state.text(0), "bob, 1 waiting", "ada's delivery is not bob's");
    state.learn(backlog(1, 2), 0);
    state.learn({ type: "selected", peer: ADA, by: "user" }, 0);
    assert.equal(state.text(0), "ada, offline, 2 waiting");
    state.learn({ type: "selected", peer: BOB, by: "user" }, 0);
    assert.equal(state.text(0), "bob, 1 waiting");
  });

  it("says nobody of somebody who is forgotten, even if a line waited", () => {
    const gone: ProgramEvent = { type: "peer-forgotten", peer: ADA, history: true };
    assert.equal(textAfter(CONNECTED, ended("cut", 1), gone), "nobody");
  });
});
