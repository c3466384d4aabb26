// The lines of a conversation that is open: pages that adjoin, however far somebody scrolls.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MessageJson, MessagePageJson } from "../../src/app/api/views.ts";
import {
  isAtEnd,
  MOST_SHOWN,
  movedNewer,
  movedOlder,
  movedTo,
  newestTimeline,
  PAGE_LINES,
  sayingLine,
  shownLines,
  showsEnd,
  showsStart,
  type Timeline,
  timelineAround,
  wantedNewer,
  wantedOlder,
  withChanged,
  withEach,
  withLine,
  withNewer,
  withNewest,
  withOlder,
} from "../../src/web/state/timeline.ts";

const from = { name: "ada", fingerprint: "aaaa" };

function line(id: string): MessageJson {
  return { id, from, at: "2026-11-27T10:00:00.000Z", text: id };
}

/** Of a conversation of so many lines, "0" and on: those from `first` on, and before `to`. */
function part(count: number, first: number, to: number): MessagePageJson {
  const messages = Array.from({ length: to - first }, (_, at) => line(String(first + at)));
  return {
    messages,
    ...(first === 0 ? {} : { before: String(first) }),
    ...(to === count ? {} : { after: String(to) }),
  };
}

function pageOf(count: number, before?: string): MessagePageJson {
  const to = before === undefined ? count : Number(before);
  return part(count, Math.max(0, to - PAGE_LINES), to);
}

function pageAfter(count: number, after: string): MessagePageJson {
  return part(count, Number(after), Math.min(count, Number(after) + PAGE_LINES));
}

function numbers(timeline: Timeline): number[] {
  return shownLines(timeline).map(({ id }) => Number(id));
}

/** Goes up as far as there is something, or `steps` far. */
function up(timeline: Timeline, count: number, steps = Infinity): Timeline {
  let next = timeline;
  for (let step = 0; step < steps && !showsStart(next); step++) {
    next = movedOlder(next);
    const cursor = wantedOlder(next);
    if (cursor !== undefined) next = withOlder(next, cursor, pageOf(count, cursor));
  }
  return next;
}

/** Goes down to the end; adds what is shown to `seen`. */
function down(timeline: Timeline, count: number, seen = new Set<number>()): Timeline {
  let next = timeline;
  while (!showsEnd(next)) {
    next = movedNewer(next);
    for (const number of numbers(next)) seen.add(number);
    const cursor = wantedNewer(next);
    if (cursor !== undefined) next = withNewer(next, cursor, pageAfter(count, cursor));
  }
  return next;
}

describe("the timeline", () => {
  it("begins at the newest lines, and shows no more of them than fit", () => {
    const timeline = newestTimeline(pageOf(1_000));
    assert.deepEqual([numbers(timeline)[0], numbers(timeline).at(-1)], [880, 999]);
    assert.ok(showsEnd(timeline) && !showsStart(timeline));
  });

  it("goes up to the first line and down to the last, holding five pages at most, without a hole", () => {
    const count = 5_003;
    let timeline = newestTimeline(pageOf(count));
    const seen = new Set(numbers(timeline));
    while (!showsStart(timeline)) {
      timeline = up(timeline, count, 1);
      const shown = numbers(timeline);
      assert.ok(shown.length <= MOST_SHOWN && timeline.lines.length <= 5 * PAGE_LINES);
      shown.forEach((number, at) => assert.equal(number, shown[0]! + at));
      for (const number of shown) seen.add(number);
    }
    assert.equal(seen.size, count);
    assert.ok(!isAtEnd(timeline));
    timeline = down(timeline, count);
    assert.equal(numbers(timeline).at(-1), count - 1);
    assert.ok(timeline.lines.length <= 5 * PAGE_LINES);
  });

  it("keeps what is shown while lines come at the end and the person is further up", () => {
    const timeline = up(newestTimeline(pageOf(1_000)), 1_000, 3);
    const before = numbers(timeline);
    assert.deepEqual(numbers(withLine(timeline, line("1000"))), before);
    assert.equal(numbers(withLine(newestTimeline(pageOf(10)), line("10"))).at(-1), 10);
  });

  it("does not put a line behind a hole", () => {
    const timeline = up(newestTimeline(pageOf(5_000)), 5_000);
    assert.equal(withLine(timeline, line("5000")), timeline);
  });

  it("replaces a line that it has, and takes one out", () => {
    const timeline = newestTimeline(pageOf(10));
    const changed = withLine(timeline, { ...line("7"), text: "seven" });
    assert.equal(changed.lines[7]?.text, "seven");
    assert.equal(changed.lines.length, 10);
    const without = withChanged(timeline, "7", () => undefined);
    assert.deepEqual(numbers(without), [0, 1, 2, 3, 4, 5, 6, 8, 9]);
    assert.equal(
      withEach(timeline, (one) => one),
      timeline,
    );
  });

  it("takes lines that were said elsewhere in at their places, and keeps what is being said at the end", () => {
    const saying = sayingLine("k", { from, at: "2026-11-27T10:00:00.000Z", text: "mine" });
    const timeline = withLine(newestTimeline({ messages: ["1", "2", "4"].map(line) }), saying);
    const next = withNewest(timeline, ["2", "3", "4", "5"].map(line));
    assert.deepEqual(
      next?.lines.map(({ id }) => id),
      ["1", "2", "3", "4", "5", "saying-k"],
    );
    assert.equal(withNewest(timeline, ["8", "9"].map(line)), undefined, "there is a hole");
  });

  it("opens anywhere, and goes from there to both ends without a hole", () => {
    const count = 3_000;
    let timeline = timelineAround(part(count, 1_400, 1_600), "1500")!;
    assert.ok(numbers(timeline).includes(1_500) && !isAtEnd(timeline));
    const seen = new Set(numbers(timeline));
    timeline = up(timeline, count);
    for (const number of numbers(timeline)) seen.add(number);
    assert.ok(showsStart(timeline));
    timeline = down(timeline, count, seen);
    assert.equal(seen.size, count, "all were shown");
    assert.equal(timelineAround(part(count, 0, 200), "700"), undefined);
  });

  it("does not join a page that was asked for before it showed another part", () => {
    const timeline = timelineAround(part(3_000, 1_400, 1_600), "1500")!;
    assert.equal(withOlder(timeline, "800", pageOf(3_000, "800")), timeline);
    assert.equal(withNewer(timeline, "800", pageAfter(3_000, "800")), timeline);
  });

  it("moves to a line that it holds", () => {
    const timeline = newestTimeline(pageOf(1_000));
    const moved = movedTo(timeline, "820")!;
    assert.ok(numbers(moved).includes(820));
    assert.equal(movedTo(timeline, "5"), undefined);
  });
});
