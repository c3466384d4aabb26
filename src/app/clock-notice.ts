// A clock that cannot be right, for example on a machine that has not set its time since it started.

import { RELEASED_MS } from "../core/channel/index.ts";
import type { ProgramEvent } from "./events.ts";

/** What to tell the user if the clock shows a time before this version was released; otherwise undefined. */
export function clockNotice(nowMs: number): ProgramEvent | undefined {
  if (nowMs >= RELEASED_MS) return undefined;
  const [now, released] = [nowMs, RELEASED_MS].map((ms) => new Date(ms).toISOString().slice(0, 10));
  return {
    type: "notice",
    text: `This machine's clock says ${now}, but this version of Lair was released on ${released}. Set the clock; until then, times are wrong.`,
  };
}
