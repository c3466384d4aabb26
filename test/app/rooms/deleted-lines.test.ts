// A line that was deleted stays so.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { RoomsWorld } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

describe("a line that was deleted", () => {
  it("is not brought back by an edit that was on its way, and is not to be edited by who knows", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    bob.do({ type: "say", room, text: "spam" });
    const { id } = await ada.hears("message");
    await bob.hears("sent");
    bob.cut();
    bob.do({ type: "edit", room, line: id, text: "spam again" });
    ada.do({ type: "delete", room, line: id });
    await ada.hears("deleted");
    await bob.connect();
    await bob.hears("deleted");
    bob.do({ type: "say", room, text: "after it" });
    await ada.hears("message", ({ text }) => text === "after it");
    await bob.hears("sent", ({ text }) => text === "after it");
    for (const program of [ada, bob]) assert.deepEqual(await program.lines(room), ["", "after it"], program.name);
    assert.deepEqual([...ada.told("edited"), ...bob.told("edited")], []);
    bob.do({ type: "edit", room, line: id, text: "once more" });
    assert.equal((await bob.hears("room-error")).message, "This line was deleted.");
  });

  it("is not brought back for somebody either who reads all of it at once", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob, cyd);
    cyd.cut();
    bob.do({ type: "say", room, text: "spam" });
    const { id } = await ada.hears("message");
    await bob.hears("sent");
    bob.cut();
    bob.do({ type: "edit", room, line: id, text: "spam again" });
    ada.do({ type: "delete", room, line: id });
    await ada.hears("deleted");
    await bob.connect();
    bob.do({ type: "say", room, text: "after it" });
    await ada.hears("message", ({ text }) => text === "after it");
    await cyd.connect();
    await cyd.hears("message", ({ text }) => text === "after it");
    assert.deepEqual(await cyd.lines(room), ["", "after it"]);
  });
});
