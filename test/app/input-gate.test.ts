// When input has to wait: before anybody hears it, and while too much of it is on its way. Programs are let through by
// and by where nothing arrives at all.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Demand } from "../../src/app/frontend.ts";
import { type Circumstances, InputGate } from "../../src/app/input-gate.ts";
import { ManualClock } from "../node/manual-clock.ts";

function setup(at: Partial<Circumstances> = {}) {
  const clock = new ManualClock();
  const told: Demand[] = [];
  const gate = new InputGate(clock, (demand) => void told.push(demand));
  let now: Circumstances = { isHeard: true, isOpen: true, undelivered: 0, waitingBytes: 0, ...at };
  /** Things stand otherwise, and the gate is told to look. Returns what it has said of it. */
  const change = (to: Partial<Circumstances> = {}): Demand[] => {
    now = { ...now, ...to };
    gate.adjust(() => now);
    return told.splice(0);
  };
  /** Time passes, with nobody asking. */
  const pass = (ms: number): Demand[] => {
    clock.pass(ms);
    return told.splice(0);
  };
  return { clock, gate, change, pass };
}

describe("input", () => {
  it("waits until somebody hears it, and again when nobody does any more", () => {
    const { change } = setup({ isHeard: false });
    assert.deepEqual(change(), []);
    assert.deepEqual(change({ isHeard: true }), ["listening"]);
    assert.deepEqual(change(), []);
    assert.deepEqual(change({ isHeard: false }), ["nobody"]);
  });

  it("waits from 2,000 that are on the way, until fewer than 1,000 are", () => {
    const { change } = setup();
    assert.deepEqual(change(), ["listening"]);
    assert.deepEqual(change({ undelivered: 1_999 }), []);
    assert.deepEqual(change({ undelivered: 2_000 }), ["overrun"]);
    for (const undelivered of [1_999, 1_500, 1_000]) assert.deepEqual(change({ undelivered }), [], `${undelivered}`);
    assert.deepEqual(change({ undelivered: 999 }), ["listening"]);
    assert.deepEqual(change({ undelivered: 1_999 }), []);
  });

  it("that comes when 1,000 are on the way already waits as well", () => {
    assert.deepEqual(setup({ undelivered: 999 }).change(), ["listening"]);
    assert.deepEqual(setup({ undelivered: 1_000 }).change(), ["overrun"]);
  });

  it("waits from 256 KiB in the channel", () => {
    const { change } = setup();
    assert.deepEqual(change({ waitingBytes: 256 * 1024 - 1 }), ["listening"]);
    assert.deepEqual(change({ waitingBytes: 256 * 1024 }), ["overrun"]);
    assert.deepEqual(change({ waitingBytes: 256 * 1024 - 1 }), ["listening"]);
  });

  it("of which all arrives leaves no timer behind", () => {
    const { change, clock } = setup();
    change({ undelivered: 1_000 });
    assert.deepEqual(clock.pending, [5_000]);
    change({ undelivered: 0 });
    assert.deepEqual(clock.pending, []);
  });
});

/** 2,000 are on the way. */
const stuck = () => {
  const one = setup();
  one.change();
  assert.deepEqual(one.change({ undelivered: 2_000 }), ["overrun"]);
  return one;
};

describe("a line on which nothing is acknowledged", () => {
  it("lets the next 2,000 of a program through after five seconds; a pipe goes on waiting", () => {
    const { change, pass } = stuck();
    assert.deepEqual(pass(4_999), []);
    assert.deepEqual(pass(1), ["nobody"]);
    assert.deepEqual(change({ undelivered: 3_999 }), []);
    assert.deepEqual(change({ undelivered: 4_000 }), ["overrun"]);
    assert.deepEqual(pass(4_999), []);
    assert.deepEqual(pass(1), ["nobody"]);
    assert.deepEqual(change({ undelivered: 5_999 }), []);
    assert.deepEqual(change({ undelivered: 6_000 }), ["overrun"]);
  });

  it("gives more time the longer nothing is said: a step is no more than a step", () => {
    const { change, pass, clock } = stuck();
    pass(5_000);
    assert.deepEqual([pass(60_000), clock.pending], [[], []]);
    assert.deepEqual(change({ undelivered: 4_000 }), ["overrun"]);
  });

  it("begins to count anew when something arrives", () => {
    const { change, pass } = stuck();
    pass(4_999);
    change({ undelivered: 1_999 });
    assert.deepEqual(pass(4_999), []);
    assert.deepEqual(pass(1), ["nobody"]);
    // It moves: now the peer is to be waited for again.
    assert.deepEqual(change({ undelivered: 1_998 }), ["overrun"]);
    assert.deepEqual(pass(4_999), []);
    assert.deepEqual(pass(1), ["nobody"]);
    assert.deepEqual(change({ undelivered: 3_999 }), []);
    assert.deepEqual(change({ undelivered: 4_000 }), ["overrun"]);
  });

  it("is not waited for any more once all has arrived", () => {
    const { change, pass } = stuck();
    pass(5_000);
    assert.deepEqual(change({ undelivered: 999 }), ["listening"]);
    assert.deepEqual(change({ undelivered: 2_000 }), ["overrun"]);
    assert.deepEqual(pass(4_999), []);
  });
});

const offline = () => {
  const one = setup({ isOpen: false });
  assert.deepEqual(one.change(), ["listening"]);
  return one;
};

describe("no line, after there has been one", () => {
  it("makes a pipe wait from 2,000, and lets programs through 2,000 a second", () => {
    const { change, pass } = offline();
    assert.deepEqual(change({ undelivered: 1_999 }), []);
    assert.deepEqual(change({ undelivered: 2_000 }), ["overrun"]);
    for (let most = 4_000; most <= 10_000; most += 2_000) {
      assert.deepEqual(pass(999), [], `before ${most}`);
      assert.deepEqual(pass(1), ["nobody"], `before ${most}`);
      assert.deepEqual(change({ undelivered: most - 1 }), []);
      assert.deepEqual(change({ undelivered: most }), ["overrun"]);
    }
  });

  it("lets programs say at once what there is room for", () => {
    assert.deepEqual(setup({ isOpen: false, undelivered: 1_999 }).change(), []);
    const { change, pass } = setup({ isOpen: false, undelivered: 2_000 });
    assert.deepEqual([change(), pass(1_000)], [["overrun"], ["nobody"]]);
  });

  it("goes over into one without a jump", () => {
    const { change, pass } = offline();
    change({ undelivered: 2_000 });
    pass(1_000);
    change({ undelivered: 3_000 });
    assert.deepEqual(change({ isOpen: true }), []);
    assert.deepEqual(change({ undelivered: 2_999 }), ["overrun"]);
    assert.deepEqual(change({ undelivered: 999 }), ["listening"]);
    assert.deepEqual(change({ isOpen: false }), []);
  });
});

describe("a gate that is closed", () => {
  it("says so once, and stays so though a step was due", () => {
    const { change, pass, gate } = setup();
    change();
    change({ undelivered: 2_000 });
    gate.close();
    gate.close();
    assert.deepEqual(change({ isHeard: false }), ["nobody"]);
    assert.deepEqual(pass(60_000), []);
  });
});
