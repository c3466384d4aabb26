// A member follows a log: what its hub tells as it is, and what it reads, come together in order and once.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Following, type LogEntry } from "../../../src/app/rooms/following.ts";
import type { HubCalls } from "../../../src/app/rooms/hub-calls.ts";
import type { CallName, Outcome } from "../../../src/core/hub/calls.ts";
import { LairError } from "../../../src/core/errors.ts";
import { effort } from "../../effort.ts";
import { rejectsLair } from "../../throws-lair.ts";
import { id, key, room } from "./room-samples.ts";

/** `mark` tells apart what is told of a number from what the log has. */
function entry(seq: number, mark = 0, length = 3): LogEntry {
  const bytes = new Uint8Array(length).fill(mark);
  return { seq, type: "message", id: id(seq % 250), epoch: 1, poster: key(1), atMs: 5, bytes };
}

const seqs = (entries: readonly LogEntry[] | "no-room"): number[] | string =>
  typeof entries === "string" ? entries : entries.map(({ seq }) => seq);

/** A hub with a log, and a member who follows it. */
class Hub {
  /** Of the entries from 0 on. */
  length = 0;
  reads = 0;
  /** What answers in the hub's place. */
  answer: ((from: number) => Promise<Outcome<"read">> | undefined) | undefined;
  readonly following: Following;
  /** The next entry of the member. */
  next = 0;

  constructor() {
    const call = async (name: CallName, { from }: { readonly from: number }): Promise<unknown> => {
      assert.equal(name, "read");
      this.reads += 1;
      return await (this.answer?.(from) ?? this.read(from));
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is asked for nothing else
    this.following = new Following({ call } as unknown as HubCalls);
  }

  async read(from: number, most = 4): Promise<Outcome<"read">> {
    const { length } = this;
    await Promise.resolve();
    const count = Math.max(0, Math.min(most, length - from));
    return { type: "answered", answer: { entries: Array.from({ length: count }, (_, at) => entry(from + at)) } };
  }

  /** One step of the member. Returns what it has taken. */
  async take(): Promise<number[] | string> {
    const entries = await this.following.next(room({ next: this.next }));
    if (entries !== "no-room") this.next = (entries.at(-1)?.seq ?? this.next - 1) + 1;
    return seqs(entries);
  }

  /** Until there is nothing more. */
  async takeAll(): Promise<void> {
    while ((await this.take()).length > 0);
  }
}

/** It has read a log of so many entries. */
async function following(length: number): Promise<Hub> {
  const hub = new Hub();
  hub.length = length;
  await hub.takeAll();
  assert.equal(hub.next, length);
  hub.reads = 0;
  return hub;
}

describe("a member that follows a log", () => {
  it("reads it to its end at first, and takes all that was told since in one step, without a call", async () => {
    const hub = await following(9);
    for (const seq of [9, 10, 11]) hub.following.hear(entry(seq));
    assert.deepEqual(await hub.take(), [9, 10, 11]);
    assert.deepEqual(await hub.take(), []);
    hub.following.hear(entry(12));
    assert.deepEqual(await hub.take(), [12]);
    assert.equal(hub.reads, 0);
  });

  it("reads as far as the news say, and no further", async () => {
    const hub = await following(2);
    hub.length = 9;
    hub.following.expect(6);
    assert.deepEqual([await hub.take(), await hub.take()], [[2, 3, 4, 5], []]);
    assert.equal(hub.reads, 1);
    hub.following.expect(4);
    assert.deepEqual([await hub.take(), hub.reads], [[], 1], "it has these");
    hub.following.doubt();
    await hub.takeAll();
    assert.deepEqual([hub.next, hub.reads], [9, 3], "an empty answer is the end");
  });

  it("reads what was left out, and drops what it has or what does not follow", async () => {
    const hub = await following(5);
    hub.length = 8;
    hub.following.hear(entry(7, 9));
    assert.deepEqual([await hub.take(), hub.reads], [[5, 6, 7], 1], "a gap");
    hub.following.hear(entry(7, 9));
    assert.deepEqual([await hub.take(), hub.reads], [[], 1], "it has it");
    hub.length = 11;
    for (const seq of [8, 8, 10]) hub.following.hear(entry(seq));
    assert.deepEqual(await hub.take(), [8]);
    assert.deepEqual([await hub.take(), hub.reads], [[9, 10], 2]);
  });

  it("does not lose what comes while it reads, and takes nothing twice", async () => {
    const hub = await following(3);
    hub.length = 5;
    hub.following.expect(5);
    // Told before the answer, which was made before it.
    hub.answer = (from) => {
      hub.answer = undefined;
      const answer = hub.read(from);
      hub.length = 7;
      for (const seq of [4, 5, 6]) hub.following.hear(entry(seq, 9));
      return answer;
    };
    assert.deepEqual([await hub.take(), await hub.take(), await hub.take()], [[3, 4], [5, 6], []]);
    assert.equal(hub.reads, 1);
    hub.length = 8;
    hub.following.expect(8);
    hub.answer = async () => {
      hub.answer = undefined;
      hub.following.expect(9);
      hub.length = 9;
      return { type: "answered", answer: { entries: [] } };
    };
    assert.deepEqual([await hub.take(), await hub.take()], [[], [7, 8]], "news that came before an empty answer");
  });

  it("keeps 64 entries and 64 KiB of them, and reads the others", async () => {
    const hub = await following(1);
    hub.length = 101;
    for (let seq = 1; seq < 101; seq++) hub.following.hear(entry(seq));
    assert.equal((await hub.take()).length, 64);
    assert.equal(hub.reads, 0);
    await hub.takeAll();
    assert.deepEqual([hub.next, hub.reads], [101, 9]);
    hub.length = 201;
    for (let seq = 101; seq < 201; seq++) hub.following.hear(entry(seq, 0, 8_192));
    assert.equal((await hub.take()).length, 8);
    await hub.takeAll();
    assert.equal(hub.next, 201);
  });

  it("forgets at the beginning of a session what another one told", async () => {
    const hub = await following(4);
    hub.following.hear(entry(4, 9));
    hub.following.begin();
    assert.deepEqual([await hub.take(), hub.reads], [[], 1]);
  });

  it("reads again what it could not, and says when the seat is gone", async () => {
    const hub = await following(4);
    hub.length = 6;
    hub.following.expect(6);
    hub.answer = async () => await Promise.reject(new LairError("hub-away", "away"));
    assert.equal((await rejectsLair(hub.take())).code, "hub-away");
    const refusal = { type: "refused", retryAfterMs: 5, sentence: "Wait." } as const;
    hub.answer = async () => ({ ...refusal, refusal: "too-often" });
    assert.equal((await rejectsLair(hub.take())).code, "hub-refused");
    hub.answer = async () => ({ ...refusal, refusal: "no-room" });
    assert.equal(await hub.take(), "no-room");
    hub.answer = undefined;
    hub.following.doubt();
    assert.deepEqual(await hub.take(), [4, 5]);
  });

  it("has every entry once and in order, whatever comes when, also beside lies", async () => {
    type Step = "append and tell" | "append and say" | "take" | "begin" | { readonly lie: number };
    const step: fc.Arbitrary<Step> = fc.oneof(
      { arbitrary: fc.constantFrom<Step>("append and tell", "append and say", "take", "begin"), weight: 4 },
      fc.integer({ min: -3, max: 90 }).map((lie) => ({ lie })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(3), async (steps, atOnce) => {
        const hub = new Hub();
        const taken: number[] = [];
        const take = async (): Promise<void> => {
          const entries = await hub.take();
          assert.ok(typeof entries !== "string");
          taken.push(...entries);
        };
        let taking: Promise<void> | undefined;
        const doStep = (one: Step): void => {
          if (one === "append and tell") hub.following.hear(entry(hub.length++));
          else if (one === "append and say") hub.following.expect(++hub.length);
          else if (one === "begin") hub.following.begin();
          else if (one !== "take") hub.following.hear(entry(Math.max(0, hub.next + one.lie), 9));
          // One after the other, as a room's worker does it.
          else taking ??= take().finally(() => (taking = undefined));
        };
        for (const [at, one] of steps.entries()) {
          doStep(one);
          if (at % (atOnce + 1) === 0) await Promise.resolve();
        }
        await taking;
        hub.reads = 0;
        hub.following.expect(hub.length);
        for (let before = -1; before !== taken.length;) {
          before = taken.length;
          await take();
        }
        const isAhead = hub.next > hub.length;
        assert.deepEqual(
          taken,
          Array.from({ length: taken.length }, (_, seq) => seq),
          "each once, in order",
        );
        // Only a hub that lies tells what its log does not have.
        assert.ok(isAhead || hub.next === hub.length);
        assert.ok(hub.reads <= hub.length / 4 + 3);
      }),
      { numRuns: effort(200, 20_000) },
    );
  });
});
