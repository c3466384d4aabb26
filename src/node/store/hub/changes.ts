// What the rows of a hub's store are changed by.

import type { News } from "../../../hub/store.ts";

/** What a change does, and whom it concerns. */
export interface Changes {
  /**
   * The result of `work` once it is on the disk with all that was asked for in this turn. What it tells is told then. Throws
   * LairError store-*; then none of it is there.
   */
  make<Result>(work: (tell: (news: News) => void) => Result): Promise<Result>;
}
