// The API of a program that talks with people: what each call does, and what it refuses.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { ApiEvent } from "../../../src/app/api/api.ts";
import { LocalApi } from "../../../src/app/api/local-api.ts";
import type { MessagePageJson, Where } from "../../../src/app/api/views.ts";
import { SeededRandom } from "../../core/channel/seeded-random.ts";
import { ManualClock } from "../../node/manual-clock.ts";
import { turn } from "../fake-carrier.ts";
import { Network, Node } from "../node-in-memory.ts";
import { apiWorld, type ApiWorld, code, FakeInvites, named, refusal, withApi } from "./api-world.ts";

let world: ApiWorld | undefined;
const close = (): void => {
  world?.close();
  world = undefined;
};

async function open(...options: Parameters<typeof apiWorld>): Promise<ApiWorld> {
  world = await apiWorld(...options);
  return world;
}

/** The texts of all events that a page is told that comes back. */
function textsBehindFirst(api: ApiWorld["api"], told: ApiWorld["told"]): readonly string[] {
  const again: ApiEvent[] = [];
  const [run] = told[0]!.id.split("-");
  api.listen((event) => void again.push(event), `${run}-0`)();
  return again.flatMap(({ event: { text } }) => (typeof text === "string" ? [text] : []));
}

const NOBODY = "a".repeat(32);

function texts({ messages }: MessagePageJson): string {
  return messages.map(({ text }) => text).join(" ");
}

describe("conversations of the API", () => {
  afterEach(close);

  it("are listed with their last line, what is unread and what waits", async () => {
    const { api, other, own, id, pass } = await open();
    const [before] = (await api.call("conversations", {})).conversations;
    assert.deepEqual([before?.id, before?.name, before?.state, before?.last], [id, other.name, "connected", undefined]);
    other.say(own, "one");
    await pass(500);
    const [after] = (await api.call("conversations", {})).conversations;
    assert.deepEqual([after?.unread, after?.last?.text, after?.timerSeconds], [1, "one", 0]);
    other.kill();
    await pass(500);
    await api.call("say", { conversation: id, text: "are you there?" });
    const [away] = (await api.call("conversations", {})).conversations;
    assert.deepEqual([away?.state === "connected", away?.waiting, away?.unread], [false, 1, 0]);
    assert.equal(away?.last?.state, "waiting");
  });

  it("say what the terminal sees, and the terminal says what they see", async () => {
    const { api, other, id, terminal, told, own, pass } = await open();
    const sent = await api.call("say", { conversation: id, text: "from the page" });
    assert.deepEqual([sent.state, sent.id], ["sent", `out-${sent.seq}`]);
    own.say(other, "from the terminal");
    await pass(500);
    assert.deepEqual(other.received.get(own.name), ["from the page", "from the terminal"]);
    const texts = terminal.flatMap((event) => (event.type === "sent" ? [event.text] : []));
    assert.deepEqual(texts, ["from the page", "from the terminal"]);
    assert.deepEqual(
      named(told, "sent").map((event) => [event["text"], event["seq"]]),
      [
        ["from the page", sent.seq],
        ["from the terminal", Number(sent.seq) + 1],
      ],
    );
    const { messages } = await api.call("messages", { conversation: id });
    assert.deepEqual(
      messages.map(({ text, state, from }) => [text, state, from.self]),
      [
        ["from the page", "delivered", true],
        ["from the terminal", "delivered", true],
      ],
    );
  });

  for (const keeps of [true, false]) {
    it(`have pages of lines, ${keeps ? "kept ones" : "of this run if nothing is kept"}`, async () => {
      const { api, other, own, id, pass } = await open({ keeps });
      for (const text of ["one", "two", "three"]) other.say(own, text);
      await pass(500);
      await api.call("say", { conversation: id, text: "four" });
      await pass(500);
      const newest = await api.call("messages", { conversation: id, limit: 3 });
      assert.deepEqual(
        newest.messages.map(({ id: line, text }) => [line, text]),
        [
          ["in-1", "two"],
          ["in-2", "three"],
          ["out-0", "four"],
        ],
      );
      const { messages, before } = await api.call("messages", { conversation: id, before: newest.before ?? "" });
      assert.deepEqual([messages.map(({ text }) => text), before], [["one"], undefined]);
      assert.equal(messages[0]?.from.name, other.name);
      const { messages: all } = await api.call("export", { conversation: id });
      assert.equal(all.length, 4);
      const { found, total } = await api.call("search", { q: "thre" });
      assert.deepEqual([total, found.map(({ message }) => message.text)], [1, ["three"]]);
      const ask = async (where: Where, limit = 2): Promise<[string, Where]> => {
        const { messages: lines, ...ends } = await api.call("messages", { conversation: id, limit, ...where });
        return [lines.map(({ text }) => text).join(" "), ends];
      };
      const [around, ends] = await ask({ around: found[0]!.around });
      assert.deepEqual([around, Object.keys(ends)], ["three four", ["before"]]);
      assert.equal((await ask({ before: ends.before! }))[0], "one two");
      const [one] = await ask({ around: found[0]!.around }, 1);
      assert.equal(one, "three");
      const [oldest, { before: none, after }] = await ask({ before: ends.before! });
      assert.deepEqual([oldest, none], ["one two", undefined]);
      const [newer, { before: older, after: nothing }] = await ask({ after: after! });
      assert.deepEqual([newer, nothing, (await ask({ before: older! }))[0]], ["three four", undefined, "one two"]);
      assert.deepEqual((await ask({ after: after! }, 1))[0], "three");
      const both = { conversation: id, before: older!, after: after! };
      assert.equal(await code(api.call("messages", both)), "input-malformed");
      for (const cursor of ["x1", "k1x", "r", "1"]) {
        assert.equal(await code(api.call("messages", { conversation: id, before: cursor })), "input-malformed", cursor);
      }
      assert.equal(await code(api.call("messages", { conversation: id, limit: 0 })), "input-malformed");
      assert.equal(await code(api.call("messages", { conversation: id, limit: 501 })), "input-malformed");
    });
  }

  it("lead from lines that are kept to those that are not any more, and back", async () => {
    const { api, other, own, id, pass } = await open({ keeps: true });
    for (const text of ["one", "two"]) other.say(own, text);
    await pass(500);
    own.keeping!.setRetention(other.identity.publicKey, "off");
    for (const text of ["three", "four"]) other.say(own, text);
    await pass(500);
    const { found } = await api.call("search", { q: "one" });
    const around = await api.call("messages", { conversation: id, around: found[0]!.around });
    const rest = await api.call("messages", { conversation: id, after: around.after! });
    const back = await api.call("messages", { conversation: id, before: rest.before! });
    // What was said in this run is remembered, whether it was kept or not.
    const run = "one two three four";
    assert.deepEqual([texts(around), texts(rest), rest.after, texts(back)], ["one two", run, undefined, "one two"]);
  });

  it("are searched, and forgotten", async () => {
    const { api, other, own, id, pass } = await open({ keeps: true });
    for (const text of ["the red fox", "a blue fox", "a cat"]) other.say(own, text);
    await pass(500);
    const { total, found } = await api.call("search", { q: "fox", limit: 1 });
    assert.deepEqual([total, found.map((one) => [one.conversation, one.message.text])], [2, [[id, "a blue fox"]]]);
    assert.equal((await api.call("search", { q: "fox", conversation: id })).found.length, 2);
    assert.equal(await code(api.call("search", { q: " " })), "input-malformed");
    assert.equal(await code(api.call("search", { q: "fox", conversation: NOBODY })), "peer-unknown");
    assert.deepEqual(await api.call("forgetHistory", { conversation: id }), { count: 3 });
    assert.deepEqual((await api.call("messages", { conversation: id })).messages, []);
    assert.equal((await api.call("search", { q: "fox" })).total, 0);
  });

  it("forget nothing where nothing is kept", async () => {
    const { api, id } = await open();
    assert.equal(await code(api.call("forgetHistory", { conversation: id })), "usage");
  });

  it("have a timer that both see, and what it deletes is gone", async () => {
    const { api, other, own: node, id, terminal, told, pass, clock } = await open();
    await api.call("setTimer", { conversation: id, seconds: 60 });
    await pass(500);
    other.say(node, "soon gone");
    await pass(500);
    assert.ok(terminal.some((event) => event.type === "timer" && event.seconds === 60));
    const [conversation] = (await api.call("conversations", {})).conversations;
    assert.equal(conversation?.timerSeconds, 60);
    const [line] = (await api.call("messages", { conversation: id })).messages;
    assert.ok(line?.expires !== undefined);
    assert.equal(named(told, "message").at(-1)?.["expires"], line.expires);
    await api.call("say", { conversation: id, text: "this, too" });
    await pass(500);
    const own = (await api.call("messages", { conversation: id })).messages.at(-1);
    assert.ok(own?.expires !== undefined && own.text === "this, too");
    assert.equal(named(told, "delivered").at(-1)?.["expires"], own.expires);
    const retold = (): readonly string[] => textsBehindFirst(api, told);
    assert.deepEqual(retold(), ["soon gone", "this, too"]);
    clock.time.passUntil(clock.now().monotonicMs + 61_000);
    assert.deepEqual((await api.call("messages", { conversation: id })).messages, []);
    assert.deepEqual(retold(), []);
    for (const seconds of [-1, 0.5, 1e12]) {
      assert.equal(await code(api.call("setTimer", { conversation: id, seconds })), "input-malformed");
    }
  });

  it("are not told again of a line that was queued and has disappeared, nor of what was forgotten", async () => {
    const { api, other, own, id, told, pass, clock } = await open({ keeps: true });
    await api.call("setTimer", { conversation: id, seconds: 60 });
    await pass(500);
    other.kill();
    await pass(500);
    await api.call("say", { conversation: id, text: "queued" });
    other.start();
    await pass(5_000);
    const retold = (): readonly string[] => textsBehindFirst(api, told);
    assert.deepEqual(retold(), ["queued"]);
    assert.equal(named(told, "delivered").length, 2);
    clock.time.passUntil(clock.now().monotonicMs + 61_000);
    assert.deepEqual(retold(), []);
    await api.call("setTimer", { conversation: id, seconds: 0 });
    other.say(own, "kept");
    await pass(500);
    assert.deepEqual(retold(), ["kept"]);
    await api.call("forgetHistory", { conversation: id });
    assert.deepEqual(retold(), []);
  });

  it("have one count of what is unread, which the page and the terminal change", async () => {
    const { api, other, own, id, told, terminal, pass } = await open();
    const unread = (): unknown[] => named(told, "unread").map((event) => event["unread"]);
    other.say(own, "one");
    other.say(own, "two");
    await pass(500);
    assert.deepEqual(unread(), [1, 2]);
    await api.call("read", { conversation: id });
    assert.deepEqual(unread(), [1, 2, 0]);
    const last = terminal.findLast(({ type }) => type === "unread");
    assert.deepEqual(last, { type: "unread", conversation: id, unread: 0 });
    other.say(own, "three");
    await pass(500);
    own.command({ type: "select", who: other.name });
    assert.deepEqual(unread(), [1, 2, 0, 1, 0]);
    own.promptAt = other.name;
    other.say(own, "four");
    await pass(500);
    assert.equal((await api.call("status", {})).unread, 0);
    assert.equal(await code(api.call("read", { conversation: NOBODY })), "peer-unknown");
  });

  it("say how one of them is, and type nothing to people", async () => {
    const { api, id } = await open();
    const status = await api.call("conversationStatus", { conversation: id });
    assert.deepEqual([status["state"], status["event"]], ["open", undefined]);
    assert.ok("peer" in status);
    assert.deepEqual(await api.call("typing", { conversation: id }), {});
    assert.equal(await code(api.call("conversationStatus", { conversation: NOBODY })), "peer-unknown");
  });

  it("cannot change what was said to a person", async () => {
    const { api, id } = await open();
    const line = { conversation: id, message: "out-0" };
    assert.equal(await code(api.call("edit", { ...line, text: "x" })), "usage");
    assert.equal(await code(api.call("delete", line)), "usage");
    assert.equal(await code(api.call("react", { ...line, emoji: "👍" })), "usage");
    assert.equal(await code(api.call("say", { conversation: id, text: "x", replyTo: "in-0" })), "usage");
    assert.equal(await code(api.call("say", { conversation: id, text: " \n" })), "input-malformed");
    assert.equal(await code(api.call("say", { conversation: id, text: "\ud800" })), "input-malformed");
    assert.equal(await code(api.call("say", { conversation: id, text: "x".repeat(20_000) })), "message-too-long");
    assert.equal(await code(api.call("say", { conversation: NOBODY, text: "x" })), "peer-unknown");
  });

  it("are sent to by name, or to all at once", async () => {
    const { api, other, own, pass } = await open();
    assert.equal((await api.call("send", { msg: "one", to: other.name })).sent.length, 1);
    assert.equal((await api.call("send", { msg: "all" })).sent[0]?.state, "sent");
    await pass(500);
    assert.deepEqual(other.received.get(own.name), ["one", "all"]);
    assert.equal(await code(api.call("send", { msg: "x", to: "nobody" })), "peer-unknown");
    assert.equal(await code(api.call("send", { msg: "x", to: "#ops" })), "hub-away");
  });

  it("do a call with a key once", async () => {
    const { api, other, own, id, pass } = await open();
    const say = async (text: string, idempotencyKey: string) =>
      await api.call("say", { conversation: id, text }, { idempotencyKey });
    const [first, again] = await Promise.all([say("once", "a"), say("once", "a")]);
    assert.deepEqual(again, first);
    assert.equal(await code(say("another", "a")), "usage");
    assert.equal(await code(say(" ", "b")), "input-malformed");
    await say("again", "b").catch(() => assert.fail("what was refused has not used up its key"));
    assert.equal(await code(say("x", "")), "input-malformed");
    await pass(500);
    assert.deepEqual(other.received.get(own.name), ["once", "again"]);
  });
});

/** Another program over the same store: what the first one remembered is gone. */
async function restarted() {
  const { parts, ...rest } = await open({ keeps: true });
  const { receipts: _, ...without } = parts;
  return { ...rest, parts, again: () => new LocalApi(parts), withoutStore: () => new LocalApi(without) };
}

describe("calls with a key, after a restart of the program", () => {
  afterEach(close);

  it("say nothing twice, to one or to all, and answer with the same line", async () => {
    const { api, again, other, own, id, pass } = await restarted();
    const options = { idempotencyKey: "a" };
    const first = await api.call("say", { conversation: id, text: "one" }, options);
    assert.deepEqual(await again().call("say", { conversation: id, text: "one" }, options), first);
    const all = await api.call("send", { msg: "all" }, { idempotencyKey: "b" });
    assert.deepEqual(await again().call("send", { msg: "all" }, { idempotencyKey: "b" }), all);
    const command = { send: "by a command", to: other.name };
    const key = { idempotencyKey: "c" };
    assert.ok((await api.call("command", command, key)).events.length > 0);
    assert.deepEqual((await again().call("command", command, key)).events, []);
    await pass(500);
    assert.deepEqual(other.received.get(own.name), ["one", "all", "by a command"]);
    assert.equal((await again().call("say", { conversation: id, text: "one" }, options)).state, "sent");
  });

  it("are refused if another call has had the key", async () => {
    const { api, again, id } = await restarted();
    await api.call("say", { conversation: id, text: "one" }, { idempotencyKey: "a" });
    assert.equal(await code(again().call("say", { conversation: id, text: "two" }, { idempotencyKey: "a" })), "usage");
    assert.equal(await code(again().call("read", { conversation: id }, { idempotencyKey: "a" })), "usage");
  });

  it("set a timer once, so that a later one stays", async () => {
    const { api, again, id, own } = await restarted();
    await api.call("setTimer", { conversation: id, seconds: 60 }, { idempotencyKey: "a" });
    await api.call("setTimer", { conversation: id, seconds: 90 }, { idempotencyKey: "b" });
    await again().call("setTimer", { conversation: id, seconds: 60 }, { idempotencyKey: "a" });
    assert.equal(own.messenger.chatWith(own.messenger.people[0]!).timerS, 90);
  });

  it("know nothing of calls of a week ago, and nothing without a store", async () => {
    const { api, again, withoutStore, id, clock, other, own, pass } = await restarted();
    const options = { idempotencyKey: "a" };
    const say = async (one: LocalApi): Promise<unknown> =>
      await one.call("say", { conversation: id, text: "one" }, options);
    await say(api);
    await say(withoutStore());
    clock.time.setWall(7 * 86_400_000);
    await say(again());
    await pass(500);
    assert.deepEqual(other.received.get(own.name), ["one", "one", "one"]);
  });
});

describe("people of the API", () => {
  afterEach(close);

  it("are listed, renamed, muted, verified and forgotten, and the terminal sees it", async () => {
    const { api, id, other, terminal, told } = await open();
    const [peer] = (await api.call("peers", {})).peers;
    assert.deepEqual([peer?.id, peer?.name, peer?.state, peer?.verified], [id, other.name, "connected", undefined]);
    const renamed = await api.call("changePeer", { peer: id, name: "Robert" });
    assert.equal(renamed.name, "Robert");
    assert.ok(terminal.some((event) => event.type === "renamed" && event.peer.name === "Robert"));
    assert.ok(named(told, "people").length > 0);
    const words = await api.call("words", { peer: id });
    assert.ok(words.words.length > 5 && words.who.name === "Robert" && words.verified === undefined);
    assert.ok((await api.call("verified", { peer: id })).verified !== undefined);
    assert.equal((await api.call("changePeer", { peer: id, muted: true })).muted, true);
    assert.deepEqual(await api.call("forgetPeer", { peer: id }), {});
    assert.deepEqual((await api.call("peers", {})).peers, []);
    assert.ok(terminal.some(({ type }) => type === "peer-forgotten"));
    const answers = terminal.filter(({ type }) => type === "verify" || type === "notice");
    assert.deepEqual(answers, [], "the page's answers are none of the terminal's");
  });

  it("refuse what is no name and who is not known", async () => {
    const { api, id } = await open();
    assert.equal(await code(api.call("changePeer", { peer: id, name: "\u0007" })), "usage");
    assert.equal(await code(api.call("changePeer", { peer: NOBODY, name: "x" })), "peer-unknown");
    assert.equal(await code(api.call("forgetPeer", { peer: NOBODY })), "peer-unknown");
    assert.equal(await code(api.call("words", { peer: NOBODY })), "peer-unknown");
    assert.equal(await code(api.call("verified", { peer: NOBODY })), "peer-unknown");
  });

  it("come by invites, of a server", async () => {
    const invites = new FakeInvites();
    const { api, told, terminal } = await open({ invites });
    const { id, invite } = await api.call("makeInvite", {});
    assert.ok(invite !== undefined);
    assert.deepEqual((await api.call("invites", {})).invites, [{ id, expires: "2027-01-15T08:00:00.000Z" }]);
    assert.doesNotMatch(JSON.stringify([told, terminal]), /secret/u);
    assert.deepEqual(await api.call("revokeInvite", { invite: id }), {});
    assert.equal(await code(api.call("revokeInvite", { invite: id })), "peer-unknown");
    assert.equal((await api.call("status", {})).makesInvites, true);
  });

  it("are invited by nobody but a server", async () => {
    const { api } = await open();
    assert.deepEqual((await api.call("invites", {})).invites, []);
    assert.equal(await code(api.call("makeInvite", {})), "usage");
    assert.equal((await api.call("status", {})).makesInvites, false);
  });

  it("are joined by an invite, which is checked", async () => {
    const { api } = await open();
    const { code: refused, hint } = await refusal(api.call("join", { link: "no invite" }));
    assert.deepEqual([refused, typeof hint], ["invite-malformed", "string"]);
  });

  it("are introduced, and answer", async () => {
    const random = new SeededRandom(1);
    const clock = new ManualClock();
    const network = new Network(clock);
    const [ada, bob, cyd] = ["ada", "bob", "cyd"].map((name) => new Node(name, network, random)) as [Node, Node, Node];
    for (const node of [bob, cyd]) {
      const psk = random.bytes(32);
      ada.pair(node, psk, false);
      node.pair(ada, psk, true);
      node.connectsAfterMs = () => 0;
    }
    const [ofAda, ofBob] = [withApi(ada, clock), withApi(bob, clock)];
    for (const node of [ada, bob, cyd]) node.start();
    for (let turns = 0; turns < 40; turns++) await turn();
    const [page, other] = [ofAda().api, ofBob()];
    assert.equal(await code(page.call("introduce", { who: ["bob", "bob"] })), "usage");
    assert.deepEqual(await page.call("introduce", { who: ["bob", "cyd"] }), {});
    for (let turns = 0; turns < 20; turns++) await turn();
    const { introductions } = await other.api.call("introductions", {});
    assert.deepEqual(
      introductions.map(({ who, by }) => [who.name, by.name]),
      [["cyd", "ada"]],
    );
    assert.equal(named(other.told, "introduction").length, 1);
    const introduction = introductions[0]?.id ?? "";
    await other.api.call("answerIntroduction", { introduction, accept: false });
    assert.equal(named(other.told, "introduction-answered")[0]?.["accepted"], false);
    assert.ok(other.terminal.some(({ type }) => type === "introduction-answered"));
    assert.deepEqual(await other.api.call("introductions", {}), { introductions: [] });
    assert.equal(await code(other.api.call("answerIntroduction", { introduction, accept: true })), "peer-unknown");
    for (const node of [ada, bob, cyd]) node.kill();
  });
});

describe("the API", () => {
  afterEach(close);

  it("says how things are", async () => {
    const { api, own } = await open();
    const status = await api.call("status", {});
    assert.deepEqual(
      [status.program, status.version, status.name, status.listening, status.store],
      ["lair-server", "1.2.3", own.name, own.url, "file"],
    );
    assert.deepEqual([status.conversations, status.connected, status.hubs, status.marks], [1, 1, [], undefined]);
  });

  it("carries out any command, and answers to who has asked alone", async () => {
    const { api, terminal, told, other } = await open();
    const before = terminal.length;
    const { events } = await api.call("command", { command: "who" });
    assert.deepEqual(
      events.map(({ event }) => event),
      ["who"],
    );
    assert.equal(terminal.length, before);
    assert.deepEqual(named(told, "who"), []);
    const { events: said } = await api.call("command", { send: "hello", to: other.name });
    assert.deepEqual([said[0]?.event, said[0]?.["text"]], ["sent", "hello"]);
    assert.equal(await code(api.call("command", { command: "nonsense" })), "input-malformed");
    const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
    assert.equal(await code(api.call("command", { command: "who", deep })), "input-malformed");
    assert.equal(await code(api.call("command", { command: "verify", to: "nobody" })), "peer-unknown");
    assert.equal(await code(api.call("command", { command: "members", room: "#ops" })), "hub-away");
  });

  it("tells a page what the terminal's commands change, and not what they answer", async () => {
    const { api, own, other, frontends, told, terminal, memory } = await open();
    const since = memory.log.lastId;
    const type = (...command: Parameters<typeof own.command>): void => frontends.byMain(() => own.command(...command));
    type({ type: "who" });
    type({ type: "verify", compared: false, to: "nobody" });
    type({ type: "rename", name: "Robert", to: other.name });
    assert.deepEqual(
      terminal.slice(-4).map((event) => event.type),
      ["who", "error", "people", "renamed"],
    );
    const again: typeof told = [];
    api.listen((event) => void again.push(event), since)();
    assert.deepEqual(
      again.map(({ event }) => event.event),
      ["people", "renamed"],
    );
    assert.deepEqual(again, told.slice(-2));
  });
});
