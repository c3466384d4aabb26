// What --json tells a program of rooms.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RoomReport } from "../../src/app/rooms/room-reports.ts";
import { roomToJson } from "../../src/ui/room-json.ts";
import { ADA, AT_MS, CAROL, KNOWN_DEV, OPS, REPORTS, SAID, SELF } from "./room-reports.ts";

const ISO = "2026-11-20T00:03:00.000Z";
const ROOM = { room: OPS.id, name: "ops" };
const BOB = { name: "bob", fingerprint: SELF.fingerprint, self: true };
const LINE = { ...ROOM, id: SAID.id, seq: 7 };
const ENTRY = { id: SAID.id, seq: 7, from: ADA, at: ISO, text: SAID.text };
const RED = "the build is red";

/** By the type of the report; undefined for one that is not told. */
const FORMS: {
  readonly [Type in RoomReport["type"]]: { readonly event: string; readonly [name: string]: unknown } | undefined;
} = {
  "known-rooms": undefined,
  rooms: {
    event: "rooms",
    rooms: [
      { ...ROOM, standing: "joined", people: [BOB, ADA, CAROL] },
      { room: KNOWN_DEV.id, name: "dev", standing: "invited", people: [ADA] },
    ],
    listed: ["lounge"],
  },
  "room-created": { event: "room-created", ...ROOM },
  "links-revoked": { event: "links-revoked", ...ROOM, count: 2 },
  "room-link": { event: "room-link", ...ROOM, link: "lair://a:1/#x", uses: 5, expires: ISO },
  invited: { event: "invited", ...ROOM, by: ADA },
  asked: { event: "asked", ...ROOM },
  knocked: { event: "knocked", ...ROOM, who: CAROL },
  joined: { event: "joined", ...ROOM, who: CAROL, by: ADA },
  "came-back": { event: "came-back", ...ROOM, who: CAROL },
  left: { event: "left", ...ROOM, who: CAROL },
  declined: { event: "declined", ...ROOM },
  "room-forgotten": { event: "room-forgotten", ...ROOM },
  removed: { event: "removed", ...ROOM, who: CAROL, by: ADA },
  banned: { event: "banned", ...ROOM, who: CAROL, by: ADA },
  unbanned: { event: "unbanned", ...ROOM, who: CAROL, by: ADA },
  members: {
    event: "members",
    ...ROOM,
    topic: "what runs",
    members: [
      { ...ADA, role: "admin", online: true },
      { ...BOB, role: "member", online: true },
    ],
  },
  "room-status": {
    event: "status",
    ...ROOM,
    standing: "joined",
    hub: { name: "hub", fingerprint: ADA.fingerprint, connected: true },
    waiting: 2,
    timerSeconds: 3_600,
    topic: "what runs",
    kind: "room",
    suite: "hybrid",
    members: 3,
    online: 2,
    role: "moderator",
    epoch: 14,
    links: 1,
    shareHistory: 5,
    renewed: ISO,
  },
  queued: { event: "queued", ...ROOM, id: SAID.id },
  sent: { event: "sent", ...LINE },
  message: { event: "message", ...LINE, from: ADA, at: ISO, text: RED },
  "unknown-message": { event: "unknown-message", ...LINE, from: ADA, kind: "file" },
  edited: { event: "edited", ...LINE, by: ADA, text: "the build is green" },
  deleted: { event: "deleted", ...LINE, by: ADA },
  reacted: { event: "reacted", ...LINE, by: CAROL, emoji: "👍" },
  read: { event: "read", ...LINE, by: CAROL },
  typing: { event: "typing", ...ROOM, by: CAROL },
  followed: { event: "followed", who: CAROL, followed: true },
  "role-changed": { event: "role-changed", ...ROOM, who: CAROL, by: ADA, role: "moderator" },
  "topic-changed": { event: "topic-changed", ...ROOM, topic: "what runs", by: ADA },
  "room-renamed": { event: "room-renamed", ...ROOM, was: "operations", by: ADA },
  "room-timer": { event: "timer", ...ROOM, seconds: 600, by: ADA },
  "shared-history": { event: "shared-history", ...ROOM, by: ADA, entries: [ENTRY] },
  "room-history": { event: "history", occasion: "asked", ...ROOM, entries: [ENTRY] },
  "room-found": { event: "found", ...ROOM, words: "build", total: 1, entries: [ENTRY] },
  "room-exported": { event: "exported", ...ROOM, file: "ops.json", count: 3 },
  marks: { event: "marks", what: "typing", on: true },
  handle: { event: "handle", hub: "hub", handle: "bob-7ufq" },
  missing: { event: "missing", ...ROOM },
  "not-followed": { event: "not-followed", ...ROOM, by: CAROL, why: "carol is no moderator" },
  "log-differs": { event: "log-differs", ...ROOM, by: CAROL },
  "key-changed": { event: "key-changed", ...ROOM, who: CAROL },
  "room-verify": { event: "verify", who: CAROL, words: Array.from({ length: 12 }, () => "zoo") },
  "room-error": { event: "error", code: "group-not-allowed", message: "No.", hint: "Ask an admin.", ...ROOM },
};

describe("an event of rooms in --json", () => {
  for (const report of Object.values(REPORTS)) {
    it(`has the form of ${report.type}`, () => {
      assert.deepEqual(roomToJson(report), FORMS[report.type]);
    });
  }

  it("has further members where there is more to say", () => {
    const message: RoomReport = { ...REPORTS.message, replyTo: "cd", isFollowed: true, again: true };
    const more = { replyTo: "cd", followed: true, again: true };
    assert.deepEqual(roomToJson(message), { ...FORMS.message, ...more });
    const direct: RoomReport = { type: "joined", room: { ...OPS, isDirect: true } };
    assert.deepEqual(roomToJson(direct), { event: "joined", ...ROOM, direct: true });
    const lines = [{ ...SAID, text: "", isEdited: true, isDeleted: true, replyTo: "cd" } as const];
    const entry = { ...ENTRY, text: "", edited: true, deleted: true, replyTo: "cd" };
    const history: RoomReport = { ...REPORTS["room-history"], lines };
    assert.deepEqual(roomToJson(history), { ...FORMS["room-history"], entries: [entry] });
    const error: RoomReport = { type: "room-error", code: "hub-away", message: "No." };
    assert.deepEqual(roomToJson(error), { event: "error", code: "hub-away", message: "No." });
  });

  it("has of an entry who has reacted and who has handed it over", () => {
    const lines = [{ ...SAID, reactions: [{ by: CAROL, emoji: "👍" }], sharedBy: CAROL }];
    const entry = { ...ENTRY, reactions: [{ by: CAROL, emoji: "👍" }], sharedBy: CAROL };
    assert.deepEqual(roomToJson({ ...REPORTS["room-history"], lines }), { ...FORMS["room-history"], entries: [entry] });
    const known = roomToJson({ ...REPORTS["shared-history"], isKnown: true });
    assert.deepEqual(known, { ...FORMS["shared-history"], known: true });
    const hidden = roomToJson({ type: "marks", what: "typing", isOn: true, isHidden: true });
    assert.deepEqual(hidden, { ...FORMS.marks, hidden: true });
  });

  it("says which room is away, and which line is refused", () => {
    const rooms = [{ ...KNOWN_DEV, isAway: true } as const];
    const away = { room: KNOWN_DEV.id, name: "dev", standing: "invited", away: true, people: [ADA] };
    assert.deepEqual(roomToJson({ ...REPORTS.rooms, rooms }), { ...FORMS.rooms, rooms: [away] });
    const refused = { ...REPORTS["room-error"], id: SAID.id };
    assert.deepEqual(roomToJson(refused), { ...FORMS["room-error"], id: SAID.id });
  });

  it("has the time that the report has", () => {
    const { at } = roomToJson({ ...REPORTS.message, atMs: AT_MS + 1 }) as { at: string };
    assert.equal(at, "2026-11-20T00:03:00.001Z");
  });
});
