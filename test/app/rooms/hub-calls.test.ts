import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ask, type HubCalls, HubRefusal, isAway } from "../../../src/app/rooms/hub-calls.ts";
import type { Outcome, Refused } from "../../../src/core/hub/calls.ts";
import { LairError } from "../../../src/core/errors.ts";
import { rejectsLair } from "../../throws-lair.ts";

/** A hub that answers every call so. */
function hubThat(answers: () => Outcome<"post">): HubCalls {
  return { call: async () => answers() as never };
}
const POST = {
  room: new Uint8Array(16),
  type: "message",
  id: new Uint8Array(16),
  epoch: 0,
  bytes: new Uint8Array(1),
} as const;

describe("asking a hub", () => {
  it("gives the answer", async () => {
    const hub = hubThat(() => ({ type: "answered", answer: { seq: 7 } }));
    assert.deepEqual(await ask(hub, "post", POST), { seq: 7 });
  });

  it("throws a refusal with what the hub says, and when to try again", async () => {
    const later = { type: "refused", refusal: "too-often", retryAfterMs: 500, sentence: "slower" } as const;
    const error = await rejectsLair(
      ask(
        hubThat(() => later),
        "post",
        POST,
      ),
    );
    assert.ok(error instanceof HubRefusal);
    assert.equal(error.code, "hub-refused");
    assert.equal(error.message, "The hub refused: slower");
    assert.equal((error.refused satisfies Refused).refusal, "too-often");
    assert.equal(isAway(error), false);
  });

  it("knows a connection that ended from everything else", async () => {
    const away = hubThat(() => {
      throw new LairError("hub-away", "There is no connection to the hub.");
    });
    assert.equal(isAway(await rejectsLair(ask(away, "post", POST))), true);
    assert.equal(isAway(new Error("another")), false);
  });
});
