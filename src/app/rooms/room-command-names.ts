// The rooms that a frontend knows of, and how a typed line names one of them or somebody in them. Pure.

import type { PeerView } from "../../core/identity/peer-view.ts";
import { clearNameInSentence, meantAtStart, type Nameable, namedAtStart, recipientOf } from "../people.ts";
import type { KnownRoom } from "./room-reports.ts";

/** What a line may name of rooms, and whether the prompt is at one. */
export interface RoomsHere {
  readonly rooms: readonly KnownRoom[];
  /** The names of the hubs that are paired. */
  readonly hubs: readonly string[];
  /** The same hubs as peers: commands about a pairing may name them. */
  readonly hubPeers?: readonly PeerView[];
  /** The room that the prompt is at; undefined: none. */
  readonly at: KnownRoom | undefined;
}

/** At whose prompt a line was typed, and what it may name. */
export interface RoomPlace {
  readonly rooms: RoomsHere;
  /** Those who are paired. */
  readonly people: readonly PeerView[];
  /** Those who were introduced and wait for an answer. */
  readonly introduced: readonly PeerView[];
}

/** A line that is neither said nor done. */
export interface Unknown {
  readonly type: "unknown";
  /** As it was typed. */
  readonly word: string;
  readonly hint: string;
}

/** A program that knows no hub: commands about rooms do not exist. */
export const NO_ROOMS: RoomsHere = { rooms: [], hubs: [], at: undefined };

/** A room that a text names at its beginning, and what follows the name, without the blanks in front. */
interface NamedRoom {
  readonly room: KnownRoom;
  readonly rest: string;
}

interface RoomName extends Nameable {
  readonly room: KnownRoom;
}

/** Whether commands about rooms exist. */
export function hasRooms({ rooms, hubs }: RoomsHere): boolean {
  return rooms.length > 0 || hubs.length > 0;
}

/**
 * The room that a text without its # begins with: by its whole name, or by its id's start. Of several of one name, the one in
 * which the user is with others. None if it could be several.
 */
export function roomAtStart(text: string, rooms: readonly KnownRoom[]): NamedRoom | undefined {
  const named = namedAtStart(text, namesOf(foremost(rooms))) ?? namedAtStart(text, namesOf(rooms));
  return named === undefined ? undefined : { room: named.peer.room, rest: named.rest.replace(/^[:,]\s*/u, "") };
}

/** All rooms that the beginning of a text without its # could name. */
export function roomsMeantAtStart(text: string, rooms: readonly KnownRoom[]): readonly KnownRoom[] {
  return meantAtStart(text, namesOf(rooms)).map(({ peer }) => peer.room);
}

/** How a line can name the room: `#ops`, `#"two words"`, or by the start of its id if its name could be another's. */
export function clearRoomName(room: KnownRoom, rooms: readonly KnownRoom[]): string {
  const preferred = foremost(rooms);
  const others = preferred.some(({ id }) => id === room.id) ? preferred : rooms;
  return `#${clearNameInSentence(nameOf(room), namesOf(others))}`;
}

/** Those that somebody has invited the user to. */
export function invitedRooms({ rooms }: RoomsHere): readonly KnownRoom[] {
  return rooms.filter(({ standing }) => standing === "invited");
}

/** The room's people but for the user. */
export function othersIn(room: KnownRoom): readonly Nameable[] {
  return room.people.filter(({ isSelf }) => isSelf !== true);
}

/** Everybody whom a line may name: the people who are paired, and those of all rooms. */
export function everybody(people: readonly PeerView[], { rooms }: RoomsHere): readonly Nameable[] {
  const byName = new Map<string, Nameable>();
  for (const one of [...people, ...rooms.flatMap((room) => othersIn(room))]) {
    // Somebody may be called differently in a room.
    const key = `${recipientOf(one)} ${one.name}`;
    if (!byName.has(key)) byName.set(key, one);
  }
  return [...byName.values()];
}

/** Without those whose name another room has that is sooner meant by it. */
function foremost(rooms: readonly KnownRoom[]): readonly KnownRoom[] {
  return rooms.filter((room) => !rooms.some((other) => isSooner(other, room)));
}

function isSooner(one: KnownRoom, other: KnownRoom): boolean {
  return rankOf(one) < rankOf(other) && one.name.toLowerCase() === other.name.toLowerCase();
}

/** As in room-places.ts: in a room of two from which the other one has gone, nobody hears. */
function rankOf(room: KnownRoom): number {
  if (room.standing !== "joined") return room.standing === "over" ? 3 : 2;
  return room.isDirect === true && othersIn(room).length === 0 ? 1 : 0;
}

function namesOf(rooms: readonly KnownRoom[]): readonly RoomName[] {
  return rooms.map((room) => nameOf(room));
}

function nameOf(room: KnownRoom): RoomName {
  return { name: room.name, fingerprint: room.id, room };
}
