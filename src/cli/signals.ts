// Signals that end a program in an orderly way, and a terminal that closes while a program should survive it
// (docs/usage.md, "As a service"). Knows neither sessions nor frontends.

import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/** The limit for pending work once a program was told twice to end, such as output that nobody reads. */
const AT_ONCE_MS = 300;

/** Checked once, at the start: later the terminal or the parent may be gone. */
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

/** From the beginning, not only once there is something to end in order. */
export function ignoreHangUp(): void {
  if (outlivesTerminal) process.on("SIGHUP", () => {});
}

/** A signal asks for an orderly end; a second one ends at once. The exit code is 128 + the signal's number. */
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
