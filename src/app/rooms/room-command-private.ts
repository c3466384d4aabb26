// A line for somebody of a room who is not paired: `@carol text` goes to the room of the two, if there is one;
// otherwise the program says how to make it, and how to say the line in the room. Such a line never goes to the whole
// room by itself. Pure.

import type { Command } from "../events.ts";
import { clearNameInSentence, meantAtStart, type Nameable, namedAtStart } from "../people.ts";
import { nameInSentence } from "../../core/identity/quoted-name.ts";
import {
  clearRoomName,
  everybody,
  othersIn,
  type RoomPlace,
  type RoomsHere,
  type Unknown,
} from "./room-command-names.ts";
import type { KnownRoom } from "./room-reports.ts";

/** A line that begins with @ and is not about a room; undefined: it names somebody who is paired, or nobody. */
export function parsePrivate(trimmed: string, place: RoomPlace): Command | Unknown | undefined {
  const { rooms, people } = place;
  const text = trimmed.slice(1);
  if (meantAtStart(text, people).length > 0) return undefined;
  const known = everybody(people, rooms);
  const named = namedAtStart(text, known);
  if (named === undefined) return undefined;
  const { peer: person } = named;
  const rest = named.rest.replace(/^[:,]\s*/u, "");
  const room = roomOfTwo(person, rooms);
  if (room !== undefined && rest !== "") return { type: "room", command: { type: "say", room: room.id, text: rest } };
  const word = trimmed.split(/\s/u, 1)[0]!;
  if (room !== undefined)
    return unknown(word, `Write a text after the name. To switch the prompt: to ${clearRoomName(room, rooms.rooms)}`);
  const toAll = rooms.at === undefined ? "" : ` To say it in ${clearRoomName(rooms.at, rooms.rooms)}: /say ${trimmed}`;
  return unknown(word, aboutRoomOfTwo(person, known) + toAll);
}

/** How to talk with somebody of a room who is not paired. */
export function aboutRoomOfTwo(person: Nameable, known: readonly Nameable[]): string {
  return `${nameInSentence(person.name)} is not paired with you: dm ${clearNameInSentence(person, known)} opens a room for the two of you alone.`;
}

function roomOfTwo({ fingerprint }: Nameable, { rooms }: RoomsHere): KnownRoom | undefined {
  return rooms.find(
    (room) =>
      room.isDirect === true &&
      room.standing === "joined" &&
      othersIn(room).some((other) => other.fingerprint === fingerprint),
  );
}

function unknown(word: string, hint: string): Unknown {
  return { type: "unknown", word, hint };
}
