// The simulation is described in simulation.ts; test/long/groups.test.ts runs it with 50 people and 2,000 steps.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { effort } from "../effort.ts";
import { simulate } from "./simulation.ts";

const SEED = 16;

describe("a room of people who do things at random", () => {
  it("agrees on epoch, members, roles and messages, and whoever is out opens nothing", async () => {
    const seeds = fc.asyncProperty(fc.nat(), async (seed) => {
      await simulate({ seed, people: 6, steps: 100 });
    });
    // In npm test the known one alone.
    if (effort("one", "many") === "many") await fc.assert(seeds, { numRuns: 20, endOnFailure: true });
    // One that is known to have some of everything.
    const outcome = await simulate({ seed: SEED, people: 6, steps: 100 });
    for (const [what, count] of Object.entries(outcome)) assert.ok(count > 0, what);
  });
});
