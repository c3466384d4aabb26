// The port of what a member stores of its rooms. One program writes it, so there are no expectations in it; but each
// change is one atomic call: state, cursor and lines of a step are stored together or not at all. Any store must pass
// `test/app/rooms/room-store-contract.ts`; the reference is `memory-room-store.ts`. Calls throw LairError store-* if the
// store fails; then nothing of the call has happened. Nothing that is handed in or returned may be changed afterwards.
//
// A line:     outgoing ─► arrived ─► shown        one's own: from being written to its coming back in the log
//                         arrived ─► shown        another's
// A notice:               stored ──► shown        gone

import type { GroupState } from "../../core/room/group-crypto.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { KeptReceipt } from "../receipts.ts";
import type { RoomReport } from "./room-reports.ts";

/**
 * What a member is to a room.
 *
 * ```
 * creating ─► joined ─► leaving ─► over
 * joining  ─►   │  ▲                ▲
 * invited  ─────┼──┘ accept         │
 *    └──────────┼─► leaving         │  decline
 *               └───────────────────┘  removed, closed, or turned away
 * ```
 */
type Standing = "creating" | "joining" | "invited" | "joined" | "leaving" | "over";

/** A call `commit` that was made and has not come back in the log. */
export interface StoredCommit {
  /** Of its entry, 16 bytes. */
  readonly id: Uint8Array;
  /** That it ends. */
  readonly epoch: number;
  /** GroupCrypto's, opaque, secret. */
  readonly pending: Uint8Array;
  /** The whole call, encoded. */
  readonly call: Uint8Array;
  /** The commit alone, as the log will bring it. */
  readonly bytes: Uint8Array;
  readonly isExternal: boolean;
  /** Whether it renews one's own keys. */
  readonly renews: boolean;
  /** Its number, once the hub has answered. */
  readonly seq: number | undefined;
}

export interface StoredRoom {
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** The hub's key, 32 bytes. */
  readonly hub: Uint8Array;
  readonly standing: Standing;
  /** As it was last known. */
  readonly name: string;
  /** The group as this member has it. `group` is the same array as before when only messages have come or gone. */
  readonly state: GroupState | undefined;
  /** The epoch in which this member came in first; what is older was never meant for it. */
  readonly since: number;
  /** The number of the first entry that was meant for this member. */
  readonly first: number;
  /** Everything before this entry is done. */
  readonly next: number;
  /** The number of the last commit that was read, and one; 0 before the first. */
  readonly commits: number;
  /** An encoded LogView. */
  readonly log: Uint8Array;
  readonly pending: StoredCommit | undefined;
  /** How many seconds lines last; 0: without an end. */
  readonly timerS: number;
  /** When this member's keys were last renewed; 0: they are to be renewed before anything else is sent. */
  readonly renewedAtMs: number;
  /**
   * Why the keys of the present epoch are not here: something is missing, at the hub or in this store (`gap`); or a commit
   * could not be taken, though nothing is missing (`epoch`). Undefined: they are.
   */
  readonly lost: "gap" | "epoch" | undefined;
  /** Who said another log's hash than this member sees; signature keys in hex. Each is told of once. */
  readonly disagreeing: readonly string[];
  /** By which everybody at the hub sees it, while it is `creating`; absent: it is not listed. */
  readonly listedName?: string | undefined;
  /** The link by which it is being joined. */
  readonly link: { readonly id: Uint8Array; readonly secret: Uint8Array } | undefined;
  /** The person for whom a room of two was made, until she is in it. */
  readonly madeFor?: PublicIdentity | undefined;
  /** The invitation was declined by the program: nobody is told when the room is left. */
  readonly isUnwanted?: boolean | undefined;
  /** Who invited, while `invited`. */
  readonly by: PublicIdentity | undefined;
}

/** A line of one's own that is not in the log yet. */
export interface Outgoing {
  readonly room: Uint8Array;
  /** Of its entry, 16 bytes: the same at each attempt. */
  readonly id: Uint8Array;
  /** An encoded room message without a log's hash. */
  readonly content: Uint8Array;
  /** As it was last sealed, and in which epoch. */
  readonly sealed: { readonly epoch: number; readonly bytes: Uint8Array } | undefined;
}

/** A message of the log that a member may see. */
export interface RoomLine {
  readonly room: Uint8Array;
  readonly seq: number;
  readonly id: Uint8Array;
  readonly from: PublicIdentity;
  /** When the hub took it. */
  readonly atMs: number;
  /** An encoded room message. */
  readonly content: Uint8Array;
  readonly isOwn: boolean;
  /** `line`: a text or an answer, which the history has. `about`: an edit, a reaction and the like, kept until it was shown. */
  readonly kind: "line" | "about";
  /** The words of a line, for the search; empty if there are none. */
  readonly words: string;
  /** When it disappears by the room's timer; undefined: it does not. */
  readonly expiresAtMs: number | undefined;
  /** Absent: none of it. */
  readonly extras?: LineExtras;
}

/** What belongs to a line, and is not what it says. */
export interface LineExtras {
  /** The last one of each person, in the order in which they came. */
  readonly reactions: readonly { readonly by: PublicIdentity; readonly emoji: string }[];
  /** The id of the line that it answers, in hex, if the content does not say it any more. */
  readonly replyTo: string | undefined;
  /** Who has handed it over to this member, who was not there then, by the entry with this number. */
  readonly shared: { readonly by: PublicIdentity; readonly seq: number } | undefined;
}

/** Something that is to be told of a room and is no line: who has come, another name, an alarm. Kept until it was shown. */
export interface StoredNotice {
  readonly room: Uint8Array;
  /** 16 random bytes. */
  readonly id: Uint8Array;
  /** Of the entry that was read last when it came: lines and notices are told in this order. -1: none was. */
  readonly seq: number;
  readonly report: RoomReport;
}

/** What a member wants at a hub. */
export interface RoomSettings {
  /** Whether the others are told that one types, and what one has read. */
  readonly tellsTyping: boolean;
  readonly tellsRead: boolean;
  /** Whether the others see that one is there. */
  readonly isInvisible: boolean;
  /** Signature keys in hex. */
  readonly follows: readonly string[];
  /** By which the others at the hub see the user, as it was told last; undefined: it was not. */
  readonly handle: string | undefined;
  /** Announcement rooms that let in everybody who asks: their ids in hex. */
  readonly feeds: readonly string[];
  /** Welcomes to the last resort that were taken, the newest last: their SHA-256 in hex. Each is good once. */
  readonly welcomes: readonly string[];
}

/** Before a member has chosen. */
export const FIRST_SETTINGS: RoomSettings = {
  tellsTyping: false,
  tellsRead: false,
  isInvisible: false,
  follows: [],
  handle: undefined,
  feeds: [],
  welcomes: [],
};

/** The secret of a key package that lies at a hub. */
export interface StoredPackage {
  readonly hub: Uint8Array;
  /** Its KeyPackageRef, by which welcomes name it. */
  readonly ref: Uint8Array;
  readonly secret: Uint8Array;
  readonly suite: "hybrid" | "classic";
  readonly isLastResort: boolean;
  readonly expiresAtMs: number;
  /** For the hub; undefined: the hub has it. */
  readonly toPublish: Uint8Array | undefined;
}

/** A person met in rooms: the first key that was seen stays. */
export interface Pin {
  readonly publicKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  /** As the hub's directory has it; undefined: not asked yet. */
  readonly handle: string | undefined;
  /** How it came to be known: from the directory, in the room when one came, by a link, or added by somebody (her X25519 key). */
  readonly how:
    { readonly kind: "directory" | "present" | "link" } | { readonly kind: "added"; readonly by: Uint8Array };
}

/** One step. All of it is stored, or nothing. */
export interface RoomStep {
  /** Takes the place of what was stored of this room. */
  readonly room?: StoredRoom;
  /** With its lines. */
  readonly forget?: Uint8Array;
  readonly addOutgoing?: readonly Outgoing[];
  /** Of the calls that have said what is added. A store that ends with the program may drop them. */
  readonly receipts?: readonly KeptReceipt[];
  /** The content stays. */
  readonly sealed?: readonly Outgoing[];
  /** By id. */
  readonly sent?: readonly Uint8Array[];
  readonly lines?: readonly RoomLine[];
  /** Earlier lines with another content, by room and id: edited or deleted. Absent `extras` stay as they are. */
  readonly changed?: readonly Pick<RoomLine, "room" | "id" | "content" | "words" | "extras">[];
  readonly notices?: readonly StoredNotice[];
  readonly addPackages?: readonly StoredPackage[];
  /** By ref. */
  readonly published?: readonly Uint8Array[];
  readonly dropPackages?: readonly Uint8Array[];
  /** Those whose public key is pinned already stay as they are, but for the handle. */
  readonly pins?: readonly Pin[];
  readonly settings?: { readonly hub: Uint8Array; readonly settings: RoomSettings };
}

export interface RoomStore {
  change(step: RoomStep): Promise<void>;
  /** Of a hub, in the order in which they were stored first. */
  rooms(hub: Uint8Array): Promise<readonly StoredRoom[]>;
  room(id: Uint8Array): Promise<StoredRoom | undefined>;
  /** In the order in which they were added. */
  outgoing(room: Uint8Array): Promise<readonly Outgoing[]>;
  line(room: Uint8Array, id: Uint8Array): Promise<RoomLine | undefined>;
  /** The line with this number. */
  lineAt(room: Uint8Array, seq: number): Promise<RoomLine | undefined>;
  /** The last line of one's own; undefined: none. */
  ownLast(room: Uint8Array): Promise<RoomLine | undefined>;
  /** The last `count` lines before `before`, oldest first; of the kind `line` only. */
  lines(room: Uint8Array, before: number, count: number): Promise<readonly RoomLine[]>;
  /** The first `count` lines after `after`, in the same order and of the same kind. */
  linesAfter(room: Uint8Array, after: number, count: number): Promise<readonly RoomLine[]>;
  /** The newest lines with all these words, oldest first, at most `limit`, and how many there are. */
  search(
    room: Uint8Array,
    words: string,
    limit: number,
  ): Promise<{ readonly lines: readonly RoomLine[]; readonly total: number }>;
  /** What arrived and was not shown, by its number, of both kinds. */
  unshown(room: Uint8Array): Promise<readonly RoomLine[]>;
  /** Notices that were not shown, in the order in which they were stored. */
  untold(room: Uint8Array): Promise<readonly StoredNotice[]>;
  /** Everything up to this entry has been shown (-1: none), and these notices, by id. They go, and what was `about` lines. */
  shown(room: Uint8Array, seq: number, notices?: readonly Uint8Array[]): Promise<void>;
  /** Deletes lines that have disappeared by now. Returns when the next one will, by the wall clock; undefined: none. */
  expire(nowMs: number): Promise<number | undefined>;
  packages(hub: Uint8Array): Promise<readonly StoredPackage[]>;
  pin(publicKey: Uint8Array): Promise<Pin | undefined>;
  /** In the order in which they were stored first. */
  pins(): Promise<readonly Pin[]>;
  /** {@link FIRST_SETTINGS} until there are others. */
  settings(hub: Uint8Array): Promise<RoomSettings>;
}
