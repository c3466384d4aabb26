// What the person or the program at this end is told of rooms: plain data, as it may be shown. Names and texts are raw: a
// frontend sanitises them. `room-events.ts` has what happens in the engine.

import type { RoomCommand } from "./room-commands.ts";

/** A room. */
export interface RoomView {
  /** 32 letters of hex. */
  readonly id: string;
  /** Chosen by its members; empty if it is of two. */
  readonly name: string;
}

/** Somebody in a room, who may not be paired here. */
export interface PersonView {
  readonly name: string;
  /** In groups of four. */
  readonly fingerprint: string;
  /** It is the user of this program. */
  readonly isSelf?: true;
}

type RoleName = Extract<RoomCommand, { type: "role" }>["role"];

export interface MemberView extends PersonView {
  readonly role: RoleName;
  readonly isOnline: boolean;
}

interface OfRoom {
  readonly room: RoomView;
}

/** A line: `seq` is its number in `history`. */
interface OfLine extends OfRoom {
  readonly id: string;
  readonly seq: number;
}

export type RoomReport =
  | ({ readonly type: "room-created" | "room-closed" } & OfRoom)
  | ({ readonly type: "room-link"; readonly link: string } & OfRoom)
  /** The user invited by somebody. */
  | ({ readonly type: "invited"; readonly by: PersonView } & OfRoom)
  /** Without `who` it is the user. `by`: who has added them; absent: they came by a link. */
  | ({ readonly type: "joined"; readonly who?: PersonView; readonly by?: PersonView } & OfRoom)
  | ({ readonly type: "left"; readonly who?: PersonView } & OfRoom)
  | ({
      readonly type: "removed";
      readonly who: PersonView;
      readonly by: PersonView;
      readonly isBanned: boolean;
    } & OfRoom)
  | ({ readonly type: "members"; readonly members: readonly MemberView[] } & OfRoom)
  /** Stored; the hub is away. */
  | ({ readonly type: "queued"; readonly id: string; readonly atMs: number; readonly text: string } & OfRoom)
  /** It is in the log. */
  | ({ readonly type: "sent"; readonly atMs: number; readonly text: string } & OfLine)
  | ({
      readonly type: "message";
      readonly from: PersonView;
      readonly atMs: number;
      readonly text: string;
      /** The id of the line that it answers. */
      readonly replyTo?: string;
    } & OfLine)
  | ({ readonly type: "edited"; readonly by: PersonView; readonly text: string } & OfLine)
  | ({ readonly type: "deleted"; readonly by: PersonView } & OfLine)
  | ({ readonly type: "reacted"; readonly by: PersonView; readonly emoji: string } & OfLine)
  | ({ readonly type: "read"; readonly by: PersonView } & OfLine)
  | ({ readonly type: "typing"; readonly by: PersonView } & OfRoom)
  | { readonly type: "followed"; readonly who: PersonView }
  | ({
      readonly type: "role-changed";
      readonly who: PersonView;
      readonly role: RoleName;
      readonly by: PersonView;
    } & OfRoom)
  | ({ readonly type: "topic-changed"; readonly topic: string; readonly by: PersonView } & OfRoom)
  | { readonly type: "rooms"; readonly rooms: readonly RoomView[] }
  /** Somebody else sees another log: the hub leaves something out, or shows different things to different people. */
  | ({ readonly type: "log-differs"; readonly by: PersonView } & OfRoom)
  /** Somebody has another key than the one that was known. */
  | ({ readonly type: "key-changed"; readonly who: PersonView } & OfRoom);
