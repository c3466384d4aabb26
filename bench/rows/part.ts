// A part of the table: measures that share what has to be started for them.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Measure } from "../measures.ts";

/** What a part is given. */
export interface Table {
  readonly suite: string;
  /** Where the stores lie. */
  readonly disk: string;
  /** How many idle sessions. */
  readonly sessions: number;
  isWanted(key: string): boolean;
  /** Says why something is left out. */
  skip(reason: string): void;
  /** Makes the rows of a measure, if it is wanted. */
  measure(measure: Measure): Promise<void>;
}

export interface Part {
  readonly keys: readonly string[];
  run(table: Table): Promise<void>;
}

/** The result of `work`, with a new directory on that disk, which is gone afterwards. */
export async function inNewDirectory<Result>(disk: string, work: (path: string) => Promise<Result>): Promise<Result> {
  const path = mkdtempSync(join(disk, "lair-bench-"));
  try {
    return await work(path);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
