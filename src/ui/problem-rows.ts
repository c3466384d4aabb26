// The rows of a problem: one line says what happened, one says what to do, with the technical name at the end; details to
// compare are in between. Pure; everything has passed the sanitiser.

import type { Paint } from "./style.ts";
import type { TextRows } from "./text-rows.ts";

interface SafeProblem {
  readonly message: string;
  readonly details: readonly string[];
  /** In one line. */
  readonly hint: string | undefined;
  readonly code: string;
}

export function problemRows({ message, details, hint, code }: SafeProblem, layout: TextRows, warn: Paint): string[] {
  const [happened = "", ...more] = message.split("\n");
  const all = [...more, ...details];
  const name = `[${code}]`;
  const advice = hint === undefined ? [] : [`${hint} ${name}`];
  const isShort = advice.length === 0 && all.length === 0;
  return [
    ...layout.hanging("", isShort ? `${happened} ${name}` : happened, 0, warn),
    // Indented in any case: a name in them must not look like a line of the program.
    ...all.flatMap((detail) => layout.hanging("", detail.trimStart(), 2)),
    ...(advice.length > 0 || isShort ? advice : [name]).flatMap((line) => layout.hanging("", line)),
  ];
}
