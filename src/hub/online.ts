// A connected member: the connection, and what others see of it. One key has one of these at a time.

import type { SparseMap } from "../core/sparse-map.ts";
import type { EndedBy, LoggedPerson } from "./events.ts";
import type { Caller } from "./handlers.ts";
import type { Outbox } from "./outbox.ts";

/** A session's way back to its member. */
export interface HubConnection {
  /** Whether its program reads news that carry an entry. */
  readonly readsEntries?: boolean;
  /**
   * Sends one piece of news. A promise resolves once more may be sent: until then the hub keeps what there is to say. Without a
   * promise the next may follow at once.
   */
  news(bytes: Uint8Array): Promise<void> | void;
  /** The hub wants nothing more of this session. `leave` may follow or not. */
  end(why: EndedBy): void;
}

export interface Online extends Caller {
  readonly logged: LoggedPerson;
  readonly connection: HubConnection;
  readonly outbox: Outbox;
  /** The rooms where it sits, by id in hex. */
  readonly rooms: Set<string>;
  /** By id in hex: up to which entry this session was given everything, in answers and news. Absent: it has not read yet. */
  readonly given: SparseMap<string, number>;
  /** Whether the others in its rooms have been told that it is there. */
  shown: "untold" | "told";
  /** What this session has said of that. */
  visibility: "unsaid" | "visible" | "invisible";
}
