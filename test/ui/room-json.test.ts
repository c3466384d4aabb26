// What --json tells a program of rooms.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PersonView, RoomReport } from "../../src/app/rooms/room-reports.ts";
import { roomToJson } from "../../src/ui/room-json.ts";

const OPS = { id: "5f".repeat(16), name: "ops" };
const ROOM = { room: OPS.id, name: "ops" };
const ADA: PersonView = { name: "ada", fingerprint: "gwix t4ac" };
const SELF: PersonView = { name: "bob", fingerprint: "7ufq 3xkd", isSelf: true };
const ME = { name: "bob", fingerprint: "7ufq 3xkd", self: true };
const LINE = { room: OPS, id: "ab", seq: 7 };
const IN_LINE = { ...ROOM, id: "ab", seq: 7 };

describe("an event of rooms in --json", () => {
  const forms: readonly (readonly [RoomReport, object])[] = [
    [{ type: "room-created", room: OPS }, ROOM],
    [
      { type: "room-link", room: OPS, link: "lair://a:1/#x" },
      { ...ROOM, link: "lair://a:1/#x" },
    ],
    [{ type: "joined", room: OPS }, ROOM],
    [
      { type: "joined", room: OPS, who: ADA, by: SELF },
      { ...ROOM, who: ADA, by: ME },
    ],
    [
      { type: "removed", room: OPS, who: SELF, by: ADA, isBanned: true },
      { ...ROOM, who: ME, by: ADA, banned: true },
    ],
    [
      { type: "members", room: OPS, members: [{ ...ADA, role: "admin", isOnline: true }] },
      { ...ROOM, members: [{ ...ADA, role: "admin", online: true }] },
    ],
    [{ type: "sent", ...LINE, atMs: 0, text: "hi" }, IN_LINE],
    [
      { type: "message", ...LINE, from: ADA, atMs: 5, text: "hi", replyTo: "cd" },
      { ...IN_LINE, from: ADA, at: "5", text: "hi", replyTo: "cd" },
    ],
    [
      { type: "edited", ...LINE, by: ADA, text: "ho" },
      { ...IN_LINE, by: ADA, text: "ho" },
    ],
    [
      { type: "role-changed", room: OPS, who: ADA, role: "admin", by: SELF },
      { ...ROOM, who: ADA, role: "admin", by: ME },
    ],
    [{ type: "followed", who: ADA }, { who: ADA }],
    [{ type: "rooms", rooms: [OPS] }, { rooms: [ROOM] }],
  ];
  for (const [report, expected] of forms) {
    it(`has the form of ${report.type}`, () => {
      assert.deepEqual(roomToJson(report, String), { event: report.type, ...expected });
    });
  }
});
