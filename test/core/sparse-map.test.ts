// A sparse map beside a Map that does the same.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { SparseMap } from "../../src/core/sparse-map.ts";

describe("a sparse map", () => {
  it("is a map, whatever is done with it", () => {
    const step = fc.oneof(
      fc.record({ set: fc.nat(4), value: fc.option(fc.nat(), { nil: undefined }) }),
      fc.record({ delete: fc.nat(4) }),
      fc.constant("clear" as const),
      fc.constant("first" as const),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const sparse = new SparseMap<number, number | undefined>();
        const map = new Map<number, number | undefined>();
        for (const one of steps) {
          if (one === "clear") {
            sparse.clear();
            map.clear();
          } else if (one === "first") {
            sparse.deleteFirst();
            for (const [key] of [...map].slice(0, 1)) map.delete(key);
          } else if ("set" in one) {
            sparse.set(one.set, one.value);
            map.set(one.set, one.value);
          } else {
            sparse.delete(one.delete);
            map.delete(one.delete);
          }
          assert.deepEqual([sparse.size, [...sparse]], [map.size, [...map]]);
          for (let key = 0; key < 5; key++) {
            assert.deepEqual([sparse.has(key), sparse.get(key)], [map.has(key), map.get(key)]);
          }
        }
      }),
    );
  });
});
