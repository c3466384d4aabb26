import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import { describeStore } from "./store-contract.ts";

const LIFE = new Uint8Array(8).fill(5);

describeStore("the memory store", () => new MemoryStore(LIFE));

describe("the memory store", () => {
  it("has an id of zeros, which says that it forgets, or the one it was given", () => {
    assert.deepEqual(new MemoryStore(LIFE).id, new Uint8Array(16));
    assert.deepEqual(new MemoryStore(LIFE, new Uint8Array(16).fill(7)).id, new Uint8Array(16).fill(7));
    assert.throws(() => new MemoryStore(LIFE, new Uint8Array(15)), RangeError);
    assert.deepEqual(new MemoryStore(LIFE).life, LIFE);
    assert.throws(() => new MemoryStore(new Uint8Array(7)), RangeError);
  });
});
