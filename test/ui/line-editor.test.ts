import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { graphemes } from "../../src/ui/columns.ts";
import type { Key, KeyName } from "../../src/ui/keys.ts";
import { LineEditor } from "../../src/ui/line-editor.ts";
import { anyText } from "../any-text.ts";
import { effort } from "../effort.ts";

/** Types text and presses the keys in angle brackets. */
function play(script: string, editor = new LineEditor()): LineEditor {
  for (const part of script.match(/<[a-z-]+>|[^<]+/g) ?? []) {
    if (part.startsWith("<")) editor.apply({ type: "key", name: part.slice(1, -1) as KeyName });
    else editor.apply({ type: "text", text: part });
  }
  return editor;
}

const KEYS: readonly KeyName[] = [
  "newline",
  "backspace",
  "delete",
  "left",
  "right",
  "word-left",
  "word-right",
  "home",
  "end",
  "up",
  "down",
  "erase-word",
  "erase-word-forward",
  "erase-to-start",
  "erase-to-end",
  "yank",
  "swap",
  "complete",
  "enter",
];
const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom(...KEYS).map((name): Key => ({ type: "key", name })),
  fc
    .constantFrom("a", "b c", "👨", "\u200d", "👩", "\u0301", "漢", "🇩", "🇪")
    .map((text): Key => ({ type: "text", text })),
  anyText().map((text): Key => ({ type: "paste", text })),
);

describe("LineEditor", () => {
  const scripts: readonly [string, string][] = [
    ["held<left><left>ll<home>x", "xhellld"],
    ["one two<erase-word>", "one "],
    ["one two<word-left><erase-to-end><home><yank>", "twoone "],
    ["one two<home><erase-word-forward><delete>", "two"],
    ["abc<swap>", "acb"],
    ["ab<left><left><end-or-delete>", "b"],
    ["one<newline>two<home><erase-to-start><backspace>", "onetwo"],
  ];
  for (const [script, text] of scripts) {
    it(`makes "${text}" of ${script}`, () => assert.equal(play(script).text, text));
  }

  it("erases a whole character, however many code points it has", () => {
    assert.equal(play("a👨‍👩‍👧e\u0301<backspace>").text, "a👨‍👩‍👧");
    assert.equal(play("a👨‍👩‍👧<backspace>").text, "a");
  });

  it("moves between the lines of the input before it goes through the history", () => {
    const editor = play("old<enter>first<newline>second<up>X");
    assert.equal(editor.text, "firstX\nsecond");
    play("<up>", editor);
    assert.equal(editor.text, "old");
    play("<down>", editor);
    assert.equal(editor.text, "firstX\nsecond");
  });

  it("submits a paste of several lines as one text", () => {
    const editor = new LineEditor();
    editor.apply({ type: "paste", text: "one\ntwo\nthree\n" });
    assert.deepEqual(editor.apply({ type: "key", name: "enter" }), { type: "submit", text: "one\ntwo\nthree" });
    assert.equal(editor.text, "");
  });

  it("takes in no control character, and keeps TAB", () => {
    const editor = new LineEditor();
    editor.apply({ type: "paste", text: "a\x1b[31m\x07\tb\x9b\ud800" });
    assert.equal(editor.text, "a[31m\tb");
  });

  it("leaves Tab to its owner, who may put text in the place of what is in front of the cursor", () => {
    const editor = play("to bo now<word-left><left>");
    assert.deepEqual(editor.apply({ type: "key", name: "complete" }), { type: "complete" });
    assert.equal(editor.before, "to bo");
    assert.deepEqual(editor.replaceBefore(2, "Bob\x1b\n"), { type: "changed" });
    assert.deepEqual([editor.text, editor.before], ["to Bob\n now", "to Bob\n"]);
    editor.replaceBefore(99, "");
    assert.equal(editor.text, " now");
  });

  it("says when a paste is too long, and keeps what fits", () => {
    const editor = new LineEditor();
    assert.deepEqual(editor.apply({ type: "paste", text: "x".repeat(70_000) }), { type: "too-long" });
    assert.equal(editor.text.length, 65_536);
  });

  it("ends at Ctrl-D on an empty line only", () => {
    const editor = new LineEditor();
    assert.deepEqual(editor.apply({ type: "key", name: "end-or-delete" }), { type: "end" });
    play("x", editor);
    assert.deepEqual(editor.apply({ type: "key", name: "end-or-delete" }), { type: "none" });
  });

  it("remembers no empty lines and no line twice in a row", () => {
    const editor = play("a<enter><enter> <enter>a<enter><up>");
    assert.equal(editor.text, "a");
    play("<up>", editor);
    assert.equal(editor.text, "a");
  });

  it("gives the unfinished line back, however far up one has been", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("one", "two", "three")), fc.nat(6), (history, ups) => {
        const editor = play([...history.map((line) => `${line}<enter>`), "unfinished"].join(""));
        play("<up>".repeat(ups) + "<down>".repeat(ups), editor);
        assert.equal(editor.text, "unfinished");
      }),
    );
  });

  it("keeps the cursor between graphemes, whatever is pressed", () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 60 }), (keys) => {
        const editor = new LineEditor();
        for (const key of keys) {
          editor.apply(key);
          assert.deepEqual(editor.clusters, graphemes(editor.text));
          assert.ok(Number.isInteger(editor.cursor) && editor.cursor >= 0 && editor.cursor <= editor.clusters.length);
        }
      }),
      { numRuns: effort(200, 500) },
    );
  });
});
