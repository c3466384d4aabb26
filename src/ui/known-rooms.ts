// The rooms as a frontend knows them: which there are, and how many lines of each nobody has seen. Learns everything from
// the events. Pure.

import type { RoomCommand } from "../app/rooms/room-commands.ts";
import type { KnownRoom, RoomReport, RoomView } from "../app/rooms/room-reports.ts";

export class KnownRooms {
  #rooms: readonly KnownRoom[] = [];
  #hubs: readonly string[] = [];
  /** By the ids of rooms. */
  readonly #unread = new Map<string, number>();

  get rooms(): readonly KnownRoom[] {
    return this.#rooms;
  }

  get hubs(): readonly string[] {
    return this.#hubs;
  }

  find(id: string): KnownRoom | undefined {
    return this.#rooms.find((room) => room.id === id);
  }

  /** What people have said there since the prompt was last there, or the user last spoke there. */
  unreadIn(id: string): number {
    return this.#unread.get(id) ?? 0;
  }

  /** Of people too, which nobody asks for here. */
  count(id: string, unread: number): void {
    if (unread === 0) this.#unread.delete(id);
    else this.#unread.set(id, unread);
  }

  learn(report: RoomReport): void {
    if (report.type !== "known-rooms") return;
    this.#rooms = report.rooms;
    this.#hubs = report.hubs;
  }
}

/** Whether the user is out of the room from now on. */
export function endsMembership(report: RoomReport): RoomView | undefined {
  switch (report.type) {
    case "room-forgotten":
      return report.room;
    case "left":
      return report.who === undefined || report.who.isSelf === true ? report.room : undefined;
    case "removed":
    case "banned":
      return report.who.isSelf === true ? report.room : undefined;
    default:
      return undefined;
  }
}

/** The room that the user is in from now on. */
export function beginsMembership(report: RoomReport): RoomView | undefined {
  const isUsers =
    report.type === "room-created" ||
    ((report.type === "joined" || report.type === "came-back") && (report.who === undefined || report.who.isSelf));
  return isUsers === true ? report.room : undefined;
}

/** Whether a command leads into this room. */
export function leadsTo(command: RoomCommand, room: RoomView): boolean {
  switch (command.type) {
    case "create":
    case "join":
      return command.name.toLowerCase() === room.name.toLowerCase();
    case "answer":
      return command.isAccepted && (command.room === room.id || command.room === `#${room.name}`);
    case "join-link":
    case "direct":
    case "feed":
      return true;
    default:
      return false;
  }
}
