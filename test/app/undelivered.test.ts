// What a program says when it leaves of what has not arrived, and whether that makes its exit code 1.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Undelivered, undeliveredReport } from "../../src/app/undelivered.ts";

const told = (how: Partial<Undelivered>) => {
  const { errors, isComplete } = undeliveredReport({
    lost: 0,
    waiting: 0,
    kept: "the-rest",
    hasMisread: false,
    ...how,
  });
  return { said: errors.map(({ code, message, hint }) => [code, message, hint]), isComplete };
};

const kept = (count: string, hint: string) => ["not-delivered", `${count} not delivered yet.`, hint];

describe("what has not arrived", () => {
  it("is nothing when all has: no word, and no failure", () => {
    assert.deepEqual(told({}), { said: [], isComplete: true });
    assert.deepEqual(told({ kept: "nothing" }), { said: [], isComplete: true });
  });

  it("is a failure where the input was no text, which has been told", () => {
    assert.deepEqual(told({ hasMisread: true }), { said: [], isComplete: false });
  });

  it("waits, and is kept for the next time or not", () => {
    assert.deepEqual(told({ waiting: 1 }), {
      said: [kept("1 message was", "It is kept and will be sent next time.")],
      isComplete: false,
    });
    assert.deepEqual(told({ waiting: 3 }).said, [kept("3 messages were", "They are kept and will be sent next time.")]);
    assert.deepEqual(told({ waiting: 3, kept: "nothing" }), {
      said: [["not-delivered", "3 messages were not delivered.", undefined]],
      isComplete: false,
    });
  });

  it("is lost where it was never stored", () => {
    assert.deepEqual(told({ lost: 6 }), {
      said: [["not-delivered", "6 messages were not delivered, and will not be.", undefined]],
      isComplete: false,
    });
  });

  it("is told as no failure where it was to be kept", () => {
    const notices = [0, 1, 3].map((waiting) =>
      undeliveredReport({ lost: 0, waiting, kept: "as-asked", hasMisread: false }),
    );
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
    assert.deepEqual(told({ lost: 1, waiting: 2, kept: "as-asked" }), {
      said: [["not-delivered", "1 message was not delivered, and will not be.", undefined]],
      isComplete: false,
    });
  });
});
