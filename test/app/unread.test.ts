// How many lines `who` counts as unread.

import assert from "node:assert/strict";
import { it } from "node:test";
import { two } from "./two-nodes.ts";

it("counts the lines of a peer that the prompt is not at", async () => {
  const { lower, higher, pass } = two();
  lower.start();
  higher.start();
  await pass(2_000);
  const unread = (): number | undefined => {
    lower.command({ type: "who" });
    const shown = lower.told.findLast((event) => event.type === "who");
    return shown?.conversations[0]?.unread;
  };
  lower.promptAt = higher.name;
  higher.say(lower, "one");
  await pass(500);
  assert.deepEqual([lower.received.get(higher.name), unread()], [["one"], 0]);
  lower.promptAt = undefined;
  higher.say(lower, "two");
  await pass(500);
  assert.equal(unread(), 1);
  for (const node of [lower, higher]) node.kill();
});
