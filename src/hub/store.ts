// The port of a hub's store (design: rooms): accounts, key packages, the logs of the rooms, and mail. Everything in it that
// people say is sealed; the hub cannot open it. Made for several hubs over one store: every change is one atomic call, with
// what it expects in it, and who waits for news is told by a subscription. Any store must pass
// `test/hub/store-contract.ts`; the reference is `memory-store.ts`.
//
// Keys are public keys, 32 bytes; ids of rooms, entries and letters are 16 bytes, drawn by their makers. Another
// length is a RangeError. Nothing that is handed in or returned may be changed afterwards.

import { toHex } from "../core/bytes.ts";

/** Bytes of a public key. */
export const KEY_BYTES = 32;
/** Bytes of the id of a room, an entry or a letter. */
export const ID_BYTES = 16;

// --- accounts -------------------------------------------------------------------------------------------------------

/** Somebody who may connect. */
export interface Account {
  /** X25519, 32 bytes: who it is. */
  readonly key: Uint8Array;
  /** Ed25519, 32 bytes. */
  readonly signatureKey: Uint8Array;
  /** By which others find it in the directory; nobody else here has the same. */
  readonly handle: string;
  readonly role: "operator" | "member";
  /** Who is suspended is not let in. */
  readonly standing: "active" | "suspended";
  readonly joinedAtMs: number;
}

/** An invite of the hub; that of a link to a room has the id of {@link linkInviteId}. */
export interface HubInvite {
  readonly id: string;
  /** 32 bytes. */
  readonly psk: Uint8Array;
  /** How many more people may use it. */
  readonly uses: number;
  readonly expiresAtMs: number;
}

/** What came of an attempt to use an invite or a link. The same key may use it again: "used", and no use is counted. */
export type Use = "used" | "spent" | "expired" | "unknown";

/** Where a list goes on: behind this name, or at its beginning. */
export interface Page<Name> {
  readonly after?: Name;
  readonly limit: number;
}

export interface HubAccounts {
  account(key: Uint8Array): Promise<Account | undefined>;
  accountOf(handle: string): Promise<Account | undefined>;
  /** By handle, in the order of the code points. */
  accounts(page: Page<string>): Promise<readonly Account[]>;
  countAccounts(): Promise<number>;
  /** "known": there is one with this key, and it stays as it is. "handle-taken": by another key. */
  addAccount(account: Account): Promise<"added" | "known" | "handle-taken">;
  /** False: there is none. */
  changeAccount(key: Uint8Array, change: Partial<Pick<Account, "role" | "standing">>): Promise<boolean>;
  /** Removes it with its key packages, its mail, and its places in the rooms. False: there was none. */
  removeAccount(key: Uint8Array): Promise<boolean>;

  invite(id: string): Promise<HubInvite | undefined>;
  /** By id. Expired ones too. */
  invites(): Promise<readonly HubInvite[]>;
  /** False: there is one with this id. */
  addInvite(invite: HubInvite): Promise<boolean>;
  /** False: there was none. */
  revokeInvite(id: string): Promise<boolean>;
  useInvite(id: string, by: Uint8Array, nowMs: number): Promise<Use>;
}

// --- key packages ---------------------------------------------------------------------------------------------------

/** A key package of RFC 9420, with which its owner can be added to a room while away. */
export interface StoredKeyPackage {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
  /** It is not handed out from then on. */
  readonly expiresAtMs: number;
  /** It is handed out when there is no other, and stays. Each account has one: the last that was added. */
  readonly isLastResort: boolean;
}

export interface HubKeyPackages {
  /**
   * Adds those whose ids are new, up to `most` that are no last resort. Returns how many of these are there now. Expired
   * ones are dropped.
   */
  addKeyPackages(key: Uint8Array, packages: readonly StoredKeyPackage[], most: number, nowMs: number): Promise<number>;
  /** The oldest, which nobody else gets; or the last resort; or none. */
  takeKeyPackage(key: Uint8Array, nowMs: number): Promise<StoredKeyPackage | undefined>;
  /** How many there are beside the last resort. */
  countKeyPackages(key: Uint8Array, nowMs: number): Promise<number>;
}

// --- rooms ----------------------------------------------------------------------------------------------------------

export type RoomRole = "admin" | "moderator" | "member";

/** A place in a room. */
export interface Seat {
  readonly key: Uint8Array;
  readonly role: RoomRole;
  /** The first entry that concerns this person. */
  readonly from: number;
  /** Everything before this one is stored on that person's side. */
  readonly cursor: number;
}

export interface Room {
  readonly id: Uint8Array;
  /** By choice public; undefined: only members know it. */
  readonly listedName: string | undefined;
  /** The epoch that the last commit begins, as its poster said. */
  readonly epoch: number;
  /**
   * That which the last commit begins that gave or took a seat. Messages of earlier epochs are not taken: their writers did not
   * know yet, and somebody who was removed could open them, and somebody who has come could not.
   */
  readonly leastEpoch: number;
  /** The number of the last commit; -1 before the first. */
  readonly lastCommit: number;
  /** The number of the next entry. */
  readonly next: number;
  /** The oldest entry that is still kept, or `next`. */
  readonly oldest: number;
  /** Of all entries that are kept. */
  readonly bytes: number;
  /** By key, in the order of its bytes. */
  readonly seats: readonly Seat[];
}

/** RFC 9420's GroupInfo of a room's present epoch, by which somebody joins from outside: sealed, and up to 1 MiB. */
export interface GroupInfo extends Pick<Room, "epoch" | "lastCommit"> {
  readonly bytes: Uint8Array;
}

type EntryType = "commit" | "message" | "notice";

/** An entry of a room's log, as its poster gives it. */
export interface NewEntry {
  readonly type: EntryType;
  /** Drawn by the poster: the same id again is the same entry. */
  readonly id: Uint8Array;
  /** A commit: the epoch that it ends. Others: that of the key under which it is sealed. */
  readonly epoch: number;
  readonly poster: Uint8Array;
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

export interface Entry extends NewEntry {
  /** Without holes, from 0. */
  readonly seq: number;
}

/** A letter: something for one person that waits until that person has it, such as a welcome. */
export interface Letter {
  readonly id: Uint8Array;
  readonly to: Uint8Array;
  readonly kind: "welcome" | "knock" | "notice";
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** A room as one who sits in it finds it. */
export interface SeatedRoom extends Pick<Room, "id" | "epoch" | "lastCommit" | "next" | "oldest"> {
  readonly seat: Seat;
}

/** What a commit changes in the hub's view of the room, in the same step. */
export interface RoomChange {
  /** New ones sit from the next entry on; others get the role. */
  readonly seats?: readonly { readonly key: Uint8Array; readonly role: RoomRole }[];
  readonly removed?: readonly Uint8Array[];
  /** Null: not listed any more. */
  readonly listedName?: string | null;
  /** Of the epoch that the commit begins. Without it, the older one goes. */
  readonly groupInfo?: Uint8Array;
  /** Welcomes. */
  readonly letters?: readonly Letter[];
  /** The link by which the poster comes in, who needs no place for it. */
  readonly link?: string;
}

/** The most that a room may keep. */
export interface RoomQuota {
  readonly entries: number;
  readonly bytes: number;
  /** Of one poster. */
  readonly posterEntries: number;
  readonly posterBytes: number;
}

export type Appended =
  | { readonly type: "appended"; readonly seq: number }
  /** An entry of the same poster with this id is there, or was; `seq` is its number. */
  | { readonly type: "already"; readonly seq: number }
  /** A commit: somebody else's came first. A message: its epoch is too old, or has not begun. Read on, and try anew. */
  | { readonly type: "stale"; readonly epoch: number; readonly lastCommit: number }
  | { readonly type: "full"; readonly of: keyof RoomQuota }
  | { readonly type: "no-seat" }
  /** Another room is listed by the name that the commit gives. */
  | { readonly type: "name-taken" }
  | { readonly type: "no-link"; readonly use: Exclude<Use, "used"> }
  | { readonly type: "unknown-room" };

/** A link by which people join a room: what the hub must know of it. */
export interface RoomLink {
  readonly id: string;
  readonly uses: number;
  readonly expiresAtMs: number;
}

export interface NewRoom {
  readonly id: Uint8Array;
  readonly creator: Uint8Array;
  readonly listedName?: string;
}

export interface HubRooms {
  /** With its first seat, an admin's, and no entry. */
  createRoom(room: NewRoom, mostRooms: number): Promise<"created" | "exists" | "name-taken" | "full">;
  room(id: Uint8Array): Promise<Room | undefined>;
  /** Undefined: nobody can join from outside, or there is no such room. Apart from the room, because it is large. */
  groupInfo(id: Uint8Array): Promise<GroupInfo | undefined>;
  /** Somebody's place; undefined: none, or there is no such room. */
  seat(id: Uint8Array, key: Uint8Array): Promise<Seat | undefined>;
  /** The ids of all rooms, in the order of their bytes. */
  roomIds(page: Page<Uint8Array>): Promise<readonly Uint8Array[]>;
  countRooms(): Promise<number>;
  /** Removes it with its log, its links and their invites. False: there was none. */
  closeRoom(id: Uint8Array): Promise<boolean>;
  /** The ids of the rooms in which somebody sits. */
  roomsOf(key: Uint8Array): Promise<readonly Uint8Array[]>;
  /** The rooms in which somebody sits, by id. */
  seatedRooms(key: Uint8Array): Promise<readonly SeatedRoom[]>;
  /** By listed name. */
  listedRooms(page: Page<string>): Promise<readonly { readonly id: Uint8Array; readonly name: string }[]>;

  /**
   * Appends a commit if `after` is the number of the room's last commit: its poster has read everything that could have
   * changed the group. So a commit that all members refuse stands in nobody's way: the next one names it.
   * One that takes a seat is taken beyond the quota, too.
   */
  appendCommit(
    id: Uint8Array,
    entry: NewEntry & { readonly type: "commit" },
    after: number,
    change: RoomChange,
    quota: RoomQuota,
  ): Promise<Appended>;
  /** Appends a message or notice of the present epoch, or of PAST_EPOCHS before it, but none before the room's least. */
  append(
    id: Uint8Array,
    entry: NewEntry & { readonly type: "message" | "notice" },
    quota: RoomQuota,
  ): Promise<Appended>;
  /** Entries from number `from` on that are still kept: as many as fit into `maxBytes`, but at least one. */
  read(id: Uint8Array, from: number, maxBytes: number): Promise<readonly Entry[]>;
  /** Moves a seat's cursor forward to `next`; one that goes back changes nothing. False: no such seat or entry. */
  acknowledge(id: Uint8Array, key: Uint8Array, next: number): Promise<boolean>;
  /** Deletes up to `most` entries that everybody has, or that came before `sinceMs`. Returns how many. */
  prune(sinceMs: number, most: number): Promise<number>;

  /**
   * With an invite of the hub if there is a `psk`, which is good as often and as long; their uses are counted apart. False:
   * the room is unknown, or has a link with this id.
   */
  addLink(id: Uint8Array, link: RoomLink, psk?: Uint8Array): Promise<boolean>;
  links(id: Uint8Array): Promise<readonly RoomLink[]>;
  /** With its invite. False: there was none. */
  revokeLink(id: Uint8Array, link: string): Promise<boolean>;
}

// --- mail -----------------------------------------------------------------------------------------------------------

export interface HubMail {
  /** "already": one with this id is there. "full": that person has `most` waiting. */
  send(letter: Letter, most: number): Promise<"sent" | "already" | "full" | "unknown-account">;
  /** The oldest first. */
  letters(to: Uint8Array, limit: number): Promise<readonly Letter[]>;
  countLetters(to: Uint8Array): Promise<number>;
  /** That person has it. False: there was none. */
  drop(to: Uint8Array, id: Uint8Array): Promise<boolean>;
}

// --- the whole ------------------------------------------------------------------------------------------------------

/** Something has changed, here or at another hub of the same store. It says where to look; of what is there only an entry. */
export type News =
  /** The room has entries before `next`. `entry`: the last of them, if this hub has appended it. */
  | { readonly type: "entries"; readonly room: Uint8Array; readonly next: number; readonly entry?: Entry }
  /** Somebody has come, has gone, or has another role. It is told before the entry that says so. */
  | { readonly type: "seats"; readonly room: Uint8Array }
  | { readonly type: "room-closed"; readonly room: Uint8Array }
  | { readonly type: "letter"; readonly to: Uint8Array }
  | { readonly type: "account"; readonly key: Uint8Array }
  /** An invite has been made or revoked. */
  | { readonly type: "invite"; readonly id: string };

const LINK_INVITE = "link:";

/** The id of the invite that belongs to a link of a room: no other invite has one like it. */
export function linkInviteId(room: Uint8Array, link: string): string {
  return `${LINK_INVITE}${toHex(room)}:${link}`;
}

/** Whether an invite belongs to a link of a room, by its id. */
export function isLinkInvite(id: string): boolean {
  return id.startsWith(LINK_INVITE);
}

/** Throws RangeError for a key of another length; every store calls it. */
export function requireKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError("HubStore: a key is 32 bytes");
}

/** Throws RangeError for an id of another length; every store calls it. */
export function requireId(id: Uint8Array): void {
  if (id.length !== ID_BYTES) throw new RangeError("HubStore: an id is 16 bytes");
}

/** A hub's store. Its calls throw LairError store-* if the store fails; then nothing of the call has happened. */
export interface HubStore {
  readonly accounts: HubAccounts;
  readonly keyPackages: HubKeyPackages;
  readonly rooms: HubRooms;
  readonly mail: HubMail;
  /** `listener` is called after each change, in the order of the changes of a room. Returns how to end it. */
  subscribe(listener: (news: News) => void): () => void;
  close(): Promise<void>;
}
