// Lays out the prompt and the line being typed as rows of a screen, with the position of the cursor. Pure; knows no
// terminal. Rows are broken here, not by the terminal, so that their number is always known.

import { columnsOf, fitColumns } from "./columns.ts";

interface FrameRow {
  readonly text: string;
  /** Columns in use, including the blank under the cursor. */
  readonly columns: number;
}

/** The content at the bottom of the screen; never empty. */
export interface Frame {
  readonly rows: readonly FrameRow[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

interface PromptLine {
  /** The prompt with its trailing blanks. */
  readonly prompt: string;
  readonly paint: (text: string) => string;
  readonly clusters: readonly string[];
  /** Index into `clusters`. */
  readonly cursor: number;
  /** The displayable form of one grapheme, at its index in `clusters`. */
  readonly show: (cluster: string, index: number) => string;
}

const INDENT = 2;
/** A terminal may be narrower than anything that fits. */
const MIN_COLUMNS = 8;

/** Whether a prompt shows all of a name on a screen `columns` wide, with its mark and a blank on each side. */
export function promptHolds(name: string, columns: number): boolean {
  return columnsOf(name) + " >  ".length <= mostOfPrompt(columns);
}

/** The columns of the longest prompt. */
function mostOfPrompt(columns: number): number {
  return Math.floor(limitOf(columns) / 2);
}

/** One column for the cursor after the last character, and one that stays free, so that nothing ever wraps. */
function limitOf(columns: number): number {
  return Math.max(columns, MIN_COLUMNS) - 2;
}

/** At most `maxRows` rows of a screen `columns` wide: those around the cursor, if the line is longer. */
export function layOutPrompt(line: PromptLine, columns: number, maxRows: number): Frame {
  const limit = limitOf(columns);
  const most = mostOfPrompt(columns);
  const prompt = columnsOf(line.prompt) > most ? fitColumns(line.prompt, most, "> ") : line.prompt;
  const rows: { text: string; columns: number }[] = [{ text: line.paint(prompt), columns: columnsOf(prompt) }];
  let row = rows[0]!;
  let cursor = { row: 0, column: row.columns };
  const startRow = (): void => {
    row = { text: " ".repeat(INDENT), columns: INDENT };
    rows.push(row);
  };
  line.clusters.forEach((cluster, index) => {
    const shown = cluster === "\n" ? "" : line.show(cluster, index);
    const width = columnsOf(shown);
    if (row.columns + width > limit) startRow();
    if (index === line.cursor) cursor = { row: rows.length - 1, column: row.columns };
    row.text += shown;
    row.columns += width;
    if (cluster === "\n") startRow();
  });
  if (line.cursor >= line.clusters.length) cursor = { row: rows.length - 1, column: row.columns };
  const under = rows[cursor.row]!;
  // The cursor is on a cell that was written: terminals that reflow on a resize move it together with its cell.
  if (cursor.column === under.columns) {
    under.text += " ";
    under.columns += 1;
  }
  const shownRows = Math.max(1, maxRows);
  const start = Math.max(0, Math.min(cursor.row - Math.floor(shownRows / 2), rows.length - shownRows));
  return {
    rows: rows.slice(start, start + shownRows),
    cursorRow: cursor.row - start,
    cursorColumn: cursor.column,
  };
}
