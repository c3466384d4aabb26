// A member with valid keys that does not follow the rules, through an honest hub.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { toHex } from "../../src/core/bytes.ts";
import { type Program, random, RoomsWorld } from "../app/rooms/rooms-world.ts";
import { inTime, talk } from "./hostile-hub.ts";
import { RawMember } from "./raw-member.ts";

let world: RoomsWorld;
let ada: Program;
let bob: Program;
let mal: Program;
let room: string;
let raw: RawMember;

beforeEach(async () => {
  world = new RoomsWorld();
  [ada, bob, mal] = [await world.connected("ada"), await world.connected("bob"), await world.connected("mal")];
  room = await world.room("ops", ada, bob, mal);
  raw = await RawMember.of(world, mal, room);
});
afterEach(async () => {
  await world.close();
});

/** What ada and bob are told of mal's doing, and that the room is as it was. */
async function refused(why: RegExp): Promise<void> {
  for (const one of [ada, bob]) {
    const told = await one.hears("not-followed", ({ why: clause }) => why.test(clause));
    assert.equal(told.by.name, "mal");
  }
}

async function membersOf(program: Program): Promise<string[]> {
  program.reports.length = 0;
  program.do({ type: "members", room });
  const { members } = await program.hears("members");
  return members.map(({ name, role }) => `${name} ${role}`).toSorted();
}

const SAME = ["ada admin", "bob member", "mal member"];

describe("a hostile member", () => {
  it("cannot make everybody follow it by a commit that nobody takes and a line of the epoch after it", async () => {
    const own = toHex(mal.identity.signatureKey);
    const made = await raw.make({ context: await raw.changed({ roles: new Map([[own, "admin"]]) }) });
    const fork = await raw.after(made);
    await raw.commit(made.commit, { groupInfo: await raw.infoOf(fork, [ada, bob]) });
    await refused(/roles/);
    raw.state = fork;
    await raw.say({ kind: "text", text: "come here" });
    await talk(world, room, ada, bob);
    assert.deepEqual(await membersOf(bob), SAME);
    assert.deepEqual(bob.told("came-back"), []);
    assert.deepEqual(ada.told("came-back"), []);
  });

  it("cannot stop a room by garbage in a commit's place and a line of the epoch after it", async () => {
    await raw.commit(random(100));
    await raw.say({ kind: "text", text: "the next epoch" }, { epoch: (await raw.head()).epoch });
    await talk(world, room, ada, bob);
    ada.do({ type: "topic", room, topic: "on" });
    await inTime(world, () => bob.told("topic-changed").length > 0, "commits go on");
  });

  it("cannot set the room back by a commit of an early epoch", async () => {
    await raw.commit(random(100), { epoch: 0 });
    await talk(world, room, ada, bob);
    ada.do({ type: "topic", room, topic: "on" });
    await inTime(world, () => bob.told("topic-changed").length > 0, "commits go on");
    await talk(world, room, ada, bob);
  });
});
