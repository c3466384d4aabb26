// Queues by name: in order within each, beside each other, and what has no name is between all before and all after it.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Queues } from "../../../src/app/rooms/queues.ts";

it("work is done in the order of its queue, and waits for no other but for what has no name", async () => {
  const queues = new Queues();
  const done: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (queue: string | undefined, name: string): void => {
    void queues.add(queue, async () => {
      await new Promise<void>((resolve) => ends.set(name, resolve));
      done.push(name);
    });
  };
  const end = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await end();
  for (const [queue, name] of [
    ["a", "a1"],
    ["a", "a2"],
    ["b", "b1"],
    [undefined, "all"],
    ["a", "a3"],
    ["c", "c1"],
  ] as const) {
    add(queue, name);
  }
  await end("a2", "all", "c1", "b1", "all", "a1", "all", "a2", "c1");
  assert.deepEqual(done, ["b1", "a1", "a2"]);
  await end("all");
  await end("c1");
  assert.deepEqual(done, ["b1", "a1", "a2", "all", "c1"]);
  let isDone = false;
  void queues.done.then(() => (isDone = true));
  await end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDone, false);
  await end("a3");
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isDone);
});
