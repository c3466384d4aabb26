// What survives a session, and perhaps the program: the store of the delivery, the history, the pairings, and the rooms.

import type { History } from "../core/chat/history.ts";
import type { Store } from "../core/delivery/store.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import type { Receipts } from "./receipts.ts";
import type { RoomStore } from "./rooms/room-store.ts";

export interface Persistence {
  readonly store: Store;
  /** Undefined with --no-store. */
  readonly history: History | undefined;
  /** Which calls of an API have said something. Absent: nothing survives the program. */
  readonly receipts?: Receipts;
  readonly pairings: Pairings;
  /**
   * The store of the rooms, loaded when it is first asked for, and the same one each time. It ends with {@link close}.
   * Absent: there are none. Throws LairError store-*.
   */
  readonly rooms?: () => Promise<RoomStore>;
  /** Whether another program has removed this peer since it was read. Absent: no other program can. */
  readonly isForgotten?: (publicKey: Uint8Array) => boolean;
  /** Whether store and history survive the program. */
  readonly isLasting: boolean;
  /** Calls back with what the user should know about it: at once with what is already known, later with more. */
  onNotice(tell: (text: string) => void): void;
  close(): void;
}
