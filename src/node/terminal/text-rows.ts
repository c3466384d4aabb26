// Lays text that has passed the sanitiser out in rows: hanging under its first letter, or as labels with values.
// Knows the width and how to paint, and nothing of what is said.

import type { BlockRow } from "./blocks.ts";
import { columnsAtMost, wrapText } from "./columns.ts";
import type { Paint } from "./style.ts";

/** However narrow the screen is, text gets this much. */
const MIN_TEXT_COLUMNS = 8;
const MIN_LABEL_COLUMNS = 11;

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
    const columns = this.#columns();
    if (columns === Number.POSITIVE_INFINITY) return text.split("\n");
    return wrapText(text, Math.max(MIN_TEXT_COLUMNS, columns - indent));
  }

  /** Text behind a mark, at `indent`; further rows hang under the first letter of the text. */
  hanging(mark: string, text: string, indent = 0, paint: Paint = plainPaint): string[] {
    const hang = indent + columnsAtMost(mark);
    const [first = "", ...more] = this.wrap(text, hang);
    return [" ".repeat(indent) + paint(mark + first), ...more.map((row) => " ".repeat(hang) + paint(row))];
  }

  /** Labels in one column, their values in the next. */
  block(rows: readonly BlockRow[]): string[] {
    const labelled = Math.max(0, ...rows.map((row) => columnsAtMost(row.label)));
    const labelColumns = labelled === 0 ? 0 : Math.max(MIN_LABEL_COLUMNS, labelled + 2);
    const indent = 2 + labelColumns;
    return rows.flatMap((row) => {
      const label = `  ${this.#paintLabel(row.label)}${" ".repeat(labelColumns - columnsAtMost(row.label))}`;
      const [first = "", ...more] = this.wrap(row.value, indent);
      return [(label + first).trimEnd(), ...more.map((line) => " ".repeat(indent) + line)];
    });
  }
}

/** Text as it is. */
export function plainPaint(text: string): string {
  return text;
}
