// A terminal that has gone while the program ran. At its exit Node restores the modes of each terminal that it was
// started with, and aborts the whole process if the system refuses that (EIO); it leaves a closed one alone.

import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/** The descriptors of this process that are terminals now. */
export function ownTerminals(): readonly number[] {
  return [0, 1, 2].filter((fd) => isatty(fd));
}

/** Closes those of them that are none any more; for the last moment of the process. */
export function closeDeadTerminals(terminals: readonly number[]): void {
  for (const fd of terminals) {
    if (isatty(fd)) continue;
    try {
      closeSync(fd);
    } catch {
      // Closed already, which is what was wanted.
    }
  }
}
