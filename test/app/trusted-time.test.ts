import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SeenTimes } from "../../src/core/chat/history.ts";
import { RELEASED_MS } from "../../src/core/channel/index.ts";
import { SYSTEM_CLOCK } from "../../src/node/clock.ts";
import { clockNotice } from "../../src/app/clock-notice.ts";
import { TrustedTime } from "../../src/app/trusted-time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = 1_800_000_000_000;

/** A machine whose two clocks a test moves: time passes on both, the wall clock is set, the machine sleeps. */
class Machine {
  monotonicMs = 1_000;
  wallMs = NOON;
  time: TrustedTime;
  constructor(seen?: SeenTimes) {
    this.time = new TrustedTime(seen, this.now);
  }
  get now() {
    return { monotonicMs: this.monotonicMs, wallMs: this.wallMs };
  }
  /** In steps of five seconds at most, as the purge looks; returns the last. */
  pass(ms: number): number {
    for (let left = ms; left > 0; left -= 5_000) {
      const step = Math.min(left, 5_000);
      this.monotonicMs += step;
      this.wallMs += step;
      this.time.look(this.now);
    }
    return this.look();
  }
  set(byMs: number): number {
    this.wallMs += byMs;
    return this.look();
  }
  look(): number {
    return this.time.look(this.now);
  }
  /** The program ends, and another one begins after a while of which nothing can be said but by the wall clock. */
  restart(afterMs: number): number {
    this.wallMs += afterMs;
    this.monotonicMs = 500;
    this.time = new TrustedTime(this.time.seen, this.now);
    return this.look();
  }
}

describe("a clock before this version was made", () => {
  it("is told with both dates, before 1970 too; any other is not", () => {
    for (const [nowMs, date] of [
      [0, "1970-01-01"],
      [-86_400_000, "1969-12-31"],
      [RELEASED_MS - 1, "2026-11-25"],
    ] as const) {
      const told = clockNotice(nowMs);
      assert.ok(
        told?.type === "notice" &&
          told.text.includes(`says ${date}, but this version of Lair was released on 2026-11-26`),
        date,
      );
    }
    assert.equal(clockNotice(RELEASED_MS), undefined);
    assert.equal(clockNotice(8.64e15), undefined);
  });

  it("is none of today's, and is not gone by", () => {
    assert.ok(RELEASED_MS <= Date.now());
    assert.equal(new Date(RELEASED_MS).toISOString(), "2026-11-26T00:00:00.000Z");
    const real = Date.now;
    try {
      Date.now = () => -5;
      assert.equal(SYSTEM_CLOCK.now().wallMs, RELEASED_MS);
    } finally {
      Date.now = real;
    }
  });
});

describe("the time by which lines are deleted", () => {
  it("is the wall clock's in a first program, and while it goes on", () => {
    const machine = new Machine();
    assert.equal(machine.look(), NOON);
    assert.equal(machine.pass(3 * DAY), NOON + 3 * DAY);
    assert.equal(machine.restart(20 * HOUR), NOON + 3 * DAY + 20 * HOUR);
    assert.equal(machine.time.isDoubted, false);
  });

  it("stays behind a clock that leaps ahead while the program runs, until that has been in step for an hour", () => {
    const machine = new Machine();
    assert.equal(machine.set(60 * DAY), NOON);
    assert.deepEqual([machine.time.isDoubted, machine.time.aheadMs], [true, 60 * DAY]);
    assert.equal(machine.pass(HOUR - 5_000), NOON + HOUR - 5_000);
    assert.equal(machine.pass(5_000), NOON + 60 * DAY + HOUR);
    assert.equal(machine.time.isDoubted, false);
  });

  it("stays behind a clock that is far ahead at a start, and is the clock's again when that is set right", () => {
    const machine = new Machine();
    assert.equal(machine.restart(60 * DAY), NOON);
    assert.equal(machine.pass(MINUTE), NOON + MINUTE);
    assert.equal(machine.set(-60 * DAY), NOON + MINUTE);
    assert.equal(machine.time.isDoubted, false);
    assert.equal(machine.restart(MINUTE), NOON + 2 * MINUTE);
  });

  it("believes a clock that two programs have seen an hour apart, however short they ran", () => {
    const machine = new Machine();
    machine.restart(60 * DAY);
    assert.equal(machine.restart(HOUR - 1), NOON);
    assert.equal(machine.restart(1), NOON + 60 * DAY + HOUR);
  });

  it("does not take one leap for the proof of another", () => {
    const machine = new Machine();
    machine.restart(60 * DAY);
    assert.equal(machine.restart(90 * DAY), NOON);
    assert.equal(machine.time.isDoubted, true);
    assert.equal(machine.restart(HOUR), NOON + 150 * DAY + HOUR);
  });

  it("never goes by a clock that has gone back, nor on from there as if nothing had been", () => {
    const machine = new Machine();
    assert.equal(machine.set(-NOON), 0);
    assert.equal(machine.pass(MINUTE), MINUTE);
    assert.equal(machine.restart(0), MINUTE);
    assert.equal(machine.set(NOON), NOON + MINUTE);
    assert.equal(machine.time.isDoubted, false);
  });

  it("follows a clock that is set back or ahead by hours at once", () => {
    const machine = new Machine();
    assert.equal(machine.set(-5 * HOUR), NOON - 5 * HOUR);
    assert.equal(machine.set(23 * HOUR), NOON + 18 * HOUR);
  });

  it("doubts anew when a clock in doubt goes back, but not to where it should be", () => {
    const machine = new Machine();
    machine.set(60 * DAY);
    machine.pass(50 * MINUTE);
    machine.set(-20 * DAY);
    assert.equal(machine.pass(HOUR - 5_000), NOON + 50 * MINUTE + HOUR - 5_000);
    assert.equal(machine.pass(5_000), NOON + 40 * DAY + 50 * MINUTE + HOUR);
  });

  it("takes a sleep of a night for what it is, and one of weeks only after an hour", () => {
    const machine = new Machine();
    assert.equal(machine.set(10 * HOUR), NOON + 10 * HOUR);
    assert.equal(machine.set(20 * DAY), NOON + 10 * HOUR);
    // It sleeps again meanwhile: the hour is one of being awake.
    machine.pass(30 * MINUTE);
    machine.set(20 * HOUR);
    assert.ok(machine.pass(30 * MINUTE) > NOON + 20 * DAY);
  });

  it("does not doubt a clock for long that was set right after a start with a wild one, though the machine was off", () => {
    const machine = new Machine();
    machine.restart(5 * 365 * DAY);
    machine.restart(-5 * 365 * DAY + 3 * DAY);
    assert.equal(machine.time.isDoubted, true);
    assert.equal(machine.pass(HOUR), NOON + 3 * DAY + HOUR);
    assert.equal(machine.time.isDoubted, false);
  });

  it("lets a doubt that it inherits be proven by an hour of running too", () => {
    const machine = new Machine();
    machine.restart(60 * DAY);
    machine.restart(MINUTE);
    assert.equal(machine.pass(HOUR), NOON + 60 * DAY + MINUTE + HOUR);
  });
});
