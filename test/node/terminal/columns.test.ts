import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { columnsAtMost, columnsOf, fitColumns, graphemes, wrapText } from "../../../src/node/terminal/columns.ts";

describe("columnsOf and columnsAtMost", () => {
  it("count a family as drawn whole and as drawn apart", () => {
    assert.equal(columnsOf("👨‍👩‍👧‍👦"), 2);
    assert.equal(columnsAtMost("👨‍👩‍👧‍👦"), 8);
    assert.equal(columnsAtMost("🇩🇪"), 4);
    assert.equal(columnsAtMost("漢e\u0301"), 3);
  });
});

describe("wrapText", () => {
  it("breaks at blanks, and inside words that fit no row", () => {
    assert.deepEqual(wrapText("the quick brown fox", 10), ["the quick", "brown fox"]);
    assert.deepEqual(wrapText("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
    assert.deepEqual(wrapText("a\n\nb", 5), ["a", "", "b"]);
  });

  it("keeps the blanks of a line that fits", () => {
    assert.deepEqual(wrapText("  if (x)  {", 20), ["  if (x)  {"]);
  });

  it("loses nothing but blanks, breaks no grapheme and no row is too wide", () => {
    const text = fc
      .array(fc.constantFrom("a", "word", " ", "  ", "漢字", "👨‍👩‍👧", "e\u0301", "\n"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 40 }), (raw, columns) => {
        const rows = wrapText(raw, columns);
        assert.equal(rows.join("").replaceAll(/\s/g, ""), raw.replaceAll(/\s/g, ""));
        for (const row of rows) assert.ok(columnsAtMost(row) <= columns, row);
        const whole = new Set(graphemes(raw));
        for (const row of rows) for (const cluster of graphemes(row)) assert.ok(whole.has(cluster));
      }),
    );
  });
});

describe("fitColumns", () => {
  it("leaves what fits and marks what is missing", () => {
    assert.equal(fitColumns("ada", 3, "…"), "ada");
    assert.equal(fitColumns("grace", 3, "…"), "gr…");
  });
});
