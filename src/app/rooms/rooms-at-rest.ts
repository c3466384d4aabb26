// The rooms of a program that runs without a connection: lists them, and shows what is kept of them. Changes nothing.

import { LairError } from "../../core/errors.ts";
import { fromHex, toHex } from "../../core/bytes.ts";
import { quotedName } from "../../core/identity/quoted-name.ts";
import { knownRoom, viewOf } from "./live-room.ts";
import { type LookCommand, lookedAt } from "./looking.ts";
import { clearRoomName, roomAtStart, roomsMeantAtStart } from "./room-command-names.ts";
import type { CommandOf } from "./action-parts.ts";
import { openGroup, type RoomParts } from "./room-ground.ts";
import { RoomNames } from "./room-names.ts";
import type { KnownRoom, RoomLineView, RoomReport, RoomView } from "./room-reports.ts";
import type { StoredRoom } from "./room-store.ts";

interface RestParts extends Omit<RoomParts, "show" | "random"> {
  /** The keys of the hubs that are paired. */
  readonly hubs: readonly Uint8Array[];
  readonly exportLines: (file: string, room: RoomView, lines: readonly RoomLineView[]) => number;
}

/** A command that needs no connection. */
export type RestCommand = LookCommand | CommandOf<"rooms">;

/** What it answers: the rooms first, so that a frontend knows their names. Rejects with LairError. */
export async function roomsAtRest(parts: RestParts, command: RestCommand): Promise<readonly RoomReport[]> {
  const names = new RoomNames(parts);
  const rooms: KnownRoom[] = [];
  for (const hub of parts.hubs) {
    const { handle } = await parts.store.settings(hub);
    names.learn({ publicKey: parts.identity.publicKey, handle });
    for (const room of await parts.store.rooms(hub)) {
      rooms.push(await atRest({ ...parts, names }, room));
    }
  }
  const known: RoomReport = { type: "known-rooms", rooms, hubs: [] };
  if (command.type === "rooms") return [known, { type: "rooms", rooms, listed: [] }];
  const room = roomCalled(command.room, rooms);
  return [known, await lookedAt({ ...parts, names }, fromHex(room.id)!, room, command)];
}

async function atRest(parts: RestParts & { readonly names: RoomNames }, room: StoredRoom): Promise<KnownRoom> {
  const group = room.state === undefined ? undefined : await openGroup(parts.groups, room.state);
  const bare = { id: toHex(room.id), name: room.name };
  const view = group === undefined ? bare : await viewOf(parts, room, group, room.name);
  return await knownRoom(parts, room, group, view, false);
}

/** Throws LairError `peer-unknown`, `ambiguous-recipient`. */
function roomCalled(text: string, rooms: readonly KnownRoom[]): KnownRoom {
  const name = text.replace(/^#/u, "");
  const named = roomAtStart(name, rooms);
  if (named?.rest === "") return named.room;
  const meant = roomsMeantAtStart(name, rooms);
  if (meant.length > 1) {
    const clear = meant.map((room) => clearRoomName(room, rooms)).join(", ");
    throw new LairError("ambiguous-recipient", "More than one room could be meant.", {
      hint: `Write one of ${clear}.`,
    });
  }
  throw new LairError("peer-unknown", `No room is called ${quotedName(name)} here.`, {
    hint: 'The command rooms lists them. A name of several words is one argument: history "#open house".',
  });
}
