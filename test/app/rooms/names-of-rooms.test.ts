// Which room or person is meant by a name that several have, or nobody.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { created, RoomsWorld } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

describe("a room's name", () => {
  it("is not taken away by a stranger's invitation; accept means the invitation", async () => {
    const [ada, bob, mal] = [await world.connected("ada"), await world.connected("bob"), await world.connected("mal")];
    const ops = await world.room("ops", ada, bob);
    mal.do(created("OPS"));
    const { room: other } = await mal.hears("room-created");
    mal.do({ type: "invite", room: other.id, who: "bob" });
    await bob.hears("invited", ({ room }) => room.id === other.id);
    bob.do({ type: "say", room: "#ops", text: "hello" });
    assert.equal((await bob.hears("sent")).room.id, ops);
    bob.do({ type: "answer", room: "#ops", isAccepted: true });
    await bob.hears("joined", ({ room }) => room.id === other.id);
    bob.do({ type: "answer", room: "#ops", isAccepted: true });
    await bob.hears("room-error", ({ code }) => code === "ambiguous-recipient");
    bob.do({ type: "leave", room: other.id });
    await bob.hears("left", ({ room }) => room.id === other.id);
    bob.do({ type: "answer", room: "#ops", isAccepted: true });
    await bob.hears("room-error", ({ message }) => message.includes("not invited"));
  });
});

describe("a person's name", () => {
  it("that is longer than any at a hub is nobody's", async () => {
    const ada = await world.connected("ada");
    await assert.rejects(ada.rooms.ask({ type: "direct", who: "é".repeat(33) }), { code: "peer-unknown" });
  });
});
