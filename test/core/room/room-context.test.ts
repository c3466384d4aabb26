import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toHex } from "../../../src/core/bytes.ts";
import { decodeRoomContext, encodeRoomContext, type RoomContext } from "../../../src/core/room/room-context.ts";
import { throwsLair } from "../../throws-lair.ts";

const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
const context: fc.Arbitrary<RoomContext> = fc.record({
  kind: fc.constantFrom("room", "announcement", "direct"),
  name: fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => new TextEncoder().encode(text).length <= 200),
  topic: fc.string({ maxLength: 300 }),
  sharedLines: fc.nat({ max: 10_000 }),
  roles: fc
    .array(fc.tuple(hex(32), fc.constantFrom("admin", "moderator")), { maxLength: 5 })
    .map((all) => new Map(all)),
  leaving: fc.array(hex(32), { maxLength: 3 }).map((all) => new Set(all)),
  banned: fc.array(hex(32), { maxLength: 3 }).map((all) => new Set(all)),
  links: fc.array(fc.tuple(hex(16), secret), { maxLength: 3 }).map((all) => new Map(all)),
});

const EMPTY: RoomContext = {
  kind: "room",
  name: "",
  topic: "",
  sharedLines: 0,
  roles: new Map(),
  leaving: new Set(),
  banned: new Set(),
  links: new Map(),
};

describe("a room's data", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(context, (written) => {
        const read = decodeRoomContext(encodeRoomContext(written));
        // Maps and sets in another order are equal.
        assert.deepEqual(read, { ...written });
      }),
    );
  });

  it("have the bytes of the table in room-context.ts", () => {
    const key = "ab".repeat(32);
    const written: RoomContext = {
      ...EMPTY,
      kind: "announcement",
      name: "ö",
      sharedLines: 261,
      roles: new Map([[key, "admin"]]),
    };
    assert.equal(
      toHex(encodeRoomContext(written)),
      ["0102", "0002c3b6", "0000", "0105", "0001", key, "02", "0000", "0000", "0000"].join(""),
    );
  });

  it("are read in one encoding only, and damage is never another error", () => {
    fc.assert(
      fc.property(context, fc.nat(), fc.nat(255), (written, at, byte) => {
        const bytes = encodeRoomContext(written);
        const damaged = bytes.slice();
        damaged[at % bytes.length] = byte;
        try {
          assert.deepEqual(encodeRoomContext(decodeRoomContext(damaged)), damaged);
        } catch (error) {
          throwsLair(() => {
            throw error;
          }, "group-malformed");
        }
        throwsLair(() => decodeRoomContext(bytes.slice(0, at % bytes.length)), "group-malformed");
      }),
    );
    const two = encodeRoomContext({ ...EMPTY, leaving: new Set(["01".repeat(32), "02".repeat(32)]) });
    const swapped = two.slice();
    swapped.set(two.subarray(12, 44), 44);
    swapped.set(two.subarray(44, 76), 12);
    assert.deepEqual(decodeRoomContext(two).leaving.size, 2);
    throwsLair(() => decodeRoomContext(swapped), "group-malformed");
    throwsLair(() => decodeRoomContext(Uint8Array.of(...encodeRoomContext(EMPTY), 0)), "group-malformed");
    throwsLair(() => decodeRoomContext(encodeRoomContext(EMPTY).with(0, 2)), "group-malformed");
  });

  it("have bounds", () => {
    for (const beyond of [
      { name: "x".repeat(201) },
      { topic: "x".repeat(1_001) },
      { sharedLines: 10_001 },
      { sharedLines: -1 },
      { leaving: new Set(["ab"]) },
      { links: new Map([["ab".repeat(16), new Uint8Array(31)]]) },
      { banned: new Set(Array.from({ length: 1_001 }, (_, at) => at.toString(16).padStart(64, "0"))) },
    ] satisfies Partial<RoomContext>[]) {
      assert.throws(() => encodeRoomContext({ ...EMPTY, ...beyond }), RangeError);
    }
  });
});
