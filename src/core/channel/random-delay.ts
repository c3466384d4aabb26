// The random delay before a rekey (docs/PROTOCOL.md §8.3): uniform on a closed interval, by rejection, from a CSPRNG.

import { readU32 } from "../bytes.ts";
import type { RandomSource } from "../noise/suite.ts";

/** A whole number of milliseconds, each from `minMs` to `maxMs` (both included) equally likely. Throws RangeError. */
export function drawDelayMs(minMs: number, maxMs: number, random: RandomSource): number {
  const count = maxMs - minMs + 1;
  if (!Number.isInteger(minMs) || !Number.isInteger(count) || count < 1 || count > 2 ** 32) {
    throw new RangeError("drawDelayMs: not an interval of whole milliseconds");
  }
  // A plain modulo would favour small delays; a value above the last whole multiple of `count` is drawn again.
  const limit = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const value = readU32(random(4), 0);
    if (value < limit) return minMs + (value % count);
  }
}
