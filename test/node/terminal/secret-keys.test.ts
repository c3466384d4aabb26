import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { fromUtf8, toUtf8 } from "../../../src/core/bytes.ts";
import { type SecretAnswer, SecretKeys } from "../../../src/node/terminal/secret-keys.ts";
import { SeededRandom } from "../../core/channel/seeded-random.ts";

/** What comes of keys that arrive in these chunks. */
function press(chunks: readonly (string | Uint8Array)[], maxBytes = 64): SecretAnswer | undefined {
  const keys = new SecretKeys(maxBytes);
  for (const chunk of chunks) {
    const answer = keys.press(typeof chunk === "string" ? toUtf8(chunk) : chunk);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** What was typed, or how else it ended. */
function typed(...chunks: readonly (string | Uint8Array)[]): string | undefined {
  const answer = press(chunks);
  return answer?.type === "secret" ? fromUtf8(answer.bytes) : answer?.type;
}

describe("keys of a secret", () => {
  it("are taken until Enter, blanks and all", () => {
    assert.equal(typed("a b\r"), "a b");
    assert.equal(typed(" a", "b ", "\n"), " ab ");
    assert.equal(typed("\r"), "");
    assert.equal(typed("no end"), undefined);
  });

  it("of what stands behind Enter are dropped", () => {
    assert.equal(typed("first\r\nsecond\r"), "first");
  });

  it("are taken back by Backspace, a whole character at a time", () => {
    for (const key of ["\x7f", "\b"]) {
      assert.equal(typed(`abx${key}c\r`), "abc");
      assert.equal(typed(`a\u00e9${key}b\r`), "ab");
      assert.equal(typed(`a\u20ac${key}b\r`), "ab");
      assert.equal(typed(`a\u{1f600}${key}b\r`), "ab");
      assert.equal(typed(`${key}${key}a${key}${key}b\r`), "b");
    }
  });

  it("are all taken back by Ctrl-U", () => {
    assert.equal(typed("wrong", "\x15right\r"), "right");
  });

  it("end by Ctrl-C at any moment, and by Ctrl-D when there is nothing", () => {
    assert.equal(typed("\x03"), "interrupted");
    assert.equal(typed("abc\x03"), "interrupted");
    assert.equal(typed("\x1b[", "\x03"), "interrupted");
    assert.equal(typed("\x1b", "\x03"), "interrupted");
    assert.equal(typed("\x04"), "ended");
    assert.equal(typed("a\x7f\x04"), "ended");
    assert.equal(typed("ab\x04c\r"), "abc");
  });

  it("of other control characters mean nothing", () => {
    assert.equal(typed("a\x00\x01\x07\t\x0b\x1a\x1c\x1fb\r"), "ab");
  });

  it("of cursor keys and function keys mean nothing", () => {
    for (const sequence of [
      "\x1b[A",
      "\x1b[1;5D",
      "\x1b[3~",
      "\x1bOP",
      "\x1bOA",
      "\x1b[<0;1;1M",
      "\x1bb",
      "\x1b\u00e9",
    ]) {
      assert.equal(typed(`a${sequence}b\r`), "ab", JSON.stringify(sequence));
    }
  });

  it("of the terminal's own answers mean nothing, wherever they are cut", () => {
    for (const sequence of [
      "\x1b]11;rgb:1e/1e/1e\x1b\\",
      "\x1b]11;rgb:1e/1e/1e\x07",
      "\x1bP1$r0m\x1b\\",
      "\x1b_G;OK\x1b\\",
      "\x1bXa\x1b\\",
      "\x1b^a\x07",
      "\u009d11;rgb:0/0/0\u009c",
      "\u009b24;80R",
      "\x1b[?64;1;2c",
      "\x1b[M !!",
      "\x1b[I",
      "\x1b[[A",
      "\x1b[97;5u",
    ]) {
      const bytes = toUtf8(`a${sequence}b\r`);
      for (let cut = 0; cut < bytes.length; cut++) {
        assert.equal(typed(bytes.slice(0, cut), bytes.slice(cut)), "ab", `${JSON.stringify(sequence)} at ${cut}`);
      }
      assert.equal(typed(...Array.from(bytes, (byte) => Uint8Array.of(byte))), "ab", JSON.stringify(sequence));
    }
  });

  it("end by Enter and Ctrl-C in a string that never ends", () => {
    assert.equal(typed("ab\x1bPcd", "\r"), "ab");
    assert.equal(typed("ab\x1b]cd", "\x03"), "interrupted");
  });

  it("behind an Esc that was pressed long before count", () => {
    const keys = new SecretKeys(64);
    keys.press(toUtf8("\x1b"));
    assert.equal(keys.isHolding, true);
    keys.rest();
    keys.press(toUtf8("P"));
    assert.deepEqual(keys.press(toUtf8("ass\r")), { type: "secret", bytes: toUtf8("Pass") });
  });

  it("of a paste are taken without its marks", () => {
    assert.equal(typed("\x1b[200~correct horse\x1b[201~\r"), "correct horse");
    assert.equal(typed("\x1b[20", "0~correct", " horse\x1b", "[201~", "\r"), "correct horse");
  });

  it("behind an Esc by itself count", () => {
    assert.equal(typed("\x1b", "ab\r"), "ab");
    assert.equal(typed("ab\x1b", "\r"), "ab");
    assert.equal(typed("ab\x1b\r"), "ab");
    assert.equal(typed("\x1b\x1b[Aab\r"), "ab");
  });

  it("may be any bytes", () => {
    const bytes = Uint8Array.from({ length: 224 }, (_, index) => index + 32).filter((byte) => byte !== 0x7f);
    const answer = press([bytes, "\r"], 256);
    assert.deepEqual(answer, { type: "secret", bytes });
  });

  it("are too many above the limit, until Ctrl-U", () => {
    assert.deepEqual(press(["abcd\r"], 4), { type: "secret", bytes: toUtf8("abcd") });
    assert.deepEqual(press(["abcde\r"], 4), { type: "too-long" });
    assert.deepEqual(press(["abcde\x7f\r"], 4), { type: "too-long" });
    assert.deepEqual(press(["abcde\x15abcd\r"], 4), { type: "secret", bytes: toUtf8("abcd") });
    assert.deepEqual(press(["x".repeat(100_000), "\x03"], 4), { type: "interrupted" });
  });

  it("give the same whatever chunks they come in, but for what a lone Esc is", () => {
    const seed = randomInt(2 ** 32);
    const random = new SeededRandom(seed);
    const pieces = [
      "a",
      "Z ",
      "\u00e9",
      "\u20ac",
      "\u{1f600}",
      "\x7f",
      "\b",
      "\x15",
      "\x1b[A",
      "\x1b[200~",
      "\x1bOB",
      "\t",
    ];
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: random.below(30) }, () => random.pick(pieces)).join("");
      const bytes = toUtf8(`${text}\r`);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = random.between(1, 5);
        chunks.push(bytes.slice(at, at + length));
        at += length;
      }
      const expected = press([bytes], 256);
      assert.equal(expected?.type, "secret", `seed ${seed}`);
      assert.deepEqual(press(chunks, 256), expected, `seed ${seed}: ${JSON.stringify(text)}`);
    }
  });
});
