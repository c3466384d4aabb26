// A line that changes where it stands on the screen, and nothing else with it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Screen } from "../../../src/node/terminal/screen.ts";
import { LineEditor } from "../../../src/ui/line-editor.ts";
import { layOutPrompt } from "../../../src/ui/prompt-frame.ts";
import { effort } from "../../effort.ts";
import { Grid } from "./grid.ts";

class Desk {
  readonly grid: Grid;
  readonly screen: Screen;
  readonly editor = new LineEditor();

  constructor(columns: number, rows: number) {
    this.grid = new Grid(columns, rows);
    this.screen = new Screen(this.grid, { reflows: true, nowMs: () => 0 });
    this.screen.draw(this.frame());
  }

  frame(): ReturnType<typeof layOutPrompt> {
    const { clusters, cursor } = this.editor;
    const line = { prompt: "#ops ›  ", paint: (text: string) => text, clusters, cursor, show: (text: string) => text };
    return layOutPrompt(line, this.screen.columns, this.screen.frameRows);
  }

  print(...rows: string[]): void {
    this.screen.print(rows, this.frame());
  }

  /** A line of a room, with a row of the program in front and behind. */
  line(id: string, text: string): void {
    const rows = ["· before", text, "· behind"];
    this.screen.print(rows, this.frame(), { id, before: 1, count: 1 });
  }

  change(id: string, ...rows: string[]): void {
    this.screen.change(id, rows, this.frame());
  }
}

describe("a line on the screen", () => {
  it("changes where it stands, and everything below stays", () => {
    const desk = new Desk(40, 12);
    desk.line("1", "ada  one");
    desk.print("carol  two");
    desk.editor.apply({ type: "paste", text: "typed" });
    desk.change("1", "ada  one (edited)");
    const rows = ["· before", "ada  one (edited)", "· behind", "carol  two", "#ops ›  typed"];
    assert.deepEqual(desk.grid.text, rows);
    assert.deepEqual(desk.grid.cursor, { row: 4, column: 13 });
  });

  it("may become longer or shorter, and change again", () => {
    const desk = new Desk(20, 12);
    desk.line("1", "ada  one");
    desk.print("carol  two");
    desk.change("1", "ada  one", "     and more", "     and more");
    desk.change("1", "ada  (deleted)");
    assert.deepEqual(desk.grid.text, ["· before", "ada  (deleted)", "· behind", "carol  two", "#ops ›"]);
  });

  it("is out of reach once it has left the screen, after a resize, and after another program wrote", () => {
    const desk = new Desk(40, 6);
    desk.line("1", "ada  one");
    assert.equal(desk.screen.has("1"), true);
    assert.equal(desk.screen.has("2"), false);
    for (let i = 0; i < 5; i++) desk.print(`row ${i}`);
    assert.equal(desk.screen.has("1"), false);
    for (const leave of [
      (other: Desk) => other.grid.resize(30),
      (other: Desk) => other.screen.erase(),
      (other: Desk) => other.screen.forget(),
    ]) {
      const other = new Desk(40, 10);
      other.line("1", "ada  one");
      leave(other);
      other.print("carol  two");
      assert.equal(other.screen.has("1"), false);
      other.change("1", "nothing");
      assert.ok(!other.grid.text.includes("nothing"));
    }
  });

  it("is out of reach once rows have left the screen, although the prompt has moved up since", () => {
    const desk = new Desk(40, 8);
    desk.screen.print(["ada  one", "     two", "     three"], desk.frame(), { id: "1", before: 0, count: 3 });
    for (const row of ["a", "b", "c"]) desk.print(row);
    desk.print("d", "e");
    desk.screen.replaceLast(["f"], desk.frame());
    assert.equal(desk.screen.has("1"), false);
    desk.change("1", "ada  1");
    assert.deepEqual(desk.grid.text, ["ada  one", "     two", "     three", "a", "b", "c", "f", "#ops ›"]);
  });

  it("leaves what can be replaced as it was", () => {
    const desk = new Desk(40, 12);
    desk.line("1", "ada  one");
    desk.print("keys renewed");
    desk.change("1", "ada  1");
    desk.screen.replaceLast(["keys renewed (2)"], desk.frame());
    desk.screen.replaceLast(["ben  two", "no answer"], desk.frame(), 1, { id: "2", before: 0, count: 1 });
    desk.change("2", "ben  2");
    desk.screen.replaceLast(["no answer (2)"], desk.frame());
    assert.deepEqual(desk.grid.text, ["· before", "ada  1", "· behind", "ben  2", "no answer (2)", "#ops ›"]);
  });

  it("shows the latest text of each, whatever is printed and replaced between, or is out of reach", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("line" as const), height: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ type: fc.constant("print" as const), height: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ type: fc.constant("change" as const), which: fc.nat(), height: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ type: fc.constant("replace" as const), height: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 20 }), fc.array(step, { maxLength: 40 }), (rows, steps) => {
        const desk = new Desk(30, rows);
        /** What a screen without an end would have. */
        const blocks: { id?: string; rows: readonly string[] }[] = [];
        let count = 0;
        const fresh = (height: number): string[] => Array.from({ length: height }, () => `row ${count++}`);
        for (const next of steps) {
          const made = fresh(next.height);
          const ids = blocks.flatMap(({ id }) => id ?? []);
          if (next.type === "line") {
            const id = String(count++);
            desk.screen.print(made, desk.frame(), { id, before: 0, count: made.length });
            blocks.push({ id, rows: made });
          } else if (next.type === "print") {
            desk.print(...made);
            blocks.push({ rows: made });
          } else if (next.type === "replace") {
            const before = desk.screen.canReplace;
            desk.screen.replaceLast(made, desk.frame());
            if (before) blocks.pop();
            blocks.push({ rows: made });
          } else if (ids.length > 0) {
            const id = ids[next.which % ids.length]!;
            const at = blocks.findIndex((block) => block.id === id);
            if (desk.screen.has(id)) blocks[at] = { id, rows: made };
            desk.change(id, ...made);
          }
        }
        assert.deepEqual(desk.grid.text, [...blocks.flatMap((block) => block.rows), "#ops ›"]);
      }),
      { numRuns: effort(100, 300) },
    );
  });
});
