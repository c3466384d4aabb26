// A clock that stands still until a test moves it, and that can be waited for.

import { setImmediate as nextTurn } from "node:timers/promises";
import { ManualClock } from "../manual-clock.ts";

export class FakeClock extends ManualClock {
  /** Waits until so many timers are set: one for each client that was accepted and has not authenticated, for example. */
  async waits(timers: number): Promise<void> {
    while (this.pending.length < timers) await nextTurn();
  }
}
