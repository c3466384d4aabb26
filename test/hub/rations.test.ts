// How often somebody may do something: so many at once, then one after each interval, and nothing is kept of what is whole.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Rations } from "../../src/hub/rations.ts";
import { CallRefused } from "../../src/hub/refused.ts";
import { ManualClock } from "../node/manual-clock.ts";

const RATION = { atOnce: 3, everyMs: 100 };

/** When to try again; 0: it was there. */
function waitOf(rations: Rations, whose: string, kind = "calls"): number {
  try {
    rations.take(kind, whose, RATION);
    return 0;
  } catch (error) {
    assert.ok(error instanceof CallRefused && error.refusal === "too-often");
    return error.retryAfterMs ?? -1;
  }
}

it("gives so many at once, and one more after each interval", () => {
  const clock = new ManualClock();
  const rations = new Rations(clock);
  const waits = (count: number): number[] => Array.from({ length: count }, () => waitOf(rations, "ada"));
  assert.deepEqual(waits(5), [0, 0, 0, 100, 100]);
  assert.deepEqual([waitOf(rations, "bob"), waitOf(rations, "ada", "knocks")], [0, 0]);
  clock.pass(30);
  assert.deepEqual(waits(1), [70]);
  clock.pass(170);
  assert.deepEqual(waits(3), [0, 0, 100]);
  clock.pass(100_000);
  assert.deepEqual(waits(4), [0, 0, 0, 100]);
});

it("forgets those that are whole", () => {
  const clock = new ManualClock();
  const rations = new Rations(clock);
  for (const name of ["ada", "bob"]) waitOf(rations, name);
  waitOf(rations, "bob");
  waitOf(rations, "ada", "knocks");
  assert.equal(rations.size, 3);
  clock.pass(100);
  rations.sweep();
  assert.equal(rations.size, 1);
  clock.pass(100);
  rations.sweep();
  assert.equal(rations.size, 0);
});
