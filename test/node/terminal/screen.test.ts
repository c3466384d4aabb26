import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LineEditor } from "../../../src/ui/line-editor.ts";
import { layOutPrompt } from "../../../src/ui/prompt-frame.ts";
import { Screen, terminalReflows } from "../../../src/node/terminal/screen.ts";
import { Grid } from "./grid.ts";
import { effort } from "../../effort.ts";

class Desk {
  readonly grid: Grid;
  readonly screen: Screen;
  readonly editor = new LineEditor();
  now = 0;

  constructor(columns: number, rows: number) {
    this.grid = new Grid(columns, rows);
    this.screen = new Screen(this.grid, { reflows: true, nowMs: () => this.now });
    this.screen.draw(this.frame());
  }

  frame(): ReturnType<typeof layOutPrompt> {
    const { clusters, cursor } = this.editor;
    const line = { prompt: "ada ›  ", paint: (text: string) => text, clusters, cursor, show: (text: string) => text };
    return layOutPrompt(line, this.screen.columns, this.screen.frameRows);
  }

  type(text: string): void {
    this.editor.apply({ type: "paste", text });
    this.screen.draw(this.frame());
  }

  print(...rows: string[]): void {
    this.screen.print(rows, this.frame());
  }

  resize(columns: number): void {
    this.now += 1000;
    this.grid.resize(columns);
    this.screen.noteResize();
    this.screen.draw(this.frame());
    this.now += 1000;
  }

  /** The rows from the last prompt on. */
  get prompt(): string[] {
    const { text } = this.grid;
    return text.slice(text.findLastIndex((row) => row.startsWith("ada ›")));
  }

  /** What is typed, as the rows of the prompt show it; blanks aside, since rows are trimmed and indented. */
  get shown(): string {
    return this.prompt.join("").slice("ada ›".length).replaceAll(/\s/g, "");
  }
}

/** Wider than the screens that it is shown on. */
function notice(count: number): string {
  return `       · no answer at ws://${"h".repeat(70)} (${count})`;
}

describe("Screen", () => {
  it("prints above what is being typed and puts the cursor back", () => {
    const desk = new Desk(40, 10);
    desk.type("hello");
    desk.print("one", "two");
    assert.deepEqual(desk.grid.text, ["one", "two", "ada ›  hello"]);
    assert.deepEqual(desk.grid.cursor, { row: 2, column: 12 });
    assert.equal(desk.grid.cursorShown, true);
  });

  it("writes each update at once", () => {
    const desk = new Desk(40, 10);
    const before = desk.grid.writes;
    desk.print("one");
    assert.equal(desk.grid.writes, before + 1);
  });

  it("keeps messages and a line that wraps over rows with wide characters", () => {
    const desk = new Desk(20, 8);
    const text = "漢字かな👍🏽".repeat(8);
    desk.type(text);
    for (let i = 0; i < 20; i++) desk.print(`message ${i}`);
    const messages = desk.grid.text.filter((row) => row.startsWith("message"));
    assert.deepEqual(
      messages,
      Array.from({ length: 20 }, (_, i) => `message ${i}`),
    );
    assert.ok(desk.prompt.length <= 6, "a line taller than the screen leaves room for the conversation");
  });

  it("leaves nothing behind on a resize, whichever way", () => {
    const desk = new Desk(80, 24);
    desk.print("before");
    desk.type("a line that is long enough to take several rows wherever it is shown, ".repeat(3));
    for (const columns of [60, 45, 100, 41, 120, 80]) {
      desk.resize(columns);
      assert.equal(desk.grid.text.filter((row) => row.includes("›")).length, 1, `at ${columns} columns`);
      assert.equal(desk.grid.text[0], "before");
      assert.equal(desk.shown, desk.editor.text.replaceAll(" ", ""));
    }
  });

  it("replaces the block printed last, but not after a resize", () => {
    const desk = new Desk(60, 10);
    desk.print("kept");
    desk.print("keys renewed");
    assert.equal(desk.screen.canReplace, true);
    desk.screen.replaceLast(["keys renewed (2)"], desk.frame());
    assert.deepEqual(desk.grid.text, ["kept", "keys renewed (2)", "ada ›"]);
    desk.resize(50);
    assert.equal(desk.screen.canReplace, false);
  });

  it("lets the terminal wrap a row that must stay whole, and still knows where it is", () => {
    const desk = new Desk(20, 10);
    desk.type("typed text that fills two rows");
    desk.print(`lair://${"A".repeat(53)}`, `lair://${"B".repeat(40)}`);
    desk.print("after");
    const joined = desk.grid.text.join("");
    assert.ok(joined.includes("A".repeat(53)) && joined.includes("B".repeat(40)));
    assert.equal(desk.shown, "typedtextthatfillstworows");
    assert.equal(desk.grid.text.filter((row) => row === "after").length, 1);
  });

  it("replaces a row that the terminal has wrapped, also after it was made narrower", () => {
    const desk = new Desk(40, 12);
    desk.print("kept");
    desk.print(notice(1));
    assert.equal(desk.screen.canReplace, true);
    desk.screen.replaceLast([notice(2)], desk.frame());
    desk.screen.replaceLast(["between", notice(3)], desk.frame(), 1);
    desk.screen.replaceLast([notice(4)], desk.frame());
    const [kept, between, ...rows] = desk.grid.text;
    assert.deepEqual([kept, between], ["kept", "between"]);
    assert.equal(rows.slice(0, -1).join("").trimStart(), notice(4).trimStart());
    desk.resize(25);
    assert.equal(desk.screen.canReplace, false);
    desk.print(notice(5));
    desk.screen.replaceLast([notice(6)], desk.frame());
    const { text } = desk.grid;
    assert.equal(text.join("").split("(6)").length, 2);
    assert.ok(!text.join("").includes("(5)"));
    assert.equal(text.join("").includes("(4)"), true);
    assert.equal(text.filter((row) => row.startsWith("ada ›")).length, 1);
  });

  it("never replaces what has left the screen, or whose rows it cannot know", () => {
    const desk = new Desk(20, 5);
    desk.print("x".repeat(100));
    assert.equal(desk.screen.canReplace, false);
    desk.print("漢".repeat(11));
    assert.equal(desk.screen.canReplace, false);
  });

  it("takes the prompt off when erased, and may be drawn again", () => {
    const desk = new Desk(20, 10);
    desk.print("one");
    desk.type("a line of more than one row");
    desk.screen.erase();
    assert.deepEqual(desk.grid.text, ["one", ""]);
    assert.deepEqual(desk.grid.cursor, { row: 1, column: 0 });
    desk.screen.draw(desk.frame());
    assert.equal(desk.shown, "alineofmorethanonerow");
  });

  it("never erases a message when a drawing and a resize cross", () => {
    const desk = new Desk(80, 24);
    desk.print("kept");
    desk.type("x".repeat(150));
    // The terminal is narrower already, but nobody has told us when we draw.
    const told = { columns: 80, rows: 24, write: (text: string) => desk.grid.write(text) };
    const screen = new Screen(told, { reflows: true, nowMs: () => desk.now });
    desk.screen.erase();
    desk.grid.resize(40);
    const { clusters, cursor } = desk.editor;
    const line = { prompt: "ada ›  ", paint: (text: string) => text, clusters, cursor, show: (text: string) => text };
    screen.draw(layOutPrompt(line, 80, 22));
    told.columns = 40;
    screen.noteResize();
    // The next of a series; the first one alone says when the terminal may have changed.
    desk.now += 250;
    screen.noteResize();
    screen.draw(layOutPrompt(line, 40, 22));
    assert.equal(desk.grid.text[0], "kept");
  });

  it("leaves nothing behind when a wide character under the cursor does not fit into the last column any more", () => {
    const desk = new Desk(40, 10);
    desk.type(`${"x".repeat(21)}漢`);
    desk.editor.apply({ type: "key", name: "left" });
    desk.screen.draw(desk.frame());
    assert.deepEqual(desk.grid.cursor, { row: 0, column: 28 });
    desk.resize(29);
    assert.deepEqual(desk.grid.text, [`ada ›  ${"x".repeat(20)}`, "  x漢"]);
  });

  it("leaves nothing behind of rows in which wide characters leave the last column empty", () => {
    const desk = new Desk(80, 30);
    desk.type("漢".repeat(60));
    desk.resize(9);
    assert.deepEqual(
      desk.grid.text,
      desk.frame().rows.map(({ text }) => text.trimEnd()),
    );
  });

  it("emits relative moves only, in the normal screen", () => {
    const desk = new Desk(30, 6);
    desk.type("some words that wrap over rows, and then some more");
    desk.print("a", "b");
    desk.resize(20);
    for (const sequence of desk.grid.sequences) {
      // oxlint-disable-next-line no-control-regex
      assert.match(sequence, /^\x1b(?:\[\d*[ABCKJ]|\[\?(?:7|25)[hl]|[78])$/);
    }
  });

  it("keeps every message and the typed text through any typing, arrivals and widths", () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constant("type" as const),
          text: fc.constantFrom("a", "word ", "漢字", "👨‍👩‍👧", "e\u0301", "\n", "long words ".repeat(9)),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ type: fc.constant("print" as const), rows: fc.integer({ min: 1, max: 4 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constant("press" as const),
          name: fc.constantFrom("left", "right", "home", "end", "up", "backspace", "word-left", "erase-word"),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant("resize" as const), columns: fc.integer({ min: 16, max: 90 }) }),
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 90 }), fc.array(step, { maxLength: 40 }), (columns, steps) => {
        const desk = new Desk(columns, 30);
        let printed = 0;
        for (const next of steps) {
          if (next.type === "type") desk.type(next.text);
          else if (next.type === "resize") desk.resize(next.columns);
          else if (next.type === "print") desk.print(...Array.from({ length: next.rows }, () => `msg ${printed++};`));
          else {
            desk.editor.apply({ type: "key", name: next.name as "left" });
            desk.screen.draw(desk.frame());
          }
          const text = desk.grid.text;
          const messages = text.filter((row) => row.startsWith("msg "));
          assert.deepEqual(
            messages,
            Array.from({ length: printed }, (_, i) => `msg ${i};`),
          );
          const frame = desk.frame();
          const first = desk.grid.cursor.row - frame.cursorRow;
          const rows = frame.rows.map((row) => row.text.trimEnd());
          assert.equal(text.slice(first).join("\n").trimEnd(), rows.join("\n").trimEnd());
          assert.deepEqual(desk.grid.cursor, { row: first + frame.cursorRow, column: frame.cursorColumn });
        }
        assert.equal(desk.grid.text.filter((row) => row.includes("›")).length <= 1, true);
      }),
      { numRuns: effort(150, 400) },
    );
  });
});

describe("terminalReflows", () => {
  it("believes tmux before what is around it, and knows who does not", () => {
    assert.equal(terminalReflows({ TERM: "xterm-256color" }), true);
    assert.equal(terminalReflows({ XTERM_VERSION: "XTerm(379)" }), false);
    assert.equal(terminalReflows({ XTERM_VERSION: "XTerm(379)", TMUX: "/tmp/tmux" }), true);
    assert.equal(terminalReflows({ TERM: "linux" }), false);
    assert.equal(terminalReflows({ STY: "1.pts" }), false);
  });
});

describe("layOutPrompt", () => {
  it("shows the rows around the cursor of a line taller than the screen", () => {
    const clusters = "abc\n".repeat(30).split("");
    const line = { prompt: "p ", paint: (text: string) => text, clusters, cursor: 60, show: (text: string) => text };
    const frame = layOutPrompt(line, 40, 6);
    assert.equal(frame.rows.length, 6);
    assert.ok(frame.cursorRow >= 0 && frame.cursorRow < 6);
  });

  it("never fills the last column, and has a written cell under the cursor", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 16, max: 60 }), (text, columns) => {
        const editor = new LineEditor();
        editor.apply({ type: "text", text });
        const { clusters, cursor } = editor;
        const frame = layOutPrompt({ prompt: "p ", paint: (t) => t, clusters, cursor, show: (t) => t }, columns, 99);
        for (const row of frame.rows) assert.ok(row.columns < columns);
        assert.ok(frame.cursorColumn < frame.rows[frame.cursorRow]!.columns);
      }),
    );
  });
});
