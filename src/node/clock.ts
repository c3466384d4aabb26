// The machine's clock and timers.

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
