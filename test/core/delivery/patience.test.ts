// How long a session waits for the peer to acknowledge, by a clock of the test.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Patience } from "../../../src/core/delivery/patience.ts";
import { throwsLair } from "../../throws-lair.ts";

const at = (ms: number) => ({ monotonicMs: ms, wallMs: ms });

describe("the patience of a session", () => {
  it("ends after 60 s in which nothing new was acknowledged", () => {
    const patience = new Patience();
    patience.sent(10);
    patience.start(at(1_000));
    patience.taken(4, at(2_000));
    patience.start(at(3_000));
    assert.equal(patience.deadlineMs, 62_000);
    patience.check(at(61_999));
    throwsLair(() => patience.check(at(62_000)), "peer-stalled");
  });

  it("has no end while nothing waits, and begins anew with the next", () => {
    const patience = new Patience();
    const other = new Patience();
    patience.sent(10);
    patience.start(at(0));
    patience.taken(10, at(1_000));
    patience.start(at(2_000));
    assert.deepEqual([patience.deadlineMs, other.deadlineMs], [Infinity, Infinity]);
    patience.check(at(1_000_000));
    patience.sent(1);
    patience.start(at(1_000_000));
    assert.deepEqual([patience.deadlineMs, other.deadlineMs], [1_060_000, Infinity]);
  });
});
