// A small terminal for tests: a grid with history, automatic wrapping as in xterm, reflow on resize as in tmux, and
// the few sequences that the screen emits. Anything else throws, so that nothing new goes unnoticed.

import { columnsOf, graphemes } from "../../../src/ui/columns.ts";

interface Cell {
  /** Undefined: never written, or cleared. An empty text is the right half of a wide character. */
  readonly text: string | undefined;
}
interface Row {
  cells: Cell[];
  wrapped: boolean;
}

const EMPTY: Cell = { text: undefined };

export class Grid {
  columns: number;
  rows: number;
  readonly sequences = new Set<string>();
  writes = 0;
  cursorShown = true;
  #lines: Row[] = [{ cells: [], wrapped: false }];
  #top = 0;
  #x = 0;
  #y = 0;
  #wrapNext = false;
  #autoWrap = true;
  #saved = { x: 0, y: 0 };

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Every row from the beginning of the history down to the cursor or the last one that holds something. */
  get text(): string[] {
    const rows = this.#lines.map((row) => rowText(row));
    return rows.slice(
      0,
      Math.max(
        this.cursor.row,
        rows.findLastIndex((row) => row !== ""),
      ) + 1,
    );
  }

  get cursor(): { row: number; column: number } {
    return { row: this.#top + this.#y, column: this.#x };
  }

  write(text: string): void {
    this.writes += 1;
    let rest = text;
    while (rest !== "") {
      // oxlint-disable-next-line no-control-regex
      const sequence = /^\x1b(?:\[(\??)([0-9;]*)([A-Za-z])|([78]))/.exec(rest);
      if (sequence !== null) {
        this.sequences.add(sequence[0]);
        this.#control(sequence[1]!, sequence[2]!, sequence[3] ?? sequence[4]!);
        rest = rest.slice(sequence[0].length);
        continue;
      }
      // oxlint-disable-next-line no-control-regex
      const plain = /^[^\x00-\x1f]+/.exec(rest)?.[0];
      if (plain !== undefined) {
        for (const cluster of graphemes(plain)) this.#put(cluster);
        rest = rest.slice(plain.length);
        continue;
      }
      if (rest[0] === "\r") this.#moveTo(0, this.#y);
      else if (rest[0] === "\n") this.#lineFeed();
      else if (rest[0] === "\b") this.#moveTo(this.#x - 1, this.#y);
      else throw new Error(`unexpected ${JSON.stringify(rest.slice(0, 10))}`);
      rest = rest.slice(1);
    }
  }

  /** Changes the width; soft-wrapped rows are joined and broken anew, the cursor stays with its cell. */
  resize(columns: number): void {
    const cursorLine = this.#top + this.#y;
    const broken: Row[] = [];
    let cursor = { line: 0, x: 0 };
    let start = 0;
    while (start < this.#lines.length) {
      let end = start;
      while (this.#lines[end]!.wrapped) end += 1;
      const whole = this.#lines.slice(start, end + 1).flatMap((row) => row.cells);
      let offset = -1;
      if (cursorLine >= start && cursorLine <= end) {
        offset = this.#x;
        for (let i = start; i < cursorLine; i++) offset += this.#lines[i]!.cells.length;
      }
      let row: Row = { cells: [], wrapped: false };
      broken.push(row);
      for (let i = 0; i < Math.max(whole.length, offset + 1); i++) {
        const wide = whole[i + 1]?.text === "";
        if (i < whole.length && row.cells.length + (wide ? 2 : 1) > columns) {
          row.wrapped = true;
          row = { cells: [], wrapped: false };
          broken.push(row);
        }
        if (i === offset) cursor = { line: broken.length - 1, x: Math.min(row.cells.length, columns - 1) };
        if (i < whole.length) row.cells.push(whole[i]!);
      }
      start = end + 1;
    }
    this.#lines = broken;
    this.columns = columns;
    this.#top = Math.max(0, broken.length - this.rows, Math.min(this.#top, cursor.line));
    if (cursor.line < this.#top) this.#top = cursor.line;
    this.#lines.length = Math.min(this.#lines.length, this.#top + this.rows);
    this.#moveTo(cursor.x, cursor.line - this.#top);
  }

  #row(): Row {
    const index = this.#top + this.#y;
    while (this.#lines.length <= index) this.#lines.push({ cells: [], wrapped: false });
    return this.#lines[index]!;
  }

  #moveTo(x: number, y: number): void {
    this.#x = Math.max(0, Math.min(this.columns - 1, x));
    this.#y = Math.max(0, Math.min(this.rows - 1, y));
    this.#wrapNext = false;
    this.#row();
  }

  #lineFeed(): void {
    if (this.#y === this.rows - 1) this.#top += 1;
    else this.#y += 1;
    this.#wrapNext = false;
    this.#row();
  }

  #put(cluster: string): void {
    const width = columnsOf(cluster);
    if (this.#wrapNext || (this.#autoWrap && this.#x + width > this.columns)) {
      this.#row().wrapped = true;
      this.#lineFeed();
      this.#x = 0;
    }
    const x = Math.min(this.#x, this.columns - width);
    const { cells } = this.#row();
    while (cells.length < x) cells.push(EMPTY);
    cells.splice(x, width, { text: cluster }, ...Array.from({ length: width - 1 }, () => ({ text: "" })));
    const next = x + width;
    this.#wrapNext = this.#autoWrap && next >= this.columns;
    this.#x = Math.min(next, this.columns - 1);
  }

  #control(mark: string, parameters: string, final: string): void {
    const count = Math.max(1, Number(parameters));
    if (mark === "?") {
      if (parameters === "7") this.#autoWrap = final === "h";
      else if (parameters === "25") this.cursorShown = final === "h";
      else if (parameters !== "2004") throw new Error(`unexpected mode ${parameters}`);
      return;
    }
    if (final === "A") this.#moveTo(this.#x, this.#y - count);
    else if (final === "B") this.#moveTo(this.#x, this.#y + count);
    else if (final === "C") this.#moveTo(this.#x + count, this.#y);
    else if (final === "K") this.#clearRow();
    else if (final === "J") {
      this.#clearRow();
      this.#lines.length = this.#top + this.#y + 1;
    } else if (final === "7") this.#saved = { x: this.#x, y: this.#y };
    else if (final === "8") this.#moveTo(this.#saved.x, this.#saved.y);
    else if (final !== "m") throw new Error(`unexpected sequence ${parameters}${final}`);
  }

  #clearRow(): void {
    const row = this.#row();
    row.cells.length = Math.min(row.cells.length, this.#x);
    row.wrapped = false;
  }
}

function rowText(row: Row): string {
  return row.cells
    .map((cell) => cell.text ?? " ")
    .join("")
    .trimEnd();
}
