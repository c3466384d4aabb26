// What outlives a session, and perhaps the program: the store of the delivery, and the history beside it.

import type { History } from "../core/chat/history.ts";
import type { Store } from "../core/delivery/store.ts";

export interface Persistence {
  readonly store: Store;
  /** Undefined with --no-store. */
  readonly history: History | undefined;
  /** Whether it outlives the program. */
  readonly isLasting: boolean;
  close(): void;
}
