// When the history is purged: soon again while more is due, every five seconds otherwise, and through a disk in trouble.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { History, SeenTimes } from "../../src/core/chat/history.ts";
import { LairError } from "../../src/core/errors.ts";
import { startPurging } from "../../src/app/retention.ts";
import { ManualClock } from "../node/manual-clock.ts";

/** What a purge comes to: there is more to do at once, or later, or never, or the disk fails. */
type Outcome = "more" | "later" | "nothing" | LairError;

const full = (message = "The disk is full."): LairError => new LairError("store-unwritable", message);

const historyOf = (parts: Partial<History>): History =>
  ({
    seen: () => undefined,
    see: () => {},
    deletedByTime: 0,
    deletedByLimit: [],
    indexWords: () => true,
    ...parts,
  }) as unknown as History;

/** A history whose purges come to this, one after the other; at the end there is nothing to do. */
function setup(...outcomes: readonly Outcome[]) {
  const clock = new ManualClock();
  const beganMs = clock.now().monotonicMs;
  const atMs: number[] = [];
  const errors: unknown[] = [];
  const purge = (nowMs: number): number | undefined => {
    assert.equal(nowMs, clock.now().wallMs, "it is told the time of the wall");
    const outcome = outcomes[atMs.length] ?? "nothing";
    atMs.push(clock.now().monotonicMs - beganMs);
    if (outcome instanceof LairError) throw outcome;
    return { more: nowMs, later: nowMs + 1, nothing: undefined }[outcome];
  };
  const listener = {
    failed: (error: unknown) => void errors.push(error),
    notice: assert.fail,
    reachedLimit: () => assert.fail(),
  };
  const stop = startPurging(historyOf({ purge }), clock, listener);
  return { clock, atMs, errors, stop };
}

/**
 * A history with words to be added in three steps, each of which takes as many milliseconds longer than it should. When a purge
 * and a step began, and how long the step took.
 */
function indexing(outcomes: readonly ("more" | "done")[], late: readonly number[]) {
  const clock = new ManualClock();
  const beganMs = clock.now().monotonicMs;
  const [steps, purges]: [number[][], number[]] = [[], []];
  const indexWords = (isOver: () => boolean = () => true): boolean => {
    const startMs = clock.now().monotonicMs;
    while (!isOver()) clock.time.pass(1);
    clock.time.pass(late[steps.length] ?? 0);
    steps.push([startMs - beganMs, clock.now().monotonicMs - startMs]);
    return steps.length >= 3;
  };
  const purge = (nowMs: number): number | undefined => {
    purges.push(clock.now().monotonicMs - beganMs);
    return outcomes[purges.length - 1] === "more" ? nowMs : undefined;
  };
  startPurging(historyOf({ purge, indexWords }), clock, {
    failed: assert.fail,
    notice: assert.fail,
    reachedLimit: () => assert.fail(),
  });
  return { clock, steps, purges };
}

describe("keeping the history to what was agreed", () => {
  it("begins at once, and goes on every five seconds, whether or not something will be due", () => {
    const { clock, atMs } = setup("nothing", "later", "nothing");
    assert.deepEqual(atMs, [0]);
    clock.pass(4_999);
    assert.deepEqual(atMs, [0]);
    clock.pass(10_001);
    assert.deepEqual(atMs, [0, 5_000, 10_000, 15_000]);
  });

  it("goes on after 50 ms while more is due", () => {
    const { clock, atMs } = setup("more", "more", "later", "more", "nothing");
    clock.pass(10_200);
    assert.deepEqual(atMs, [0, 50, 100, 5_100, 5_150, 10_150]);
  });

  it("gives a step 20 ms, and the last one half a second", () => {
    const clock = new ManualClock();
    const budgets: number[] = [];
    const purge = (_nowMs: number, isOver: () => boolean): undefined => {
      const startMs = clock.now().monotonicMs;
      while (!isOver()) clock.pass(1);
      budgets.push(clock.now().monotonicMs - startMs);
    };
    const stop = startPurging(historyOf({ purge }), clock, {
      failed: assert.fail,
      notice: assert.fail,
      reachedLimit: () => assert.fail(),
    });
    stop();
    assert.deepEqual(budgets, [20, 500]);
  });

  it("adds words to the index for 5 ms when nothing is to be deleted, and goes on after 20 ms while there are more", () => {
    const { clock, steps, purges } = indexing(["done", "more", "done"], [0, 0, 0]);
    clock.pass(5_100);
    assert.deepEqual(steps, [
      [0, 5],
      [25, 5],
      [50, 5],
      [5_050, 5],
    ]);
    assert.deepEqual(purges, [0, 5_000, 5_050], "a purge at each step of the index would empty the log each time");
  });

  it("leaves four times as long to the rest of the program as a step of the index took", () => {
    const { clock, steps } = indexing(["done"], [60, 0]);
    clock.pass(400);
    assert.deepEqual(steps, [
      [0, 65],
      [325, 5],
      [350, 5],
    ]);
  });

  it("tells of a disk that fails once, tries again every five seconds, and tells of the next time anew", () => {
    const [first, second, third] = [full("one"), full("two"), full("three")];
    const { clock, atMs, errors } = setup("nothing", first, second, "nothing", third, full("four"));
    clock.pass(25_000);
    assert.deepEqual(atMs, [0, 5_000, 10_000, 15_000, 20_000, 25_000]);
    assert.deepEqual(errors, [first, third]);
  });

  it("tells of the very first turn, too", () => {
    const first = full();
    const { clock, errors } = setup(first, full());
    clock.pass(5_000);
    assert.deepEqual(errors, [first]);
  });

  it("stops, whatever is due", () => {
    for (const outcome of ["more", "nothing", full()] as const) {
      const { clock, atMs, stop } = setup(outcome);
      stop();
      clock.pass(60_000);
      // The last step is one of the stop itself.
      assert.deepEqual([atMs, clock.pending], [[0, 0], []]);
    }
  });
});

const DAY_MS = 86_400_000;

/** A history in which something is due at `dueMs`; it counts `lines` as deleted by the first purge from then on. */
function history(dueMs: number, lines: number) {
  const clock = new ManualClock();
  const notices: string[] = [];
  const purgedAt: number[] = [];
  let [deletedByTime, seen]: [number, SeenTimes | undefined] = [0, undefined];
  const kept = historyOf({
    purge(nowMs) {
      purgedAt.push(nowMs);
      if (nowMs < dueMs || deletedByTime > 0) return deletedByTime > 0 ? undefined : dueMs;
      deletedByTime = lines;
      return undefined;
    },
    seen: () => seen,
    see: (times) => void (seen = times),
  });
  Object.defineProperty(kept, "deletedByTime", { get: () => deletedByTime });
  const start = () =>
    startPurging(kept, clock, {
      failed: assert.fail,
      notice: (text) => void notices.push(text),
      reachedLimit: () => assert.fail(),
    });
  return { clock, notices, purgedAt, start, seen: () => seen };
}

describe("what is told of the history that goes", () => {
  it("is that it has reached its limit: once for each peer, in the step in which the first lines went", () => {
    const clock = new ManualClock();
    const [ada, bob] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const steps = [[], [ada], [ada], [bob, ada], [bob, ada]];
    const told: (readonly [step: number, peer: Uint8Array])[] = [];
    let step = 0;
    const kept = historyOf({ purge: (nowMs) => (step++ === 1 ? nowMs : undefined) });
    Object.defineProperty(kept, "deletedByLimit", { get: () => steps[step] ?? [bob, ada] });
    const reachedLimit = (peer: Uint8Array): void => void told.push([step, peer]);
    const stop = startPurging(kept, clock, { failed: assert.fail, notice: assert.fail, reachedLimit });
    clock.pass(30_000);
    stop();
    assert.deepEqual(told, [
      [1, ada],
      [3, bob],
    ]);
  });

  it("is that it has reached its limit also where the last step was the first to find it out", () => {
    const told: Uint8Array[] = [];
    const clock = new ManualClock();
    const kept = historyOf({ purge: () => undefined });
    const reachedLimit = (peer: Uint8Array): void => void told.push(peer);
    const stop = startPurging(kept, clock, { failed: assert.fail, notice: assert.fail, reachedLimit });
    Object.defineProperty(kept, "deletedByLimit", { value: [new Uint8Array(32)] });
    stop();
    assert.equal(told.length, 1);
  });

  it("is how many lines went, when they were more than a few", () => {
    for (const [lines, told] of [
      [20, []],
      [1_204, ["1,204 lines were deleted from the history, because they were too old."]],
    ] as const) {
      const { clock, notices, start } = history(0, lines);
      start();
      clock.pass(20_000);
      assert.deepEqual(notices, told);
    }
  });

  it("is that a clock is far ahead, once; nothing goes by it for an hour, and then it does", () => {
    const { clock, notices, start, seen } = history(new ManualClock().now().wallMs + 30 * DAY_MS, 100);
    const stop = start();
    stop();
    const before = seen()!.seenMs;
    clock.time.setWall(60 * DAY_MS);
    const again = start();
    clock.pass(3_590_000);
    assert.match(notices.join(), /^The clock is 60 days ahead of when Lair last ran\. If it is wrong, set it/);
    assert.equal(notices.length, 1);
    assert.ok(seen()!.seenMs < before + DAY_MS, "the time that is kept is a trusted one");
    clock.pass(15_000);
    assert.match(notices.slice(1).join(), /^100 lines/);
    again();
    assert.ok(seen()!.seenMs >= before + 60 * DAY_MS);
  });

  it("is nothing of a clock that is far ahead where nothing would go by it", () => {
    const { clock, notices, start } = history(Number.POSITIVE_INFINITY, 0);
    start()();
    clock.time.setWall(60 * DAY_MS);
    start();
    clock.pass(20_000);
    assert.deepEqual(notices, []);
  });
});
