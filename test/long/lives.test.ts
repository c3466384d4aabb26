// The long run of test/core/delivery/lives.test.ts: minutes, so it is no part of `npm test`.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { playLives } from "../core/delivery/lives.ts";

describe(`random schedules of two lives, all of them (seeds from ${FIRST_SEED})`, () => {
  it("deliver everything once and in order: 20,000", () => {
    const { rekeys } = playLives(20_000, FIRST_SEED, { restores: false });
    assert.ok(rekeys > 400, `only ${rekeys} rekeys`);
  });

  it("store nothing twice and leave nothing out in silence when older copies are put back: 10,000", () => {
    const { notices } = playLives(10_000, FIRST_SEED, { restores: true });
    assert.ok(notices > 10_000, `only ${notices} notices`);
  });
});
