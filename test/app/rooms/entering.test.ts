// Making a room and joining one, while the program ends or the line is cut in between.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { nameOfCall } from "../../../src/core/hub/calls.ts";
import { created, type Program, RoomsWorld } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

/** The hub does not hear this call, and nobody hears its answer. Resolves once it was made. */
async function lost(program: Program, call: string): Promise<void> {
  await new Promise<void>((resolve) => {
    program.onCall = (bytes) => {
      if (nameOfCall(bytes) !== call) return bytes;
      resolve();
      return undefined;
    };
  });
  program.onCall = (bytes) => bytes;
}

/** The hub has done what was asked; the line is cut before the answer, once. Resolves then. */
async function cutAt(program: Program, call: string): Promise<void> {
  await new Promise<void>((resolve) => {
    program.onAnswer = (answer, asked) => {
      if (nameOfCall(asked) !== call) return answer;
      program.cut();
      program.onAnswer = (next) => next;
      resolve();
      return answer;
    };
  });
}

async function listed(program: Program): Promise<readonly string[]> {
  program.do({ type: "rooms" });
  return (await program.hears("rooms")).listed;
}

describe("a room that is made", () => {
  for (const [how, end] of [
    ["killed", async () => {}],
    ["ended", async (program: Program) => await program.rooms.close()],
  ] as const) {
    it(`is made and listed later if the program is ${how} before the hub hears of it`, async () => {
      const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
      const call = lost(ada, "create");
      ada.do(created("ops", { isListed: true }));
      await call;
      await end(ada);
      await ada.restart();
      await ada.connect();
      const { room } = await ada.hears("room-created");
      assert.equal(room.name, "ops");
      assert.deepEqual(await listed(bob), ["ops"]);
      await world.invited(room.id, ada, bob);
    });
  }

  it("is there if only the answer was lost", async () => {
    const ada = await world.connected("ada");
    const cut = cutAt(ada, "create");
    ada.do(created("ops", { isListed: true }));
    await cut;
    await ada.connect();
    await ada.hears("room-created");
    assert.deepEqual(await listed(ada), ["ops"]);
  });

  it("is forgotten if the hub refuses it", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.do(created("ops", { isListed: true }));
    await ada.hears("room-created");
    bob.do(created("ops", { isListed: true }));
    await bob.hears("room-error");
    bob.do({ type: "rooms" });
    assert.deepEqual((await bob.hears("rooms")).rooms, []);
  });
});

describe("a room that is joined by a link", () => {
  it("is joined later if the program ends before the hub's answer; once more is the same", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    ada.do({ type: "link", room, uses: 1 });
    const { link } = await ada.hears("room-link");
    const cut = cutAt(bob, "commit");
    bob.do({ type: "join-link", link });
    await cut;
    await bob.rooms.close();
    await bob.restart();
    await bob.connect();
    bob.do({ type: "join-link", link });
    await bob.hears("joined");
    assert.deepEqual(bob.errors, []);
    ada.do({ type: "say", room, text: "welcome" });
    assert.equal((await bob.hears("message")).text, "welcome");
  });

  it("is the one to which somebody has invited the user: the link accepts", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    ada.do({ type: "invite", room, who: "bob" });
    await bob.hears("invited");
    bob.do({ type: "join-link", link });
    assert.equal((await bob.hears("joined")).by?.name, "ada");
    ada.do({ type: "say", room, text: "welcome" });
    assert.equal((await bob.hears("message")).text, "welcome");
    assert.deepEqual(bob.errors, []);
  });
});
