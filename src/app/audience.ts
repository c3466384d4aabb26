// Whom an event is for, where several frontends show the same conversations: what has happened is for all of them; the answer
// to a command is for the one that gave it.

import type { ProgramEvent } from "./events.ts";
import type { RoomReport } from "./rooms/room-reports.ts";

/** "asker, or all": to the one that gave the command, if it comes of one. */
type Audience = "all" | "asker" | "asker, or all";

const EVENTS: Readonly<Record<Exclude<ProgramEvent["type"], "room">, Audience>> = {
  started: "all",
  listening: "all",
  // Who has the text can pair.
  invite: "asker",
  // Who has the link gets in.
  http: "asker",
  connecting: "all",
  reconnecting: "all",
  connected: "all",
  backlog: "all",
  memory: "all",
  message: "all",
  "unknown-message": "all",
  "unreadable-message": "all",
  queued: "all",
  sent: "all",
  released: "all",
  delivered: "all",
  rekeyed: "all",
  renamed: "all",
  history: "asker",
  found: "asker",
  "history-limit": "all",
  exported: "asker",
  "forget-asked": "asker",
  forgotten: "all",
  "forget-peer-asked": "asker",
  "peer-forgotten": "all",
  timer: "all",
  status: "asker",
  peers: "asker",
  people: "all",
  who: "asker",
  // Where a prompt is.
  selected: "asker",
  "say-all-asked": "asker",
  muted: "all",
  address: "all",
  introduction: "all",
  "introduction-answered": "all",
  introduced: "all",
  verify: "asker",
  unread: "all",
  disconnected: "all",
  notice: "asker, or all",
  error: "asker, or all",
};

const REPORTS: Readonly<Record<RoomReport["type"], Audience>> = {
  "known-rooms": "all",
  handle: "all",
  "room-created": "all",
  "room-forgotten": "all",
  "room-status": "asker",
  // Who has the link can join.
  "room-link": "asker",
  "links-revoked": "all",
  invited: "all",
  asked: "all",
  knocked: "all",
  joined: "all",
  "came-back": "all",
  left: "all",
  declined: "all",
  removed: "all",
  banned: "all",
  unbanned: "all",
  members: "asker",
  queued: "all",
  sent: "all",
  message: "all",
  "unknown-message": "all",
  edited: "all",
  deleted: "all",
  reacted: "all",
  read: "all",
  typing: "all",
  followed: "all",
  "role-changed": "all",
  "topic-changed": "all",
  "room-renamed": "all",
  "room-timer": "all",
  "shared-history": "all",
  rooms: "asker",
  "room-history": "asker",
  "room-found": "asker",
  "room-exported": "asker",
  marks: "all",
  missing: "all",
  "not-followed": "all",
  "log-differs": "all",
  "key-changed": "all",
  "room-verify": "asker",
  // That of a command is handed to the one that gave it.
  "room-error": "asker, or all",
};

export function audienceOf(event: ProgramEvent): Audience {
  return event.type === "room" ? REPORTS[event.report.type] : EVENTS[event.type];
}
