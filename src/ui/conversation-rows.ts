// The conversation in columns of time, name and text, with the text always indented, so that nothing in it can look
// like a line of the program; and the date wherever the day changes. Knows no events; all its input has passed the
// sanitiser.

import { columnsAtMost } from "./columns.ts";
import { calendarDate, clockTime, startOfDay } from "./phrases.ts";
import type { Paint, Style } from "./style.ts";
import { type TextRows, plainPaint } from "./text-rows.ts";

/** A message may have 16,384 lines; more rows than this would scroll everything else away, and take long to lay out. */
export const MAX_ROWS = 200;

export const TIME_COLUMNS = "14:03  ".length;

interface ConversationOptions {
  readonly style: Style;
  readonly layout: TextRows;
  readonly columns: () => number;
  readonly nowMs: () => number;
  /** For one message on a screen; 200 by default, and all without a screen. */
  readonly maxRows?: number;
}

/** One message. */
export interface SpokenLine {
  /** What stands between the time and the name, dim. */
  readonly mark?: string;
  /** "you", or the peer's short name. */
  readonly who: string;
  readonly paint: Paint;
  /** The sender's claim. */
  readonly atMs: number;
  readonly text: string;
}

/** The style of earlier lines. */
export interface KeptLook {
  /** Where the rest of a long text can be read. */
  readonly where?: string;
  /** Of the text as well. */
  readonly dims?: boolean;
  /** Marks the search words. */
  readonly highlight?: (text: string) => string;
}

export class ConversationRows {
  readonly #options: ConversationOptions;
  readonly #style: Style;
  /** The day of the previous row; a time without a date is taken for this day. */
  #day: number;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#style = options.style;
    this.#day = startOfDay(options.nowMs());
  }

  /** A line that arrives now: it may have waited since yesterday. `peerName`: the short one (`row-names.ts`). */
  said(line: SpokenLine, peerName: string, look: KeptLook = {}): string[] {
    return this.#dated(line, peerName, look);
  }

  /** The rows of a line without a date, as they were or as they are from now on. */
  undated(line: SpokenLine, peerName: string, look: KeptLook = {}): string[] {
    return this.#row({ ...line, atMs: this.#plausible(line.atMs) }, peerName, look);
  }

  /** Earlier lines, oldest first. */
  kept(lines: readonly SpokenLine[], peerName: string, look: KeptLook = {}): string[] {
    return lines.flatMap((line) => this.#dated(line, peerName, { where: "; export FILE has all of it", ...look }));
  }

  /**
   * The date appears wherever it changes, forward or back. A peer with invented times gets one more row for each line.
   */
  #dated(line: SpokenLine, peerName: string, look: KeptLook): string[] {
    const atMs = this.#plausible(line.atMs);
    const date = startOfDay(atMs) === this.#day ? [] : this.#date(atMs);
    return [...date, ...this.#row({ ...line, atMs }, peerName, look)];
  }

  #row({ mark, who, paint, atMs, text }: SpokenLine, peerName: string, look: KeptLook): string[] {
    const { dims } = look;
    const { dim } = this.#style;
    const nameColumns = Math.max("you".length, columnsAtMost(peerName));
    const padding = " ".repeat(nameColumns - columnsAtMost(who) + 2);
    const number = mark === undefined ? "" : `${dim(mark)}  `;
    const head = `${dim(clockTime(atMs))}  ${number}${dims === true ? dim(who) : paint(who)}${padding}`;
    const indent = TIME_COLUMNS + (mark === undefined ? 0 : columnsAtMost(mark) + 2) + nameColumns + 2;
    const paintText = dims === true ? dim : plainPaint;
    const [first = "", ...more] = this.#wrap(text, indent, look);
    return [head + paintText(first), ...more.map((row) => " ".repeat(indent) + paintText(row))];
  }

  /** Marks that take space are put into the text before it is broken into rows, colours into the rows. */
  #wrap(text: string, indent: number, { highlight = plainPaint, where }: KeptLook): string[] {
    const { layout } = this.#options;
    if (this.#style.isPlain) return layout.wrapAtMost(highlight(text), indent, this.#maxRows, where);
    return layout.wrapAtMost(text, indent, this.#maxRows, where).map((row) => highlight(row));
  }

  /** A file gets everything. */
  get #maxRows(): number {
    const { maxRows, columns } = this.#options;
    return maxRows ?? (columns() === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : MAX_ROWS);
  }

  #date(atMs: number): string[] {
    this.#day = startOfDay(atMs);
    return this.#options.layout.hanging(`${this.#style.dot} `, calendarDate(atMs), TIME_COLUMNS, this.#style.dim);
  }

  /** The time is the sender's claim: a future or invalid time is not shown. */
  #plausible(atMs: number): number {
    const now = this.#options.nowMs();
    return Number.isFinite(atMs) && atMs >= 0 && atMs <= now ? atMs : now;
  }
}
