// The events of rooms as objects for --json. Text is never changed. Pure.

import type { MemberView, PersonView, RoomReport, RoomView } from "../app/rooms/room-reports.ts";

/** `isoTime`: a time as every event has it. */
export function roomToJson(report: RoomReport, isoTime: (atMs: number) => string): object {
  const { type: event } = report;
  switch (report.type) {
    case "rooms":
      return { event, rooms: report.rooms.map((room) => toRoom(room)) };
    case "followed":
      return { event, who: toPerson(report.who) };
    case "members":
      return { event, ...toRoom(report.room), members: report.members.map((one) => toMember(one)) };
    case "message": {
      const { id, seq, from, atMs, text, replyTo } = report;
      const reply = replyTo === undefined ? {} : { replyTo };
      return { event, ...toRoom(report.room), id, seq, from: toPerson(from), at: isoTime(atMs), text, ...reply };
    }
    case "sent":
      return { event, ...toRoom(report.room), id: report.id, seq: report.seq };
    case "queued":
      return { event, ...toRoom(report.room), id: report.id };
    default: {
      const { room, type: _, ...rest } = report;
      const people = {
        ...("who" in rest && rest.who !== undefined ? { who: toPerson(rest.who) } : {}),
        ...("by" in rest && rest.by !== undefined ? { by: toPerson(rest.by) } : {}),
      };
      const banned = "isBanned" in rest ? { banned: rest.isBanned } : {};
      const plain = Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value !== "object"));
      const { isBanned: _banned, ...members } = { isBanned: undefined, ...plain };
      return { event, ...toRoom(room), ...members, ...people, ...banned };
    }
  }
}

function toRoom({ id, name }: RoomView): object {
  return { room: id, name };
}

function toPerson({ name, fingerprint, isSelf }: PersonView): object {
  return { name, fingerprint, ...(isSelf === undefined ? {} : { self: true }) };
}

function toMember(one: MemberView): object {
  return { ...toPerson(one), role: one.role, online: one.isOnline };
}
