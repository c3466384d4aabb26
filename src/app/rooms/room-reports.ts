// Reports about rooms for the person or the program at this end: plain data, as it may be shown. Names and texts are
// raw: a frontend sanitises them. `room-events.ts` has what happens in the engine.

import type { RoomCommand } from "./room-commands.ts";

/** A room. */
export interface RoomView {
  /** 32 letters of hex. */
  readonly id: string;
  /** Chosen by its members; of a room of two, the name of the other one. */
  readonly name: string;
  /** It is of two, without a name of its own. */
  readonly isDirect?: true;
}

/** A room as the frontend must know it: what a line may name. */
export interface KnownRoom extends RoomView {
  /** `waiting`: it is being made or joined. `over`: the user is out of it; what was said is kept. */
  readonly standing: "joined" | "invited" | "waiting" | "over";
  /** Its hub is not connected: what is said there waits. */
  readonly isAway?: true;
  readonly people: readonly PersonView[];
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
  /** The user follows them. */
  readonly isFollowed?: true;
}

interface OfRoom {
  readonly room: RoomView;
}

/** A line: `seq` is its number in `history`, from 1. */
interface OfLine extends OfRoom {
  readonly id: string;
  readonly seq: number;
}

/** A line that another one answers. */
export interface AnsweredLine {
  readonly seq: number;
  readonly from: PersonView;
  /** Undefined: it was deleted. */
  readonly text: string | undefined;
}

/** What a line that answers another one says of it. */
interface Answering {
  /** The id of the line that it answers. */
  readonly replyTo?: string;
  /** That line, as it is now; absent: it is not here. */
  readonly answered?: AnsweredLine;
}

/** A line that is in the log. `expiresAtMs`: when it disappears; absent: it does not. */
interface SaidLine extends Answering, OfLine {
  readonly atMs: number;
  readonly text: string;
  readonly expiresAtMs?: number;
}

/** A line as the history shows it. */
export interface RoomLineView extends Answering {
  readonly id: string;
  readonly seq: number;
  readonly from: PersonView;
  readonly atMs: number;
  /** Empty if it was deleted. */
  readonly text: string;
  readonly isEdited?: true;
  readonly isDeleted?: true;
  /** The last one of each person. */
  readonly reactions?: readonly { readonly by: PersonView; readonly emoji: string }[];
  /** Who has handed it over to the user, and vouches for it. */
  readonly sharedBy?: PersonView;
}

/** The answer to `status` in a room. */
export interface RoomStatus {
  readonly standing: KnownRoom["standing"];
  readonly hub: { readonly name: string; readonly fingerprint: string; readonly isConnected: boolean };
  /** Lines of the user that are in no log yet. */
  readonly waiting: number;
  /** Lines disappear after so many seconds; 0: they do not. */
  readonly timerS: number;
  /** Absent: the user is not in it. */
  readonly inside?: {
    readonly topic: string;
    readonly kind: "room" | "announcement" | "direct";
    readonly suite: "hybrid" | "classic";
    readonly members: number;
    /** How many of the members are at the hub, with the user; absent: the hub is away. */
    readonly online?: number;
    readonly role: RoleName;
    /** How often the members have changed the room or its keys. */
    readonly epoch: number;
    /** When the user's own keys were last renewed; 0: they are to be renewed now. */
    readonly renewedAtMs: number;
    /** How many of the last lines somebody gets who is added. */
    readonly sharedLines: number;
    /** Links by which somebody may come in. */
    readonly links: number;
  };
}

/** `again`: it was stored when the program last stopped, and may have been shown then. */
export type RoomReport = { readonly again?: true } &
  /** At the start, and when it changes: for the prompt and the completion. Not to be printed. */
  (
    | { readonly type: "known-rooms"; readonly rooms: readonly KnownRoom[]; readonly hubs: readonly string[] }
    | ({ readonly type: "room-created" } & OfRoom)
    | ({
        readonly type: "room-link";
        readonly link: string;
        readonly uses: number;
        readonly expiresAtMs: number;
      } & OfRoom)
    /** As the user wanted it (`isAsked`), or with somebody's removal: they could have come back by one. */
    | ({ readonly type: "links-revoked"; readonly count: number; readonly isAsked?: true } & OfRoom)
    /** The user invited by somebody. */
    | ({ readonly type: "invited"; readonly by: PersonView } & OfRoom)
    /** The hub was asked whether the user is let in; an admin or moderator decides. */
    | ({ readonly type: "asked" } & OfRoom)
    /** Somebody asks to be let in. */
    | ({ readonly type: "knocked"; readonly who: PersonView } & OfRoom)
    /** Without `who` it is the user. `by`: who has added them; absent: they came by a link. */
    | ({ readonly type: "joined"; readonly who?: PersonView; readonly by?: PersonView } & OfRoom)
    /** Somebody has come back after having been away too long, by themselves. Without `who` it is the user. */
    | ({ readonly type: "came-back"; readonly who?: PersonView } & OfRoom)
    /** Without `who` it is the user. */
    | ({ readonly type: "left"; readonly who?: PersonView } & OfRoom)
    | ({ readonly type: "declined" } & OfRoom)
    /** The user is out of it, and has had deleted what was said there. */
    | ({ readonly type: "room-forgotten" } & OfRoom)
    /** Without `by`: the user, who does not learn by whom; or the room was closed. */
    | ({ readonly type: "removed"; readonly who: PersonView; readonly by?: PersonView } & OfRoom)
    | ({ readonly type: "banned" | "unbanned"; readonly who: PersonView; readonly by: PersonView } & OfRoom)
    | ({ readonly type: "room-status"; readonly status: RoomStatus } & OfRoom)
    | ({ readonly type: "members"; readonly topic: string; readonly members: readonly MemberView[] } & OfRoom)
    /** Stored; it is not in the log yet. */
    | ({
        readonly type: "queued";
        readonly id: string;
        readonly atMs: number;
        readonly text: string;
      } & Answering &
        OfRoom)
    /** It is in the log. */
    | ({ readonly type: "sent" } & SaidLine)
    | ({
        readonly type: "message";
        readonly from: PersonView;
        /** The user follows them. */
        readonly isFollowed?: true;
      } & SaidLine)
    /** One of a newer Lair. */
    | ({ readonly type: "unknown-message"; readonly from: PersonView; readonly kind: string } & OfLine)
    /** `id` and `seq` are those of the line that it is about. */
    | ({ readonly type: "edited"; readonly by: PersonView; readonly text: string } & OfLine)
    | ({ readonly type: "deleted"; readonly by: PersonView } & OfLine)
    | ({ readonly type: "reacted"; readonly by: PersonView; readonly emoji: string } & OfLine)
    | ({ readonly type: "read"; readonly by: PersonView } & OfLine)
    | ({ readonly type: "typing"; readonly by: PersonView } & OfRoom)
    | { readonly type: "followed"; readonly who: PersonView; readonly isFollowed: boolean }
    | ({
        readonly type: "role-changed";
        readonly who: PersonView;
        readonly role: RoleName;
        readonly by: PersonView;
      } & OfRoom)
    | ({ readonly type: "topic-changed"; readonly topic: string; readonly by: PersonView } & OfRoom)
    | ({ readonly type: "room-renamed"; readonly was: string; readonly by: PersonView } & OfRoom)
    /** Lines disappear after so many seconds; 0: no longer. */
    | ({ readonly type: "room-timer"; readonly seconds: number; readonly by: PersonView } & OfRoom)
    /** Somebody hands over earlier lines to those who have come. `isKnown`: the user has them already. */
    | ({
        readonly type: "shared-history";
        readonly by: PersonView;
        readonly lines: readonly RoomLineView[];
        readonly isKnown?: true;
      } & OfRoom)
    /** `rooms`: those of the user. `listed`: names at the hub that anybody may ask to be let into. */
    | { readonly type: "rooms"; readonly rooms: readonly KnownRoom[]; readonly listed: readonly string[] }
    | ({
        readonly type: "room-history";
        readonly occasion: "start" | "asked";
        readonly lines: readonly RoomLineView[];
      } & OfRoom)
    | ({
        readonly type: "room-found";
        readonly words: string;
        readonly lines: readonly RoomLineView[];
        readonly total: number;
      } & OfRoom)
    | ({ readonly type: "room-exported"; readonly file: string; readonly count: number } & OfRoom)
    /** A setting of the user. `isHidden`: the user is invisible, so it has no effect as long as that lasts. */
    | {
        readonly type: "marks";
        readonly what: "typing" | "read" | "invisible";
        readonly isOn: boolean;
        readonly isHidden?: true;
      }
    /** By which name the others at a hub see the user: at the first meeting, and when it has changed. `hub`: its name. */
    | { readonly type: "handle"; readonly hub: string; readonly handle: string }
    /** The user was away for longer than the hub keeps lines: some are missing. */
    | ({ readonly type: "missing" } & OfRoom)
    /** A member's program tried what the room's rules forbid; nobody's program has done it. `why` is a clause. */
    | ({ readonly type: "not-followed"; readonly by: PersonView; readonly why: string } & OfRoom)
    /** Somebody else sees another log: the hub leaves something out, or shows different things to different people. */
    | ({ readonly type: "log-differs"; readonly by: PersonView } & OfRoom)
    /** Somebody has another key than the one that was known. */
    | ({ readonly type: "key-changed"; readonly who: PersonView } & OfRoom)
    /** Words that the user and this person compare: the keys are right if both have the same. */
    | { readonly type: "room-verify"; readonly who: PersonView; readonly words: readonly string[] }
    /** Of one room, or of the hub. */
    | {
        readonly type: "room-error";
        readonly room?: RoomView;
        readonly code: string;
        readonly message: string;
        readonly hint?: string | undefined;
        /** A line that was queued and is refused: it does not wait any more. */
        readonly id?: string;
      }
  );
