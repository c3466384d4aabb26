// List helpers of the hub's stores in memory.

import { toHex, toUtf8 } from "../core/bytes.ts";
import type { Page } from "./store.ts";

export function pageOf<Item>(
  items: readonly Item[],
  name: (item: Item) => string,
  { after, limit }: Page<string>,
): Item[] {
  return items
    .filter((item) => after === undefined || compare(name(item), after) > 0)
    .toSorted((one, other) => compare(name(one), name(other)))
    .slice(0, limit);
}

/** In the order of the code points, which is that of UTF-8; JavaScript's own is that of UTF-16. */
export function compare(one: string, other: string): number {
  const [a, b] = [toHex(toUtf8(one)), toHex(toUtf8(other))];
  return a < b ? -1 : a > b ? 1 : 0;
}
