// Lays out sanitised text in rows: indented under its first letter, or as labels with values. Knows the width and how
// to paint, and nothing about the content.

import { columnsAtMost, graphemes } from "./columns.ts";
import type { Paint } from "./style.ts";
import { wrapText } from "./wrap.ts";

/** The minimum of columns for text on a narrow screen. */
const MIN_TEXT_COLUMNS = 8;
const MIN_LABEL_COLUMNS = 11;

/** A label, dim, and its value; without a label the value continues the one above. */
export interface BlockRow {
  readonly label: string;
  readonly value: string;
}

export class TextRows {
  readonly #columns: () => number;
  readonly #paintLabel: Paint;

  /** `columns`: the width to wrap at; Infinity leaves lines whole. */
  constructor(columns: () => number, paintLabel: Paint) {
    this.#columns = columns;
    this.#paintLabel = paintLabel;
  }

  /** The text in rows that leave `indent` columns free; the caller fills these. */
  wrap(text: string, indent: number): string[] {
    return this.wrapAtMost(text, indent, Number.POSITIVE_INFINITY);
  }

  /** The same in `maxRows` of the screen; one more row says how much is missing, and `where` it can be read. */
  wrapAtMost(text: string, indent: number, maxRows: number, where = ""): string[] {
    const { rows, rest } = wrapText(text, Math.max(MIN_TEXT_COLUMNS, this.#columns() - indent), maxRows);
    return rest === "" ? [...rows] : [...rows, `[${restPhrase(rest)} not shown${where}]`];
  }

  /** Text after a mark, at `indent`; further rows are indented under the first letter of the text. */
  hanging(mark: string, text: string, indent = 0, paint: Paint = plainPaint): string[] {
    const hang = indent + columnsAtMost(mark);
    const [first = "", ...more] = this.wrap(text, hang);
    return [" ".repeat(indent) + paint(mark + first), ...more.map((row) => " ".repeat(hang) + paint(row))];
  }

  /** Labels in one column, their values in the next. */
  block(rows: readonly BlockRow[]): string[] {
    const indent = blockIndent(rows.map(({ label }) => label));
    const labelColumns = indent - 2;
    return rows.flatMap((row) => {
      const label = `  ${this.#paintLabel(row.label)}${" ".repeat(labelColumns - columnsAtMost(row.label))}`;
      const [first = "", ...more] = this.wrap(row.value, indent);
      return [(label + first).trimEnd(), ...more.map((line) => " ".repeat(indent) + line)];
    });
  }
}

function restPhrase(rest: string): string {
  const lines = rest.split("\n").length;
  if (lines > 1) return `${lines} more lines`;
  const count = graphemes(rest).length;
  return count === 1 ? "1 more character" : `${count} more characters`;
}

/** The column of the values in a block with these labels. */
export function blockIndent(labels: readonly string[]): number {
  const labelled = Math.max(0, ...labels.map((label) => columnsAtMost(label)));
  return 2 + (labelled === 0 ? 0 : Math.max(MIN_LABEL_COLUMNS, labelled + 2));
}

/** Text without a style. */
export function plainPaint(text: string): string {
  return text;
}
