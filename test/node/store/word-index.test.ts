import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queryOf } from "../../../src/node/store/word-index.ts";

describe("the query of what was typed", () => {
  it("is its words, quoted; the last may go on", () => {
    assert.equal(queryOf("two Words"), '"two" "Words"*');
    assert.equal(queryOf("  a-b.c  "), '"a" "b" "c"');
    assert.equal(queryOf('x" OR y:"zzz'), '"x" "OR" "y" "zzz"*');
    assert.equal(queryOf("e\u0301t"), '"e\u0301t"*');
  });

  it("is none without a word", () => {
    for (const words of ["", " ", '"', "*-+^(){}", "\u0301", "…", "\0"]) assert.equal(queryOf(words), undefined, words);
  });

  it("has at most 32 words", () => {
    assert.equal(queryOf("word ".repeat(1_000))?.split(" ").length, 32);
  });
});
