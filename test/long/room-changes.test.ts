// Three and more people in a room, as real programs: somebody is away while others come, go and rename; somebody is removed and
// tries everything to come back; admins change the same things at once; homes are put back from old copies.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import type { JsonEvent } from "../e2e/program.ts";
import { type Member, RoomPeople } from "./room-people.ts";
import type { RoomSide } from "./room-side.ts";

const OLD = { timeout: 120_000 };

/** A room of these people; the first has made it. */
async function roomOf(t: { after(action: () => Promise<void>): void }, ...names: readonly string[]) {
  const [founder, ...others] = names;
  const people = await RoomPeople.begin(new Fixture(t), new SeededRandom(FIRST_SEED), founder!);
  const link = await people.link(20);
  for (const name of others) await people.join(name, link);
  return { people, link };
}

/** Says a line, and waits until these people have it. */
async function said(
  people: RoomPeople,
  by: Member,
  text: string,
  to: readonly Member[] = people.members,
): Promise<void> {
  const others = to.filter((member) => member !== by);
  by.say(people.room, text);
  await people.until(`that "${text}" is heard`, () =>
    others.every(({ record }) => [...record.lines.values()].some((line) => line.text === text)) ? true : undefined,
  );
}

/** What a member's program says of the room: its topic, its name, and who is in it with which role. */
async function seenBy(people: RoomPeople, { side }: Member): Promise<string> {
  const event = await side.next("members", () => side.tell({ command: "members", room: people.room }));
  const members = event["members"] as readonly { readonly fingerprint: string; readonly role: string }[];
  const roles = members.map(({ fingerprint, role }) => `${fingerprint} ${role}`).toSorted();
  return JSON.stringify([event["name"], event["topic"], ...roles]);
}

/** All see the same room. */
async function agree(people: RoomPeople, members: readonly Member[] = people.members): Promise<string> {
  const [first, ...others] = members;
  const seen = await seenBy(people, first!);
  for (const member of others) assert.equal(await seenBy(people, member), seen, member.name);
  return seen;
}

async function seen(side: RoomSide, event: string, where: (event: JsonEvent) => boolean): Promise<JsonEvent> {
  return await side.until(`the event "${event}"`, () => {
    const found = side.seen(event);
    return found !== undefined && where(found) ? found : undefined;
  });
}

const nameIn = (event: JsonEvent, member: string): string => (event[member] as { readonly name: string }).name;

/** A copy of a home whose program does not run; the result puts it back. */
function copied(fixture: { path(name: string): string }, { home }: RoomSide): () => void {
  const copy = fixture.path("copy");
  cpSync(home, copy, { recursive: true });
  return () => {
    rmSync(home, { recursive: true, force: true });
    cpSync(copy, home, { recursive: true });
  };
}

describe("a room that changes", () => {
  it("is the same for somebody who was away, and a newcomer comes in by one link", OLD, async (t) => {
    const { people, link } = await roomOf(t, "ada", "bob", "cleo", "dan");
    const [ada, bob, cleo] = people.members as [Member, Member, Member, Member];
    await said(people, ada, "before");
    await cleo.side.kill();
    const present = people.members.filter((member) => member !== cleo);
    ada.side.tell({ command: "remove", room: people.room, who: "dan" });
    await seen(bob.side, "removed", (event) => nameIn(event, "who") === "dan");
    people.members.splice(
      people.members.findIndex(({ name }) => name === "dan"),
      1,
    );
    present.splice(
      present.findIndex(({ name }) => name === "dan"),
      1,
    );
    const eve = await people.join("eve", await people.link(1));
    present.push(eve);
    ada.side.tell({ command: "role", room: people.room, who: "bob", role: "moderator" });
    await seen(bob.side, "role-changed", () => true);
    bob.side.tell({ command: "topic", room: people.room, topic: "what happened meanwhile" });
    await seen(eve.side, "topic-changed", () => true);
    ada.side.tell({ command: "rename-room", room: people.room, name: "newops" });
    await seen(eve.side, "room-renamed", () => true);
    await said(people, eve, "while cleo was away", present);
    cleo.start();
    await seen(cleo.side, "message", ({ text }) => text === "while cleo was away");
    await seen(cleo.side, "room-renamed", ({ name }) => name === "newops");
    for (const member of people.members) await said(people, member, `${member.name} is here`);
    await agree(people);
    // Nobody comes by the link that the removed person knew.
    const late = await people.enter("finn", link).catch((error: unknown) => error);
    assert.ok(late instanceof Error, "the old link leads to nothing");
  });

  it("is closed to somebody who was removed, whatever they try", OLD, async (t) => {
    const { people, link } = await roomOf(t, "ada", "bob", "cleo");
    const [ada, bob, cleo] = people.members as [Member, Member, Member];
    await said(people, bob, "not yet");
    ada.side.tell({ command: "remove", room: people.room, who: "bob" });
    await seen(bob.side, "removed", ({ room }) => room === people.room);
    await seen(cleo.side, "removed", (event) => nameIn(event, "who") === "bob");
    await people.until("that the links are revoked", () => ada.side.seen("links-revoked"));
    const inside = [ada, cleo];
    const heard = bob.record.count("message");
    const refused = async (command: object): Promise<unknown> => {
      const event = await bob.side.next("error", () => bob.side.tell(command));
      return event["code"];
    };
    assert.equal(await refused({ send: "let me in", to: people.room }), "hub-refused");
    assert.equal(await refused({ command: "join", link }), "hub-refused");
    assert.equal(await refused({ command: "members", room: people.room }), "hub-refused");
    assert.equal(await refused({ command: "topic", room: people.room, topic: "mine" }), "hub-refused");
    await said(people, ada, "bob is out", inside);
    await bob.side.kill();
    bob.start();
    await seen(bob.side, "connected", () => true);
    assert.equal(await refused({ command: "join", link }), "hub-refused");
    await said(people, cleo, "he still is", inside);
    // What he had stays.
    assert.deepEqual(
      (await people.export(bob)).map(({ text }) => text),
      ["not yet"],
    );
    assert.equal(bob.record.count("message"), heard);
    // Only a new invitation helps.
    ada.side.tell({ command: "invite-to", room: people.room, who: "bob" });
    await seen(bob.side, "invited", ({ room }) => room === people.room);
    bob.side.tell({ command: "accept", room: people.room });
    await seen(bob.side, "joined", () => true);
    await said(people, ada, "welcome back");
    assert.equal(bob.record.count("message"), heard + 1);
    await agree(people);
  });

  it("does not open to a copy of the home of somebody who was removed", OLD, async (t) => {
    const fixture = new Fixture(t);
    const people = await RoomPeople.begin(fixture, new SeededRandom(FIRST_SEED), "ada");
    const bob = await people.join("bob", await people.link(20));
    const cleo = await people.join("cleo", await people.link(20));
    const [ada] = people.members as [Member];
    await said(people, ada, "all hear this");
    await bob.side.kill();
    const putBack = copied(fixture, bob.side);
    bob.start();
    await seen(bob.side, "connected", () => true);
    ada.side.tell({ command: "remove", room: people.room, who: "bob" });
    await seen(bob.side, "removed", () => true);
    await said(people, ada, "bob must not hear this", [ada, cleo]);
    await bob.side.kill();
    putBack();
    bob.start();
    await seen(bob.side, "removed", () => true);
    bob.say(people.room, "I am back");
    const error = await seen(bob.side, "error", () => true);
    assert.equal(error["code"], "hub-refused");
    await said(people, cleo, "nor this", [ada, cleo]);
    assert.ok(
      ![...bob.record.lines.values()].some(({ text }) => text?.includes("this") === true && text !== "all hear this"),
    );
  });

  it("ends up the same for all after admins have changed the same things at once", OLD, async (t) => {
    const { people } = await roomOf(t, "ada", "bob", "cleo", "dan", "eve", "finn");
    const [ada, bob, cleo, dan, eve, finn] = people.members as [Member, Member, Member, Member, Member, Member];
    const admins = [ada, bob, cleo, dan];
    for (const { name } of [bob, cleo, dan]) {
      ada.side.tell({ command: "role", room: people.room, who: name, role: "admin" });
      await seen(eve.side, "role-changed", (event) => nameIn(event, "who") === name);
    }
    for (const [at, { side }] of admins.entries()) {
      side.tell({ command: "topic", room: people.room, topic: `of ${at}` });
      side.tell({ command: "role", room: people.room, who: "eve", role: at % 2 === 0 ? "moderator" : "member" });
      side.tell({ command: "rename-room", room: people.room, name: `ops${at}` });
      side.tell({ command: "remove", room: people.room, who: "finn" });
      side.tell({ send: `${at} has changed things`, to: people.room });
    }
    await seen(finn.side, "removed", ({ room }) => room === people.room);
    const inside = [...admins, eve];
    await people.until("that all is said", () =>
      inside.every(({ record }) => record.lines.size >= admins.length) ? true : undefined,
    );
    // What was asked for last is done once nothing of it waits: a program does these in their order.
    for (const [at, { side }] of admins.entries()) {
      side.tell({ command: "topic", room: people.room, topic: `last of ${at}` });
    }
    await people.until("that all have had their last topic", () =>
      inside.every(({ record }) => record.count("topic-changed") >= 2 * admins.length - 3) ? true : undefined,
    );
    for (const member of inside) await said(people, member, `${member.name} is done`, inside);
    const room = await agree(people, inside);
    assert.match(room, /"last of \d"/);
  });

  for (const isQueued of [false, true]) {
    const what = isQueued ? ", with a line that waits" : "";
    it(`goes on with a member whose home was put back from an old copy${what}`, OLD, async (t) => {
      const fixture = new Fixture(t);
      const people = await RoomPeople.begin(fixture, new SeededRandom(FIRST_SEED), "ada");
      const link = await people.link(20);
      const bob = await people.join("bob", link);
      const cleo = await people.join("cleo", link);
      const [ada] = people.members as [Member];
      await said(people, bob, "first");
      if (isQueued) {
        people.proxy.target = undefined;
        for (const wire of people.proxy.wires) wire.cutAfter(0, "reset");
        await seen(bob.side, "disconnected", () => true);
        const queued = await bob.side.next("queued", () => bob.say(people.room, "it waits"));
        assert.equal(queued["room"], people.room);
      }
      await bob.side.kill();
      const putBack = copied(fixture, bob.side);
      people.proxy.target = Number(new URL(String(people.hub.seen("listening")!["url"])).port);
      bob.start();
      for (const { side } of people.members) await seen(side, "connected", () => true);
      if (isQueued) await seen(ada.side, "message", ({ text }) => text === "it waits");
      await said(people, bob, "second");
      await said(people, ada, "third");
      await said(people, bob, "fourth");
      ada.side.tell({ command: "topic", room: people.room, topic: "in between" });
      await seen(bob.side, "topic-changed", () => true);
      await said(people, bob, "fifth");
      await bob.side.kill();
      putBack();
      for (const event of ["missing", "came-back"]) for (const { record } of people.members) record.expected.add(event);
      bob.start();
      await seen(bob.side, "connected", () => true);
      await said(people, bob, "sixth");
      await said(people, ada, "seventh");
      await said(people, bob, "eighth");
      const texts = async (member: Member) => (await people.export(member)).map(({ text }) => text);
      const all = [
        "first",
        ...(isQueued ? ["it waits"] : []),
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
      ];
      assert.deepEqual(await texts(ada), all);
      assert.deepEqual(await texts(cleo), all);
      t.diagnostic(`bob has ${JSON.stringify(await texts(bob))}; told ${JSON.stringify([...bob.record.counts])}`);
      assert.ok(bob.record.count("missing") + bob.record.count("came-back") > 0, "bob is told");
      for (const { record } of [ada, cleo]) assert.equal(record.count("missing"), 0);
      await agree(people);
    });
  }
});
