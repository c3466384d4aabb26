// The less common ways of rooms through the real programs: earlier lines for newcomers, rooms of two, one's own channel, whom
// one follows, rooms that are listed, being invisible, and the marks of typing and reading.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Fixture } from "./fixture.ts";
import { textsIn } from "./kept.ts";
import { created, HubPeople, invited, joined, linkTo, nameIn } from "./hub-people.ts";
import type { Program } from "./program.ts";

interface Listed {
  readonly name: string;
  readonly online: boolean;
}

describe("rooms, the less common ways", () => {
  const fixture = new Fixture();
  let ada!: Program;
  let bob!: Program;
  let cleo!: Program;
  /** The room of all three. */
  let ops = "";

  before(async () => {
    const hub = await HubPeople.begin(fixture);
    ada = await hub.enter("ada");
    [bob, cleo] = await Promise.all([hub.enter("bob"), hub.enter("cleo")]);
    ops = await created(ada, "ops");
    const link = await linkTo(ada, ops);
    await joined(bob, link);
    await joined(cleo, link);
    await ada.next("joined", (event) => nameIn(event, "who") === "cleo");
  });
  after(() => fixture.clear());

  it("hand the last lines to somebody who is added, and say so to all", async () => {
    const room = await created(ada, "past", { shareHistory: 2 });
    for (const text of ["one", "two", "three"]) {
      ada.tell({ send: text, to: room });
      await ada.next("sent");
    }
    await invited(ada, room, "bob", bob);
    const shared = await bob.next("shared-history");
    assert.equal(nameIn(shared, "by"), "ada");
    assert.deepEqual(textsIn(shared), ["two", "three"]);
    bob.tell({ command: "history", room });
    assert.deepEqual(textsIn(await bob.next("history", ({ occasion }) => occasion === "asked")), ["two", "three"]);
    ada.tell({ send: "four", to: room });
    assert.equal((await bob.next("message"))["text"], "four");
  });

  it("may be of two, without a name", async () => {
    ada.tell({ command: "dm", who: "bob" });
    const asked = await bob.next("invited");
    assert.deepEqual([asked["name"], asked["direct"], nameIn(asked, "by")], ["ada", true, "ada"]);
    bob.tell({ command: "accept", room: asked["room"] });
    await bob.next("joined", ({ room }) => room === asked["room"]);
    bob.tell({ send: "only you", to: asked["room"] });
    const message = await ada.next("message");
    assert.deepEqual([message["text"], message["name"], message["direct"]], ["only you", "bob", true]);
    // Once more it is the same room.
    ada.tell({ command: "dm", who: "bob" });
    assert.equal((await ada.next("joined", ({ direct }) => direct === true))["room"], asked["room"]);
  });

  it("mark what somebody says whom one follows", async () => {
    cleo.tell({ command: "follow", who: "ada" });
    const followed = await cleo.next("followed");
    assert.deepEqual([nameIn(followed, "who"), followed["followed"]], ["ada", true]);
    ada.tell({ send: "for my followers", to: ops });
    assert.equal((await cleo.next("message"))["followed"], true);
    bob.tell({ send: "from somebody else", to: ops });
    assert.equal((await cleo.next("message"))["followed"], undefined);
    cleo.tell({ command: "follow", who: "ada" });
    assert.equal((await cleo.next("followed"))["followed"], false);
    ada.tell({ send: "once more", to: ops });
    assert.equal((await cleo.next("message"))["followed"], undefined);
  });

  it("are somebody's own channel, into which all are let who ask, and where only its owner speaks", async () => {
    bob.tell({ command: "feed" });
    const room = (await bob.next("room-created"))["room"];
    ada.tell({ command: "rooms" });
    assert.deepEqual((await ada.next("rooms"))["listed"], ["bob"]);
    ada.tell({ command: "join", name: "bob" });
    await ada.next("asked");
    const asked = await ada.next("invited");
    assert.equal(asked["room"], room);
    ada.tell({ command: "accept", room });
    await ada.next("joined", (event) => event["room"] === room);
    bob.tell({ send: "News.", to: room });
    assert.equal((await ada.next("message", (event) => event["room"] === room))["text"], "News.");
    ada.tell({ send: "May I?", to: room });
    assert.equal((await ada.next("error"))["code"], "group-not-allowed");
  });

  it("are listed if they are to be, and whoever asks is let in by a member", async () => {
    const room = await created(ada, "lobby", { listed: true });
    cleo.tell({ command: "join", name: "lobby" });
    assert.equal((await cleo.next("asked"))["room"], room);
    const knocked = await ada.next("knocked");
    assert.deepEqual([knocked["room"], nameIn(knocked, "who")], [room, "cleo"]);
    await invited(ada, room, "cleo", cleo);
    cleo.tell({ command: "join", name: "nowhere" });
    assert.equal((await cleo.next("error"))["code"], "peer-unknown");
  });

  it("tell who types and what was read, if that person wants it", async () => {
    bob.tell({ command: "typing", room: ops });
    bob.tell({ command: "read", room: ops });
    bob.tell({ command: "typing", on: true });
    assert.deepEqual([(await bob.next("marks"))["what"], ada.all("typing").length], ["typing", 0]);
    ada.tell({ send: "Read this.", to: ops });
    const { id } = await bob.next("message", ({ text }) => text === "Read this.");
    bob.tell({ command: "typing", room: ops });
    assert.equal(nameIn(await ada.next("typing"), "by"), "bob");
    bob.tell({ command: "read", on: true });
    await bob.next("marks");
    bob.tell({ command: "read", room: ops });
    const read = await ada.next("read");
    assert.deepEqual([read["id"], nameIn(read, "by")], [id, "bob"]);
    assert.equal(ada.all("typing").length, 1);
    assert.equal(ada.all("read").length, 1);
    bob.tell({ command: "typing", on: false });
    await bob.next("marks");
  });

  it("do not show that somebody is there who is invisible", async () => {
    const seen = async (): Promise<boolean | undefined> => {
      ada.tell({ command: "members", room: ops });
      const members = (await ada.next("members"))["members"] as readonly Listed[];
      return members.find(({ name }) => name === "cleo")?.online;
    };
    assert.equal(await seen(), true);
    cleo.tell({ command: "invisible", on: true });
    assert.equal((await cleo.next("marks"))["on"], true);
    assert.equal(await seen(), false);
    cleo.tell({ send: "I am here all the same.", to: ops });
    assert.equal(nameIn(await ada.next("message"), "from"), "cleo");
    cleo.tell({ command: "invisible", on: false });
    await cleo.next("marks");
    assert.equal(await seen(), true);
  });
});
