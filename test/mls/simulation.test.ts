// docs: the simulation is described in simulation.ts; test/long/groups.test.ts runs it with 50 people and 2,000 steps.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { simulate } from "./simulation.ts";

describe("a room of people who do things at random", () => {
  it("agrees on epoch, members, roles and messages, and whoever is out opens nothing", async () => {
    let removals = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const outcome = await simulate({ seed, people: 6, steps: 120 });
        removals += outcome.removals;
      }),
      { numRuns: 3, endOnFailure: true },
    );
    assert.ok(removals > 0, "somebody was removed");
  });
});
