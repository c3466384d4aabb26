// Links to rooms: who comes by one, and when it leads nowhere.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromHex } from "../../../src/core/bytes.ts";
import type { RoomLink } from "../../../src/hub/store.ts";
import { RoomsWorld } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

describe("a link to a room", () => {
  it("leads nowhere once somebody who knows it is banned: not for another account of hers either", async () => {
    const [ada, mal, again] = [
      await world.connected("ada"),
      await world.connected("mal"),
      await world.connected("again"),
    ];
    const room = await world.room("ops", ada, mal);
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    ada.do({ type: "ban", room, who: "mal" });
    await ada.hears("banned");
    assert.equal((await ada.hears("links-revoked")).count, 1);
    again.do({ type: "join-link", link });
    await again.hears("room-error", ({ code }) => code === "hub-refused");
    await eventually(async () => (await linksAtHub(room)).length === 0, "the hub forgets it");
  });
});

async function linksAtHub(room: string): Promise<readonly RoomLink[]> {
  return await world.hub.store.rooms.links(fromHex(room)!);
}

async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 10_000; !(await holds());) {
    assert.ok(performance.now() < end, `this never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
