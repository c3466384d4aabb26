// Everything that was stored arrives once and in order, whatever breaks meanwhile, and what was lost with a store is told on
// both sides, to the message (docs/PROTOCOL.md §7). test/long plays many more of the same schedules.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../channel/first-seed.ts";
import { effort } from "../../effort.ts";
import { playLives } from "./lives.ts";

describe(`random schedules of two lives (seeds from ${FIRST_SEED})`, () => {
  it("deliver everything once and in order, over cuts, crashes, failing stores and rekeys", () => {
    const { messages, sessions } = playLives(effort(20, 60), FIRST_SEED, { restores: false });
    // Otherwise they would prove nothing.
    assert.ok(messages > effort(400, 1_200) && sessions > effort(40, 120), `only ${messages} in ${sessions}`);
  });

  it("store nothing twice and leave nothing out in silence when older copies of a store are put back", () => {
    const { restored, notices } = playLives(effort(20, 60), FIRST_SEED, { restores: true });
    assert.ok(restored > effort(15, 60) && notices > effort(5, 30), `only ${restored} restored, ${notices} notices`);
  });
});
