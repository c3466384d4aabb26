// The state of the page on a fake program: what is known, what is asked for, what the person is told.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiProblem } from "../../src/app/api/api.ts";
import { Page } from "../../src/web/state/page.ts";
import { showsEnd } from "../../src/web/state/timeline.ts";
import { stateOfLine } from "../../src/web/state/words.ts";
import { FakeApi, type FakeOptions } from "./fake-api.ts";
import { FakePorts, settled } from "./fake-ports.ts";

const START_MS = Date.parse("2026-11-27T12:00:00.000Z");

/** The keys of all lines that the page says from now on. */
function keysSaid(api: FakeApi): readonly (string | undefined)[] {
  const keys: (string | undefined)[] = [];
  const call = api.call.bind(api);
  api.call = async (name, input, options) => {
    if (name === "say") keys.push(options?.idempotencyKey);
    return await call(name, input, options);
  };
  return keys;
}

async function started(options: FakeOptions = {}) {
  const ports = new FakePorts(START_MS);
  const api = new FakeApi({ lines: 500, nowMs: () => ports.nowMs, ...options });
  const page = new Page(api, ports);
  page.start();
  await ports.pass(100);
  return { api, ports, page };
}

function lastText(page: Page): string | undefined {
  return page.view.open?.timeline?.lines.at(-1)?.text;
}

/** The program deletes the last line of a conversation. */
function dropLast(api: FakeApi, id: string): void {
  const one = api.conversations.get(id)!;
  one.lines.pop();
  one.view = { ...one.view, last: one.lines.at(-1)! };
}

function names(page: Page): readonly string[] {
  return page.view.conversations.map(({ name }) => name);
}

describe("the page's state", () => {
  it("knows at the start who is there and what is unread", async () => {
    const { page } = await started();
    assert.deepEqual(names(page).slice(0, 3), ["sailing", "ops", "Ada Lovelace"]);
    assert.equal(page.title, "(3) Lair");
    assert.equal(page.view.status?.program, "lair-client");
  });

  it("shows a line at once, with its number when the program has taken it, and never twice", async () => {
    const { page, api, ports } = await started();
    await page.open(api.idOf("Ada Lovelace"));
    const before = page.view.open!.timeline!.lines.length;
    const said = page.say("hello");
    assert.equal(lastText(page), "hello");
    assert.equal(await said, true);
    await ports.pass(200);
    const lines = page.view.open!.timeline!.lines;
    assert.equal(lines.length, before + 1);
    assert.match(lines.at(-1)!.id, /^out-\d+$/);
    assert.equal(lines.at(-1)!.state, "delivered");
    assert.equal(api.calls.filter(({ name }) => name === "messages").length, 1, "nothing is asked for again");
  });

  it("takes a line back that is refused, and says the same one with the same key after silence", async () => {
    const { page, api } = await started();
    await page.open(api.idOf("Ada Lovelace"));
    const before = page.view.open!.timeline!.lines.length;
    api.refusal = new ApiProblem("store-full", "The disk is full.", "Make room.");
    assert.equal(await page.say("hello"), false);
    assert.equal(page.view.open!.timeline!.lines.length, before);
    assert.deepEqual(
      page.view.notices.map(({ text, hint, code }) => [text, hint, code]),
      [["The disk is full.", "Make room.", "store-full"]],
    );
    const line = page.view.open!.timeline!.lines[0]!;
    page.compose({ kind: "reply", line });
    assert.equal(await page.say("an answer"), false);
    assert.deepEqual(page.view.open?.composing, { kind: "reply", line });
    page.compose({ kind: "new" });
    const keys = keysSaid(api);
    api.refusal = new ApiProblem("no-answer", "Lair does not answer.");
    await page.say("again");
    api.refusal = undefined;
    await page.open(api.idOf("sailing"));
    await page.say("meanwhile");
    await page.open(api.idOf("Ada Lovelace"));
    // Neither says whether it was taken the first time.
    for (const code of ["token-needed", "internal"]) {
      api.refusal = new ApiProblem(code, "Not now.");
      await page.say("again");
    }
    api.refusal = undefined;
    await page.say("again");
    await page.say("another");
    assert.deepEqual(keys.slice(2, 5), [keys[0], keys[0], keys[0]]);
    assert.equal(new Set(keys).size, 3);
  });

  it("keeps what is on its way: after a reload it is written again, and said once", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("ops");
    await page.open(id);
    const reply = page.view.open!.timeline!.lines[0]!;
    const keys = keysSaid(api);
    const call = api.call.bind(api);
    let isAnswering = false;
    api.call = async (name, input, options) => {
      const answer = await call(name, input, options);
      if (name === "say" && !isAnswering) await new Promise(() => undefined);
      return answer;
    };
    const said = (): number => api.conversations.get(id)!.lines.filter(({ text }) => text.startsWith("kept")).length;
    ports.drafts.set(id, "kept");
    page.compose({ kind: "reply", line: reply });
    void page.say("kept");
    void page.say("kept, too");
    assert.equal(ports.drafts.get(id), undefined, "the place for the next one is free");
    await settled();
    const reloaded = async (): Promise<Page> => {
      const again = new Page(api, ports);
      again.start();
      await ports.pass(100);
      await again.open(id);
      return again;
    };
    const again = await reloaded();
    assert.equal(ports.drafts.get(id), "kept");
    assert.deepEqual(again.view.open?.composing, { kind: "reply", line: reply });
    isAnswering = true;
    assert.equal(await again.say("kept"), true);
    assert.equal(keys[1], keys[0]);
    assert.equal(ports.drafts.get(id), "kept, too", "the next one that was on its way");
    assert.equal(await again.say("kept, too"), true);
    assert.equal(said(), 2);
    await reloaded();
    assert.equal(ports.drafts.get(id), undefined);
    ports.drafts.set(id, "kept");
    await again.say("kept");
    assert.equal(new Set(keys).size, 3, "the same words later are another line");
    isAnswering = false;
    void again.say("kept");
    await settled();
    const third = await reloaded();
    isAnswering = true;
    third.typed("");
    await third.say("kept");
    assert.equal(new Set(keys).size, 5, "the person has put away what came back");
  });

  it("writes all lines again that were refused at once, one after another, each with its key and what it answers", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("ops");
    await page.open(id);
    const reply = page.view.open!.timeline!.lines[0]!;
    const keys = keysSaid(api);
    api.refusal = new ApiProblem("no-answer", "Lair does not answer.");
    const said = [page.say("same"), page.say("same")];
    page.compose({ kind: "reply", line: reply });
    said.push(page.say("an answer"), page.say("last"));
    page.typed("begun");
    await Promise.all(said);
    assert.equal(ports.drafts.get(id), "begun", "what is being written stays");
    api.refusal = undefined;
    const draft = (): readonly unknown[] => [ports.drafts.get(id), page.view.open?.composing.kind];
    await page.say("begun");
    assert.deepEqual(draft(), ["same", "new"]);
    await page.say("same");
    assert.deepEqual(draft(), ["same", "new"]);
    await page.say("same");
    assert.deepEqual(draft(), ["an answer", "reply"]);
    await page.open(api.idOf("bob"));
    await page.open(id);
    assert.deepEqual(draft(), ["an answer", "reply"], "what it answers comes back with it");
    await page.say("an answer");
    assert.deepEqual(draft(), ["last", "new"]);
    page.typed("");
    page.compose({ kind: "new" });
    assert.deepEqual(draft(), [undefined, "new"], "the person has put it away");
    const [one, two, three] = keys;
    assert.deepEqual(keys.slice(5), [one, two, three]);
    const { made, lines } = api.conversations.get(id)!;
    assert.ok(made > 0);
    assert.deepEqual(
      lines.slice(-4).map(({ text }) => text),
      ["begun", "same", "same", "an answer"],
    );
  });

  it("sends one line of a conversation after another, as a browser may send two at once in any order", async () => {
    const { page, api } = await started();
    const call = api.call.bind(api);
    const sent: string[] = [];
    const answers: ((error?: Error) => void)[] = [];
    api.call = async (name, input, options) => {
      if (name !== "say") return await call(name, input, options);
      sent.push((input as { readonly text: string }).text);
      const error = await new Promise<Error | undefined>((resolve) => answers.push(resolve));
      if (error !== undefined) throw error;
      return await call(name, input, options);
    };
    await page.open(api.idOf("ops"));
    for (const text of ["one", "two", "three"]) void page.say(text);
    assert.equal(lastText(page), "three", "all of them are shown");
    await page.open(api.idOf("Ada Lovelace"));
    void page.say("to somebody else");
    await settled();
    assert.deepEqual(sent, ["one", "to somebody else"]);
    answers[0]!();
    await settled();
    assert.deepEqual(sent.slice(2), ["two"]);
    answers[2]!(new ApiProblem("room-full", "The room is full."));
    await settled();
    assert.deepEqual(sent.slice(3), ["three"], "what is refused stops nothing");
  });

  it("shows what is said in the terminal of the same program", async () => {
    const { page, api, ports } = await started();
    const conversation = api.idOf("Ada Lovelace");
    await page.open(conversation);
    await api.call("say", { conversation, text: "from the terminal" });
    await ports.pass(200);
    assert.equal(lastText(page), "from the terminal");
    assert.equal(page.view.conversations.find(({ id }) => id === conversation)?.last?.text, "from the terminal");
  });

  it("says of a line that it waits only after two seconds, and nothing once it is delivered", async () => {
    const { page, api, ports } = await started();
    await page.open(api.idOf("bob"));
    await page.say("later");
    const state = (): string => stateOfLine(page.view.open!.timeline!.lines.at(-1)!, "person", page.view.nowMs);
    assert.equal(state(), "");
    await ports.pass(2_001);
    assert.equal(state(), "waiting");
    const seq = Number(page.view.open!.timeline!.lines.at(-1)!.id.slice(4));
    api.emit({ event: "delivered", peer: api.person("bob"), seq });
    await settled();
    assert.equal(state(), "");
  });

  it("takes a line of one's own away when it disappears", async () => {
    const { page, api, ports } = await started();
    await page.open(api.idOf("bob"));
    await page.say("soon gone");
    const seq = Number(page.view.open!.timeline!.lines.at(-1)!.id.slice(4));
    const expires = new Date(ports.clock.nowMs() + 60_000).toISOString();
    api.emit({ event: "delivered", peer: api.person("bob"), seq, expires });
    await settled();
    assert.equal(lastText(page), "soon gone");
    await ports.pass(61_000);
    assert.notEqual(lastText(page), "soon gone");
  });

  it("takes a line away from the list and from what was found when it disappears, whatever is open", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("bob");
    const last = (): string | undefined => page.view.conversations.find((one) => one.id === id)?.last?.text;
    const before = last();
    api.hear(id, api.person("bob"), "soon gone", { expires: new Date(ports.nowMs + 60_000).toISOString() });
    await ports.pass(100);
    page.search("soon gone");
    await ports.pass(300);
    assert.deepEqual([last(), page.view.search?.found?.found.length], ["soon gone", 1]);
    // The program is a little late.
    await ports.pass(61_000);
    assert.notEqual(last(), "soon gone");
    const asked = api.calls.length;
    await ports.pass(5_000);
    assert.equal(api.calls.length, asked, "it is not asked again and again");
    dropLast(api, id);
    api.emit({ event: "people" });
    await ports.pass(100);
    assert.deepEqual([last(), page.view.search?.found?.found.length], [before, 0]);
  });

  it("takes a line away that was asked for when it disappears, if nothing else happens", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("bob");
    await page.open(id);
    const expires = new Date(ports.nowMs + 60_000).toISOString();
    // Said while the page was away.
    const { lines, view } = api.conversations.get(id)!;
    lines.push({ id: "in-9", from: view.peer!, at: new Date(ports.nowMs).toISOString(), text: "soon gone", expires });
    api.emit({ event: "gap" });
    await ports.pass(100);
    assert.equal(lastText(page), "soon gone");
    dropLast(api, id);
    await ports.pass(61_000);
    assert.notEqual(lastText(page), "soon gone");
  });

  it("asks when a line disappears that was said before the program was restarted", async () => {
    const { page, api, ports } = await started();
    const conversation = api.idOf("bob");
    await page.open(conversation);
    await api.call("setTimer", { conversation, seconds: 60 });
    await page.say("soon gone");
    await ports.pass(100);
    const { lines, view } = api.conversations.get(conversation)!;
    const line = lines.at(-1)!;
    lines[lines.length - 1] = { ...line, state: "delivered", expires: new Date(ports.nowMs + 60_000).toISOString() };
    api.emit({ event: "delivered", peer: view.peer, seq: Number(line.id.slice(4)) });
    await ports.pass(100);
    assert.equal(lastText(page), "soon gone");
    dropLast(api, conversation);
    await ports.pass(61_000);
    assert.notEqual(lastText(page), "soon gone");
  });

  it("asks for the newest lines when the program is there again: what has disappeared meanwhile is not told", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("bob");
    await page.open(id);
    await page.say("soon gone");
    ports.become({ name: "lost", retryAtMs: 0 });
    dropLast(api, id);
    ports.become({ name: "open" });
    await ports.pass(100);
    assert.notEqual(lastText(page), "soon gone");
  });

  it("lists a line that was changed or deleted as it is now, whatever is open", async () => {
    const { page, api, ports } = await started();
    const conversation = api.idOf("sailing");
    const sent = await api.call("say", { conversation, text: "first words" });
    await ports.pass(100);
    const last = () => page.view.conversations.find((one) => one.id === conversation)?.last;
    await api.call("edit", { conversation, message: sent.id, text: "other words" });
    await ports.pass(100);
    assert.equal(last()?.text, "other words");
    await api.call("delete", { conversation, message: sent.id });
    await ports.pass(100);
    assert.deepEqual([last()?.deleted, last()?.text], [true, ""]);
  });

  it("counts as read only what is looked at, and marks where the new begins", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("Ada Lovelace");
    await page.open(id);
    await ports.pass(100);
    const { open } = page.view;
    assert.match(open!.timeline!.lines.find((line) => line.id === open!.firstNew)!.text, /^Thursday/);
    assert.equal(api.conversations.get(id)?.view.unread, 0);
    await page.say("answered");
    assert.equal(page.view.open?.firstNew, undefined);
    ports.isWatched = false;
    const line = api.hear(id, api.person("Ada Lovelace"), "are you there?");
    await ports.pass(100);
    assert.equal(page.view.open?.firstNew, line.id);
    assert.equal(api.conversations.get(id)?.view.unread, 1);
    assert.deepEqual(ports.attention, [{ conversation: id, title: "Ada Lovelace", text: "are you there?" }]);
    ports.isWatched = true;
    page.seen();
    await settled();
    assert.equal(api.conversations.get(id)?.view.unread, 0);
    api.hear(id, api.person("Ada Lovelace"), "still there?");
    await settled();
    assert.equal(api.conversations.get(id)?.view.unread, 0, "the person looks at it");
    assert.equal(page.view.conversations.find((one) => one.id === id)?.unread, 0);
  });

  it("is quiet about muted people, and does not name twice what was shown before the program stopped", async () => {
    const { api, ports } = await started();
    ports.isWatched = false;
    api.hear(api.idOf("נועה כהן"), api.person("נועה כהן"), "quiet");
    api.emit({
      event: "message",
      peer: api.person("bob"),
      seq: 0,
      at: "2026-11-26T10:00:00.000Z",
      text: "old",
      again: true,
    });
    await settled();
    assert.deepEqual(ports.attention, []);
  });

  it("forgets after eight seconds that somebody types, and at once when it is said", async () => {
    const { page, api, ports } = await started();
    const room = api.idOf("ops");
    const typing = (): number => Object.keys(page.view.typing[room] ?? {}).length;
    const type = (name: string): void => api.emit({ event: "typing", room, name: "ops", by: api.person(name) });
    type("bob");
    type("Linus");
    assert.equal(typing(), 2);
    api.hear(room, api.person("bob"), "typed");
    assert.equal(typing(), 1);
    await ports.pass(8_001);
    assert.equal(typing(), 0);
  });

  it("removes a line when its time is over", async () => {
    const { page, api, ports } = await started();
    await page.open(api.idOf("ops"));
    await ports.pass(10);
    assert.equal(lastText(page), "This goes in an hour.");
    await ports.pass(3_600_000);
    assert.notEqual(lastText(page), "This goes in an hour.");
  });

  it("asks for everything again after a gap, and shows what was missed", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("Ada Lovelace");
    await page.open(id);
    const one = api.conversations.get(id)!;
    one.lines.push({
      id: "in-99",
      from: api.person("Ada Lovelace"),
      at: new Date(ports.nowMs).toISOString(),
      text: "missed",
    });
    api.emit({ event: "gap" });
    await ports.pass(100);
    assert.equal(lastText(page), "missed");
  });

  it("jumps to the oldest of many lines with one question, and returns to the newest", async () => {
    const { page, api } = await started({ lines: 100_000 });
    const id = (7).toString(16).padStart(32, "0");
    await page.open(api.idOf("ops"));
    // The person scrolls up meanwhile.
    page.older();
    page.older();
    const asked = (): number => api.calls.filter(({ name }) => name === "messages").length;
    await page.jump(api.idOf("ops"), id);
    assert.equal(asked(), 3, "the newest, those before them, and those around the line");
    assert.equal(page.view.open?.jump?.id, id);
    assert.ok(page.view.open?.timeline?.lines.some((line) => line.id === id));
    api.hear(api.idOf("ops"), api.person("bob"), "meanwhile");
    assert.equal(page.view.open?.arrived, 1);
    await page.toEnd();
    const { open } = page.view;
    assert.ok(open?.timeline !== undefined && showsEnd(open.timeline));
    assert.equal(lastText(page), "meanwhile");
    await page.jump(api.idOf("ops"), "f".repeat(32));
    assert.equal(page.view.notices.at(-1)?.text, "That line is not kept any more.");
    assert.equal(lastText(page), "meanwhile");
  });

  it("goes from a line that was found down to the newest, with all that is said meanwhile", async () => {
    const { page, api, ports } = await started({ lines: 1_000 });
    const id = api.idOf("ops");
    await page.open(id);
    await page.jump(id, (500).toString(16).padStart(32, "0"));
    const first = page.view.open!.timeline!.lines[0]!;
    const seen = new Set<string>();
    let count = 0;
    for (let turn = 0; turn < 40 && !showsEnd(page.view.open!.timeline!); turn++) {
      for (const line of page.view.open!.timeline!.lines) seen.add(line.id);
      page.newer();
      // On its way is the page that the line belongs to, or one before it.
      api.hear(id, api.person("bob"), `meanwhile ${++count}`);
      await settled();
    }
    const { lines } = page.view.open!.timeline!;
    for (const line of lines) seen.add(line.id);
    const { made, lines: later } = api.conversations.get(id)!;
    assert.equal(seen.size, made + later.length - Number.parseInt(first.id, 16));
    assert.equal(new Set(lines.map((line) => line.id)).size, lines.length, "none is there twice");
    assert.equal(lastText(page), `meanwhile ${count}`);
    assert.equal(page.view.open?.arrived, 0);
    await ports.pass(300);
  });

  it("keeps one reaction of each person, and takes one's own back", async () => {
    const { page, api } = await started();
    const id = api.idOf("ops");
    await page.open(id);
    const reacted = () => page.view.open!.timeline!.lines.find(({ text }) => text.startsWith("Every one"))!;
    const reactions = (): string[] => (reacted().reactions ?? []).map(({ emoji, by }) => `${emoji} ${by.length}`);
    await page.react(id, reacted(), "👍");
    assert.deepEqual(reactions(), ["🎉 1", "👍 2"]);
    await page.react(id, reacted(), "👍");
    assert.deepEqual(reactions(), ["🎉 1", "👍 1"]);
  });

  it("searches for what was written last, and nothing before the person has paused", async () => {
    const { page, api, ports } = await started();
    page.search("gre");
    page.search("green");
    await ports.pass(300);
    assert.deepEqual(
      api.calls.filter(({ name }) => name === "search").map(({ input }) => (input as { q: string }).q),
      ["green"],
    );
    assert.equal(page.view.search?.found?.total, 1);
    page.search("");
    assert.equal(page.view.search, undefined);
  });

  it("finds words that are told twice, asks again what got no answer, and takes no answer that is too late", async () => {
    const { page, api, ports } = await started();
    const asked = (): number => api.calls.filter(({ name }) => name === "search").length;
    page.search("green");
    page.search("green");
    await ports.pass(300);
    assert.deepEqual([page.view.search?.state, page.view.search?.found?.total, asked()], ["found", 1, 1]);
    api.refusal = new ApiProblem("no-answer", "Lair does not answer.");
    page.search("maps");
    assert.equal(page.view.search?.state, "asking");
    await ports.pass(300);
    assert.deepEqual([page.view.search?.state, page.view.search?.found], ["failed", undefined]);
    api.refusal = undefined;
    page.searchAgain();
    await settled();
    assert.equal(page.view.search?.state, "found");
    api.refusal = new ApiProblem("no-answer", "Lair does not answer.");
    page.search("green");
    await ports.pass(300);
    api.refusal = undefined;
    ports.become({ name: "open" });
    await settled();
    assert.equal(page.view.search?.found?.total, 1, "the program is there again");
    const call = api.call.bind(api);
    const answers: (() => void)[] = [];
    api.call = async (name, input, options) => {
      const answer = await call(name, input, options);
      if (name === "search") await new Promise<void>((resolve) => answers.push(resolve));
      return answer;
    };
    for (const words of ["gree", "maps"]) {
      page.search(words);
      await ports.pass(300);
    }
    answers[1]!();
    await settled();
    answers[0]!();
    await settled();
    assert.deepEqual(
      page.view.search?.found?.found.map(({ message }) => message.text),
      ["I will bring the maps."],
    );
  });

  it("closes a conversation that is gone", async () => {
    const { page, api, ports } = await started();
    await page.open(api.idOf("bob"));
    await api.call("forgetPeer", { peer: api.idOf("bob") });
    await ports.pass(200);
    assert.equal(page.view.open, undefined);
    assert.ok(!names(page).includes("bob"));
  });

  it("tells once what went wrong, and information only for a while", async () => {
    const { page, api, ports } = await started();
    api.emit({ event: "error", code: "file-exists", message: "The file exists.", hint: "Choose another name." });
    api.emit({ event: "error", code: "file-exists", message: "The file exists.", hint: "Choose another name." });
    api.emit({ event: "notice", message: "bob is introduced." });
    assert.deepEqual(
      page.view.notices.map(({ tone }) => tone),
      ["problem", "info"],
    );
    await ports.pass(9_000);
    assert.deepEqual(
      page.view.notices.map(({ tone }) => tone),
      ["problem"],
    );
  });

  it("opens whom it is paired with if nobody was there, or if somebody was to be added", async () => {
    const { page, api, ports } = await started({ isEmpty: true });
    api.pair("Ada Lovelace");
    await ports.pass(100);
    assert.equal(page.view.open?.id, api.idOf("Ada Lovelace"));
    api.pair("bob");
    await ports.pass(100);
    assert.equal(page.view.open?.id, api.idOf("Ada Lovelace"), "nobody has asked for it");
    page.show({ kind: "pair" });
    api.pair("cyd");
    await ports.pass(100);
    assert.equal(page.view.open?.id, api.idOf("cyd"));
    assert.equal(page.view.dialog, undefined);
  });

  it("opens the room that a link leads to, after its hub is known", async () => {
    const { page, api, ports } = await started();
    await page.open(api.idOf("bob"));
    const joined = { event: "joined", room: api.idOf("ops"), name: "ops" };
    api.emit(joined);
    await ports.pass(100);
    assert.equal(page.view.open?.id, api.idOf("bob"), "nobody has asked for it");
    page.show({ kind: "pair" });
    api.emit({ event: "connected", peer: { ...api.person("hub.example"), hub: true }, paired: true });
    await ports.pass(100);
    assert.equal(page.view.dialog, undefined);
    api.emit(joined);
    await ports.pass(100);
    assert.equal(page.view.open?.id, api.idOf("ops"));
  });

  it("tells why an invite leads to nobody, until it leads to somebody", async () => {
    const { page, api } = await started({ isEmpty: true });
    const shown = (): readonly string[] => page.view.notices.map(({ text }) => text);
    const failed = { url: "ws://ada.example", code: "ECONNREFUSED", message: "Nobody answers at ws://ada.example." };
    for (const attempt of [1, 2]) api.emit({ event: "reconnecting", ...failed, attempt, inMs: 1_000 });
    assert.deepEqual(shown(), ["Nobody answers at ws://ada.example."]);
    api.emit({ event: "error", code: "handshake-rejected", message: "It does not know this invite." });
    assert.deepEqual(shown(), ["It does not know this invite."]);
    api.pair("Ada Lovelace");
    assert.deepEqual(shown(), ["Connected to Ada Lovelace, paired just now."]);
  });

  it("tells a refusal no longer once the same is taken", async () => {
    const { page, api } = await started();
    const shown = (): readonly string[] => page.view.notices.map(({ text }) => text);
    api.refusal = new ApiProblem("invite-malformed", "This is not an invite.");
    await page.attempt("join", { link: "no" });
    api.refusal = new ApiProblem("invite-malformed", "This invite is too long.");
    await page.attempt("join", { link: "lair://x" });
    await page.attempt("peers", {});
    assert.deepEqual(shown(), ["This invite is too long."]);
    api.refusal = undefined;
    await page.attempt("join", { link: "lair://y" });
    assert.deepEqual(shown(), []);
  });

  it("forgets in the list, too, what has disappeared, and what is about somebody who is gone", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("ops");
    const last = (): string | undefined => page.view.conversations.find((one) => one.id === id)?.last?.text;
    api.hear(id, api.person("bob"), "vanishing", { expires: new Date(ports.nowMs + 30_000).toISOString() });
    assert.equal(last(), "vanishing");
    await ports.pass(31_000);
    assert.notEqual(last(), "vanishing");
    page.show({ kind: "person", id: "nobody" });
    await page.refresh();
    assert.equal(page.view.dialog, undefined);
  });

  it("follows nothing while it is signed out, and goes on afterwards", async () => {
    const { page, api, ports } = await started();
    const id = api.idOf("Ada Lovelace");
    await page.open(id);
    ports.become({ name: "signed-out" });
    api.hear(id, api.person("Ada Lovelace"), "unheard");
    assert.notEqual(lastText(page), "unheard");
    ports.become({ name: "open" });
    await ports.pass(100);
    assert.equal(lastText(page), "unheard");
  });
});
