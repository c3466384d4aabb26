// How long to wait before the next try (docs/PROTOCOL.md §13): full jitter, doubled, and from the start after a good minute.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff } from "../../src/app/backoff.ts";

/** Draws the most that it may. */
const longest = (): Backoff => new Backoff((upTo) => upTo);
const waits = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, () => backoff.nextMs());

describe("a backoff", () => {
  it("waits up to 0.5 s, doubled with each try, up to 30 s and no longer", () => {
    assert.deepEqual(waits(longest(), 9), [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("stays at 30 s after any number of tries", () => {
    const backoff = longest();
    for (let count = 0; count < 5_000; count++) backoff.nextMs();
    assert.equal(backoff.nextMs(), 30_000);
  });

  it("waits as long as is drawn, from nothing on: full jitter", () => {
    const drawn: number[] = [];
    const backoff = new Backoff((upTo) => {
      drawn.push(upTo);
      return drawn.length * 7;
    });
    assert.deepEqual(waits(backoff, 3), [7, 14, 21]);
    assert.deepEqual(drawn, [500, 1_000, 2_000]);
    assert.equal(new Backoff(() => 0).nextMs(), 0);
  });

  it("counts the tries from 1", () => {
    const backoff = longest();
    assert.equal(backoff.attempt, 1);
    backoff.nextMs();
    assert.equal(backoff.attempt, 2);
  });

  it("begins anew after a line that stood for a minute, and not after a shorter one", () => {
    const backoff = longest();
    waits(backoff, 3);
    backoff.stood(59_999);
    assert.equal(backoff.nextMs(), 4_000);
    backoff.stood(60_000);
    assert.deepEqual([backoff.attempt, backoff.nextMs()], [1, 500]);
  });
});
