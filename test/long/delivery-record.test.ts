// The judge of the long runs: it lets pass what may be, and sees every way in which a line can be lost, doubled or moved.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import type { JsonEvent } from "../e2e/program.ts";
import { MAX_EARLY_IN_A_ROW, planCuts } from "./delivery-cut-plan.ts";
import { checkAllHeard, checkHeard, DeliveryRecord } from "./delivery-record.ts";

/** A record of these lives: what it was told, and what it printed. */
function recordOf(...lives: readonly { readonly said?: readonly string[]; readonly printed?: readonly JsonEvent[] }[]) {
  const record = new DeliveryRecord();
  for (const { said = [], printed = [] } of lives) {
    record.begin();
    for (const text of said) record.told(text);
    for (const event of printed) record.take(event);
  }
  return record;
}

const message = (seq: number, text: string, again?: true): JsonEvent => {
  return { event: "message", seq, text, ...(again === undefined ? {} : { again }) };
};
const listener = (...texts: string[]) => recordOf({ printed: texts.map((text, seq) => message(seq, text)) });
const sent = (...seqs: number[]): JsonEvent[] => seqs.map((seq) => ({ event: "sent", seq }));
const delivered = (...seqs: number[]): JsonEvent[] => seqs.map((seq) => ({ event: "delivered", seq }));

describe("what a side prints", () => {
  it("may be shown again after a kill, and promised again", () => {
    const record = recordOf(
      { printed: [message(0, "a"), ...sent(0, 1), ...delivered(0)] },
      {
        printed: [message(0, "a", true), message(1, "b", true), message(2, "c"), ...sent(1, 2), ...delivered(0, 1, 2)],
      },
    );
    assert.deepEqual(record.heard, ["a", "b", "c"]);
    assert.equal(record.repeats, 1);
    assert.deepEqual(
      [...record.promised],
      [
        [0, 0],
        [1, 0],
        [2, 1],
      ],
    );
    assert.equal(record.delivered, 3);
  });

  const faults: { readonly [what: string]: readonly JsonEvent[] } = {
    "a gap": [message(0, "a"), message(2, "c")],
    "a gap behind what is shown again": [message(0, "a"), message(2, "c", true)],
    "a message twice": [message(0, "a"), message(0, "a")],
    "another text under the number of one that is shown again": [message(0, "a"), message(0, "b", true)],
    "a line sent twice": sent(0, 0),
    "lines sent in another order": sent(1, 0),
    "a line delivered twice": delivered(0, 0),
    "another number": [{ event: "sent", seq: 3, was: 2 }],
    "a store that was lost": [{ event: "memory", whose: "peer", what: "older" }],
    "a line refused": [{ event: "error", code: "queue-full" }],
    "what nobody can read": [{ event: "unreadable-message", seq: 0 }],
  };
  for (const [what, printed] of Object.entries(faults)) {
    it(`must not be ${what}`, () => {
      assert.throws(() => recordOf({ printed }), assert.AssertionError);
    });
  }
});

describe("two sides", () => {
  it("agree though lines that nobody promised are missing at the end of a life", () => {
    const speaker = recordOf({ said: ["a", "b", "c"], printed: sent(0) }, { said: ["d"], printed: sent(1, 2) });
    assert.equal(checkHeard(speaker, listener("a", "b", "d")), 3);
  });

  it("agree on a line that was refused, and on no other that is left out", () => {
    const refusal: JsonEvent = { event: "error", code: "store-unwritable" };
    const said = ["a", "b", "c", "d"];
    const speaker = recordOf({ said, printed: [...sent(0), refusal, ...sent(1, 2)] });
    assert.equal(checkHeard(speaker, listener("a", "c", "d")), 3);
    assert.throws(() => checkHeard(speaker, listener("a", "d", "e")), assert.AssertionError);
    assert.throws(() => checkHeard(recordOf({ said, printed: sent(0, 1) }), listener("a", "d")), assert.AssertionError);
    assert.throws(
      () => checkHeard(recordOf({ said, printed: [refusal, ...sent(0)] }), listener("a", "d")),
      assert.AssertionError,
    );
  });

  it("agree on as many as one error says were refused", () => {
    const details = ["The last 2 messages were not stored, and will not be sent."];
    const printed = [...sent(0), { event: "error", code: "store-unwritable", details }, ...sent(1)];
    const speaker = recordOf({ said: ["a", "b", "c", "d", "e"], printed });
    assert.equal(checkHeard(speaker, listener("a", "d")), 2);
    assert.throws(() => checkHeard(speaker, listener("a", "e")), assert.AssertionError);
  });

  const disagreements: { readonly [what: string]: readonly string[] } = {
    "a promised line at the end is missing": ["a", "b"],
    "a promised line in the middle is missing": ["a", "c", "d"],
    "a promised line is missing, and its number was given away": ["a", "d", "e"],
    "a line comes twice": ["a", "b", "c", "c", "d"],
    "lines are in another order": ["a", "c", "b", "d"],
    "lines of two lives are in another order": ["a", "b", "d", "c"],
    "somebody else's line is there": ["a", "b", "c", "x"],
    "a line is another one": ["a", "b", "c ", "d"],
  };
  for (const [what, texts] of Object.entries(disagreements)) {
    it(`do not agree when ${what}`, () => {
      const speaker = recordOf({ said: ["a", "b", "c"], printed: sent(0, 1, 2) }, { said: ["d", "e"] });
      assert.throws(() => checkHeard(speaker, listener(...texts)), assert.AssertionError);
    });
  }

  it("agree on everything where nobody was killed, or not at all", () => {
    const printed = [...sent(0, 1), ...delivered(0, 1)];
    checkAllHeard(recordOf({ said: ["a", "b"], printed }), listener("a", "b"));
    const silent = recordOf({ said: ["a", "b"], printed: [...sent(0, 1), ...delivered(0)] });
    assert.throws(() => checkAllHeard(silent, listener("a", "b")), assert.AssertionError);
    const unsent = recordOf({ said: ["a", "b", "c"], printed });
    assert.throws(() => checkAllHeard(unsent, listener("a", "b")), assert.AssertionError);
  });
});

describe(`a plan of cuts (seed ${FIRST_SEED})`, () => {
  const plan = planCuts(new SeededRandom(FIRST_SEED), 1_000, 6_000);

  it("is the same for the same seed", () => {
    assert.deepEqual(planCuts(new SeededRandom(FIRST_SEED), 1_000, 6_000), plan);
  });

  it("never has more early ones in a row than the client bears", () => {
    let row = 0;
    for (const { type } of plan) {
      row = type === "early" ? row + 1 : 0;
      assert.ok(row <= MAX_EARLY_IN_A_ROW, `${row} in a row`);
    }
  });

  it("has every kind of place, and both kinds of end", () => {
    const share = (is: (cut: (typeof plan)[number]) => boolean) => plan.filter((cut) => is(cut)).length;
    assert.equal(plan.length, 1_000);
    assert.ok(share(({ type }) => type === "early") > 100, "early");
    assert.ok(share(({ type, afterBytes }) => type === "early" && afterBytes <= 600) > 50, "before any answer");
    assert.ok(share((cut) => cut.type === "rekey" && !cut.isBusy) > 25, "in a quiet renewal");
    assert.ok(share((cut) => cut.type === "rekey" && cut.isBusy) > 15, "in a busy renewal");
    assert.ok(share(({ type }) => type === "talk") > 500, "in the talk");
    for (const how of ["reset", "end"]) assert.ok(share((cut) => cut.how === how) > 400, how);
    assert.ok(
      plan.every(({ afterBytes }) => afterBytes >= 1),
      "a cut before anything",
    );
  });
});
