// A queue beside an array that does the same.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Queue } from "../../src/core/queue.ts";

describe("a queue", () => {
  it("is an array whose beginning goes first, whatever is done with it", () => {
    const step = fc.oneof(
      fc.record({ push: fc.nat(200) }),
      fc.record({ drop: fc.nat(200) }),
      fc.constant("shift" as const),
      fc.constant("clear" as const),
    );
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.array(step), (initial, steps) => {
        const queue = new Queue(initial);
        let array = [...initial];
        for (const one of steps) {
          if (one === "shift") assert.equal(queue.shift(), array.shift());
          else if (one === "clear") {
            queue.clear();
            array = [];
          } else if ("push" in one) {
            for (let index = 0; index < one.push; index++) queue.push(index);
            for (let index = 0; index < one.push; index++) array.push(index);
          } else {
            queue.drop(one.drop);
            array = array.slice(one.drop);
          }
          assert.deepEqual([queue.length, queue.first, queue.last], [array.length, array[0], array.at(-1)]);
          assert.deepEqual([[...queue], queue.at(1), queue.at(array.length)], [array, array[1], undefined]);
        }
      }),
    );
  });

  it("has nothing of another one, which was empty too", () => {
    const [one, other, emptied] = [new Queue<number>(), new Queue<number>(), new Queue([1])];
    emptied.shift();
    one.push(2);
    assert.deepEqual([[...one], [...other], [...emptied], [...new Queue()]], [[2], [], [], []]);
  });
});
