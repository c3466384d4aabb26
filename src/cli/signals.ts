// Signals that end a program in order, and a terminal that goes away under one that is to outlive it (docs/usage.md, "As
// a service"). Knows neither sessions nor frontends.

import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/** For whatever still waits when a program was told twice to end, such as output that nobody reads. */
const AT_ONCE_MS = 300;

/** Looked at once, at the start: later the terminal or the parent may have gone. */
const outlivesTerminal = isHangUpIgnored([0, 1, 2].some(isatty), statusOf(process.ppid));

/**
 * Whether SIGHUP is to end nothing: no stream is a terminal, as after nohup, or the parent of the program ignores it.
 * Node has reset what was inherited before a program can see it, so its parent is looked at: `parentStatus` is
 * /proc/PID/status of it, where there is one.
 */
export function isHangUpIgnored(hasTerminal: boolean, parentStatus: string | undefined): boolean {
  const lowest = /^SigIgn:\s*[0-9a-f]*([0-9a-f])$/m.exec(parentStatus ?? "")?.[1] ?? "0";
  // Signal 1 is the lowest bit.
  return !hasTerminal || Number.parseInt(lowest, 16) % 2 === 1;
}

/** From the beginning on, not only once there is something to end in order. */
export function ignoreHangUp(): void {
  if (outlivesTerminal) process.on("SIGHUP", () => {});
}

/** Signals ask for an orderly end; a second one gets it at once. 128 + the signal's number is the exit code. */
export function onSignals(interrupt: (code: number) => void): void {
  let isRepeated = false;
  const onSignal = (code: number): void => {
    interrupt(code);
    if (isRepeated) setTimeout(() => process.exit(code), AT_ONCE_MS);
    isRepeated = true;
  };
  process.on("SIGINT", () => onSignal(130));
  process.on("SIGTERM", () => onSignal(143));
  if (!outlivesTerminal) process.on("SIGHUP", () => onSignal(129));
}

function statusOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // Not Linux, or in a container of its own.
    return undefined;
  }
}
