// Handles a terminal that has gone away while the program ran. When Node exits, it restores the modes of each terminal
// that it was started with, and aborts the process if the system refuses (EIO). It skips a closed one.

import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/** The descriptors of this process that are terminals now. */
export function ownTerminals(): readonly number[] {
  return [0, 1, 2].filter((fd) => isatty(fd));
}

/** Closes the descriptors that are no longer terminals; for the last moment of the process. */
export function closeDeadTerminals(terminals: readonly number[]): void {
  for (const fd of terminals) {
    if (isatty(fd)) continue;
    try {
      closeSync(fd);
    } catch {
      // It is closed already, as wanted.
    }
  }
}
