// Rooms from end to end: what people do, over the real hub and the real cryptography.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromHex } from "../../../src/core/bytes.ts";
import { created, type Program, RoomsWorld, until } from "./rooms-world.ts";

let world: RoomsWorld;
beforeEach(() => {
  world = new RoomsWorld();
});
afterEach(async () => {
  await world.close();
});

/** Whether somebody has come in so often. */
function isIn(program: Program, times: number): boolean {
  return program.told("joined").filter(({ who }) => who === undefined).length === times;
}

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

  it("show an answer, an edit, a deletion and a reaction where they belong", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "say", room, text: "helo" });
    const { id, seq } = await bob.hears("message");
    const kept = await bob.store.line(fromHex(room)!, fromHex(id)!);
    assert.equal(seq, kept!.seq + 1, "people count from 1");
    ada.do({ type: "edit", room, text: "hello" });
    assert.deepEqual(pick(await bob.hears("edited"), "id", "seq", "text"), { id, seq, text: "hello" });
    bob.do({ type: "reply", room, line: seq, text: "hi" });
    const { replyTo, answered } = await ada.hears("message");
    assert.deepEqual([replyTo, answered?.seq, answered?.text], [id, seq, "hello"]);
    assert.equal((await bob.hears("sent")).replyTo, id);
    bob.do({ type: "react", room, line: id, emoji: "👍" });
    assert.deepEqual(pick(await ada.hears("reacted"), "id", "emoji"), { id, emoji: "👍" });
    for (const emoji of ["🎉", "👍", ""]) ada.do({ type: "react", room, line: id, emoji });
    await bob.hears("reacted", ({ emoji }) => emoji === "");
    for (const program of [ada, bob]) {
      program.do({ type: "history", room, count: 10 });
      const [first] = (await program.hears("room-history", ({ occasion }) => occasion === "asked")).lines;
      assert.deepEqual(
        first?.reactions?.map(({ by, emoji }) => [by.name, emoji]),
        [["bob", "👍"]],
      );
    }
    ada.do({ type: "delete", room, line: seq });
    assert.deepEqual(pick(await bob.hears("deleted"), "id", "seq"), { id, seq });
    for (const program of [ada, bob]) {
      program.do({ type: "history", room, count: 10 });
      const { lines } = await program.hears("room-history", (one) => one.lines[0]?.isDeleted === true);
      assert.deepEqual(
        lines.map(({ text, isDeleted }) => (isDeleted === true ? "deleted" : text)),
        ["deleted", "hi"],
      );
    }
    bob.do({ type: "edit", room, line: seq, text: "not mine" });
    await bob.hears("room-error", ({ code }) => code === "group-not-allowed");
    ada.do({ type: "search", room, words: "HI" });
    const found = await ada.hears("room-found");
    assert.deepEqual([found.total, found.lines[0]?.text], [1, "hi"]);
  });

  it("mean by the last line what was said last, also while it waits", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "say", room, text: "long ago" });
    await ada.hears("sent");
    ada.cut();
    for (const text of ["one", "two", "three"]) ada.do({ type: "say", room, text });
    ada.do({ type: "delete", room });
    ada.do({ type: "edit", room, text: "2" });
    await until(
      () => ada.rooms.undelivered === 5,
      () => "all of it waits",
    );
    await ada.connect();
    await bob.hears("edited");
    await bob.hears("deleted");
    const handles = ada.told("handle").map(({ handle }) => handle);
    assert.deepEqual(handles, ["ada"], "told at the first meeting only");
    bob.do({ type: "history", room, count: 10 });
    const { lines } = await bob.hears("room-history", ({ occasion }) => occasion === "asked");
    assert.deepEqual(
      lines.map(({ text }) => text),
      ["long ago", "one", "2", ""],
    );
  });

  it("give roles, take them, and remove and ban people", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada, bob, cyd);
    bob.do({ type: "topic", room, topic: "mine" });
    await bob.hears("room-error", ({ code, room: of }) => code === "group-not-allowed" && of?.id === room);
    ada.do({ type: "role", room, who: "bob", role: "moderator" });
    await cyd.hears("role-changed", ({ who, role }) => who.name === "bob" && role === "moderator");
    await bob.hears("role-changed");
    bob.do({ type: "topic", room, topic: "of the day" });
    assert.equal((await cyd.hears("topic-changed")).topic, "of the day");
    bob.do({ type: "rename", room, name: "art" });
    assert.deepEqual(pick(await ada.hears("room-renamed"), "was"), { was: "ops" });
    bob.do({ type: "remove", room, who: "cyd" });
    await cyd.hears("removed", ({ who }) => who.isSelf === true);
    await ada.hears("removed", ({ who, by }) => who.name === "cyd" && by?.name === "bob");
    cyd.do({ type: "say", room, text: "still here?" });
    await cyd.hears("room-error", ({ code }) => code === "hub-refused");
    await world.invited(room, ada, cyd);
    ada.do({ type: "ban", room, who: "cyd" });
    await bob.hears("banned", ({ who }) => who.name === "cyd");
    await bob.hears("removed", ({ who }) => who.name === "cyd" && bob.told("removed").length === 2);
    ada.do({ type: "invite", room, who: "cyd" });
    await ada.hears("room-error", ({ message }) => message.includes("banned"));
    ada.do({ type: "unban", room, who: "cyd" });
    await bob.hears("unbanned");
    ada.do({ type: "members", room });
    const { members, topic } = await ada.hears("members");
    assert.equal(topic, "of the day");
    assert.deepEqual(
      members.map(({ name, role, isOnline }) => [name, role, isOnline]),
      [
        ["ada", "admin", true],
        ["bob", "moderator", true],
      ],
    );
  });

  it("are joined by a link, until it is spent", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    const room = await world.room("ops", ada);
    ada.do({ type: "say", room, text: "before" });
    ada.do({ type: "link", room, uses: 1, expiresInS: 60 });
    const { link } = await ada.hears("room-link");
    bob.do({ type: "join-link", link: hubLink(link) });
    await bob.hears("joined");
    assert.equal((await ada.hears("joined", ({ who }) => who?.name === "bob")).by, undefined);
    ada.do({ type: "say", room, text: "welcome" });
    bob.do({ type: "say", room, text: "thanks" });
    assert.equal((await bob.hears("message")).text, "welcome");
    assert.equal((await ada.hears("message")).text, "thanks");
    cyd.do({ type: "join-link", link: hubLink(link) });
    await cyd.hears("room-error", ({ message }) => message.includes("refused"));
    assert.deepEqual(await cyd.lines(room), []);
    ada.do({ type: "remove", room, who: "bob" });
    await bob.hears("removed");
    assert.equal((await ada.hears("links-revoked")).count, 1);
    bob.do({ type: "join-link", link: hubLink(link) });
    await bob.hears("room-error");
  });

  it("keep what was said for somebody who was removed, also when an old link leads nowhere", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "say", room, text: "as long as bob was there" });
    await bob.hears("message");
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    ada.do({ type: "remove", room, who: "bob" });
    await bob.hears("removed");
    bob.do({ type: "join-link", link: hubLink(link) });
    await until(
      () => bob.errors.length > 0,
      () => "bob is not refused",
    );
    bob.do({ type: "history", room: "#ops", count: 10 });
    const { lines } = await bob.hears("room-history", ({ occasion }) => occasion === "asked");
    assert.deepEqual(
      lines.map(({ text }) => text),
      ["as long as bob was there"],
    );
  });

  it("are joined by a link by several at once, and again by somebody who has left", async () => {
    const ada = await world.connected("ada");
    const room = await world.room("ops", ada);
    ada.do({ type: "link", room });
    const { link } = await ada.hears("room-link");
    const others: Program[] = [];
    for (let at = 0; at < 4; at++) others.push(await world.connected(`p${at}`));
    for (const program of others) program.do({ type: "join-link", link });
    await world.later(() => others.every((program) => isIn(program, 1)), "all are in");
    const [first] = others as [Program, ...Program[]];
    first.do({ type: "leave", room });
    await first.hears("left", ({ who }) => who === undefined);
    let tries = 0;
    await world.later(() => {
      // Once more after each refusal: the others have to let him go first.
      if (first.errors.length === tries) {
        tries += 1;
        first.do({ type: "join-link", link });
      }
      return isIn(first, 2);
    }, "who has left is in again");
    ada.do({ type: "say", room, text: "all here" });
    for (const program of others) await program.hears("message", ({ text }) => text === "all here");
  });

  it("are left; the others let them go", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "leave", room });
    await ada.hears("room-error", ({ message }) => message.includes("admin"));
    ada.do({ type: "say", room, text: "I am still here" });
    await bob.hears("message");
    bob.do({ type: "leave", room });
    await bob.hears("left", ({ who }) => who === undefined);
    assert.equal((await ada.hears("left")).who?.name, "bob");
    const untilMs = world.hub.clock.now().monotonicMs + 10_000;
    await until(
      () => {
        // She waits before she removes him.
        world.hub.clock.fireNext(untilMs);
        ada.do({ type: "members", room });
        return ada.told("members").at(-1)?.members.length === 1;
      },
      () => "bob is out of the group",
    );
    await world.invited(room, ada, bob);
    ada.do({ type: "say", room, text: "again" });
    await bob.hears("message", ({ text }) => text === "again");
  });

  it("are declined", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada);
    ada.do({ type: "invite", room, who: "bob" });
    await bob.hears("invited");
    bob.do({ type: "answer", room, isAccepted: false });
    await bob.hears("declined");
    assert.equal((await ada.hears("left")).who?.name, "bob");
  });

  it("of two have no name and no roles, and are made once", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.do({ type: "direct", who: "bob" });
    const { room, by } = await bob.hears("invited");
    assert.deepEqual([room.name, room.isDirect, by.name], ["ada", true, "ada"]);
    bob.do({ type: "answer", room: room.id, isAccepted: true });
    ada.do({ type: "say", room: "#bob", text: "only for you" });
    assert.equal((await bob.hears("message")).text, "only for you");
    bob.do({ type: "say", room: "#ada", text: "and for you" });
    await ada.hears("message");
    ada.do({ type: "direct", who: "bob" });
    assert.equal((await ada.hears("joined", ({ who }) => who === undefined)).room.id, room.id);
    bob.do({ type: "leave", room: room.id });
    await bob.hears("left");
  });

  it("that are listed let people ask, and a feed lets everybody in", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    ada.do(created("ops", { isListed: true }));
    const { room } = await ada.hears("room-created");
    bob.do({ type: "rooms" });
    assert.deepEqual((await bob.hears("rooms")).listed, ["ops"]);
    bob.do({ type: "join", name: "ops" });
    await bob.hears("asked");
    assert.equal((await ada.hears("knocked")).who.name, "bob");
    await world.invited(room.id, ada, bob);
    ada.do({ type: "feed" });
    await ada.hears("room-created", (one) => one.room.name === "ada");
    bob.do({ type: "join", name: "ada" });
    const feed = await bob.hears("invited", (one) => one.room.name === "ada");
    bob.do({ type: "answer", room: feed.room.id, isAccepted: true });
    ada.do({ type: "say", room: feed.room.id, text: "news" });
    await bob.hears("message", ({ text }) => text === "news");
    bob.do({ type: "say", room: feed.room.id, text: "may I?" });
    await bob.hears("room-error", ({ code }) => code === "group-not-allowed");
  });

  it("hand the last lines to who is added, if they were made so", async () => {
    const [ada, bob, cyd] = [await world.connected("ada"), await world.connected("bob"), await world.connected("cyd")];
    ada.do(created("ops", { sharedLines: 2 }));
    const { room } = await ada.hears("room-created");
    for (const text of ["one", "two", "three"]) ada.do({ type: "say", room: room.id, text });
    await ada.hears("sent", ({ text }) => text === "three");
    await world.invited(room.id, ada, bob);
    const { lines, by } = await bob.hears("shared-history");
    assert.deepEqual([by.name, ...lines.map(({ text }) => text)], ["ada", "two", "three"]);
    assert.deepEqual(await bob.lines(room.id), ["two", "three"]);
    await world.invited(room.id, ada, cyd);
    await cyd.hears("shared-history");
    assert.deepEqual(await cyd.lines(room.id), ["two", "three"]);
    assert.deepEqual(await bob.lines(room.id), ["two", "three"], "bob has them once");
  });

  it("have a timer, by which lines disappear, and signals, which are never stored", async () => {
    const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
    const room = await world.room("ops", ada, bob);
    ada.do({ type: "timer", room, seconds: 60 });
    await bob.hears("room-timer", ({ seconds }) => seconds === 60);
    bob.do({ type: "say", room, text: "short" });
    await ada.hears("message");
    await until(
      () => bob.told("sent").length === 1,
      () => "bob has sent it",
    );
    ada.do({ type: "noted", room, what: "typing" });
    ada.do({ type: "invisible", isOn: true });
    ada.do({ type: "marks", what: "typing", isOn: true });
    assert.equal((await ada.hears("marks", ({ what }) => what === "typing")).isHidden, true);
    ada.do({ type: "noted", room, what: "typing" });
    ada.do({ type: "invisible", isOn: false });
    ada.do({ type: "marks", what: "read", isOn: true });
    ada.do({ type: "noted", room, what: "typing" });
    assert.equal((await bob.hears("typing")).by.name, "ada");
    ada.do({ type: "noted", room, what: "read" });
    await bob.hears("read");
    assert.equal(bob.told("typing").length, 1, "only what ada wants, and nothing while she is invisible");
    assert.equal((await bob.lines(room)).length, 1);
    bob.rooms.expire(world.hub.clock.now().wallMs + 59_000);
    await world.pass(6_000);
    assert.equal((await bob.lines(room)).length, 1, "not yet");
    const later = world.hub.clock.now().wallMs + 61_000;
    for (const end = performance.now() + 10_000; (await bob.lines(room)).length > 0;) {
      assert.ok(performance.now() < end, "it disappears");
      bob.rooms.expire(later);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

function pick<T extends object, K extends keyof T>(from: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** A link names the hub by the key that the world's hub has. */
function hubLink(link: string): string {
  return link;
}
