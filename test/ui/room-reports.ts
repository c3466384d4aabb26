// A report of each type about rooms, for tests that hold all of them against something.

import type {
  KnownRoom,
  MemberView,
  PersonView,
  RoomLineView,
  RoomReport,
  RoomStatus,
} from "../../src/app/rooms/room-reports.ts";

/** 20 November 2026, 00:03 UTC. */
export const AT_MS = 1_795_132_980_000;
export const OPS = { id: "5f".repeat(16), name: "ops" };
export const DEV = { id: "a0".repeat(16), name: "dev" };
export const ADA: PersonView = { name: "ada", fingerprint: "gwix t4ac u64t 3wbf 4ias xesc an5p by6i" };
export const CAROL: PersonView = { name: "carol", fingerprint: "m2pa 5t6h u64t 3wbf 4ias xesc an5p by6i" };
export const SELF: PersonView = {
  name: "bob",
  fingerprint: "7ufq 3xkd u64t 3wbf 4ias xesc an5p by6i",
  isSelf: true,
};
export const KNOWN_OPS: KnownRoom = { ...OPS, standing: "joined", people: [SELF, ADA, CAROL] };
export const KNOWN_DEV: KnownRoom = { ...DEV, standing: "invited", people: [ADA] };
const ADMIN: MemberView = { ...ADA, role: "admin", isOnline: true };
/** In the room ops, a line of whose id begins with 2. */
const LINE = { room: OPS, id: "2a".repeat(16), seq: 7 };
export const SAID: RoomLineView = { id: LINE.id, seq: 7, from: ADA, atMs: AT_MS, text: "the build is red" };

export const STATUS: RoomStatus = {
  standing: "joined",
  hub: { ...ADA, name: "hub", isConnected: true },
  waiting: 2,
  timerS: 3_600,
  inside: {
    topic: "what runs",
    kind: "room",
    suite: "hybrid",
    members: 3,
    online: 2,
    role: "moderator",
    epoch: 14,
    renewedAtMs: AT_MS,
    sharedLines: 5,
    links: 1,
  },
};

/** By type, so that the compiler asks for one of each. */
export const REPORTS: { readonly [Type in RoomReport["type"]]: RoomReport & { readonly type: Type } } = {
  "known-rooms": { type: "known-rooms", rooms: [KNOWN_OPS, KNOWN_DEV], hubs: ["hub"] },
  rooms: { type: "rooms", rooms: [KNOWN_OPS, KNOWN_DEV], listed: ["lounge"] },
  "room-created": { type: "room-created", room: OPS },
  "links-revoked": { type: "links-revoked", room: OPS, count: 2 },
  "room-link": { type: "room-link", room: OPS, link: "lair://a:1/#x", uses: 5, expiresAtMs: AT_MS },
  invited: { type: "invited", room: OPS, by: ADA },
  asked: { type: "asked", room: OPS },
  knocked: { type: "knocked", room: OPS, who: CAROL },
  joined: { type: "joined", room: OPS, who: CAROL, by: ADA },
  "came-back": { type: "came-back", room: OPS, who: CAROL },
  left: { type: "left", room: OPS, who: CAROL },
  declined: { type: "declined", room: OPS },
  "room-forgotten": { type: "room-forgotten", room: OPS },
  removed: { type: "removed", room: OPS, who: CAROL, by: ADA },
  banned: { type: "banned", room: OPS, who: CAROL, by: ADA },
  unbanned: { type: "unbanned", room: OPS, who: CAROL, by: ADA },
  members: {
    type: "members",
    room: OPS,
    topic: "what runs",
    members: [ADMIN, { ...SELF, role: "member", isOnline: true }],
  },
  "room-status": { type: "room-status", room: OPS, status: STATUS },
  queued: { type: "queued", room: OPS, id: LINE.id, atMs: AT_MS, text: "hi" },
  sent: { type: "sent", ...LINE, atMs: AT_MS, text: "hi" },
  message: { type: "message", ...LINE, from: ADA, atMs: AT_MS, text: "the build is red" },
  "unknown-message": { type: "unknown-message", ...LINE, from: ADA, kind: "file" },
  edited: { type: "edited", ...LINE, by: ADA, text: "the build is green" },
  deleted: { type: "deleted", ...LINE, by: ADA },
  reacted: { type: "reacted", ...LINE, by: CAROL, emoji: "👍" },
  read: { type: "read", ...LINE, by: CAROL },
  typing: { type: "typing", room: OPS, by: CAROL },
  followed: { type: "followed", who: CAROL, isFollowed: true },
  "role-changed": { type: "role-changed", room: OPS, who: CAROL, role: "moderator", by: ADA },
  "topic-changed": { type: "topic-changed", room: OPS, topic: "what runs", by: ADA },
  "room-renamed": { type: "room-renamed", room: OPS, was: "operations", by: ADA },
  "room-timer": { type: "room-timer", room: OPS, seconds: 600, by: ADA },
  "shared-history": { type: "shared-history", room: OPS, by: ADA, lines: [SAID] },
  "room-history": { type: "room-history", room: OPS, occasion: "asked", lines: [SAID] },
  "room-found": { type: "room-found", room: OPS, words: "build", lines: [SAID], total: 1 },
  "room-exported": { type: "room-exported", room: OPS, file: "ops.json", count: 3 },
  marks: { type: "marks", what: "typing", isOn: true },
  handle: { type: "handle", hub: "hub", handle: "bob-7ufq" },
  missing: { type: "missing", room: OPS },
  "not-followed": { type: "not-followed", room: OPS, by: CAROL, why: "carol is no moderator" },
  "log-differs": { type: "log-differs", room: OPS, by: CAROL },
  "key-changed": { type: "key-changed", room: OPS, who: CAROL },
  "room-verify": { type: "room-verify", who: CAROL, words: Array.from({ length: 12 }, () => "zoo") },
  "room-error": { type: "room-error", room: OPS, code: "group-not-allowed", message: "No.", hint: "Ask an admin." },
};
