// Rooms from end to end: what people do, over the real hub and the real cryptography.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { created, type Program, RoomsWorld, until } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

const texts = (program: Program): string[] => program.told("message").map(({ text }) => text);

describe("rooms of programs", () => {
  it("are made, joined by invitation, and talked in by all", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob, cyd);
    ada.do({ type: "say", room: "#ops", text: "hello" });
    bob.do({ type: "say", room, text: "hi" });
    for (const [program, others] of [
      [ada, ["hi"]],
      [bob, ["hello"]],
      [cyd, ["hello", "hi"]],
    ] as const) {
      await until(
        () => texts(program).length === others.length,
        () => `${program.name} has ${texts(program).join()}`,
      );
      assert.deepEqual(texts(program).toSorted(), others);
    }
    const { from } = cyd.told("message").find(({ text }) => text === "hello")!;
    assert.equal(from.name, "ada");
    await ada.hears("sent", ({ text }) => text === "hello");
    const logs = await Promise.all([ada, bob, cyd].map((one) => one.lines(room)));
    assert.deepEqual(logs[0], logs[1]);
    assert.deepEqual(logs[0], logs[2]);
    assert.deepEqual(ada.told("room-error"), []);
  });
});
