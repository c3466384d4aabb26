// What is marked as shown, and when: what the face's output has taken, and nothing that came after it was asked.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChatEvent } from "../../src/core/chat/chat.ts";
import type { Peer } from "../../src/core/identity/peer.ts";
import { Shown } from "../../src/app/shown.ts";

const peerNamed = (name: string): Peer => ({
  publicKey: new Uint8Array(32).fill(name.length),
  signatureKey: undefined,
  name,
  psk: new Uint8Array(32),
  invitePsk: undefined,
  formerPsks: undefined,
  pairedAtMs: 0,
  comparedAtMs: undefined,
  url: undefined,
});
const [ANNA, CARL] = [peerNamed("anna"), peerNamed("carl")];
const message = (seq: number): ChatEvent => ({ type: "message", seq, atMs: 1, text: "x" });

function open() {
  const waiting: ((isTaken: boolean) => void)[] = [];
  const marks: [string, number][] = [];
  const shown = new Shown(
    (action) => void waiting.push(action),
    ({ name }, next) => void marks.push([name, next]),
  );
  return { shown, waiting, marks };
}

describe("what is given to the face", () => {
  it("is marked together at the end of the turn, once the output has it", async () => {
    const { shown, waiting, marks } = open();
    for (const seq of [4, 5, 6]) shown.note(ANNA, message(seq));
    assert.equal(waiting.length, 0);
    await Promise.resolve();
    assert.deepEqual([waiting.length, marks], [1, []]);
    assert.equal(shown.unshown, 3);
    waiting[0]!(true);
    assert.deepEqual([marks, shown.unshown], [[["anna", 7]], 0]);
  });

  it("is not marked when the output never has it", async () => {
    const { shown, waiting, marks } = open();
    shown.note(ANNA, message(0));
    await Promise.resolve();
    waiting[0]!(false);
    assert.deepEqual([marks, shown.unshown], [[], 1]);
    // What comes later and is taken is marked, and with it what came before: a mark says "everything below".
    shown.note(ANNA, message(1));
    await Promise.resolve();
    assert.deepEqual([waiting.length, marks], [2, []]);
  });

  it("does not raise the mark of what was asked for before, in a later turn or in the same", async () => {
    const { shown, waiting, marks } = open();
    shown.note(ANNA, message(0));
    await Promise.resolve();
    shown.note(ANNA, message(1));
    waiting[0]!(true);
    assert.deepEqual(marks, [["anna", 1]]);
    // The end of the program settles within the turn, and then more comes.
    shown.settle();
    shown.note(ANNA, message(2));
    waiting[1]!(true);
    assert.deepEqual(marks.slice(1), [["anna", 2]]);
    await Promise.resolve();
    waiting[2]!(true);
    assert.deepEqual(marks.slice(2), [["anna", 3]]);
    assert.equal(waiting.length, 3);
  });

  it("is marked for each chat by itself", async () => {
    const { shown, waiting, marks } = open();
    shown.note(ANNA, message(9));
    shown.note(CARL, message(2));
    shown.note(ANNA, message(10));
    await Promise.resolve();
    for (const action of waiting) action(true);
    assert.deepEqual(marks, [
      ["anna", 11],
      ["carl", 3],
    ]);
  });

  it("is marked where it came from the peer, whatever it is, and nowhere else", () => {
    const theirs: ChatEvent[] = [
      message(3),
      { type: "unknown-message", seq: 3, kind: "wave" },
      { type: "unreadable-message", seq: 3 },
      { type: "timer", seq: 3, seconds: 1, by: "peer" },
      { type: "timer-held", seq: 3, seconds: 1 },
    ];
    const ours: ChatEvent[] = [
      { type: "queued", seq: 3, atMs: 1, text: "x" },
      { type: "sent", seq: 3, atMs: 1, text: "x" },
      { type: "released", seq: 3, was: 3 },
      { type: "delivered", seq: 3 },
      { type: "timer", seq: 3, seconds: 1, by: "you" },
      { type: "memory", whose: "own", what: "new", missing: 0 },
    ];
    for (const [events, expected] of [
      [theirs, [["anna", 4]]],
      [ours, []],
    ] as const) {
      for (const event of events) {
        const { shown, waiting, marks } = open();
        shown.note(ANNA, event);
        shown.settle();
        for (const action of waiting) action(true);
        assert.deepEqual(marks, expected, event.type);
      }
    }
  });
});
