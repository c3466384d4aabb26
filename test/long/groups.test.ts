// The room of test/mls/simulation.ts at its full size, and a smaller one in the suite that rooms have by default.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { simulate } from "../mls/simulation.ts";

const SIZES = [
  { suite: "classic", people: 50, steps: 2_000 },
  { suite: "hybrid", people: 12, steps: 500 },
] as const;

for (const size of SIZES) {
  // What a failure needs to be seen again.
  const seed = Math.floor(Math.random() * 2 ** 31);
  describe(`${size.people} people who do ${size.steps} things at random: ${size.suite}, from ${seed}`, () => {
    it("agree on epoch, members, roles and messages, and whoever is out opens nothing", async (t) => {
      const outcome = await simulate({ seed, ...size });
      t.diagnostic(JSON.stringify(outcome));
      const { commits, conflicts, messages, joins, restarts, closedToOutsiders } = outcome;
      assert.ok([commits, conflicts, messages, joins, restarts, closedToOutsiders].every((count) => count > 0));
    });
  });
}
