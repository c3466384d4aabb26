// Rooms: one line through lair-hub to 50 members beside a plain ws server that passes the same bytes on, and what 100 lines in a
// room of 50 take of its members' processor beside the MLS library alone.

import { existsSync } from "node:fs";
import { HubRoom, PlainRoom } from "../hub-lines.ts";
import { aloneMs, MemberRoom } from "../member-lines.ts";
import type { Part, Table } from "./part.ts";

const MEMBERS = 50;
const LINES = 100;

export const ROOMS: Part = {
  keys: ["hub", "room"],
  async run(table) {
    if (table.isWanted("hub")) {
      if (existsSync("/proc/self/status")) await measureHub(table);
      else table.skip("hub: there is no /proc here");
    }
    if (table.isWanted("room")) await measureMembers(table);
  },
};

async function measureHub(table: Table): Promise<void> {
  const [hub, plain] = [await HubRoom.open(table.disk, MEMBERS), await PlainRoom.open(MEMBERS)];
  try {
    await table.measure({
      key: "hub",
      figures: [
        {
          name: `processor of the hub for one line of 512 bytes to ${MEMBERS} members`,
          unit: "µs",
          better: "less",
          goals: [{ beside: "ws", times: 1.5 }],
        },
      ],
      sides: [
        { name: "Lair", run: async () => [await hub.say(LINES)] },
        { name: "ws", run: async () => [await plain.say(LINES)] },
      ],
    });
  } finally {
    await Promise.all([hub.close(), plain.close()]);
  }
}

async function measureMembers(table: Table): Promise<void> {
  const room = await MemberRoom.open(MEMBERS);
  await table.measure({
    key: "room",
    figures: [
      {
        name: `processor for ${LINES} lines in a room of ${MEMBERS}: who says them, who reads them, the hub's services`,
        unit: "ms",
        better: "less",
        goals: [],
      },
    ],
    sides: [
      { name: "Lair", run: async () => [await room.say(LINES)] },
      { name: "MLS alone", run: async () => [await aloneMs(LINES)] },
    ],
  });
  await room.close();
}
