// The chat message (docs/PROTOCOL.md §7.3): what is written can be read, and what could not be is refused.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { concat, fromUtf8, toUtf8, u64 } from "../../../src/core/bytes.ts";
import {
  decodeMessage,
  encodeText,
  encodeTimer,
  MAX_TEXT_BYTES,
  MAX_TIMER_S,
  shortenMessage,
} from "../../../src/core/chat/message.ts";
import { directPair } from "../channel/direct-pair.ts";
import { throwsLair } from "../../throws-lair.ts";

const AT = 1_795_132_980_000;
/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;
const json = (text: string): Uint8Array => toUtf8(text);
const read = (value: unknown) => decodeMessage(json(JSON.stringify(value)));

/** Any code points but surrogates; those of ASCII and its control characters often. */
const text = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff })))
  .map((points) => String.fromCodePoint(...points));

function decoded(message: string): unknown {
  try {
    return decodeMessage(json(message));
  } catch (error) {
    return `${error as Error}`;
  }
}

describe("a text message (§7.3)", () => {
  it("is JSON in UTF-8 with kind, at and text", () => {
    const expected = '{"kind":"text","at":1795132980000,"text":"can you see this?"}';
    assert.equal(fromUtf8(encodeText("can you see this?", AT)), expected);
  });

  it("comes back as it was, whatever it says", () => {
    fc.assert(
      fc.property(text, fc.nat(LAST_MS), (text, atMs) => {
        assert.deepEqual(decodeMessage(encodeText(text, atMs)), { kind: "text", atMs, text });
      }),
    );
  });

  it("comes back with U+FFFD for each lone surrogate, and holds none on the wire", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 60 }), (units) => {
        const text = String.fromCharCode(...units);
        const message = encodeText(text, AT);
        assert.deepEqual(decodeMessage(message), { kind: "text", atMs: AT, text: Buffer.from(text).toString() });
        assert.doesNotMatch(fromUtf8(message)!, /\\ud[89a-f]/i);
      }),
    );
    assert.deepEqual(decodeMessage(encodeText("a\ud83d", AT)), { kind: "text", atMs: AT, text: "a\ufffd" });
  });

  it("may be empty, or hold newlines and escapes: what is shown is for others to say", () => {
    for (const text of ["", "one\ntwo", "\u001b[2J", "\u202e", "\u0000"]) {
      assert.deepEqual(decodeMessage(encodeText(text, 0)), { kind: "text", atMs: 0, text });
    }
  });

  it("means the same in whatever way it is written, or is refused in each", () => {
    const raw = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.json(), text);
    const number = fc.oneof(
      fc.nat(LAST_MS).map(String),
      fc.constantFrom("01", "-1", "1e3", "1.5", "9".repeat(15), "9".repeat(16), ""),
    );
    const ttl = fc.oneof(fc.constant(undefined), number, fc.constantFrom("0", "315576000", "315576001"));
    fc.assert(
      fc.property(number, ttl, raw, (at, ttl, raw) => {
        const message = `{"kind":"text","at":${at},${ttl === undefined ? "" : `"ttl":${ttl},`}"text":"${raw}"}`;
        assert.deepEqual(decoded(message), decoded(` ${message}`));
      }),
    );
  });

  for (const letter of ["a", "é", "€", "😀"]) {
    const width = toUtf8(letter).length;
    it(`takes exactly 16,384 bytes of UTF-8 in letters of ${width}, and not one more`, () => {
      const fill = "x".repeat(MAX_TEXT_BYTES % width);
      const longest = letter.repeat(Math.floor(MAX_TEXT_BYTES / width)) + fill;
      assert.equal(toUtf8(longest).length, MAX_TEXT_BYTES);
      assert.deepEqual(decodeMessage(encodeText(longest, AT)), { kind: "text", atMs: AT, text: longest });
      const error = throwsLair(() => encodeText(`${longest}x`, AT), "message-too-long");
      assert.match(error.message, /16384|16,384/);
      assert.ok(error.hint);
    });
  }

  it("takes all of 16,384 bytes that JSON writes with a backslash", () => {
    for (const letter of ['"', "\\", "\n", "\t"]) {
      const longest = letter.repeat(MAX_TEXT_BYTES);
      assert.deepEqual(decodeMessage(encodeText(longest, AT)), { kind: "text", atMs: AT, text: longest });
    }
  });

  it("is refused when its control characters make it too long for a frame, and the error says that it is they", () => {
    const error = throwsLair(() => encodeText("\u0001".repeat(MAX_TEXT_BYTES), AT), "message-too-long");
    assert.match(error.message, /control characters/);
    assert.doesNotMatch(error.message, /at most/);
    assert.ok(error.hint);
  });

  it("fits into a frame at its longest, to the byte, and arrives", () => {
    const overhead = encodeText("", AT).length;
    const controls = Math.floor((65_493 - overhead) / 6);
    const longest = "\u0001".repeat(controls) + "x".repeat(65_493 - overhead - 6 * controls);
    const message = encodeText(longest, AT);
    assert.equal(message.length, 65_493);
    throwsLair(() => encodeText(`${longest}x`, AT), "message-too-long");

    const { driver, other, clock } = directPair();
    driver.sendData(concat(u64(0n), new Uint8Array(15), message));
    const frame = driver.nextFrame(clock.now)!;
    assert.equal(frame.length, 65_535);
    const [event] = other.receive(frame, clock.now);
    assert.ok(event?.type === "record", "no DATA");
    assert.deepEqual(decodeMessage(event.body.slice(23)), { kind: "text", atMs: AT, text: longest });
  });
});

describe("a message of an earlier version (§7.3)", () => {
  it("that is up to 3 bytes too long for a frame now is made to fit, and loses nothing but the seconds of its time", () => {
    for (const ttl of ["", '"ttl":60,']) {
      const before = toUtf8(`{"kind":"text","at":1795132981234,${ttl}"text":"\\"at\\":1234567"}`);
      const after = shortenMessage(before);
      assert.equal(after.length, before.length - 3);
      assert.deepEqual(decodeMessage(after), { ...decodeMessage(before), atMs: 1_795_133_000_000 });
    }
  });
});

describe("a text that disappears, and the timer (§7.3)", () => {
  it("says after how many seconds, where it does", () => {
    assert.equal(fromUtf8(encodeText("hi", 1, 60)), '{"kind":"text","at":1,"ttl":60,"text":"hi"}');
    assert.deepEqual(decodeMessage(encodeText("hi", 1, 60)), { kind: "text", atMs: 1, text: "hi", ttlS: 60 });
    assert.equal(fromUtf8(encodeText("hi", 1, 0)), '{"kind":"text","at":1,"text":"hi"}');
  });

  it("is set by a message of its own, for up to ten years, or switched off", () => {
    assert.equal(fromUtf8(encodeTimer(60, 1)), '{"kind":"timer","at":1,"seconds":60}');
    for (const seconds of [0, 1, MAX_TIMER_S]) {
      assert.deepEqual(decodeMessage(encodeTimer(seconds, 5)), { kind: "timer", atMs: 5, seconds });
    }
  });
});

describe("a message that arrives", () => {
  it("may have other members, which are ignored", () => {
    const value = { kind: "text", at: 1, text: "hi", to: ["x"], __proto__: null, "": {} };
    assert.deepEqual(read(value), { kind: "text", atMs: 1, text: "hi" });
    const message = json('{"__proto__":{"kind":"text"},"kind":"text","at":1,"text":"hi"}');
    assert.deepEqual(decodeMessage(message), { kind: "text", atMs: 1, text: "hi" });
  });

  it("of another kind is unknown, and its other members are not looked at", () => {
    assert.deepEqual(read({ kind: "file", at: "yesterday", text: 7 }), { kind: "unknown", name: "file" });
    assert.deepEqual(read({ kind: "unknown" }), { kind: "unknown", name: "unknown" });
    assert.deepEqual(read({ kind: "Text" }), { kind: "unknown", name: "Text" });
    assert.deepEqual(read({ kind: "k".repeat(32) }), { kind: "unknown", name: "k".repeat(32) });
    assert.deepEqual(read({ kind: "é".repeat(16) }), { kind: "unknown", name: "é".repeat(16) });
  });

  it("is at any time that a Date can hold, from 1970 on", () => {
    for (const at of [0, 1, 8.64e15]) {
      assert.deepEqual(read({ kind: "text", at, text: "" }), { kind: "text", atMs: at, text: "" });
      assert.deepEqual(read({ kind: "timer", at, seconds: 1 }), { kind: "timer", atMs: at, seconds: 1 });
    }
  });

  const text = "canary";
  const malformed: Record<string, Uint8Array> = {
    "nothing at all": new Uint8Array(0),
    "bytes that are no UTF-8": Uint8Array.of(0x7b, 0xff, 0x7d),
    "UTF-8 cut short": encodeText("é", AT).subarray(0, -3),
    "a byte order mark": json(`\ufeff{"kind":"text","at":1,"text":"${text}"}`),
    "no JSON": json("canary"),
    "JSON cut short": json(`{"kind":"text","at":1,"text":"${text}"`),
    "JSON with something behind it": json(`{"kind":"text","at":1,"text":"${text}"}x`),
    "two objects": json(`{"kind":"text","at":1,"text":"${text}"}{}`),
    "a raw control character": json(`{"kind":"text","at":1,"text":"${text}\n"}`),
    null: json("null"),
    "a list": json(`["text",1,"${text}"]`),
    "a string": json(`"${text}"`),
    "a number": json("7"),
    "no kind": json(`{"at":1,"text":"${text}"}`),
    "an empty kind": json(`{"kind":"","at":1,"text":"${text}"}`),
    "a kind that is a number": json(`{"kind":1,"at":1,"text":"${text}"}`),
    "a kind of 33 bytes": json(JSON.stringify({ kind: "k".repeat(33) })),
    "a kind of 17 letters of 2 bytes": json(JSON.stringify({ kind: "é".repeat(17) })),
    "a kind that is inherited": json('{"__proto__":{"kind":"text","at":1,"text":"x"}}'),
    "no time": json(`{"kind":"text","text":"${text}"}`),
    "a time before 1970": json(`{"kind":"text","at":-1,"text":"${text}"}`),
    "a broken millisecond": json(`{"kind":"text","at":1.5,"text":"${text}"}`),
    "a time that no Date can hold": json(`{"kind":"text","at":8640000000000001,"text":"${text}"}`),
    "a timer at a time that no Date can hold": json('{"kind":"timer","at":8640000000000001,"seconds":60}'),
    "a time beyond all numbers": json(`{"kind":"text","at":1e999,"text":"${text}"}`),
    "a time that is a string": json(`{"kind":"text","at":"1","text":"${text}"}`),
    "a time that is null": json(`{"kind":"text","at":null,"text":"${text}"}`),
    "no text": json('{"kind":"text","at":1}'),
    "a text that is null": json('{"kind":"text","at":1,"text":null}'),
    "a text that is a list": json('{"kind":"text","at":1,"text":["x"]}'),
    "a lifetime of 0": json(`{"kind":"text","at":1,"ttl":0,"text":"${text}"}`),
    "a lifetime below 0": json(`{"kind":"text","at":1,"ttl":-1,"text":"${text}"}`),
    "a broken lifetime": json(`{"kind":"text","at":1,"ttl":1.5,"text":"${text}"}`),
    "a lifetime that is null": json(`{"kind":"text","at":1,"ttl":null,"text":"${text}"}`),
    "a lifetime of more than ten years": json(`{"kind":"text","at":1,"ttl":315576001,"text":"${text}"}`),
    "a timer without seconds": json('{"kind":"timer","at":1}'),
    "a timer below 0": json('{"kind":"timer","at":1,"seconds":-1}'),
    "a timer of more than ten years": json('{"kind":"timer","at":1,"seconds":315576001}'),
    "a timer that is a string": json('{"kind":"timer","at":1,"seconds":"60"}'),
    "a timer without a time": json('{"kind":"timer","seconds":60}'),
    "a text of 16,385 bytes": json(JSON.stringify({ kind: "text", at: 1, text: "x".repeat(16_385) })),
    "a text of 8,193 letters of 2 bytes": json(JSON.stringify({ kind: "text", at: 1, text: "é".repeat(8_193) })),
  };
  for (const [what, message] of Object.entries(malformed)) {
    it(`is fatal with ${what}, and the error does not repeat it`, () => {
      const error = throwsLair(() => decodeMessage(message), "message-malformed", what);
      assert.doesNotMatch(error.message, /canary/);
    });
  }

  it("is read or refused by its one error, whatever the bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.json().map(json),
      fc
        .record({ kind: fc.constantFrom("text", "x", 1), at: fc.anything(), text: fc.anything() })
        .map((value) => json(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? 1 : part)))),
    );
    fc.assert(
      fc.property(bytes, (message) => {
        let result: unknown;
        try {
          result = decodeMessage(message);
        } catch {
          throwsLair(() => decodeMessage(message), "message-malformed");
          return;
        }
        assert.ok(typeof result === "object");
      }),
    );
  });
});
