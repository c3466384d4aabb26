// The rooms of a program without a connection: which there are, and what is kept of them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type RestCommand, roomsAtRest } from "../../../src/app/rooms/rooms-at-rest.ts";
import type { RoomReport } from "../../../src/app/rooms/room-reports.ts";
import { OPENSSL_SUITE as SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { HUB_KEY, type Program, RoomsWorld } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

async function atRest(program: Program, command: RestCommand): Promise<RoomReport> {
  const { groups, hub } = world;
  const { store, identity } = program;
  const fixed = { peers: () => [], hubs: [HUB_KEY], exportLines: () => 0, suite: SUITE };
  const answers = await roomsAtRest({ groups, clock: hub.clock, store, identity, ...fixed }, command);
  assert.equal(answers[0]?.type, "known-rooms", "for the names");
  return answers[1]!;
}

describe("rooms without a connection", () => {
  it("are listed and shown, those of two by the other one's name, and nothing is changed", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    await world.room("open house", ada, bob);
    ada.do({ type: "direct", who: "bob" });
    await bob.hears("invited", ({ room }) => room.isDirect === true);
    ada.do({ type: "say", room: "#open house", text: "hello" });
    await ada.hears("sent");
    const rooms = await atRest(ada, { type: "rooms" });
    assert.ok(rooms.type === "rooms");
    assert.deepEqual(
      rooms.rooms.map(({ name, isAway, people }) => [name, isAway, people.map((one) => one.name).toSorted()]),
      [
        ["open house", undefined, ["ada", "bob"]],
        ["bob", undefined, ["ada", "bob"]],
      ],
    );
    for (const room of ["#open house", "#Open House", '#"open house"', `#${rooms.rooms[0]!.id.slice(0, 8)}`]) {
      const history = await atRest(ada, { type: "history", room, count: 5 });
      assert.ok(history.type === "room-history");
      assert.deepEqual(
        history.lines.map(({ text, from }) => [text, from.name]),
        [["hello", "ada"]],
        room,
      );
    }
    const found = await atRest(ada, { type: "search", room: "#open house", words: "HELLO" });
    assert.ok(found.type === "room-found" && found.total === 1);
    await assert.rejects(atRest(ada, { type: "history", room: "#open", count: 5 }), /No room is called "open"/u);
  });
});
