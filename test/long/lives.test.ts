// The long run of test/core/delivery/lives.test.ts: minutes, so it is no part of `npm test`.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { playLives } from "../core/delivery/lives.ts";

describe(`random schedules of two lives, all of them (seeds from ${FIRST_SEED})`, () => {
  it("deliver everything once and in order: 100,000", () => {
    const { rekeys } = playLives(100_000, FIRST_SEED, { restores: false });
    assert.ok(rekeys > 2_000, `only ${rekeys} rekeys`);
  });

  it("store nothing twice and leave nothing out in silence when older copies are put back: 50,000", () => {
    const { notices } = playLives(50_000, FIRST_SEED, { restores: true });
    assert.ok(notices > 50_000, `only ${notices} notices`);
  });
});
