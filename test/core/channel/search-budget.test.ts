// What a flood of first messages with wrong hints costs those who need a search as well: clients whose clock is wrong, or
// all of them while the server's own clock is (docs/SECURITY.md, "A client whose clock is wrong"). Who has a right hint
// pays nothing: admission.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SearchBudget } from "../../../src/core/channel/search-budget.ts";
import { SeededRandom } from "./seeded-random.ts";

/** What one address may do: 20 connections a second. */
const EACH_ADDRESS_PER_SECOND = 20;
const RUNS = 50;

/** How often an honest client has to try, on average, that waits as lair-client does. */
function triesOf(psks: number, addresses: number): number {
  const random = new SeededRandom(1);
  const upTo = (ms: number): number => (random.below(1_000_000) / 1_000_000) * ms;
  const pauseMs = 1_000 / (EACH_ADDRESS_PER_SECOND * addresses);
  let tries = 0;
  for (let run = 0; run < RUNS; run++) {
    const budget = new SearchBudget();
    const spend = (monotonicMs: number): boolean => budget.spend(psks, { monotonicMs, wallMs: 0 });
    let floodMs = 0;
    let atMs = 5_000 + upTo(1_000);
    for (let attempt = 0; ; attempt++) {
      for (; floodMs <= atMs; floodMs += pauseMs / 2 + upTo(pauseMs)) spend(floodMs);
      tries += 1;
      if (spend(atMs)) break;
      atMs += upTo(Math.min(30_000, 500 * 2 ** attempt));
    }
  }
  return tries / RUNS;
}

describe("a flood of wrong hints", () => {
  for (const [psks, addresses, least, most] of [
    [20, 10, 1, 1],
    [200, 1, 1, 1],
    [20, 100, 10, 20],
    [200, 10, 10, 20],
    [1_000, 1, 5, 10],
  ] as const) {
    it(`from ${addresses} addresses costs a client of a server with ${psks} psks ${least} to ${most} attempts`, (t) => {
      const tries = triesOf(psks, addresses);
      t.diagnostic(`${tries} attempts on average`);
      assert.ok(tries >= least && tries <= most, `${tries}`);
    });
  }
});
