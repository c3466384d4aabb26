// The machine's clock and timers, for the programs and for every adapter.

import type { Clock } from "../app/ports.ts";
import { RELEASED_MS } from "../core/clock.ts";

/** The machine's. A wall clock that has not been set since its battery went empty says at least when this version was made. */
export const SYSTEM_CLOCK: Clock = {
  now: () => ({ monotonicMs: performance.now(), wallMs: Math.max(Date.now(), RELEASED_MS) }),
  setTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
  soon(action) {
    setImmediate(action);
  },
};

/** The same, with timers that do not keep a program alive: of a screen, which is no reason to go on. */
export const SCREEN_CLOCK: Clock = {
  ...SYSTEM_CLOCK,
  setTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
