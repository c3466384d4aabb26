// The bottom of a terminal: prints rows above the prompt and redraws the prompt, the line and the cursor below them.
// Moves only relative to the cursor, in the normal screen, and writes each update at once (ECMA-48, DEC private modes 7
// and 25). Knows neither events nor keys.

import type { Frame } from "../../ui/prompt-frame.ts";
import { heightOf, screenRowOf } from "../../ui/wrap.ts";

/** The part of a terminal that a screen uses. */
export interface ScreenOutput {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
// Nothing may wrap while the prompt is drawn: a terminal that draws an emoji wider than it was counted would add rows.
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";
// Save the cursor, clear its row and everything below, restore. A plain "clear below" in the first cell of the screen
// would not do: tmux takes it for a cleared screen and moves the old content, our prompt, into its history.
const CLEAR_FROM_HERE = "\x1b7\x1b[K\x1b[B\r\x1b[J\x1b8";
/**
 * Rows that were drawn shortly before the report of a resize may have been drawn after the resize itself: a rekey alone
 * can delay the report by 20 ms.
 */
const RESIZE_NEWS_MS = 50;

interface Drawn {
  readonly frame: Frame;
  readonly columns: number;
  readonly atMs: number;
}

/** Rows that were printed together. */
interface Block {
  /** Of a line that may change. */
  readonly id?: string;
  readonly rows: readonly string[];
}

/** Which of the rows of a block are a line that may change. */
interface LineInBlock {
  readonly id: string;
  readonly before: number;
  readonly count: number;
}

/** No screen has more. */
const MOST_BLOCKS = 300;

interface ScreenOptions {
  /** Whether the terminal rewraps rows when it is resized. Most do; xterm and screen do not. */
  readonly reflows: boolean;
  readonly nowMs: () => number;
}

export class Screen {
  readonly #output: ScreenOutput;
  readonly #options: ScreenOptions;
  #drawn: Drawn | undefined;
  /** When the first report of a new size since the last drawing came. */
  #resizedAtMs: number | undefined;
  /** The rows of the last printed block, while it is known to be directly above the prompt. */
  #lastRows = 0;
  /** The last rows above the prompt, without a gap, as long as no resize has moved them. */
  #blocks: Block[] = [];
  /** At least so many rows of the screen are above the prompt. */
  #above = 0;

  constructor(output: ScreenOutput, options: ScreenOptions) {
    this.#output = output;
    this.#options = options;
  }

  get columns(): number {
    const columns = this.#output.columns;
    // Some pseudo-terminals report 0 until their size is set.
    return columns === undefined || columns < 1 ? 80 : columns;
  }

  get rows(): number {
    const rows = this.#output.rows;
    return rows === undefined || rows < 1 ? 24 : rows;
  }

  /** The rows that a frame may take: the conversation stays visible, and so does the row above the prompt. */
  get frameRows(): number {
    return Math.max(1, this.rows - 2);
  }

  /** Whether the last printed block can still be replaced: nothing was printed since, and no resize moved it. */
  get canReplace(): boolean {
    if (this.#drawn === undefined || this.#drawn.columns !== this.columns) return false;
    // Rows that have left the screen at the top cannot be reached any more.
    return this.#lastRows > 0 && this.#lastRows <= this.#reach(this.#drawn.frame);
  }

  /** Call this at the first report of a new size, before anything is drawn in it. */
  noteResize(): void {
    this.#resizedAtMs ??= this.#options.nowMs();
    this.#above = 0;
  }

  /** Redraws the prompt where it is. */
  draw(frame: Frame): void {
    this.#update([], frame, 0);
  }

  /**
   * Prints rows above the prompt. The terminal wraps a row that is wider than the screen. `line`: those that {@link change}
   * may replace later.
   */
  print(rows: readonly string[], frame: Frame, line?: LineInBlock): void {
    this.#update(rows, frame, 0);
    this.#lastRows = this.#heightOf(rows);
    this.#remember(rows, line);
  }

  /** Whether the screen still has the rows of a line, at a place that can be reached. */
  has(id: string): boolean {
    return this.#from(id) !== undefined;
  }

  /** Prints rows in place of those of a line, and all that stands below them again. Only if it {@link has} the line. */
  change(id: string, rows: readonly string[], frame: Frame): void {
    const from = this.#from(id);
    if (from === undefined) return;
    const [changed, ...below] = this.#blocks.splice(from);
    const replaced = this.#heightOf([changed!, ...below].flatMap((block) => block.rows));
    this.#update([...rows, ...below.flatMap((block) => block.rows)], frame, replaced);
    this.#blocks.push({ id, rows }, ...below);
    this.#lastRows = this.#heightOf(this.#blocks.at(-1)!.rows);
  }

  /** The index of the block of a line that can be reached. */
  #from(id: string): number | undefined {
    const from = this.#blocks.findIndex((block) => block.id === id);
    if (from < 0 || this.#drawn === undefined || this.#drawn.columns !== this.columns) return undefined;
    const height = this.#heightOf(this.#blocks.slice(from).flatMap(({ rows }) => rows));
    return height > 0 && height <= this.#reach(this.#drawn.frame) ? from : undefined;
  }

  /** How many rows above the prompt the screen is known to have. */
  #reach(frame: Frame): number {
    return Math.min(this.#above, this.rows - frame.rows.length);
  }

  #remember(rows: readonly string[], line: LineInBlock | undefined): void {
    const { before, count } = line ?? { before: rows.length, count: 0 };
    const blocks: readonly Block[] = [
      { rows: rows.slice(0, before) },
      ...(line === undefined ? [] : [{ id: line.id, rows: rows.slice(before, before + count) }]),
      { rows: rows.slice(before + count) },
    ];
    this.#blocks.push(...blocks.filter((block) => block.rows.length > 0));
    if (this.#blocks.length > 2 * MOST_BLOCKS) this.#blocks.splice(0, MOST_BLOCKS);
  }

  /** The last blocks, of so many rows of the screen, are replaced. */
  #forgetLast(height: number): void {
    let left = height;
    while (left > 0 && this.#blocks.length > 0) left -= this.#heightOf(this.#blocks.pop()!.rows);
    if (left < 0) this.#blocks = [];
  }

  /**
   * Prints rows in place of the last printed block; only if {@link canReplace}. The last `count` of them are what can
   * be replaced next. `line`: which of those before them are a line that {@link change} may replace later.
   */
  replaceLast(rows: readonly string[], frame: Frame, count = rows.length, line?: LineInBlock): void {
    const replaced = this.canReplace ? this.#lastRows : 0;
    this.#update(rows, frame, replaced);
    const first = rows.length - count;
    this.#lastRows = this.#heightOf(rows.slice(first));
    this.#forgetLast(replaced);
    this.#remember(rows.slice(0, first), line);
    this.#remember(rows.slice(first), undefined);
  }

  /** Removes the prompt from the screen; the cursor is then at the start of an empty row. */
  erase(): void {
    if (this.#drawn === undefined) return;
    const text = this.#toFrameStart() + CLEAR_FROM_HERE;
    this.forget();
    this.#output.write(text + SHOW_CURSOR);
  }

  /** Forgets what was drawn: another program has written to the terminal since. */
  forget(): void {
    this.#drawn = undefined;
    this.#lastRows = 0;
    this.#blocks = [];
    this.#above = 0;
  }

  /** The rows of the screen that a block takes; 0 if that is not known. */
  #heightOf(rows: readonly string[]): number {
    let height = 0;
    for (const row of rows) {
      const taken = heightOf(row, this.columns);
      if (taken === undefined) return 0;
      height += taken;
    }
    return height;
  }

  #update(above: readonly string[], frame: Frame, replaced: number): void {
    const columns = this.columns;
    const atMs = this.#options.nowMs();
    let text = HIDE_CURSOR + this.#toFrameStart() + up(replaced) + CLEAR_FROM_HERE;
    for (const row of above) text += `${row}\r\n`;
    text += WRAP_OFF + frame.rows.map((row) => row.text).join("\r\n") + WRAP_ON;
    text += up(frame.rows.length - 1 - frame.cursorRow) + "\r" + right(frame.cursorColumn) + SHOW_CURSOR;
    if (this.#drawn !== undefined && this.#drawn.columns !== columns) {
      this.#lastRows = 0;
      this.#blocks = [];
      this.#above = 0;
    }
    // What is too much for the screen leaves it at the top.
    const printed = this.#above - replaced + this.#heightOf(above);
    this.#above = Math.max(0, Math.min(printed, this.rows - frame.rows.length));
    this.#drawn = { frame, columns, atMs };
    this.#resizedAtMs = undefined;
    this.#output.write(text);
  }

  /** Moves from the cursor to the first column of the first row of the frame. */
  #toFrameStart(): string {
    return this.#drawn === undefined ? "\r" : up(this.#rowsAboveCursor(this.#drawn)) + "\r";
  }

  #rowsAboveCursor({ frame, columns, atMs }: Drawn): number {
    const now = this.columns;
    if (now >= columns || !this.#options.reflows) return frame.cursorRow;
    // Too few rows leave a piece of the old prompt behind; too many would erase messages.
    if (this.#resizedAtMs !== undefined && this.#resizedAtMs - atMs < RESIZE_NEWS_MS) return frame.cursorRow;
    // Our rows end with hard line ends, so a narrower screen wraps each row by itself, and a wider one joins none.
    let rows = screenRowOf(frame.rows[frame.cursorRow]!.text, frame.cursorColumn, now);
    for (const { text } of frame.rows.slice(0, frame.cursorRow)) rows += screenRowOf(text, Infinity, now) + 1;
    return rows;
  }
}

/** Whether the terminal rewraps rows on a resize. Inside tmux only tmux matters, not the outer terminal. */
export function terminalReflows(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env["TMUX"] !== undefined) return true;
  return env["XTERM_VERSION"] === undefined && env["STY"] === undefined && env["TERM"] !== "linux";
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}

function right(columns: number): string {
  return columns > 0 ? `\x1b[${columns}C` : "";
}
