// What may be used a number of times, each time by another key: an invite, or a link of a room.

import type { Use } from "../../../hub/store.ts";
import type { Row } from "../row.ts";

/** How the tables are asked. */
interface UsableTable {
  /** uses, expires_ms; undefined: there is none. */
  find(): Row | undefined;
  hasUsed(): boolean;
  /** One use less, by this key. */
  count(): void;
}

export function useOf(table: UsableTable, nowMs: number): Use {
  const found = table.find();
  if (found === undefined) return "unknown";
  if (table.hasUsed()) return "used";
  if (found.whole(1) <= nowMs) return "expired";
  if (found.whole(0) < 1) return "spent";
  table.count();
  return "used";
}
