// What is sealed in the rows of rooms: read as it was written, also by another version, and never taken for something else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BYTES,
  type Codec,
  FLAG,
  listOf,
  oneOf,
  optional,
  record,
  TEXT,
  TIME,
  WHOLE,
} from "../../../src/node/store/rooms/record-codec.ts";

interface Sample {
  readonly name: string;
  readonly count: number;
  readonly atMs: number;
  readonly isIn: boolean;
  readonly bytes: Uint8Array;
  readonly kind: "one" | "other";
  readonly all: readonly string[];
  readonly later: number | undefined;
}

const SAMPLE: Codec<Sample> = record<Sample>({
  name: TEXT,
  count: WHOLE,
  atMs: TIME,
  isIn: FLAG,
  bytes: BYTES,
  kind: oneOf("one", "other"),
  all: listOf(TEXT),
  later: optional(WHOLE),
});

const sample: Sample = {
  name: "Übung",
  count: 5,
  atMs: 1.5,
  isIn: false,
  bytes: Uint8Array.of(0, 255, 7),
  kind: "other",
  all: ["a", ""],
  later: 9,
};

const written = (change: object): unknown =>
  JSON.parse(JSON.stringify({ ...Object(SAMPLE.encode(sample)), ...change }));

describe("a record", () => {
  it("is read as it was written", () => {
    assert.deepEqual(SAMPLE.decode(written({})), sample);
    const without = { ...sample, later: undefined };
    assert.deepEqual(SAMPLE.decode(JSON.parse(JSON.stringify(SAMPLE.encode(without)))), without);
  });

  it("of an earlier version lacks what is optional, and one of a later version has more", () => {
    assert.deepEqual(SAMPLE.decode(written({ later: undefined, muchLater: [1] })), { ...sample, later: undefined });
  });

  it("is refused in another form", () => {
    const others = [
      { name: 5 },
      { name: undefined },
      { count: 1.5 },
      { count: "5" },
      { atMs: null },
      { isIn: 1 },
      { bytes: "!" },
      { bytes: [1] },
      { kind: "third" },
      { all: {} },
      { all: [1] },
      { later: "9" },
    ];
    for (const other of others) assert.throws(() => SAMPLE.decode(written(other)), RangeError, JSON.stringify(other));
    for (const other of [null, 5, "text", [], undefined]) assert.throws(() => SAMPLE.decode(other), RangeError);
    // What every object has is no member of a record.
    assert.throws(() => record({ toString: TEXT }).decode({}), RangeError);
  });
});
