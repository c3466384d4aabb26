import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fromUtf8, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { MAX_TEXT_BYTES, MAX_TIMER_S } from "../../../src/core/message-limits.ts";
import {
  decodeRoomMessage,
  encodeRoomMessage,
  MAX_REACTION_BYTES,
  type RoomContent,
  type RoomSignal,
} from "../../../src/core/room/room-message.ts";
import { throwsLair } from "../../throws-lair.ts";

const TO = "0123456789abcdef".repeat(2);
const HASH = "ab".repeat(32);

const atMs = fc.nat(8.64e15);
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const to = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex);
const ttl = fc.option(fc.integer({ min: 1, max: MAX_TIMER_S }), { nil: undefined });
const lasting = <T extends object>(content: T, ttlS: number | undefined): T & { readonly ttlS?: number } =>
  ttlS === undefined ? content : { ...content, ttlS };

const content: fc.Arbitrary<RoomContent | RoomSignal> = fc.oneof(
  fc.tuple(atMs, text, ttl).map(([at, said, ttlS]) => lasting({ kind: "text" as const, atMs: at, text: said }, ttlS)),
  fc
    .tuple(atMs, text, to, ttl)
    .map(([at, said, about, ttlS]) => lasting({ kind: "reply" as const, atMs: at, text: said, to: about }, ttlS)),
  fc.record({ kind: fc.constant("edit" as const), atMs, text, to }, { noNullPrototype: true }),
  fc.record({ kind: fc.constantFrom("delete" as const, "read" as const), atMs, to }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constant("reaction" as const), atMs, to, reaction: fc.string({ maxLength: MAX_REACTION_BYTES }) },
    { noNullPrototype: true },
  ),
  fc.record({ kind: fc.constant("timer" as const), atMs, seconds: fc.nat(MAX_TIMER_S) }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant("typing" as const), atMs }, { noNullPrototype: true }),
);
const mark = fc.option(
  fc.record({ seq: fc.maxSafeNat(), hash: fc.uint8Array({ minLength: 32, maxLength: 32 }) }, { noNullPrototype: true }),
  { nil: undefined },
);

function refuses(members: object | string): void {
  const json = typeof members === "string" ? members : JSON.stringify(members);
  throwsLair(() => decodeRoomMessage(toUtf8(json)), "message-malformed", json.slice(0, 100));
}

describe("a message of a room (docs/ROOMS.md)", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(content, mark, (written, log) => {
        assert.deepEqual(decodeRoomMessage(encodeRoomMessage(written, log)), { content: written, log });
      }),
    );
  });

  it("has the members of docs/ROOMS.md", () => {
    const reply = encodeRoomMessage(
      { kind: "reply", atMs: 5, to: TO, text: "hé", ttlS: 60 },
      { seq: 7, hash: new Uint8Array(32).fill(0xab) },
    );
    assert.equal(
      fromUtf8(reply),
      `{"kind":"reply","at":5,"to":"${TO}","ttl":60,"text":"hé","log":{"seq":7,"hash":"${HASH}"}}`,
    );
    assert.equal(fromUtf8(encodeRoomMessage({ kind: "typing", atMs: 5 })), '{"kind":"typing","at":5}');
  });

  it("takes a text, and a reaction, up to its limit, whatever JSON makes of it", () => {
    for (const letter of ["a", "\u0001", '"']) {
      const longest = letter.repeat(MAX_TEXT_BYTES);
      const log = { seq: Number.MAX_SAFE_INTEGER, hash: new Uint8Array(32) };
      const written = { kind: "reply", atMs: 8.64e15, to: TO, text: longest, ttlS: MAX_TIMER_S } as const;
      assert.deepEqual(decodeRoomMessage(encodeRoomMessage(written, log)).content, written);
      throwsLair(() => encodeRoomMessage({ ...written, text: `${longest}a` }), "message-too-long");
    }
    const reaction = { kind: "reaction", atMs: 1, to: TO, reaction: "é".repeat(MAX_REACTION_BYTES / 2) } as const;
    assert.deepEqual(decodeRoomMessage(encodeRoomMessage(reaction)).content, reaction);
    throwsLair(() => encodeRoomMessage({ ...reaction, reaction: `${reaction.reaction}a` }), "message-too-long");
  });

  it("is not written with an id or a number out of bounds; half a surrogate pair becomes U+FFFD", () => {
    const line = { kind: "text", atMs: 1, text: "" } as const;
    for (const wrong of [
      { ...line, atMs: -1 },
      { ...line, atMs: 0.5 },
      { ...line, ttlS: 0 },
      { kind: "delete", atMs: 1, to: TO.toUpperCase() } as const,
      { kind: "timer", atMs: 1, seconds: MAX_TIMER_S + 1 } as const,
    ]) {
      assert.throws(() => encodeRoomMessage(wrong), RangeError);
    }
    assert.throws(() => encodeRoomMessage(line, { seq: -1, hash: new Uint8Array(32) }), RangeError);
    assert.throws(() => encodeRoomMessage(line, { seq: 1, hash: new Uint8Array(31) }), RangeError);
    const read = decodeRoomMessage(encodeRoomMessage({ ...line, text: "a\ud800b" })).content;
    assert.deepEqual(read, { ...line, text: "a\ufffdb" });
  });

  it("of a newer Lair is known by its kind only", () => {
    const newer = toUtf8(`{"kind":"poll","at":"soon","log":{"seq":1,"hash":"${HASH}","more":1}}`);
    assert.deepEqual(decodeRoomMessage(newer), {
      content: { kind: "unknown", name: "poll" },
      log: { seq: 1, hash: new Uint8Array(32).fill(0xab) },
    });
    // Members that are not known are ignored.
    assert.deepEqual(decodeRoomMessage(toUtf8('{"kind":"typing","at":1,"text":2,"__proto__":3}')).content, {
      kind: "typing",
      atMs: 1,
    });
  });

  it("is refused if anything in it is not as it must be", () => {
    for (const json of [
      "",
      "[]",
      "1",
      "null",
      "{}",
      "{",
      '{"kind":5}',
      `{"kind":"${"k".repeat(33)}"}`,
      '{"kind":""}',
    ]) {
      refuses(json);
    }
    throwsLair(() => decodeRoomMessage(Uint8Array.of(0xff)), "message-malformed");
    throwsLair(() => decodeRoomMessage(new Uint8Array(200_000).fill(32)), "message-malformed");
    for (const at of [undefined, -1, 0.5, 8.64e15 + 1, "1", null]) refuses({ kind: "typing", at });
    for (const text of [undefined, 1, "a".repeat(MAX_TEXT_BYTES + 1)]) {
      for (const kind of ["text", "reply", "edit"]) refuses({ kind, at: 1, to: TO, text });
    }
    for (const to of [undefined, 1, "", TO.slice(2), `${TO}00`, TO.toUpperCase(), "zz".repeat(16)]) {
      for (const kind of ["reply", "edit", "delete", "reaction", "read"]) {
        refuses({ kind, at: 1, to, text: "", reaction: "" });
      }
    }
    for (const ttl of [0, -1, 0.5, MAX_TIMER_S + 1, "1", null]) refuses({ kind: "text", at: 1, text: "", ttl });
    for (const seconds of [undefined, -1, 0.5, MAX_TIMER_S + 1]) refuses({ kind: "timer", at: 1, seconds });
    for (const reaction of [undefined, 1, "a".repeat(MAX_REACTION_BYTES + 1)]) {
      refuses({ kind: "reaction", at: 1, to: TO, reaction });
    }
    for (const log of [
      null,
      1,
      [],
      {},
      { seq: -1, hash: HASH },
      { seq: 2 ** 53, hash: HASH },
      { seq: 1, hash: HASH.slice(2) },
      { seq: 1, hash: HASH.toUpperCase() },
    ]) {
      refuses({ kind: "typing", at: 1, log });
      refuses({ kind: "poll", log });
    }
  });

  it("that is damaged is never another error", () => {
    fc.assert(
      fc.property(content, fc.nat(), fc.nat(255), (written, at, byte) => {
        const bytes = encodeRoomMessage(written);
        bytes[at % bytes.length] = byte;
        try {
          decodeRoomMessage(bytes);
        } catch (error) {
          throwsLair(() => {
            throw error;
          }, "message-malformed");
        }
      }),
    );
  });
});
