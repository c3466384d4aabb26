// The bottom of a terminal: prints rows above the prompt and redraws the prompt, the line and the cursor below them.
// Moves only relative to the cursor, in the normal screen, and writes each update at once (ECMA-48, DEC private modes 7
// and 25). Knows neither events nor keys.

import type { Frame } from "../../ui/prompt-frame.ts";
import { heightOf } from "../../ui/wrap.ts";

/** What a screen needs of a terminal. */
export interface ScreenOutput {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
// While the prompt is drawn nothing may wrap: a terminal that draws an emoji wider than we count it would add rows.
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";
// Save the cursor, clear its row and all below it, restore. Not simply "clear below": done in the first cell of the
// screen, tmux takes that for a cleared screen and moves what was there, our prompt, into its history.
const CLEAR_FROM_HERE = "\x1b7\x1b[K\x1b[B\r\x1b[J\x1b8";
/**
 * What was drawn this shortly before we heard of a resize may have been drawn after it: a renewal of the keys alone
 * keeps us from hearing anything for 20 ms.
 */
const RESIZE_NEWS_MS = 50;

interface Drawn {
  readonly frame: Frame;
  readonly columns: number;
  readonly atMs: number;
}

interface ScreenOptions {
  /** Whether the terminal breaks rows anew when it is resized. Most do; xterm and screen don't. */
  readonly reflows: boolean;
  readonly nowMs: () => number;
}

export class Screen {
  readonly #output: ScreenOutput;
  readonly #options: ScreenOptions;
  #drawn: Drawn | undefined;
  /** When the first news of a new size since the last drawing came. */
  #resizedAtMs: number | undefined;
  /** Rows of the block printed last, while they are known to stand right above the prompt. */
  #lastRows = 0;

  constructor(output: ScreenOutput, options: ScreenOptions) {
    this.#output = output;
    this.#options = options;
  }

  get columns(): number {
    const columns = this.#output.columns;
    // 0 is what some pseudo-terminals say before anybody has told them.
    return columns === undefined || columns < 1 ? 80 : columns;
  }

  get rows(): number {
    const rows = this.#output.rows;
    return rows === undefined || rows < 1 ? 24 : rows;
  }

  /** The rows that a frame may take: the conversation stays in sight, and so does the row above the prompt. */
  get frameRows(): number {
    return Math.max(1, this.rows - 2);
  }

  /** Whether the block printed last can still be replaced: nothing was printed since, and no resize moved it. */
  get canReplace(): boolean {
    if (this.#drawn === undefined || this.#drawn.columns !== this.columns) return false;
    // What has left the screen at its top cannot be reached any more.
    return this.#lastRows > 0 && this.#lastRows + this.#drawn.frame.rows.length <= this.rows;
  }

  /** To be called at the first news of a new size, before anything is drawn in it. */
  noteResize(): void {
    this.#resizedAtMs ??= this.#options.nowMs();
  }

  /** Draws the prompt anew, where it is. */
  draw(frame: Frame): void {
    this.#update([], frame, 0);
  }

  /** Prints rows above the prompt. A row wider than the screen is left to the terminal to wrap. */
  print(rows: readonly string[], frame: Frame): void {
    this.#update(rows, frame, 0);
    this.#lastRows = this.#heightOf(rows);
  }

  /**
   * Prints rows in the place of the block printed last. Only while {@link canReplace}. As many of them as `count` says, from
   * the end, are what can be replaced next.
   */
  replaceLast(rows: readonly string[], frame: Frame, count = rows.length): void {
    const replaced = this.canReplace ? this.#lastRows : 0;
    this.#update(rows, frame, replaced);
    this.#lastRows = this.#heightOf(rows.slice(rows.length - count));
  }

  /** Takes the prompt off the screen; the cursor is left at the start of an empty row. */
  erase(): void {
    if (this.#drawn === undefined) return;
    const text = this.#toFrameStart() + CLEAR_FROM_HERE;
    this.#drawn = undefined;
    this.#lastRows = 0;
    this.#output.write(text + SHOW_CURSOR);
  }

  /** Forgets what was drawn: somebody else has written to the terminal since. */
  forget(): void {
    this.#drawn = undefined;
    this.#lastRows = 0;
  }

  /** The rows of the screen that a block takes; 0 where that is not known. */
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
    if (this.#drawn !== undefined && this.#drawn.columns !== columns) this.#lastRows = 0;
    this.#drawn = { frame, columns, atMs };
    this.#resizedAtMs = undefined;
    this.#output.write(text);
  }

  /** From the cursor to the first column of the first row of the frame. */
  #toFrameStart(): string {
    return this.#drawn === undefined ? "\r" : up(this.#rowsAboveCursor(this.#drawn)) + "\r";
  }

  #rowsAboveCursor({ frame, columns, atMs }: Drawn): number {
    const now = this.columns;
    if (now >= columns || !this.#options.reflows) return frame.cursorRow;
    // Too few rows leave a piece of the old prompt behind; too many would erase messages.
    if (this.#resizedAtMs !== undefined && this.#resizedAtMs - atMs < RESIZE_NEWS_MS) return frame.cursorRow;
    // Our rows end in hard line ends, so a narrower screen breaks each one by itself and a wider one joins none.
    let rows = Math.floor(frame.cursorColumn / now);
    for (const row of frame.rows.slice(0, frame.cursorRow)) rows += Math.max(1, Math.ceil(row.columns / now));
    return rows;
  }
}

/** Whether the terminal breaks rows anew on a resize. Inside tmux it is tmux that counts, whatever is around it. */
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
