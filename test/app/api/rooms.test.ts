// The API of a program with rooms, over the real engine, the real hub and the real cryptography.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../rooms/rooms-world.ts";
import { code, named } from "./api-world.ts";
import { roomsApiWorld } from "./rooms-api-world.ts";

// One world for all: each test goes on where the last one has ended.
describe("rooms of the API", () => {
  let world: Awaited<ReturnType<typeof roomsApiWorld>>;
  let room = "";
  before(async () => {
    world = await roomsApiWorld();
  });
  after(async () => {
    await world.world.close();
  });

  const conversation = async () =>
    (await world.api.call("conversations", {})).conversations.find(({ id }) => id === room);

  const unread = async (): Promise<number | undefined> => (await conversation())?.unread;

  it("are made, and others are invited", async () => {
    const { api, bob, terminal, told } = world;
    ({ conversation: room } = await api.call("createRoom", { name: "ops", classic: true }));
    assert.equal(terminal.reports("room-created")[0]?.room.id, room);
    assert.equal(named(told, "room-created").length, 1);
    assert.equal(await code(api.call("createRoom", { name: " " })), "input-malformed");
    assert.equal(await code(api.call("createRoom", { name: "ops" })), "usage");
    assert.equal(await code(api.call("inviteMember", { conversation: room, who: "nobody" })), "peer-unknown");
    await api.call("inviteMember", { conversation: room, who: "bob" });
    await bob.hears("invited");
    bob.do({ type: "answer", room, isAccepted: true });
    await bob.hears("joined", ({ who }) => who === undefined);
    await until(
      () => terminal.reports("joined").some(({ who }) => who?.name === "bob"),
      () => "the terminal sees who comes",
    );
    const one = await conversation();
    assert.deepEqual(
      [one?.kind, one?.name, one?.room?.standing, one?.room?.role, one?.room?.members, one?.room?.hub],
      ["room", "ops", "joined", "admin", 2, "the hub"],
    );
  });

  it("have lines, which the terminal sees too, with their reactions, answers and edits", async () => {
    const { api, bob, terminal, told } = world;
    const { id, state } = await api.call("say", { conversation: room, text: "helo" });
    assert.equal(state, "queued");
    await until(
      () => terminal.reports("sent").find((one) => one.id === id),
      () => "the terminal shows what the page has said",
    );
    assert.equal(named(told, "sent")[0]?.["text"], "helo");
    await api.call("edit", { conversation: room, message: id, text: "hello" });
    await bob.hears("edited");
    bob.do({ type: "react", room, line: id, emoji: "👍" });
    bob.do({ type: "reply", room, line: id, text: "hi" });
    await until(
      () => named(told, "message").length === 1 && named(told, "reacted").length === 1,
      () => "the page is told",
    );
    const { messages, before: older } = await api.call("messages", { conversation: room });
    assert.equal(older, undefined);
    assert.deepEqual(
      messages.map(({ text, state: own, edited, replyTo, from }) => [from.name, text, own, edited, replyTo]),
      [
        ["ada", "hello", "sent", true, undefined],
        ["bob", "hi", undefined, undefined, id],
      ],
    );
    assert.deepEqual(
      messages[0]?.reactions?.map(({ emoji, by }) => [emoji, by[0]?.name]),
      [["👍", "bob"]],
    );
    const answer = await api.call("say", { conversation: room, text: "how are you?", replyTo: messages[1]?.id ?? "" });
    await api.call("react", { conversation: room, message: messages[1]?.id ?? "", emoji: "🎉" });
    await bob.hears("reacted", ({ emoji }) => emoji === "🎉");
    const retold = (): string => {
      const again: unknown[] = [];
      api.listen((event) => void again.push(event), "run1-0")();
      return JSON.stringify(again);
    };
    assert.match(retold(), /how are you\?/);
    await api.call("delete", { conversation: room, message: answer.id });
    await bob.hears("deleted");
    await until(
      () => named(told, "deleted").length === 1,
      () => "the page is told of the deletion",
    );
    assert.doesNotMatch(retold(), /how are you\?/);
    assert.equal(await code(api.call("edit", { conversation: room, message: answer.id, text: "x" })), "usage");
    const missing = "0".repeat(32);
    assert.equal(await code(api.call("delete", { conversation: room, message: missing })), "peer-unknown");
    assert.equal(await code(api.call("say", { conversation: room, text: "x", replyTo: missing })), "peer-unknown");
  });

  it("have pages, a search and an export", async () => {
    const { api } = world;
    const newest = await api.call("messages", { conversation: room, limit: 2 });
    assert.equal(newest.messages.length, 2);
    const oldest = await api.call("messages", { conversation: room, limit: 2, before: newest.before ?? "" });
    assert.deepEqual([oldest.messages.map(({ text }) => text), oldest.before], [["hello"], undefined]);
    assert.equal(await code(api.call("messages", { conversation: room, before: "k1" })), "input-malformed");
    const [id] = oldest.messages.map((line) => line.id);
    const around = await api.call("messages", { conversation: room, limit: 2, around: id! });
    assert.deepEqual([around.messages.map(({ text }) => text), around.before], [["hello", "hi"], undefined]);
    const rest = await api.call("messages", { conversation: room, after: around.after! });
    assert.deepEqual([rest.messages.length, rest.after], [1, undefined]);
    const back = await api.call("messages", { conversation: room, limit: 1, before: rest.before! });
    assert.deepEqual([back.messages[0]?.text, back.after], ["hi", around.after]);
    assert.deepEqual(await api.call("messages", { conversation: room, around: "0".repeat(32) }), { messages: [] });
    const { sent } = await api.call("send", { msg: "by its id", to: room });
    assert.equal((await api.call("send", { msg: "by its name", to: "#ops" })).sent[0]?.state, sent[0]?.state);
    await world.bob.hears("message", ({ text }) => text === "by its name");
    const { found, total } = await api.call("search", { q: "hello" });
    assert.deepEqual([total, found[0]?.conversation, found[0]?.message.text], [1, room, "hello"]);
    assert.equal(found[0]?.around, id);
    const exported = await api.call("export", { conversation: room });
    assert.deepEqual([exported.name, exported.messages.length], ["ops", 5]);
  });

  it("count what is unread once, for the terminal and the page", async () => {
    const { api, bob, told, terminal, messenger } = world;
    await api.call("read", { conversation: room });
    const before = named(told, "message").length;
    const says = async (text: string, count: number): Promise<void> => {
      bob.do({ type: "say", room, text });
      await until(
        () => named(told, "message").length === before + count,
        () => `the page is told of ${text}`,
      );
    };
    await says("one", 1);
    assert.equal(await unread(), 1);
    terminal.room = room;
    await says("two", 2);
    assert.equal(await unread(), 1, "the prompt is there");
    messenger.command({ type: "room", command: { type: "noted", what: "read", room } });
    assert.equal(await unread(), 0);
    terminal.room = undefined;
    await says("three", 3);
    await api.call("say", { conversation: room, text: "I have read it" });
    assert.equal(await unread(), 0);
    assert.equal(terminal.shown.filter(({ type }) => type === "unread").length > 3, true);
  });

  it("have members, roles, a topic, links and a timer", async () => {
    const { api, bob, terminal, told } = world;
    const members = await api.call("members", { conversation: room });
    const rows = members.members.map(({ name, role, online, self }) => `${name} ${role} ${online} ${self}`);
    assert.deepEqual(new Set(rows), new Set(["ada admin true true", "bob member true undefined"]));
    await api.call("setRole", { conversation: room, who: "bob", role: "moderator" });
    await bob.hears("role-changed", ({ role }) => role === "moderator");
    await api.call("describeRoom", { conversation: room, topic: "work", name: "office" });
    await bob.hears("topic-changed", ({ topic }) => topic === "work");
    assert.deepEqual([(await conversation())?.name, (await conversation())?.room?.topic], ["office", "work"]);
    const { link, uses } = await api.call("makeLink", { conversation: room, uses: 2 });
    assert.deepEqual([link.startsWith("lair"), uses], [true, 2]);
    assert.deepEqual(terminal.reports("room-link"), [], "nobody else gets the link");
    assert.equal(JSON.stringify(told).includes(link), false);
    assert.equal(await code(api.call("makeLink", { conversation: room, uses: 0 })), "input-malformed");
    await api.call("revokeLinks", { conversation: room });
    assert.equal(await code(api.call("revokeLinks", { conversation: room })), "usage");
    await api.call("setTimer", { conversation: room, seconds: 3_600 });
    await bob.hears("room-timer");
    await until(
      () => terminal.reports("room-timer").length === 1,
      () => "the terminal sees the timer",
    );
    assert.equal((await conversation())?.timerSeconds, 3_600);
    const count = named(told, "message").length;
    bob.do({ type: "say", room, text: "soon gone" });
    const line = await until(
      () => named(told, "message")[count],
      () => "the page is told",
    );
    const { messages } = await api.call("messages", { conversation: room });
    assert.ok(line["expires"] !== undefined);
    assert.equal(messages.at(-1)?.expires, line["expires"]);
    const status = await api.call("conversationStatus", { conversation: room });
    assert.deepEqual([status["event"], status["name"], status["topic"]], [undefined, "office", "work"]);
  });

  it("answer the terminal's commands in the terminal alone, and the page's to the page", async () => {
    const { api, messenger, terminal, told } = world;
    const count = told.length;
    messenger.command({ type: "room", command: { type: "members", room } });
    await until(
      () => terminal.reports("members").length === 1,
      () => "the terminal has its answer",
    );
    messenger.command({ type: "room", command: { type: "members", room: "#nowhere" } });
    await until(
      () => terminal.reports("room-error").length === 1,
      () => "the terminal has its error",
    );
    const { events } = await api.call("command", { command: "members", room });
    assert.equal(events[0]?.event, "members");
    assert.equal(await code(api.call("command", { command: "members", room: "#nowhere" })), "peer-unknown");
    assert.deepEqual([terminal.reports("members").length, terminal.reports("room-error").length], [1, 1]);
    assert.equal(told.length, count);
  });

  it("get nothing twice with a key, after a restart of the program either", async () => {
    const { api, restarted, bob } = world;
    const say = { conversation: room, text: "once" };
    const key = { idempotencyKey: "say" };
    const first = await api.call("say", say, key);
    assert.deepEqual(await restarted().call("say", say, key), first);
    await bob.hears("message", ({ text }) => text === "once");
    const edit = { conversation: room, message: first.id, text: "changed" };
    await api.call("edit", edit, { idempotencyKey: "edit" });
    await bob.hears("edited", ({ text }) => text === "changed");
    await restarted().call("edit", edit, { idempotencyKey: "edit" });
    const command = { send: "by a command", room };
    await api.call("command", command, { idempotencyKey: "command" });
    assert.deepEqual((await restarted().call("command", command, { idempotencyKey: "command" })).events, []);
    await api.call("say", { conversation: room, text: "the end" });
    await bob.hears("message", ({ text }) => text === "the end");
    const texts = bob.reports.flatMap((one) => (one.type === "message" ? [one.text] : []));
    assert.deepEqual(texts.slice(-3), ["once", "by a command", "the end"]);
    assert.equal(bob.reports.filter((one) => one.type === "edited" && one.text === "changed").length, 1);
  });

  it("know what the user wants, words of people, and who is followed", async () => {
    const { api, terminal } = world;
    const followed = async (): Promise<readonly string[]> =>
      (await api.call("members", { conversation: room })).members.flatMap((one) => (one.followed ? [one.name] : []));
    await api.call("setMarks", { typing: true, read: true, invisible: false });
    assert.deepEqual((await api.call("status", {})).marks, { typing: true, read: true, invisible: false });
    assert.equal(terminal.reports("marks").length, 3);
    assert.deepEqual(await api.call("follow", { who: "bob" }), { followed: true });
    assert.deepEqual(await api.call("follow", { who: "bob", on: true }), { followed: true });
    assert.deepEqual(await followed(), ["bob"]);
    assert.deepEqual(await api.call("follow", { who: "bob" }), { followed: false });
    assert.deepEqual(await api.call("follow", { who: "bob", on: false }), { followed: false });
    assert.deepEqual(await followed(), []);
    assert.equal(await code(api.call("follow", { who: "nobody" })), "peer-unknown");
    const { words, who } = await api.call("words", { peer: "bob" });
    assert.deepEqual([words.length > 5, who.name], [true, "bob"]);
    assert.deepEqual(await api.call("listedRooms", {}), { listed: [] });
    assert.equal(await code(api.call("askToJoin", { name: "lounge" })), "peer-unknown");
    await api.call("typing", { conversation: room });
    await world.bob.hears("typing");
  });

  it("are of two, too, and may be the user's own", async () => {
    const { api } = world;
    const { conversation: direct } = await api.call("direct", { who: "bob" });
    const { conversation: again } = await api.call("direct", { who: "bob" });
    assert.equal(again, direct);
    const { conversations } = await api.call("conversations", {});
    const found = conversations.find(({ id }) => id === direct);
    assert.deepEqual([found?.kind, found?.name], ["direct", "bob"]);
    const { conversation: feed } = await api.call("feed", {});
    assert.equal((await api.call("feed", {})).conversation, feed);
    assert.equal(await code(api.call("answerInvitation", { conversation: feed, accept: true })), "usage");
    assert.equal(await code(api.call("forgetHistory", { conversation: feed })), "usage");
  });

  it("keep what waits while the hub is away, and lose members and the user", async () => {
    const { api, ada, bob } = world;
    ada.cut();
    const { id } = await api.call("say", { conversation: room, text: "later" });
    const waiting = (await api.call("messages", { conversation: room, limit: 1 })).messages.at(-1);
    assert.deepEqual([waiting?.id, waiting?.state], [id, "waiting"]);
    assert.equal((await conversation())?.waiting, 1);
    assert.equal(await code(api.call("createRoom", { name: "other" })), "hub-away");
    await ada.connect();
    await bob.hears("message", ({ text }) => text === "later");
    await api.call("removeMember", { conversation: room, who: "bob", ban: true });
    await bob.hears("removed");
    await api.call("unban", { conversation: room, who: "bob" });
    assert.equal(await code(api.call("unban", { conversation: room, who: "bob" })), "peer-unknown");
    await api.call("leave", { conversation: room });
    await ada.hears("left", ({ who }) => who === undefined);
    assert.equal((await conversation())?.room?.standing, "over");
    assert.equal(await code(api.call("say", { conversation: room, text: "x" })), "hub-refused");
    // Repeated late, it does not forget what was said.
    await api.call("leave", { conversation: room });
    const { length } = (await api.call("export", { conversation: room })).messages;
    assert.ok(length > 0);
    assert.deepEqual(await api.call("forgetHistory", { conversation: room }), { count: length });
    assert.equal(await conversation(), undefined);
    assert.equal(await code(api.call("members", { conversation: room })), "peer-unknown");
  });

  it("answer who asks that the program ends", async () => {
    const { api, ada, world: rooms } = world;
    ada.onCall = () => undefined;
    const asked = code(api.call("createRoom", { name: "never", classic: true }));
    await rooms.pass(10);
    await ada.rooms.close();
    assert.equal(await asked, "hub-away");
    assert.equal(await code(api.call("follow", { who: "bob" })), "hub-away");
  });
});
