// The machine's clock and timers, for the programs and for every adapter.

import type { Clock } from "../app/ports.ts";
import { RELEASED_MS } from "../core/clock.ts";

/** The wall clock as the machine has it, right or wrong, in milliseconds since 1970: for the ages of files. */
export function machineMs(): number {
  return Date.now();
}

/** The machine's clock. If the wall clock has lost its time, it shows at least the release date of this version. */
export const SYSTEM_CLOCK: Clock = {
  now: () => ({ monotonicMs: performance.now(), wallMs: Math.max(machineMs(), RELEASED_MS) }),
  setTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
  soon(action) {
    setImmediate(action);
  },
};

/** The wall clock of {@link SYSTEM_CLOCK}, in milliseconds since 1970. */
export function wallMs(): number {
  return SYSTEM_CLOCK.now().wallMs;
}

/** The same clock, with timers that do not keep the program running: for a screen. */
export const SCREEN_CLOCK: Clock = {
  ...SYSTEM_CLOCK,
  setTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
