// What the ledger knows of the lives of a peer's program: which message has come before, whatever number it has now.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ledger } from "../../../src/core/delivery/ledger.ts";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import { makeStamp } from "../../../src/core/delivery/stamp.ts";

const PEER = new Uint8Array(32).fill(1);
const NOTHING = new Uint8Array(0);

/** Of the life of this number. */
const stampOf = (life: number, index: number): Uint8Array =>
  makeStamp({ life: Uint8Array.of(0, 0, 0, 0, 0, 0, life >> 8, life & 255), index });

describe("the ledger and the lives of the peer", () => {
  it("knows what has come before, also when it is read from the store again", () => {
    const store = new MemoryStore(new Uint8Array(8));
    const ledger = new Ledger(store, PEER);
    assert.deepEqual(ledger.resume.last, new Uint8Array(12));
    for (const [life, index] of [
      [7, 0],
      [7, 1],
      [5, 0],
    ] as const)
      ledger.arrive(stampOf(life, index), NOTHING, 0);
    ledger.commit();
    for (const each of [ledger, new Ledger(store, PEER)]) {
      const known = [stampOf(7, 0), stampOf(7, 1), stampOf(7, 2), stampOf(5, 0), stampOf(5, 1), stampOf(6, 0)];
      assert.deepEqual(
        known.map((stamp) => each.hasArrived(stamp)),
        [true, true, false, true, false, false],
      );
      assert.deepEqual(each.resume.last, stampOf(5, 0));
    }
  });

  it("knows the latest 1,000, as the store does", () => {
    const store = new MemoryStore(new Uint8Array(8));
    const ledger = new Ledger(store, PEER);
    for (let life = 0; life < 1_000; life++) ledger.arrive(stampOf(life, 0), NOTHING, 0);
    // The first one speaks again, so that the second is the oldest.
    ledger.arrive(stampOf(0, 1), NOTHING, 0);
    for (const life of [1_000, 1_001]) ledger.arrive(stampOf(life, 0), NOTHING, 0);
    ledger.commit();
    for (const each of [ledger, new Ledger(store, PEER)]) {
      const missing = Array.from({ length: 1_002 }, (_, life) => life).filter(
        (life) => !each.hasArrived(stampOf(life, 0)),
      );
      assert.deepEqual(missing, [1, 2]);
    }
  });
});
