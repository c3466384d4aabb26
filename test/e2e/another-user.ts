// Somebody else of the machine, as whom root starts a program: modes do not stop root.

import { statSync } from "node:fs";
import { dirname } from "node:path";

/** The number of "nobody" nearly everywhere. */
export const NOBODY = 65_534;

export const isRoot = process.geteuid?.() === 0;

/** Whether every directory on the way to a path lets others through. */
export function isReadableByAll(path: string): boolean {
  const above = dirname(path);
  return (statSync(path).mode & 0o005) === 0o005 && (above === path || isReadableByAll(above));
}
