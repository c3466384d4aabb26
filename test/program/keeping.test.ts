// When the history is purged: soon again while more is due, every five seconds otherwise, and through a disk in trouble.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { History } from "../../src/core/chat/history.ts";
import { LairError } from "../../src/core/errors.ts";
import { keepPurged } from "../../src/program/keeping.ts";
import { ManualClock } from "../node/manual-clock.ts";

/** What a purge comes to: there is more to do at once, or later, or never, or the disk fails. */
type Outcome = "more" | "later" | "nothing" | LairError;

const full = (message = "The disk is full."): LairError => new LairError("store-unwritable", message);

/** A history whose purges come to this, one after the other; at the end there is nothing to do. */
function scene(...outcomes: readonly Outcome[]) {
  const clock = new ManualClock();
  const beganMs = clock.now().monotonicMs;
  const atMs: number[] = [];
  const errors: unknown[] = [];
  const purge = (nowMs: number): number | undefined => {
    assert.equal(nowMs, clock.now().wallMs, "it is told the time of the wall");
    const outcome = outcomes[atMs.length] ?? "nothing";
    atMs.push(clock.now().monotonicMs - beganMs);
    if (outcome instanceof LairError) throw outcome;
    return { more: nowMs, later: nowMs + 1, nothing: undefined }[outcome];
  };
  const stop = keepPurged({ purge } as unknown as History, clock, (error) => void errors.push(error));
  return { clock, atMs, errors, stop };
}

describe("keeping the history to what was agreed", () => {
  it("begins at once, and goes on every five seconds, whether or not something will be due", () => {
    const { clock, atMs } = scene("nothing", "later", "nothing");
    assert.deepEqual(atMs, [0]);
    clock.pass(4_999);
    assert.deepEqual(atMs, [0]);
    clock.pass(10_001);
    assert.deepEqual(atMs, [0, 5_000, 10_000, 15_000]);
  });

  it("goes on after 50 ms while more is due", () => {
    const { clock, atMs } = scene("more", "more", "later", "more", "nothing");
    clock.pass(10_200);
    assert.deepEqual(atMs, [0, 50, 100, 5_100, 5_150, 10_150]);
  });

  it("gives a step 20 ms, and the last one half a second", () => {
    const clock = new ManualClock();
    const budgets: number[] = [];
    const purge = (_nowMs: number, isOver: () => boolean): undefined => {
      const startMs = clock.now().monotonicMs;
      while (!isOver()) clock.pass(1);
      budgets.push(clock.now().monotonicMs - startMs);
    };
    const stop = keepPurged({ purge } as unknown as History, clock, () => assert.fail("it told of an error"));
    stop();
    assert.deepEqual(budgets, [20, 500]);
  });

  it("tells of a disk that fails once, tries again every five seconds, and tells of the next time anew", () => {
    const [first, second, third] = [full("one"), full("two"), full("three")];
    const { clock, atMs, errors } = scene("nothing", first, second, "nothing", third, full("four"));
    clock.pass(25_000);
    assert.deepEqual(atMs, [0, 5_000, 10_000, 15_000, 20_000, 25_000]);
    assert.deepEqual(errors, [first, third]);
  });

  it("tells of the very first turn, too", () => {
    const first = full();
    const { clock, errors } = scene(first, full());
    clock.pass(5_000);
    assert.deepEqual(errors, [first]);
  });

  it("stops, whatever is due", () => {
    for (const outcome of ["more", "nothing", full()] as const) {
      const { clock, atMs, stop } = scene(outcome);
      stop();
      clock.pass(60_000);
      // The last step is one of the stop itself.
      assert.deepEqual([atMs, clock.pending], [[0, 0], []]);
    }
  });
});
