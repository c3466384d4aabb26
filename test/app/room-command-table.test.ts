// The commands about rooms: what members each takes, from the prompt and from --json.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandFrom } from "../../src/app/command-row.ts";
import type { Members } from "../../src/app/command-words.ts";
import type { RoomCommand } from "../../src/app/rooms/room-commands.ts";
import { ROOM_ROWS, roomRow } from "../../src/app/rooms/room-command-table.ts";

const PLAIN = { isListed: false, isAnnouncement: false, isClassic: false, sharedLines: 0 };

function typed(name: string, text: string, given = {}): RoomCommand | undefined {
  const row = roomRow(name)!;
  const words = text.split(/\s+/u).filter((word) => word !== "");
  return commandFrom(row, row.prompt!, { words, text }, given);
}

function make(name: string, members: Members): RoomCommand | undefined {
  return roomRow(name)!.make(members);
}

describe("a command about rooms", () => {
  it("has a row of its own", () => {
    const names = ROOM_ROWS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it("is made of the words behind its name", () => {
    assert.deepEqual(typed("create", "#ops"), { type: "create", name: "ops", ...PLAIN });
    assert.deepEqual(typed("create", "ops and dev --listed --share-history 5"), {
      type: "create",
      name: "ops and dev",
      ...PLAIN,
      isListed: true,
      sharedLines: 5,
    });
    assert.deepEqual(typed("join", "#ops"), { type: "join", name: "ops" });
    assert.deepEqual(typed("join", "lair://a:1/#x"), { type: "join-link", link: "lair://a:1/#x" });
    assert.deepEqual(typed("read", "off"), { type: "marks", what: "read", isOn: false });
    const given = { room: "5f", who: "bob" };
    assert.deepEqual(typed("role", "admin", given), { type: "role", ...given, role: "admin" });
  });

  it("is not made of others", () => {
    for (const text of ["", "#", "ops --secret", "ops --share-history", "ops --share-history -1"]) {
      assert.equal(typed("create", text), undefined, text);
    }
    assert.equal(typed("read", "the docs"), undefined);
    assert.equal(typed("leave", "now", { room: "5f" }), undefined);
    assert.equal(typed("role", "king", { room: "5f", who: "bob" }), undefined);
  });

  it("about a line names it by its number, by its id, or not at all", () => {
    const room = { room: "5f" };
    assert.deepEqual(typed("edit", "12 better", room), { type: "edit", ...room, line: 12, text: "better" });
    assert.deepEqual(typed("edit", "two  blanks", room), { type: "edit", ...room, text: "two  blanks" });
    assert.deepEqual(typed("delete", "", room), { type: "delete", ...room });
    assert.deepEqual(typed("react", "3 off", room), { type: "react", ...room, line: 3, emoji: "" });
    assert.deepEqual(roomRow("delete")!.make({ ...room, id: "ab" }), { type: "delete", ...room, line: "ab" });
    for (const [name, text] of [
      ["edit", "12"],
      ["delete", "it"],
      ["reply", "yes"],
      ["reply", "3"],
      ["react", "3 a b"],
    ] as const) {
      assert.equal(typed(name, text, room), undefined, `${name} ${text}`);
    }
  });

  it("is made of the members of its object", () => {
    assert.deepEqual(make("room-link", { room: "5f", uses: 5 }), { type: "link", room: "5f", uses: 5 });
    assert.deepEqual(make("revoke-links", { room: "5f" }), { type: "revoke-links", room: "5f" });
    assert.equal(make("revoke-links", {}), undefined);
    assert.deepEqual(make("invite-to", { room: "#ops", who: "bob" }), { type: "invite", room: "#ops", who: "bob" });
    for (const wrong of [{}, { room: "" }, { room: "5f", uses: 0 }, { room: "5f", seconds: 0.5 }]) {
      assert.equal(make("room-link", wrong), undefined);
    }
    assert.equal(make("join", { name: "ops", link: "lair://a:1/#x" }), undefined);
    assert.equal(make("create", { name: "ops", listed: 1 }), undefined);
  });
});
