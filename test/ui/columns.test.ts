import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import stringWidth from "string-width";
import { columnsAtMost, columnsOf, fitColumns, graphemes } from "../../src/ui/columns.ts";
import { heightOf, wrapText } from "../../src/ui/wrap.ts";

function rowsOf(text: string, columns: number): readonly string[] {
  return wrapText(text, columns).rows;
}

describe("columnsOf and columnsAtMost", () => {
  it("count a family as drawn whole and as drawn apart", () => {
    assert.equal(columnsOf("👨‍👩‍👧‍👦"), 2);
    assert.equal(columnsAtMost("👨‍👩‍👧‍👦"), 8);
    assert.equal(columnsAtMost("🇩🇪"), 4);
    assert.equal(columnsAtMost("漢e\u0301"), 3);
  });

  it("count ASCII and our own marks as the package does, which is not asked about them, in any order", () => {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(0x20 + index));
    const mark = fc.constantFrom(...ascii, "·", "›", "…", "‘", "’", "“", "”", "–", "—");
    const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
    fc.assert(
      fc.property(fc.array(mark), (marks) => {
        const text = marks.join("");
        assert.deepEqual([columnsOf(text), columnsAtMost(text)], [stringWidth(text), stringWidth(text)]);
        const segments = Array.from(segmenter.segment(text), ({ segment }) => segment);
        assert.deepEqual([graphemes(text), segments], [marks, marks]);
      }),
    );
  });
});

describe("wrapText", () => {
  it("breaks at blanks, and inside words that fit no row", () => {
    assert.deepEqual(rowsOf("the quick brown fox", 10), ["the quick", "brown fox"]);
    assert.deepEqual(rowsOf("äbcdefghijkl", 5), ["äbcde", "fghij", "kl"]);
    assert.deepEqual(rowsOf("a\n\nb", 5), ["a", "", "b"]);
  });

  it("keeps the blanks of a line that fits", () => {
    assert.deepEqual(rowsOf("  if (x)  {", 20), ["  if (x)  {"]);
  });

  it("loses nothing but blanks, breaks no grapheme and no row is too wide", () => {
    const text = fc
      .array(fc.constantFrom("a", "word", " ", "  ", "漢字", "👨‍👩‍👧", "e\u0301", "\n"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 40 }), (raw, columns) => {
        const rows = rowsOf(raw, columns);
        assert.equal(rows.join("").replaceAll(/\s/g, ""), raw.replaceAll(/\s/g, ""));
        for (const row of rows) assert.ok(columnsAtMost(row) <= columns || /^[!-~]+$/.test(row), row);
        const whole = new Set(graphemes(raw));
        for (const row of rows) for (const cluster of graphemes(row)) assert.ok(whole.has(cluster));
      }),
    );
  });
});

describe("a word that no row holds", () => {
  const url = `https://example.org/${"a".repeat(60)}?q=%20&b=(1)#c`;

  it("is left in one piece when it is there to be copied, with nothing behind it in its last row", () => {
    assert.deepEqual(rowsOf(`see ${url} 14:05  you  yes`, 20), ["see", url, "14:05  you  yes"]);
    assert.deepEqual(rowsOf(`   ${url}\n  ok`, 20), [url, "  ok"]);
    for (const word of [
      "/usr/share/a-path/that-is-long",
      "c29tZSBrZXk=".repeat(4),
      `<${url}>`,
      "https://bücher.example/ü/äöüß",
    ]) {
      assert.deepEqual(rowsOf(`a ${word} b`, 20), ["a", word, "b"]);
    }
    assert.deepEqual(rowsOf(`漢字漢字漢${url} b`, 20), ["漢字漢字漢", url, "b"]);
  });

  it("is broken where its script has no blanks, and where it is longer than what may be shown", () => {
    assert.deepEqual(rowsOf("漢".repeat(12), 10), ["漢".repeat(5), "漢".repeat(5), "漢漢"]);
    const long = wrapText("x".repeat(1000), 10, 5);
    assert.deepEqual(long, { rows: Array.from({ length: 5 }, () => "x".repeat(10)), rest: "x".repeat(950) });
  });

  it("never has a blank, so that no piece of it can pass for a line of ours", () => {
    const part = fc.constantFrom(
      " ",
      "\u3000",
      "ada",
      "›",
      "·",
      "14:05",
      "x".repeat(30),
      "漢".repeat(9),
      "https://a/",
      "[cut]",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        for (const row of rowsOf(parts.join(""), 20)) {
          if (columnsAtMost(row) > 20) assert.match(row, /^[\x21-\x7e\p{L}]+$/u);
        }
      }),
    );
  });
});

describe("a text of more rows than are shown", () => {
  it("is laid out up to there, and the rest is handed back whole", () => {
    assert.deepEqual(wrapText("a\nb\nc", 10, 2), { rows: ["a", "b"], rest: "c" });
    assert.deepEqual(wrapText("a\nb", 10, 2), { rows: ["a", "b"], rest: "" });
    assert.deepEqual(wrapText("a\n", 10, 1), { rows: ["a"], rest: "" });
    assert.deepEqual(wrapText("one two three", 5, 1), { rows: ["one"], rest: "two three" });
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "word", " ", "漢字", "\n", "x".repeat(25))),
        fc.nat(9),
        (parts, most) => {
          const text = parts.join("");
          const { rows, rest } = wrapText(text, 10, most + 1);
          assert.ok(text.endsWith(rest));
          assert.equal((rows.join("") + rest).replaceAll(/\s/g, ""), text.replaceAll(/\s/g, ""));
        },
      ),
    );
  });
});

describe("heightOf", () => {
  it("counts the rows that a terminal makes of one, or does not know", () => {
    assert.equal(heightOf("\x1b[2m" + "x".repeat(20) + "\x1b[22m", 20), 1);
    assert.equal(heightOf("\x1b[2m· " + "x".repeat(39) + "\x1b[22m", 20), 3);
    assert.equal(heightOf("", 20), 1);
    assert.equal(heightOf("漢".repeat(11), 20), undefined);
  });
});

describe("fitColumns", () => {
  it("leaves what fits and marks what is missing", () => {
    assert.equal(fitColumns("ada", 3, "…"), "ada");
    assert.equal(fitColumns("grace", 3, "…"), "gr…");
  });
});
