// The events of rooms as objects for --json (docs/json.md). Text is never changed. Pure.

import type {
  KnownRoom,
  MemberView,
  PersonView,
  RoomLineView,
  RoomReport,
  RoomStatus,
  RoomView,
} from "../app/rooms/room-reports.ts";
import { isoTime } from "../app/iso-time.ts";

/** The object of a report; undefined for one that only a person's screen needs. */
export function roomToJson(report: RoomReport): object | undefined {
  const object = reportToJson(report);
  return object === undefined || report.again === undefined ? object : { ...object, again: true };
}

function reportToJson(report: RoomReport): object | undefined {
  switch (report.type) {
    case "known-rooms":
      return undefined;
    case "room-created":
    case "asked":
    case "declined":
    case "room-forgotten":
    case "missing":
      return { event: report.type, ...toRoom(report.room) };
    case "room-link": {
      const { room, link, uses, expiresAtMs } = report;
      return { event: "room-link", ...toRoom(room), link, uses, expires: isoTime(expiresAtMs) };
    }
    case "invited":
    case "typing":
    case "log-differs":
      return { event: report.type, ...toRoom(report.room), by: toPerson(report.by) };
    case "knocked":
    case "key-changed":
      return { event: report.type, ...toRoom(report.room), who: toPerson(report.who) };
    case "joined":
    case "came-back":
    case "left":
      return { event: report.type, ...toRoom(report.room), ...peopleOf(report) };
    case "removed":
    case "banned":
    case "unbanned":
      return { event: report.type, ...toRoom(report.room), ...peopleOf(report) };
    case "members": {
      const { room, topic, members } = report;
      return { event: "members", ...toRoom(room), topic, members: members.map((one) => toMember(one)) };
    }
    case "room-status":
      return { event: "status", ...toRoom(report.room), ...toStatus(report.status) };
    case "rooms":
      return { event: "rooms", rooms: report.rooms.map((room) => toKnownRoom(room)), listed: report.listed };
    case "links-revoked":
      return { event: "links-revoked", ...toRoom(report.room), count: report.count };
    case "followed":
      return { event: "followed", who: toPerson(report.who), followed: report.isFollowed };
    case "marks":
      return {
        event: "marks",
        what: report.what,
        on: report.isOn,
        ...(report.isHidden === undefined ? {} : { hidden: true }),
      };
    case "handle":
      return { event: "handle", hub: report.hub, handle: report.handle };
    case "room-verify":
      return { event: "verify", who: toPerson(report.who), words: report.words };
    case "room-error": {
      const { room, code, message, hint, id } = report;
      const about = { ...(room === undefined ? {} : toRoom(room)), ...(id === undefined ? {} : { id }) };
      return { event: "error", code, message, ...(hint === undefined ? {} : { hint }), ...about };
    }
    case "role-changed":
      return { event: "role-changed", ...toRoom(report.room), ...peopleOf(report), role: report.role };
    case "topic-changed":
      return { event: "topic-changed", ...toRoom(report.room), topic: report.topic, by: toPerson(report.by) };
    case "room-renamed":
      return { event: "room-renamed", ...toRoom(report.room), was: report.was, by: toPerson(report.by) };
    case "room-timer":
      return { event: "timer", ...toRoom(report.room), seconds: report.seconds, by: toPerson(report.by) };
    case "not-followed":
      return { event: "not-followed", ...toRoom(report.room), by: toPerson(report.by), why: report.why };
    default:
      return lineToJson(report);
  }
}

type AboutLines = Extract<
  RoomReport,
  {
    type:
      | "queued"
      | "sent"
      | "message"
      | "unknown-message"
      | "edited"
      | "deleted"
      | "reacted"
      | "read"
      | "shared-history"
      | "room-history"
      | "room-found"
      | "room-exported";
  }
>;

/** What is about lines: those said now, and those kept. */
function lineToJson(report: AboutLines): object {
  const room = toRoom(report.room);
  switch (report.type) {
    case "queued":
      return { event: "queued", ...room, id: report.id };
    case "sent":
      return { event: "sent", ...room, id: report.id, seq: report.seq };
    case "message": {
      const { id, seq, from, atMs, text, replyTo, isFollowed } = report;
      return {
        event: "message",
        ...room,
        id,
        seq,
        from: toPerson(from),
        at: isoTime(atMs),
        text,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(isFollowed === undefined ? {} : { followed: true }),
      };
    }
    case "unknown-message": {
      const { id, seq, from, kind } = report;
      return { event: "unknown-message", ...room, id, seq, from: toPerson(from), kind };
    }
    case "edited": {
      const { id, seq, by, text } = report;
      return { event: "edited", ...room, id, seq, by: toPerson(by), text };
    }
    case "reacted": {
      const { id, seq, by, emoji } = report;
      return { event: "reacted", ...room, id, seq, by: toPerson(by), emoji };
    }
    case "deleted":
    case "read":
      return { event: report.type, ...room, id: report.id, seq: report.seq, by: toPerson(report.by) };
    case "shared-history": {
      const entries = toEntries(report.lines);
      const known = report.isKnown === undefined ? {} : { known: true };
      return { event: "shared-history", ...room, by: toPerson(report.by), entries, ...known };
    }
    case "room-history": {
      const { occasion, lines } = report;
      return { event: "history", occasion, ...room, entries: toEntries(lines) };
    }
    case "room-found": {
      const { words, total, lines } = report;
      return { event: "found", ...room, words, total, entries: toEntries(lines) };
    }
    case "room-exported":
      return { event: "exported", ...room, file: report.file, count: report.count };
  }
}

/** A line of a room's history, as in `history` and `found`, and as written by `export`. */
export function toRoomEntry(line: RoomLineView): object {
  const { id, seq, from, atMs, text, replyTo, isEdited, isDeleted, reactions, sharedBy } = line;
  return {
    id,
    seq,
    from: toPerson(from),
    at: isoTime(atMs),
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(isEdited === undefined ? {} : { edited: true }),
    ...(isDeleted === undefined ? {} : { deleted: true }),
    ...(reactions === undefined ? {} : { reactions: reactions.map(({ by, emoji }) => ({ by: toPerson(by), emoji })) }),
    ...(sharedBy === undefined ? {} : { sharedBy: toPerson(sharedBy) }),
  };
}

function toEntries(lines: readonly RoomLineView[]): readonly object[] {
  return lines.map((line) => toRoomEntry(line));
}

function toRoom({ id, name, isDirect }: RoomView): object {
  return { room: id, name, ...(isDirect === undefined ? {} : { direct: true }) };
}

function toKnownRoom(room: KnownRoom): object {
  const away = room.isAway === undefined ? {} : { away: true };
  return { ...toRoom(room), standing: room.standing, ...away, people: room.people.map((one) => toPerson(one)) };
}

function toStatus({ standing, hub, waiting, timerS, inside }: RoomStatus): object {
  const { renewedAtMs = 0, sharedLines, ...more } = inside ?? {};
  const shared = sharedLines === undefined ? {} : { shareHistory: sharedLines };
  const renewed = renewedAtMs === 0 ? {} : { renewed: isoTime(renewedAtMs) };
  const { name, fingerprint, isConnected } = hub;
  return {
    standing,
    hub: { name, fingerprint, connected: isConnected },
    waiting,
    timerSeconds: timerS,
    ...more,
    ...shared,
    ...renewed,
  };
}

function toPerson({ name, fingerprint, isSelf }: PersonView): object {
  return { name, fingerprint, ...(isSelf === undefined ? {} : { self: true }) };
}

function toMember(one: MemberView): object {
  return { ...toPerson(one), role: one.role, online: one.isOnline };
}

function peopleOf({ who, by }: { readonly who?: PersonView; readonly by?: PersonView }): object {
  return { ...(who === undefined ? {} : { who: toPerson(who) }), ...(by === undefined ? {} : { by: toPerson(by) }) };
}
