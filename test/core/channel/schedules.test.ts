// Everything arrives once and in order, whatever the line does and whenever the keys change (docs/PROTOCOL.md §4, §8).
// test/long plays many more of the same schedules.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { FIRST_SEED } from "./first-seed.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { effort } from "../../effort.ts";
import { playSchedules } from "./schedule.ts";
import { TOY_SUITE } from "./toy-suite.ts";

describe(`random schedules of a session (seeds from ${FIRST_SEED})`, () => {
  it("deliver everything once and in order, through all rekeys", () => {
    const { rekeys, messages, crossed } = playSchedules(effort(30, 100), TOY_SUITE, FIRST_SEED);
    // Otherwise they would prove nothing about rekeys.
    assert.ok(
      rekeys > effort(30, 100) && messages > effort(900, 3_000) && crossed,
      `only ${rekeys} rekeys, ${messages} messages`,
    );
  });

  for (const [name, suite] of Object.entries({ "node:crypto": OPENSSL_SUITE, noble: NOBLE_SUITE })) {
    it(`do so under the cryptography of ${name}`, () => {
      const { rekeys } = playSchedules(effort(3, 5), suite, FIRST_SEED);
      assert.ok(rekeys > effort(0, 5), `only ${rekeys} rekeys`);
    });
  }
});
