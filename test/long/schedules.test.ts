// The long run of test/core/channel/schedules.test.ts: minutes, so it is no part of `npm test`.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NOBLE_SUITE } from "../../src/core/noise/index.ts";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { playSchedules } from "../core/channel/schedule.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";

describe(`random schedules of a session, all of them (seeds from ${FIRST_SEED})`, () => {
  const runs = [
    ["a toy suite", TOY_SUITE, 100_000],
    ["node:crypto", OPENSSL_SUITE, 1_600],
    ["noble", NOBLE_SUITE, 400],
  ] as const;
  for (const [name, suite, count] of runs) {
    it(`deliver everything once and in order: ${count} under ${name}`, () => {
      const { rekeys } = playSchedules(count, suite, FIRST_SEED);
      assert.ok(rekeys > count, `only ${rekeys} rekeys`);
    });
  }
});
