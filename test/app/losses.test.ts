// What a program says when it leaves of what has not arrived, and whether that makes its exit code 1.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Kept, Losses } from "../../src/app/losses.ts";

const told = (losses: Losses, waits: number, keeping: Kept) => {
  const { errors, isComplete } = losses.settle(waits, keeping);
  return { said: errors.map(({ code, message, hint }) => [code, message, hint]), isComplete };
};

const kept = (count: string, hint: string) => ["not-delivered", `${count} not delivered yet.`, hint];

describe("losses", () => {
  it("are also what was no text, which has been told: quit does not forget it", () => {
    const losses = new Losses();
    losses.misread();
    losses.forgetRefused();
    assert.deepEqual(told(losses, 0, "the-rest"), { said: [], isComplete: false });
  });

  it("are none when everything has arrived", () => {
    assert.deepEqual(told(new Losses(), 0, "the-rest"), { said: [], isComplete: true });
    assert.deepEqual(told(new Losses(), 0, "nothing"), { said: [], isComplete: true });
  });

  it("are what waits, which is kept for the next time or not", () => {
    assert.deepEqual(told(new Losses(), 1, "the-rest"), {
      said: [kept("1 message was", "It is kept and will be sent next time.")],
      isComplete: false,
    });
    assert.deepEqual(told(new Losses(), 3, "the-rest").said, [
      kept("3 messages were", "They are kept and will be sent next time."),
    ]);
    assert.deepEqual(told(new Losses(), 3, "nothing"), {
      said: [["not-delivered", "3 messages were not delivered.", undefined]],
      isComplete: false,
    });
  });

  it("are what was never said or was refused, once", () => {
    const losses = new Losses();
    losses.unsaid(2);
    losses.refused();
    losses.refused(3);
    assert.deepEqual(told(losses, 0, "the-rest"), {
      said: [["not-delivered", "6 messages were not delivered, and will not be.", undefined]],
      isComplete: false,
    });
    assert.deepEqual(told(losses, 0, "the-rest"), { said: [], isComplete: true });
  });

  it("are no refusals for somebody who has seen them", () => {
    const losses = new Losses();
    losses.refused();
    losses.forgetRefused();
    assert.deepEqual(told(losses, 0, "the-rest"), { said: [], isComplete: true });
  });

  it("are not what waits where it was to be kept: that is told as no failure", () => {
    const notices = [0, 1, 3].map((waits) => new Losses().settle(waits, "as-asked"));
    assert.deepEqual(notices, [
      { errors: [], isComplete: true, notice: undefined },
      {
        errors: [],
        isComplete: true,
        notice: "1 message was not delivered yet. It is kept and will be sent next time.",
      },
      {
        errors: [],
        isComplete: true,
        notice: "3 messages were not delivered yet. They are kept and will be sent next time.",
      },
    ]);
    const losses = new Losses();
    losses.refused();
    assert.deepEqual(told(losses, 2, "as-asked"), {
      said: [["not-delivered", "1 message was not delivered, and will not be.", undefined]],
      isComplete: false,
    });
  });
});
