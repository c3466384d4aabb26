// The rooms of a program, at all its hubs: what the messenger and the programs use. Loaded when the first hub is met, with
// everything that it stands on; a program without a hub loads none of it.

import type { Peer } from "../../core/identity/peer.ts";
import type { Transfer } from "../../core/transfers/pieces.ts";
import type { RoomCommand } from "./room-commands.ts";
import type { RoomsLook } from "./room-look.ts";
import type { RoomReport } from "./room-reports.ts";

/** The rooms of a program. No call throws unless it says so: what goes wrong is told as a report `room-error`. */
export interface Rooms {
  /** At the start: tells what is known, what waits, and what may not have been shown. `hubs`: those that are paired. */
  recall(hubs: readonly Peer[]): Promise<void>;
  /** A session with a hub is open. `send` queues a transfer in it. */
  opened(hub: Peer, send: (transfer: Transfer) => void): void;
  /** Throws LairError `call-malformed`: the session must be ended. */
  receive(hub: Peer, transfer: Transfer): void;
  /** The session is over. */
  ended(hub: Peer): void;
  /** The pairing with a hub was removed. Its rooms go with `history`, and stay unreachable without. */
  forgotten(hub: Peer, history: boolean): void;
  /** What comes of it is told: its answer, or its error. */
  command(command: RoomCommand): void;
  /**
   * The same, but that the answer is returned: undefined if there is none. What has happened is told, and returned as well
   * if it answers. Rejects with LairError.
   */
  ask(command: RoomCommand): Promise<RoomReport | undefined>;
  readonly look: RoomsLook;
  /** Lines whose time is over by now disappear: `nowMs` is a time that is trusted, by the wall clock. */
  expire(nowMs: number): void;
  /** Whether all is known that the hubs which are connected say of rooms, and nothing is being done that changes it. */
  readonly isSettled: boolean;
  /** How many lines wait that no log has yet. */
  readonly undelivered: number;
  /** Calls back once nothing waits that a hub could take now; a program that leaves waits for it. */
  whenIdle(action: () => void): void;
  /** Nothing more is done; resolves once what was begun is stored. */
  close(): Promise<void>;
}
